/** docs/ARCHITECTURE.md says what the tree says; links and paths of all pages lead somewhere. */
import { existsSync, globSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { ROOT } from './process.ts';

const textOf = (path: string) => readFileSync(join(ROOT, path), 'utf8');
const PAGE = textOf('docs/ARCHITECTURE.md');
const PAGES = [
  'README.md',
  'CONTRIBUTING.md',
  'docs/ARCHITECTURE.md',
  'docs/HARDWARE.md',
  'docs/KERNEL.md',
  'docs/PAGE.md',
  'docs/PROMISES.md',
  'docs/REFERENCE.md',
];

describe('docs/ARCHITECTURE.md', () => {
  test('it gives a reason for every dependency, and for no other package', () => {
    const { dependencies, devDependencies } = JSON.parse(textOf('package.json')) as Record<
      'dependencies' | 'devDependencies',
      Record<string, string>
    >;
    const table = PAGE.slice(PAGE.indexOf('## Dependencies'), PAGE.indexOf('## Tests'));
    const named = table.split('\n').flatMap(row => {
      const [, packages = ''] = row.split('|');
      return [...packages.matchAll(/`([^`]+)`/g)].map(([, name]) => name!);
    });
    expect(named.sort()).toEqual(Object.keys({ ...dependencies, ...devDependencies }).sort());
  });

  const rooms = [...PAGE.matchAll(/^\| `src\/(\w+)` \| .* \|(.*) \|$/gm)].map(
    ([, room, allowed]) => [room!, allowed!] as const,
  );

  test('its table has every room', () => {
    const folders = globSync('src/*/', { cwd: ROOT }).map(path => path.split('/')[1]!);
    expect(rooms.map(([room]) => room).sort()).toEqual(folders.sort());
  });

  test('its table of tests has every folder under test, and no other', () => {
    const table = PAGE.slice(PAGE.indexOf('## Tests'));
    const named = [...table.matchAll(/`test\/([\w-]+)`/g)].map(([, folder]) => folder!);
    const folders = globSync('test/*/', { cwd: ROOT }).map(path => path.split('/')[1]!);
    expect(named.sort()).toEqual(folders.sort());
  });

  test.each(rooms)('%s imports only what the table allows', (room, allowed) => {
    for (const file of globSync(`src/${room}/**/*.ts`, { cwd: ROOT })) {
      for (const [, from] of textOf(file).matchAll(/from '(\.[^']+)'/g)) {
        const [folder, imported] = join(dirname(file), from!).split('/');
        if (folder !== 'src' || imported === room) continue;
        expect(allowed, `${file} imports ${from}`).toContain(`\`${imported}\``);
      }
    }
  });
});

/** As GitHub makes them of headings. */
const anchorsOf = (page: string) =>
  [...textOf(page).matchAll(/^#+ (.*)$/gm)].map(([, heading]) =>
    heading!
      .toLowerCase()
      .replace(/[^\w\- ]/g, '')
      .replaceAll(' ', '-'),
  );

describe.each(PAGES)('%s', page => {
  test('its links lead somewhere', () => {
    for (const [, target] of textOf(page).matchAll(/\]\(([^)\s]+)\)/g)) {
      if (/^https?:/.test(target!)) continue;
      const [file = '', anchor] = target!.split('#');
      const path = file === '' ? page : join(dirname(page), file);
      expect(existsSync(join(ROOT, path)), target).toBe(true);
      if (anchor !== undefined) expect(anchorsOf(path)).toContain(anchor);
    }
  });

  test('files and scripts it names are there', () => {
    const { scripts } = JSON.parse(textOf('package.json')) as { scripts: Record<string, string> };
    for (const [, path] of textOf(page).matchAll(
      /`((?:src|test|docs|schema|migrations)\/[\w./-]+)`/g,
    )) {
      expect(existsSync(join(ROOT, path!)), path).toBe(true);
    }
    for (const [, script] of textOf(page).matchAll(/`npm run (?:-s )?(\w+)[^`]*`/g)) {
      expect(Object.keys(scripts)).toContain(script);
    }
  });
});
