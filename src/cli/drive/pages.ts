/** Which pages a driven device asks for, in which groups: from a seed, so that a run can be repeated. */
import { PAGE_SIZE } from '../../abi/uapi.ts';
import { Prng } from '../../sim/prng.ts';

const PAGE = BigInt(PAGE_SIZE);

/** The pages of one group. */
export interface GroupWanted {
  readonly pasid: number | null;
  /** Page aligned. */
  readonly pages: readonly bigint[];
}

export interface PagesOptions {
  /** `file`: the addresses of `listed`, in order, again from the first after the last. */
  readonly order: 'random' | 'sequential' | 'file';
  readonly listed: readonly bigint[];
  /** Where pages lie; both ends inclusive. */
  readonly first: bigint;
  readonly last: bigint;
  readonly pasids: readonly number[];
  /** Pages of a group. */
  readonly sizeMin: number;
  readonly sizeMax: number;
  readonly seed: number;
}

/** Gives one group after the other, for ever. */
export function* groupsWanted(options: PagesOptions): Generator<GroupWanted, never> {
  const { order, listed, first, last, pasids, sizeMin, sizeMax, seed } = options;
  const random = new Prng(seed);
  const count = Number((last - first) / PAGE) + 1;
  let place = 0;
  const next = (): bigint => {
    if (order === 'file') return listed[place++ % listed.length]! & ~(PAGE - 1n);
    const page = order === 'random' ? random.below(count) : place++ % count;
    return first + BigInt(page) * PAGE;
  };
  for (;;) {
    const size = sizeMin + random.below(sizeMax - sizeMin + 1);
    const pasid = pasids.length === 0 ? null : random.pick(pasids);
    yield { pasid, pages: Array.from({ length: size }, next) };
  }
}
