/** Page requests become iopf groups (drivers/iommu/io-pgfault.c), and what answers them at once. */
import { describe, expect, test } from 'vitest';
import { DEVICES } from '../../../src/sim/machine.ts';
import { MOCK, PCI_FAULTING, PCI_HWPTS, SHARED_GROUP } from '../machine/setups.ts';
import { given } from '../machine/table.ts';

const ANSWERED_INVALID = '{outcome=REPORTED,reportErrno=EINVAL,iopfGroupId=null}';

describe('a PCI function', () => {
  test('sends nothing while its PRI is off', () => {
    given(DEVICES, PCI_HWPTS).run(`
      send 0000:ff:00.0 -> ENODEV
      send 0000:01:00.0 -> 0 {outcome=PRI_DISABLED,reportErrno=null,iopfGroupId=null}
      attach dev plain
      send 0000:01:00.0 -> 0 {outcome=PRI_DISABLED}
      replace dev fault
      send 0000:01:00.0 -> 0 {outcome=REPORTED,reportErrno=0,iopfGroupId=1} PageRequestReported
        .. IopfGroupQueued
      detach dev
      send 0000:01:00.0 -> 0 {outcome=PRI_DISABLED}
    `);
  });

  test('a stop marker is dropped: last, no read, no write, with a PASID', () => {
    given(DEVICES, PCI_FAULTING).run(`
      send 0000:01:00.0 perm=0 pasid=1 -> 0 {outcome=STOP_MARKER_DROPPED,reportErrno=null}
      send 0000:01:00.0 perm=4 pasid=1 -> 0 {outcome=STOP_MARKER_DROPPED}
      send 0000:01:00.0 perm=0 -> 0 {outcome=REPORTED}
      send 0000:01:00.0 perm=0 pasid=1 more -> 0 {outcome=REPORTED} PageRequestReported
        .. PageRequestCollected
      send 0000:01:00.0 perm=2 pasid=1 -> 0 {outcome=REPORTED}
    `);
  });

  test('a request with a PASID goes to the handler of the nested hwpt', () => {
    const machine = given(DEVICES, PCI_FAULTING).run(`
      send 0000:01:00.0 grpid=1 pasid=0 -> 0 PageRequestReported IopfGroupQueued
      send 0000:01:00.0 grpid=2 pasid=0xfffff -> 0 PageRequestReported IopfGroupQueued
    `);
    const flagsOf = (id: number) => machine.state.iopfGroups.get(id)!.requests[0]!;
    expect(flagsOf(1)).toMatchObject({ flags: 7, pasid: 0 });
    expect(flagsOf(2)).toMatchObject({ flags: 7, pasid: 0xfffff });
  });
});

describe('requests and groups', () => {
  test('a request that is not the last waits, and nobody sees it', () => {
    const machine = given(DEVICES, PCI_FAULTING).run(`
      send 0000:01:00.0 grpid=1 more -> 0 {reportErrno=0,iopfGroupId=null} PageRequestReported
        .. PageRequestCollected
      read q 40 -> 0 {bytes=0}
    `);
    expect(machine.state.physicalDevices.get(1)!.partial).toHaveLength(1);
  });

  test('interleaved groups are told apart by index alone; another device has its own', () => {
    const machine = given(DEVICES, PCI_FAULTING).run(`
      d = bind 0000:03:00.0
      attach d fault
      send 0000:01:00.0 grpid=1 more addr=0x1000
      send 0000:01:00.0 grpid=2 more addr=0x2000
      send 0000:03:00.0 grpid=1 more addr=0x3000
      send 0000:01:00.0 grpid=1 more addr=0x4000 pasid=3
      send 0000:01:00.0 grpid=2 addr=0x5000
      send 0000:01:00.0 grpid=1 addr=0x6000
      send 0000:03:00.0 grpid=1 addr=0x7000
    `);
    const addresses = [...machine.state.iopfGroups.values()].map(({ requests }) =>
      requests.map(({ addr }) => Number(addr) / 0x1000),
    );
    expect(addresses).toEqual([
      [2, 5],
      [1, 4, 6],
      [3, 7],
    ]);
    expect([...machine.state.iopfGroups.values()].map(({ deviceNo }) => deviceNo)).toEqual([
      1, 1, 5,
    ]);
  });

  test('an index may be used again before its first group is answered', () => {
    given(DEVICES, PCI_FAULTING).run(`
      send 0000:01:00.0 grpid=1
      send 0000:01:00.0 grpid=1
      read q 80 -> 0 {bytes=80} IopfGroupRead{iopfGroupId=1,cookie=1}
        .. IopfGroupRead{iopfGroupId=2,cookie=2}
      write q to=2:0,1:1 -> 0 PageResponseWritten{iopfGroupId=2} PageResponseSent{grpid=1,code=0}
        .. PageResponseWritten{iopfGroupId=1} PageResponseSent{grpid=1,code=1}
    `);
  });

  test('what was collected is dropped unanswered when IOPF is disabled', () => {
    given(DEVICES, PCI_FAULTING).run(`
      send 0000:01:00.0 grpid=1 more
      send 0000:01:00.0 grpid=2 more
      detach dev -> 0 DomainDetached AttachHandleErased IopfDisabled
        .. IopfFeatureDisabled{droppedPartialRequests=2} AttachHandleFreed DeviceDetached
      attach dev fault
      send 0000:01:00.0 grpid=1
      read q 40 -> 0 {bytes=40}
    `);
  });
});

describe('a mock device', () => {
  test('refusals of the trigger', () => {
    given(DEVICES, MOCK).run(`
      dev = bind 0000:01:00.0
      trigger 99 ctx=9 -> EBADF
      trigger 99 -> ENOENT
      trigger m -> ENOENT
      trigger dev -> EINVAL
    `);
  });

  test('without a handler every request is answered INVALID at once, the last or not', () => {
    given([], MOCK).run(`
      trigger m.dev grpid=4 -> 0 ${ANSWERED_INVALID} PageRequestReported
        .. PageResponseSent{iopfGroupId=null,grpid=4,code=1}
      trigger m.dev grpid=4 more -> 0 ${ANSWERED_INVALID} PageRequestReported
        .. PageResponseSent{code=1}
      trigger m.dev pasid=3 -> 0 ${ANSWERED_INVALID} PageRequestReported
        .. PageResponseSent{code=1,pasid=3}
      mockReplace m nested
      trigger m.dev -> 0 ${ANSWERED_INVALID} PageRequestReported PageResponseSent{code=1}
      trigger m.dev pasid=3 -> 0 ${ANSWERED_INVALID} PageRequestReported PageResponseSent{code=1}
      mockReplace m fault
      trigger m.dev -> 0 {reportErrno=0,iopfGroupId=1} PageRequestReported IopfGroupQueued
      trigger m.dev pasid=3 -> 0 {reportErrno=0,iopfGroupId=2} PageRequestReported IopfGroupQueued
    `);
  });
});

describe('two functions of one IOMMU group', () => {
  test('messages name the device in the attach handle, answers go to the one that faulted', () => {
    const machine = given(DEVICES, SHARED_GROUP).run(`
      attach a fault
      attach b fault
      replace b fault2
      send 0000:02:00.0 grpid=1
      read q2 40
    `);
    expect(machine.last.reply).toMatchObject({ faults: [{ devId: 2 }] });
    machine.run('write q2 to=1:0 -> 0 PageResponseWritten PageResponseSent{deviceNo=2}');
  });
});
