/** Traces through the GraphQL schema: every command as its mutation, every reply from its payload. */
import { type DocumentNode, execute, GraphQLError, parse, validate } from 'graphql';
import { DEFAULT_BASELINE } from '../../abi/baselines.ts';
import type { ErrnoName } from '../../abi/errno.ts';
import type { AnyReply, Command, CommandType } from '../../core/machine/command.ts';
import type { Event } from '../../core/machine/event.ts';
import type { Outcome } from '../../core/machine/operation.ts';
import { FaultHandlers } from '../../engine/handler/fault-handler.ts';
import { Engine } from '../../engine/machine/engine.ts';
import { History } from '../../engine/past/history.ts';
import { Replays } from '../../engine/replay/replays.ts';
import type { GraphqlContext } from '../../graphql/builder/builder.ts';
import { schema } from '../../graphql/schema.ts';
import { openMemoryLog } from '../../log/memory.ts';
import type { Entrance } from './conform-run.ts';
import { type Fields, inputOf, MUTATIONS, type Mutation } from './entrance-mutations.ts';
import { TraceFormatError } from './trace-format.ts';

const MACHINE_ID = 'conform';

export function graphqlEntrance(): Entrance {
  const engine = new Engine({ log: openMemoryLog(), now: () => 0 });
  const history = new History(engine);
  const context: GraphqlContext = {
    engine,
    handlers: new FaultHandlers(engine),
    history,
    replays: new Replays(engine, history),
  };
  const documents = new Map<CommandType, DocumentNode>();
  return {
    async begin() {
      await engine.delete(MACHINE_ID);
      await engine.create(MACHINE_ID, {
        type: 'MachineCreate',
        baseline: DEFAULT_BASELINE,
        devices: [],
      });
    },
    run: command => runMutation(command, context, documents),
  };
}

async function runMutation(
  command: Command,
  contextValue: GraphqlContext,
  documents: Map<CommandType, DocumentNode>,
): Promise<Outcome> {
  const mutation = MUTATIONS[command.type] as Mutation<CommandType> | undefined;
  if (mutation === undefined) throw new Error(`no trace holds a ${command.type}`);
  let document = documents.get(command.type);
  if (document === undefined) {
    document = documentOf(mutation);
    documents.set(command.type, document);
  }
  const fields = mutation.input?.(command) ?? inputOf(command);
  const { data, errors } = await execute({
    schema,
    document,
    // One an operation, as the server makes them: the schema's limits count by it.
    contextValue: { ...contextValue },
    variableValues: { input: { machineId: MACHINE_ID, ...fields } },
  });
  if (errors !== undefined) throw refusalOf(errors[0]!);
  const { result } = data as { result: Fields };
  return outcomeOf(command, mutation, result);
}

/** What the schema refuses is the trace's fault; any other error is ours, and stays what it is. */
function refusalOf(error: GraphQLError): Error {
  const { originalError: cause } = error;
  if (cause !== undefined && !(cause instanceof GraphQLError)) return cause;
  return new TraceFormatError(`refused by the GraphQL schema: ${error.message}`);
}

function documentOf({ field, select = '' }: Mutation<CommandType>): DocumentNode {
  const name = field.charAt(0).toUpperCase() + field.slice(1);
  const document = parse(`mutation ${name}($input: ${name}Input!) {
    result: ${field}(input: $input) {
      ... on ${name}Payload { events { type data } ${select} }
      ... on KernelError {
        errno
        output { entryNum numIovas outIovaAlignment allowedIovas { start last } }
        operation { events { type data } }
        trace { function depth returned }
      }
    }
  }`);
  const [error] = validate(schema, document);
  if (error !== undefined) throw error;
  return document;
}

interface Result {
  readonly errno?: ErrnoName;
  readonly output?: Fields | null;
  readonly operation?: { readonly events: readonly EventFields[] };
  readonly events?: readonly EventFields[];
  readonly trace?: Outcome['trace'];
}

interface EventFields {
  readonly type: string;
  readonly data: object;
}

function outcomeOf(command: Command, mutation: Mutation<CommandType>, result: Fields): Outcome {
  const { errno = 0, output, operation, events, trace, ...selected } = result as Result & Fields;
  // A refused operation may have written something back, in the fields its payload has.
  const written = errno === 0 ? selected : (output ?? null);
  const reply = written && (mutation.reply?.(written) ?? written);
  return {
    command,
    errno,
    reply: reply as AnyReply | null,
    events: (operation?.events ?? events ?? []).map(({ type, data }) => {
      return { type, ...data } as Event;
    }),
    trace: trace ?? [],
  };
}
