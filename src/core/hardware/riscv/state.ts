/**
 * What a RISC-V IOMMU holds: registers, queues, caches, invalidations under way. Plain data; tables
 * and queues themselves are in memory. Names and rules are those of the RISC-V IOMMU Architecture
 * Specification (20260222); the functions beside this file each name their section.
 *
 * Not modelled: Sv32 (so GXL and SXL are 0), big-endian memory, MRIF storage itself, performance
 * counters, the debug interface, and the MSIs an interrupt becomes.
 */
import { TranslationCache } from '../cache/translation-cache.ts';
import { RISCV_CAPABILITIES, type RiscvCapabilities } from './capabilities.ts';
import type { DeviceContext, ProcessContext, RiscvCached } from './contexts.ts';

export type DdtMode = 'OFF' | 'BARE' | '1LVL' | '2LVL' | '3LVL';

/** A queue in memory: full when the tail is right before the head, so entries - 1 records fit. */
export interface RiscvQueue {
  /** Page number of its first record. */
  ppn: bigint;
  /** A power of two, 2 to 2^32. */
  entries: number;
  head: number;
  tail: number;
  /** Whether it is on; enable and active are one, as turning it on or off takes no time here. */
  on: boolean;
  /** Memory refused a record (cqmf, fqmf, pqmf). */
  memoryFault: boolean;
  /** Whether what happens to it sets its bit in `ipsr` (cie, fie, pie). */
  interruptEnabled: boolean;
}

/** The fault queue and the page-request queue: written by the IOMMU. */
export interface RiscvReportQueue extends RiscvQueue {
  /** A record found no room (fqof, pqof). While it stands, no record is written. */
  overflow: boolean;
}

/** The command queue: read by the IOMMU. */
export interface RiscvCommandQueue extends RiscvQueue {
  /** An invalidation timed out (cmd_to): seen by the IOFENCE.C after it, which stays the head. */
  timedOut: boolean;
  /** The command at the head is illegal or not supported (cmd_ill). */
  illegal: boolean;
  /** An IOFENCE.C asked for a wired interrupt (fence_w_ip). */
  fenceInterrupt: boolean;
}

/** An invalidation that a device has not completed, by its ITag. */
export interface RiscvItag {
  readonly rid: number;
  /** Segment, if the command named one. */
  readonly segment: number | null;
  /** Completions received; the last one says how many there are. */
  received: number;
}

export type RiscvInterrupt = 'COMMAND_QUEUE' | 'FAULT_QUEUE' | 'PAGE_REQUEST_QUEUE';

export interface RiscvIommu {
  readonly capabilities: RiscvCapabilities;
  /** fctl.WSI: interrupts are wires, so that an IOFENCE.C may ask for one. */
  readonly wiredInterrupts: boolean;
  ddtMode: DdtMode;
  /** Page number of the root of the device directory. */
  ddtPpn: bigint;
  readonly commandQueue: RiscvCommandQueue;
  readonly faultQueue: RiscvReportQueue;
  readonly pageRequestQueue: RiscvReportQueue;
  /** ipsr: interrupts pending. */
  readonly pending: Record<RiscvInterrupt, boolean>;
  /** Answers to translation requests are cached as well; an IOMMU is free to. */
  readonly cachesTranslationRequests: boolean;
  /** A translation request answered from the cache may be granted writes; an IOMMU is free not to. */
  readonly cachedGrantsWrite: boolean;
  /** The IOATC's translations. */
  readonly iotlb: TranslationCache<RiscvCached>;
  /** Device contexts cached, by device_id, until IODIR.INVAL_DDT. */
  readonly deviceContexts: Map<number, DeviceContext>;
  /** Process contexts cached, by "device_id/process_id", until IODIR.INVAL_PDT or INVAL_DDT. */
  readonly processContexts: Map<string, ProcessContext>;
  /** One for each ITag; null: free. */
  readonly itags: (RiscvItag | null)[];
  /** An invalidation timed out and no IOFENCE.C has said so yet. */
  invalidationTimedOut: boolean;
}

export interface RiscvOptions {
  readonly capabilities?: RiscvCapabilities;
  readonly wiredInterrupts?: boolean;
  /** ITags, 1 to 32: invalidations under way at once. */
  readonly itags?: number;
  /** False if not given. */
  readonly cachesTranslationRequests?: boolean;
  /** True if not given. */
  readonly cachedGrantsWrite?: boolean;
  /** Translations cached at most; and whether a use keeps one. */
  readonly iotlb?: { readonly entries: number; readonly lru: boolean };
}

/** ITags of the reference model. */
export const RISCV_ITAGS_DEFAULT = 2;
/** Translations cached by default: more than any trace uses, so nothing is forgotten. */
export const RISCV_IOTLB_DEFAULT = { entries: 65_536, lru: false } as const;

/** An IOMMU after reset: Off, queues off, nothing cached. */
export function riscvIommu(options: RiscvOptions = {}): RiscvIommu {
  const queue = () => ({
    ppn: 0n,
    entries: 2,
    head: 0,
    tail: 0,
    on: false,
    memoryFault: false,
    interruptEnabled: false,
  });
  return {
    capabilities: options.capabilities ?? RISCV_CAPABILITIES,
    wiredInterrupts: options.wiredInterrupts ?? false,
    cachesTranslationRequests: options.cachesTranslationRequests ?? false,
    cachedGrantsWrite: options.cachedGrantsWrite ?? true,
    ddtMode: 'OFF',
    ddtPpn: 0n,
    commandQueue: { ...queue(), timedOut: false, illegal: false, fenceInterrupt: false },
    faultQueue: { ...queue(), overflow: false },
    pageRequestQueue: { ...queue(), overflow: false },
    pending: { COMMAND_QUEUE: false, FAULT_QUEUE: false, PAGE_REQUEST_QUEUE: false },
    iotlb: new TranslationCache(options.iotlb ?? RISCV_IOTLB_DEFAULT),
    deviceContexts: new Map(),
    processContexts: new Map(),
    itags: Array.from({ length: options.itags ?? RISCV_ITAGS_DEFAULT }, () => null),
    invalidationTimedOut: false,
  };
}

/** Turns a queue on, empty, as a write of its base and control registers does. */
export function enableQueue(queue: RiscvQueue, ppn: bigint, entries: number): void {
  if (entries < 2 || !Number.isInteger(Math.log2(entries))) {
    throw new Error(`assertion failed: ${entries} entries are a power of two, at least 2`);
  }
  queue.ppn = ppn;
  queue.entries = entries;
  queue.head = 0;
  queue.tail = 0;
  queue.on = true;
  queue.memoryFault = false;
  queue.interruptEnabled = true;
}

/** Sets a queue's bit in ipsr, where it is enabled. Section "Interrupt pending status register". */
export function interrupt(iommu: RiscvIommu, which: RiscvInterrupt): void {
  const queue =
    which === 'COMMAND_QUEUE'
      ? iommu.commandQueue
      : which === 'FAULT_QUEUE'
        ? iommu.faultQueue
        : iommu.pageRequestQueue;
  if (queue.interruptEnabled) iommu.pending[which] = true;
}
