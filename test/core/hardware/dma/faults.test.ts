/** Overflow, failure, missed invalidations, credits, stalls: the hardware side line by line. */
import { expect, test } from 'vitest';
import { BDF, FUNCTION, op, PAGE, Rig } from '../rig.ts';

const IOVA = 0x4000_0000n;
const DATA = 0x2_0000n;
const PASID = 5;

test('RISC-V overflow: who is dropped and who is answered, line by line', () => {
  const rig = new Rig({ iommu: { vendor: 'RISCV', prqEntries: 4, service: 'MANUAL' } });
  const send = (lastPage: boolean, perm = 1) => {
    const from = rig.events.length;
    rig.request({ grpid: 1, lastPage, pasid: PASID, perm });
    return rig.events.slice(from).flatMap((event): (string | number)[] => {
      if (event.type === 'PageRequestQueued') return ['queued'];
      if (event.type === 'PageRequestDropped') return ['dropped'];
      return event.type === 'PageRequestAutoResponded' ? [event.code] : [];
    });
  };
  for (let i = 0; i < 3; i++) expect(send(false)).toEqual(['queued']);
  expect(send(false)).toEqual(['dropped']);
  expect(rig.iommu.pageRequestQueue.overflow).toBe(true);
  expect(send(true)).toEqual(['dropped', 0]);
  expect(send(true, 0)).toEqual(['dropped']);
  rig.run('PrqServe', { iommuNo: 0, max: 1 });
  expect(send(true)).toEqual(['dropped', 0]);
  rig.run('PrqServe', { iommuNo: 0, max: 16 });
  // A driver that keeps the contract discards the head that nobody will end.
  expect(rig.of('PrqOverflowCleared')).toMatchObject([{ discardedPartial: 3 }]);
  expect(rig.device.partial).toEqual([]);
  expect(send(true)).toEqual(['queued']);
  rig.checkReplay();
});

test('a driver that leaves the head mixes it into the next group of the index', () => {
  const rig = new Rig({
    iommu: { vendor: 'SMMUV3', driver: 'AS_LINUX', prqEntries: 4, service: 'MANUAL' },
  });
  for (let i = 0; i < 3; i++) rig.request({ grpid: 1, lastPage: false, pasid: PASID });
  rig.request({ grpid: 2, lastPage: false, pasid: PASID });
  rig.request({ grpid: 1, pasid: PASID });
  rig.run('PrqServe', { iommuNo: 0, max: 16 });
  expect(rig.of('PrqOverflowCleared')).toMatchObject([{ discardedPartial: 0 }]);
  rig.request({ grpid: 1, pasid: PASID });
  rig.run('PrqServe', { iommuNo: 0, max: 16 });
  expect(rig.of('IopfGroupQueued').map(({ requests }) => requests.length)).toEqual([4]);
  expect(rig.hazards()).toEqual(['PRQ_OVERFLOWED', 'PARTIALS_MIXED']);
  rig.checkReplay();
});

test('a failure disables PRI, ends what waits, and holds until reset and enable', () => {
  const rig = new Rig({ baseline: 'V6_PATCH' });
  for (let i = 0n; i < 3n; i++) rig.dma({ iova: IOVA + i * PAGE });
  const [first, second] = rig.read();
  rig.answer(first!, 2);
  const { pri } = rig.device.hardware;
  expect(pri).toMatchObject({ enabled: false, responseFailure: true, stopped: false });
  expect(rig.of('DmaAborted').map(({ reason }) => reason)).toEqual(
    Array(3).fill('RESPONSE_FAILURE'),
  );
  rig.answer(second!, 0);
  expect(rig.of('PrgResponseIgnored')).toHaveLength(1);
  expect(pri!.outstanding.size).toBe(2);
  const enable = { type: 'PriEnable', bdf: BDF, allocation: 32 } as const;
  expect(rig.try(enable).errno).toBe('EBUSY');
  rig.run('PriResetSend', { bdf: BDF });
  expect(rig.try(enable).errno).toBe(0);
  expect(pri).toMatchObject({ enabled: true, responseFailure: false, unexpectedIndex: false });
  rig.checkReplay();
});

test.each([
  ['CONFORMING', 15],
  ['AS_LINUX', 2],
] as const)('what a driver writes for a failure is one to the function: %s, %i', (driver, code) => {
  const rig = new Rig({ baseline: 'V6_PATCH', iommu: { vendor: 'VTD', driver } });
  for (let i = 0n; i < 3n; i++) rig.dma({ iova: IOVA + i * PAGE, pasid: PASID });
  const [first] = rig.read();
  rig.answer(first!, 2);
  expect(rig.of('PrgResponseReceived')).toMatchObject([{ code }]);
  expect(rig.device.hardware.pri).toMatchObject({ enabled: false, responseFailure: true });
  expect(rig.of('DmaAborted').map(({ reason }) => reason)).toEqual(
    Array(3).fill('RESPONSE_FAILURE'),
  );
  rig.checkReplay();
});

