/** PASIDs: attach, replace and detach, page requests, close (device.c, iommu.c of Linux 7.3.4). */
import { describe, expect, test } from 'vitest';
import { usersOf } from '../../../../src/core/machine/lookup.ts';
import { DEVICES } from '../../../../src/sim/machine.ts';
import { MOCK_PASIDS, PCI_HWPTS, PCI_PASIDS } from '../../machine/setups.ts';
import { given, type Machine } from '../../machine/table.ts';

const KERNEL = { baseline: 'LINUX_7_3_4' } as const;
const FIRST_ATTACH = 'DomainAttached{pasid=5} AttachHandleStored{pasid=5} DeviceAttached{pasid=5}';
const LAST_DETACH = (pasid: number) =>
  `DomainDetached{pasid=${pasid}} AttachHandleErased AttachHandleFreed DeviceDetached{pasid=${pasid}}`;

function users({ state, names }: Machine, name: string): number {
  return usersOf(state.contexts.get(1)!.objects.get(names.get(name)!)!);
}

describe('attach', () => {
  test('refusals, in the order of the kernel', () => {
    given(DEVICES, PCI_PASIDS, KERNEL).run(`
      attach 99 99 pasid=5 -> ENOENT
      attach dev 99 pasid=5 -> ENOENT
      attach dev q pasid=5 -> EINVAL
      attach dev ioas pasid=5 -> EINVAL *     # an automatic hwpt is not for PASIDs
      attach dev plain pasid=5 -> EINVAL
      attach dev wide pasid=0x80000000 -> ENOSPC
      attach dev wide pasid=0x100000 -> EINVAL
      attach dev plain
      attach dev wide pasid=5 -> EINVAL       # beside a RID that is not on such a hwpt
      replace dev wide pasid=5 -> EINVAL      # nothing to replace
      detach dev
      attach dev wide pasid=5 -> 0 {outPtId=5} ${FIRST_ATTACH}
      attach dev plain -> EINVAL              # and the other way round
      attach dev ioas -> EINVAL *
      attach dev wide
      replace dev plain -> EINVAL
      replace dev ioas -> EINVAL *
      destroy wide -> EBUSY
    `);
  });

  test('up to 6.14 there are none', () => {
    given(DEVICES, PCI_HWPTS, { baseline: 'LINUX_6_14' }).run(`
      attach dev plain pasid=5 -> EINVAL
      attach dev plain
      replace dev nested pasid=5 -> EINVAL
      detach dev pasid=5 -> EINVAL
      m = mock ioas
      pasidAttach m 5 plain -> EOPNOTSUPP
      pasidCheck m 5 0 -> EOPNOTSUPP
    `);
  });

  test('a second attach of the PASID is a replace, of one hwpt by itself nothing', () => {
    const machine = given(DEVICES, PCI_PASIDS, KERNEL).run(`
      attach dev wide pasid=5
      attach dev wide pasid=5 -> 0 {outPtId=5}
      attach dev fault pasid=5 -> 0 {outPtId=7} IopfFeatureEnabled DriverIopfCounted
        .. DomainAttached{pasid=5} AttachHandleStored{pasid=5} AttachHandleFreed
        .. DeviceReplaced{pasid=5}
    `);
    expect([users(machine, 'wide'), users(machine, 'fault'), users(machine, 'dev')]).toEqual([
      1, 2, 3,
    ]);
  });

  test('each PASID is one of users of hwpt and device', () => {
    const machine = given(DEVICES, PCI_PASIDS, KERNEL).run(`
      attach dev wide
      attach dev wide pasid=1
      attach dev wide pasid=2
      attach dev fault pasid=3
    `);
    const counts = ['dev', 'wide', 'fault'].map(name => users(machine, name));
    expect(counts).toEqual([6, 4, 2]);
    machine.run(`
      detach dev pasid=9                      # not attached: success, and nothing happens
      detach dev pasid=1 -> 0 ${LAST_DETACH(1)}
      detach dev pasid=1
    `);
    expect(users(machine, 'wide')).toBe(3);
  });

  test('PASID 0 is the RID, which VFIO counts apart', () => {
    given(DEVICES, PCI_PASIDS, KERNEL).run(`
      attach dev wide
      attach dev wide pasid=0 -> EBUSY
      detach dev pasid=0                      # VFIO knows of none
      detach dev
      attach dev wide pasid=0 -> 0 {outPtId=5} DomainAttached AttachHandleStored
        .. DeviceAttached{pasid=0}
      attach dev wide -> EBUSY
      detach dev
      attach dev plain pasid=0 -> 0 {outPtId=4} DomainAttached AttachHandleStored AttachHandleFreed
        .. DeviceReplaced
      detach dev pasid=0 -> 0 DomainDetached AttachHandleErased AttachHandleFreed DeviceDetached
    `);
  });

  test('a group shares each PASID: a later member is only counted', () => {
    const machine = given([], MOCK_PASIDS, KERNEL).run(`
      pasidAttach one 5 wide -> 0 {ptId=5} ${FIRST_ATTACH}
      pasidAttach one 5 wide -> EBUSY
      pasidAttach m 5 wide2 -> EINVAL
      pasidReplace m 5 wide -> EINVAL         # it is not among those attached
      pasidAttach m 5 wide -> 0 {ptId=5} DeviceAttached{pasid=5}
      pasidCheck m 5 wide
      pasidCheck m 5 wide2 -> EINVAL
      pasidCheck m 5 ioas -> EINVAL
      pasidCheck m 5 99 -> ENOENT
      pasidCheck m 5 0 -> EINVAL
      pasidReplace m 5 wide2 -> 0 {ptId=6} DomainAttached{pasid=5} AttachHandleStored{pasid=5}
        .. AttachHandleFreed DeviceReplaced{pasid=5}
      pasidDetach one 5 -> 0 DeviceDetached{pasid=5}
      pasidDetach m 5 -> 0 ${LAST_DETACH(5)}
      pasidCheck m 5 0
      pasidCheck m 5 wide -> EINVAL
    `);
    expect(users(machine, 'wide2')).toBe(1);
  });

  test('a mock device without the flag has one PASID, the RID', () => {
    given([], '', KERNEL).run(`
      ioas = ioasAlloc
      m = mock ioas
      wide = hwptAlloc m.dev ioas flags=8
      mockReplace m wide
      pasidAttach m 1 wide -> EINVAL
      pasidDetach m 0 -> 0 DomainDetached AttachHandleErased AttachHandleFreed DeviceDetached
      pasidAttach m 0 wide
    `);
  });

  test('PASID 1024 of a mock device fails every second time, and the group goes back', () => {
    const machine = given([], MOCK_PASIDS, KERNEL).run(`
      pasidAttach one 1024 wide
      pasidAttach m 1024 wide
      pasidReplace one 1024 wide2 -> ENOMEM MockPasidErrorSwitched{armed=false}
      pasidReplace one 1024 wide2 -> ENOMEM MockPasidErrorSwitched{deviceNo=1,armed=true}
        .. MockPasidErrorSwitched{deviceNo=2,armed=false}
        .. MockPasidErrorSwitched{deviceNo=1,armed=false} HazardRecorded
    `);
    expect(machine.state.hazards).toMatchObject([{ name: 'PASID_NOT_TAKEN_BACK' }]);
    machine.run('pasidCheck m 1024 wide');
  });
});

