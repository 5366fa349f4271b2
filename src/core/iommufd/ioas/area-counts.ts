/** What an IOAS and its hwpts remember of areas beside the areas themselves: part of evolve. */
import { MOCK_IO_PAGE_SIZE, PAGE_SIZE } from '../../../abi/uapi.ts';
import { objectOf } from '../../machine/lookup.ts';
import type { Area, Ioas, IommufdContext } from '../state.ts';

const PAGE = BigInt(PAGE_SIZE);

/** Counts an area whose IOVA, length or page offset breaks an alignment, up or down. */
export function countMisaligned(ioas: Ioas, { start, last, userVa }: Area, step: 1 | -1): void {
  const bits = start | (last + 1n) | (userVa % PAGE);
  if (bits % BigInt(MOCK_IO_PAGE_SIZE) !== 0n) ioas.misaligned.by2048 += step;
  if (bits % PAGE !== 0n) ioas.misaligned.by4096 += step;
}

/** Unmapping takes the dirty bits of the IO pages with it. */
export function forgetDirty(context: IommufdContext, ioas: Ioas, { start, last }: Area): void {
  const first = Number(start / BigInt(MOCK_IO_PAGE_SIZE));
  const final = Number(last / BigInt(MOCK_IO_PAGE_SIZE));
  for (const hwptId of ioas.dirtyHwptIds) {
    const { dirtySlots } = objectOf(context, hwptId, 'HWPT_PAGING');
    if (dirtySlots.size < final - first) {
      for (const slot of dirtySlots.keys()) {
        if (slot >= first && slot <= final) dirtySlots.delete(slot);
      }
    } else {
      for (let slot = first; slot <= final; slot++) dirtySlots.delete(slot);
    }
    if (dirtySlots.size === 0) ioas.dirtyHwptIds.delete(hwptId);
  }
}
