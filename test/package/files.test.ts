/** What the package would hold; test/long packs, installs and uses it. */
import { execFileSync } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';

const ROOT = join(import.meta.dirname, '../..');
const PACKAGE = JSON.parse(readFileSync(join(ROOT, 'package.json'), 'utf8')) as {
  readonly version: string;
  readonly bin: Readonly<Record<string, string>>;
  readonly exports: Readonly<Record<string, string | Readonly<Record<string, string>>>>;
};

/** The source of a file that the build makes. */
const sourceOf = (path: string) =>
  path
    .replace(/^\.\//, '')
    .replace(/^dist\//, '')
    .replace(/(\.d\.ts|\.js)$/, '.ts');

test('each entry is made of a source that is there', () => {
  const entries = [PACKAGE.bin, ...Object.values(PACKAGE.exports)].flatMap(entry =>
    typeof entry === 'string' ? [entry] : Object.values(entry),
  );
  expect(entries.length).toBeGreaterThan(5);
  expect(entries.map(sourceOf).filter(path => !existsSync(join(ROOT, path)))).toEqual([]);
});

/** Relative links of a page, without their anchors. */
const linksOf = (page: string) =>
  [...readFileSync(join(ROOT, page), 'utf8').matchAll(/\]\((?!https?:)([^)#\s]+)/g)].map(
    ([, link]) => link!,
  );

test('it holds what the build makes, the schema, and every page that the README leads to', () => {
  const folder = mkdtempSync(join(tmpdir(), 'faultline-pack-'));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  const args = ['pack', '--dry-run', '--ignore-scripts', '--json'];
  const said = execFileSync('npm', [...args, '--cache', folder], { cwd: ROOT, encoding: 'utf8' });
  const [{ files }] = JSON.parse(said) as [{ files: { path: string }[] }];
  const packed = files.map(({ path }) => path);
  const rest = packed.filter(path => !/^(dist|docs|examples)\//.test(path));
  expect(rest.sort()).toEqual([
    'CHANGELOG.md',
    'CONTRIBUTING.md',
    'LICENSE',
    'README.md',
    'package.json',
    'schema/schema.graphql',
  ]);
  const links = linksOf('README.md');
  expect(links.length).toBeGreaterThan(10);
  const isThere = (link: string) => packed.some(path => `${path}/`.startsWith(`${link}/`));
  expect(links.filter(link => !isThere(link))).toEqual([]);
});

test('the changes of this version are told', () => {
  const changes = readFileSync(join(ROOT, 'CHANGELOG.md'), 'utf8');
  expect(changes).toContain(`\n## ${PACKAGE.version}\n`);
});

test('the Dockerfile copies what is there, and what .dockerignore lets pass', () => {
  const lines = (name: string) => readFileSync(join(ROOT, name), 'utf8').split('\n');
  const copied = lines('Dockerfile')
    .filter(line => line.startsWith('COPY ') && !line.includes('--from'))
    .flatMap(line => line.split(' ').slice(1, -1));
  const passing = lines('.dockerignore').flatMap(line => (/^!(.+)$/.exec(line) ?? []).slice(1));
  expect(copied.filter(path => !existsSync(join(ROOT, path)))).toEqual([]);
  expect(copied.toSorted()).toEqual(passing.toSorted());
});
