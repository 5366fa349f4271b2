/** What the build makes: the same bytes each time, small, and nothing that makes code of text. */
import { execFileSync, spawnSync } from 'node:child_process';
import {
  cpSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { expect, onTestFinished, test } from 'vitest';

const ROOT = join(import.meta.dirname, '../..');

/** Budget of the JavaScript and the style sheet that opening the page loads, packed. */
const BYTES_MAX = 45_000;

/** The most that one file of what the page loads later may have, packed, and all of them together. */
const LATER_BYTES_MAX = 8_000;
const LATER_BYTES_ALL_MAX = 45_000;

function temporaryFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), 'faultline-page-'));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  return folder;
}

/** Every file of a fresh build, by name. */
function built(): Map<string, Buffer> {
  const folder = temporaryFolder();
  execFileSync(process.execPath, ['web/build.ts', '--out', folder], { cwd: ROOT });
  const files = readdirSync(folder, { recursive: true, withFileTypes: true });
  return new Map(
    files
      .filter(entry => entry.isFile())
      .map(entry => [entry.name, readFileSync(join(entry.parentPath, entry.name))]),
  );
}

test('check 2: two builds have the same bytes, within the budget, and make no code of text', () => {
  const first = built();
  expect(built()).toEqual(first);
  const code = [...first].filter(([name]) => /\.(js|css)$/.test(name));
  const html = first.get('index.html')!.toString();
  const packed = (files: typeof code) =>
    files.map(([, bytes]) => gzipSync(bytes, { level: 9 }).length);
  const sum = (sizes: readonly number[]) => sizes.reduce((all, size) => all + size);
  const opening = packed(code.filter(([name]) => html.includes(name)));
  expect(opening.length).toBe(2);
  expect(sum(opening)).toBeLessThanOrEqual(BYTES_MAX);
  const later = packed(code.filter(([name]) => !html.includes(name)));
  expect(later.length).toBeGreaterThan(5);
  expect(Math.max(...later)).toBeLessThanOrEqual(LATER_BYTES_MAX);
  expect(sum(later)).toBeLessThanOrEqual(LATER_BYTES_ALL_MAX);
  for (const [name, bytes] of code) {
    const text = bytes.toString();
    expect({ name, found: /\beval\(|new Function\b/.test(text) }).toEqual({ name, found: false });
  }
});

test('check 2: the page’s own code never sets markup', () => {
  const sources = readdirSync(join(ROOT, 'web/src'), { recursive: true, encoding: 'utf8' });
  const code = sources.filter(path => /\.tsx?$/.test(path));
  expect(code.length).toBeGreaterThan(40);
  const wrong = code.filter(path =>
    /innerHTML|outerHTML|insertAdjacentHTML|dangerously/.test(
      readFileSync(join(ROOT, 'web/src', path), 'utf8'),
    ),
  );
  expect(wrong).toEqual([]);
});

test('check 3: a field that the schema does not have is found by the compiler', () => {
  const folder = temporaryFolder();
  for (const name of ['src', 'node_modules']) symlinkSync(join(ROOT, name), join(folder, name));
  cpSync(join(ROOT, 'tsconfig.json'), join(folder, 'tsconfig.json'));
  cpSync(join(ROOT, 'web'), join(folder, 'web'), {
    recursive: true,
    filter: path => !path.endsWith('dist'),
  });
  const compile = () =>
    spawnSync(process.execPath, [join(ROOT, 'node_modules/typescript/bin/tsc'), '-p', 'web'], {
      cwd: folder,
      encoding: 'utf8',
    });
  expect(compile()).toMatchObject({ status: 0, stdout: '' });
  const documents = join(folder, 'web/src/documents.ts');
  const text = readFileSync(documents, 'utf8');
  const changed = text.replaceAll('readonly changeCount:', 'readonly changesCount:');
  expect(changed).not.toBe(text);
  writeFileSync(documents, changed);
  const { status, stdout } = compile();
  expect(status).not.toBe(0);
  expect(stdout).toContain("Property 'changeCount' does not exist");
});
