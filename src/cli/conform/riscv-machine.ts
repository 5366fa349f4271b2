/**
 * The machine on which RISC-V IOMMU traces were recorded: memory that is zero, an IOMMU with a
 * three-level directory, and software that builds tables. Tables take pages in ascending order, so
 * that the addresses of entries are those of the recording.
 */

import { runCommandQueue } from '../../core/hardware/riscv/command-queue.ts';
import {
  COMMAND_BYTES,
  encodeCommand,
  type RiscvCommand,
} from '../../core/hardware/riscv/commands.ts';
import type { DeviceContext, Iohgatp } from '../../core/hardware/riscv/contexts.ts';
import { deviceIndexes, encodeDeviceContext } from '../../core/hardware/riscv/device-directory.ts';
import {
  decodeFaultRecord,
  FAULT_RECORD_BYTES,
  type RiscvFaultRecord,
} from '../../core/hardware/riscv/fault.ts';
import { SparseMemory } from '../../core/hardware/riscv/memory.ts';
import type { AtsMessage } from '../../core/hardware/riscv/messages.ts';
import { enableQueue, type RiscvIommu, riscvIommu } from '../../core/hardware/riscv/state.ts';

/** Rights of a leaf entry. */
export interface LeafPermissions {
  readonly read: boolean;
  readonly write: boolean;
}

/** Pages of the command queue and of the fault queue. */
const QUEUE_PAGES = 4;
const COMMANDS = (QUEUE_PAGES * 4_096) / Number(COMMAND_BYTES);
const FAULTS = (QUEUE_PAGES * 4_096) / Number(FAULT_RECORD_BYTES);

const VALID = 1n;
const READ = 2n;
const WRITE = 4n;
const USER = 16n;
/** Accessed and dirty: the recordings' leaves have both. */
const ACCESSED_DIRTY = 0xc0n;

const LEVELS = { SV39X4: 3, SV48X4: 4, SV57X4: 5, SV39: 3, SV48: 4, SV57: 5 } as const;

export class RiscvMachine {
  readonly memory = new SparseMemory();
  readonly iommu: RiscvIommu;
  /** What software wrote for each device, by device_id. */
  readonly devices = new Map<number, DeviceContext>();
  private nextPage = 0n;
  private nextGuestPage = new Map<number, bigint>();

  constructor(iotlbEntries: number | null) {
    // What the reference model chose where the specification leaves a choice.
    this.iommu = riscvIommu({
      cachesTranslationRequests: true,
      cachedGrantsWrite: false,
      ...(iotlbEntries === null ? {} : { iotlb: { entries: iotlbEntries, lru: true } }),
    });
    enableQueue(this.iommu.commandQueue, this.takePages(QUEUE_PAGES), COMMANDS);
    enableQueue(this.iommu.faultQueue, this.takePages(QUEUE_PAGES), FAULTS);
    this.iommu.ddtPpn = this.takePages(1);
    this.iommu.ddtMode = '3LVL';
  }

  enablePageRequests(entries: number): void {
    const pages = Math.max(1, (entries * 16) / 4_096);
    enableQueue(this.iommu.pageRequestQueue, this.takePages(pages), entries);
    this.iommu.pageRequestQueue.overflow = false;
  }

  /** Makes the tables of a device and writes its context into the directory. */
  addDevice(deviceId: number, wanted: DeviceContext): void {
    const nested = wanted.iohgatp.mode !== 'BARE';
    const iohgatp = nested ? { ...wanted.iohgatp, ppn: this.takePages(4) } : wanted.iohgatp;
    let context: DeviceContext = { ...wanted, iohgatp };
    if (wanted.iosatp.mode !== 'BARE') {
      context = { ...context, iosatp: { ...wanted.iosatp, ppn: this.rootTable(iohgatp) } };
    }
    if (wanted.pdtp.mode !== 'BARE') {
      context = { ...context, pdtp: { ...wanted.pdtp, ppn: this.rootTable(iohgatp) } };
    }
    const [leaf, middle, top] = deviceIndexes(deviceId, this.iommu.capabilities);
    let table = this.iommu.ddtPpn << 12n;
    for (const index of [top!, middle!]) table = this.tableAt(table + BigInt(index * 8));
    const words = encodeDeviceContext(context);
    const address = table + BigInt(leaf! * words.length * 8);
    for (const [place, word] of words.entries()) {
      this.memory.store(address + BigInt(place * 8), word);
    }
    this.devices.set(deviceId, context);
  }

  /** Maps a page of the second stage; returns the address of the leaf. */
  mapGuest(
    iohgatp: Iohgatp,
    gpa: bigint,
    address: bigint,
    permissions: LeafPermissions,
    leafLevel: number,
  ): bigint {
    if (iohgatp.mode === 'BARE') throw new Error('assertion failed: there is a second stage');
    const levels = LEVELS[iohgatp.mode];
    let table = iohgatp.ppn << 12n;
    for (let level = levels - 1; ; level--) {
      const wide = level === levels - 1 ? 0x7ffn : 0x1ffn;
      const place = table + ((gpa >> BigInt(12 + 9 * level)) & wide) * 8n;
      if (level === leafLevel) {
        this.memory.store(place, leafEntry(address, permissions));
        return place;
      }
      table = this.tableAt(place);
    }
  }