test('the answer to a group that was cut reaches the one that has its index by now', () => {
  const rig = new Rig({
    iommu: { vendor: 'SMMUV3', driver: 'AS_LINUX', prqEntries: 4, service: 'MANUAL' },
  });
  const prgIndex = { kind: 'FIXED', index: 7 } as const;
  // Four of its five requests fit; the last one is answered Success by the IOMMU itself.
  const cut = { prgIndex, pagesPerGroup: 5, retryLimit: 1 };
  rig.dma({ iova: IOVA, length: 5n * PAGE, pasid: PASID, options: cut });
  expect(rig.of('PageRequestAutoResponded')).toMatchObject([{ grpid: 7, code: 0 }]);
  rig.run('PrqServe', { iommuNo: 0, max: 16 });
  rig.dma({ iova: IOVA + 8n * PAGE, pasid: PASID, options: { prgIndex } });
  rig.run('PrqServe', { iommuNo: 0, max: 16 });
  // A handler that knows index 7 alone has one group, and takes it for the first.
  rig.guestMap(IOVA, DATA, 5n * PAGE);
  rig.answer(rig.read()[0]!, 0);
  expect(rig.hazards()).toContain('ANSWER_HIT_NEWER_GROUP');
  expect(rig.planted('ANSWER_HIT_NEWER_GROUP')).toEqual(['PageRequestAutoResponded']);
  rig.checkReplay();
});

test('a missed invalidation shows as the old page; with it, the DMA faults', () => {
  const rig = new Rig();
  rig.guestMap(IOVA, DATA);
  expect(rig.dma({ iova: IOVA }).runs[0]!.userVa).toBe(0x1002_0000n);
  rig.guestUnmap(IOVA);
  expect(rig.dma({ iova: IOVA })).toMatchObject({
    state: 'DONE',
    runs: [{ userVa: 0x1002_0000n }],
  });
  expect(rig.planted('STALE_TRANSLATION_USED')).toEqual(['GuestWordsWritten']);
  expect(rig.invalidate(IOVA, 1n).errno).toBe(0);
  expect(rig.dma({ iova: IOVA }).state).toBe('WAITING_PRG');
  rig.checkReplay();
});

test('what the kernel unmaps it flushes, from the IOTLB and from the ATC', () => {
  const rig = new Rig({ iommu: { vendor: 'SMMUV3' } });
  rig.guestMap(IOVA, 0x10_0000n);
  rig.ioasMap(0x10_0000n, PAGE);
  expect(rig.dma({ iova: IOVA }).state).toBe('DONE');
  expect(rig.dma({ iova: IOVA }).state).toBe('DONE');
  expect(rig.of('DmaCompleted').map(({ via }) => via)).toEqual(['WALK', 'ATC']);
  rig.ioasUnmap(0x10_0000n, PAGE);
  expect(rig.iommu.iotlb.size + rig.device.hardware.atc.size).toBe(0);
  expect(rig.dma({ iova: IOVA }).state).toBe('WAITING_PRG');
  expect(rig.hazards()).toEqual([]);
  rig.checkReplay();
});

test('an invalidation that no device completes stops the queue', () => {
  const rig = new Rig({ fn: { ats: { ...FUNCTION.ats!, respondsToInvalidation: false } } });
  rig.guestMap(IOVA, DATA);
  rig.dma({ iova: IOVA });
  rig.guestUnmap(IOVA);
  rig.invalidate(IOVA, 1n);
  rig.run('HardwareAdvance', { ticks: 99 });
  expect(rig.iommu.queueError).toBeNull();
  rig.run('HardwareAdvance', { ticks: 1 });
  expect(rig.iommu.queueError).toMatchObject({ kind: 'ITE' });
  expect(rig.invalidate(IOVA, 1n).errno).toBe('EIO');
  rig.guestMap(IOVA, DATA + PAGE);
  expect(rig.hazards()).toEqual(Array(2).fill('ATC_INVALIDATION_TIMED_OUT'));
  rig.run('QueueErrorClear', { iommuNo: 0 });
  expect(rig.invalidate(IOVA, 1n).errno).toBe(0);
  rig.checkReplay();
});

