/** Bugs planted in a copy of the sources. */
import { execFile } from 'node:child_process';
import { cpSync, mkdtempSync, readFileSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { expect } from 'vitest';

const ROOT = join(import.meta.dirname, '..');

/** Runs `look` while `instead` stands in a file in place of `there`, which must be there. */
export async function withPlanted(
  path: string,
  { there, instead }: { readonly there: string; readonly instead: string },
  look: () => Promise<void>,
): Promise<void> {
  const text = readFileSync(path, 'utf8');
  expect(text).toContain(there);
  writeFileSync(
    path,
    text.replace(there, () => instead),
  );
  try {
    await look();
  } finally {
    writeFileSync(path, text);
  }
}

/** A copy of what a simulation needs, and the `program` that runs one. */
export function simulationCopy(program: string): string {
  const folder = mkdtempSync(join(tmpdir(), 'faultline-planted-'));
  writeFileSync(join(folder, 'package.json'), '{ "type": "module" }');
  for (const room of ['abi', 'core', 'engine', 'log', 'sim']) {
    cpSync(join(ROOT, 'src', room), join(folder, 'src', room), { recursive: true });
  }
  writeFileSync(join(folder, 'run.ts'), program);
  return folder;
}

/** What the program of such a copy printed. */
export async function simulated(folder: string, argv: readonly string[]): Promise<string> {
  const { stdout } = await promisify(execFile)(process.execPath, [join(folder, 'run.ts'), ...argv]);
  return stdout;
}
