/** `import … from 'faultline'`: a Faultline in this process, with HTTP or without. */
import type { DocumentNode, ExecutionResult } from 'graphql';
import type { Engine } from './engine/machine/engine.ts';
import type { GraphqlContext } from './graphql/builder/builder.ts';
import { execute, subscribe } from './graphql/execute.ts';
import { type Refusal, withNoted } from './graphql/log/refusals.ts';
import { schema } from './graphql/schema.ts';
import type { JsonValue, TypedDocument, VariablesOf } from './operations/typed-document.ts';
import { checkAccess, checkedOptions, type ServeConfig } from './server/config.ts';
import { openContext, startFaultline as startServer } from './server/faultline.ts';
import { PreparedDocuments } from './server/request/prepared.ts';

export type { Engine, JsonValue, Refusal, ServeConfig, TypedDocument, VariablesOf };

/** What a document answered; `extensions.refusals` lists what the kernel refused. */
export type Answered<Answer> = ExecutionResult<Answer, { readonly refusals?: readonly Refusal[] }>;

/** A document's text, or one of code generated from the schema (`faultline/schema.graphql`). */
type Document<Answer, Variables> = TypedDocument<Answer, Variables> | string;

/** What a text answers whose type nobody told. */
interface Untyped {
  readonly [field: string]: JsonValue;
}

/** A Faultline in this process. */
export interface Faultline extends AsyncDisposable {
  /** The machines beneath the schema: `execute(machineId, command)`, `settled(machineId)`. */
  readonly engine: Engine;
  /** Runs a query or a mutation, without HTTP. Errors of the document are in `errors`. */
  execute<Answer = Untyped, Variables extends object = object>(
    document: Document<Answer, Variables>,
    ...[variables]: VariablesOf<Variables>
  ): Promise<Answered<Answer>>;
  /** Runs a subscription; returning from the iterator ends it. Rejects with a GraphQLError. */
  subscribe<Answer = Untyped, Variables extends object = object>(
    document: Document<Answer, Variables>,
    ...[variables]: VariablesOf<Variables>
  ): Promise<AsyncGenerator<ExecutionResult<Answer>>>;
  /** Ends subscriptions, finishes requests, commits what waits, closes the database. */
  close(): Promise<void>;
}

/** One that listens, too. */
export interface ServedFaultline extends Faultline {
  /** Such as `http://127.0.0.1:41234`: GraphQL and its playground are at `/graphql`. */
  readonly url: string;
  readonly port: number;
}

const DEFAULTS: ServeConfig = {
  host: '127.0.0.1',
  port: 0,
  database: ':memory:',
  durability: 'normal',
  token: null,
};

const OPENED = ['database', 'durability'] as const;
const SERVED = [...OPENED, 'host', 'port', 'token', 'tickMs'] as const;

/**
 * Starts a server in this process; by default on a free port of this machine, in memory.
 * Errors: ConfigError, DatabaseRefusedError, those of listening.
 */
export async function startFaultline(options: Partial<ServeConfig> = {}): Promise<ServedFaultline> {
  const config = checkedOptions(options, DEFAULTS, SERVED);
  checkAccess(config.host, config.token, { host: 'host', token: 'token' });
  const server = await startServer(config);
  const { url, port } = server;
  return { ...inProcess(server.context, () => server.stop()), url, port };
}

/**
 * Opens a database and serves nobody; by default in memory. Errors: ConfigError,
 * DatabaseRefusedError.
 */
export async function openFaultline(
  options: Partial<Pick<ServeConfig, 'database' | 'durability'>> = {},
): Promise<Faultline> {
  const context = await openContext(checkedOptions(options, DEFAULTS, OPENED));
  const { engine } = context;
  return inProcess(context, () => engine.drain().then(() => engine.log.close()));
}

/** What a caller of one's own process sends is its own to bound. */
const KEPT = () => true;

function inProcess(context: GraphqlContext, closeRest: () => Promise<void>): Faultline {
  const documents = new PreparedDocuments(schema, []);
  const open = new Set<AsyncGenerator<ExecutionResult>>();
  let closing: Promise<void> | null = null;
  // A context of its own for each: limits and refusals count by it.
  const argumentsOf = (document: DocumentNode, variables: object | undefined) => ({
    schema,
    document,
    variableValues: { ...variables },
    contextValue: { ...context },
  });
  const close = () => {
    closing ??= Promise.all([...open].map(stream => stream.return(undefined))).then(closeRest);
    return closing;
  };
  return {
    engine: context.engine,
    async execute(text: string, variables?: object): Promise<Answered<never>> {
      const { document, errors } = await documents.prepare(text, KEPT);
      if (document === null || errors.length > 0) return { errors };
      const args = argumentsOf(document, variables);
      return withNoted((await execute(args)) as Answered<never>, args.contextValue);
    },
    async subscribe(text: string, variables?: object): Promise<AsyncGenerator<never>> {
      const { document, errors } = await documents.prepare(text, KEPT);
      if (document === null || errors.length > 0) throw errors[0]!;
      const stream = await subscribe(argumentsOf(document, variables));
      if (!(Symbol.asyncIterator in stream)) throw stream.errors![0]!;
      open.add(stream);
      return ending(stream, () => open.delete(stream)) as AsyncGenerator<never>;
    },
    close,
    [Symbol.asyncDispose]: close,
  };
}

/** The same stream, with `ended` once it is over, whether anybody has begun to read it or not. */
function ending<Value>(stream: AsyncGenerator<Value>, ended: () => void): AsyncGenerator<Value> {
  const noting = async (next: Promise<IteratorResult<Value>>) => {
    const result = await next;
    if (result.done) ended();
    return result;
  };
  return {
    next: () => noting(stream.next()),
    return: value => noting(stream.return(value)),
    throw: error => noting(stream.throw(error)),
    async [Symbol.asyncDispose]() {
      await noting(stream.return(undefined));
    },
    [Symbol.asyncIterator]() {
      return this;
    },
  };
}
