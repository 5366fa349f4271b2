/** Invariants of iopf groups and the fault queues they wait in. */
import { BEHAVIOUR } from '../../abi/behaviour.ts';
import { IOMMU_PGFAULT_FLAGS_LAST_PAGE } from '../../abi/uapi.ts';
import type { IopfGroup } from '../iommu/state.ts';
import type { MachineState } from '../machine/state.ts';
import { type Check, type MetHazards, matchesUse } from './invariant-check.ts';

/** A group waits in one place, under a cookie once read, for an answer that can still be given. */
export function checkIopfGroups(state: MachineState, met: MetHazards, check: Check): void {
  const seen = new Map<number, number>();
  for (const context of state.contexts.values()) {
    for (const object of context.objects.values()) {
      if (object.type !== 'FAULT') continue;
      const { id, deliver, awaitingResponse, cookies } = object;
      const where = `context ${context.contextId}, fault queue ${id}`;
      check(
        matchesUse(cookies, 1, awaitingResponse.keys()),
        `${where}: the taken cookies are not those of groups awaiting a response`,
      );
      const entries: [number, number | null][] = [
        ...[...deliver].map((group): [number, null] => [group, null]),
        ...[...awaitingResponse].map(([cookie, group]): [number, number] => [group, cookie]),
      ];
      for (const [iopfGroupId, cookie] of entries) {
        seen.set(iopfGroupId, (seen.get(iopfGroupId) ?? 0) + 1);
        const group = state.iopfGroups.get(iopfGroupId);
        check(
          group?.contextId === context.contextId &&
            group.faultId === id &&
            group.cookie === cookie &&
            (group.reader === null) === (cookie === null) &&
            (group.readSeq === null) === (cookie === null),
          `${where}: iopf group ${iopfGroupId} does not say that it is there`,
        );
      }
      const queued = [...deliver];
      check(
        queued.every((group, i) => i === 0 || queued[i - 1]! < group),
        `${where}: the queue is out of order`,
      );
    }
  }
  for (const group of state.iopfGroups.values()) {
    const { iopfGroupId, requests } = group;
    const where = `iopf group ${iopfGroupId}`;
    check(seen.get(iopfGroupId) === 1, `${where}: in ${seen.get(iopfGroupId) ?? 0} places`);
    checkHandle(state, group, met, check);
    const last = requests.findIndex(({ flags }) => (flags & IOMMU_PGFAULT_FLAGS_LAST_PAGE) !== 0);
    check(
      requests.length > 0 && last === requests.length - 1,
      `${where}: the last request, and only that one, must say so`,
    );
    check(
      requests.every(({ grpid }) => grpid === requests[0]!.grpid),
      `${where}: holds requests of several groups`,
    );
  }
  check(
    [...seen.keys()].every(id => state.iopfGroups.has(id)),
    'a fault queue lists an iopf group that was answered',
  );
}

/** What a replace, detach or driver leaves behind with a freed handle. */
const LEFT_BEHIND = ['WRONG_QUEUE_ANSWERED', 'POLICY_LEFT_GROUPS', 'STALE_GROUP_QUEUED'] as const;

/** A group's attach handle leads to the fault queue it is in. */
function checkHandle(state: MachineState, group: IopfGroup, met: MetHazards, check: Check): void {
  const where = `iopf group ${group.iopfGroupId}`;
  const handle = state.attachHandles.get(group.attachHandleId);
  if (handle === undefined) {
    check(met.explain(where, ...LEFT_BEHIND), `${where}: its attach handle is freed`);
    return;
  }
  const hwpt = state.contexts.get(handle.contextId)?.objects.get(handle.hwptId);
  check(
    handle.contextId === group.contextId &&
      hwpt !== undefined &&
      'faultId' in hwpt &&
      hwpt.faultId === group.faultId,
    `${where}: its attach handle leads to another fault queue`,
  );
  const device = state.physicalDevices.get(group.deviceNo);
  check(
    device === undefined || device.iommuGroupId === handle.iommuGroupId,
    `${where}: its device is not in the IOMMU group of its attach handle`,
  );
}

/** Devices know their unanswered groups; what was freed below a group is noted with it. */
export function checkPending(state: MachineState, check: Check): void {
  const { groupDequeued, iopfRemoveFreesGroups } = BEHAVIOUR[state.baseline];
  const unanswered = new Map<number, number>();
  for (const group of state.iopfGroups.values()) {
    unanswered.set(group.deviceNo, (unanswered.get(group.deviceNo) ?? 0) + 1);
    const where = `iopf group ${group.iopfGroupId}`;
    const planted = state.iopfGroupsPlanted.get(group.iopfGroupId);
    check(!group.freed || group.responded, `${where}: freed before its device was answered`);
    check(!group.freed || iopfRemoveFreesGroups, `${where}: freed, which this kernel does not`);
    check(!group.responded || !groupDequeued, `${where}: answered and still there`);
    check(
      ((planted?.group ?? null) !== null) === group.freed,
      `${where}: that it was freed is not noted, or reverse`,
    );
    check(
      ((planted?.device ?? null) === null) === state.physicalDevices.has(group.deviceNo),
      `${where}: that its device is gone is not noted, or reverse`,
    );
  }
  for (const id of state.iopfGroupsPlanted.keys()) {
    check(state.iopfGroups.has(id), `iopf group ${id}: remembered though it was answered`);
  }
  for (const [deviceNo, physical] of state.physicalDevices) {
    const { unansweredGroups, pendingGroupIds, lostGroups } = physical;
    const groups = unanswered.get(deviceNo) ?? 0;
    check(
      unansweredGroups === groups,
      `physical device ${deviceNo}: ${groups} groups are unanswered, it counts ${unansweredGroups}`,
    );
    check(
      [...pendingGroupIds].every(
        id => !groupDequeued && state.iopfGroups.get(id)?.responded === false,
      ),
      `physical device ${deviceNo}: a group is pending that was answered`,
    );
    check(
      lostGroups.size === 0 || !groupDequeued,
      `physical device ${deviceNo}: lost groups are pending`,
    );
  }
}
