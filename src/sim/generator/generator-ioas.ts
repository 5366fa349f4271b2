/** Random commands on address spaces: in a few small windows, so that they meet. */
import { ULONG_MAX } from '../../abi/uapi.ts';
import type { Ioas, IommufdContext } from '../../core/iommufd/state.ts';
import type { Command, CommandOf } from '../../core/machine/command.ts';
import type { MachineState } from '../../core/machine/state.ts';
import type { IovaRange } from '../../core/memory/iova-range.ts';
import type { UserProcess } from '../../core/memory/user-process.ts';
import type { Prng } from '../prng.ts';
import { contextIdOf, idOf } from './pick.ts';

type Maker = (random: Prng, state: MachineState, context: IommufdContext | null) => Command;

/** Page aligned offsets in a window of 32 pages, now and then half a page or one byte off. */
function offset(random: Prng): bigint {
  const page = BigInt(random.below(32)) << 12n;
  return page + (random.chance(0.9) ? 0n : random.pick([2048n, 1n, 512n]));
}

const WINDOWS = [0x0100_0000n, 0x0100_0000n, 0x2000_0000n, 0x9000_0000n, 0n, 0xfee0_0000n];

function iovaOf(random: Prng): bigint {
  if (random.chance(0.02)) return random.pick([ULONG_MAX, ULONG_MAX - 4095n, 0x7fff_f000n]);
  return (random.chance(0.8) ? WINDOWS[0]! : random.pick(WINDOWS)) + offset(random);
}

/** The process of the traces has 16 MiB at 0x10000000; HOLED lacks the pages 16 to 23. */
function userVaOf(random: Prng): bigint {
  if (random.chance(0.02)) return random.pick([0n, ULONG_MAX - 4095n, 0x2000_0000n]);
  return 0x1000_0000n + offset(random);
}

function lengthOf(random: Prng): bigint {
  if (random.chance(0.02)) return random.pick([0n, ULONG_MAX, ULONG_MAX - 1n, 1n << 40n]);
  if (random.chance(0.05)) return random.pick([1n, 2048n, 6144n]);
  return BigInt(1 + random.below(random.chance(0.7) ? 4 : 40)) << 12n;
}

export const HOLED: UserProcess['memory'] = [
  { start: 0x1000_0000n, last: 0x1000_ffffn },
  { start: 0x1001_8000n, last: 0x10ff_ffffn },
];

/** Half of them are root, as in the traces; the others may lock up to 48 pages, some together. */
export function processOf(random: Prng, state: MachineState): UserProcess | undefined {
  const others = [...state.contexts.values()].map(context => context.process);
  const known = others.find(({ processId }) => processId !== undefined);
  if (known !== undefined && random.chance(0.5)) return known;
  if (random.chance(0.5)) return undefined;
  const unlimited = random.chance(0.2);
  return {
    memory: random.chance(0.5) ? HOLED : [{ start: 0x1000_0000n, last: 0x10ff_ffffn }],
    capIpcLock: random.chance(0.2),
    capSysResource: random.chance(0.8),
    rlimitMemlock: unlimited ? null : BigInt(random.below(49)) << 12n,
    userId: 1 + random.below(2),
    ...(random.chance(0.6) ? { processId: 1 + random.below(2) } : {}),
  };
}

function ioasOf(context: IommufdContext | null, ioasId: number): Ioas | null {
  const ioas = context?.objects.get(ioasId);
  return ioas?.type === 'IOAS' ? ioas : null;
}

/** A mapped range, or part of one with its neighbours; any range if nothing is mapped. */
function mappedRange(random: Prng, ioas: Ioas | null): { iova: bigint; length: bigint } {
  const areas = ioas === null ? [] : [...ioas.areas];
  if (areas.length === 0 || random.chance(0.2)) {
    return { iova: iovaOf(random), length: lengthOf(random) };
  }
  const first = random.pick(areas);
  const last = random.chance(0.3) ? random.pick(areas) : first;
  const from = random.chance(0.8) ? 0n : 4096n;
  const to = random.chance(0.8) ? 0n : 4096n;
  const length = last.last - first.start + 1n - from - to;
  return {
    iova: BigInt.asUintN(64, first.start + from),
    length: length > 0n ? length : 4096n,
  };
}

/** The IOAS of an access that exists. */
function reachOf(context: IommufdContext | null, accessId: number): Ioas | null {
  const access = context?.objects.get(accessId);
  return access?.type === 'ACCESS' && access.ioasId !== null
    ? ioasOf(context, access.ioasId)
    : null;
}

const dirtyHwptOf = (random: Prng, context: IommufdContext | null) => {
  // Only the mock driver's pages can be made dirty.
  const mock = random.chance(0.7);
  const able = [...(context?.objects.values() ?? [])].filter(
    object =>
      object.type === 'HWPT_PAGING' &&
      object.domain.dirtyOps &&
      (!mock || object.domain.driver === 'MOCK'),
  );
  return able.length > 0 && random.chance(0.9)
    ? random.pick(able).id
    : idOf(random, context, 'HWPT_PAGING');
};

