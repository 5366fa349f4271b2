/** Attach and detach (drivers/iommu/iommufd/device.c). */
import { describe, expect, test } from 'vitest';
import { DEVICES, pci } from '../../../../src/sim/machine.ts';
import { PCI_HWPTS, SHARED_GROUP } from '../../machine/setups.ts';
import { given } from '../../machine/table.ts';

const FIRST_ATTACH = 'AttachHandleStored DomainAttached DeviceAttached';

describe('attach', () => {
  test('refusals, in the order of the kernel', () => {
    given(DEVICES, PCI_HWPTS).run(`
      attach dev plain ctx=9 -> EBADF
      attach 99 99 -> ENOENT
      attach ioas 99 -> ENOENT
      attach dev 99 -> ENOENT
      attach dev dev -> EINVAL
      attach dev q -> EINVAL
      replace dev plain -> EINVAL           # not attached
      replace dev 99 -> ENOENT
    `);
  });

  test('to a paging, a nested and a fault-capable hwpt', () => {
    given(DEVICES, PCI_HWPTS).run(`
      attach dev plain -> 0 {outPtId=4} ${FIRST_ATTACH}
      detach dev -> 0 DomainDetached AttachHandleErased AttachHandleFreed DeviceDetached
      attach dev nested -> 0 {outPtId=7} ${FIRST_ATTACH}
      detach dev -> 0 DomainDetached AttachHandleErased AttachHandleFreed DeviceDetached
      attach dev fault -> 0 {outPtId=6} IopfFeatureEnabled IopfEnabled ${FIRST_ATTACH}
      detach dev -> 0 DomainDetached AttachHandleErased IopfDisabled
        .. IopfFeatureDisabled{droppedPartialRequests=0} AttachHandleFreed DeviceDetached
      detach dev                            # not attached: success, and nothing happens
    `);
  });

  test('a second attach of one device is a replace', () => {
    given(DEVICES, PCI_HWPTS).run(`
      attach dev plain
      attach dev nested -> 0 {outPtId=7} DomainAttached AttachHandleStored AttachHandleFreed
        .. DeviceReplaced
      attach dev nested -> 0 {outPtId=7}
    `);
  });

  test('a hwpt of another IOMMU driver', () => {
    given(DEVICES, PCI_HWPTS).run(`
      m = mock ioas
      foreign = hwptAlloc m.dev ioas flags=1
      attach dev foreign -> EINVAL AttachHandleStored AttachHandleErased AttachHandleFreed
      mock plain -> EINVAL ObjectReserved IommuGroupCreated MockDeviceAdded DmaOwnershipClaimed
        .. DeviceBound AttachHandleStored AttachHandleErased AttachHandleFreed DeviceUnbound
        .. DmaOwnershipReleased PhysicalDeviceRemoved IommuGroupRemoved ObjectAborted
    `);
  });

  test('a domain with dirty tracking and a device without', () => {
    given(DEVICES, PCI_HWPTS).run(`
      d = bind 0000:04:00.0
      dirty = hwptAlloc dev ioas flags=2
      attach d dirty -> EINVAL ReservedRegionsEnforced{swMsiStart=0x8000000} MsiCookieCreated
        .. AttachHandleStored AttachHandleErased AttachHandleFreed ReservedRegionsRemoved
      attach dev dirty
    `);
  });
});

