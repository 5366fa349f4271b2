/** DMAs with a PASID go through what that is attached to (Linux 6.15 on), and through no cache after it. */
import { expect, test } from 'vitest';
import { PAGE, Rig, ROOT, USER_VA } from '../rig.ts';

const IOVA = 0x4000_0000n;
const OTHER = USER_VA + 0x8_0000n;
const PASID = 5;

/** The RID is on a paging hwpt of the rig's IOAS, the PASID on one of another IOAS. */
function withPasid() {
  const rig = new Rig({ baseline: 'LINUX_7_3_4' });
  const contextId = 1;
  const { devId } = rig;
  const other = rig.run('IoasAlloc', { contextId, flags: 0 }).outIoasId;
  rig.run('IoasMap', {
    contextId,
    ioasId: other,
    flags: 7,
    userVa: OTHER,
    iova: IOVA,
    length: 2n * PAGE,
  });
  const wide = (ptId: number) =>
    rig.run('HwptAlloc', {
      contextId,
      devId,
      ptId,
      flags: 8,
      dataType: 0,
      dataLen: 0,
      userData: null,
      faultId: 0,
    }).outHwptId;
  const [ridHwpt, pasidHwpt] = [wide(rig.ioasId), wide(other)];
  rig.run('DeviceReplace', { contextId, devId, ptId: ridHwpt });
  rig.run('DeviceAttach', { contextId, devId, ptId: pasidHwpt, pasid: PASID });
  return { rig, ridHwpt, pasidHwpt, other };
}

/** Where the last DMA that is done went to. */
const target = (rig: Rig) => rig.of('DmaCompleted').at(-1)!.runs[0]!.userVa;
const cached = (rig: Rig) => [...rig.device.hardware.atc, ...rig.iommu.iotlb].map(({ tag }) => tag);

test('the RID and each PASID have translations of their own', () => {
  const { rig } = withPasid();
  rig.dma({ iova: 0x1000n, write: true, fill: 1 });
  expect(target(rig)).toBe(USER_VA + 0x1000n);
  rig.dma({ iova: IOVA + PAGE, pasid: PASID, write: true, fill: 1 });
  expect(target(rig)).toBe(OTHER + PAGE);
  rig.dma({ iova: 0x1000n, pasid: PASID });
  rig.dma({ iova: IOVA });
  rig.dma({ iova: 0x1000n, pasid: 6 });
  expect(rig.of('DmaAborted').map(({ reason }) => reason)).toEqual(['NO_PRI', 'NO_PRI', 'REFUSED']);
  rig.checkReplay();
});

test('what is cached of a PASID goes with its replace and its detach, and nothing else', () => {
  const { rig, ridHwpt } = withPasid();
  const { devId } = rig;
  rig.dma({ iova: 0x1000n });
  rig.dma({ iova: IOVA, pasid: PASID });
  const before = cached(rig);
  expect(before.length).toBe(4);
  rig.run('DeviceAttach', { contextId: 1, devId, ptId: ridHwpt, pasid: PASID });
  expect(cached(rig).length).toBe(2);
  rig.dma({ iova: 0x2000n, pasid: PASID });
  expect(target(rig)).toBe(USER_VA + 0x2000n);
  rig.run('DeviceDetach', { contextId: 1, devId, pasid: PASID });
  expect(cached(rig).length).toBe(2);
  rig.dma({ iova: 0x2000n, pasid: PASID });
  expect(rig.of('DmaAborted').at(-1)).toMatchObject({ reason: 'REFUSED' });
  expect(rig.hazards()).toEqual([]);
  rig.checkReplay();
});

test('an unmap reaches what is cached of a PASID', () => {
  const { rig, other } = withPasid();
  rig.dma({ iova: IOVA, pasid: PASID });
  rig.run('IoasUnmap', { contextId: 1, ioasId: other, iova: IOVA, length: 2n * PAGE });
  expect(cached(rig)).toEqual([]);
  rig.dma({ iova: IOVA, pasid: PASID });
  expect(rig.of('DmaAborted').at(-1)).toMatchObject({ reason: 'NO_PRI' });
  rig.checkReplay();
});

test('a PASID on a fault-capable hwpt faults while the RID cannot, and its DMA goes on', () => {
  const { rig } = withPasid();
  const contextId = 1;
  const { devId, faultId } = rig;
  const nested = rig.run('HwptAlloc', {
    contextId,
    devId,
    ptId: rig.parentId,
    flags: 12,
    dataType: 1,
    dataLen: 24,
    userData: { kind: 'VTD_S1', flags: 0n, pgtblAddr: ROOT, addrWidth: 48 },
    faultId,
  }).outHwptId;
  rig.run('DeviceAttach', { contextId, devId, ptId: nested, pasid: PASID });
  rig.dma({ iova: IOVA, pasid: PASID, write: true, fill: 7 });
  const [cookie] = rig.read();
  expect(rig.of('IopfGroupRead')).toHaveLength(1);
  rig.guestMap(IOVA, 0x2_0000n);
  rig.answer(cookie!, 0);
  expect(target(rig)).toBe(USER_VA + 0x2_0000n);
  rig.dma({ iova: IOVA + PAGE, pasid: PASID });
  rig.run('DeviceDetach', { contextId, devId, pasid: PASID });
  expect(rig.of('IopfGroupAutoResponded')).toHaveLength(1);
  expect(rig.of('DmaAborted')).toMatchObject([{ reason: 'INVALID_REQUEST' }]);
  expect(rig.hazards()).toEqual([]);
  rig.checkReplay();
});

test('a function has as many PASIDs as it says, one that has none is not asked', () => {
  const attach = (pasidWidth: number, pasid: number) => {
    const rig = new Rig({ baseline: 'LINUX_7_3_4', fn: { pasidWidth } });
    const { devId } = rig;
    const { outMaxPasidLog2 } = rig.run('GetHwInfo', { contextId: 1, devId, flags: 0, dataLen: 0 });
    const wide = rig.run('HwptAlloc', {
      contextId: 1,
      devId,
      ptId: rig.ioasId,
      flags: 8,
      dataType: 0,
      dataLen: 0,
      userData: null,
      faultId: 0,
    }).outHwptId;
    rig.run('DeviceReplace', { contextId: 1, devId, ptId: wide });
    const attached = rig.try({ type: 'DeviceAttach', contextId: 1, devId, ptId: wide, pasid });
    const called = attached.trace.some(step => step.function === 'ops->set_dev_pasid');
    return [outMaxPasidLog2, attached.errno, called];
  };
  expect(attach(4, 15)).toEqual([4, 0, true]);
  expect(attach(4, 16)).toEqual([4, 'EINVAL', false]);
  expect(attach(0, 16)).toEqual([0, 0, false]);
});
