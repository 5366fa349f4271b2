/** What DMAs wait for is there, and what they waited for comes: each line was once wrong. */
import { expect, test } from 'vitest';
import { evolve } from '../../../../src/core/machine/evolve.ts';
import { execute } from '../../../../src/core/machine/execute.ts';
import { canonicalText, fromPlain, toPlain } from '../../../../src/core/machine/snapshot.ts';
import { pci } from '../../../../src/sim/machine.ts';
import { BDF, FUNCTION, op, PAGE, Rig } from '../rig.ts';

const IOVA = 0x4000_0000n;
const VIRTUAL = {
  functions: 2,
  virtual: true,
  policies: { virtualFunctions: 'EMULATED_PRI' },
} as const;
const VF = '0000:02:00.0';
const FIXED = { prgIndex: { kind: 'FIXED', index: 3 } } as const;

const statesOf = ({ device }: Rig) => [...device.hardware.dmas.values()].map(({ state }) => state);

test('a DMA that stood in line while PRI was off asks when the function is attached again', () => {
  const rig = new Rig({ fn: { priCapacity: 1 } });
  const contextId = 1;
  rig.dma({ iova: IOVA });
  rig.dma({ iova: IOVA + PAGE });
  expect(statesOf(rig)).toEqual(['WAITING_PRG', 'NO_CREDIT']);
  rig.run('DeviceDetach', { contextId, devId: rig.devId });
  expect(statesOf(rig)).toEqual(['NO_CREDIT']);
  rig.attach(rig.devId);
  expect(statesOf(rig)).toEqual(['WAITING_PRG']);
  expect(rig.read()).toHaveLength(1);
  rig.checkReplay();
});

test('a virtual function that waits asks again after the reset of its physical one', () => {
  const rig = new Rig({ ...VIRTUAL, fn: { priCapacity: 1 } });
  rig.dma({ iova: IOVA });
  rig.dma({ iova: IOVA + PAGE, bdf: VF });
  rig.run('DeviceReset', { bdf: BDF });
  const [waiting] = rig.of('DmaWaited').slice(-1);
  expect(waiting).toMatchObject({ deviceNo: 2, state: 'WAITING_PRG', grpids: [0] });
  expect(rig.device.hardware.pri).toMatchObject({ used: 1, waiting: [] });
  rig.checkReplay();
});

test('a DMA whose groups are answered and which stands in line waits for a credit', () => {
  const rig = new Rig({ fn: { priCapacity: 1 } });
  rig.dma({ iova: IOVA, length: 2n * PAGE });
  // A raw message takes the credit that will come free.
  rig.request({ grpid: 9 });
  rig.guestMap(IOVA, 0x2_0000n);
  const [first, second] = rig.read();
  rig.answer(first!, 0);
  expect(statesOf(rig)).toEqual(['NO_CREDIT']);
  rig.answer(second!, 0);
  expect(statesOf(rig)).toEqual(['WAITING_PRG']);
  rig.checkReplay();
});

test('functions that share PRI and use one index each get what the answer brings', () => {
  const rig = new Rig(VIRTUAL);
  rig.dma({ iova: IOVA, options: FIXED });
  rig.dma({ iova: IOVA + PAGE, bdf: VF, options: FIXED });
  rig.guestMap(IOVA, 0x2_0000n, 2n * PAGE);
  const [first, second] = rig.read();
  rig.answer(first!, 0);
  expect(rig.of('DmaCompleted').map(({ deviceNo }) => deviceNo)).toEqual([1, 2]);
  rig.answer(second!, 0);
  expect(rig.of('PrgResponseUnexpected')).toHaveLength(1);
  rig.checkReplay();
});

test('both wait for a credit again when PRI is reset', () => {
  const rig = new Rig(VIRTUAL);
  rig.dma({ iova: IOVA, options: FIXED });
  rig.dma({ iova: IOVA + PAGE, bdf: VF, options: FIXED });
  rig.run('PriDisable', { bdf: BDF });
  rig.run('PriResetSend', { bdf: BDF });
  expect(rig.device.hardware.pri!.waiting).toEqual([
    { deviceNo: 1, dmaId: 1 },
    { deviceNo: 2, dmaId: 2 },
  ]);
  rig.checkReplay();
});

test('a failure disables PRI, whatever index it names', () => {
  const rig = new Rig({ baseline: 'V6_PATCH' });
  rig.dma({ iova: IOVA });
  rig.dma({ iova: IOVA + PAGE });
  const [first] = rig.read();
  rig.run('PriDisable', { bdf: BDF });
  rig.run('PriResetSend', { bdf: BDF });
  rig.run('PriEnable', { bdf: BDF, allocation: 1 });
  // Index 0 is outstanding anew; the one after it is not.
  rig.answer(rig.cookies().find(cookie => cookie !== first)!, 2);
  expect(rig.device.hardware.pri).toMatchObject({ enabled: false, responseFailure: true });
  expect(rig.device.hardware.dmas.size).toBe(0);
  expect(rig.of('PrgResponseUnexpected')).toEqual([]);
  rig.checkReplay();
});

