/** Small C programs for tests, where there is a compiler. */
import { execFileSync } from 'node:child_process';
import { chmodSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/**
 * Folders with headers of a newer kernel than the system's, if there are any: `linux/iommufd.h`, and
 * the self-test's `iommufd_test.h`.
 */
const KERNEL_HEADERS = (process.env['FAULTLINE_KERNEL_HEADERS'] ?? '').split(':').filter(Boolean);

function works(command: string, args: readonly string[]): boolean {
  try {
    execFileSync(command, args, { stdio: 'ignore' });
    return true;
  } catch {
    return false;
  }
}

/** Whether `cc` can be called; tests that need it are skipped, by name, where it cannot. */
export const HAS_COMPILER = works('cc', ['--version']);
export const HAS_STRACE = works('strace', ['-V']);
export const HAS_GDB = works('gdb', ['--version']);
export const HAS_PYTHON = works('python3', ['--version']);

/** A new folder that everybody may enter: programs in it run as another user, too. */
export function openFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), 'faultline-ioctl-'));
  chmodSync(folder, 0o755);
  process.once('exit', () => rmSync(folder, { recursive: true, force: true }));
  return folder;
}

/** Compiles a program and returns its path. Errors: what cc says. */
export function compile(source: string, { fixed = false } = {}): string {
  const folder = openFolder();
  const file = join(folder, 'program.c');
  const program = join(folder, 'program');
  writeFileSync(file, source);
  const headers = KERNEL_HEADERS.flatMap(path => ['-isystem', path]);
  execFileSync('cc', [
    ...(fixed ? ['-static'] : []),
    ...['-O1', '-Wall', '-pthread', ...headers, '-o', program, file],
  ]);
  return program;
}
