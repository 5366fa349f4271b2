/** What attach and replace do to an IOAS: reserved regions, software MSI, automatic hwpts. */
import { describe, expect, test } from 'vitest';
import { DEVICES } from '../../../../src/sim/machine.ts';
import { PCI_HWPTS, SHARED_GROUP } from '../../machine/setups.ts';
import { given, type Machine } from '../../machine/table.ts';

const FIRST_ATTACH = 'AttachHandleStored DomainAttached DeviceAttached';

function reservedBy(machine: Machine, ioas: string): string[] {
  const object = machine.state.contexts.get(1)!.objects.get(machine.names.get(ioas)!)!;
  if (object.type !== 'IOAS') throw new Error(`${ioas} is no IOAS`);
  return [...object.reserved.keys()].filter(owner => owner.startsWith('device')).sort();
}

describe('reserved regions', () => {
  test('are enforced in the IOAS of the paging hwpt, RELAXABLE ones left out', () => {
    const machine = given(DEVICES, SHARED_GROUP).run('attach a fault');
    expect(reservedBy(machine, 'ioas')).toEqual(['device:1']);
    const event = machine.last.events.find(({ type }) => type === 'ReservedRegionsEnforced');
    expect(event).toMatchObject({ reserved: [{ start: 0xfee0_0000n, last: 0xfeef_ffffn }] });
    machine.run('attach b fault');
    expect(reservedBy(machine, 'ioas')).toEqual(['device:1', 'device:2']);
    machine.run('detach a');
    expect(reservedBy(machine, 'ioas')).toEqual(['device:2']);
  });

  test('a replace to another IOAS moves those of every attached member', () => {
    const machine = given(DEVICES, SHARED_GROUP).run(
      `
      attach a plain
      attach b plain
      other = ioasAlloc
      there = hwptAlloc a other
      replace b there -> 0 ReservedRegionsEnforced{deviceId=1,ioasId=10}
        .. ReservedRegionsEnforced{deviceId=2} DomainAttached AttachHandleStored AttachHandleFreed
        .. ReservedRegionsRemoved{deviceId=1,ioasId=3} ReservedRegionsRemoved{deviceId=2}
        .. DeviceReplaced
    `,
    );
    expect(reservedBy(machine, 'ioas')).toEqual([]);
    expect(reservedBy(machine, 'other')).toEqual(['device:1', 'device:2']);
  });

  test('a replace within one IOAS moves none', () => {
    const machine = given(DEVICES, SHARED_GROUP).run(`
      attach a plain
      replace a parent -> 0 DomainAttached AttachHandleStored AttachHandleFreed DeviceReplaced
    `);
    expect(reservedBy(machine, 'ioas')).toEqual(['device:1']);
  });

  test('a refused replace to another IOAS leaves none there and keeps those here', () => {
    const machine = given(DEVICES, SHARED_GROUP).run(`
      attach a plain
      attach b plain
      other = ioasAlloc
      dirty = hwptAlloc a other flags=2
      replace b dirty -> EINVAL ReservedRegionsEnforced ReservedRegionsEnforced
        .. ReservedRegionsRemoved ReservedRegionsRemoved
    `);
    expect(reservedBy(machine, 'ioas')).toEqual(['device:1', 'device:2']);
    expect(reservedBy(machine, 'other')).toEqual([]);
  });

  test('a refused replace within one IOAS drops those that must stay, as the kernel does', () => {
    const machine = given(DEVICES, SHARED_GROUP).run(`
      attach a plain
      attach b plain
      dirty = hwptAlloc a ioas flags=2
      replace b dirty -> EINVAL ReservedRegionsRemoved ReservedRegionsRemoved
    `);
    expect(reservedBy(machine, 'ioas')).toEqual([]);
    machine.run('detach a -> 0 DeviceDetached');
  });
});

