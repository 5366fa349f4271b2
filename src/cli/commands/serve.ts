/** `faultline serve`: the server until SIGINT or SIGTERM. */
import { lookup } from 'node:dns/promises';
import { isIPv6 } from 'node:net';
import { type ProgramServer, servePrograms } from '../../ioctl/socket/socket-server.ts';
import { DatabaseRefusedError } from '../../log/log.ts';
import { StorageError } from '../../log/storage-error.ts';
import {
  ConfigError,
  parseServeConfig,
  SERVE_FLAGS,
  SERVE_HELP,
  type ServeConfig,
  TokenMissingError,
} from '../../server/config.ts';
import { type Faultline, startFaultline } from '../../server/faultline.ts';

export const FLAGS = SERVE_FLAGS;
export const HELP = SERVE_HELP;

/** What it prints once it listens. */
function greeting(
  { host, token, database, durability }: ServeConfig,
  { url, port }: Faultline,
  programs: ProgramServer | null,
) {
  const open = host === '0.0.0.0' || host === '::' ? 'any address of this machine' : host;
  return [
    `Faultline listens on http://${isIPv6(host) ? `[${host}]` : host}:${port}`,
    `  page        ${url}/`,
    ...(token === null ? [] : [`  open to     whoever reaches ${open} and has the token`]),
    `  playground  ${url}/graphql`,
    `  GraphQL     ${url}/graphql (HTTP, SSE), ${url.replace(/^http/, 'ws')}/graphql`,
    `  database    ${database} (durability ${durability})`,
    ...(programs === null ? [] : [`  programs    faultline run --server ${programs.path} -- …`]),
    '',
  ].join('\n');
}

/** Longest path of a socket (struct sockaddr_un), without the zero at its end. */
const SOCKET_PATH_MAX = 107;

/** The socket for programs: beside the database, if there is one and the path is not too long. */
async function programsOf(
  { database }: ServeConfig,
  { engine }: Faultline,
): Promise<ProgramServer | null> {
  const path = `${database}.sock`;
  const possible = database !== ':memory:' && Buffer.byteLength(path) <= SOCKET_PATH_MAX;
  return possible && process.platform !== 'win32' ? servePrograms(engine, path) : null;
}

/** No token helps a host that cannot be found: the error of looking for it, if there is one. */
async function firstCause(missing: TokenMissingError): Promise<unknown> {
  return lookup(missing.host).then(
    () => missing,
    error => error,
  );
}

/** What to change when the server cannot listen, or nothing. */
function adviceOn(error: unknown): string {
  const { code, syscall } = error as NodeJS.ErrnoException;
  if (syscall === 'getaddrinfo') return '; --host is a name without an address here';
  if (code === 'EADDRNOTAVAIL') return '; --host is no address of this machine';
  return syscall === 'listen' ? '; choose another port with --port' : '';
}

/** Exit codes: 0 stopped, 1 could not start, 2 wrong settings. */
export async function serve(argv: readonly string[]): Promise<number> {
  let faultline: Faultline;
  let programs: ProgramServer | null = null;
  let stopAsked: Promise<void>;
  try {
    const config = parseServeConfig(argv, process.env);
    if (config === 'help') {
      process.stdout.write(HELP);
      return 0;
    }
    // Whoever reads the greeting may ask to stop before the next line runs.
    stopAsked = new Promise<void>(resolve => {
      process.once('SIGINT', () => resolve());
      process.once('SIGTERM', () => resolve());
    });
    faultline = await startFaultline(config);
    programs = await programsOf(config, faultline);
    process.stdout.write(greeting(config, faultline, programs));
  } catch (thrown) {
    const error = thrown instanceof TokenMissingError ? await firstCause(thrown) : thrown;
    const known =
      error instanceof ConfigError ||
      error instanceof DatabaseRefusedError ||
      (error as NodeJS.ErrnoException).code !== undefined;
    if (!known) throw error;
    const which = error instanceof StorageError ? `${error.file}: ` : '';
    const { message } = error as Error;
    process.stderr.write(`faultline serve: ${which}${message}${adviceOn(error)}\n`);
    return error instanceof ConfigError ? 2 : 1;
  }
  await stopAsked;
  await programs?.stop();
  await faultline.stop();
  return 0;
}
