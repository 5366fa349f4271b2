/** The codes of errors by which clients learn that the disk is full or fails. */
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

export const STORAGE_CODES: readonly string[] = ['STORAGE_FULL', 'STORAGE_FAILED'];

/** Whether the sources in `root` have them; what says something else is wrong then. */
export function knowsStorageCodes(root: string): boolean {
  return readdirSync(join(root, 'src'), { recursive: true, encoding: 'utf8' })
    .filter(path => path.endsWith('.ts'))
    .some(path => readFileSync(join(root, 'src', path), 'utf8').includes(`'${STORAGE_CODES[0]}'`));
}
