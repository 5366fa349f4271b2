/**
 * Follows every page request from the events alone, and what the IOPF feature and the answers of
 * each operation must be.
 */
import { isDeepStrictEqual } from 'node:util';
import type { Event } from '../core/event.ts';
import type { Outcome } from '../core/operation.ts';
import type { PageRequestReply } from '../core/reply.ts';
import type { Hwpt, IommufdContext, MachineState, PageRequest } from '../core/state.ts';

interface QueuedGroup {
  readonly deviceNo: number;
  readonly grpid: number;
  answers: number;
}

const LAST_PAGE = 2;
const PASID_VALID = 1;

export class Ledger {
  private readonly groups = new Map<number, QueuedGroup>();
  /** Requests collected by each device and not yet given away, by deviceNo. */
  private readonly partial = new Map<number, PageRequest[]>();
  /** Devices every IOMMU group ever had: only with two can IOPF be left on the wrong one. */
  private readonly members = new Map<number, number>();

  /** Faults found in one operation. `before` is the state it ran on. */
  check(before: MachineState, outcome: Outcome): string[] {
    const wrong: string[] = [];
    const reported = outcome.events.find(event => event.type === 'PageRequestReported');
    if (reported !== undefined) {
      wrong.push(...this.checkReport(before, reported.deviceNo, reported.request, outcome));
    }
    for (const [place, event] of outcome.events.entries()) {
      wrong.push(...this.follow(event, outcome.events.slice(place + 1), outcome));
    }
    return wrong;
  }

  /** Groups that were queued and not answered exactly once. */
  unsettled(): string[] {
    return [...this.groups]
      .filter(([, { answers }]) => answers !== 1)
      .map(([id, { answers }]) => `iopf group ${id} was answered ${answers} times`);
  }

  private follow(event: Event, rest: readonly Event[], outcome: Outcome): string[] {
    switch (event.type) {
      case 'PciDeviceAdded':
      case 'MockDeviceAdded':
        this.members.set(event.iommuGroupId, (this.members.get(event.iommuGroupId) ?? 0) + 1);
        return [];
      case 'IopfFeatureDisabled': {
        const dropped = this.partial.get(event.deviceNo)?.length ?? 0;
        this.partial.delete(event.deviceNo);
        return dropped === event.droppedPartialRequests
          ? []
          : [`${dropped} requests were dropped, not ${event.droppedPartialRequests}`];
      }
      case 'PageRequestCollected':
        this.partial.set(event.deviceNo, [
          ...(this.partial.get(event.deviceNo) ?? []),
          event.request,
        ]);
        return [];
      case 'PhysicalDeviceRemoved':
        this.partial.delete(event.deviceNo);
        return [];
      case 'IopfGroupQueued':
        return this.queued(event.deviceNo, event.iopfGroupId, event.requests);
      case 'PageResponseWritten':
      case 'IopfGroupAutoResponded': {
        const group = this.groups.get(event.iopfGroupId);
        if (group === undefined) return [`iopf group ${event.iopfGroupId} was never queued`];
        group.answers++;
        const code = event.type === 'PageResponseWritten' ? event.code : 1;
        return this.sent(event.iopfGroupId, group, code, rest[0]);
      }
      case 'HazardRecorded':
        return event.name === 'IOPF_DISABLE_UNBALANCED' ? this.checkLeftOn(outcome) : [];
      default:
        return [];
    }
  }

  /** The group holds what its device collected under this index, in order, and then the last. */
  private queued(deviceNo: number, id: number, requests: readonly PageRequest[]): string[] {
    const { grpid } = requests.at(-1)!;
    const collected = this.partial.get(deviceNo) ?? [];
    const mine = collected.filter(request => request.grpid === grpid);
    this.partial.set(
      deviceNo,
      collected.filter(request => request.grpid !== grpid),
    );
    this.groups.set(id, { deviceNo, grpid, answers: 0 });
    return isDeepStrictEqual(requests.slice(0, -1), mine)
      ? []
      : [`iopf group ${id} does not hold the requests collected for it`];
  }

  private checkLeftOn(outcome: Outcome): string[] {
    const groups = outcome.events.flatMap(event =>
      'iommuGroupId' in event ? [this.members.get(event.iommuGroupId) ?? 0] : [],
    );
    return groups.some(members => members > 1)
      ? []
      : ['IOPF was left on another device of an IOMMU group that never had two'];
  }

