/**
 * The register block in BAR 0 of every PCI function that programs find (docs/PROGRAMS.md): a DMA
 * engine of eight channels, Faultline's own. Registers are little-endian words of 4 bytes.
 */

/** Bytes of BAR 0: registers, by read and write. */
export const BLOCK_BYTES = 0x1000;
/** Bytes of BAR 2: the device's buffer, by read, write and mmap. */
export const WINDOW_BYTES = 0x1_0000;

// No product: the list of pci.ids (2023.04.11) has no such vendor.
export const BLOCK_VENDOR_ID = 0xfa17;
export const BLOCK_DEVICE_ID = 0x0001;
/** A processing accelerator. */
export const BLOCK_CLASS = 0x12_0000;
export const BLOCK_REVISION = 1;

export const BLOCK_CHANNELS = 8;
/** A channel's registers begin here, one channel after the other. */
export const CHANNELS_OFFSET = 0x100;
export const CHANNEL_BYTES = 0x40;

/** Registers of the whole block. */
export const BLOCK_REGISTERS = {
  /** "FLDM". */
  ID: 0x00,
  VERSION: 0x04,
  CHANNELS: 0x08,
  /** A bit a channel whose DMA has ended. Writing 1 clears it. */
  IRQ_STATUS: 0x0c,
  /** Channels whose ends send the MSI. */
  IRQ_ENABLE: 0x10,
} as const;
export const BLOCK_ID = 0x4d44_4c46;
export const BLOCK_VERSION = 1;

/** Registers of a channel, from its beginning. */
export const CHANNEL_REGISTERS = {
  IOVA_LOW: 0x00,
  IOVA_HIGH: 0x04,
  LENGTH: 0x08,
  /** Bits 19:0, valid with bit 31. */
  PASID: 0x0c,
  /** Bits 7:0: each byte that a write fills. */
  FILL: 0x10,
  /** Where in BAR 2 bytes that are read go, and come from that COMMAND_WRITE_WINDOW writes. */
  WINDOW: 0x14,
  /** Pages that one page request group asks for; 0: one. */
  GROUP_PAGES: 0x18,
  /** Starts a DMA. */
  COMMAND: 0x1c,
  STATUS: 0x20,
  ERROR: 0x24,
  /** The DMA's number in the machine's log. */
  DMA: 0x28,
} as const;

export const COMMAND_READ = 1;
export const COMMAND_WRITE = 2;
/** Writes what the buffer holds, not FILL. */
export const COMMAND_WRITE_WINDOW = 3;
export const PASID_VALID = 0x8000_0000;
export const PASID_MASK = 0xf_ffff;

/** STATUS. */
export const CHANNEL_STATUS = { IDLE: 0, BUSY: 1, DONE: 2, ERROR: 3 } as const;

/** ERROR, why a DMA failed. What the machine refuses to start is 0x100 and the errno's number. */
export const CHANNEL_ERRORS = {
  NONE: 0,
  INVALID_REQUEST: 1,
  RESPONSE_FAILURE: 2,
  RETRY_LIMIT: 3,
  NO_PRI: 4,
  REFUSED: 5,
  TERMINATED: 6,
  DEVICE_RESET: 7,
  TIMED_OUT: 8,
  /** Bus Master Enable is off in the command register. */
  NO_BUS_MASTER: 9,
  /** COMMAND is neither a read nor a write. */
  NO_COMMAND: 10,
  /** WINDOW and LENGTH reach beyond the buffer that is to be written. */
  WINDOW_ENDS: 11,
  /** What was to be read is pinned, but the program gave it up: nobody has its bytes. */
  MEMORY_GONE: 12,
} as const;
export const REFUSED_ERRNO = 0x100;
