/** A queue that stopped at a time-out: a guest's invalidations are refused, the kernel's go through. */
import { expect, test } from 'vitest';
import type { EventType } from '../../../../src/core/machine/event.ts';
import { BDF, FUNCTION, PAGE, Rig } from '../rig.ts';

const IOVA = 0x4000_0000n;

/** An invalidation of the guest timed out, which nobody has noticed. */
function stopped(vendor: 'VTD' | 'SMMUV3' | 'RISCV'): Rig {
  const ats = { ...FUNCTION.ats!, respondsToInvalidation: false };
  const rig = new Rig({ iommu: { vendor, invalidationTimeoutTicks: 10 }, fn: { ats } });
  rig.guestMap(IOVA, 0x2_0000n);
  rig.dma({ iova: IOVA });
  rig.run('AtcInvalidate', { bdf: BDF, pasid: null, addr: IOVA, size: PAGE });
  rig.run('HardwareAdvance', { ticks: 10 });
  expect(rig.iommu.queueError).not.toBe(null);
  return rig;
}

const FLUSHES: readonly EventType[] = [
  'QueueErrorCleared',
  'IotlbInvalidated',
  'AtcInvalidated',
  'InvalidationRequested',
];

test.each(['VTD', 'SMMUV3', 'RISCV'] as const)('%s: its driver clears it to flush', vendor => {
  const rig = stopped(vendor);
  expect(rig.invalidate().errno).toBe('EIO');
  const from = rig.events.length;
  rig.ioasUnmap(0n, 1n << 20n);
  const made = rig.events.slice(from).map(({ type }) => type);
  expect(made.filter(type => FLUSHES.includes(type))).toEqual([
    'QueueErrorCleared',
    'IotlbInvalidated',
    'InvalidationRequested',
  ]);
  expect(rig.iommu.queueError).toBe(null);
  expect(rig.iommu.iotlb.size).toBe(0);
  expect(rig.invalidate().errno).toBe(0);
  rig.checkReplay();
});

test('so it does before a detach', () => {
  const rig = stopped('VTD');
  rig.run('DeviceDetach', { contextId: 1, devId: rig.devId });
  expect(rig.of('QueueErrorCleared')).toHaveLength(1);
  rig.checkReplay();
});
