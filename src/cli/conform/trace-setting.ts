/** What a trace says of where it was recorded: the kernel, and the process that ran it. */
import { BASELINES, type BaselineName, DEFAULT_BASELINE } from '../../abi/baselines.ts';
import { U32_MAX } from '../../abi/uapi.ts';
import { TRACE_PROCESS, type UserProcess } from '../../core/memory/user-process.ts';
import { type Fields, isObject, type Json, TraceFormatError } from './trace-format.ts';

const HEX_U64 = /^0x[0-9a-f]{1,16}$/i;
/** A version at the start; what follows says how the kernel was built. */
const VERSION = /^(\d+)\.(\d+)(?:\.(\d+))?(?= |$)/;

/** Baselines by the version a recorded kernel gives; v6 was mail and never ran. */
const BY_VERSION: ReadonlyMap<string, BaselineName> = new Map(
  BASELINES.filter(name => name.startsWith('LINUX_')).map(name => [
    name.slice('LINUX_'.length).replaceAll('_', '.'),
    name,
  ]),
);

/**
 * The baseline of a recorded kernel such as "6.12.117 with KASAN"; none said: the one that most traces
 * were recorded on. Errors: TraceFormatError, no baseline is this version.
 */
export function baselineOfKernel(kernel: Json | undefined): BaselineName {
  if (kernel === undefined) return DEFAULT_BASELINE;
  const found = typeof kernel === 'string' ? VERSION.exec(kernel) : null;
  if (found === null) {
    throw new TraceFormatError(`"kernel" must begin with a version, not ${JSON.stringify(kernel)}`);
  }
  const [, major, minor, patch = '0'] = found;
  const exact = BY_VERSION.get(`${major}.${minor}.${patch}`);
  const release = patch === '0' ? BY_VERSION.get(`${major}.${minor}`) : undefined;
  const baseline = exact ?? release;
  if (baseline !== undefined) return baseline;
  throw new TraceFormatError(
    `no baseline is Linux ${found[0]}; there are ${[...BY_VERSION.keys()].join(', ')}: --baseline chooses one`,
  );
}

type Reader<T> = (value: Json) => T | undefined;

const flag: Reader<boolean> = value => (typeof value === 'boolean' ? value : undefined);
const u64: Reader<bigint> = value =>
  typeof value === 'string' && HEX_U64.test(value) ? BigInt(value) : undefined;
const u32: Reader<number> = value =>
  typeof value === 'number' && Number.isInteger(value) && value >= 0 && value <= U32_MAX
    ? value
    : undefined;

/** How a trace writes the process, as contextOpen takes it. */
const READERS: {
  readonly [K in Exclude<keyof UserProcess, 'memory' | 'sharesMemory'>]-?: readonly [
    form: string,
    Reader<unknown>,
  ];
} = {
  capIpcLock: ['true or false', flag],
  capSysResource: ['true or false', flag],
  rlimitMemlock: [
    'a hex string, or null for no limit',
    value => (value === null ? null : u64(value)),
  ],
  userId: [`a whole number from 0 to ${U32_MAX}`, u32],
  processId: [`a whole number from 0 to ${U32_MAX}`, u32],
};

/**
 * The process a trace ran as; none said: undefined, which is the one of most traces. Its memory is
 * always the same. Errors: TraceFormatError, which names the field.
 */
export function processOfTrace(process: Json | undefined): UserProcess | undefined {
  if (process === undefined) return undefined;
  if (!isObject(process)) throw new TraceFormatError('"process" must be an object');
  const read: Record<string, unknown> = {};
  for (const [name, value] of Object.entries(process)) {
    if (!Object.hasOwn(READERS, name)) {
      throw new TraceFormatError(
        `"process.${name}" is unknown; known are ${Object.keys(READERS).join(', ')}`,
      );
    }
    const [form, reader] = READERS[name as keyof typeof READERS];
    read[name] = reader(value);
    if (read[name] === undefined) {
      throw new TraceFormatError(`"process.${name}" must be ${form}, not ${JSON.stringify(value)}`);
    }
  }
  return { ...TRACE_PROCESS, ...read };
}

/** What a line without operations says of the lines after it. */
export function headerOf(line: unknown): Fields | null {
  if (!isObject(line)) return null;
  const { ops, call, kernel, process } = line;
  // A recording says both in its own way.
  if (call !== undefined) return null;
  if (ops !== undefined || (kernel === undefined && process === undefined)) return null;
  baselineOfKernel(kernel);
  processOfTrace(process);
  return {
    ...(kernel === undefined ? {} : { kernel }),
    ...(process === undefined ? {} : { process }),
  };
}
