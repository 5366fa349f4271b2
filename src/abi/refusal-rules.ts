import { CALL_REFUSAL_RULES } from './call-refusal-rules.ts';
import { HARDWARE_REFUSAL_RULES } from './hardware-refusal-rules.ts';

/**
 * The rules by which the kernel refuses, each with a sentence whose {names} are facts of the refusal.
 * A rule is kept in the log by its name: names stay, sentences may be bettered.
 */
export const REFUSAL_RULES = {
  ALLOCATION_FAILED: 'An allocation of memory failed: {what}.',
  BOUND_REACHED:
    'Faultline keeps at most {most} {what}; a kernel would go on until memory is full.',
  OBJECT_ABSENT: '{argument} {id}: context {contextId} has no such object. It has {has}.',
  OBJECT_OF_OTHER_TYPE:
    '{argument} {id}: object {id} of context {contextId} is of type {type}, and {wanted} is wanted. The context has {has}.',
  CONTEXT_NEVER_OPEN: 'contextId {contextId}: no context of this number was ever opened; {open}.',
  CONTEXT_CLOSED: 'contextId {contextId}: the file of this context was closed; {open}.',
  FAULT_QUEUE_ABSENT:
    'faultId {faultId}: context {contextId} has no fault queue of this id. It has {has}.',
  FAULT_FILE_CLOSED:
    'faultId {faultId}: the file of this fault queue of context {contextId} was closed.',
  OBJECT_IN_USE:
    'id {id}: {what} {id} of context {contextId} is in use: its users are {users} and must be 1. It is held by {held}.',
  FLAGS_UNKNOWN: 'flags {flags}: not known here is {unknown}; known: {known}.',

  // Ranges of IOVAs
  IOVA_IS_MAX: '{argument} 0xffffffffffffffff: no range can begin or last with it.',
  NO_ACCESS_WANTED:
    'flags: neither IOMMU_IOAS_MAP_READABLE (4) nor IOMMU_IOAS_MAP_WRITEABLE (2); one of them is needed.',
  LENGTH_ZERO: 'length 0: it must be 1 or more.',
  LENGTH_TOO_LARGE: 'length {length}: it is above {most}.',
  RANGE_WRAPS: 'The range of {length} bytes from {start} goes past the end of the address space.',
  LENGTH_UNALIGNED:
    'length {length}: no multiple of {alignment}, the IOVA alignment of IOAS {ioasId}.',
  IOVA_UNALIGNED:
    'The IOVA {iova} is not a multiple of {alignment}, the IOVA alignment of IOAS {ioasId}.',
  USER_VA_UNALIGNED:
    'The user address {userVa} lies {offset} bytes into its page, which is not a multiple of {alignment}, the IOVA alignment of IOAS {ioasId}.',
  IOVA_RESERVED:
    'The IOVAs {start} to {last} meet {inWayStart} to {inWayLast}, which nobody may use: they are reserved in IOAS {ioasId}.',
  IOVA_RESERVED_FOR_DEVICE:
    'The IOVAs {start} to {last} meet {inWayStart} to {inWayLast}, which IOAS {ioasId} reserves for device {deviceId}.',
  IOVA_OUTSIDE_APERTURE:
    'The IOVAs {start} to {last} reach beyond the aperture of hwpt {hwptId}: it cannot translate {inWayStart} to {inWayLast}.',
  IOVA_MAPPED:
    'The IOVAs {start} to {last} meet {inWayStart} to {inWayLast}, which is mapped in IOAS {ioasId}.',
  AUTO_LENGTH_TOO_LARGE:
    'length {length}: no IOVA is chosen for half of the address space or more.',
  AUTO_ALIGNMENT_TOO_SMALL:
    'An IOVA for the user address {userVa} and {length} bytes would be a multiple of {chosen} only, and IOAS {ioasId} wants {alignment}.',
  AUTO_NO_ROOM:
    'length {length}: IOAS {ioasId} has no room for so much at a multiple of {chosen}, in what is allowed, not reserved and not mapped.',
  AUTO_IOVA_IN_USE: 'The IOVA {iova} that was chosen is in use: the sum that chose it wrapped.',
  PAGES_READ_ONLY:
    'flags IOMMU_IOAS_MAP_WRITEABLE (2): the pages from the user address {userVa} on were mapped without it.',
  USER_MEMORY_MISSING: 'The process has no memory at the user address {userVa}.',
  MEMLOCK_REACHED:
    'RLIMIT_MEMLOCK allows {most} locked pages; {wanted} more are wanted and {locked} are locked.',
  RANGE_NOT_MAPPED:
    'Nothing is mapped at the IOVA {iova} of IOAS {ioasId}, in the range {start} to {last}.',
  NOTHING_MAPPED: 'iova {start}: nothing is mapped from there to {last} in IOAS {ioasId}.',
  AREA_STICKS_OUT:
    'The mapping {inWayStart} to {inWayLast} reaches beyond {start} to {last}: a mapping is unmapped whole.',
  RANGE_EMPTY:
    'The range {start} to {last} holds less than two IOVAs; its start must be below its last.',
  RANGES_OVERLAP: 'The range {start} to {last} meets {inWayStart} to {inWayLast}, given before it.',
  RESERVED_MEETS_ALLOWED:
    'The allowed range {start} to {last} meets {inWayStart} to {inWayLast}, which is reserved in IOAS {ioasId}.',
  RESERVE_MEETS_MAPPED:
    'The range {start} to {last} cannot be reserved: {inWayStart} to {inWayLast} is mapped in IOAS {ioasId}.',
  RESERVE_MEETS_ALLOWED:
    'The range {start} to {last} cannot be reserved: {inWayStart} to {inWayLast} is allowed in IOAS {ioasId}.',
  AREAS_MISALIGNED: 'IOAS {ioasId} has mappings that are not aligned to {alignment}: {areas}.',
  ARRAY_TOO_SMALL: 'numIovas {room}: IOAS {ioasId} has {count} ranges.',
  IO_PAGE_TOO_LARGE:
    'The smallest IO page of hwpt {hwptId} is {size} bytes, above the page size {most}.',

  // Options
  OPTION_UNKNOWN:
    'optionId {optionId}: there are IOMMU_OPTION_RLIMIT_MODE (0) and IOMMU_OPTION_HUGE_PAGES (1).',
  OPERATION_UNKNOWN:
    'op {op}: the operation is not known here; 0 sets, 1 gets and, for the VFIO IOAS, 0 gets, 1 sets, 2 clears.',
  OPTION_VALUE: 'val64 {value}: it must be 0 or 1.',
  OBJECT_ID_NOT_ZERO: 'objectId {id}: this option is of the whole context, so it must be 0.',
  NO_CAP_SYS_RESOURCE: 'The process has no CAP_SYS_RESOURCE.',
  CONTEXT_NOT_EMPTY:
    'The context has {count} objects ({has}); the mode is set before the first is made.',
  LARGE_PAGES_MAPPED: 'IOAS {ioasId} has mappings in a hwpt; large pages are disabled before that.',
  NO_COMPAT_IOAS: 'No IOAS is set for the VFIO compatible ioctls.',
  VFIO_IOMMU_TYPE:
    'iommuType {iommuType}: it must be VFIO_TYPE1_IOMMU (1) or VFIO_TYPE1v2_IOMMU (3).',
  UNMAP_ALL_RANGE:
    'flags VFIO_DMA_UNMAP_FLAG_ALL (2): iova {iova} and size {size} must be 0 with it.',
  CUT_UNALIGNED:
    'Unmapping in the middle of {start} to {last} cuts it at {iova}, which is no multiple of {alignment}, the IOVA alignment of IOAS {ioasId}, there or in user memory.',
  PAGES_DIFFER:
    'iova {iova}: the pages that access {accessId} pins from there on are not those at the pointer of the caller.',
  BUFFER_ABSENT: 'length {length}: of the buffer of the caller {given} bytes can be read.',
  CUT_PINNED:
    'Unmapping in the middle of {start} to {last} of IOAS {ioasId} would cut what is pinned by accesses: {accessIds}.',

  // Hardware page tables
  DATA_TYPE_AND_LENGTH:
    'Data type {dataType} and length {dataLen} do not go together: with type 0 there is no data, with another there is some.',
  PT_CANNOT_HOLD_HWPT:
    'ptId {id}: object {id} is {type}; a hwpt is made in an IOAS or in a nest parent.',
  FAULT_ON_PAGING:
    'flags IOMMU_HWPT_FAULT_ID_VALID (4): this kernel has no fault-capable hwpts of an IOAS, only nested ones.',
  FAULT_ON_NEST_PARENT:
    'flags IOMMU_HWPT_FAULT_ID_VALID (4): a nest parent cannot be fault-capable in this kernel.',
  NO_DIRTY_TRACKING: 'The {what} {id} cannot track dirty pages.',
  NESTED_WITHOUT_DATA: 'dataLen is 0: a nested hwpt needs user data of its driver, such as vtdS1.',
  NOT_A_NEST_PARENT:
    'ptId {hwptId}: hwpt {hwptId} was made without IOMMU_HWPT_ALLOC_NEST_PARENT (1), so no hwpt can be nested on it.',
  AUTOMATIC_PARENT:
    'ptId {hwptId}: hwpt {hwptId} was made automatically and cannot be a nest parent.',
  OTHER_DRIVER: 'ptId {hwptId}: this hwpt was made by another IOMMU driver than the device’s.',
  USER_DATA_UNWANTED: 'This driver takes no user data with a hwpt of an IOAS.',
  DATA_TYPE_UNKNOWN: 'dataType {dataType} is not this driver’s, which is {wanted}.',
  DATA_LENGTH: 'dataLen {dataLen}: the driver’s structure has {wanted} bytes.',
  USER_DATA_MISSING: 'There is no user data at the address given.',
  VTD_FLAGS: 'vtdS1.flags {flags}: bits that are not known here.',
  VTD_ADDR_WIDTH: 'vtdS1.addrWidth {width}: it must be 48 or 57.',
  ENTRY_LENGTH: 'entryLen {entryLen}: the driver’s structure has {wanted} bytes.',
  ENTRY_BOUNDS:
    'The {entryNum} entries of {entryLen} bytes are more than the kernel takes: {most} of 1 to {longest} bytes.',
  ENTRY_LENGTH_ZERO: 'entryLen 0: the entries must have the size of the driver’s structure.',
  ENTRY_FLAGS: 'Entry {index} has flags that are not known here: {flags}.',
  ENTRY_IOTLB: 'Entry {index} names IOTLB entry {iotlbId}; there are {most}.',
  ENTRY_ADDRESS:
    'Entry {index} has the address {addr}, which must be page aligned, and 0 if all pages are meant.',
  PAGE_SIZE_ZERO: 'pageSize 0: it must be a power of two.',
  RANGE_UNALIGNED:
    'The range {start} to {last} does not begin and end at a multiple of {alignment}, {of}.',

  // Devices
  NO_COHERENT_DMA: 'The DMA of {device} is not cache coherent.',
  PROBE_FAILED:
    'No IOMMU driver has {device}: joining what its group is attached to failed with {errno}, which nobody looks at.',
  MSI_NOT_ISOLATED: 'The interrupts of {device} are not isolated.',
  GROUP_OWNED:
    'IOMMU group {iommuGroupId}, which the device is in, belongs to context {contextId}.',
  DIRECT_MAPPING: 'The firmware demands that {device} keeps a 1:1 mapping.',
  DEVICE_BOUND: 'bdf {device}: it is bound already, in context {contextId} as device {deviceId}.',
  NO_SUCH_FUNCTION: '{argument} {bdf}: no PCI function has this address. The machine has {has}.',
  FUNCTION_EXISTS: 'bdf {bdf}: a PCI function has this address already.',
  FUNCTION_BOUND:
    'bdf {bdf}: the function is device {devId} of context {contextId}; deviceUnbind comes first.',
  FUNCTION_HAS_VIRTUAL: 'bdf {bdf}: its virtual function {virtual} goes first.',
  PHYSFN_IS_VIRTUAL: 'physfn {physfn}: this function is itself a virtual one.',
  REGION_BACKWARDS: 'reservedRegions: one ends at {last}, before it starts at {start}.',
  NO_EMULATED_PRI:
    'bdf {bdf}: the function has no emulated PRI; virtual functions have one with the policy EMULATED_PRI.',
  NO_SUCH_REQUEST: 'inFlightId {inFlightId}: no page request of this number is held; {held}.',
  NOT_A_FUNCTION: 'devId {devId}: a mock device, and only PCI functions have a device file.',
  NOT_A_MOCK_DEVICE: 'Device {devId} is a PCI function; the self-test has mock devices.',
  PT_CANNOT_BE_ATTACHED:
    'ptId {id}: object {id} is of type {type}; a device is attached to an IOAS or a hwpt.',
  GROUP_ON_OTHER_HWPT:
    'IOMMU group {iommuGroupId} is attached to hwpt {hwptId}: its devices share one.',
  GROUP_NOT_ATTACHED:
    'IOMMU group {iommuGroupId} is not attached to anything that could be replaced.',
  DEVICE_NOT_ATTACHED:
    'Device {devId} is not attached, and so cannot ask for a replace of its group.',
  ATTACHED_ALREADY:
    'Device {devId} is attached by PASID {pasid} to hwpt {hwptId} already (PASID 0 is its RID).',
  PASID_NOT_ATTACHED:
    'PASID {pasid} of IOMMU group {iommuGroupId} is not attached to anything that could be replaced.',
  HWPT_NOT_FOR_PASIDS:
    'PASID {pasid}: hwpt {hwptId} is none that was made with IOMMU_HWPT_ALLOC_PASID, as those by which an IOAS is attached never are.',
  RID_NOT_FOR_PASIDS:
    'The RID of IOMMU group {iommuGroupId} is on hwpt {hwptId}, made without IOMMU_HWPT_ALLOC_PASID.',
  HWPT_BESIDE_PASIDS:
    'hwpt {hwptId} was made without IOMMU_HWPT_ALLOC_PASID, and PASID {pasid} of IOMMU group {iommuGroupId} is attached.',
  TOO_FEW_PASIDS: '{device} has {has} PASIDs, from 0 on, and {pasid} is none of them.',
  MOCK_PASID_FAILS: 'The mock driver fails every second time that PASID {pasid} is set.',
  PASID_UNKNOWN:
    'This kernel attaches no PASIDs: the flag for them (VFIO_DEVICE_ATTACH_PASID) came with Linux 6.15.',
  PASID_TOO_LARGE: 'VFIO counts PASIDs up to 2147483647, and {pasid} is larger.',
  NO_PASID_TESTS:
    'The self-test of this kernel has no PASIDs: these operations came with Linux 6.15.',
  PASID_ABSENT: 'PASID {pasid} of mock device {stdevId} is attached to nothing.',
  PASID_ATTACHED: 'PASID {pasid} of mock device {stdevId} is attached to hwpt {hwptId}.',
  TWO_MSI_WINDOWS: 'Device {devId} has a software MSI window and another one.',
  VIRTUAL_FUNCTION:
    'Device {devId} is a virtual function, which may not have a fault-capable hwpt in this kernel.',
  NO_IOPF: 'The driver of {device} cannot enable its page requests.',
  IOPF_ENABLED: 'Page requests of {device} are enabled already.',
  DOMAIN_NEEDS_DIRTY: 'ptId {hwptId}: this hwpt tracks dirty pages and {device} cannot.',
  HW_INFO_TYPE:
    'dataType {asked}: hardware information of this type is asked for, and the driver has {has}.',

  // Fault queues
  NOT_WHOLE_RECORDS: 'count {count}: no multiple of {size}, the size of a record.',
  GROUP_DOES_NOT_FIT: 'The next group has {requests} requests and does not fit into {room} bytes.',
  BUFFER_MISSING: 'The process has no memory for all of the group at the user address {userVa}.',
  RECORDS_MISSING: 'Of the {count} bytes to be written only {given} were given.',
  RESPONSE_CODE:
    'code {code} is neither IOMMUFD_PAGE_RESP_SUCCESS (0) nor IOMMUFD_PAGE_RESP_INVALID (1).',
  COOKIE_UNKNOWN:
    'cookie {cookie}: no group that was read from fault queue {faultId} awaits an answer to it; {awaited} awaited.',
  COOKIE_OF_OTHER_GROUP:
    'Cookie {cookie} is of iopf group {iopfGroupId}, and group {meant} was meant.',

  // The self-test
  MOCK_FLAGS:
    'devFlags {flags}: the mock devices of this kernel do not know {unknown}; known: {known}.',
  ACCESS_ABSENT: 'accessId {accessId}: no open file of an access.',
  ACCESS_CANNOT_PIN:
    'accessId {accessId}: it was made without MOCK_FLAGS_ACCESS_CREATE_NEEDS_PIN_PAGES.',
  ACCESS_NOT_ATTACHED: 'accessId {accessId}: it has no IOAS.',
  ACCESS_TOO_LONG: 'length {length}: it is above {most}, the most the self-test takes.',
  ITEM_ABSENT: 'itemId {itemId}: access {accessId} has no such item.',
  PIN_UNALIGNED:
    'iova {iova}: the mapping there does not begin and end on whole pages of user memory inside the range.',
  NOT_PERMITTED: 'iova {iova}: the mapping there does not permit to {what}.',
  IOTLB_ABSENT: 'iotlbId {iotlbId}: no such IOTLB entry; there are {most}.',
  IOTLB_DIFFERS: 'iotlb {wanted}: IOTLB entry {iotlbId} holds {holds}.',
  NOT_A_MOCK_HWPT: 'hwptId {hwptId}: it is not the mock driver’s.',
  TRACKING_OFF: 'hwptId {hwptId}: it does not track dirty pages now.',
  PAGES_NOT_WHOLE:
    'The IOVA {iova} and the length {length} must be multiples of pageSize {pageSize}.',
  TOO_MANY_PAGES: 'length: {pages} pages are in the range; the self-test takes {most}.',
  CHECK_UNALIGNED:
    'The IOVA {iova}, the length {length} and the user address {userVa} must be multiples of {alignment}.',
  REFS_UNALIGNED:
    'The user address {userVa} and the length {length} must be multiples of {alignment}.',
  PINNED_OTHERWISE: 'The pins of the page at user address {userVa} are {found}, not {wanted}.',
  LIMIT_TOO_SMALL: 'limit {limit}: it is below {least}, the bytes of one entry.',
  MAPPED_ELSEWHERE: 'iova {iova}: hwpt {hwptId} does not map it to the user address {userVa}.',

  ...HARDWARE_REFUSAL_RULES,
  ...CALL_REFUSAL_RULES,
} as const satisfies Readonly<Record<string, string>>;

