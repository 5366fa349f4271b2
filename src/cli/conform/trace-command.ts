/** An operation of a trace becomes a command, by the kinds of its arguments. */
import {
  ALLOWED_IOVAS_MAX,
  INVALIDATE_ENTRIES_MAX,
  READ_BYTES_MAX,
  RESPONSES_PER_WRITE_MAX,
} from '../../abi/limits.ts';
import { U32_MAX } from '../../abi/uapi.ts';
import type { ArgumentKind, ArgumentTypes } from '../../core/machine/arguments.ts';
import {
  COMMAND_TYPES,
  type Command,
  type CommandType,
  OPERATIONS,
} from '../../core/machine/command.ts';
import type { IovaRange } from '../../core/memory/iova-range.ts';
import {
  CLOSED,
  type Fields,
  isObject,
  type Json,
  TraceFormatError,
  type TraceNames,
  type TraceOperation,
} from './trace-format.ts';

const HEX_U64 = /^0x[0-9a-f]{1,16}$/i;

/** The bounds are those of the GraphQL schema, so that both entrances take the same traces. */
function int(fields: Fields, name: string, max = U32_MAX): number {
  const value = fields[name];
  if (typeof value !== 'number' || !Number.isInteger(value) || value < 0 || value > max) {
    const form = `a whole number from 0 to ${max}`;
    throw new TraceFormatError(`"${name}" must be ${form}, not ${JSON.stringify(value)}`);
  }
  return value;
}

function u64(fields: Fields, name: string): bigint {
  const value = fields[name];
  if (typeof value !== 'string' || !HEX_U64.test(value)) {
    throw new TraceFormatError(`"${name}" must be a hex string, not ${JSON.stringify(value)}`);
  }
  return BigInt(value);
}

function list(fields: Fields, name: string, lengthMax: number): readonly Fields[] {
  const value = fields[name];
  if (!Array.isArray(value) || value.length > lengthMax || !value.every(isObject)) {
    throw new TraceFormatError(`"${name}" must be a list of at most ${lengthMax} objects`);
  }
  return value;
}

/** The bounds of an IOVA range. */
function rangesIn(value: Json | undefined): IovaRange[] {
  const isRange = (item: Json): item is [string, string] =>
    Array.isArray(item) && item.length === 2 && item.every(end => HEX_U64.test(String(end)));
  if (!Array.isArray(value) || value.length > ALLOWED_IOVAS_MAX || !value.every(isRange)) {
    throw new TraceFormatError(
      `"allowedIovas" must be a list of at most ${ALLOWED_IOVAS_MAX} pairs of hex strings`,
    );
  }
  return value.map(([start, last]) => ({ start: BigInt(start), last: BigInt(last) }));
}

/** Reads an argument: `name` is what the trace calls it. */
type Reader<T> = (input: Fields, name: string, names: TraceNames) => T;

/** How a trace writes each kind; a kind that is not here is in no trace. */
const READERS: { readonly [K in ArgumentKind]?: Reader<ArgumentTypes[K]> } = {
  contextId: (_input, _name, { contextId }) => contextId,
  faultFile: (input, name, { faultIds }) => faultIds[int(input, name)] ?? CLOSED,
  accessFile: (input, name, { accessIds }) => accessIds[int(input, name)] ?? CLOSED,
  u32: (input, name) => int(input, name),
  bytes: (input, name) => int(input, name, READ_BYTES_MAX),
  u64,
  flag: (input, name) => int(input, name) !== 0,
  ranges: (input, name) => rangesIn(input[name]),
  hwptUserData: (input, name) =>
    int(input, 'dataLen') === 0 ? null : { kind: 'SELFTEST', iotlb: int(input, name) },
  invalidateEntries: (input, name) =>
    list(input, name, INVALIDATE_ENTRIES_MAX).map(entry => ({
      flags: int(entry, 'flags'),
      iotlbId: int(entry, 'iotlbId'),
    })),
  pageResponses: (input, name) =>
    list(input, name, RESPONSES_PER_WRITE_MAX).map(response => ({
      cookie: int(response, 'cookie'),
      code: int(response, 'code'),
    })),
  faultReader: () => 'READ',
};

/** Where a trace calls an argument otherwise than the command does. */
const ARGUMENT_NAMES: { readonly [T in CommandType]?: Readonly<Record<string, string>> } = {
  HwptAlloc: { userData: 'iotlb' },
  GetHwInfo: { inDataType: 'dataType' },
  FaultRead: { faultId: 'faultQueue' },
  FaultWrite: { faultId: 'faultQueue', count: 'bytes' },
  FaultPoll: { faultId: 'faultQueue' },
  FaultClose: { faultId: 'faultQueue' },
  Option: { op: 'optionOp' },
  VfioIoas: { op: 'vfioOp' },
  TestAccessClose: { accessId: 'access' },
  TestAccessReplaceIoas: { accessId: 'access' },
  TestAccessPages: { accessId: 'access' },
  TestDestroyAccessPages: { accessId: 'access' },
  TestAccessRw: { accessId: 'access' },
};

/** Where the trace calls an operation otherwise than the mutation is called. */
const OPERATION_NAMES: { readonly [T in CommandType]?: string } = { ContextClose: 'close' };

/** Arguments that a trace may leave out, with what they are then. */
const DEFAULTS: { readonly [T in CommandType]?: Fields } = { TestAccessRw: { fill: 0 } };

/** Operations on PCI functions: what is recorded are mock devices. Those of VFIO in iommufd's place. */
const NOT_RECORDED: readonly CommandType[] = [
  'DeviceAttach',
  'DeviceReplace',
  'DeviceDetach',
  'DeviceUnbind',
  'PageRequestResume',
  'VfioGetApiVersion',
  'VfioCheckExtension',
  'VfioSetIommu',
  'VfioGetInfo',
  'VfioMapDma',
  'VfioUnmapDma',
];

type ToCommand = (input: Fields, names: TraceNames) => Command;

/** Null: an argument is of a kind that no trace holds. */
function toCommandOf(type: CommandType): ToCommand | null {
  const argumentNames = ARGUMENT_NAMES[type] ?? {};
  const readers = Object.entries(OPERATIONS[type].arguments)
    .map(([name, kind]) => ({
      name,
      called: argumentNames[name] ?? name,
      read: READERS[kind.replace('?', '') as ArgumentKind] as Reader<unknown> | undefined,
      optional: kind.endsWith('?'),
    }))
    .filter(({ read, optional }) => read !== undefined || !optional);
  if (readers.some(({ read }) => read === undefined)) return null;
  const defaults = DEFAULTS[type];
  return (input, names) => {
    const command: Record<string, unknown> = { type };
    const given = defaults === undefined ? input : { ...defaults, ...input };
    for (const { name, called, read, optional } of readers) {
      if (!optional || called in given) command[name] = read!(given, called, names);
    }
    return command as unknown as Command;
  };
}

const COMMANDS: ReadonlyMap<string, ToCommand> = new Map(
  COMMAND_TYPES.filter(type => !NOT_RECORDED.includes(type)).flatMap(type => {
    const name = OPERATION_NAMES[type] ?? OPERATIONS[type].mutation;
    const toCommand = toCommandOf(type);
    return name === null || toCommand === null ? [] : [[name, toCommand] as const];
  }),
);

/** The command of an operation, or null if Faultline has no such operation. Throws TraceFormatError. */
export function commandOf(operation: TraceOperation, names: TraceNames): Command | null {
  return COMMANDS.get(operation.op)?.(operation.in, names) ?? null;
}
