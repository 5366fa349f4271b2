/**
 * Named bounds. Reaching one is an error, never a slow death: the errno a kernel that ran out of
 * memory gives where the kernel has one, otherwise an error that names the argument.
 */

/** Objects in one context's id table; one more gives ENOMEM, as a full table does in the kernel. */
export const OBJECTS_PER_CONTEXT_MAX = 1_000_000;
/** Open contexts of one machine. */
export const CONTEXTS_PER_MACHINE_MAX = 4_096;
/** Physical devices of one machine. */
export const DEVICES_PER_MACHINE_MAX = 65_536;
/** Devices of one IOMMU group. */
export const DEVICES_PER_GROUP_MAX = 256;
/**
 * iopf groups waiting in one fault queue's `deliver`; one more is answered FAILURE, as on ENOMEM. The
 * kernel has no such bound, nor the next one: meeting them is a hazard, FAULT_MEMORY_UNBOUNDED.
 */
export const IOPF_GROUPS_QUEUED_MAX = 65_536;
/** Partial requests one device may have collected; one more is lost with ENOMEM. */
export const PARTIAL_REQUESTS_PER_DEVICE_MAX = 4_096;
/** Page responses in one faultWrite. */
export const RESPONSES_PER_WRITE_MAX = 4_096;
/** Bytes asked for in one faultRead. */
export const READ_BYTES_MAX = 0x7fff_ffff;
/** Invalidation entries in one hwptInvalidate through GraphQL. */
export const INVALIDATE_ENTRIES_MAX = 4_096;
/** Reserved regions one PCI device may declare. */
export const RESERVED_REGIONS_PER_DEVICE_MAX = 64;
/** Devices named when a machine is created. */
export const MACHINE_CREATE_DEVICES_MAX = 256;
/** Characters of a machine's id. */
export const MACHINE_ID_LENGTH_MAX = 64;
/** What a machine's id has to be, for people and for programs. */
export const MACHINE_ID_FORM = `1 to ${MACHINE_ID_LENGTH_MAX} letters, digits, ".", "_" or "-", the first a letter or digit`;
export const MACHINE_ID = new RegExp(`^[A-Za-z0-9][A-Za-z0-9._-]{0,${MACHINE_ID_LENGTH_MAX - 1}}$`);
/** Hazards a machine's state lists by itself; older ones stay in the log. */
export const HAZARDS_LISTED_MAX = 1_000;
/** Unanswered groups one handler may hold (`maxInFlight`). */
export const HANDLER_IN_FLIGHT_MAX = 4_096;
/** Unanswered groups that all observers of fault queues on one server keep together. */
export const OBSERVED_GROUPS_MAX = 200_000;
/** Replays of the past under way at a time on one server: each keeps a state of its own. */
export const REPLAYS_MAX = 32;
/** iopf groups read in the range of one replay: what became of each is kept while it lasts. */
export const REPLAY_GROUPS_MAX = 100_000;
/** The same for all replays under way on one server together. */
export const REPLAY_GROUPS_TOGETHER_MAX = 400_000;
/** Differences from the record that one replay lists; beyond it they are only counted. */
export const REPLAY_DIFFERENCES_MAX = 1_000;
/** How many times slower than recorded (1 divided by it) or faster a replay may go. */
export const REPLAY_SPEED_MIN = 0.001;
export const REPLAY_SPEED_MAX = 1_000_000;
/** Events or operations one replayStep lets through. */
export const REPLAY_STEP_MAX = 1_000_000;
/** Machines one server keeps. */
export const MACHINES_MAX = 10_000;
/** Commands waiting for their commit; one more is refused at once. */
export const COMMANDS_WAITING_MAX = 10_000;
/** The machine meant where none is named; the server makes it when its database is empty. */
export const DEFAULT_MACHINE_ID = 'default';
/** Areas of one IOAS; one more gives ENOMEM. */
export const AREAS_PER_IOAS_MAX = 1_000_000;
/** Regions of user memory a process may declare. */
export const MEMORY_REGIONS_MAX = 1_024;
/** Ranges in one ioasAllowIovas through GraphQL. */
export const ALLOWED_IOVAS_MAX = 1_024;
/** Room for ranges in one ioasIovaRanges through GraphQL: all of them are in the answer. */
export const IOVA_RANGES_MAX = 4_096;
/** 64-bit words of a dirty bitmap in one answer. */
export const BITMAP_WORDS_MAX = 1_024;
/** Bytes one testAccessRw through GraphQL reads; they stand in the answer and in the log. */
export const ACCESS_READ_BYTES_MAX = 65_536;
/** Bookmarks users make on one machine. */
export const BOOKMARKS_MAX = 1_000;
/** Characters of a bookmark's note. */
export const BOOKMARK_NOTE_LENGTH_MAX = 1_000;
/** Operations that run again in one whatIf. */
export const RERUN_OPERATIONS_MAX = 100_000;
/** Edits of one whatIf. */
export const RERUN_EDITS_MAX = 1_000;
/** Bytes of an export file. */
export const EXPORT_BYTES_MAX = 64 * 1024 * 1024 * 1024;
/** Bytes of one line of an export file, which is one operation: closing a large context is one. */
export const EXPORT_LINE_BYTES_MAX = 256 * 1024 * 1024;
/** Operations of an export file. */
export const EXPORT_OPERATIONS_MAX = 100_000_000;
/** Modelled IOMMUs of one machine. */
export const IOMMUS_PER_MACHINE_MAX = 64;
/** Records of a page request queue; at least 2, a power of two. */
export const PRQ_ENTRIES_MAX = 32_768;
export const PRQ_ENTRIES_DEFAULT = 2_048;
/** Translations of one IOTLB or ATC; beyond it the oldest goes, as hardware may do. */
export const CACHE_ENTRIES_MAX = 65_536;
/** DMAs of one function that are not finished; one more is EBUSY. */
export const DMAS_PER_DEVICE_MAX = 1_024;
/** Pages of one DMA. */
export const DMA_PAGES_MAX = 4_096;
/** Bytes that a DMA by command can be given to write. */
export const DMA_DATA_BYTES_MAX = 65_536;
/** Outstanding Page Request Capacity of a function. */
export const PRI_CAPACITY_MAX = 4_096;
export const PRI_CAPACITY_DEFAULT = 32;
/** What Linux allocates of the capacity (intel/iommu.c, PRQ_DEPTH). */
export const PRI_ALLOCATION_WANTED = 32;
/** Answers of success to one DMA whose page stays missing, before it is given up. */
export const DMA_RETRIES_MAX = 1_000;
export const DMA_RETRIES_DEFAULT = 16;
/** Page requests of one group. */
export const PAGES_PER_GROUP_MAX = 512;
/** Operations of a device's program. */
export const PROGRAM_OPS_MAX = 4_096;
/** How often a REPEAT goes back. */
export const PROGRAM_REPEAT_MAX = 1_000_000;
/**
 * Events of one command after which devices start nothing more in it: programs stop as if they had
 * done their steps, and what stands in line for a page request backs off until the next tick.
 */
