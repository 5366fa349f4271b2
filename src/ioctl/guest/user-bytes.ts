/**
 * What devices and guests of a machine do to the memory of programs, done to the programs: bytes that
 * a DMA writes are put there, bytes that it reads are taken from there, and accessed and dirty bits of
 * page tables are set. Each in the process that mapped the page.
 */
import { CHANNEL_ERRORS } from '../../abi/ioctl/dma-block.ts';
import { PAGE_SIZE } from '../../abi/uapi.ts';
import type { DmaCompleted, UserRun } from '../../core/hardware/dma/events.ts';
import type { DmaRequest } from '../../core/hardware/function/state.ts';
import type { Event } from '../../core/machine/event.ts';
import type { OfProcess } from '../../core/memory/user-process.ts';
import type { Kernel } from '../kernel.ts';
import type { Memories } from '../memory/memories.ts';
import type { DmaEnd } from '../vfio/device.ts';
import type { GuestTables } from './guest-tables.ts';

/** Bytes written in one go. */
const PIECE = 1 << 20;

/** Bytes from an address on, page by page. */
function pagesOf(userVa: bigint, bytes: Buffer): { userVa: bigint; bytes: Buffer }[] {
  const pages: { userVa: bigint; bytes: Buffer }[] = [];
  for (let at = 0; at < bytes.length; ) {
    const end = at + PAGE_SIZE - Number((userVa + BigInt(at)) % BigInt(PAGE_SIZE));
    pages.push({ userVa: userVa + BigInt(at), bytes: bytes.subarray(at, end) });
    at = end;
  }
  return pages;
}

export class UserBytes {
  private readonly kernel: Kernel;
  private readonly memories: Memories;
  private readonly tables: GuestTables;
  private readonly ended: (deviceNo: number, dmaId: number, end: DmaEnd) => void;
  private readonly warn: (message: string) => void;
  /** DMAs that wait, by their number. */
  private readonly issued = new Map<number, DmaRequest>();
  /** What a DMA has read that another one writes. */
  private readonly held = new Map<number, Buffer>();
  /** By context: processes that did not have what was looked for, which the machine is to be told. */
  private readonly untold = new Map<number, Set<number>>();
  /** What was warned of, once a process. */
  private readonly warned = new Set<string>();

  /** `ended` is told how each DMA ends. */
  constructor(
    kernel: Kernel,
    memories: Memories,
    tables: GuestTables,
    ended: UserBytes['ended'],
    warn: UserBytes['warn'],
  ) {
    this.kernel = kernel;
    this.memories = memories;
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

  /**
   * The machine is told what devices have met: memory that a program gave up. null: there is nothing
   * to tell.
   */
  tell(): Promise<void> | null {
    if (this.untold.size === 0) return null;
    const untold = [...this.untold];
    this.untold.clear();
    return this.tellOf(untold);
  }

  private async tellOf(untold: readonly [number, Set<number>][]): Promise<void> {
    for (const [contextId, processIds] of untold) {
      const command = this.memories.telling(contextId, processIds);
      if (command !== null) await this.kernel.execute(command);
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
    let error: number = CHANNEL_ERRORS.NONE;
    // A DMA that waits since before this supervisor was there is not known.
    if (request?.write === true) this.write(request, runs);
    else if (request !== undefined) {
      bytes = this.read(runs);
      if (bytes === null) error = CHANNEL_ERRORS.MEMORY_GONE;
      else if (request.copyTo !== null) this.held.set(dmaId, bytes);
    }
    this.take(dmaId);
    if (fresh?.source != null) this.held.delete(fresh.source);
    this.ended(deviceNo, dmaId, { error, bytes });
  }

  private write({ source, fill, data }: DmaRequest, runs: readonly UserRun[]): void {
    const given = data === undefined ? null : Buffer.from(data, 'hex');
    const content = source === null ? given : (this.held.get(source) ?? null);
    // What was read to be copied nobody knows.
    if (source !== null && content === null) return;
    let offset = 0;
    for (const { contextId, userVa, length, ...of } of runs) {
      const end = Number(length);
      this.tables.forget(contextId, userVa, length);
      for (let at = 0; at < end; at += PIECE) {
        const size = Math.min(PIECE, end - at);
        const from = offset + at;
        const bytes = content?.subarray(from, from + size) ?? Buffer.alloc(size, fill ?? 0);
        this.put(contextId, of, userVa + BigInt(at), bytes);
      }
      offset += end;
    }
  }

  /** null: some of them nobody has any more. Of what is no program's memory they are 0. */
  private read(runs: readonly UserRun[]): Buffer | null {
    const parts: Buffer[] = [];
    for (const { contextId, userVa, length, ...of } of runs) {
      const processId = this.memories.ownerOf(contextId, of);
      if (processId === null) {
        parts.push(Buffer.alloc(Number(length)));
        continue;
      }
      const reached = this.memories.reached();
      const bytes = reached.read({ processId, userVa, length });
      this.note(contextId, reached.missed);
      parts.push(bytes);
      if (BigInt(bytes.length) === length) continue;
      this.lost('read', userVa + BigInt(bytes.length), processId);
      return null;
    }
    return Buffer.concat(parts);
  }

  private put(contextId: number, of: OfProcess, userVa: bigint, bytes: Buffer): void {
    const processId = this.memories.ownerOf(contextId, of);
    if (processId === null) return;
    const reached = this.memories.reached();
    const done =
      reached.write(processId, userVa, bytes) ||
      // Where a page is gone, those behind it may be there.
      pagesOf(userVa, bytes)
        .map(page => reached.write(processId, page.userVa, page.bytes))
        .every(Boolean);
    this.note(contextId, reached.missed);
    if (!done) this.lost('wrote', userVa, processId);
  }

  private writeWord(
    contextId: number,
    { userVa, value, ...of }: OfProcess & { readonly userVa: bigint; readonly value: bigint },
  ): void {
    // What was read from the program is not written back: it may have changed by now.
    if (this.tables.isKnown(contextId, userVa, value)) return;
    const bytes = Buffer.alloc(8);
    bytes.writeBigUInt64LE(value);
    this.tables.note(contextId, userVa, value);
    this.put(contextId, of, userVa, bytes);
  }

  private note(contextId: number, missed: ReadonlySet<number>): void {
    if (missed.size === 0) return;
    const untold = this.untold.get(contextId) ?? new Set();
    for (const processId of missed) untold.add(processId);
    this.untold.set(contextId, untold);
  }

  private lost(what: 'read' | 'wrote', userVa: bigint, processId: number): void {
    const once = `${what} ${processId}`;
    if (this.warned.has(once)) return;
    this.warned.add(once);
    const ends = what === 'read' ? 'what it holds is not known' : 'the bytes are lost';
    this.warn(
      `a device ${what} at 0x${userVa.toString(16)} of process ${this.memories.pidOf(processId)}, ` +
        `which gave that memory up (munmap, mprotect, ftruncate, exec, exit) while it was pinned: ${ends}`,
    );
  }
}
