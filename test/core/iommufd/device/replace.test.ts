/** The four combinations of replace, and whose pending groups each of them answers. */
import { describe, expect, test } from 'vitest';
import { DEVICES } from '../../../../src/sim/machine.ts';
import { MOCK, PCI_HWPTS, SHARED_GROUP } from '../../machine/setups.ts';
import { given } from '../../machine/table.ts';

const SWITCH = 'DomainAttached AttachHandleStored';
const END = 'AttachHandleFreed DeviceReplaced';
const INVALID = (grpid: number) => `IopfGroupAutoResponded PageResponseSent{grpid=${grpid},code=1}`;

const TWO_FAULT = `${PCI_HWPTS}
  q2 = faultQueueAlloc
  fault2 = hwptAlloc dev parent flags=4 data=vtd fault=q2
  sameQueue = hwptAlloc dev parent flags=4 data=vtd fault=q
`;

describe('replace', () => {
  test('plain to plain touches no IOPF', () => {
    given(DEVICES, TWO_FAULT).run(`
      attach dev plain
      replace dev nested -> 0 {outPtId=7} ${SWITCH} ${END}
      replace dev nested -> 0 {outPtId=7}
    `);
  });

  test('plain to fault-capable enables IOPF before the switch', () => {
    given(DEVICES, TWO_FAULT).run(`
      attach dev plain
      replace dev fault -> 0 IopfFeatureEnabled IopfEnabled ${SWITCH} ${END}
    `);
  });

  test('fault-capable to plain answers, and disables IOPF after the switch', () => {
    given(DEVICES, TWO_FAULT).run(`
      attach dev fault
      send 0000:01:00.0 grpid=1
      send 0000:01:00.0 grpid=2
      read q 80
      send 0000:01:00.0 grpid=3
      send 0000:01:00.0 grpid=4
      send 0000:01:00.0 grpid=5 more
      replace dev plain -> 0 ${SWITCH} ${INVALID(4)} ${INVALID(3)} ${INVALID(1)} ${INVALID(2)}
        .. IopfDisabled IopfFeatureDisabled{droppedPartialRequests=1} ${END}
      write q to=1:0 -> EINVAL
      poll q -> 0 {readable=false}
      send 0000:01:00.0 grpid=5 -> 0 {outcome=PRI_DISABLED}
    `);
  });

  test.each(['fault2', 'sameQueue'])(
    'fault-capable to fault-capable (%s) answers, IOPF stays',
    to => {
      const machine = given(DEVICES, TWO_FAULT).run(`
      attach dev fault
      send 0000:01:00.0 grpid=1
      read q 40
      send 0000:01:00.0 grpid=2
      send 0000:01:00.0 grpid=3 more
      replace dev ${to} -> 0 ${SWITCH} ${INVALID(2)} ${INVALID(1)} ${END}
      write q to=1:0 -> EINVAL
    `);
      // Requests collected before the switch join the group that ends after it.
      machine.run(
        'send 0000:01:00.0 grpid=3 -> 0 {iopfGroupId=3} PageRequestReported IopfGroupQueued',
      );
      expect(machine.state.iopfGroups.get(3)!.requests).toHaveLength(2);
      const queue = machine.names.get(to === 'fault2' ? 'q2' : 'q');
      expect(machine.state.iopfGroups.get(3)!.faultId).toBe(queue);
    },
  );

  test('the groups of other attach handles on the same queue stay', () => {
    given(DEVICES, TWO_FAULT).run(`
      d = bind 0000:03:00.0
      attach dev fault
      attach d sameQueue
      send 0000:01:00.0 grpid=1
      send 0000:03:00.0 grpid=2
      read q 40
      send 0000:01:00.0 grpid=3
      replace dev plain -> 0 ${SWITCH} ${INVALID(3)} ${INVALID(1)} IopfDisabled IopfFeatureDisabled
        .. ${END}
      read q 40 -> 0 {bytes=40} IopfGroupRead{cookie=1,iopfGroupId=2}
      write q to=1:0 -> 0 PageResponseWritten PageResponseSent{grpid=2,code=0}
    `);
  });

  test('the same hwpt again changes and answers nothing', () => {
    given(DEVICES, TWO_FAULT).run(`
      attach dev fault
      send 0000:01:00.0 grpid=1
      replace dev fault -> 0 {outPtId=6}
      poll q -> 0 {readable=true}
    `);
  });

  test('a refused replace changes and answers nothing', () => {
    given(DEVICES, TWO_FAULT).run(`
      m = mock ioas
      foreign = hwptAlloc m.dev ioas
      attach dev fault
      send 0000:01:00.0 grpid=1
      replace dev foreign -> EINVAL
      replace dev 99 -> ENOENT
      replace dev q -> EINVAL
      read q 40 -> 0 {bytes=40} IopfGroupRead
      write q to=1:0
    `);
  });

  test('replace does not ask whose driver made the domain: the mock driver takes any', () => {
    given(DEVICES, PCI_HWPTS).run(`
      m = mock ioas
      mockReplace m plain -> 0 {ptId=4} ${SWITCH} ${END} DomainRemoved ObjectDestroyed
      mockReplace m fault -> 0 IopfFeatureEnabled IopfEnabled ${SWITCH} ${END}
      trigger m.dev grpid=2 -> 0 {reportErrno=0,iopfGroupId=1}
    `);
  });

  test('one member moves the whole group and is what later messages name', () => {
    const machine = given(DEVICES, SHARED_GROUP).run(`
      attach a fault
      attach b fault
      send 0000:02:00.0 grpid=1
      read q 40 -> 0 {bytes=40}
      replace b fault2 -> 0 ${SWITCH} ${INVALID(1)} ${END}
      send 0000:02:00.0 grpid=2
      read q2 40
    `);
    expect(machine.last.reply).toMatchObject({ faults: [{ devId: 2, grpid: 2 }] });
    const group = machine.state.iommuGroups.get(2)!;
    expect(group.hwptId).toBe(machine.names.get('fault2'));
    const hwpts = machine.state.contexts.get(1)!.objects;
    expect(hwpts.get(machine.names.get('fault')!)).toMatchObject({ attachedDeviceIds: new Set() });
    expect(hwpts.get(group.hwptId!)).toMatchObject({ attachedDeviceIds: new Set([1, 2]) });
  });

  test('mock devices go the same ways', () => {
    given([], MOCK).run(`
      mockReplace m fault -> 0 {ptId=7} IopfFeatureEnabled IopfEnabled ${SWITCH} ${END}
        .. DomainRemoved ObjectDestroyed{id=4}
      trigger m.dev grpid=1
      mockReplace m nested -> 0 ${SWITCH} ${INVALID(1)} IopfDisabled IopfFeatureDisabled ${END}
      mockReplace m ioas -> 0 {ptId=4} HwptPagingAllocated DomainAdded ${SWITCH} ${END}
      mockReplace m 99 -> ENOENT
      mockReplace m q -> EINVAL
      mockReplace m m.dev -> EINVAL
    `);
  });
});