test('a reset sets PRI again that a failure had turned off, and not what the driver had', () => {
  const failed = new Rig({ baseline: 'V6_PATCH' });
  failed.dma({ iova: IOVA });
  failed.answer(failed.read()[0]!, 2);
  failed.run('DeviceReset', { bdf: BDF });
  const on = { enabled: true, responseFailure: false, allocation: 32, used: 0 };
  expect(failed.device.hardware.pri).toMatchObject(on);
  failed.run('PriDisable', { bdf: BDF });
  failed.run('DeviceReset', { bdf: BDF });
  expect(failed.device.hardware.pri).toMatchObject({ enabled: false, stopped: true });
  failed.checkReplay();
});

test('an invalidation of one PASID leaves what another has, and says who stopped short', () => {
  const rig = new Rig({ iommu: { vendor: 'SMMUV3' } });
  rig.guestMap(IOVA, 0x2_0000n);
  rig.dma({ iova: IOVA });
  rig.dma({ iova: IOVA, pasid: 5 });
  rig.guestUnmap(IOVA);
  rig.invalidate(IOVA, 1n);
  rig.run('AtcInvalidate', { bdf: BDF, pasid: 5, addr: IOVA, size: PAGE });
  rig.dma({ iova: IOVA });
  expect(rig.hazards()).toEqual(['ATC_NOT_INVALIDATED']);
  rig.checkReplay();
});

test('a virtual function that is unplugged leaves neither credits nor a place in line', () => {
  const rig = new Rig({ fn: { priCapacity: 2 }, iommu: { service: 'MANUAL' } });
  const hardware = FUNCTION;
  rig.run('PciDeviceAdd', { device: pci(VF, { physfn: BDF, hardware }) });
  // Nobody has bound it: what it sends reaches no queue of a function that may send.
  rig.run('PageRequestSend', {
    bdf: VF,
    pasid: null,
    grpid: 7,
    perm: 1,
    addr: 0n,
    lastPage: false,
  });
  expect(rig.device.hardware.pri).toMatchObject({ used: 1 });
  rig.run('PciDeviceRemove', { bdf: VF });
  expect(rig.device.hardware.pri).toMatchObject({ used: 0, outstanding: new Map() });
  rig.request({ grpid: 7 });
  rig.run('PrqServe', { iommuNo: 0, max: 4 });
  rig.answer(rig.read()[0]!, 0);
  expect(rig.device.hardware.pri).toMatchObject({ used: 0, unexpectedIndex: false });
  rig.checkReplay();
});

test('what stalls has no PRI: a raw page request of it is not sent', () => {
  const rig = new Rig({ iommu: { vendor: 'SMMUV3' } });
  const contextId = 1;
  const hardware = { ...FUNCTION, ats: null, stall: true };
  rig.run('PciDeviceAdd', { device: pci(VF, { hardware }) });
  rig.attach(rig.run('DeviceBind', { contextId, bdf: VF }).outDevId);
  rig.dma({ iova: IOVA, bdf: VF });
  const sent = rig.request({ grpid: 0, bdf: VF, pasid: 5 });
  expect(sent).toMatchObject({ outcome: 'PRI_DISABLED' });
  // One fault, whose answer resumes the one transaction.
  rig.answer(rig.read()[0]!, 1);
  expect(rig.of('StallResumed')).toHaveLength(1);
  expect(rig.cookies()).toEqual([]);
});

test('a program stops using a PASID by name, and a function with PRI off says nothing', () => {
  const rig = new Rig();
  const load = (pasid: number | null) =>
    rig.try({
      type: 'DeviceProgramLoad',
      bdf: BDF,
      ops: [op({ op: 'STOP', pasid })],
      options: {
        pagesPerGroup: 1,
        prgIndex: { kind: 'NEXT_FREE' },
        retryLimit: 1,
        timeoutTicks: null,
        maxOutstanding: 1,
        onInvalid: 'SKIP',
        pasids: [],
      },
    }).errno;
  expect(load(null)).toBe('EINVAL');
  expect(load(5)).toBe(0);
  rig.run('PriDisable', { bdf: BDF });
  expect(rig.runProgram()).toMatchObject({ state: 'DONE' });
  expect(rig.of('StopMarkerIssued')).toEqual([]);
});

test('requests beyond the allocation are the physical function’s too', () => {
  const rig = new Rig({ ...VIRTUAL, fn: { priCapacity: 1 } });
  rig.request({ grpid: 1 });
  rig.request({ grpid: 2, bdf: VF });
  expect(rig.state.hazards.map(({ objects }) => objects)).toEqual([[VF, BDF]]);
});

test('a state that went through a snapshot goes on as the one that did not', () => {
  const rig = new Rig();
  // Indexes come back in another order than they were taken in.
  rig.dma({ iova: IOVA, options: FIXED });
  rig.dma({ iova: IOVA + PAGE });
  const restored = fromPlain(toPlain(rig.state));
  for (const type of ['PriDisable', 'PriResetSend'] as const) {
    const { events } = execute(restored, { type, bdf: BDF });
    for (const event of events) evolve(rig.state, event);
  }
  expect(canonicalText(restored)).toBe(canonicalText(rig.state));
});