describe('software MSI', () => {
  const SETUP = `
    d = bind 0000:04:00.0
    ioas = ioasAlloc
    hwpt = hwptAlloc d ioas
  `;

  test('the first attach makes a cookie on the paging hwpt, once', () => {
    given(DEVICES, SETUP).run(`
      attach d hwpt -> 0 ReservedRegionsEnforced{swMsiStart=0x8000000}
        .. MsiCookieCreated{swMsiStart=0x8000000} ${FIRST_ATTACH}
      other = hwptAlloc d ioas
      replace d other -> 0 MsiCookieCreated{hwptId=4} DomainAttached AttachHandleStored
        .. AttachHandleFreed DeviceReplaced
      replace d hwpt -> 0 DomainAttached AttachHandleStored AttachHandleFreed DeviceReplaced
    `);
  });

  test('the group remembers its window until nobody owns it; replace teaches it none', () => {
    const machine = given(DEVICES, SETUP).run(`
      attach d hwpt
      other = ioasAlloc
      there = hwptAlloc d other
      replace d there -> 0 ReservedRegionsEnforced{swMsiStart=null} MsiCookieCreated DomainAttached
        .. AttachHandleStored AttachHandleFreed ReservedRegionsRemoved DeviceReplaced
      detach d
    `);
    expect(machine.state.iommuGroups.get(5)!.swMsiStart).toBe(0x800_0000n);
    machine.run('unbind d');
    expect(machine.state.iommuGroups.get(5)!.swMsiStart).toBeNull();
  });

  test('a device with a software and a hardware window is refused with a warning', () => {
    given(DEVICES, 'd = bind 0000:08:00.0').run(`
      ioas = ioasAlloc
      hwpt = hwptAlloc d ioas
      attach d hwpt -> EINVAL
        .. HazardRecorded{name=MSI_WINDOWS,function=iopt_table_enforce_dev_resv_regions}
        .. ReservedRegionsEnforced
    `);
  });
});

describe('automatic hwpts', () => {
  test('one is made for the first device and shared by those that can use it', () => {
    given(DEVICES, PCI_HWPTS).run(
      `
      attach dev ioas -> 0 {outPtId=8} HwptPagingAllocated{auto=true} ${FIRST_ATTACH} DomainAdded
      d = bind 0000:03:00.0
      attach d ioas -> 0 {outPtId=8} ${FIRST_ATTACH}
      attach d ioas -> 0 {outPtId=8}                      # the same hwpt: nothing happens
      replace dev plain -> 0 DomainAttached AttachHandleStored AttachHandleFreed DeviceReplaced
      replace d plain -> 0 DomainAttached AttachHandleStored AttachHandleFreed DeviceReplaced
        .. DomainRemoved ObjectDestroyed{id=8}
      detach d
      attach d ioas -> 0 {outPtId=8} HwptPagingAllocated ${FIRST_ATTACH} DomainAdded
    `,
    );
  });

  test('an explicit attach may name one, a nested hwpt may not', () => {
    given(DEVICES, PCI_HWPTS).run(`
      attach dev ioas
      d = bind 0000:03:00.0
      attach d 8 -> 0 {outPtId=8} ${FIRST_ATTACH}
      hwptAlloc dev 8 data=vtd -> EINVAL
      detach dev -> 0 DomainDetached AttachHandleErased AttachHandleFreed DeviceDetached
      detach d -> 0 DomainDetached AttachHandleErased AttachHandleFreed DeviceDetached DomainRemoved
        .. ObjectDestroyed{id=8}
    `);
  });

  test('one that answers EINVAL is passed over: mock and PCI devices never share', () => {
    given(DEVICES, PCI_HWPTS).run(`
      m = mock ioas
      attach dev ioas -> 0 AttachHandleStored AttachHandleErased AttachHandleFreed
        .. HwptPagingAllocated ${FIRST_ATTACH} DomainAdded
    `);
  });

  test('a device without dirty tracking shares with one that has it', () => {
    given([], 'ioas = ioasAlloc').run(`
      a = mock ioas
      b = mock ioas flags=1 -> 0 {outHwptId=4}
    `);
  });

  test('a group on another hwpt tries all, makes one more, and takes it back', () => {
    given(DEVICES, SHARED_GROUP).run(`
      attach a plain
      attach b ioas -> EINVAL HwptPagingAllocated{auto=true} ObjectAborted
    `);
  });

  test('replace by IOAS id makes one and takes it back when the replace is refused', () => {
    given(DEVICES, PCI_HWPTS).run(`
      replace dev ioas -> EINVAL HwptPagingAllocated DomainAdded DomainRemoved ObjectAborted
      attach dev nested
      replace dev ioas -> 0 {outPtId=8} HwptPagingAllocated DomainAdded DomainAttached
        .. AttachHandleStored AttachHandleFreed DeviceReplaced
      other = ioasAlloc
      replace dev other -> 0 {outPtId=10} HwptPagingAllocated DomainAdded DomainAttached
        .. AttachHandleStored AttachHandleFreed DeviceReplaced DomainRemoved ObjectDestroyed{id=8}
    `);
  });

  test('one that answers EINVAL costs the reservations, also when the replace succeeds', () => {
    const machine = given(DEVICES, SHARED_GROUP).run(`
      m = mock ioas
      attach a plain
      replace a ioas -> 0 ReservedRegionsRemoved{deviceId=1} HwptPagingAllocated DomainAdded
        .. DomainAttached AttachHandleStored AttachHandleFreed DeviceReplaced
    `);
    expect(reservedBy(machine, 'ioas')).toEqual([]);
  });
});
