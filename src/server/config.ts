import { isIPv4 } from 'node:net';
import { parseArgs } from 'node:util';
import { TICK_MS_MAX, TICK_MS_MIN, TOKEN_LENGTH_MAX, TOKEN_LENGTH_MIN } from './limits.ts';

/** What `faultline serve` was asked for, every value checked. */
export interface ServeConfig {
  /** The address to listen on, as a name or an IP address without brackets. */
  host: string;
  /** The TCP port, 0 to 65535; 0 takes any free one. */
  port: number;
  /** The SQLite file, or `:memory:`. */
  database: string;
  /** `normal` survives the end of the process, `full` also a loss of power. */
  durability: 'normal' | 'full';
  /** What clients must send as `Authorization: Bearer <token>`, or null for no such need. */
  token: string | null;
  /** Milliseconds of a tick of modelled hardware; left out: time passes by hardwareAdvance alone. */
  tickMs?: number;
}

/** A wrong setting. Its message names the flag or variable and says what is accepted. */
export class ConfigError extends Error {
  override name = 'ConfigError';
}

/** There is no token, and others can reach `host`, if there is such a host. */
export class TokenMissingError extends ConfigError {
  override name = 'TokenMissingError';
  readonly host: string;

  constructor(host: string, setting: string) {
    super(
      `${setting}: others can reach ${host}, so a token is needed: set TOKEN (at least ` +
        `${TOKEN_LENGTH_MIN} characters), or listen on 127.0.0.1`,
    );
    this.host = host;
  }
}

export const SERVE_HELP = `Usage: faultline serve [flags]

  --host <address>           HOST        address to listen on (127.0.0.1)
  --port <0-65535>           PORT        port to listen on, 0 for any free one (4000)
  --database <file>          DATABASE    SQLite file, or :memory: (data/faultline.sqlite)
  --durability normal|full   DURABILITY  full also survives a loss of power (normal)
  --token <text>             TOKEN       clients must send "Authorization: Bearer <text>"; needed
                                         on any address but loopback; other users of a machine can
                                         read flags, so prefer the variable
  --tick <${TICK_MS_MIN}-${TICK_MS_MAX}>        TICK        milliseconds of a tick of modelled
                                         hardware; without, hardwareAdvance alone
                                         lets its time pass
  --help                                 this text

A flag wins over its environment variable. An empty variable counts as not set.

Examples:
  faultline serve --port 5000 --database :memory:
  TOKEN=use-a-long-random-text faultline serve --host 0.0.0.0
`;

/** As parseArgs takes them, with the values of those that have some. */
export const SERVE_FLAGS = {
  host: { type: 'string' },
  port: { type: 'string' },
  database: { type: 'string' },
  durability: { type: 'string', oneOf: ['normal', 'full'] },
  token: { type: 'string' },
  tick: { type: 'string' },
  help: { type: 'boolean' },
} as const;

/** Names and addresses that only this machine reaches. */
export function isLoopback(host: string): boolean {
  return host === 'localhost' || host === '::1' || (isIPv4(host) && host.startsWith('127.'));
}

/** Throws a ConfigError if `token` cannot guard anything, or cannot travel in a header. */
function checkToken(name: string, token: string): void {
  if (token.length < TOKEN_LENGTH_MIN || token.length > TOKEN_LENGTH_MAX) {
    throw new ConfigError(
      `${name}: a token has ${TOKEN_LENGTH_MIN} to ${TOKEN_LENGTH_MAX} characters, not ${token.length}`,
    );
  }
  if (!/^[\x21-\x7e]+$/.test(token)) {
    throw new ConfigError(`${name}: a token is made of visible ASCII characters without spaces`);
  }
}

/**
 * Refuses to listen where others can reach the server without a token, and refuses a weak token.
 * `names` are the settings to blame, a flag or a variable each. Throws a ConfigError.
 */
export function checkAccess(
  host: string,
  token: string | null,
  names: { host: string; token: string } = { host: '--host', token: '--token' },
): void {
  if (token !== null) {
    checkToken(names.token, token);
  } else if (!isLoopback(host)) {
    throw new TokenMissingError(host, names.host);
  }
}

/**
 * Reads the arguments after `serve` and the environment.
 *
 * Returns `'help'` when help was asked for. Throws a ConfigError for an unknown flag or a bad value.
 */
