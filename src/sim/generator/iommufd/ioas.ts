/** Random commands on address spaces: mapped, copied, unmapped and asked for their ranges. */
import { ULONG_MAX } from '../../../abi/uapi.ts';
import type { Ioas, IommufdContext } from '../../../core/iommufd/state.ts';
import type { CommandOf } from '../../../core/machine/command.ts';
import type { IovaRange } from '../../../core/memory/iova-range.ts';
import type { Prng } from '../../prng.ts';
import type { Makers } from '../maker.ts';
import { contextIdOf, idOf } from '../pick.ts';
import { ioasOf, iovaOf, lengthOf, mappedRange, userVaOf } from './range.ts';

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
  IoasAlloc: (random, _state, context) => ({
    type: 'IoasAlloc',
    contextId: contextIdOf(random, context),
    flags: random.chance(0.1) ? 1 : 0,
  }),
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
} as const satisfies Makers;