test('memory mapped anew by the kernel while a device may have the old: a second record', () => {
  const rig = new Rig({ fn: { ats: { ...FUNCTION.ats!, respondsToInvalidation: false } } });
  rig.ioasMap(0x10_0000n, PAGE);
  rig.guestMap(IOVA, 0x10_0000n);
  rig.dma({ iova: IOVA });
  rig.ioasUnmap(0x10_0000n, PAGE);
  rig.ioasMap(0x10_0000n, PAGE);
  expect(rig.hazards()).toEqual([]);
  rig.ioasUnmap(0x10_0000n, PAGE);
  rig.run('HardwareAdvance', { ticks: 100 });
  const timedOut = rig.hazards().length;
  expect(new Set(rig.hazards())).toEqual(new Set(['ATC_INVALIDATION_TIMED_OUT']));
  rig.ioasMap(0x10_0000n, PAGE);
  const again = rig.state.hazards.slice(timedOut);
  expect(again.length).toBeGreaterThan(0);
  for (const { detail } of again) expect(detail).toMatch(/memory is mapped anew$/);
  expect(rig.planted('ATC_INVALIDATION_TIMED_OUT').at(-1)).toBe('InvalidationRequested');
  rig.run('DeviceReset', { bdf: BDF });
  const before = rig.hazards().length;
  rig.ioasMap(0x10_1000n, PAGE);
  expect(rig.hazards()).toHaveLength(before);
  rig.checkReplay();
});

test('credits: four outstanding, six wait; each answer releases one', () => {
  const rig = new Rig({ fn: { priCapacity: 4 } });
  const ops = Array.from({ length: 10 }, (_, i) =>
    op({ op: 'READ', iova: IOVA + BigInt(i) * PAGE, length: PAGE }),
  );
  rig.load(ops, { maxOutstanding: 16 });
  expect(rig.runProgram().state).toBe('WAITING');
  const states = () => [...rig.device.hardware.dmas.values()].map(({ state }) => state);
  expect(states()).toEqual([...Array(4).fill('WAITING_PRG'), ...Array(6).fill('NO_CREDIT')]);
  rig.guestMap(IOVA, DATA, 10n * PAGE);
  for (let answers = 1; answers <= 10; answers++) {
    rig.answer(rig.read()[0] ?? [...rig.cookies()][0]!, 0);
    expect(states()).toHaveLength(10 - answers);
  }
  expect(rig.device.hardware.program).toMatchObject({ state: 'DONE' });
  expect(rig.device.hardware.pri).toMatchObject({ used: 0, unexpectedIndex: false });
  expect(rig.hazards()).toEqual([]);
  rig.checkReplay();
});

test('stall: resume without a mapping stalls again, terminate ends, a second resume is stale', () => {
  const rig = new Rig({ iommu: { vendor: 'SMMUV3' }, fn: { stall: true, ats: null } });
  rig.dma({ iova: IOVA });
  rig.dma({ iova: IOVA + PAGE });
  const [zero, one] = rig.read();
  rig.answer(one!, 0);
  expect(rig.hazards()).toEqual(['SUCCESS_WITHOUT_MAPPING']);
  expect(rig.of('TransactionStalled').map(({ stag }) => stag)).toEqual([0, 1, 1]);
  rig.answer(zero!, 1);
  expect(rig.of('DmaAborted').map(({ reason }) => reason)).toEqual(['TERMINATED']);
  rig.run('StallResume', { bdf: BDF, stag: 0, retry: true });
  expect(rig.hazards().at(-1)).toBe('STALE_STAG_RESUMED');
  expect(rig.planted('STALE_STAG_RESUMED')).toEqual(['StallResumed']);
  rig.checkReplay();
});

test('a tag above 511 reaches the reader as its group index', () => {
  const rig = new Rig({ iommu: { vendor: 'SMMUV3' }, fn: { stall: true, ats: null } });
  const ops = [op({ op: 'READ', iova: IOVA, length: 8n }), op({ op: 'REPEAT', count: 513 })];
  rig.load(ops, { maxOutstanding: 1_000 });
  rig.runProgram(2_000);
  const { faults } = rig.run('FaultRead', {
    contextId: 1,
    faultId: rig.faultId,
    count: 40 * 514,
    reader: 'READ',
  });
  expect(faults.at(-1)!.grpid).toBe(513);
});

test('moving 1 MiB over large pages is one run, and costs one translation', () => {
  const rig = new Rig({ mapped: 1n << 22n });
  rig.run('GuestMap', {
    contextId: 1,
    hwptId: rig.hwptId,
    iova: IOVA,
    gpa: 0x20_0000n,
    length: 0x20_0000n,
    perm: 3,
    pageSize: 0x20_0000n,
    tablesGpa: 0x2000n,
    tablesLength: 0xe000n,
  });
  const { state } = rig.dma({ iova: IOVA, length: 1n << 20n, write: true, fill: 7 });
  expect(state).toBe('DONE');
  expect(rig.of('IotlbFilled')).toHaveLength(1);
  expect(rig.of('IotlbFilled')[0]!.translations).toHaveLength(1);
  expect(rig.of('DmaCompleted')[0]!.runs).toEqual([
    { contextId: 1, userVa: 0x1020_0000n, length: 1n << 20n },
  ]);
  rig.checkReplay();
});
