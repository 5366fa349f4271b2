/**
 * What devices and guests of a machine do to the memory of programs, done to the programs: bytes that
 * a DMA writes are put there, bytes that it reads are taken from there, and accessed and dirty bits of
 * page tables are set.
 */
import { CHANNEL_ERRORS } from '../../abi/ioctl/dma-block.ts';
import type { DmaCompleted, UserRun } from '../../core/hardware/dma/events.ts';
import type { DmaRequest } from '../../core/hardware/function/state.ts';
import type { Event } from '../../core/machine/event.ts';
import type { DmaEnd } from '../vfio/device.ts';
import type { GuestTables } from './guest-tables.ts';
import type { Processes } from './processes.ts';

/** Bytes written in one go. */
const PIECE = 1 << 20;

export class UserBytes {
  private readonly processes: Processes;
  private readonly tables: GuestTables;
  private readonly ended: (deviceNo: number, dmaId: number, end: DmaEnd) => void;
  private readonly warn: (message: string) => void;
  /** DMAs that wait, by their number. */
  private readonly issued = new Map<number, DmaRequest>();
  /** What a DMA has read that another one writes. */
  private readonly held = new Map<number, Buffer>();

  /** `ended` is told how each DMA ends. */
  constructor(
    processes: Processes,
    tables: GuestTables,
    ended: UserBytes['ended'],
    warn: UserBytes['warn'],
  ) {
    this.processes = processes;
    this.tables = tables;
    this.ended = ended;
    this.warn = warn;
  }

  happened(event: Event): void {
    switch (event.type) {
      case 'DmaIssued':
        this.issued.set(event.dmaId, event.request);
        return;
      case 'DmaCompleted':
        return this.completed(event);
      case 'DmaAborted':
      case 'DmaTimedOut': {
        const { deviceNo, dmaId } = event;
        this.take(dmaId);
        const reason = event.type === 'DmaTimedOut' ? 'TIMED_OUT' : event.reason;
        return this.ended(deviceNo, dmaId, { error: CHANNEL_ERRORS[reason], bytes: null });
      }
      case 'IotlbFilled':
        for (const word of event.updates) this.writeWord(word.contextId, word);
        return;
      case 'GuestWordsWritten':
        for (const word of event.words) this.writeWord(event.contextId, word);
    }
  }

  /** The request of a DMA that has ended, if it had waited. */
  private take(dmaId: number): DmaRequest | null {
    const request = this.issued.get(dmaId) ?? null;
    this.issued.delete(dmaId);
    if (request?.source != null) this.held.delete(request.source);
    return request;
  }

  private completed({ dmaId, deviceNo, request: fresh, runs }: DmaCompleted): void {
    const waited = this.issued.get(dmaId);
    const request = fresh ?? waited;
    let bytes: Buffer | null = null;
    // A DMA that waits since before this supervisor was there is not known.
    if (request?.write === true) this.write(request, runs);
    else if (request !== undefined) {
      bytes = this.read(runs);
      if (request.copyTo !== null) this.held.set(dmaId, bytes);
    }
    this.take(dmaId);
    if (fresh?.source != null) this.held.delete(fresh.source);
    this.ended(deviceNo, dmaId, { error: CHANNEL_ERRORS.NONE, bytes });
  }

  private write({ source, fill, data }: DmaRequest, runs: readonly UserRun[]): void {
    const given = data === undefined ? null : Buffer.from(data, 'hex');
    const content = source === null ? given : (this.held.get(source) ?? null);
    let offset = 0;
    for (const { contextId, userVa, length } of runs) {
      const memory = this.processes.memoryOf(contextId);
      const end = Number(length);
      this.tables.forget(contextId, userVa, length);
      for (let at = 0; memory !== null && at < end; at += PIECE) {
        const size = Math.min(PIECE, end - at);
        const from = offset + at;
        const bytes = content?.subarray(from, from + size) ?? Buffer.alloc(size, fill ?? 0);
        if (!memory.writeAll(userVa + BigInt(at), bytes)) this.lost(userVa);
      }
      offset += end;
    }
  }

  /** Bytes that are not there are 0. */
  private read(runs: readonly UserRun[]): Buffer {
    const parts = runs.map(({ contextId, userVa, length }) => {
      const bytes = Buffer.alloc(Number(length));
      this.processes.memoryOf(contextId)?.readSome(userVa, bytes.length).copy(bytes);
      return bytes;
    });
    return Buffer.concat(parts);
  }

  private writeWord(
    contextId: number,
    { userVa, value }: { readonly userVa: bigint; readonly value: bigint },
  ): void {
    // What was read from the program is not written back: it may have changed by now.
    if (this.tables.isKnown(contextId, userVa, value)) return;
    const memory = this.processes.memoryOf(contextId);
    if (memory === null) return;
    const bytes = Buffer.alloc(8);
    bytes.writeBigUInt64LE(value);
    this.tables.note(contextId, userVa, value);
    if (!memory.writeAll(userVa, bytes)) this.lost(userVa);
  }

  private lost(userVa: bigint): void {
    this.warn(
      `a device wrote at 0x${userVa.toString(16)}, where the program has no memory any more`,
    );
  }
}
