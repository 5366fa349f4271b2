/** The disk below a server over several of its lives. */
import { chmodSync, readdirSync, readFileSync, rmSync, truncateSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Prng } from '../../../src/sim/prng.ts';
import { DiskModel } from './disk-model.ts';
import { type DiskCall, readJournal } from './journal.ts';
import type { WatchedDisk } from './preload.ts';

/** SQLite makes it anew from the write-ahead log; preload.c does not watch it. */
const isShm = (name: string) => name.endsWith('-shm');

/** A disk after a loss of power in the past. */
export interface Moment {
  readonly files: ReadonlyMap<string, Buffer>;
  /** How long the journal was then. */
  readonly journalBytes: number;
}

export class DiskWatch {
  readonly disk: WatchedDisk;
  private readonly prng: Prng;
  private model: DiskModel;

  constructor(prng: Prng, disk: WatchedDisk) {
    this.prng = prng;
    this.disk = disk;
    this.model = new DiskModel(prng, filesOf(disk.folder));
  }

  /**
   * To be called when no process uses the folder. Throws if what the calls come to is not what is
   * there: some call was missed, and the model is worth nothing. `look` is shown a disk there might
   * be if the power had been lost at each of `moments` moments on the way.
   */
  catchUp(moments = 0, look: (then: Moment) => void = () => {}): void {
    const entries = readJournal(this.disk.journal);
    truncateSync(this.disk.journal, 0);
    const last = entries.pop()?.call;
    const chosen = new Set(Array.from({ length: moments }, () => this.prng.below(entries.length)));
    for (const [place, { call, end }] of entries.entries()) {
      this.model.apply(call);
      if (chosen.has(place)) look({ files: this.model.afterPowerLoss().files, journalBytes: end });
    }
    const before = this.cached();
    if (last !== undefined) this.model.apply(last);
    const after = this.cached();
    const there = filesOf(this.disk.folder);
    for (const name of new Set([...there.keys(), ...after.keys()])) {
      // The process may have ended while it made the last change.
      const either = [before.get(name), after.get(name)];
      if (!madeOf(there.get(name), either, last)) {
        throw new Error(
          `the model of the disk is wrong: ${name} is ${there.get(name)?.length} bytes on the ` +
            `disk and ${after.get(name)?.length} in the model, and differs`,
        );
      }
    }
  }

  /** The folder becomes one that the disk may have after a loss of power. How much of it is gone. */
  losePower(): { readonly unflushed: number; readonly kept: number } {
    const { files, unflushed, kept } = this.model.afterPowerLoss();
    fill(this.disk.folder, files);
    this.model = new DiskModel(this.prng, files);
    return { unflushed, kept };
  }

  private cached(): Map<string, Buffer> {
    return new Map([...this.model.cached()].map(([name, bytes]) => [name, bytes.copy()]));
  }
}

/** The folder has these files and no others. */
export function fill(folder: string, files: ReadonlyMap<string, Buffer>): void {
  for (const name of readdirSync(folder)) rmSync(join(folder, name));
  for (const [name, content] of files) {
    const path = join(folder, name);
    writeFileSync(path, content);
    chmodSync(path, 0o600);
  }
}

function filesOf(folder: string): Map<string, Buffer> {
  // A socket, by which programs come to the machines, holds nothing.
  const files = readdirSync(folder, { withFileTypes: true }).filter(entry => entry.isFile());
  const names = files.map(({ name }) => name).filter(name => !isShm(name));
  return new Map(names.map(name => [name, readFileSync(join(folder, name))]));
}

/** `content` is one of the two, or, if the last call writes, made of both. */
function madeOf(
  content: Buffer | undefined,
  either: readonly (Buffer | undefined)[],
  last: DiskCall | undefined,
): boolean {
  for (const one of either) {
    if (content === undefined || one === undefined) {
      if (content === one) return true;
    } else if (content.equals(one)) {
      return true;
    }
  }
  const [before, after] = either;
  if (last?.type !== 'WRITE' || content === undefined || !before || !after) return false;
  if (content.length < before.length || content.length > after.length) return false;
  return content.every((byte, at) => byte === after[at] || byte === before[at]);
}
