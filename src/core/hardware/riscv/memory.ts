/** Memory as the RISC-V IOMMU sees it: 8-byte words at supervisor physical addresses. */

/** A load or store that memory refuses: a PMA or PMP violation, or poisoned data. */
export type MemoryFault = 'ACCESS_FAULT' | 'DATA_CORRUPTION';

export interface RiscvMemory {
  /** The word at an address that is a multiple of 8, little-endian. */
  load(address: bigint): bigint | MemoryFault;
  /** Writes the word; null if that went well. */
  store(address: bigint, value: bigint): MemoryFault | null;
}

/** Words that are 0 until they are written, all of them accessible. */
export class SparseMemory implements RiscvMemory {
  readonly words = new Map<bigint, bigint>();

  load(address: bigint): bigint {
    return this.words.get(address) ?? 0n;
  }

  store(address: bigint, value: bigint): null {
    this.words.set(address, value);
    return null;
  }
}
