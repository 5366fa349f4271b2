/** What IOPF, automatic responses and software MSI must do where devices are attached and moved. */
import { isDeepStrictEqual } from 'node:util';
import { BEHAVIOUR } from '../../abi/behaviour.ts';
import type { Attachment, IommuGroup, IopfGroup } from '../../core/iommu/state.ts';
import type { Device, Hwpt, IommufdContext } from '../../core/iommufd/state.ts';
import type { Event, EventOf } from '../../core/machine/event.ts';
import type { Outcome } from '../../core/machine/operation.ts';
import type { MachineState } from '../../core/machine/state.ts';
import { domainOf, isRefusedFunction, reserves } from './iommufd/attach.ts';
import { physicalOf } from './iommufd/domain.ts';

/** Faults found in how an operation attached or moved devices. `before`: the state it ran on. */
export function checkMoves(before: MachineState, after: MachineState, outcome: Outcome): string[] {
  const order = checkAnswerOrder(before, outcome);
  // What was attached on the way to a refusal is gone again.
  if (outcome.errno !== 0) return order;
  return [
    ...order,
    ...checkReplaced(before, after, outcome),
    ...outcome.events.flatMap(event =>
      event.type === 'DeviceAttached' || event.type === 'DeviceReplaced'
        ? checkAttached(before, after, event, outcome)
        : [],
    ),
  ];
}

/**
 * The four combinations of a move between hwpts: where iommufd counts, IOPF is enabled on the way
 * to a fault-capable hwpt and disabled on the way from one; a move away from a handle answers its
 * groups, those the kernel looks for.
 */
function checkReplaced(before: MachineState, after: MachineState, outcome: Outcome): string[] {
  const wrong: string[] = [];
  const counts = BEHAVIOUR[before.baseline].iopfEnabledBy === 'IOMMUFD';
  for (const event of outcome.events) {
    if (event.type !== 'DeviceReplaced') continue;
    if (event.oldHwptId === event.hwptId) wrong.push('a replace with the same hwpt did something');
    const context = before.contexts.get(event.contextId)!;
    const oldFault = faultIdOf(context, event.oldHwptId);
    const newFault = faultIdOf(after.contexts.get(event.contextId)!, event.hwptId);
    const has = (type: Event['type']) => outcome.events.some(other => other.type === type);
    if (has('IopfEnabled') !== (counts && newFault !== null && oldFault === null)) {
      wrong.push('IOPF was enabled when it must not be, or not when it must');
    }
    const warned = outcome.events.some(
      other => other.type === 'HazardRecorded' && other.name === 'IOPF_DISABLE_UNBALANCED',
    );
    const disabled = has('IopfDisabled') || warned;
    if (disabled !== (counts && newFault === null && oldFault !== null)) {
      wrong.push('IOPF was disabled when it must not be, or not when it must');
    }
    const group = placeOf(before.iommuGroups.get(event.iommuGroupId)!, event);
    const missing = group.attachHandleId === null && newFault !== null;
    wrong.push(
      ...checkWildPointer(before, outcome, missing),
      ...checkReserved(before, outcome, group.attachedDeviceIds),
    );
    const looked = groupsLookedFor(before, outcome, group.attachHandleId, newFault);
    const answered = outcome.events.filter(other => other.type === 'IopfGroupAutoResponded');
    if (answered.length !== looked) {
      wrong.push(`${answered.length} of ${looked} groups of the old handle were answered`);
    }
    const hwpt = after.contexts.get(event.contextId)!.objects.get(event.hwptId) as Hwpt;
    const here = event.pasid === undefined ? hwpt.attachedDeviceIds : hwpt.pasidDevices;
    if (here.size < group.attachedDeviceIds.length) {
      wrong.push('the group did not move as a whole');
    }
  }
  return wrong;
}

/** The RID or the PASID that an event is about, as it was in its group. */
function placeOf(group: IommuGroup, { pasid }: { readonly pasid?: number }): Attachment {
  if (pasid === undefined || pasid === 0) return group;
  const attachment = group.pasids.get(pasid);
  return attachment ?? { ...group, hwptId: null, attachHandleId: null, attachedDeviceIds: [] };
}

/** v6 does not notice where the old handle of a replace to a fault-capable hwpt is missing. */
function checkWildPointer(before: MachineState, { events }: Outcome, missing: boolean): string[] {
  const noted = events.some(
    event =>
      event.type === 'HazardRecorded' &&
      event.name === 'WILD_POINTER' &&
      event.function === 'iommufd_fault_domain_replace_dev',
  );
  const { missingHandleNoticed } = BEHAVIOUR[before.baseline];
  return noted === (missing && !missingHandleNoticed)
    ? []
    : ['a missing attach handle is not noted, or reverse'];
}

/** A replace reserves ranges for the members as they were attached, or by their ids. */
function checkReserved(
  before: MachineState,
  { events }: Outcome,
  attachedDeviceIds: readonly number[],
): string[] {
  const reserved = new Set(
    events.flatMap(event => (event.type === 'ReservedRegionsEnforced' ? [event.deviceId] : [])),
  );
  const members = [...attachedDeviceIds];
  if (BEHAVIOUR[before.baseline].replaceReservesInOrderOf === 'ID') members.sort((a, b) => a - b);
  const expected = members.filter(id => reserved.has(id));
  return isDeepStrictEqual([...reserved], expected)
    ? []
    : ['a replace reserved ranges in another order'];
}

