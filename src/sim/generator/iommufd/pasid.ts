/** Random commands of the self-test on PASIDs of mock devices. */
import type { Prng } from '../../prng.ts';
import type { Makers } from '../maker.ts';
import { contextIdOf, idOf, ptIdFor } from '../pick.ts';

/** Few, so that they meet: that of the mock driver's error, and one that no device has. */
const PASIDS = [1, 2, 2, 5, 5, 1024, 0, 0x10_0000];

export const pasidOf = (random: Prng): number => random.pick(PASIDS);

export const PASID_MAKERS = {
  TestPasidAttach: (random, _state, context) => ({
    type: 'TestPasidAttach',
    contextId: contextIdOf(random, context),
    stdevId: idOf(random, context, 'SELFTEST'),
    pasid: pasidOf(random),
    ptId: ptIdFor(random, context, 'MOCK'),
  }),
  TestPasidReplace: (random, _state, context) => ({
    type: 'TestPasidReplace',
    contextId: contextIdOf(random, context),
    stdevId: idOf(random, context, 'SELFTEST'),
    pasid: pasidOf(random),
    ptId: ptIdFor(random, context, 'MOCK'),
  }),
  TestPasidDetach: (random, _state, context) => ({
    type: 'TestPasidDetach',
    contextId: contextIdOf(random, context),
    stdevId: idOf(random, context, 'SELFTEST'),
    pasid: pasidOf(random),
  }),
  TestPasidCheckHwpt: (random, _state, context) => ({
    type: 'TestPasidCheckHwpt',
    contextId: contextIdOf(random, context),
    stdevId: idOf(random, context, 'SELFTEST'),
    pasid: pasidOf(random),
    hwptId: random.chance(0.2) ? 0 : ptIdFor(random, context, 'MOCK'),
  }),
} as const satisfies Makers;
