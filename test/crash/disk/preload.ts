/** The library that stands between the server and its disk: made, and how a process gets it. */
import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { createControl } from './control.ts';

const SOURCE = join(import.meta.dirname, 'preload.c');

/** What a C compiler said, or where the library is. */
export type Preload = { readonly library: string } | { readonly missing: string };

/** Compiles the library into `folder`. Throws if there is a compiler and it refuses. */
export function makePreload(folder: string): Preload {
  if (process.platform !== 'linux') return { missing: `LD_PRELOAD on ${process.platform}` };
  const library = join(folder, 'preload.so');
  const argv = ['-std=gnu11', '-O2', '-Wall', '-Wextra', '-Werror', '-shared', '-fPIC'];
  const made = spawnSync('cc', [...argv, '-o', library, SOURCE], { encoding: 'utf8' });
  if ((made.error as NodeJS.ErrnoException | undefined)?.code === 'ENOENT') {
    return { missing: 'a C compiler (cc)' };
  }
  if (made.status !== 0) throw new Error(`cc cannot make ${SOURCE}: ${made.stderr}`);
  return { library };
}

/** A disk of which is known what it holds after a loss of power, and which can be made to fail. */
export interface WatchedDisk {
  readonly folder: string;
  readonly journal: string;
  readonly control: string;
  /** What a process needs in its environment to use this disk. */
  readonly environment: Readonly<Record<string, string>>;
}

/** `folder` is watched; the journal and the control file are made in `beside`. */
export function watchDisk(library: string, folder: string, beside: string): WatchedDisk {
  const journal = join(beside, 'journal');
  const control = join(beside, 'control');
  createControl(control);
  return {
    folder,
    journal,
    control,
    environment: {
      LD_PRELOAD: library,
      FAULTLINE_DISK_FOLDER: folder,
      FAULTLINE_DISK_JOURNAL: journal,
      FAULTLINE_DISK_CONTROL: control,
    },
  };
}
