/** A VFIO device file that a program has open: the function as the program finds it. */
import { readSync, writeSync } from 'node:fs';
import { ERRNO } from '../../abi/errno.ts';
import { CHANNEL_ERRORS, REFUSED_ERRNO, WINDOW_BYTES } from '../../abi/ioctl/dma-block.ts';
import { DEFAULT_DMA_OPTIONS } from '../../core/hardware/dma/operations.ts';
import type { CallDetails } from '../../core/iommufd/main/call-operations.ts';
import type { GuestTables } from '../guest/guest-tables.ts';
import type { Kernel } from '../kernel.ts';
import type { FunctionLook } from '../look.ts';
import type { Caller } from '../uapi/caller.ts';
import { ConfigSpace } from './config-space.ts';
import { DmaBlock } from './dma-block.ts';
import { Interrupts } from './interrupts.ts';
import { WINDOW_OFFSET } from './window.ts';

/** How a DMA ended. */
export interface DmaEnd {
  /** CHANNEL_ERRORS. */
  readonly error: number;
  /** What a DMA that reads has read. */
  readonly bytes: Buffer | null;
}

export class VfioDevice {
  readonly bdf: string;
  readonly deviceNo: number;
  /** Where read and write go on. */
  position = 0n;
  /** What the call that is being answered is about, for the log: one is, at a time. */
  details: CallDetails = {};
  /** null: not bound, and nothing but that can be done. */
  bound: { readonly contextId: number; readonly devId: number } | null = null;
  readonly interrupts = new Interrupts();
  private look: FunctionLook;
  private config: ConfigSpace;
  private block: DmaBlock;
  /** Ends of DMAs that were told before the operation that started them was answered. */
  private readonly early = new Map<number, DmaEnd>();
  private starting = false;

  constructor(look: FunctionLook) {
    this.look = look;
    this.bdf = look.bdf;
    this.deviceNo = look.deviceNo;
    this.config = new ConfigSpace(look);
    this.block = new DmaBlock(() => this.interrupts.send());
  }

  /** The kernel knows that a PASID can be attached. */
  get knowsPasids(): boolean {
    return this.look.knowsPasids;
  }

  get isModelled(): boolean {
    return this.look.hardware !== null;
  }

  get configSpace(): ConfigSpace {
    return this.config;
  }

  get registers(): DmaBlock {
    return this.block;
  }

  /** All registers are as when VFIO has just enabled the function (vfio_pci_core_enable). */
  enable(): void {
    this.config = new ConfigSpace(this.look);
    this.reset();
  }

  /**
   * The function was reset. Its configuration space is saved before and restored after it
   * (pci_try_reset_function), and interrupts stay as they are arranged.
   */
  reset(): void {
    this.block = new DmaBlock(() => this.interrupts.send());
  }

  /** Capabilities as the machine has them now. */
  async refresh(kernel: Kernel): Promise<void> {
    const functions = await kernel.functions();
    this.look = functions.find(({ deviceNo }) => deviceNo === this.deviceNo) ?? this.look;
    this.config.refresh(this.look);
  }

  /** COMMAND of a channel was written. */
  async start({ execute }: Caller, tables: GuestTables, channel: number): Promise<void> {
    const { block, bdf, deviceNo } = this;
    const { write, iova, length, pasid, fill, pagesPerGroup, source } = block.take(channel);
    if (write === null) return block.fail(channel, CHANNEL_ERRORS.NO_COMMAND);
    if (!this.config.isBusMaster) return block.fail(channel, CHANNEL_ERRORS.NO_BUS_MASTER);
    if (source !== null && source + Number(length) > WINDOW_BYTES) {
      return block.fail(channel, CHANNEL_ERRORS.WINDOW_ENDS);
    }
    const data =
      source === null ? {} : { data: this.readWindow(source, Number(length)).toString('hex') };
    await tables.read({ deviceNo, pasid, iova, length });
    this.starting = true;
    const options = { ...DEFAULT_DMA_OPTIONS, pagesPerGroup };
    const { errno, reply } = await execute({
      type: 'Dma',
      ...{ bdf, pasid, iova, length, write, fill: source === null ? fill : 0, ...data, options },
    });
    this.starting = false;
    if (errno !== 0) block.fail(channel, REFUSED_ERRNO + ERRNO[errno]);
    else if (reply !== null) {
      block.started(channel, reply.dmaId);
      for (const [dmaId, end] of this.early) this.ended(dmaId, end);
    }
    this.early.clear();
  }

  /** A DMA of the function ended, whoever started it. `window`: the file, to which its bytes go. */
  ended(dmaId: number, end: DmaEnd): void {
    const { block } = this;
    const window = block.windowOf(dmaId);
    if (window === null) {
      if (this.starting) this.early.set(dmaId, end);
      return;
    }
    if (end.bytes !== null) {
      this.writeWindow(window, end.bytes.subarray(0, WINDOW_BYTES - window));
    }
    block.ended(dmaId, end.error);
  }

  /** Number of this process for the file that the program has. */
  private file = -1;

  setFile(file: number): void {
    this.file = file;
  }

  readWindow(offset: number, length: number): Buffer {
    const bytes = Buffer.alloc(length);
    readSync(this.file, bytes, 0, length, WINDOW_OFFSET + offset);
    return bytes;
  }

  writeWindow(offset: number, bytes: Uint8Array): void {
    writeSync(this.file, bytes, 0, bytes.length, WINDOW_OFFSET + offset);
  }
}
