/**
 * Page tables of guests that lie in a program's memory. A machine does not see what a program writes
 * there, so before hardware can look, the words that its walks would read are read from the program,
 * and those that changed are written into the machine by GuestWrite: an operation of the log, so
 * replay touches no process.
 */
import { GUEST_WORDS_MAX } from '../../abi/limits.ts';
import { tableFormatOf } from '../../core/hardware/dma/table-format.ts';
import type { GuestWordWrite } from '../../core/hardware/guest/words.ts';
import { walk } from '../../core/hardware/tables/walk.ts';
import type { Kernel } from '../kernel.ts';
import type { AreaLook, DmaLook, GuestTableLook } from '../look.ts';
import type { Memories } from '../memory/memories.ts';

const PAGE = 4096n;
const WORD_BYTES = 8;
/** Of a walk, rights do not matter: it ends where the table does. */
const ACCESS = { write: false, execute: false, privileged: false };

export class GuestTables {
  private readonly kernel: Kernel;
  private readonly memories: Memories;
  /** Words as the machine has them, by context and user address. */
  private readonly known = new Map<string, bigint>();
  /** Whether a program of this supervisor has such a table at all. */
  private used = false;

  constructor(kernel: Kernel, memories: Memories) {
    this.kernel = kernel;
    this.memories = memories;
  }

  /** A nested hwpt with a page table was made. */
  use(): void {
    this.used = true;
  }

  /** Before hardware looks: for a DMA that is about to start, and for all that wait. */
  async read(starting: DmaLook | null = null): Promise<void> {
    if (!this.used) return;
    for (const table of await this.kernel.guestTables(starting)) {
      const { contextId, ioasId } = table;
      if (this.memories.ownerOf(contextId, {}) === null) continue;
      const words = this.changed(table, this.wordsOf(table));
      for (let at = 0; at < words.length; at += GUEST_WORDS_MAX) {
        const part = words.slice(at, at + GUEST_WORDS_MAX);
        await this.kernel.execute({ type: 'GuestWrite', contextId, ioasId, words: part });
      }
    }
  }

  /** Those that the machine has not, which from here on it has. */
  private changed(
    table: GuestTableLook,
    words: ReadonlyMap<bigint, bigint>,
  ): readonly GuestWordWrite[] {
    const changed: GuestWordWrite[] = [];
    for (const [gpa, value] of words) {
      const userVa = userVaOf(table, gpa);
      if (userVa === null || this.isKnown(table.contextId, userVa, value)) continue;
      this.note(table.contextId, userVa, value);
      changed.push({ gpa, value });
    }
    return changed;
  }

  isKnown(contextId: number, userVa: bigint, value: bigint): boolean {
    return this.known.get(`${contextId}/${userVa}`) === value;
  }

  /** The machine has this word now. */
  note(contextId: number, userVa: bigint, value: bigint): void {
    this.known.set(`${contextId}/${userVa}`, value);
  }

  /** A device filled this memory: its words are looked at again. */
  forget(contextId: number, userVa: bigint, length: bigint): void {
    if (this.known.size === 0) return;
    for (let at = userVa - (userVa % 8n); at < userVa + length; at += 8n) {
      this.known.delete(`${contextId}/${at}`);
    }
  }

  /** The words that walks of the table's ranges read, by guest physical address. */
  private wordsOf(table: GuestTableLook): Map<bigint, bigint> {
    const words = new Map<bigint, bigint>();
    const stage = tableFormatOf(table.userData, table.tableFormat);
    if (stage === null) return words;
    const pages = new Map<bigint, Buffer | null>();
    const readWord = (gpa: bigint): bigint | null => {
      const page = gpa - (gpa % PAGE);
      let bytes = pages.get(page);
      if (bytes === undefined) {
        bytes = this.pageOf(table, page);
        pages.set(page, bytes);
      }
      const offset = Number(gpa - page);
      if (bytes === null || offset % WORD_BYTES !== 0) return null;
      const value = bytes.readBigUInt64LE(offset);
      words.set(gpa, value);
      return value;
    };
    for (const { iova, length } of table.ranges) {
      const last = iova + length - 1n;
      for (let page = iova - (iova % PAGE); page <= last; page += PAGE) {
        walk(stage.format, stage.root, page, ACCESS, readWord);
      }
    }
    return words;
  }

  /** A page of guest memory, from the process that mapped it; null: it is not there. */
  private pageOf(table: GuestTableLook, gpa: bigint): Buffer | null {
    const area = areaAt(table, gpa);
    const userVa = userVaOf(table, gpa);
    if (area === undefined || userVa === null) return null;
    const processId = this.memories.ownerOf(table.contextId, area);
    const bytes = this.memories.reached().read({ processId, userVa, length: PAGE });
    return BigInt(bytes.length) === PAGE ? bytes : null;
  }
}

function areaAt({ areas }: GuestTableLook, gpa: bigint): AreaLook | undefined {
  return areas.find(({ start, last }) => gpa >= start && gpa <= last);
}

function userVaOf(table: GuestTableLook, gpa: bigint): bigint | null {
  const area = areaAt(table, gpa);
  return area === undefined ? null : area.userVa + (gpa - area.start);
}
