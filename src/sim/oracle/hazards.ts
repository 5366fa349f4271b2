/** Which hazards a machine can meet: an invariant is excused by none that its kernel has not. */
import { BEHAVIOUR, type Behaviour } from '../../abi/behaviour.ts';
import type { HazardName } from '../../abi/hazards.ts';
import type { Policies } from '../../abi/policies.ts';
import type { Outcome } from '../../core/machine/operation.ts';
import type { MachineState } from '../../core/machine/state.ts';

type Possible = (rules: Behaviour, policies: Policies) => boolean;

const counts: Possible = ({ iopfEnabledBy }) => iopfEnabledBy === 'IOMMUFD';

/** The others can come up on every kernel; one only if references are counted wrong. */
const POSSIBLE: Partial<Record<HazardName, Possible>> = {
  IOPF_DISABLE_UNBALANCED: counts,
  IOPF_ENABLE_LEAKED: counts,
  // A device that joins a group with PASIDs has none of them.
  IOPF_ON_ONE_MEMBER: rules => rules.iopfEnabledBy === 'IOMMUFD' || rules.pasidHwpts,
  WRONG_QUEUE_ANSWERED: rules => rules.replaceAnswersQueueOf === 'NEW_HWPT',
  POLICY_LEFT_GROUPS: (_rules, policies) => policies.autoResponse === 'ONLY_TO_PLAIN',
  STALE_GROUP_QUEUED: (_rules, policies) => policies.inFlightRequests === 'NOT_DRAINED',
  GROUP_OWNED_TWICE: rules => rules.iopfRemoveFreesGroups && !rules.groupDequeued,
  READ_LOOPS: rules => rules.readCopyFault === 'LOOPS',
  READ_CLAIMS_BYTES: rules => rules.readCopyFaultGives === 'BYTES_LEFT',
  DIRTY_BITMAP_SHIFT: rules => rules.dirtyBitmapIndex === 'SHIFTS_INT',
  DIRTY_BITMAP_DIVIDES_BY_ZERO: rules => rules.dirtyBitmapIndex === 'DIVIDES',
  RESERVED_WRAPPED: rules => !rules.addReservedChecked,
  FILE_OF_FREED_QUEUE: rules => !rules.abortClosesFileFirst,
  READ_LOST_GROUP: rules => rules.readCopyFault === 'GROUP_LOST',
  DESTROY_LOST_GROUP: rules => !rules.destroyAnswersDelivered,
  HANDLE_LEAKED: rules => !rules.failedReplaceFreesHandle,
  MOVED_BY_UNATTACHED: rules => rules.replaceByUnattachedMember === 'MOVES_GROUP',
  // One takes the error for a handle, the other a nested hwpt for a paging one.
  WILD_POINTER: rules =>
    !rules.missingHandleNoticed || rules.failedReplaceReleasesIn === 'OLD_IOAS',
  IOVA_WRAPPED: rules => rules.autoIovaAlignment === 'WRAPS',
  OBJECTS_LEFT: () => false,
  USERS_UNDERFLOW: rules => rules.mockPasid,
  FREED_WITH_PASIDS: rules => rules.mockPasid,
  PASIDS_NOT_JOINED: rules => rules.pasidHwpts,
  PASID_NOT_TAKEN_BACK: rules => rules.mockPasid,
  RESERVATIONS_LEFT: rules => rules.failedReplaceReleasesIn === 'OLD_IOAS',
};

export function checkHazards({ baseline, policies }: MachineState, { events }: Outcome): string[] {
  return events.flatMap(event => {
    if (event.type !== 'HazardRecorded') return [];
    const possible = POSSIBLE[event.name]?.(BEHAVIOUR[baseline], policies) ?? true;
    return possible ? [] : [`the hazard ${event.name}, which this kernel does not have`];
  });
}
