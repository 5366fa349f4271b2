/** Fault queues and their files (drivers/iommu/iommufd/fault.c). */
import { describe, expect, test } from 'vitest';
import type { ReplyOf } from '../../../../src/core/machine/command.ts';
import { execute } from '../../../../src/core/machine/execute.ts';
import { DEVICES } from '../../../../src/sim/machine.ts';
import { PCI_FAULTING } from '../../machine/setups.ts';
import { given } from '../../machine/table.ts';

const faulting = () => given(DEVICES, PCI_FAULTING);

describe('FAULT_QUEUE_ALLOC', () => {
  test('takes no flag', () => {
    given([], '').run(`
      faultQueueAlloc flags=1 ctx=9 -> EBADF
      faultQueueAlloc flags=1 -> EOPNOTSUPP
      q = faultQueueAlloc -> 0 {outFaultId=1} FaultQueueAllocated{faultId=1}
    `);
  });
});

describe('read', () => {
  test('each line breaks one rule and all that come after it', () => {
    faulting().run(`
      send 0000:01:00.0 grpid=1
      read q 39 ctx=9 -> EBADF
      read dev 39 -> EBADF
      read 99 39 -> EBADF
      read q 39 -> ESPIPE
      read q 41 -> ESPIPE
      read q 0x7fffffff -> ESPIPE    # the VFS cuts it to 0x7ffff000
      read q 0x7ffff000 -> ESPIPE
      read q 0 -> EINVAL             # the group does not fit
      read q 40 -> 0 {bytes=40} IopfGroupRead{cookie=1,iopfGroupId=1}
      read q 0 -> 0 {bytes=0}        # nothing waits
      closeFault q
      read q 40 -> EBADF
    `);
  });

  test('a group is read whole or not at all, and stays at the head until it fits', () => {
    faulting().run(`
      send 0000:01:00.0 grpid=1 more addr=0x1000
      send 0000:01:00.0 grpid=1 more addr=0x2000
      send 0000:01:00.0 grpid=1 addr=0x3000
      send 0000:01:00.0 grpid=2
      read q 80 -> EINVAL
      read q 40 -> EINVAL                # though the group behind it would fit
      read q 120 -> 0 {bytes=120} IopfGroupRead{iopfGroupId=1}
      send 0000:01:00.0 grpid=3 more
      send 0000:01:00.0 grpid=3
      read q 80 -> 0 {bytes=40} IopfGroupRead{iopfGroupId=2,cookie=2}
      read q 4000 -> 0 {bytes=80} IopfGroupRead{iopfGroupId=3,cookie=3}
    `);
  });

  test('one message for each request, in order of arrival, all with one cookie', () => {
    const machine = faulting().run(`
      send 0000:01:00.0 grpid=5 more addr=0x3000 perm=2
      send 0000:01:00.0 grpid=5 more addr=0x1000
      send 0000:01:00.0 grpid=5 addr=0x2000 pasid=9
      read q 400
    `);
    const { bytes, faults } = machine.last.reply as ReplyOf['FaultRead'];
    expect(bytes).toBe(120);
    const common = { devId: 1, grpid: 5, length: 0, cookie: 1, reserved: 0 };
    expect(faults).toEqual([
      { ...common, flags: 0, pasid: 0, perm: 2, addr: 0x3000n },
      { ...common, flags: 0, pasid: 0, perm: 1, addr: 0x1000n },
      // LAST_PAGE, PASID_VALID and the kernel's own flag that leaks into the message.
      { ...common, flags: 7, pasid: 9, perm: 1, addr: 0x2000n },
    ]);
  });

  test('a cookie is the lowest free number, given again once its group is answered', () => {
    faulting().run(`
      send 0000:01:00.0 grpid=1
      send 0000:01:00.0 grpid=2
      send 0000:01:00.0 grpid=3
      read q 120 -> 0 {bytes=120} IopfGroupRead{cookie=1} IopfGroupRead{cookie=2}
        .. IopfGroupRead{cookie=3}
      write q to=2:0,1:0
      send 0000:01:00.0 grpid=4
      send 0000:01:00.0 grpid=5
      send 0000:01:00.0 grpid=6
      read q 40 -> 0 {bytes=40} IopfGroupRead{cookie=1}
      read q 80 -> 0 {bytes=80} IopfGroupRead{cookie=2} IopfGroupRead{cookie=4}
    `);
  });

  test('a handler reads as a process does, and the group says who has it', () => {
    const machine = faulting().run('send 0000:01:00.0 grpid=1');
    execute(machine.state, {
      type: 'FaultRead',
      contextId: 1,
      faultId: machine.names.get('q')!,
      count: 40,
      reader: 'HANDLER',
    });
    const group = machine.state.iopfGroups.get(1)!;
    expect(group).toMatchObject({ cookie: 1, reader: 'HANDLER', readSeq: machine.state.seq });
  });
});

