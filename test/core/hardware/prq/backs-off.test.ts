/**
 * A request that is lost in an overflow is not asked again at once, where it would be lost as well: the
 * device backs off until time has passed or software has cleared the overflow, and so outlives it.
 */
import { expect, test } from 'vitest';
import { HARDWARE_EVENTS_MAX } from '../../../../src/abi/limits.ts';
import { waitsForTime } from '../../../../src/core/hardware/unit/time.ts';
import { BDF, op, PAGE, Rig } from '../rig.ts';

const IOVA = 0x4000_0000n;
const RISCV = { vendor: 'RISCV', prqEntries: 4, service: 'MANUAL' } as const;

/** Three records stand in a queue of four, which holds no more. */
function full(): Rig {
  const rig = new Rig({ iommu: RISCV });
  for (let grpid = 100; grpid < 103; grpid++) rig.request({ grpid });
  return rig;
}

const serve = (rig: Rig) => rig.run('PrqServe', { iommuNo: 0, max: 100 });
const dmaOf = (rig: Rig, dmaId: number) => rig.device.hardware.dmas.get(dmaId);

test('a handler that serves the queue brings a DMA through an overflow', () => {
  const rig = full();
  const { dmaId } = rig.dma({ iova: IOVA });
  expect(rig.of('PageRequestDropped')).toHaveLength(1);
  expect(rig.of('PageRequestAutoResponded')).toMatchObject([{ code: 0, why: 'OVERFLOW' }]);
  expect(dmaOf(rig, dmaId)).toMatchObject({ state: 'BACKED_OFF', retries: 1 });
  expect(waitsForTime(rig.state)).toBe(true);
  serve(rig);
  expect(rig.of('PrqOverflowCleared')).toHaveLength(1);
  expect(dmaOf(rig, dmaId)).toMatchObject({ state: 'WAITING_PRG', retries: 1 });
  serve(rig);
  rig.guestMap(IOVA, 0x2_0000n);
  for (const cookie of rig.read()) rig.answer(cookie, 0);
  expect(rig.of('DmaCompleted')).toMatchObject([{ dmaId }]);
  expect(rig.hazards()).toEqual(['PRQ_OVERFLOWED']);
  rig.checkReplay();
});

test('each tick is one more try, up to the limit', () => {
  const rig = full();
  const { dmaId } = rig.dma({ iova: IOVA, options: { retryLimit: 3 } });
  rig.run('HardwareAdvance', { ticks: 1 });
  expect(dmaOf(rig, dmaId)).toMatchObject({ state: 'BACKED_OFF', retries: 2 });
  rig.run('HardwareAdvance', { ticks: 1 });
  expect(rig.of('DmaAborted')).toMatchObject([{ dmaId, reason: 'RETRY_LIMIT' }]);
  expect(rig.of('PageRequestDropped')).toHaveLength(3);
  rig.checkReplay();
});

test('answers to other groups do not make it ask in vain', () => {
  const rig = full();
  const { dmaId } = rig.dma({ iova: IOVA });
  rig.run('PrqServe', { iommuNo: 0, max: 2 });
  for (const cookie of rig.read()) rig.answer(cookie, 0);
  expect(dmaOf(rig, dmaId)).toMatchObject({ state: 'BACKED_OFF', retries: 1 });
  rig.checkReplay();
});

test('what was lost together is one retry, and all of it comes', () => {
  const rig = full();
  const length = 24n * PAGE;
  const { dmaId } = rig.dma({ iova: IOVA, length });
  expect(rig.of('PageRequestDropped')).toHaveLength(24);
  expect(dmaOf(rig, dmaId)).toMatchObject({ state: 'BACKED_OFF', retries: 1 });
  rig.guestMap(IOVA, 0x2_0000n, length);
  while (rig.of('DmaCompleted').length === 0) {
    serve(rig);
    for (const cookie of rig.read()) rig.answer(cookie, 0);
  }
  expect(rig.of('DmaAborted')).toEqual([]);
  rig.checkReplay();
});

test('a DMA that backs off names that when it times out', () => {
  const rig = full();
  rig.dma({ iova: IOVA, options: { timeoutTicks: 1 } });
  rig.run('HardwareAdvance', { ticks: 1 });
  expect(rig.state.hazards.at(-1)).toMatchObject({ name: 'DMA_TIMED_OUT' });
  expect(rig.state.hazards.at(-1)!.detail).toContain('lost in an overflow');
  expect(rig.device.hardware.dmas.size).toBe(0);
  rig.checkReplay();
});

test('one command makes a bounded number of events, whatever a program does', () => {
  const rig = new Rig({ iommu: RISCV, fn: { priCapacity: 4_096 } });
  rig.run('PriDisable', { bdf: BDF });
  rig.run('PriEnable', { bdf: BDF, allocation: 4_096 });
  const pages = 512n;
  rig.load(
    [op({ op: 'READ', iova: IOVA, length: pages * PAGE }), op({ op: 'REPEAT', count: 100_000 })],
    { maxOutstanding: 1_024, retryLimit: 1, onInvalid: 'SKIP' },
  );
  const before = rig.events.length;
  expect(rig.runProgram(65_536)).toMatchObject({ state: 'RUNNING' });
  // What one operation began is brought to its end.
  const most = HARDWARE_EVENTS_MAX + 8 * 4_096;
  expect(rig.events.length - before).toBeGreaterThan(HARDWARE_EVENTS_MAX);
  expect(rig.events.length - before).toBeLessThan(most);
  rig.run('HardwareAdvance', { ticks: 1 });
  expect(rig.events.length - before).toBeLessThan(2 * most);
  rig.checkReplay();
});
