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
    there: '`synchronous = ${durability}`',
    instead: "'synchronous = normal'",
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
