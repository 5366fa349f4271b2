/** Random ranges of IOVAs and user memory: in a few small windows, so that they meet. */
import { ULONG_MAX } from '../../../abi/uapi.ts';
import type { Ioas, IommufdContext } from '../../../core/iommufd/state.ts';
import type { Prng } from '../../prng.ts';

/** Page aligned offsets in a window of 32 pages, now and then half a page or one byte off. */
function offset(random: Prng): bigint {
  const page = BigInt(random.below(32)) << 12n;
  return page + (random.chance(0.9) ? 0n : random.pick([2048n, 1n, 512n]));
}

const WINDOWS = [0x0100_0000n, 0x0100_0000n, 0x2000_0000n, 0x9000_0000n, 0n, 0xfee0_0000n];

export function iovaOf(random: Prng): bigint {
  if (random.chance(0.02)) return random.pick([ULONG_MAX, ULONG_MAX - 4095n, 0x7fff_f000n]);
  return (random.chance(0.8) ? WINDOWS[0]! : random.pick(WINDOWS)) + offset(random);
}

/** The process of the traces has 16 MiB at 0x10000000; HOLED lacks the pages 16 to 23. */
export function userVaOf(random: Prng): bigint {
  if (random.chance(0.02)) return random.pick([0n, ULONG_MAX - 4095n, 0x2000_0000n]);
  return 0x1000_0000n + offset(random);
}

export function lengthOf(random: Prng): bigint {
  if (random.chance(0.02)) return random.pick([0n, ULONG_MAX, ULONG_MAX - 1n, 1n << 40n]);
  if (random.chance(0.05)) return random.pick([1n, 2048n, 6144n]);
  return BigInt(1 + random.below(random.chance(0.7) ? 4 : 40)) << 12n;
}

export function ioasOf(context: IommufdContext | null, ioasId: number): Ioas | null {
  const ioas = context?.objects.get(ioasId);
  return ioas?.type === 'IOAS' ? ioas : null;
}

/** A mapped range, or part of one with its neighbours; any range if nothing is mapped. */
export function mappedRange(random: Prng, ioas: Ioas | null): { iova: bigint; length: bigint } {
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

export function ioasUnder(context: IommufdContext | null, hwptId: number): Ioas | null {
  const hwpt = context?.objects.get(hwptId);
  return hwpt?.type === 'HWPT_PAGING' ? ioasOf(context, hwpt.ioasId) : null;
}