describe('write', () => {
  const read = () =>
    faulting().run(`
      send 0000:01:00.0 grpid=1
      send 0000:01:00.0 grpid=2
      send 0000:01:00.0 grpid=3
      read q 120
    `);

  test('each line breaks one rule and all that come after it', () => {
    read().run(`
      write q to=9:2 count=7 ctx=9 -> EBADF
      write plain to=9:2 count=7 -> EBADF
      write q to=9:2 count=7 -> ESPIPE
      write q count=8 -> EFAULT
      write q to=9:2 -> EINVAL          # neither the code nor the cookie is right
      write q to=1:2 -> EINVAL          # FAILURE is not for user space
      write q to=9:0 -> EINVAL
      write q to=0:0 -> EINVAL
      write q -> 0 {bytes=0}
      write q to=1:0 -> 0 {bytes=8} PageResponseWritten{cookie=1,code=0}
        .. PageResponseSent{grpid=1,code=0}
      write q to=1:0 -> EINVAL          # answered already
      closeFault q
      write q to=2:0 -> EBADF
    `);
  });

  test('a wrong code leaves the cookie valid', () => {
    read().run(`
      write q to=1:7 -> EINVAL
      write q to=1:1 -> 0 {bytes=8} PageResponseWritten{code=1} PageResponseSent{grpid=1,code=1}
    `);
  });

  test('an answer that names its group cannot hit another that has the cookie by now', () => {
    read().run(`
      write q to=1:7:2 -> EINVAL        # the code is looked at first
      write q to=1:0:2 -> EINVAL        # cookie 1 is group 1's
      write q to=1:0:1 -> 0 {bytes=8} PageResponseWritten{cookie=1,iopfGroupId=1} PageResponseSent
      send 0000:01:00.0 grpid=4
      read q 40 -> 0 {bytes=40} IopfGroupRead{cookie=1,iopfGroupId=4}
      write q to=1:1:1 -> EINVAL        # meant for group 1, which is gone
      write q to=2:0:2,1:1:1 -> 0 {bytes=8} PageResponseWritten{iopfGroupId=2} PageResponseSent
      write q to=1:0:4 -> 0 {bytes=8} PageResponseWritten{iopfGroupId=4} PageResponseSent{code=0}
    `);
  });

  test('a handler that answers what it was not given is noticed, and the kernel takes it', () => {
    read().run(`
      write q to=1:0 given=1,2 -> 0 {bytes=8} PageResponseWritten PageResponseSent
      write q to=3:0 given=1,2 -> 0 {bytes=8} HazardRecorded{name=ANSWERED_UNSEEN}
        .. PageResponseWritten{iopfGroupId=3} PageResponseSent
      write q to=3:0 given=1,2 -> EINVAL
    `);
  });

  test('stops at the first error and counts the bytes done before it', () => {
    read().run(`
      write q to=3:1,1:0,9:0,2:0 -> 0 {bytes=16} PageResponseWritten{cookie=3}
        .. PageResponseSent{grpid=3,code=1} PageResponseWritten{cookie=1}
        .. PageResponseSent{grpid=1,code=0}
      write q to=2:2,2:0 -> EINVAL
      write q to=2:0 count=16 -> 0 {bytes=8} PageResponseWritten{cookie=2} PageResponseSent{grpid=2}
    `);
  });

  test('one response answers all requests of its group', () => {
    const machine = faulting().run(`
      send 0000:01:00.0 grpid=1 more
      send 0000:01:00.0 grpid=1 pasid=5
      read q 80
      write q to=1:0 -> 0 {bytes=8} PageResponseWritten PageResponseSent{grpid=1,pasid=5,code=0}
    `);
    expect(machine.state.iopfGroups.size).toBe(0);
  });
});

describe('poll', () => {
  test('readable while a group is queued, always writable', () => {
    faulting().run(`
      poll dev -> EBADF
      poll q -> 0 {readable=false,writable=true}
      send 0000:01:00.0 grpid=1 more
      poll q -> 0 {readable=false,writable=true}
      send 0000:01:00.0 grpid=1
      poll q -> 0 {readable=true,writable=true}
      read q 80
      poll q -> 0 {readable=false,writable=true}
      closeFault q
      poll q -> EBADF
    `);
  });
});

describe('close', () => {
  test('what the queue holds stays, more is queued, and leaving the hwpt answers it', () => {
    faulting().run(`
      send 0000:01:00.0 grpid=1
      read q 40
      closeFault q -> 0 {contextReleased=false} FaultFileClosed
      closeFault q -> EBADF
      send 0000:01:00.0 grpid=2 -> 0 {outcome=REPORTED,reportErrno=0,iopfGroupId=2}
        .. PageRequestReported IopfGroupQueued
      destroy q -> EBUSY
      detach dev -> 0 DomainDetached AttachHandleErased IopfGroupAutoResponded{cookie=null}
        .. PageResponseSent{grpid=2,code=1} IopfGroupAutoResponded{cookie=1}
        .. PageResponseSent{grpid=1,code=1} IopfDisabled IopfFeatureDisabled AttachHandleFreed
        .. DeviceDetached
    `);
  });
});

describe('destroy of the object', () => {
  test('answers what is queued in order, and then what is read by ascending cookie', () => {
    const machine = faulting().run(`
      send 0000:01:00.0 grpid=1
      send 0000:01:00.0 grpid=2
      read q 80
      send 0000:01:00.0 grpid=3
      send 0000:01:00.0 grpid=4
    `);
    // In the kernel only a race leaves groups on an unnamed queue; here the hwpt forgets it.
    const context = machine.state.contexts.get(1)!;
    const queue = context.objects.get(machine.names.get('q')!)!;
    const hwpt = context.objects.get(machine.names.get('fault')!)!;
    if (queue.type !== 'FAULT' || hwpt.type !== 'HWPT_NESTED') throw new Error('other objects');
    queue.hwptIds.delete(hwpt.id);
    hwpt.faultId = null;
    execute(machine.state, { type: 'FaultClose', contextId: 1, faultId: queue.id });
    const outcome = execute(machine.state, { type: 'Destroy', contextId: 1, id: queue.id });
    expect(outcome.errno).toBe(0);
    const answers = outcome.events.flatMap(event =>
      event.type === 'PageResponseSent' ? [[event.grpid, event.code]] : [],
    );
    expect(answers).toEqual([
      [3, 1],
      [4, 1],
      [1, 1],
      [2, 1],
    ]);
    expect(machine.state.iopfGroups.size).toBe(0);
  });
});
