/** Binding, DMA ownership, and the PCI functions behind it. */
import { describe, expect, test } from 'vitest';
import { execute } from '../../../../src/core/machine/execute.ts';
import { initialState } from '../../../../src/core/machine/state.ts';
import { DEVICES, pci } from '../../../../src/sim/machine.ts';
import { given } from '../../machine/table.ts';

describe('VFIO_DEVICE_BIND_IOMMUFD', () => {
  test('refusals, in the order of the kernel', () => {
    const both = pci('0000:09:00.0', { dmaCoherent: false, msiIsolated: false });
    given([...DEVICES, both], 'open').run(`
      bind 0000:ff:00.0 ctx=9 -> EBADF
      bind 0000:ff:00.0 -> ENODEV
      bind 0000:01:00.0
      bind 0000:01:00.0 -> EINVAL            # bound already
      bind 0000:01:00.0 ctx=2 -> EINVAL      # also for another context
      bind 0000:09:00.0 -> EINVAL            # not coherent comes before MSI
      bind 0000:05:00.0 -> EINVAL            # DMA not coherent
      bind 0000:06:00.0 -> EPERM             # MSI not isolated
      bind 0000:02:00.0
      bind 0000:02:00.1 ctx=2 -> EPERM       # the group belongs to context 1
      bind 0000:07:00.0 -> EINVAL            # a DIRECT region must stay mapped
    `);
  });

  test('a member with a DIRECT region keeps its whole group from being bound', () => {
    const direct = {
      type: 'DIRECT',
      start: 0x1000n,
      last: 0x1fffn,
    } as const;
    const group = [
      pci('0000:01:00.0'),
      pci('0000:01:00.1', { groupWith: '0000:01:00.0', reservedRegions: [direct] }),
    ];
    given(group, 'bind 0000:01:00.0 -> EINVAL');
  });

  test('the first of a group claims DMA, the last gives it back', () => {
    const machine = given(DEVICES, 'open').run(`
      a = bind 0000:02:00.0 -> 0 {outDevId=1} DmaOwnershipClaimed{iommuGroupId=2}
        .. DeviceBound{bindNo=1,holdsFile=true}
      b = bind 0000:02:00.1 -> 0 {outDevId=2} DeviceBound{bindNo=2}
      unbind a -> 0 {contextReleased=false} DeviceUnbound
      bind 0000:02:00.0 ctx=2 -> EPERM
    `);
    expect(machine.state.iommuGroups.get(2)!.domain).toEqual({ kind: 'BLOCKING' });
    machine.run(`
      unbind b -> 0 DeviceUnbound DmaOwnershipReleased{iommuGroupId=2}
      unbind b -> ENOENT
      bind 0000:02:00.0 ctx=2 -> 0 DmaOwnershipClaimed{contextId=2} DeviceBound{bindNo=3}
    `);
    expect(machine.state.iommuGroups.get(2)!.domain).toEqual({ kind: 'BLOCKING' });
  });

  test('a bound device without a hwpt translates nothing and sends no page requests', () => {
    given(DEVICES, 'bind 0000:01:00.0').run(`
      send 0000:01:00.0 grpid=1 -> 0 {outcome=PRI_DISABLED,reportErrno=null,iopfGroupId=null}
    `);
  });

  test('a mock device is not a VFIO device', () => {
    given([], 'ioas = ioasAlloc').run(`
      m = mock ioas
      attach m.dev ioas -> EINVAL
      replace m.dev ioas -> EINVAL
      detach m.dev -> EINVAL
      unbind m.dev -> EINVAL
      detach ioas -> ENOENT
      unbind m -> ENOENT
      mockReplace m.dev ioas -> ENOENT
      mockReplace 99 ioas -> ENOENT
    `);
  });
});

