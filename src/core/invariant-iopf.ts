/** Invariants of iopf groups and the fault queues they wait in. */
import { IOMMU_PGFAULT_FLAGS_LAST_PAGE } from '../abi/uapi.ts';
import { type Check, matchesUse } from './invariant-check.ts';
import type { MachineState } from './state.ts';

/** A group waits in one place, under a cookie once read, for an answer that can still be given. */
export function checkIopfGroups(state: MachineState, check: Check): void {
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
    const handle = state.attachHandles.get(group.attachHandleId);
    check(handle?.contextId === group.contextId, `${where}: its attach handle is freed`);
    const hwpt = handle && state.contexts.get(handle.contextId)?.objects.get(handle.hwptId);
    check(
      hwpt?.type === 'HWPT_NESTED' && hwpt.faultId === group.faultId,
      `${where}: its attach handle leads to another fault queue`,
    );
    const device = state.physicalDevices.get(group.deviceNo);
    check(
      device === undefined || device.iommuGroupId === handle?.iommuGroupId,
      `${where}: its device is not in the IOMMU group of its attach handle`,
    );
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
