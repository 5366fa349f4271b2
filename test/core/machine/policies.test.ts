/** The choices the patch's review discusses: what each value changes, and what it breaks. */
import { describe, expect, test } from 'vitest';
import type { Event } from '../../../src/core/machine/event.ts';
import { DEVICES, pci } from '../../../src/sim/machine.ts';
import { PCI_FAULTING, PCI_HWPTS } from './setups.ts';
import { given, type Kernel, type Machine } from './table.ts';

const hazardsOf = ({ state }: Machine) => state.hazards.map(({ name }) => name);
const eventsOf = ({ last }: Machine) => last.events.map(({ type }) => type);

/** seq of the one event of a type in the last operation. */
function seqOf({ last, state }: Machine, type: Event['type']): number {
  const index = last.events.findIndex(event => event.type === type);
  return state.seq - last.events.length + index + 1;
}

describe('autoResponse', () => {
  const TWO_QUEUES = `${PCI_HWPTS}
    q2 = faultQueueAlloc
    fault2 = hwptAlloc dev parent flags=4 data=vtd fault=q2
    attach dev fault
    send 0000:01:00.0 grpid=1
    send 0000:01:00.0 grpid=2
    read q 40
  `;
  const ONLY_TO_PLAIN: Kernel = { autoResponse: 'ONLY_TO_PLAIN' };

  test('EVERY_REPLACE: a replace between fault-capable hwpts answers INVALID', () => {
    const machine = given(DEVICES, TWO_QUEUES).run(`
      replace dev fault2 -> 0 DomainAttached AttachHandleStored
        .. IopfGroupAutoResponded PageResponseSent{grpid=2,code=1}
        .. IopfGroupAutoResponded PageResponseSent{grpid=1,code=1} AttachHandleFreed DeviceReplaced
      write q to=1:0 -> EINVAL
    `);
    expect(hazardsOf(machine)).toEqual([]);
  });

  test('ONLY_TO_PLAIN: it answers nothing, and the groups keep a freed attach handle', () => {
    const machine = given(DEVICES, TWO_QUEUES, ONLY_TO_PLAIN).run(`
      replace dev fault2 -> 0 DomainAttached AttachHandleStored
        .. HazardRecorded{name=POLICY_LEFT_GROUPS,function=iommufd_auto_response_faults}
        .. AttachHandleFreed DeviceReplaced
    `);
    const freed = seqOf(machine, 'AttachHandleFreed');
    machine.run(`
      write q to=1:0 -> 0 {bytes=8} PageResponseWritten PageResponseSent{grpid=1,code=0}
      read q 40 -> 0 {bytes=40} HazardRecorded{name=HANDLE_DEVICE_USED,plantedSeq=${freed}}
        .. IopfGroupRead
      send 0000:01:00.0 grpid=3
      replace dev plain                    # answers the groups of the handle there is
      write q to=1:0 -> 0 {bytes=8} PageResponseWritten PageResponseSent{grpid=2,code=0}
      poll q2 -> 0 {readable=false}
    `);
  });

  test('ONLY_TO_PLAIN: a group may outlive its device', () => {
    const machine = given(DEVICES, TWO_QUEUES, ONLY_TO_PLAIN).run(`
      replace dev fault2
      unbind dev
      removeDevice 0000:01:00.0
      write q to=1:0 -> 0 {bytes=8} PageResponseWritten
        .. HazardRecorded{name=RESPONSE_TO_GONE_DEVICE}
    `);
    expect(hazardsOf(machine)).toEqual(['POLICY_LEFT_GROUPS', 'RESPONSE_TO_GONE_DEVICE']);
  });

  test('ONLY_TO_PLAIN: a replace to a plain hwpt answers as ever', () => {
    const machine = given(DEVICES, TWO_QUEUES, ONLY_TO_PLAIN).run('replace dev plain');
    expect(eventsOf(machine).filter(type => type === 'IopfGroupAutoResponded')).toHaveLength(2);
    expect(hazardsOf(machine)).toEqual([]);
  });
});

