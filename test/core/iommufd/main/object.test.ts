/** Ids, DESTROY, and what goes when files are closed (drivers/iommu/iommufd/main.c). */
import { describe, expect, test } from 'vitest';
import { DEVICES } from '../../../../src/sim/machine.ts';
import { MOCK, PCI_FAULTING, PCI_HWPTS } from '../../machine/setups.ts';
import { given } from '../../machine/table.ts';

describe('DESTROY', () => {
  test('refuses what is absent or in use, and makes no event', () => {
    given(DEVICES, PCI_FAULTING).run(`
      destroy 99 -> ENOENT
      destroy 0 -> ENOENT
      destroy 1 ctx=2 -> EBADF
      destroy dev -> EBUSY         # the driver holds it
      destroy ioas -> EBUSY        # two paging hwpts hold it
      destroy parent -> EBUSY      # two nested hwpts hold it
      destroy fault -> EBUSY       # attached
      destroy q -> EBUSY           # its file and a hwpt hold it
      closeFault q
      destroy q -> EBUSY           # the hwpt still does
      destroy plain -> 0 DomainRemoved{ioasId=2} ObjectDestroyed{objectType=HWPT_PAGING}
      destroy plain -> ENOENT
    `);
  });

  test('an object goes once nobody holds it, from the leaves up', () => {
    given(DEVICES, PCI_FAULTING).run(`
      detach dev
      destroy fault -> 0 ObjectDestroyed{objectType=HWPT_NESTED}
      destroy q -> EBUSY
      closeFault q
      destroy q -> 0 ObjectDestroyed{objectType=FAULT}
      destroy parent -> EBUSY
      destroy nested
      destroy parent -> 0 DomainRemoved ObjectDestroyed{objectType=HWPT_PAGING}
      destroy ioas -> EBUSY
      destroy plain
      destroy ioas -> 0 ObjectDestroyed{objectType=IOAS}
      destroy dev -> EBUSY
      unbind dev -> 0 DeviceUnbound DmaOwnershipReleased
      destroy dev -> ENOENT
    `);
  });

  test('an automatic hwpt is busy all its life, and goes with its last device', () => {
    given(
      [],
      `
      ioas = ioasAlloc
      m = mock ioas
      destroy m.hwpt -> EBUSY
      destroy m.dev -> EBUSY
      destroy m -> 0 ObjectDestroyed{objectType=SELFTEST} DomainDetached AttachHandleErased
        .. AttachHandleFreed DeviceDetached DomainRemoved ObjectDestroyed{objectType=HWPT_PAGING}
        .. DeviceUnbound DmaOwnershipReleased PhysicalDeviceRemoved IommuGroupRemoved
      destroy m.hwpt -> ENOENT
      destroy ioas
    `,
    );
  });

  test('a mock device with faults pending is answered before it goes', () => {
    given([], MOCK).run(`
      mockReplace m fault
      trigger m.dev grpid=3
      destroy m -> 0 ObjectDestroyed DomainDetached AttachHandleErased
        .. IopfGroupAutoResponded{cookie=null} PageResponseSent{code=1,grpid=3} IopfDisabled
        .. IopfFeatureDisabled AttachHandleFreed DeviceDetached DeviceUnbound DmaOwnershipReleased
        .. PhysicalDeviceRemoved IommuGroupRemoved
    `);
  });

  test('a freed id is the next one given, lowest first', () => {
    given(
      [],
      `
      ioasAlloc -> 0 {outIoasId=1} IoasAllocated
      ioasAlloc -> 0 {outIoasId=2} IoasAllocated
      ioasAlloc -> 0 {outIoasId=3} IoasAllocated
      destroy 2
      destroy 1
      ioasAlloc -> 0 {outIoasId=1} IoasAllocated
      ioasAlloc -> 0 {outIoasId=2} IoasAllocated
      ioasAlloc -> 0 {outIoasId=4} IoasAllocated
    `,
    );
  });
});

describe('closing a context', () => {
  test('a closed context takes no ioctl and cannot be closed twice', () => {
    given([], 'open').run(`
      close -> 0 {released=true} ContextFileClosed ContextReleased
      close -> EBADF
      ioasAlloc -> EBADF
      ioasAlloc ctx=2
      ioasAlloc ctx=3 -> EBADF
    `);
  });

  test('bound devices and open fault queue files keep it alive, and still answer', () => {
    given(DEVICES, PCI_FAULTING).run(`
      close -> 0 {released=false} ContextFileClosed
      ioasAlloc -> EBADF
      destroy plain -> EBADF
      bind 0000:03:00.0 -> EBADF
      send 0000:01:00.0 grpid=1
      read q 40 -> 0 {bytes=40} IopfGroupRead
      write q to=1:0 -> 0 {bytes=8} PageResponseWritten PageResponseSent
      replace dev nested -> 0 {outPtId=7}
      replace dev fault
      unbind dev -> 0 {contextReleased=false}
      unbind dev -> ENOENT
      closeFault q -> 0 {contextReleased=true}
      closeFault q -> EBADF
      unbind dev -> EBADF
    `);
  });

  test('the device may be the last holder', () => {
    const machine = given(DEVICES, PCI_FAULTING).run(`
      close
      closeFault q -> 0 {contextReleased=false} FaultFileClosed
      unbind dev -> 0 {contextReleased=true}
    `);
    expect(machine.state.contexts.size).toBe(0);
    expect(machine.state.attachHandles.size).toBe(0);
  });

  test('the release walks ids upwards, again and again, until nothing is left', () => {
    const machine = given(DEVICES, PCI_HWPTS).run(`
      unbind dev
      closeFault q
      close
    `);
    const destroyed = machine.last.events.flatMap(event =>
      event.type === 'ObjectDestroyed' ? [event.id] : [],
    );
    // ioas 2, parent 3, plain 4, q 5, fault 6, nested 7: first 4, 6, 7; then 3, 5; then 2.
    expect(destroyed).toEqual([4, 6, 7, 3, 5, 2]);
  });

  test('mock devices inside go with it, and pending faults are answered', () => {
    const machine = given([], MOCK).run(`
      mockReplace m fault
      trigger m.dev grpid=1
      read q 40
      trigger m.dev grpid=2
      closeFault q
      close -> 0 {released=true}
    `);
    const answers = machine.last.events.flatMap(event =>
      event.type === 'PageResponseSent' ? [[event.grpid, event.code]] : [],
    );
    expect(answers).toEqual([
      [2, 1],
      [1, 1],
    ]);
    expect(machine.state.physicalDevices.size).toBe(0);
    expect(machine.state.hazards.map(({ name }) => name)).toEqual(['FAULT_FILE_CLOSED']);
  });
});