function ioasUnder(context: IommufdContext | null, hwptId: number): Ioas | null {
  const hwpt = context?.objects.get(hwptId);
  return hwpt?.type === 'HWPT_PAGING' ? ioasOf(context, hwpt.ioasId) : null;
}

/** Some pages, to the end of the space: aligned up, an automatic IOVA there can be past the end. */
function topRange(random: Prng): IovaRange {
  return { start: ULONG_MAX + 1n - (BigInt(random.pick([6, 7, 12, 15])) << 12n), last: ULONG_MAX };
}

/** What just fits into a range at the top that is allowed, or null. */
function fillsTop(
  random: Prng,
  ioas: Ioas | null,
): Pick<CommandOf<'IoasMap'>, 'userVa' | 'length'> | null {
  const top = ioas?.allowed.at(-1);
  const room = top?.last === ULONG_MAX ? ULONG_MAX + 1n - top.start : 0n;
  if (room < 6n << 12n || room > 15n << 12n || random.chance(0.5)) return null;
  return { userVa: 0x1000_0000n, length: room - (BigInt(random.below(3)) << 12n) };
}

function ioasMap(random: Prng, context: IommufdContext | null): CommandOf<'IoasMap'> {
  const prot = random.pick([6, 6, 6, 4, 2, 0]);
  const ioasId = idOf(random, context, 'IOAS');
  const top = fillsTop(random, ioasOf(context, ioasId));
  const fixed = top === null && random.chance(0.6) ? 1 : 0;
  return {
    type: 'IoasMap',
    contextId: contextIdOf(random, context),
    ioasId,
    flags: prot | fixed | (random.chance(0.02) ? 8 : 0),
    userVa: userVaOf(random),
    length: lengthOf(random),
    iova: iovaOf(random),
    ...top,
  };
}

function ioasCopy(random: Prng, context: IommufdContext | null): CommandOf<'IoasCopy'> {
  const srcIoasId = idOf(random, context, 'IOAS');
  const { iova, length } = mappedRange(random, ioasOf(context, srcIoasId));
  return {
    type: 'IoasCopy',
    contextId: contextIdOf(random, context),
    flags: random.pick([6, 4, 4, 2, 5, 7, 7, 0, 8]),
    dstIoasId: idOf(random, context, 'IOAS'),
    srcIoasId,
    length,
    dstIova: iovaOf(random),
    srcIova: iova,
  };
}

