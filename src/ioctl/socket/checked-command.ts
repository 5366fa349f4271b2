/** A command that came over the socket, if it is one: nothing else reaches a machine. */
import { CALL_FILES, CALL_REFUSAL_RULES, SYSTEM_CALLS } from '../../abi/call-refusal-rules.ts';
import { ERRNO } from '../../abi/errno.ts';
import { U32_MAX, ULONG_MAX } from '../../abi/uapi.ts';
import type { ArgumentKind } from '../../core/machine/arguments.ts';
import { type Command, isCommandType, OPERATIONS } from '../../core/machine/command.ts';
import { isHexBytes } from '../../core/memory/hex-bytes.ts';
import type { IovaRange } from '../../core/memory/iova-range.ts';

const isWord = (value: unknown) =>
  Number.isInteger(value) && Number(value) >= 0 && Number(value) <= U32_MAX;
const isLong = (value: unknown) => typeof value === 'bigint' && value >= 0n && value <= ULONG_MAX;
const isRecord = (value: unknown) => value !== null && typeof value === 'object';
const eachIs =
  (fields: Readonly<Record<string, (value: unknown) => boolean>>) => (value: unknown) =>
    Array.isArray(value) && value.every(entry => hasFields(entry, fields));

function hasFields(
  value: unknown,
  fields: Readonly<Record<string, (value: unknown) => boolean>>,
): boolean {
  if (!isRecord(value)) return false;
  const record = value as Readonly<Record<string, unknown>>;
  return Object.entries(fields).every(([name, is]) => is(record[name]));
}

const BDF = /^[0-9a-f]{4}:[0-9a-f]{2}:[0-9a-f]{2}\.[0-7]$/;
const optional = (is: (value: unknown) => boolean) => (value: unknown) =>
  value === undefined || is(value);
const isOneOf = (names: readonly string[]) => (value: unknown) => names.includes(value as string);
const isTrue = (value: unknown) => value === true;
const isRanges = eachIs({ start: isLong, last: isLong });

/** How a value of each kind is told; a kind that is not here is none that a program sends. */
const KINDS: Partial<Record<ArgumentKind, (value: unknown) => boolean>> = {
  contextId: isWord,
  faultFile: isWord,
  accessFile: isWord,
  u32: isWord,
  bytes: isWord,
  u64: isLong,
  flag: value => typeof value === 'boolean',
  hexBytes: isHexBytes,
  ranges: isRanges,
  memoryRanges: value => isMemory(value),
  pageResponses: eachIs({ cookie: isWord, code: isWord }),
  invalidateEntries: eachIs({
    flags: isWord,
    iotlbId: optional(isWord),
    addr: optional(isLong),
    npages: optional(isLong),
  }),
  hwptUserData: value =>
    value === null ||
    hasFields(value, { kind: kind => kind === 'SELFTEST', iotlb: isWord }) ||
    hasFields(value, {
      kind: kind => kind === 'VTD_S1',
      flags: isLong,
      pgtblAddr: isLong,
      addrWidth: isWord,
    }),
  process: value =>
    hasFields(value, {
      memory: value => isMemory(value),
      capIpcLock: is => typeof is === 'boolean',
      capSysResource: is => typeof is === 'boolean',
      rlimitMemlock: limit => limit === null || isLong(limit),
      userId: isWord,
      processId: optional(isWord),
      sharesMemory: optional(isTrue),
    }),
  bdf: value => typeof value === 'string' && BDF.test(value),
  pasid: value => value === null || isWord(value),
  dmaOptions: value =>
    hasFields(value, {
      pagesPerGroup: isWord,
      prgIndex: index => hasFields(index, { kind: kind => kind === 'NEXT_FREE' }),
      retryLimit: isWord,
      timeoutTicks: ticks => ticks === null || isWord(ticks),
    }),
  guestWords: eachIs({ gpa: isLong, value: isLong }),
  faultReader: value => value === 'READ',
  callFile: isOneOf(CALL_FILES),
  systemCall: isOneOf(SYSTEM_CALLS),
  errno: isOneOf(Object.keys(ERRNO)),
  callRule: isOneOf(Object.keys(CALL_REFUSAL_RULES)),
};

const isFlag = (value: unknown) => typeof value === 'boolean';
/** Disjoint and in order: anything else would be no memory. */
const isMemory = (value: unknown) =>
  eachIs({ start: isLong, last: isLong, readOnly: optional(isTrue), pageSize: optional(isWord) })(
    value,
  ) && isAscending(value as readonly IovaRange[]);
const isAscending = (ranges: readonly IovaRange[]) =>
  ranges.every(({ start, last }, i) => start <= last && (i === 0 || ranges[i - 1]!.last < start));

const isOutside = optional(value =>
  hasFields(value, {
    failNth: optional(failNth => isWord(failNth) && failNth !== 0),
    process: optional(process =>
      hasFields(process, {
        capIpcLock: isFlag,
        capSysResource: isFlag,
        rlimitMemlock: limit => limit === null || isLong(limit),
        userId: isWord,
        processId: isWord,
      }),
    ),
    memory: optional(eachIs({ processId: isWord, removed: isRanges, added: isMemory })),
    gone: optional(gone => Array.isArray(gone) && gone.every(isWord)),
  }),
);

/** Errors: it is no command of a program; the message names what is wrong. */
export function commandOf(value: unknown): Command {
  const record = (isRecord(value) ? value : {}) as Readonly<Record<string, unknown>>;
  const { type, outside, ...given } = record;
  if (typeof type !== 'string' || !isCommandType(type)) {
    throw new TypeError(`"${String(type)}" is no type of a command`);
  }
  const kinds = Object.entries<string>(OPERATIONS[type].arguments);
  for (const [name, kind] of kinds) {
    const is = KINDS[kind.replace('?', '') as ArgumentKind];
    const absent = kind.endsWith('?') && given[name] === undefined;
    if (!absent && is?.(given[name]) !== true) {
      throw new TypeError(`${type}: "${name}" is no ${kind.replace('?', '')} of a program`);
    }
  }
  if (!isOutside(outside)) throw new TypeError(`${type}: "outside" is none of a program`);
  const names = kinds.map(([name]) => name);
  const unknown = Object.keys(given).find(name => !names.includes(name));
  if (unknown !== undefined) throw new TypeError(`${type} has no "${unknown}"`);
  return value as Command;
}