  /** Maps a page of the first stage; returns the leaf's address, or null if a table has none. */
  mapFirstStage(
    context: DeviceContext,
    iova: bigint,
    gpa: bigint,
    permissions: LeafPermissions,
    leafLevel: number,
  ): bigint | null {
    const place = this.firstStageLeaf(context, iova, leafLevel, true);
    if (place !== null) this.memory.store(place, leafEntry(gpa, permissions));
    return place;
  }

  /** Sets a leaf of the first stage to 0; whether there was a table for it. */
  zapFirstStage(context: DeviceContext, iova: bigint): boolean {
    const place = this.firstStageLeaf(context, iova, 0, false);
    if (place !== null) this.memory.store(place, 0n);
    return place !== null;
  }

  /** Queues one command and lets the IOMMU run. */
  command(command: RiscvCommand): readonly AtsMessage[] {
    const queue = this.iommu.commandQueue;
    const address = (queue.ppn << 12n) + BigInt(queue.tail) * COMMAND_BYTES;
    const [first, second] = encodeCommand(command);
    this.memory.store(address, first);
    this.memory.store(address + 8n, second);
    queue.tail = (queue.tail + 1) % queue.entries;
    return runCommandQueue(this.iommu, this.memory);
  }

  /** Takes all records out of the fault queue. */
  takeFaults(): readonly RiscvFaultRecord[] {
    const queue = this.iommu.faultQueue;
    const records: RiscvFaultRecord[] = [];
    for (; queue.head !== queue.tail; queue.head = (queue.head + 1) % queue.entries) {
      const address = (queue.ppn << 12n) + BigInt(queue.head) * FAULT_RECORD_BYTES;
      records.push(
        decodeFaultRecord([0n, 8n, 16n, 24n].map(place => this.memory.load(address + place))),
      );
    }
    return records;
  }

  /** A root table: its page number, guest physical and mapped if there is a second stage. */
  private rootTable(iohgatp: Iohgatp): bigint {
    return iohgatp.mode === 'BARE' ? this.takePages(1) : this.takeGuestPage(iohgatp);
  }

  private firstStageLeaf(
    context: DeviceContext,
    iova: bigint,
    leafLevel: number,
    make: boolean,
  ): bigint | null {
    const { iosatp, iohgatp } = context;
    if (iosatp.mode === 'BARE') return null;
    let table = iosatp.ppn << 12n;
    for (let level = LEVELS[iosatp.mode] - 1; ; level--) {
      const gpa = table + ((iova >> BigInt(12 + 9 * level)) & 0x1ffn) * 8n;
      const place = this.guestAddress(iohgatp, gpa);
      if (place === null || level === leafLevel) return place;
      const entry = this.memory.load(place);
      if ((entry & VALID) !== 0n) {
        table = (entry >> 10n) << 12n;
        continue;
      }
      if (!make) return null;
      const page = this.rootTable(iohgatp);
      this.memory.store(place, (page << 10n) | VALID);
      table = page << 12n;
    }
  }

  /** Where software finds a guest physical address in memory. */
  private guestAddress(iohgatp: Iohgatp, gpa: bigint): bigint | null {
    if (iohgatp.mode === 'BARE') return gpa;
    const levels = LEVELS[iohgatp.mode];
    let table = iohgatp.ppn << 12n;
    for (let level = levels - 1; level >= 0; level--) {
      const wide = level === levels - 1 ? 0x7ffn : 0x1ffn;
      const entry = this.memory.load(table + ((gpa >> BigInt(12 + 9 * level)) & wide) * 8n);
      if ((entry & VALID) === 0n) return null;
      table = (entry >> 10n) << 12n;
      if ((entry & (READ | WRITE)) !== 0n)
        return table + (gpa & ((1n << BigInt(12 + 9 * level)) - 1n));
    }
    return null;
  }

  /** The table an entry points at, which is made if there is none. */
  private tableAt(place: bigint): bigint {
    const entry = this.memory.load(place);
    if ((entry & VALID) !== 0n) return (entry >> 10n) << 12n;
    const page = this.takePages(1);
    this.memory.store(place, (page << 10n) | VALID);
    return page << 12n;
  }

  private takeGuestPage(iohgatp: Iohgatp): bigint {
    const page = this.nextGuestPage.get(iohgatp.gscid) ?? 0n;
    this.nextGuestPage.set(iohgatp.gscid, page + 1n);
    const target = this.takePages(1) << 12n;
    this.mapGuest(iohgatp, page << 12n, target, { read: true, write: true }, 0);
    return page;
  }

  /** Page number of the first of `count` free pages, at a multiple of `count`, a power of two. */
  private takePages(count: number): bigint {
    const size = BigInt(count);
    const first = ((this.nextPage + size - 1n) / size) * size;
    this.nextPage = first + size;
    return first;
  }
}

function leafEntry(address: bigint, { read, write }: LeafPermissions): bigint {
  const rights = (read ? READ : 0n) | (write ? WRITE : 0n);
  return ((address >> 12n) << 10n) | VALID | rights | USER | ACCESSED_DIRTY;
}
