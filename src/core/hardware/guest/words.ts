/** Guest memory by guest physical address: the nest parent's IOAS says where it lies. */
import type { Ioas, IommufdContext } from '../../iommufd/state.ts';
import { readWord } from '../../memory/guest-memory.ts';
import { userVaOf } from '../dma/walk.ts';
import type { ReadWord } from '../tables/access.ts';

/** Eight bytes that a guest writes. */
export interface GuestWordWrite {
  /** Guest physical, a multiple of 8. */
  readonly gpa: bigint;
  readonly value: bigint;
}

/** Reads guest memory; null where the IOAS has nothing. */
export function guestReader(context: IommufdContext, ioas: Ioas): ReadWord {
  return gpa => {
    const userVa = userVaOf(ioas, gpa);
    return userVa === null || userVa % 8n !== 0n ? null : readWord(context, userVa);
  };
}
