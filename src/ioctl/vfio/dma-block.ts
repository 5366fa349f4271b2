/** The registers of BAR 0 (src/abi/ioctl/dma-block.ts): what reads give and writes do. */
import {
  BLOCK_BYTES,
  BLOCK_CHANNELS,
  BLOCK_ID,
  BLOCK_REGISTERS,
  BLOCK_VERSION,
  CHANNEL_BYTES,
  CHANNEL_REGISTERS,
  CHANNEL_STATUS,
  CHANNELS_OFFSET,
  COMMAND_READ,
  COMMAND_WRITE,
  COMMAND_WRITE_WINDOW,
  PASID_MASK,
  PASID_VALID,
  WINDOW_BYTES,
} from '../../abi/ioctl/dma-block.ts';

/** A DMA as a channel's registers describe it. */
export interface ChannelDma {
  readonly channel: number;
  /** null: COMMAND is neither a read nor a write. */
  readonly write: boolean | null;
  readonly iova: bigint;
  readonly length: bigint;
  readonly pasid: number | null;
  readonly fill: number;
  /** Where in BAR 2 lies what is written; null: each byte is `fill`. */
  readonly source: number | null;
  readonly pagesPerGroup: number;
}

const WRITES: ReadonlyMap<number, boolean> = new Map([
  [COMMAND_READ, false],
  [COMMAND_WRITE, true],
  [COMMAND_WRITE_WINDOW, true],
]);
const WORD = 4;
const { STATUS, ERROR, DMA, COMMAND } = CHANNEL_REGISTERS;
const STORED: readonly number[] = [
  CHANNEL_REGISTERS.IOVA_LOW,
  CHANNEL_REGISTERS.IOVA_HIGH,
  CHANNEL_REGISTERS.LENGTH,
  CHANNEL_REGISTERS.PASID,
  CHANNEL_REGISTERS.FILL,
  CHANNEL_REGISTERS.WINDOW,
  CHANNEL_REGISTERS.GROUP_PAGES,
];

export class DmaBlock {
  private readonly registers = Buffer.alloc(BLOCK_BYTES);
  private readonly interrupt: () => void;
  /** By the DMA's number: whose it is, and where in BAR 2 bytes that it reads go. */
  private readonly running = new Map<number, { channel: number; window: number }>();

  /** `interrupt` sends the MSI. */
  constructor(interrupt: () => void) {
    this.interrupt = interrupt;
    this.set(BLOCK_REGISTERS.ID, BLOCK_ID);
    this.set(BLOCK_REGISTERS.VERSION, BLOCK_VERSION);
    this.set(BLOCK_REGISTERS.CHANNELS, BLOCK_CHANNELS);
  }

  private get(offset: number): number {
    return this.registers.readUInt32LE(offset);
  }

  private set(offset: number, value: number): void {
    this.registers.writeUInt32LE(value >>> 0, offset);
  }

  read(offset: number, length: number): Buffer {
    return this.registers.subarray(offset, offset + length);
  }

  /** Writes, and gives the channels to start, in order. A channel that is busy starts nothing. */
  write(offset: number, written: Uint8Array): number[] {
    const started: number[] = [];
    const end = offset + written.length;
    for (let at = offset - (offset % WORD); at < end; at += WORD) {
      const given = Buffer.alloc(WORD);
      const kept = Buffer.from(this.registers.subarray(at, at + WORD));
      for (let i = Math.max(at, offset); i < Math.min(at + WORD, end); i++) {
        given[i - at] = written[i - offset]!;
        kept[i - at] = written[i - offset]!;
      }
      const channel = this.writeWord(at, given.readUInt32LE(0), kept.readUInt32LE(0));
      if (channel !== null) started.push(channel);
    }
    return started;
  }

  /** `given`: what was written, 0 where nothing was; `whole`: with the rest as it was. */
  private writeWord(offset: number, given: number, whole: number): number | null {
    if (offset === BLOCK_REGISTERS.IRQ_STATUS) this.set(offset, this.get(offset) & ~given);
    else if (offset === BLOCK_REGISTERS.IRQ_ENABLE) {
      this.set(offset, whole & (2 ** BLOCK_CHANNELS - 1));
    }
    const place = offset - CHANNELS_OFFSET;
    const channel = Math.floor(place / CHANNEL_BYTES);
    if (place < 0 || channel >= BLOCK_CHANNELS) return null;
    const register = place % CHANNEL_BYTES;
    if (STORED.includes(register)) this.set(offset, whole);
    if (register !== COMMAND || given === 0) return null;
    if (this.status(channel) === CHANNEL_STATUS.BUSY) return null;
    this.set(offset, given);
    return channel;
  }

  private at(channel: number, register: number): number {
    return CHANNELS_OFFSET + channel * CHANNEL_BYTES + register;
  }

  private status(channel: number): number {
    return this.get(this.at(channel, STATUS));
  }

  /** What a channel was told to do. COMMAND reads 0 from here on. */
  take(channel: number): ChannelDma {
    const value = (register: number) => this.get(this.at(channel, register));
    const command = value(COMMAND);
    const pasid = value(CHANNEL_REGISTERS.PASID);
    const high = BigInt(value(CHANNEL_REGISTERS.IOVA_HIGH));
    this.set(this.at(channel, COMMAND), 0);
    this.set(this.at(channel, STATUS), CHANNEL_STATUS.BUSY);
    this.set(this.at(channel, ERROR), 0);
    this.set(this.at(channel, DMA), 0);
    return {
      channel,
      write: WRITES.get(command) ?? null,
      iova: (high << 32n) | BigInt(value(CHANNEL_REGISTERS.IOVA_LOW)),
      length: BigInt(value(CHANNEL_REGISTERS.LENGTH)),
      pasid: (pasid & PASID_VALID) === 0 ? null : pasid & PASID_MASK,
      fill: value(CHANNEL_REGISTERS.FILL) & 0xff,
      source: command === COMMAND_WRITE_WINDOW ? value(CHANNEL_REGISTERS.WINDOW) : null,
      pagesPerGroup: Math.max(1, value(CHANNEL_REGISTERS.GROUP_PAGES)),
    };
  }

  /** The DMA of a channel has a number, by which its end is told. */
  started(channel: number, dmaId: number): void {
    const window = this.get(this.at(channel, CHANNEL_REGISTERS.WINDOW));
    this.running.set(dmaId, { channel, window: Math.min(window, WINDOW_BYTES) });
    this.set(this.at(channel, DMA), dmaId);
  }

  /** Where in BAR 2 the bytes of a DMA go; null: it is no channel's. */
  windowOf(dmaId: number): number | null {
    return this.running.get(dmaId)?.window ?? null;
  }

  /** The DMA of a channel has ended. */
  ended(dmaId: number, error: number): void {
    const { channel } = this.running.get(dmaId)!;
    this.running.delete(dmaId);
    this.fail(channel, error);
  }

  /** The DMA of a channel is over, with an error or none. */
  fail(channel: number, error: number): void {
    const { DONE, ERROR: FAILED } = CHANNEL_STATUS;
    this.set(this.at(channel, ERROR), error);
    this.set(this.at(channel, STATUS), error === 0 ? DONE : FAILED);
    const { IRQ_STATUS, IRQ_ENABLE } = BLOCK_REGISTERS;
    this.set(IRQ_STATUS, this.get(IRQ_STATUS) | (1 << channel));
    if ((this.get(IRQ_ENABLE) & (1 << channel)) !== 0) this.interrupt();
  }
}
