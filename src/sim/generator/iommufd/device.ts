/** Random questions about the hardware behind a device. */
import type { Makers } from '../maker.ts';
import { contextIdOf, idOf } from '../pick.ts';

export const DEVICE_MAKERS = {
  GetHwInfo: (random, _state, context) => ({
    type: 'GetHwInfo',
    contextId: contextIdOf(random, context),
    flags: random.pick([0, 0, 1, 1, 2]),
    devId: idOf(random, context, 'DEVICE'),
    dataLen: random.pick([0, 4, 64]),
    inDataType: random.pick([0, 1, 0xfeed_beef, 7]),
  }),
} as const satisfies Makers;