export function parseServeConfig(
  argv: readonly string[],
  env: Readonly<Record<string, string | undefined>>,
): ServeConfig | 'help' {
  const flags = parseFlags(argv);
  if (flags.help === true) return 'help';

  const setting = (flag: keyof typeof SERVE_FLAGS & string, fallback: string): Setting => {
    const variable = flag.toUpperCase();
    const given = flags[flag];
    if (typeof given === 'string') return { name: `--${flag}`, value: given };
    if (env[variable]) return { name: variable, value: env[variable] };
    return { name: `--${flag}`, value: fallback };
  };

  const host = setting('host', '127.0.0.1');
  const token = setting('token', '');
  const tick = setting('tick', '');
  const ticks = tick.value !== '' || flags.tick !== undefined;
  const config: ServeConfig = {
    host: parseHost(host),
    port: parsePort(setting('port', '4000')),
    database: parseDatabase(setting('database', 'data/faultline.sqlite')),
    durability: parseDurability(setting('durability', 'normal')),
    token: token.value === '' && flags.token === undefined ? null : token.value,
    ...(ticks ? { tickMs: parseTick(tick) } : {}),
  };
  checkAccess(config.host, config.token, { host: host.name, token: token.name });
  return config;
}

/** How each option of a program is read, and the type it must have. */
const OPTIONS: Readonly<Record<keyof ServeConfig, readonly [type: string, read: Read]>> = {
  host: ['string', parseHost],
  port: ['number', parsePort],
  database: ['string', parseDatabase],
  durability: ['string', parseDurability],
  token: ['string', ({ value }) => value],
  tickMs: ['number', parseTick],
};

type Read = (setting: Setting) => string | number;

/**
 * The settings of a program that starts a server in its process: those of `defaults` with its own,
 * each checked as the flag is; undefined is left out, and `token` may be null. Throws a ConfigError.
 */
export function checkedOptions<Config extends Partial<ServeConfig>>(
  options: Partial<Config>,
  defaults: Config,
  names: readonly (keyof ServeConfig)[],
): Config {
  const given = Object.entries(options).filter(([, value]) => value !== undefined);
  const read = given.map(([name, value]) => {
    if (!names.some(known => known === name)) {
      throw new ConfigError(`there is no option "${name}"; there are ${names.join(', ')}`);
    }
    const [type, reader] = OPTIONS[name as keyof ServeConfig];
    if (name === 'token' && value === null) return [name, value];
    if (typeof value !== type) {
      const shown = JSON.stringify(value) ?? String(value);
      throw new ConfigError(`${name}: expected a ${type}, not ${shown}`);
    }
    return [name, reader({ name, value: String(value) })];
  });
  return { ...defaults, ...Object.fromEntries(read) };
}

/** A value with the name of the flag or variable it came from. */
interface Setting {
  name: string;
  value: string;
}

function parseFlags(argv: readonly string[]) {
  try {
    return parseArgs({ args: [...argv], options: SERVE_FLAGS, allowPositionals: false }).values;
  } catch (error) {
    const said = error instanceof Error ? error.message : String(error);
    // The first sentence names the argument; the next ones advise on positionals, which we have not.
    throw new ConfigError(`${said.split(/\.\s|\n/)[0]}; see --help`);
  }
}

function parseHost({ name, value }: Setting): string {
  const host = value.replace(/^\[(.*)\]$/, '$1').toLowerCase();
  const isName = /^[a-z0-9]([a-z0-9.-]*[a-z0-9])?$/.test(host);
  if (!isName && !(host.includes(':') && URL.canParse(`http://[${host}]`))) {
    throw new ConfigError(`${name}: expected a host name or an IP address, not "${value}"`);
  }
  return host;
}

function parsePort({ name, value }: Setting): number {
  const port = /^\d{1,5}$/.test(value) ? Number(value) : Number.NaN;
  if (!(port <= 65_535)) {
    throw new ConfigError(`${name}: expected a whole number from 0 to 65535, not "${value}"`);
  }
  return port;
}

function parseDatabase({ name, value }: Setting): string {
  if (value.trim() === '') throw new ConfigError(`${name}: expected a file name or :memory:`);
  return value;
}

function parseDurability({ name, value }: Setting): 'normal' | 'full' {
  if (value !== 'normal' && value !== 'full') {
    throw new ConfigError(`${name}: expected "normal" or "full", not "${value}"`);
  }
  return value;
}

function parseTick({ name, value }: Setting): number {
  const ms = /^\d{1,7}$/.test(value) ? Number(value) : Number.NaN;
  if (!(ms >= TICK_MS_MIN && ms <= TICK_MS_MAX)) {
    throw new ConfigError(
      `${name}: expected whole milliseconds from ${TICK_MS_MIN} to ${TICK_MS_MAX}, not "${value}"`,
    );
  }
  return ms;
}
