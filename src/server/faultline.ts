/** The parts put together: log, engine, schema, server. */
import { DEFAULT_BASELINE } from '../abi/baselines.ts';
import { DEFAULT_MACHINE_ID } from '../abi/limits.ts';
import { FaultHandlers } from '../engine/handler/fault-handler.ts';
import { Engine } from '../engine/machine/engine.ts';
import { MachineExistsError } from '../engine/machine/errors.ts';
import { Overviews } from '../engine/overview/overview.ts';
import { History } from '../engine/past/history.ts';
import { Replays } from '../engine/replay/replays.ts';
import { DEFAULT_TOPOLOGY } from '../engine/trace/topology.ts';
import type { GraphqlContext } from '../graphql/builder/builder.ts';
import { schema } from '../graphql/schema.ts';
import { STORY_TABS } from '../graphql/story/story.ts';
import type { Log } from '../log/log.ts';
import { openMemoryLog } from '../log/memory.ts';
import { openSqliteLog } from '../log/sqlite/sqlite.ts';
import type { ServeConfig } from './config.ts';
import { type HttpServer, startHttpServer } from './http.ts';
import { openPage, PAGE_FOLDER } from './page.ts';
import { startTicker } from './ticker.ts';

export interface Faultline {
  readonly url: string;
  readonly port: number;
  readonly engine: Engine;
  /** What resolvers get: copy it for each operation. */
  readonly context: GraphqlContext;
  /** Ends subscriptions, finishes requests, commits what waits, closes the database. */
  stop(): Promise<void>;
}

/** Everything the resolvers need, over one log. */
export function graphqlContext(log: Log): GraphqlContext {
  const engine = new Engine({ log, now: Date.now });
  const history = new History(engine);
  const overviews = new Overviews(engine, history);
  const handlers = new FaultHandlers(engine);
  const replays = new Replays(engine, history, handlers);
  return { engine, handlers, history, overviews, replays };
}

/** Opens a database, with the machine `default` if it is empty. Errors: DatabaseRefusedError, StorageError. */
export async function openContext({
  database,
  durability,
}: Pick<ServeConfig, 'database' | 'durability'>): Promise<GraphqlContext> {
  const log =
    database === ':memory:'
      ? openMemoryLog()
      : await openSqliteLog({ file: database, durability, exclusive: true });
  const context = graphqlContext(log);
  try {
    await ensureDefaultMachine(context);
  } catch (error) {
    await log.close();
    throw error;
  }
  return context;
}

/** Errors: DatabaseRefusedError, StorageError, ConfigError, those of listening. */
export async function startFaultline(config: ServeConfig): Promise<Faultline> {
  const { host, port, token, tickMs } = config;
  const context = await openContext(config);
  const { log } = context.engine;
  let server: HttpServer;
  try {
    server = await startHttpServer({
      schema,
      makeContext: () => context,
      host,
      port,
      token,
      graphiql: { title: 'Faultline', tabs: STORY_TABS },
      page: openPage(PAGE_FOLDER),
      async readiness() {
        await log.checkWritable();
        return (await log.machines({ after: null, limit: 1 })).length > 0;
      },
    });
  } catch (error) {
    await log.close();
    throw error;
  }
  const ticker = tickMs === undefined ? null : startTicker(context.engine, tickMs);
  let stopping: Promise<void> | null = null;
  return {
    url: server.url,
    port: server.port,
    engine: context.engine,
    context,
    stop() {
      stopping ??= server
        .stop()
        .then(() => ticker?.stop())
        .then(() => context.engine.drain())
        .then(() => log.close());
      return stopping;
    },
  };
}

/** An empty database gets the machine that is meant where none is named. */
async function ensureDefaultMachine({ engine }: GraphqlContext): Promise<void> {
  if ((await engine.log.machines({ after: null, limit: 1 })).length > 0) return;
  try {
    await engine.create(DEFAULT_MACHINE_ID, {
      type: 'MachineCreate',
      baseline: DEFAULT_BASELINE,
      devices: DEFAULT_TOPOLOGY,
    });
  } catch (error) {
    if (!(error instanceof MachineExistsError)) throw error;
  }
}
