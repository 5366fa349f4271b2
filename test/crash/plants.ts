/** Bugs that the crash test must find, each put into a copy of the sources. */
import { cpSync, mkdirSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Mode } from './plan.ts';

export interface Plant {
  /** What is wrong, in a sentence. */
  readonly what: string;
  /** Rounds in which it shows. */
  readonly mode: Mode;
  readonly file: string;
  readonly there: string;
  readonly instead: string;
}

export const PLANTS: Readonly<Record<string, Plant>> = {
  'full-is-normal': {
    what: '`--durability full` opens with synchronous = NORMAL',
    mode: 'POWER_LOSS',
    file: 'src/log/sqlite/sqlite.ts',
    // biome-ignore lint/suspicious/noTemplateCurlyInString: a text of the source
    there: '`synchronous = ${durability}`',
    instead: "'synchronous = normal'",
  },
  'acknowledged-before-commit': {
    what: 'an operation is acknowledged when it has run, not when it is committed',
    mode: 'DISK_FULL',
    file: 'src/engine/machine/commits.ts',
    there: '.then(() => this.#flush());\n    return committed;',
    instead: `.then(() => this.#flush());
    committed.catch(() => {});
    return Promise.resolve(operation);`,
  },
  'failed-commit-acknowledged': {
    what: 'what a commit that failed would have kept is acknowledged',
    mode: 'DISK_FULL',
    file: 'src/engine/machine/commits.ts',
    there:
      'if (error instanceof StorageError || parts.size === 1) this.#abandon(batch, error);\n' +
      '      else for (const part of parts.values()) await this.#commit(part);\n' +
      '      return;',
    instead: '',
  },
  'memory-ahead-of-log': {
    what: 'after a commit that failed, the machine in memory stays as the refused commands left it',
    mode: 'DISK_FULL',
    file: 'src/engine/machine/engine.ts',
    there: `this.giveUp(machine);
      this.read(machine.machineId, machine.life);
      wake(machine);
    }
    if (error`,
    instead: `wake(machine);
    }
    if (error`,
  },
  'batch-in-pieces': {
    what: 'the operations that share a commit are written without a transaction',
    mode: 'DISK_FULL',
    file: 'src/log/sqlite/sqlite-store.ts',
    there: 'else insertAll.immediate(rows);',
    instead: 'else for (const row of rows) insertOne(row);',
  },
  'group-sent-before-commit': {
    what: 'a group is sent to its handler without waiting for the commit of its read',
    mode: 'DISK_FULL',
    file: 'src/engine/machine/engine.ts',
    there: 'return command === null ? null : this.enqueueCommand(machine, command, ran);',
    instead: `if (command !== null) this.enqueueCommand(machine, command, ran).catch(() => {});
      return null;`,
  },
  'groups-forgotten': {
    what: 'a server that starts does not know which groups handlers had read',
    mode: 'KILL',
    file: 'src/engine/handler/fault-handler.ts',
    there: "state, id).reader === 'HANDLER'",
    instead: "state, id).reader === 'NOBODY'",
  },
  'cursor-off-by-one': {
    what: 'a follower that comes back misses one event',
    mode: 'KILL',
    file: 'src/engine/follow/follow.ts',
    there: 'logged.seq > afterSeq ?',
    instead: 'logged.seq > afterSeq + (afterSeq > 0 ? 1 : 0) ?',
  },
  'bookmark-written-late': {
    what: 'a bookmark is acknowledged before it is written',
    mode: 'KILL',
    file: 'src/engine/past/bookmarks.ts',
    there: 'await engine.log.putBookmark({',
    instead: 'setTimeout(kept => engine.log.putBookmark(kept), 100, {',
  },
  'ready-while-full': {
    what: '/ready looks at the database without trying to write',
    mode: 'DISK_FULL',
    file: 'src/server/faultline.ts',
    there: 'await log.checkWritable();',
    instead: '',
  },
  'lock-not-taken': {
    what: 'a second server may have the file',
    mode: 'STOP',
    file: 'src/server/faultline.ts',
    there: 'exclusive: true',
    instead: 'exclusive: false',
  },
};

/** The text of a plant is not in its file, or not once: the plant needs to be brought up to date. */
export class PlantError extends Error {}

export function planted(text: string, { file, there, instead }: Plant): string {
  const places = text.split(there).length - 1;
  if (places !== 1) throw new PlantError(`"${there}" is ${places} times in ${file}, not once`);
  return text.replace(there, () => instead);
}

/** A copy of the tree in `folder` with the bug; the copy's root. */
export function plant(root: string, folder: string, name: string): string {
  const bug = PLANTS[name]!;
  mkdirSync(folder, { recursive: true });
  for (const part of ['src', 'migrations', 'package.json']) {
    cpSync(join(root, part), join(folder, part), { recursive: true });
  }
  symlinkSync(join(root, 'node_modules'), join(folder, 'node_modules'));
  const file = join(folder, bug.file);
  writeFileSync(file, planted(readFileSync(file, 'utf8'), bug));
  return folder;
}
