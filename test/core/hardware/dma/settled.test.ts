/** What dma and deviceRun answer is how it stands when the operation has ended, not before. */
import { expect, test } from 'vitest';
import { BDF, op, PAGE, Rig } from '../rig.ts';

const IOVA = 0x4000_0000n;

test('a DMA whose group is answered at once has failed', () => {
  const off = new Rig();
  off.run('PrqSwitch', { iommuNo: 0, enabled: false });
  const failed = { state: 'ABORTED', reason: 'RESPONSE_FAILURE', runs: [] };
  expect(off.dma({ iova: IOVA })).toMatchObject(failed);
  // Linux' driver for VT-d refuses requests without a PASID there.
  const refusing = new Rig({ iommu: { vendor: 'VTD', driver: 'AS_LINUX' } });
  const invalid = { state: 'ABORTED', reason: 'INVALID_REQUEST' };
  expect(refusing.dma({ iova: IOVA })).toMatchObject(invalid);
});

test('a program whose DMA fails at once has failed, and one that skips it is done', () => {
  for (const [onInvalid, state] of [
    ['STOP', 'FAILED'],
    ['SKIP', 'DONE'],
  ] as const) {
    const rig = new Rig();
    rig.run('PrqSwitch', { iommuNo: 0, enabled: false });
    rig.load([op({ op: 'READ', iova: IOVA, length: PAGE })], { onInvalid });
    expect(rig.runProgram()).toMatchObject({ state, next: 1, steps: 1 });
    expect(rig.device.hardware.program).toMatchObject({ state });
  }
});

test('a DMA that waits says for what', () => {
  const rig = new Rig({ fn: { priCapacity: 1 } });
  expect(rig.dma({ iova: IOVA })).toMatchObject({ state: 'WAITING_PRG', reason: null });
  expect(rig.dma({ iova: IOVA + PAGE })).toMatchObject({ state: 'NO_CREDIT', reason: null });
  rig.run('DeviceReset', { bdf: BDF });
  rig.guestMap(IOVA, 0x2_0000n);
  const { state, runs } = rig.dma({ iova: IOVA, length: 16n, write: true, fill: 1 });
  expect([state, runs.map(({ length }) => length)]).toEqual(['DONE', [16n]]);
});