describe('the self-test device', () => {
  test('a refused one leaves nothing', () => {
    const machine = given(DEVICES, 'open').run(`
      ioas = ioasAlloc
      mock ioas flags=4 -> EINVAL
      mock ioas flags=2048 -> EINVAL
      mock 99 -> ENOENT ObjectReserved IommuGroupCreated MockDeviceAdded DmaOwnershipClaimed
        .. DeviceBound DeviceUnbound DmaOwnershipReleased PhysicalDeviceRemoved IommuGroupRemoved
        .. ObjectAborted
      m = mock ioas -> 0 {outStdevId=2,outIdevId=3,outHwptId=4}
      ioas2 = ioasAlloc ctx=2
      mock ioas2 flags=256 ctx=2 -> EPERM ObjectReserved MockDeviceAdded PhysicalDeviceRemoved
        .. ObjectAborted
    `);
    expect(machine.state.contexts.get(1)!.objects.size).toBe(4);
    expect(machine.state.physicalDevices.size).toBe(DEVICES.length + 1);
  });

  test('device numbers are the lowest free, and a shared group goes by the newest device', () => {
    given([], 'ioas = ioasAlloc').run(`
      a = mock ioas
      b = mock ioas flags=256
      c = mock ioas
      destroy b
      mock ioas flags=256 -> 0 ObjectReserved MockDeviceAdded{mockDev=1,iommuGroupId=2} DeviceBound
        .. DeviceAttached SelftestDeviceFinalized
    `);
  });
});

describe('PCI topology', () => {
  test('adding, in the order of the checks', () => {
    given(DEVICES, '').run(`
      addDevice 0000:01:00.0 groupWith=0000:ff:00.0 -> EEXIST
      addDevice 0000:0a:00.0 groupWith=0000:ff:00.0 physfn=0000:03:00.4 -> ENODEV
      addDevice 0000:0a:00.0 physfn=0000:ff:00.0 -> ENODEV
      addDevice 0000:0a:00.0 physfn=0000:03:00.4 -> EINVAL      # a VF has no VFs
      addDevice 0000:0a:00.0 physfn=0000:03:00.0 -> 0 IommuGroupCreated PciDeviceAdded{deviceNo=13}
      addDevice 0000:0a:00.1 groupWith=0000:0a:00.0 -> 0 {deviceNo=14,iommuGroupId=10}
        .. PciDeviceAdded
    `);
  });

  test('a reserved region that ends before it starts', () => {
    const machine = given([], '');
    const region = { type: 'RESERVED', start: 2n, last: 1n } as const;
    const device = pci('0000:01:00.0', { reservedRegions: [region] });
    expect(execute(machine.state, { type: 'PciDeviceAdd', device }).errno).toBe('EINVAL');
    expect(machine.state.physicalDevices.size).toBe(0);
  });

  test('removing', () => {
    given(DEVICES, '').run(`
      removeDevice 0000:ff:00.0 -> ENODEV
      removeDevice 0000:03:00.0 -> EBUSY           # it has a virtual function
      dev = bind 0000:01:00.0
      removeDevice 0000:01:00.0 -> EBUSY           # bound
      unbind dev
      removeDevice 0000:01:00.0 -> 0 PhysicalDeviceRemoved{deviceNo=1}
        .. IommuGroupRemoved{iommuGroupId=1}
      removeDevice 0000:01:00.0 -> ENODEV
      bind 0000:01:00.0 -> ENODEV
      removeDevice 0000:02:00.0 -> 0 PhysicalDeviceRemoved          # others are in the group
      removeDevice 0000:03:00.4
      removeDevice 0000:03:00.0
      addDevice 0000:01:00.0 -> 0 {deviceNo=13,iommuGroupId=10}      # no number comes again
    `);
  });

  test('a machine whose devices cannot be made is refused', () => {
    const outcome = execute(initialState(), {
      type: 'MachineCreate',
      baseline: 'LINUX_6_12_117',
      devices: [pci('0000:01:00.0'), pci('0000:01:00.0')],
    });
    expect(outcome.errno).toBe('EEXIST');
  });
});
