/**
 * What a disk may hold after a loss of power, from the calls a process made.
 *
 * Sure is what was flushed: a file's bytes by fsync or fdatasync of it, its name by fsync of its
 * folder. Of the rest a disk may have any part: writes in any order, each by whole sectors, since
 * SQLite promises no more of them (its POWERSAFE_OVERWRITE); names in the order they were made, as
 * journaling file systems keep them. After a flush that failed, the writes before it are clean in
 * the page cache whether they reached the disk or not, so no later flush brings them there.
 */
import type { Prng } from '../../../src/sim/prng.ts';
import { Bytes } from './bytes.ts';
import type { DiskCall } from './journal.ts';

const SECTOR_BYTES = 512;

type Change = { readonly offset: number; readonly data: Uint8Array } | { readonly size: number };

/** One inode. */
interface DiskFile {
  /** As a process reads it. */
  readonly cached: Bytes;
  /** As it is on the disk at least. */
  readonly flushed: Bytes;
  /** Later than `flushed`, oldest first. */
  unflushed: Change[];
}

type Naming = { readonly name: string; readonly file: DiskFile | null };

/** How much of what was not flushed is on the disk all the same. */
export type Survival = 'NOTHING' | 'ALL' | 'PREFIX' | 'ANY_SECTORS';
const SURVIVALS: readonly Survival[] = ['NOTHING', 'ALL', 'PREFIX', 'ANY_SECTORS', 'ANY_SECTORS'];

export interface AfterPowerLoss {
  /** By name. */
  readonly files: ReadonlyMap<string, Buffer>;
  /** Changes that were not flushed, and those of them of which something is on the disk. */
  readonly unflushed: number;
  readonly kept: number;
}

export class DiskModel {
  private readonly prng: Prng;
  private readonly names = new Map<string, DiskFile>();
  private readonly flushedNames = new Map<string, DiskFile>();
  private unflushedNames: Naming[] = [];
  private readonly opened = new Map<number, DiskFile>();

  /** Everything in `files` is on the disk. */
  constructor(prng: Prng, files: ReadonlyMap<string, Uint8Array>) {
    this.prng = prng;
    for (const [name, content] of files) {
      const file = { cached: Bytes.of(content), flushed: Bytes.of(content), unflushed: [] };
      this.names.set(name, file);
      this.flushedNames.set(name, file);
    }
  }

  /** Throws if the call means nothing here: the model is wrong then, not the server. */
  apply(call: DiskCall): void {
    switch (call.type) {
      case 'BEGIN':
        this.opened.clear();
        return;
      case 'CREATE':
        this.name(call.name, { cached: new Bytes(), flushed: new Bytes(), unflushed: [] });
        this.opened.set(call.file, this.names.get(call.name)!);
        return;
      case 'OPEN':
        this.opened.set(call.file, this.named(call.name));
        return;
      case 'WRITE':
        return change(this.fileOf(call.file), { offset: call.offset, data: call.data });
      case 'TRUNCATE':
        return change(this.fileOf(call.file), { size: call.size });
      case 'SYNC':
        return flush(this.fileOf(call.file));
      case 'SYNC_FAILED':
        return this.flushInPart(this.fileOf(call.file));
      case 'SYNC_FOLDER':
        for (const naming of this.unflushedNames) setName(this.flushedNames, naming);
        this.unflushedNames = [];
        return;
      case 'UNLINK':
        return this.name(call.name, null);
      case 'RENAME': {
        const file = this.named(call.name);
        this.name(call.to, file);
        return this.name(call.name, null);
      }
      case 'BEYOND_MODEL':
        throw new Error(`a call on "${call.name}" that the model of the disk does not know`);
    }
  }

  /** As processes see the folder. */
  cached(): Map<string, Bytes> {
    return new Map([...this.names].map(([name, { cached }]) => [name, cached]));
  }

  /** One of the disks there may be if the power is lost now. */
  afterPowerLoss(): AfterPowerLoss {
    const names = new Map(this.flushedNames);
    let unflushed = this.unflushedNames.length;
    // A new folder entry is on the disk only if those before it are.
    let kept = this.prng.pick([0, unflushed, this.prng.below(unflushed + 1)]);
    for (const naming of this.unflushedNames.slice(0, kept)) setName(names, naming);
    const files = new Map<string, Buffer>();
    const survival = this.prng.pick(SURVIVALS);
    for (const [name, file] of names) {
      unflushed += file.unflushed.length;
      const content = Bytes.of(file.flushed.copy());
      kept += this.keepSome(content, file.unflushed, survival);
      files.set(name, content.copy());
    }
    return { files, unflushed, kept };
  }

  /** How many of the changes left something. */
  private keepSome(content: Bytes, changes: readonly Change[], survival: Survival): number {
    switch (survival) {
      case 'NOTHING':
        return 0;
      case 'ALL':
        for (const each of changes) make(content, each);
        return changes.length;
      case 'PREFIX': {
        const whole = this.prng.below(changes.length + 1);
        for (const each of changes.slice(0, whole)) make(content, each);
        const torn = changes[whole];
        if (torn !== undefined) this.makeTorn(content, torn);
        return whole;
      }
      case 'ANY_SECTORS': {
        const probability = this.prng.pick([0.1, 0.5, 0.9]);
        const chosen = changes.filter(() => this.prng.chance(probability));
        for (const each of chosen) {
          if (this.prng.chance(0.5)) make(content, each);
          else this.makeTorn(content, each);
        }
        return chosen.length;
      }
    }
  }

  /** Some sectors of a write. */
  private makeTorn(content: Bytes, torn: Change): void {
    if ('size' in torn) return;
    const { offset, data } = torn;
    for (let at = 0; at < data.length; ) {
      const sectorEnd = SECTOR_BYTES - ((offset + at) % SECTOR_BYTES);
      const sector = data.subarray(at, at + sectorEnd);
      if (this.prng.chance(0.5)) content.write(offset + at, sector);
      at += sector.length;
    }
  }

  private flushInPart(file: DiskFile): void {
    for (const each of file.unflushed) if (this.prng.chance(0.5)) make(file.flushed, each);
    file.unflushed = [];
  }

  private name(name: string, file: DiskFile | null): void {
    setName(this.names, { name, file });
    this.unflushedNames.push({ name, file });
  }

  private named(name: string): DiskFile {
    const file = this.names.get(name);
    if (file === undefined) throw new Error(`the model of the disk has no file "${name}"`);
    return file;
  }

  private fileOf(opening: number): DiskFile {
    const file = this.opened.get(opening);
    if (file === undefined) throw new Error(`the model of the disk has no opening ${opening}`);
    return file;
  }
}

function setName(names: Map<string, DiskFile>, { name, file }: Naming): void {
  if (file === null) names.delete(name);
  else names.set(name, file);
}

function change(file: DiskFile, each: Change): void {
  make(file.cached, each);
  file.unflushed.push(each);
}

function flush(file: DiskFile): void {
  for (const each of file.unflushed) make(file.flushed, each);
  file.unflushed = [];
}

function make(content: Bytes, each: Change): void {
  if ('size' in each) content.truncate(each.size);
  else content.write(each.offset, each.data);
}
