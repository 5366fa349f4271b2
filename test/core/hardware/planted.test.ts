/** What planted a hazard is what did it: not what happened to come before, and never nothing. */
import { expect, test } from 'vitest';
import { checkInvariants } from '../../../src/core/check/invariant.ts';
import { BDF, FUNCTION, op, PAGE, Rig, type RigOptions } from './rig.ts';

const IOVA = 0x4000_0000n;
const DATA = 0x2_0000n;
const STALLING: RigOptions = {
  iommu: { vendor: 'SMMUV3' },
  fn: { stall: true, ats: null },
  functions: 2,
};
const broken = (depth: number): RigOptions => ({
  fn: { ats: { ...FUNCTION.ats!, respondsToInvalidation: false, invalidateQueueDepth: depth } },
});
const resume = (rig: Rig, stag: number, bdf = BDF) =>
  rig.run('StallResume', { bdf, stag, retry: true });
const last = (rig: Rig) => rig.state.hazards.at(-1)!;

test('a tag that was ended by CMD_STALL_TERM was freed by that, also the second time', () => {
  const rig = new Rig(STALLING);
  rig.dma({ iova: IOVA });
  rig.answer(rig.read()[0]!, 0);
  rig.run('StallTerminate', { bdf: BDF });
  resume(rig, 0);
  expect(last(rig).name).toBe('STALE_STAG_RESUMED');
  expect(rig.planted('STALE_STAG_RESUMED')).toEqual(['StallsTerminated']);
  rig.checkReplay();
});

test('a tag that nothing had, or that is another function’s, was planted by nobody', () => {
  const rig = new Rig(STALLING);
  resume(rig, 777);
  expect(last(rig)).toMatchObject({ name: 'STALE_STAG_RESUMED', plantedSeq: null });
  rig.dma({ iova: IOVA });
  rig.run('HardwareAdvance', { ticks: 1 });
  resume(rig, 0, '0000:02:00.0');
  expect(last(rig)).toMatchObject({ name: 'STALE_STAG_RESUMED', plantedSeq: null });
});

test('memory that the kernel took away while the device forgot nothing: its unmap', () => {
  const rig = new Rig(broken(32));
  rig.guestMap(IOVA, DATA);
  rig.dma({ iova: IOVA });
  const before = rig.state.seq;
  rig.ioasUnmap(0n, 1n << 20n);
  const after = rig.state.seq;
  rig.dma({ iova: IOVA });
  expect(last(rig).name).toBe('STALE_TRANSLATION_USED');
  expect(last(rig).plantedSeq).toBeGreaterThan(before);
  expect(last(rig).plantedSeq).toBeLessThanOrEqual(after);
  expect(rig.planted('STALE_TRANSLATION_USED')).toEqual(['InvalidationRequested']);
});

test('an invalidation before the change is none of it', () => {
  const rig = new Rig({ iommu: { vendor: 'SMMUV3' } });
  rig.guestMap(IOVA, DATA);
  rig.dma({ iova: IOVA });
  rig.invalidate();
  rig.guestUnmap(IOVA);
  rig.dma({ iova: IOVA });
  expect(last(rig).name).toBe('STALE_TRANSLATION_USED');
  expect(rig.planted('STALE_TRANSLATION_USED')).toEqual(['GuestWordsWritten']);
  // After the change it is the one that stopped short.
  rig.invalidate();
  rig.dma({ iova: IOVA });
  expect(last(rig).name).toBe('ATC_NOT_INVALIDATED');
});

test('flushes that a function takes no more of stand in line, as one, and time out', () => {
  const rig = new Rig(broken(1));
  rig.guestMap(IOVA, DATA, 4n * PAGE);
  for (let page = 0n; page < 4n; page++) rig.dma({ iova: IOVA + page * PAGE });
  for (let page = 0n; page < 4n; page++) {
    rig.guestUnmap(IOVA + page * PAGE);
    rig.invalidate(IOVA + page * PAGE, 1n);
  }
  const first = Number(IOVA >> 12n);
  const { invalidations } = rig.state.iommus.get(0)!;
  expect([...invalidations.values()].map(p => [p.firstPage, p.lastPage])).toEqual([
    [first, first],
    [first + 1, first + 3],
  ]);
  // The guest's own is refused meanwhile.
  const own = { type: 'AtcInvalidate', bdf: BDF, pasid: null, addr: IOVA, size: PAGE } as const;
  expect(rig.try(own).errno).toBe('EBUSY');
  rig.run('HardwareAdvance', { ticks: 1_000 });
  expect(rig.hazards()).toEqual(['ATC_INVALIDATION_TIMED_OUT', 'ATC_INVALIDATION_TIMED_OUT']);
  expect(invalidations.size).toBe(0);
  expect(checkInvariants(rig.state)).toEqual([]);
  rig.checkReplay();
});

test('drivers of a virtual function ask for the PRI of its physical one', () => {
  const policies = { virtualFunctions: 'EMULATED_PRI' } as const;
  const rig = new Rig({ functions: 2, virtual: true, policies });
  const vf = { bdf: '0000:02:00.0' };
  const before = rig.state.seq;
  rig.run('PriEnable', { ...vf, allocation: 4 });
  rig.run('PriDisable', vf);
  rig.run('PriResetSend', vf);
  expect(rig.state.seq).toBe(before);
  expect(rig.device.hardware.pri?.enabled).toBe(true);
});

test('a translation request with ATS off is answered UR', () => {
  const rig = new Rig();
  rig.run('AtsDisable', { bdf: BDF });
  rig.load([op({ op: 'TRANSLATE', iova: IOVA, length: PAGE })]);
  rig.runProgram();
  const [completed, ...more] = rig.of('AtsTranslationCompleted');
  expect(completed).toMatchObject({ status: 'UR', iova: IOVA, read: false, write: false });
  expect(more).toEqual([]);
});