describe('inFlightRequests', () => {
  const HELD = `${PCI_FAULTING}
    send 0000:01:00.0 grpid=1 hold -> 0 {outcome=IN_FLIGHT,inFlightId=1}
      .. PageRequestReported PageRequestInFlight
  `;
  const NOT_DRAINED: Kernel = { inFlightRequests: 'NOT_DRAINED' };

  test('a held request that nothing came between is queued when it goes on', () => {
    given(DEVICES, HELD).run(`
      resume 1 -> 0 {outcome=REPORTED,iopfGroupId=1} PageRequestLanded IopfGroupQueued
      resume 1 -> ENOENT
    `);
  });

  test('DRAINED: detach finishes it first, then answers it', () => {
    const machine = given(DEVICES, HELD).run(`
      detach dev -> 0 PageRequestLanded IopfGroupQueued DomainDetached AttachHandleErased
        .. IopfGroupAutoResponded PageResponseSent{grpid=1,code=1} IopfDisabled IopfFeatureDisabled
        .. AttachHandleFreed DeviceDetached
      resume 1 -> ENOENT
    `);
    expect(hazardsOf(machine)).toEqual([]);
  });

  test('DRAINED: so does the replace, before the device changes its domain', () => {
    given(DEVICES, HELD).run(`
      replace dev plain -> 0 PageRequestLanded IopfGroupQueued DomainAttached AttachHandleStored
        .. IopfGroupAutoResponded PageResponseSent{code=1} IopfDisabled IopfFeatureDisabled
        .. AttachHandleFreed DeviceReplaced
    `);
  });

  test('DRAINED: a driver that turns IOPF off itself drains before', () => {
    const machine = given(DEVICES, HELD, { baseline: 'LINUX_7_3_4' }).run('detach dev');
    const types = eventsOf(machine);
    expect(types.indexOf('IopfGroupQueued')).toBeLessThan(types.indexOf('IopfFeatureDisabled'));
    expect(types).toContain('IopfGroupAutoResponded');
    expect(hazardsOf(machine)).toEqual([]);
  });

  test('NOT_DRAINED: it is queued with a handle that was freed, and nobody answers it', () => {
    const machine = given(DEVICES, HELD, NOT_DRAINED).run(`
      detach dev -> 0 DomainDetached AttachHandleErased IopfDisabled IopfFeatureDisabled
        .. AttachHandleFreed DeviceDetached
    `);
    const freed = seqOf(machine, 'AttachHandleFreed');
    machine.run(`
      resume 1 -> 0 {iopfGroupId=1} PageRequestLanded IopfGroupQueued
        .. HazardRecorded{name=STALE_GROUP_QUEUED,plantedSeq=${freed}}
      poll q -> 0 {readable=true}
      read q 40 -> 0 {bytes=40} HazardRecorded{name=HANDLE_DEVICE_USED} IopfGroupRead
      destroy fault
      closeFault q
      destroy q -> 0 IopfGroupAutoResponded PageResponseSent{grpid=1,code=1} ObjectDestroyed
    `);
  });

  test('NOT_DRAINED: one that is not the last of its group vanishes', () => {
    given(DEVICES, PCI_FAULTING, NOT_DRAINED).run(`
      send 0000:01:00.0 grpid=1 more hold
      detach dev
      attach dev fault
      resume 1 -> 0 {reportErrno=0} PageRequestLanded HazardRecorded{name=PARTIALS_DROPPED}
      send 0000:01:00.0 grpid=1 -> 0 {iopfGroupId=1} PageRequestReported IopfGroupQueued
    `);
  });

  test('NOT_DRAINED: the fault queue may be gone, and its id another queue’s', () => {
    const machine = given(DEVICES, HELD, NOT_DRAINED).run(`
      detach dev
      destroy fault
      closeFault q
      destroy q
      again = faultQueueAlloc
      resume 1 -> 0 {iopfGroupId=null} PageRequestLanded HazardRecorded{name=STALE_GROUP_QUEUED}
        .. HazardRecorded{name=FAILURE_CODE_RESERVED}
        .. PageResponseSent{iopfGroupId=null,code=2}
      poll again -> 0 {readable=false}
    `);
    expect(machine.names.get('again')).toBe(machine.names.get('q'));
  });

  test('NOT_DRAINED: the device may be gone', () => {
    const machine = given(DEVICES, HELD, NOT_DRAINED).run(`
      unbind dev
      removeDevice 0000:01:00.0
    `);
    const removed = seqOf(machine, 'PhysicalDeviceRemoved');
    machine.run(`
      resume 1 -> 0 {iopfGroupId=null} PageRequestLanded
        .. HazardRecorded{name=RESPONSE_TO_GONE_DEVICE,plantedSeq=${removed}}
    `);
  });
});