describe('attach to a fault-capable hwpt that the device cannot use', () => {
  const UNBOUND = `
    dev = bind 0000:01:00.0
    ioas = ioasAlloc
    parent = hwptAlloc dev ioas flags=1
    q = faultQueueAlloc
    fault = hwptAlloc dev parent flags=4 data=vtd fault=q
  `;

  test('a virtual function is refused, before anything is stored', () => {
    const machine = given(DEVICES, UNBOUND).run(`
      vf = bind 0000:03:00.4
      attach vf fault -> EINVAL
    `);
    expect(machine.last.trace.at(-1)).toMatchObject({
      function: 'iommufd_fault_iopf_enable',
      returned: 'EINVAL',
    });
  });

  test('a function without PRI is refused by its driver, and its reservations are undone', () => {
    given(DEVICES, UNBOUND).run(`
      d = bind 0000:04:00.0
      attach d fault -> ENODEV ReservedRegionsEnforced MsiCookieCreated ReservedRegionsRemoved
      attach d parent -> 0 ReservedRegionsEnforced ${FIRST_ATTACH}
      replace d fault -> ENODEV ReservedRegionsRemoved
    `);
  });

  test('mock devices: a virtual function, and a driver that refuses', () => {
    given([], 'ioas = ioasAlloc').run(`
      m = mock ioas
      parent = hwptAlloc m.dev ioas flags=1
      q = faultQueueAlloc
      fault = hwptAlloc m.dev parent flags=4 data=mock fault=q
      vf = mock ioas flags=512
      no = mock ioas flags=1024
      mockReplace vf fault -> EINVAL
      mockReplace no fault -> ENODEV
      mockReplace m fault -> 0 IopfFeatureEnabled IopfEnabled DomainAttached AttachHandleStored
        .. AttachHandleFreed DeviceReplaced
    `);
  });

  test('a driver that refuses the domain after IOPF was enabled: everything is undone', () => {
    given(DEVICES, UNBOUND).run(`
      m = mock ioas
      foreign = hwptAlloc m.dev ioas flags=1
      faultForeign = hwptAlloc m.dev foreign flags=4 data=mock fault=q
      attach dev faultForeign -> EINVAL IopfFeatureEnabled IopfEnabled AttachHandleStored
        .. AttachHandleErased IopfDisabled IopfFeatureDisabled AttachHandleFreed
      attach dev parent
      replace dev faultForeign -> EINVAL IopfFeatureEnabled IopfEnabled IopfDisabled
        .. IopfFeatureDisabled
      send 0000:01:00.0 -> 0 {outcome=PRI_DISABLED}
      attach dev fault -> 0 IopfFeatureEnabled IopfEnabled DomainAttached AttachHandleStored
        .. AttachHandleFreed DeviceReplaced
    `);
  });
});

describe('IOMMU groups', () => {
  test('members share one hwpt; only the first attach and the last detach touch hardware', () => {
    given(DEVICES, SHARED_GROUP).run(`
      attach a plain -> 0 ReservedRegionsEnforced ${FIRST_ATTACH}
      attach b parent -> EINVAL                       # another hwpt
      attach b fault -> EINVAL
      attach b plain -> 0 ReservedRegionsEnforced DeviceAttached
      detach a -> 0 DeviceDetached ReservedRegionsRemoved
      attach a parent -> EINVAL
      detach b -> 0 DomainDetached AttachHandleErased AttachHandleFreed DeviceDetached
        .. ReservedRegionsRemoved
      attach a parent -> 0 ReservedRegionsEnforced ${FIRST_ATTACH}
    `);
  });

  test('a bound member that is not attached cannot ask for a replace', () => {
    given(DEVICES, SHARED_GROUP).run(`
      attach a plain
      replace b parent -> EINVAL
      replace b plain -> EINVAL
    `);
  });

  test('one member refuses: the whole group does not attach', () => {
    given(DEVICES, SHARED_GROUP).run(`
      dirty = hwptAlloc a ioas flags=2
      attach a dirty -> EINVAL ReservedRegionsEnforced AttachHandleStored AttachHandleErased
        .. AttachHandleFreed ReservedRegionsRemoved
    `);
  });

  test('only the first member is asked whether it is a virtual function', () => {
    given(
      [
        pci('0000:01:00.0'),
        pci('0000:01:00.1', { groupWith: '0000:01:00.0', physfn: '0000:01:00.0' }),
      ],
      `
      pf = bind 0000:01:00.0
      vf = bind 0000:01:00.1
      ioas = ioasAlloc
      parent = hwptAlloc pf ioas flags=1
      q = faultQueueAlloc
      fault = hwptAlloc pf parent flags=4 data=vtd fault=q
      fault2 = hwptAlloc pf parent flags=4 data=vtd fault=q
      attach vf fault -> EINVAL
      attach pf fault
      attach vf fault -> 0 DeviceAttached
      replace vf fault2 -> 0 DomainAttached AttachHandleStored AttachHandleFreed DeviceReplaced
    `,
    );
  });
});
