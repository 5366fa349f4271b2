/** Every hazard of the emulated kernels and of the programs around them, by name. */
import { type HazardText, hazard } from './hazard-kinds.ts';

export const HAZARDS = {
  IOPF_DISABLE_UNBALANCED: hazard(
    'WARNING',
    'IOPF is disabled on a device that did not enable it: the count is per device, the attachment per group',
    'v6 to 6.15',
  ),
  IOPF_ENABLE_LEAKED: hazard(
    'LEAK',
    'a device keeps IOPF enabled although its group is no longer on a fault-capable hwpt',
    'v6 to 6.15',
  ),
  IOPF_ON_ONE_MEMBER: hazard(
    'WARNING',
    'a member of a group faults whose IOPF was never enabled: only the asking device’s is',
    'v6 to 6.15',
  ),
  HANDLE_NAMES_GONE_DEVICE: hazard(
    'STALE_HANDLE',
    'the attach handle still names a device that was unbound while others of its group stay attached',
    'v6 to 7.3.4',
  ),
  HANDLE_DEVICE_USED: hazard(
    'USE_AFTER_FREE',
    'a read takes dev_id from a device, or an attach handle, that is gone',
    'v6 to 7.3.4; also with policy ONLY_TO_PLAIN or NOT_DRAINED',
  ),
  RESPONSE_TO_GONE_DEVICE: hazard(
    'USE_AFTER_FREE',
    'a group is answered after the device that faulted is gone',
    'v6 to 7.3.4; also with policy ONLY_TO_PLAIN or NOT_DRAINED',
  ),
  WRONG_QUEUE_ANSWERED: hazard(
    'STALE_HANDLE',
    'replace looks for the old groups in the new hwpt’s fault queue: they stay behind with a freed handle',
    '6.12.24 to 6.12.104, 6.15 to 7.2-rc5',
  ),
  GROUP_OWNED_TWICE: hazard(
    'USE_AFTER_FREE',
    'a group freed when its device left the iopf queue is still in a fault queue (CVE-2026-74520)',
    '6.14 to 7.2-rc4, 6.12.16 to 6.12.113',
  ),
  RESERVATIONS_LOST: hazard(
    'WRONG_STATE',
    'a failed replace, or an automatic hwpt passed over, releases the reserved ranges of devices that stay attached',
    'v6 to 7.3.4; since 6.11 only within one IOAS',
  ),
  RESERVATIONS_LEFT: hazard(
    'LEAK',
    'a failed replace leaves ranges reserved in the IOAS it did not come to',
    'v6',
  ),
  PARTIALS_MIXED: hazard(
    'WRONG_STATE',
    'a group holds requests of another attachment or PASID that had the same index',
    'all',
  ),
  PARTIALS_DROPPED: hazard(
    'NEVER_ANSWERED',
    'collected partial requests vanish without an answer when IOPF is disabled',
    'all',
  ),
  NON_LAST_ANSWERED: hazard(
    'WRONG_STATE',
    'a request that is not the last of its group is answered; the device expects one answer a group',
    'all',
  ),
  READ_LOOPS: hazard(
    'HANG',
    'a read into a buffer that is not there fetches the same group for ever',
    '6.14 to 7.1, 6.12.14 to 6.12.100',
  ),
  READ_LOST_GROUP: hazard(
    'NEVER_ANSWERED',
    'a read into a buffer that is not there loses the group: its device waits until it leaves the iopf queue',
    'v6 to 6.13, 6.12.0 to 6.12.13',
  ),
  READ_CLAIMS_BYTES: hazard(
    'WRONG_ANSWER',
    'a read into a buffer that is not there succeeds, with the number of bytes it could not copy',
    'v6',
  ),
  DESTROY_LOST_GROUP: hazard(
    'NEVER_ANSWERED',
    'destroying a fault queue forgets groups that were read',
    'v6 to 6.13, 6.12.0 to 6.12.13',
  ),
  HANDLE_LEAKED: hazard('LEAK', 'a failed replace leaks its new attach handle', 'v6'),
  WILD_POINTER: hazard(
    'USE_AFTER_FREE',
    'a replace takes an error for the old attach handle, or a nested hwpt for a paging one',
    'v6',
  ),
  MOVED_BY_UNATTACHED: hazard(
    'WRONG_STATE',
    'a member that is not attached moved the group; its own IOPF count was used',
    'v6 to 6.14, before 6.12.24',
  ),
  USERS_UNDERFLOW: hazard(
    'WRONG_STATE',
    'a detach of a device that is not attached, from what another member of its group is attached to, gives back users that nobody took; here they stay',
    '6.15 to 7.3.4, by the self-test alone',
  ),
  FREED_WITH_PASIDS: hazard(
    'USE_AFTER_FREE',
    'a mock device goes whose PASIDs are attached; here they are detached first',
    '6.15 to 7.3.4, by the self-test alone',
  ),
  PASIDS_NOT_JOINED: hazard(
    'WRONG_STATE',
    'a device joined an IOMMU group whose PASIDs are attached: no driver is told, and they block on it',
    '6.15 to 7.3.4 (read)',
  ),
  PASID_NOT_TAKEN_BACK: hazard(
    'WRONG_STATE',
    'a replace of a PASID failed, and the driver of a device that had moved does not take it back: its PASID blocks',
    '6.15 to 7.3.4',
  ),
  VIRTFN_UNCHECKED: hazard(
    'WRONG_STATE',
    'a virtual function got a fault-capable hwpt unchecked: only the device that attaches first, or asks for the replace, is checked',
    'v6 to 7.3.4; a replace between two of them is checked since 6.16',
  ),
  STALE_GROUP_QUEUED: hazard(
    'STALE_HANDLE',
    'a request that had found its handle was queued after that handle was freed: the driver does not drain',
    'all, with a driver that does not drain',
  ),
  FAULT_FILE_CLOSED: hazard(
    'NEVER_ANSWERED',
    'groups wait in a fault queue whose file is closed: nobody can answer until detach or replace',
    'all, by design',
  ),
  FOREIGN_DOMAIN: hazard(
    'WRONG_STATE',
    'replace hands a hwpt of another IOMMU driver to the driver, which attach would refuse',
    'all',
  ),
  UNMAP_PARTIAL: hazard(
    'WRONG_STATE',
    'unmap failed after it had removed areas, and does not say how many',
    'all',
  ),
  IOVA_WRAPPED: hazard(
    'WRONG_STATE',
    'an automatic IOVA wraps to the start of the space, outside what is allowed or on what is in use',
    'v6 to 6.16, before 6.12.43',
  ),
  DIRTY_BITMAP_INCOMPLETE: hazard(
    'WRONG_ANSWER',
    'a dirty bitmap is given with success though not all of the range was read: it has a hole, or tracking is off',
    'all',
  ),
  DIRTY_BITMAP_SHIFT: hazard(
    'UNDEFINED',
    'a dirty bitmap of pages of 2^31 bytes or more shifts an int beyond its width',
    'v6 to 6.13; 6.12.117 has the fix',
  ),
  DIRTY_BITMAP_DIVIDES_BY_ZERO: hazard(
    'OOPS',
    'a dirty bitmap of pages of 2^61 bytes or more divides by zero (CVE-2025-40293)',
    '6.14 to 6.17',
  ),
  RESERVED_WRAPPED: hazard(
    'WRONG_STATE',
    'the self-test reserves a range that ends before it starts: the tree of reserved ranges is out of order',
    'v6 to 6.18; 6.12.117 has the fix',
  ),
  FILE_OF_FREED_QUEUE: hazard(
    'USE_AFTER_FREE',
    'a fault queue that could not be finished is freed before its file is closed, which then uses it',
    'v6 to 6.16, before 6.12.50',
  ),
  FAILURE_CODE_RESERVED: hazard(
    'WRONG_ANSWER',
    'FAILURE is sent to a PCI device as code 2, which PCIe reserves: its code for it is 15',
    'all, with VT-d',
  ),
  FAULT_ID_IGNORED: hazard(
    'WRONG_STATE',
    'a fault id without IOMMU_HWPT_FAULT_ID_VALID is not looked at: the hwpt is not fault-capable',
    'all',
  ),
  FAULT_MEMORY_UNBOUNDED: hazard(
    'UNBOUNDED',
    'page requests nobody reads or completes are kept without a bound; here they meet one',
    'all',
  ),
  POLICY_LEFT_GROUPS: hazard(
    'STALE_HANDLE',
    'replace to another fault-capable hwpt leaves the old groups with a freed attach handle',
    'none: the policy ONLY_TO_PLAIN that the review discussed',
  ),
  MSI_WINDOWS: hazard('WARNING', 'a device has a software MSI window and another one', 'all'),
  ANSWERED_UNSEEN: hazard(
    'PROGRAM',
    'a handler answers a group that it was never given, or lost: the cookie was another group’s before',
    'all: cookies are reused',
  ),
  SUCCESS_WITHOUT_MAPPING: hazard(
    'WRONG_ANSWER',
    'a group was answered SUCCESS and its page is missing still, or what it is mapped to is: the device asks again',
    'all: what answers is wrong',
  ),
  SUCCESS_WITHOUT_PERMISSION: hazard(
    'WRONG_ANSWER',
    'a group was answered SUCCESS and its page is there, but not for what was asked',
    'all: what answers is wrong',
  ),
  STAGE2_FAULT_PASSED_TO_GUEST: hazard(
    'WRONG_ANSWER',
    'a page is missing in the second stage, and only the guest’s table was changed for it',
    'all: what answers is wrong',
  ),
  STALE_TRANSLATION_USED: hazard(
    'WRONG_STATE',
    'a DMA used a cached translation that the tables no longer have',
    'all: an invalidation is missing',
  ),
  ATC_NOT_INVALIDATED: hazard(
    'WRONG_STATE',
    'the IOTLB was invalidated and the device’s cache was not, which was then used',
    'all: an invalidation is missing',
  ),
  ATC_INVALIDATION_TIMED_OUT: hazard(
    'NEVER_ANSWERED',
    'a device did not complete an invalidation of its cache: what it still holds is not known',
    'all, with a broken device',
  ),
  PRI_DISABLED_BY_FAILURE: hazard(
    'WRONG_STATE',
    'a failure reached a function: its PRI is off, also for its virtual functions',
    'all',
  ),
  PRQ_OVERFLOWED: hazard(
    'NEVER_ANSWERED',
    'a page request queue was full: requests are lost, and groups in it are cut',
    'all',
  ),
  TRUNCATED_GROUP_ANSWERED: hazard(
    'WRONG_ANSWER',
    'software answers a group whose last request the hardware has answered',
    'all, where overflows leave partial groups',
  ),
  ANSWER_HIT_NEWER_GROUP: hazard(
    'WRONG_ANSWER',
    'the device had used the index again: a newer group got the answer to an older one',
    'all',
  ),
  GROUP_INDEX_REUSED: hazard(
    'WRONG_STATE',
    'a device used the index of a group that is outstanding',
    'all, with a broken device',
  ),
  REQUESTS_WITHOUT_CREDIT: hazard(
    'WRONG_STATE',
    'a function has more page requests outstanding than it is allowed',
    'all, with requests sent by command',
  ),
  STOP_MARKER_UNANSWERED: hazard(
    'NEVER_ANSWERED',
    'a request that only looks like a stop marker, without PASID, was dropped without an answer',
    'all, with VT-d’s driver',
  ),
  STALL_NEVER_RESUMED: hazard(
    'NEVER_ANSWERED',
    'a domain is gone and transactions that stalled on it were neither resumed nor ended',
    'all, with the stall model',
  ),
  STALE_STAG_RESUMED: hazard(
    'WRONG_ANSWER',
    'a resume named a tag that no transaction has, or another one by now',
    'all, with the stall model',
  ),
  PINNED_MEMORY_GONE: hazard(
    'PROGRAM',
    'a process gave up memory that iommufd has pinned, or may not write there any more: devices go on with its pages',
    'all, with processes whose memory changes',
  ),
  DMA_TIMED_OUT: hazard('NEVER_ANSWERED', 'a device gave up waiting for an answer', 'all'),
  OBJECTS_LEFT: hazard('WARNING', 'a context is released with objects nobody can destroy', 'all'),
} as const satisfies Record<string, HazardText>;

export type HazardName = keyof typeof HAZARDS;