export const IOAS_MAKERS = {
  IoasMap: (random, _state, context) => ioasMap(random, context),
  IoasCopy: (random, _state, context) => ioasCopy(random, context),
  IoasUnmap: (random, _state, context) => {
    const ioasId = idOf(random, context, 'IOAS');
    const contextId = contextIdOf(random, context);
    const { iova, length } = mappedRange(random, ioasOf(context, ioasId));
    const all = random.chance(0.05);
    return {
      type: 'IoasUnmap',
      contextId,
      ioasId,
      iova: all ? 0n : iova,
      length: all ? ULONG_MAX : length,
    };
  },
  IoasIovaRanges: (random, _state, context) => ({
    type: 'IoasIovaRanges',
    contextId: contextIdOf(random, context),
    ioasId: idOf(random, context, 'IOAS'),
    numIovas: random.below(6),
  }),
  IoasAllowIovas: (random, _state, context) => ({
    type: 'IoasAllowIovas',
    contextId: contextIdOf(random, context),
    ioasId: idOf(random, context, 'IOAS'),
    allowedIovas: Array.from({ length: random.pick([0, 0, 0, 1, 1, 2, 3]) }, () => {
      if (random.chance(0.2)) return topRange(random);
      const start = iovaOf(random);
      return { start, last: start + lengthOf(random) - 1n };
    }).filter(({ last }) => last >= 0n && last <= ULONG_MAX),
  }),
  Option: (random, _state, context) => {
    const empty = context?.objects.size === 0;
    const optionId = empty ? 0 : random.pick([0, 1, 1, 1, 2]);
    return {
      type: 'Option',
      contextId: contextIdOf(random, context),
      optionId,
      op: random.pick(empty ? [0, 0, 0, 1, 2] : [0, 0, 1, 2]),
      objectId: optionId === 1 ? idOf(random, context, 'IOAS') : random.pick([0, 0, 0, 1]),
      val64: random.pick([0n, 1n, 1n, 1n, 2n]),
    };
  },
  VfioIoas: (random, _state, context) => ({
    type: 'VfioIoas',
    contextId: contextIdOf(random, context),
    ioasId: idOf(random, context, 'IOAS'),
    op: random.pick([0, 1, 1, 2, 3]),
  }),
  HwptSetDirtyTracking: (random, _state, context) => ({
    type: 'HwptSetDirtyTracking',
    contextId: contextIdOf(random, context),
    hwptId: dirtyHwptOf(random, context),
    flags: random.pick([1, 1, 1, 0, 2]),
  }),
  HwptGetDirtyBitmap: (random, _state, context) => {
    const hwptId = dirtyHwptOf(random, context);
    // Pages so large that a kernel cannot shift or divide by them; only IOVA 0 is a multiple of one.
    const gigantic = random.chance(0.05) ? random.pick([1n << 31n, 1n << 61n, 1n << 63n]) : null;
    const range =
      gigantic === null
        ? mappedRange(random, ioasUnder(context, hwptId))
        : { iova: 0n, length: gigantic };
    return {
      type: 'HwptGetDirtyBitmap',
      contextId: contextIdOf(random, context),
      hwptId,
      flags: random.pick([0, 0, 0, 1, 2]),
      ...range,
      pageSize: gigantic ?? random.pick([2048n, 4096n, 4096n, 0n, 1n]),
    };
  },
  TestAddReserved: (random, _state, context) => ({
    type: 'TestAddReserved',
    contextId: contextIdOf(random, context),
    ioasId: idOf(random, context, 'IOAS'),
    start: iovaOf(random),
    length: lengthOf(random),
  }),
  TestMdCheckMap: (random, _state, context) => ({
    type: 'TestMdCheckMap',
    contextId: contextIdOf(random, context),
    hwptId: idOf(random, context, 'HWPT_PAGING'),
    iova: iovaOf(random),
    length: lengthOf(random),
    userVa: userVaOf(random),
  }),
  TestDirty: (random, _state, context) => {
    const hwptId = dirtyHwptOf(random, context);
    return {
      type: 'TestDirty',
      contextId: contextIdOf(random, context),
      hwptId,
      ...mappedRange(random, ioasUnder(context, hwptId)),
      pageSize: random.pick([2048n, 2048n, 2048n, 4096n, 0n]),
      bitmap: random.pick([ULONG_MAX, 1n, 0x5555n, 0n]),
    };
  },
  TestCreateAccess: (random, _state, context) => ({
    type: 'TestCreateAccess',
    contextId: contextIdOf(random, context),
    ioasId: idOf(random, context, 'IOAS'),
    flags: random.pick([0, 1, 1, 1, 2]),
  }),
  TestAccessClose: (random, _state, context) => ({
    type: 'TestAccessClose',
    contextId: contextIdOf(random, context),
    accessId: idOf(random, context, 'ACCESS'),
  }),
  TestAccessReplaceIoas: (random, _state, context) => ({
    type: 'TestAccessReplaceIoas',
    contextId: contextIdOf(random, context),
    accessId: idOf(random, context, 'ACCESS'),
    ioasId: idOf(random, context, 'IOAS'),
  }),
  TestAccessPages: (random, _state, context) => {
    const accessId = idOf(random, context, 'ACCESS');
    return {
      type: 'TestAccessPages',
      contextId: contextIdOf(random, context),
      accessId,
      flags: random.pick([0, 1, 1, 2]),
      ...mappedRange(random, reachOf(context, accessId)),
    };
  },
  TestDestroyAccessPages: (random, _state, context) => ({
    type: 'TestDestroyAccessPages',
    contextId: contextIdOf(random, context),
    accessId: idOf(random, context, 'ACCESS'),
    itemId: random.below(4),
  }),
  TestAccessRw: (random, _state, context) => {
    const accessId = idOf(random, context, 'ACCESS');
    return {
      type: 'TestAccessRw',
      contextId: contextIdOf(random, context),
      accessId,
      flags: random.pick([0, 1, 1, 4, 5, 2]),
      ...mappedRange(random, reachOf(context, accessId)),
      fill: random.below(256),
    };
  },
} as const satisfies Partial<Record<Command['type'], Maker>>;

/** What of it makes a difference more often is drawn more often. */
export const IOAS_WEIGHTS: readonly (readonly [number, keyof typeof IOAS_MAKERS])[] = [
  [40, 'IoasMap'],
  [16, 'IoasCopy'],
  [16, 'IoasUnmap'],
  [3, 'IoasIovaRanges'],
  [4, 'IoasAllowIovas'],
  [6, 'Option'],
  [3, 'VfioIoas'],
  [10, 'HwptSetDirtyTracking'],
  [9, 'HwptGetDirtyBitmap'],
  [3, 'TestAddReserved'],
  [3, 'TestMdCheckMap'],
  [14, 'TestDirty'],
  [6, 'TestCreateAccess'],
  [2, 'TestAccessClose'],
  [3, 'TestAccessReplaceIoas'],
  [16, 'TestAccessPages'],
  [4, 'TestDestroyAccessPages'],
  [8, 'TestAccessRw'],
];
