/** Traces through the GraphQL schema: every command as its mutation, every reply from its payload. */
import { type DocumentNode, GraphQLError, parse, validate } from 'graphql';
import { DEFAULT_MACHINE_ID } from '../../abi/limits.ts';
import type { Command, CommandType } from '../../core/machine/command.ts';
import type { Outcome } from '../../core/machine/operation.ts';
import { FaultHandlers } from '../../engine/handler/fault-handler.ts';
import { Engine } from '../../engine/machine/engine.ts';
import { Overviews } from '../../engine/overview/overview.ts';
import { History } from '../../engine/past/history.ts';
import { Replays } from '../../engine/replay/replays.ts';
import type { GraphqlContext } from '../../graphql/builder/builder.ts';
import { execute } from '../../graphql/execute.ts';
import { schema } from '../../graphql/schema.ts';
import { openMemoryLog } from '../../log/memory.ts';
import type { Entrance } from './conform-run.ts';
import type { Mutation, Send } from './entrance-mutation.ts';
import { MUTATIONS } from './entrance-mutations.ts';
import { TraceFormatError } from './trace-format.ts';

export function graphqlEntrance(): Entrance {
  const engine = new Engine({ log: openMemoryLog(), now: () => 0 });
  const history = new History(engine);
  const handlers = new FaultHandlers(engine);
  const send = sending({
    engine,
    handlers,
    history,
    overviews: new Overviews(engine, history),
    replays: new Replays(engine, history, handlers),
  });
  return {
    async begin(baseline) {
      await engine.delete(DEFAULT_MACHINE_ID);
      await engine.create(DEFAULT_MACHINE_ID, {
        type: 'MachineCreate',
        baseline,
        devices: [],
      });
    },
    run: command => runMutation(command, send),
  };
}

async function runMutation(command: Command, send: Send): Promise<Outcome> {
  const mutation = MUTATIONS[command.type] as Mutation<CommandType> | undefined;
  if (mutation === undefined) throw new Error(`no trace holds a ${command.type}`);
  return { command, ...(await mutation(command, send)) };
}

/** Sends to the schema itself; a document is parsed and checked once. */
function sending(context: GraphqlContext): Send {
  const documents = new Map<string, DocumentNode>();
  return async <Answer>(text: string, variableValues: Readonly<Record<string, unknown>>) => {
    let document = documents.get(text);
    if (document === undefined) {
      document = checked(text);
      documents.set(text, document);
    }
    // A context of its own for each, as the server makes them: the schema's limits count by it.
    const contextValue = { ...context };
    const { data, errors } = await execute({ schema, document, contextValue, variableValues });
    if (errors !== undefined) throw refusalOf(errors[0]!);
    return data as Answer;
  };
}

function checked(text: string): DocumentNode {
  const document = parse(text);
  const [error] = validate(schema, document);
  if (error !== undefined) throw error;
  return document;
}

/** What the schema refuses is the trace's fault; any other error is ours, and stays what it is. */
function refusalOf(error: GraphQLError): Error {
  const { originalError: cause } = error;
  if (cause !== undefined && !(cause instanceof GraphQLError)) return cause;
  return new TraceFormatError(`refused by the GraphQL schema: ${error.message}`);
}