  /** An answered group's response leaves at once, to the device that faulted unless it is gone. */
  private sent(id: number, group: QueuedGroup, code: number, next: Event | undefined): string[] {
    if (next?.type === 'HazardRecorded' && next.function === 'iopf_group_response') return [];
    const reaches =
      next?.type === 'PageResponseSent' &&
      next.iopfGroupId === id &&
      next.deviceNo === group.deviceNo &&
      next.grpid === group.grpid &&
      next.code === code;
    return reaches ? [] : [`the answer of iopf group ${id} did not reach its device`];
  }

  /** Queued, collected or answered INVALID: exactly what the attached hwpt says. */
  private checkReport(
    before: MachineState,
    deviceNo: number,
    request: PageRequest,
    outcome: Outcome,
  ): string[] {
    const physical = before.physicalDevices.get(deviceNo)!;
    const group = before.iommuGroups.get(physical.iommuGroupId)!;
    const hwpt =
      group.hwptId === null
        ? undefined
        : before.contexts.get(group.ownerContextId!)?.objects.get(group.hwptId);
    const nested = hwpt?.type === 'HWPT_NESTED';
    const pasid = (request.flags & PASID_VALID) !== 0;
    const handled = nested && hwpt.faultId !== null && (!pasid || nested) && physical.iopfFeature;
    // Other hazards say more about what is compared here.
    const types = outcome.events
      .filter(event => event.type !== 'HazardRecorded' || event.name === 'IOPF_ON_ONE_MEMBER')
      .map(({ type }) => type)
      .join(' ');
    const { reportErrno } = outcome.reply as PageRequestReply;
    const warned = nested && hwpt.faultId !== null && !physical.iopfFeature;
    const expected = !handled
      ? `PageRequestReported ${warned ? 'HazardRecorded ' : ''}PageResponseSent`
      : (request.flags & LAST_PAGE) !== 0
        ? 'PageRequestReported IopfGroupQueued'
        : 'PageRequestReported PageRequestCollected';
    const wrong: string[] = [];
    if (types !== expected) wrong.push(`a page request gave ${types}, not ${expected}`);
    if (reportErrno !== (handled ? 0 : 'EINVAL')) wrong.push(`it was answered ${reportErrno}`);
    return wrong;
  }
}

/**
 * The four combinations of a move between hwpts: IOPF is enabled on the way to a fault-capable
 * hwpt and disabled on the way from one, and a move away from a handle answers all its groups.
 */
export function checkMove(before: MachineState, after: MachineState, outcome: Outcome): string[] {
  const wrong: string[] = [];
  for (const event of outcome.events) {
    if (event.type !== 'DeviceReplaced') continue;
    if (event.oldHwptId === event.hwptId) wrong.push('a replace with the same hwpt did something');
    const context = before.contexts.get(event.contextId)!;
    const oldFault = faultIdOf(context, event.oldHwptId);
    const newFault = faultIdOf(after.contexts.get(event.contextId)!, event.hwptId);
    const has = (type: Event['type']) => outcome.events.some(other => other.type === type);
    if (has('IopfEnabled') !== (newFault !== null && oldFault === null)) {
      wrong.push('IOPF was enabled when it must not be, or not when it must');
    }
    const warned = outcome.events.some(
      other => other.type === 'HazardRecorded' && other.name === 'IOPF_DISABLE_UNBALANCED',
    );
    if ((has('IopfDisabled') || warned) !== (newFault === null && oldFault !== null)) {
      wrong.push('IOPF was disabled when it must not be, or not when it must');
    }
    const handleId = before.iommuGroups.get(event.iommuGroupId)!.attachHandleId;
    const pending = [...before.iopfGroups.values()].filter(
      group => group.attachHandleId === handleId,
    );
    const answered = outcome.events.filter(other => other.type === 'IopfGroupAutoResponded');
    if (answered.length !== pending.length) {
      wrong.push(`${answered.length} of ${pending.length} groups of the old handle were answered`);
    }
    const moved = before.iommuGroups.get(event.iommuGroupId)!.attachedDeviceIds.length;
    const hwpt = after.contexts.get(event.contextId)!.objects.get(event.hwptId) as Hwpt;
    if (hwpt.attachedDeviceIds.size < moved) wrong.push('the group did not move as a whole');
  }
  return wrong;
}

function faultIdOf(context: IommufdContext, hwptId: number): number | null {
  const hwpt = context.objects.get(hwptId);
  return hwpt !== undefined && 'faultId' in hwpt ? hwpt.faultId : null;
}
