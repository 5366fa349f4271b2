/** Every mutation of this folder once in success and once refused by the kernel. */
import { describeMutations } from '../builder/mutation-case.ts';
import { CASES } from './pci-mutation-cases.ts';

describeMutations(CASES);