describe('virtualFunctions', () => {
  const FUNCTIONS = [pci('0000:03:00.0'), pci('0000:03:00.4', { physfn: '0000:03:00.0' })];
  const BOTH = `
    pf = bind 0000:03:00.0
    vf = bind 0000:03:00.4
    ioas = ioasAlloc
    parent = hwptAlloc pf ioas flags=1
    q = faultQueueAlloc
    fault = hwptAlloc pf parent flags=4 data=vtd fault=q
    attach pf fault
  `;
  const EMULATED: Kernel = { virtualFunctions: 'EMULATED_PRI' };

  test('AS_BASELINE: refused, and FAILURE is no response', () => {
    given(FUNCTIONS, BOTH).run(`
      attach vf fault -> EINVAL
      send 0000:03:00.0 grpid=1
      read q 40
      write q to=1:2 -> EINVAL
      vpriReset 0000:03:00.4 -> EINVAL
    `);
  });

  test('EMULATED_PRI: a failure holds the function back until its PRI is reset', () => {
    given(FUNCTIONS, `${BOTH}\n attach vf fault`, EMULATED).run(`
      send 0000:03:00.4 grpid=1
      send 0000:03:00.4 grpid=2
      read q 80
      write q to=1:2 -> 0 {bytes=8} PageResponseWritten{code=2} VpriFailed
        .. PageResponseSent{grpid=1,code=1}                # the shared interface sees no failure
      send 0000:03:00.4 grpid=3 -> 0 {outcome=VPRI_FAILED} PageRequestReported
        .. PageResponseSent{grpid=3,code=1}
      send 0000:03:00.4 grpid=4 more -> 0 {outcome=VPRI_FAILED} PageRequestReported
      write q to=2:0 -> 0 {bytes=8} PageResponseWritten PageResponseSent{grpid=2,code=0}
      send 0000:03:00.0 grpid=5 -> 0 {outcome=REPORTED,iopfGroupId=3}
      vpriReset 0000:03:00.4 -> 0 VpriReset
      vpriReset 0000:03:00.4
      send 0000:03:00.4 grpid=6 -> 0 {outcome=REPORTED,iopfGroupId=4}
    `);
  });

  test('EMULATED_PRI: a request held before the failure is not delivered after it', () => {
    given(FUNCTIONS, `${BOTH}\n attach vf fault`, EMULATED).run(`
      send 0000:03:00.4 grpid=1
      send 0000:03:00.4 grpid=2 hold -> 0 {outcome=IN_FLIGHT}
      read q 40
      write q to=1:2 -> 0
      resume 1 -> 0 {outcome=VPRI_FAILED,iopfGroupId=null} PageRequestLanded
        .. PageResponseSent{grpid=2,code=1}
      read q 40 -> 0 {bytes=0}
    `);
  });

  test('EMULATED_PRI: a reset forgets unfinished groups', () => {
    given(FUNCTIONS, `${BOTH}\n attach vf fault`, EMULATED).run(`
      send 0000:03:00.4 grpid=4 addr=0xa000 more
      vpriReset 0000:03:00.4 -> 0 VpriReset
      send 0000:03:00.4 grpid=4 addr=0xb000
      read q 400 -> 0 {bytes=40}
    `);
  });

  test('EMULATED_PRI: it works again when PRI is turned on again', () => {
    given(FUNCTIONS, `${BOTH}\n attach vf fault`, EMULATED).run(`
      send 0000:03:00.4 grpid=1
      read q 40
      write q to=1:2 -> 0
      detach vf
      attach vf fault
      send 0000:03:00.4 grpid=2 -> 0 {outcome=REPORTED,iopfGroupId=2}
    `);
  });

  test('EMULATED_PRI: only virtual functions have one', () => {
    given(FUNCTIONS, `${BOTH}\n m = mock ioas`, EMULATED).run(`
      send 0000:03:00.0 grpid=1
      read q 40
      write q to=1:2 -> EINVAL
      vpriReset 0000:03:00.0 -> EINVAL
      vpriReset 0000:99:00.0 -> ENODEV
      mockParent = hwptAlloc m.dev ioas flags=1
      mockFault = hwptAlloc m.dev mockParent flags=4 data=mock fault=q
      virtual = mock ioas flags=512
      mockReplace virtual mockFault -> EINVAL
    `);
  });
});