/** How many groups a replace must answer: of the old handle, in the fault queue it looks into. */
function groupsLookedFor(
  before: MachineState,
  { events }: Outcome,
  handleId: number | null,
  newFault: number | null,
): number {
  if (before.policies.autoResponse === 'ONLY_TO_PLAIN' && newFault !== null) return 0;
  const inNew = BEHAVIOUR[before.baseline].replaceAnswersQueueOf === 'NEW_HWPT';
  const looksAt = (group: Pick<IopfGroup, 'attachHandleId' | 'faultId'>) =>
    group.attachHandleId === handleId && (!inNew || group.faultId === newFault);
  // A driver that drains lets more of them pass on the way.
  const landed = events.filter(event => event.type === 'IopfGroupQueued');
  return [...before.iopfGroups.values(), ...landed].filter(looksAt).length;
}

function faultIdOf(context: IommufdContext, hwptId: number): number | null {
  const hwpt = context.objects.get(hwptId);
  return hwpt !== undefined && 'faultId' in hwpt ? hwpt.faultId : null;
}

/** Commands that take one attach handle away at most. */
const MOVES: ReadonlySet<string> = new Set([
  'DeviceAttach',
  'DeviceReplace',
  'DeviceDetach',
  'TestMockDomainReplace',
  'TestPasidAttach',
  'TestPasidReplace',
  'TestPasidDetach',
]);

/**
 * Groups are answered the newest first when a handle goes and the oldest first when their fault
 * queue goes; then those that were read, by cookie, where the kernel remembers them.
 */
function checkAnswerOrder(before: MachineState, { command, events }: Outcome): string[] {
  const answered = events.filter(event => event.type === 'IopfGroupAutoResponded');
  const queued = answered.filter(({ cookie }) => cookie === null);
  const cookies = answered.slice(queued.length).map(({ cookie }) => cookie);
  const destroyed =
    command.type === 'Destroy'
      ? before.contexts.get(command.contextId)?.objects.get(command.id)
      : null;
  const whole = destroyed?.type === 'FAULT';
  if (!MOVES.has(command.type) && !whole && destroyed?.type !== 'SELFTEST') return [];
  // A device that goes with its PASIDs leaves a handle for each.
  if (events.filter(({ type }) => type === 'AttachHandleErased').length > 1) return [];
  const step = whole ? 1 : -1;
  const inOrder =
    queued.every(
      ({ iopfGroupId }, i) => i === 0 || (iopfGroupId - queued[i - 1]!.iopfGroupId) * step > 0,
    ) && cookies.every((cookie, i) => cookie !== null && (i === 0 || cookie > cookies[i - 1]!));
  const wrong = inOrder ? [] : ['groups were answered in another order'];
  if (whole && cookies.length > 0 && !BEHAVIOUR[before.baseline].destroyAnswersDelivered) {
    wrong.push('groups that were read were answered as their fault queue went');
  }
  return wrong;
}

/** The MSI cookie of the hwpt, and the hazards of devices that came to it unchecked. */
function checkAttached(
  before: MachineState,
  after: MachineState,
  event: EventOf<'DeviceAttached' | 'DeviceReplaced'>,
  { events }: Outcome,
): string[] {
  const wrong: string[] = [];
  const context = after.contexts.get(event.contextId)!;
  const hwpt = context.objects.get(event.hwptId) as Hwpt;
  const group = after.iommuGroups.get(event.iommuGroupId)!;
  const replaced = event.type === 'DeviceReplaced';
  const old = before.iommuGroups.get(event.iommuGroupId);
  // Of a group that the operation made there is no state before it.
  const first = old !== undefined && placeOf(old, event).hwptId === null;
  const paging = hwpt.type === 'HWPT_PAGING' ? hwpt : context.objects.get(hwpt.parentId);
  const cookie = paging?.type === 'HWPT_PAGING' && paging.msiCookie;
  const atAttach = BEHAVIOUR[before.baseline].softwareMsi === 'COOKIE_AT_ATTACH';
  const wanted = atAttach && reserves(before, hwpt) && group.swMsiStart !== null;
  if ((replaced || first) && wanted && !cookie) wrong.push('the hwpt has no MSI cookie');
  if (!atAttach && cookie) wrong.push('an MSI cookie, which this kernel does not make');
  const came = replaced ? placeOf(group, event).attachedDeviceIds : first ? [] : [event.deviceId];
  const unchecked = came.some(id =>
    isRefusedFunction(after, physicalOf(after, context.objects.get(id) as Device)),
  );
  const foreign =
    replaced &&
    domainOf(context, hwpt).driver !==
      (after.physicalDevices.get(group.deviceNos[0]!)?.kind === 'PCI' ? 'CONFORMING' : 'MOCK');
  const met = (name: string) =>
    events.some(other => other.type === 'HazardRecorded' && other.name === name);
  if (met('VIRTFN_UNCHECKED') !== (unchecked && hwpt.faultId !== null)) {
    wrong.push('a virtual function came unchecked and is not noted, or reverse');
  }
  if (met('FOREIGN_DOMAIN') !== foreign) {
    wrong.push('a hwpt of another driver is not noted, or reverse');
  }
  return wrong;
}
