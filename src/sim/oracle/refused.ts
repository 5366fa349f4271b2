/** A refused operation leaves no trace but counters and what the kernel itself leaves. */
import { BEHAVIOUR } from '../../abi/behaviour.ts';
import type { Event } from '../../core/machine/event.ts';
import { evolve } from '../../core/machine/evolve.ts';
import type { Outcome } from '../../core/machine/operation.ts';
import { fromPlain, type Plain, toPlain } from '../../core/machine/snapshot.ts';
import type { MachineState } from '../../core/machine/state.ts';

/** What a refused operation may leave behind, as in the kernel. */
const LASTING: readonly Event['type'][] = [
  // The entries handled before the one that was refused.
  'MockIotlbInvalidated',
  'StageOneInvalidated',
  // The cookie stays on the hwpt of a failed attach.
  'MsiCookieCreated',
  // A failed replace releases them also where they must stay.
  'ReservedRegionsRemoved',
  // The areas below the one that sticks out of the range.
  'AreaUnmapped',
  'AccessPagesUnpinned',
  // What VFIO_IOMMU_UNMAP_DMA cuts before it unmaps.
  'AreaSplit',
  // The bytes before those that cannot be written.
  'UserMemoryFilled',
  'UserMemoryWritten',
  // The mock driver's error has come, and comes no more.
  'MockPasidErrorSwitched',
  'HazardRecorded',
];

/** A driver that drains lets requests in flight pass before it refuses a domain. */
const LANDED: readonly Event['type'][] = [
  'PageRequestLanded',
  'PageRequestCollected',
  'PartialRequestsDropped',
  'IopfGroupQueued',
];

/** Members that had agreed go back; what was pending on their iopf queue is gone. */
const SWITCHED_BACK: readonly Event['type'][] = [
  'IopfFeatureEnabled',
  'IopfFeatureDisabled',
  'DriverIopfCounted',
  'IopfGroupFlushed',
];

function lastingOn({ baseline, inFlight }: MachineState): ReadonlySet<Event['type']> {
  const { iopfEnabledBy, readCopyFault, failedReplaceReleasesIn } = BEHAVIOUR[baseline];
  const lasting = new Set(LASTING);
  const add = (types: readonly Event['type'][]) => {
    for (const type of types) lasting.add(type);
  };
  if (inFlight.size > 0) add(LANDED);
  if (iopfEnabledBy === 'DRIVER') add(SWITCHED_BACK);
  if (readCopyFault === 'GROUP_LOST') add(['IopfGroupLost']);
  // v6 releases them in the IOAS that the devices did not leave.
  if (failedReplaceReleasesIn === 'OLD_IOAS') add(['ReservedRegionsEnforced']);
  return lasting;
}

export function checkRefused(
  before: MachineState,
  after: MachineState,
  { events }: Outcome,
): string[] {
  if (events.length === 0) return [];
  const expected = fromPlain(toPlain(before));
  const lasting = lastingOn(before);
  for (const [index, event] of events.entries()) {
    expected.seq = before.seq + index;
    if (event.type === 'ReservedRegionsEnforced' && event.swMsiStart !== null) {
      const device = expected.contexts.get(event.contextId)?.objects.get(event.deviceId);
      // The group remembers the window though the attach that found it failed.
      const group = device?.type === 'DEVICE' ? device.iommuGroupId : 0;
      const found = expected.iommuGroups.get(group);
      if (found !== undefined) found.swMsiStart = event.swMsiStart;
    }
    if (!lasting.has(event.type)) continue;
    // What the operation itself made is gone with it.
    const made =
      'hwptId' in event && !expected.contexts.get(event.contextId)?.objects.has(event.hwptId!);
    const joined = 'deviceNo' in event && !expected.physicalDevices.has(event.deviceNo);
    if (!made && !joined) evolve(expected, event);
  }
  // The mock device made last is the one whose making failed, and it is gone.
  if (events.some(({ type }) => type === 'MockDeviceAdded')) expected.lastMockDeviceNo = null;
  const same = withoutCounters(toPlain(expected)) === withoutCounters(toPlain(after));
  return same ? [] : ['a refused operation changed the state'];
}

function withoutCounters(plain: Plain): string {
  const { seq: _, hazards: __, ...rest } = plain as Readonly<Record<string, Plain>>;
  return JSON.stringify(rest, (key, value) => (key.startsWith('next') ? undefined : value));
}