export const HARDWARE_EVENTS_MAX = 65_536;
/** Operations that one deviceRun lets a program do. */
export const PROGRAM_STEPS_MAX = 65_536;
/** PASIDs that a program takes in turn. */
export const PROGRAM_PASIDS_MAX = 1_024;
/** Ticks that hardware's time may reach. */
export const TICK_MAX = 2 ** 52;
/** Ticks of one hardwareAdvance, and of a timeout. */
export const TICKS_MAX = 1_000_000_000;
export const INVALIDATION_TIMEOUT_DEFAULT = 100;
/** Invalidations one function may have pending (PCIe: 5 bits of ITag). */
export const ITAGS_MAX = 32;
/** Fault records that an IOMMU lists. */
export const FAULT_RECORDS_MAX = 256;
/** Transactions that stall in one IOMMU: a STAG has 16 bits. */
export const STALLS_MAX = 65_536;
/** Words of one guestWrite. */
export const GUEST_WORDS_MAX = 4_096;
/** Bytes of a process' memory that one field shows. */
export const MEMORY_READ_MAX = 4_096;
/** Pages of one guestMap or guestUnmap. */
export const GUEST_MAP_PAGES_MAX = 65_536;
/** What a function remembers of invalidations that stopped short of its ATC, and of lost ones. */
export const SHORT_INVALIDATIONS_MAX = 256;
/** Entries of an array that an ioctl, a read or a write of a program points to. */
export const IOCTL_ARRAY_ENTRIES_MAX = 65_536;
/** Characters of one message between `faultline run` and a server. */
export const SOCKET_LINE_BYTES_MAX = 64 * 1024 * 1024;

/** Bytes of one buffer that a recording of a program keeps: the kernel's self-test takes 16 MiB. */
export const RECORDED_BYTES_MAX = 16 * 1024 * 1024;
/** Bytes of an ioctl's structure that a recording keeps: what follows is not known to any kernel. */
export const IOCTL_STRUCT_BYTES_MAX = 4_096;
