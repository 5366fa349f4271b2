/** Which events are about a DMA: not those of whoever uses its group index after it. */
import { expect, test } from 'vitest';
import { DmaTrack } from '../../../../src/core/hardware/dma/track.ts';
import { PAGE, Rig } from '../rig.ts';

const IOVA = 0x4000_0000n;
const DATA = 0x2_0000n;

const aboutOf = (rig: Rig, dmaId: number) => {
  const track = new DmaTrack(dmaId);
  return rig.events.filter(event => track.isAbout(event));
};

test('two pages in two groups; the first index goes to another DMA before the second is answered', () => {
  const rig = new Rig();
  rig.dma({ iova: IOVA, length: 2n * PAGE });
  const [first, second] = rig.read();
  rig.guestMap(IOVA, DATA, 4n * PAGE);
  // The first group is answered and its index free: the next DMA takes it.
  rig.answer(first!, 0);
  rig.dma({ iova: IOVA + 0x10_0000n });
  rig.answer(second!, 0);
  const own = aboutOf(rig, 1);
  expect(own.filter(({ type }) => type === 'PageRequestIssued')).toHaveLength(2);
  expect(own.filter(({ type }) => type === 'IopfGroupQueued')).toHaveLength(2);
  expect(own.filter(({ type }) => type === 'PrgResponseReceived')).toHaveLength(2);
  expect(own.at(-1)!.type).toBe('DmaCompleted');
  const other = aboutOf(rig, 2);
  expect(other.filter(({ type }) => type === 'IopfGroupQueued')).toHaveLength(1);
  expect(own.some(event => other.includes(event))).toBe(false);
});
