/** The rules by which modelled hardware and a guest refuse; as REFUSAL_RULES, of which they are part. */
export const HARDWARE_REFUSAL_RULES = {
  NOT_MODELLED:
    'bdf {bdf}: the IOMMU of this function is not modelled; machineCreate(iommus:) and `hardware` of the device model one.',
  PASID_TOO_WIDE: 'pasid {pasid}: PASIDs of {bdf} have {width} bits.',
  OP_INCOMPLETE: '{argument}: {op} needs it.',
  HARDWARE_BOUND: '{argument} {value} is not from {low} to {high}.',
  TOO_MANY_DMAS: 'bdf {bdf}: {most} of its DMAs are not finished, and it can have no more.',
  PROGRAM_ABSENT: 'bdf {bdf}: this function has no program; deviceProgramLoad gives it one.',
  PROGRAM_UNDER_WAY: 'bdf {bdf}: DMA {dmaId} of the program before is not finished.',
  PRI_ABSENT: 'bdf {bdf}: this function has no PRI.',
  PRI_OF_PHYSICAL:
    'bdf {bdf}: a virtual function has the PRI of its physical one, {physical}, which is off.',
  PRI_SWITCHED: 'bdf {bdf}: its PRI is {is} already.',
  PRI_NOT_STOPPED: 'bdf {bdf}: its PRI is not stopped; priReset comes first.',
  PRI_ENABLED: 'bdf {bdf}: its PRI is on; priDisable comes first.',
  ATS_ABSENT: 'bdf {bdf}: this function has no ATS.',
  ATS_SWITCHED: 'bdf {bdf}: its ATS is {is}.',
  INVALIDATION_UNALIGNED:
    'addr {addr} and size {size} must be multiples of {alignment}, and size more than 0.',
  INVALIDATIONS_PENDING: 'bdf {bdf}: {pending} invalidations are pending, and it takes no more.',
  INVALIDATION_QUEUE_STOPPED:
    'The invalidation queue of IOMMU {iommuNo} has stopped ({kind}); queueErrorClear lets it go on.',
  NO_QUEUE_ERROR: 'iommu {iommuNo}: its invalidation queue has not stopped.',
  NO_STALL_MODEL: 'bdf {bdf}: its transactions do not stall; `stall` of its hardware says so.',
  STALL_NOT_OF_VENDOR:
    'bdf {bdf}: `stall` is SMMUv3’s, and IOMMU {iommuNo} is {vendor}; leave it out there.',
  NESTED_FAULTS:
    'flags: Linux’ driver for {vendor} makes no nested hwpt with IOMMU_HWPT_FAULT_ID_VALID; `faultCapableNested` of the IOMMU lets it.',
  IOMMU_ABSENT: 'iommu {iommuNo}: the machine has {has}.',
  PRQ_SWITCHED: 'iommu {iommuNo}: its page request queue is {is} already.',
  END_OF_TIME: 'ticks {ticks}: it is tick {tick}, and time ends at {most}.',
  GPA_UNALIGNED: 'The address {gpa} is no multiple of {alignment}.',
  GUEST_MEMORY_ABSENT:
    '{argument} {gpa}: IOAS {ioasId} maps nothing there, so no guest can write it.',
  NO_GUEST_TABLE:
    'hwptId {hwptId}: this hwpt has no page table of a guest; nested ones with vtdS1 have one.',
  GUEST_RANGE_UNALIGNED:
    'iova {iova}, gpa {gpa} and length {length} must be multiples of pageSize {pageSize}, and length more than 0.',
  GUEST_PAGE_SIZE: 'pageSize {pageSize}: the table has no pages of this size.',
  GUEST_RIGHTS: 'perm {perm}: the table cannot grant writing without reading, nor nothing at all.',
  GUEST_GPA:
    'gpa {gpa}, length {length}, tablesGpa {tablesGpa}: one of them is wider than an entry of this table can hold.',
  GUEST_IOVA: 'iova {iova} to {last}: wider than the table, or not sign-extended.',
  GUEST_TABLE_UNREADABLE:
    'hwptId {hwptId}: a table on the way lies where IOAS {ioasId} maps nothing.',
  GUEST_ENTRY_IN_THE_WAY: 'iova {iova}: a larger page is mapped there.',
  NO_TABLE_PAGES:
    'tablesGpa {tablesGpa}, tablesLength {tablesLength}: no page is left that is zero and no table.',
  PART_OF_LARGE_PAGE: 'iova {iova}, length {length}: the range ends inside a larger page.',
} as const satisfies Readonly<Record<string, string>>;