/** What logs of before say, whose refusals have fewer facts than the sentence of today tells. */
const SENTENCES_BEFORE: { readonly [R in keyof typeof REFUSAL_RULES]?: string } = {
  OBJECT_ABSENT: 'Nothing in this context has the id {id}; wanted: {wanted}.',
  NO_SUCH_FUNCTION: 'bdf {bdf}: no PCI function has this address.',
  OBJECT_IN_USE:
    'id {id}: {what} {id} of context {contextId} is in use: its users are {users} and must be 1; its `holders` say who.',
  CONTEXT_NOT_EMPTY: 'The context has {count} objects; the mode is set before the first is made.',
  OBJECT_OF_OTHER_TYPE: 'Object {id} is of type {type}; wanted: {wanted}.',
  COOKIE_UNKNOWN:
    'No group that was read from this fault queue awaits an answer to cookie {cookie}.',
  FLAGS_UNKNOWN: 'The flags {flags} have bits that are not known here: {unknown}.',
  MOCK_FLAGS:
    'The device flags {flags} have bits that this kernel’s mock devices do not know: {unknown}.',
};

export type RefusalRule = keyof typeof REFUSAL_RULES;

/** What a rule is about; 64-bit numbers in hex. */
export type RefusalFacts = Readonly<Record<string, string | number>>;

const FACT = /\{(\w+)\}/g;

/**
 * The sentence of a rule with its facts in it; a fact that is not there is left as {name}. A sentence
 * that names no argument itself begins with the one that decided, if it is among the facts.
 */
export function ruleText(rule: RefusalRule, facts: RefusalFacts): string {
  const isThere = (key: string | undefined) => key !== undefined && Object.hasOwn(facts, key);
  const today = REFUSAL_RULES[rule];
  const whole = [...today.matchAll(FACT)].every(([, key]) => isThere(key));
  const sentence = whole ? today : (SENTENCES_BEFORE[rule] ?? today);
  const text = sentence.replaceAll(FACT, (name, key: string) =>
    isThere(key) ? String(facts[key]) : name,
  );
  if (!isThere('argument') || sentence.includes('{argument}')) return text;
  const within = text.replace(/^[A-Z](?=[a-z ])/, letter => letter.toLowerCase());
  return `${facts['argument']}: ${within}`;
}

/** Whether a log's word is a rule of today. */
export function isRefusalRule(name: string): name is RefusalRule {
  return Object.hasOwn(REFUSAL_RULES, name);
}