describe('page requests of a PASID', () => {
  test('go to its own hwpt, else to the nested one of the RID, else nowhere', () => {
    given(DEVICES, PCI_PASIDS, KERNEL).run(`
      attach dev wide
      attach dev fault pasid=5
      send 0000:01:00.0 grpid=2 pasid=5 -> 0 {reportErrno=0} PageRequestReported
        .. IopfGroupQueued{faultId=6,deviceId=1}
      send 0000:01:00.0 grpid=3 pasid=6 -> 0 {reportErrno=EINVAL} PageRequestReported
        .. PageResponseSent{code=1}
      replace dev fault2
      send 0000:01:00.0 grpid=4 pasid=6 -> 0 {reportErrno=0} PageRequestReported
        .. IopfGroupQueued{faultId=8}
      attach dev wide pasid=6
      send 0000:01:00.0 grpid=5 pasid=6 -> 0 {reportErrno=EINVAL} PageRequestReported
        .. PageResponseSent{code=1}
    `);
  });

  test('of a PASID alone are answered INVALID when it is replaced or detached', () => {
    given(DEVICES, PCI_PASIDS, KERNEL).run(`
      attach dev fault
      attach dev fault pasid=5
      attach dev fault pasid=6
      send 0000:01:00.0 grpid=1 pasid=5
      send 0000:01:00.0 grpid=2 pasid=6
      send 0000:01:00.0 grpid=3
      send 0000:01:00.0 grpid=4 pasid=5
      attach dev fault2 pasid=5 -> 0 {outPtId=9} DriverIopfCounted DriverIopfCounted
        .. DomainAttached{pasid=5} AttachHandleStored{pasid=5}
        .. IopfGroupAutoResponded{iopfGroupId=4} PageResponseSent{grpid=4,code=1}
        .. IopfGroupAutoResponded{iopfGroupId=1} PageResponseSent{grpid=1,code=1}
        .. AttachHandleFreed DeviceReplaced{pasid=5}
      detach dev pasid=6 -> 0 DriverIopfCounted DomainDetached{pasid=6} AttachHandleErased
        .. IopfGroupAutoResponded{iopfGroupId=2} PageResponseSent{grpid=2,code=1}
        .. AttachHandleFreed DeviceDetached{pasid=6}
      poll q -> 0 {readable=true}
    `);
  });
});

test('close of the device file: PASIDs, the lowest first, then the RID', () => {
  given(DEVICES, PCI_PASIDS, KERNEL).run(`
    attach dev wide
    attach dev wide pasid=9
    attach dev wide pasid=2
    unbind dev -> 0 ${LAST_DETACH(2)} ${LAST_DETACH(9)}
      .. DomainDetached AttachHandleErased AttachHandleFreed DeviceDetached
      .. DeviceUnbound DmaOwnershipReleased
  `);
});

test('up to 6.15 iommufd enables IOPF for a PASID, on the asking device', () => {
  given(DEVICES, PCI_PASIDS, { baseline: 'LINUX_6_15' }).run(`
    attach dev fault pasid=5 -> 0 {outPtId=7} IopfFeatureEnabled IopfEnabled ${FIRST_ATTACH}
    attach dev fault pasid=6 -> 0 {outPtId=7} IopfEnabled DomainAttached{pasid=6}
      .. AttachHandleStored{pasid=6} DeviceAttached{pasid=6}
    detach dev pasid=5 -> 0 DomainDetached{pasid=5} AttachHandleErased IopfDisabled
      .. AttachHandleFreed DeviceDetached{pasid=5}
    detach dev pasid=6
  `);
});
