/**
 * Folders that programs look into, as real ones in a private place: opened there, they are listed, and
 * what lies in them is opened, read and written, without anybody looking on.
 */
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import type { Kernel } from './kernel.ts';
import { IOMMU_PATH, type OwnPath, vfioPath } from './own-path.ts';
import { DeviceTree } from './sysfs/device-tree.ts';

/** Where the kernel has the switches of its fault injection. */
export const DEBUG_FOLDER = '/sys/kernel/debug';

const OWNER_ONLY = 0o600;

/** Those that a program that injects faults wants to turn: here they are noted and mean nothing. */
const DEBUG_FILES = [
  'failslab/ignore-gfp-wait',
  'failslab/verbose',
  'fail_page_alloc/ignore-gfp-highmem',
  'fail_page_alloc/ignore-gfp-wait',
  'fail_page_alloc/verbose',
] as const;

export class Tree {
  readonly root = mkdtempSync(join(tmpdir(), 'faultline-tree-'));
  private readonly devices = new DeviceTree(this.root);

  /** Where lies what a path names; null: it is none of ours. */
  async placeOf(own: OwnPath, kernel: Kernel): Promise<string | null> {
    switch (own.type) {
      case 'TREE':
        return own.place;
      case 'CONTEXT': {
        const place = join(this.root, IOMMU_PATH);
        if (!existsSync(place)) this.addFile(place, '', OWNER_ONLY);
        return place;
      }
      case 'DEVICE':
      case 'SYSFS': {
        this.devices.show(await kernel.functions());
        return this.devices.find(own.type === 'SYSFS' ? own.path : vfioPath(own.number));
      }
      default:
        return null;
    }
  }

  /** Where an absolute path lies in the tree, or null: it is not in it. */
  find(path: string): string | null {
    if (path !== DEBUG_FOLDER && !path.startsWith(`${DEBUG_FOLDER}/`)) return null;
    const folder = join(this.root, DEBUG_FOLDER);
    if (!existsSync(folder)) this.makeDebugFolder(folder);
    const place = join(this.root, path);
    return existsSync(place) ? place : null;
  }

  remove(): void {
    rmSync(this.root, { recursive: true, force: true });
  }

  /** What the host has there stays to be found. */
  private makeDebugFolder(folder: string): void {
    for (const name of DEBUG_FILES) this.addFile(join(folder, name), 'N\n');
    for (const name of readableNames(DEBUG_FOLDER)) {
      const place = join(folder, name);
      if (!existsSync(place)) symlinkSync(join(DEBUG_FOLDER, name), place);
    }
  }

  private addFile(place: string, text: string, mode = 0o644): void {
    mkdirSync(dirname(place), { recursive: true });
    writeFileSync(place, text, { mode });
  }
}

function readableNames(folder: string): readonly string[] {
  try {
    return readdirSync(folder);
  } catch {
    return [];
  }
}
