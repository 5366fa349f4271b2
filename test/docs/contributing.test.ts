/** The examples of CONTRIBUTING.md compile, and what is left out of one does not. */
import { execFile, execFileSync } from 'node:child_process';
import {
  cpSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { ROOT } from './process.ts';

const PAGE = readFileSync(join(ROOT, 'CONTRIBUTING.md'), 'utf8');

function example(name: string): string {
  const from = PAGE.indexOf(`<!-- example: ${name} -->`);
  const [, diff] = /```diff\n([\s\S]*?\n)```/.exec(PAGE.slice(from))!;
  return diff!;
}

let folder: string;

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'faultline-contributing-'));
  for (const path of ['src', 'migrations', 'package.json']) {
    cpSync(join(ROOT, path), join(folder, path), { recursive: true });
  }
  const config = JSON.parse(readFileSync(join(ROOT, 'tsconfig.json'), 'utf8')) as {
    compilerOptions: object;
  };
  const compilerOptions = { ...config.compilerOptions, incremental: true };
  const only = { compilerOptions, include: ['src', 'migrations'] };
  writeFileSync(join(folder, 'tsconfig.json'), JSON.stringify(only));
  symlinkSync(join(ROOT, 'node_modules'), join(folder, 'node_modules'));
});

afterAll(() => rmSync(folder, { recursive: true, force: true }));

/** What the compiler says of the tree; empty if it compiles. */
async function compiled(): Promise<string> {
  const tsc = join(ROOT, 'node_modules', 'typescript', 'bin', 'tsc');
  try {
    await promisify(execFile)(process.execPath, [tsc, '-p', folder], { cwd: folder });
    return '';
  } catch (error) {
    return (error as { stdout: string }).stdout;
  }
}

/** Applies a diff, or takes it back. */
function patch(text: string, ...flags: string[]): void {
  execFileSync('git', ['apply', '-p1', '--unidiff-zero', ...flags, '-'], {
    cwd: folder,
    input: text,
    env: { ...process.env, GIT_CEILING_DIRECTORIES: join(folder, '..') },
  });
}

const filesOf = (diff: string) => [...diff.matchAll(/^\+\+\+ b\/(.*)$/gm)].map(([, file]) => file!);

/** Every added line that states one part, and the file it is in. */
const PARTS: Readonly<Record<string, readonly (readonly [file: string, part: RegExp])[]>> = {
  event: [
    ['src/core/iommufd/ioas/events.ts', / {2}\| IoasTouched\n/],
    ['src/core/iommufd/ioas/events.ts', / {2}IoasTouched: \{[\s\S]*?\n {2}\},\n/],
    ['src/core/iommufd/ioas/events.ts', / {4}version: 1,\n/],
    ['src/core/iommufd/ioas/events.ts', / {4}layer: 'IOMMUFD',\n/],
    ['src/core/iommufd/ioas/events.ts', / {4}sentence: 'Nothing happened to an IOAS\.',\n/],
    ['src/core/iommufd/ioas/events.ts', / {4}describe: event => `IOAS .* touched`,\n/],
    ['src/core/iommufd/ioas/events.ts', / {4}evolve: outsideTheState,\n/],
  ],
  operation: [
    ['src/core/iommufd/ioas/operations.ts', / {2}IoasTouch: Operation<.*\n/],
    ['src/core/iommufd/ioas/operations.ts', / {2}IoasTouch: \{[\s\S]*?\n {2}\},\n/],
    ['src/core/iommufd/ioas/operations.ts', / {4}sentence: 'Nothing: .*\n/],
    ['src/core/iommufd/ioas/operations.ts', / {4}mutation: 'ioasTouch',\n/],
    ['src/core/iommufd/ioas/operations.ts', / {4}support: null,\n/],
    [
      'src/core/iommufd/ioas/operations.ts',
      /, ioasId: 'u32'(?= \},\n {4}execute: inContext\(\(x, context, \{ ioasId)/,
    ],
    [
      'src/core/iommufd/ioas/operations.ts',
      / {4}execute: inContext\(\(x, context, \{ ioasId[\s\S]*?\n {4}\}\),\n/,
    ],
    ['src/graphql/iommufd/ioas/mutations.ts', / {2}IoasTouch: ioasTouch,\n/],
    [
      'src/graphql/iommufd/ioas/mutations.ts',
      / {2}toCommand: \(\{ contextId, ioasId \}\) => \(\{ type: 'IoasTouch'.*\n/,
    ],
    ['src/sim/generator/iommufd/ioas.ts', / {2}IoasTouch: [\s\S]*?\n {2}\}\),\n/],
  ],
};

describe.each(Object.entries(PARTS))('the example of an %s', (name, parts) => {
  const diff = example(name);

  beforeAll(() => patch(diff));
  afterAll(() => patch(diff, '--reverse'));

  test('touches at most three files, and compiles', async () => {
    expect(filesOf(diff).length).toBeLessThanOrEqual(3);
    expect(filesOf(diff).every(file => statSync(join(folder, file)).isFile())).toBe(true);
    expect(await compiled()).toBe('');
  });

  test.each(parts)('%s without %s does not compile', async (file, part) => {
    const path = join(folder, file);
    const text = readFileSync(path, 'utf8');
    // The example's own lines come first: what is there twice stands higher up in it.
    const without = text.replace(part, '');
    expect(without).not.toBe(text);
    writeFileSync(path, without);
    try {
      expect(await compiled()).toMatch(/error TS\d+/);
    } finally {
      writeFileSync(path, text);
    }
  });
});
