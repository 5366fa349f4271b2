/** The tree itself: who may import whom, sizes, leftovers. */
import { execFileSync } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { dirname, join, posix } from 'node:path';
import { describe, expect, test } from 'vitest';
import { circlesOf } from './circles.ts';

const ROOT = join(import.meta.dirname, '..');

/** Files git knows or would take. */
const FILES = execFileSync('git', ['ls-files', '-co', '--exclude-standard', '-z'], { cwd: ROOT })
  .toString()
  .split('\0')
  .filter(path => path !== '' && existsSync(join(ROOT, path)));

const textOf = (path: string) => readFileSync(join(ROOT, path), 'utf8');
const under = (folder: string) => (path: string) => path.startsWith(`${folder}/`);
/** The page's code: what the browser runs, and its build. */
const PAGE = FILES.filter(path => under('web')(path) && /\.tsx?$/.test(path));
const CODE = FILES.filter(path => /\.(ts|tsx|mjs)$/.test(path));
const SOURCES = CODE.filter(under('src'));
/** Their form is the generator's; a test of their own compares them with what they are made of. */
const PAGE_DOCUMENTS = ['documents', 'later-documents', 'hardware-documents'].map(
  name => `web/src/${name}.ts`,
);
const GENERATED = ['src/operations/operations.ts', ...PAGE_DOCUMENTS];
const WRITTEN = CODE.filter(path => !GENERATED.includes(path));

/** The code without comments and, so that words in texts do not count, without strings. */
const codeOf = (path: string) =>
  textOf(path)
    .replace(/\/\*[\s\S]*?\*\//g, '')
    .replace(/(^|[^:])\/\/.*$/gm, '$1')
    .replace(/'(?:[^'\\\n]|\\.)*'/g, "''");

const IMPORT =
  /^(?:import|export)\b[^'"`;]*?\bfrom '([^']+)'|^import '([^']+)'|\bimport\(\s*'([^']+)'/gm;

/** What a file imports: paths from the root, and names of packages. */
function importsOf(path: string): string[] {
  return [...textOf(path).matchAll(IMPORT)].map(([, from, bare, dynamic]) => {
    const name = (from ?? bare ?? dynamic)!;
    return name.startsWith('.') ? posix.join(posix.dirname(path), name) : name;
  });
}

/**
 * What each room may import besides itself. Nothing imports `cli`; only its commands that
 * start a server reach over to `server`.
 */
const ROOMS: Readonly<Record<string, readonly string[]>> = {
  abi: [],
  core: ['abi'],
  log: ['abi', 'core'],
  engine: ['abi', 'core', 'log'],
  sim: ['abi', 'core', 'log', 'engine'],
  graphql: ['abi', 'core', 'log', 'engine'],
  server: ['abi', 'core', 'log', 'engine', 'graphql'],
  ioctl: ['abi', 'core', 'log', 'engine'],
  operations: [],
  client: ['operations'],
  cli: ['abi', 'core', 'log', 'engine', 'graphql', 'ioctl', 'sim', 'operations', 'client'],
  // What `import … from 'faultline'` gives.
  'index.ts': ['engine', 'graphql', 'server', 'operations'],
};
const MAY_IMPORT_SERVER = [
  'src/cli/commands/serve.ts',
  'src/cli/commands/test.ts',
  'src/cli/demo.ts',
];

const roomOf = (path: string) => path.split('/')[1]!;

describe('rooms', () => {
  test('every file under src stands in a known room', () => {
    expect([...new Set(SOURCES.map(roomOf))].filter(room => !Object.hasOwn(ROOMS, room))).toEqual(
      [],
    );
  });

  test.each(Object.entries(ROOMS))('%s imports only %j', (room, allowed) => {
    const wrong = SOURCES.filter(path => roomOf(path) === room).flatMap(path =>
      importsOf(path)
        .filter(under('src'))
        .filter(to => roomOf(to) !== room && !allowed.includes(roomOf(to)))
        .filter(to => !(roomOf(to) === 'server' && MAY_IMPORT_SERVER.includes(path)))
        .map(to => `${path} imports ${to}`),
    );
    expect(wrong).toEqual([]);
  });

  test('abi and core import nothing from Node or npm', () => {
    const pure = SOURCES.filter(path => ['abi', 'core'].includes(roomOf(path)));
    expect(pure.length).toBeGreaterThan(20);
    const wrong = pure.flatMap(path =>
      importsOf(path)
        .filter(to => !under('src')(to))
        .map(to => `${path} imports ${to}`),
    );
    expect(wrong).toEqual([]);
  });

  test('abi and core know no clock, no chance and no waiting', () => {
    // `process` is also a field: what iommufd knows of the process behind a context.
    const words = 'Date|Math\\.random|performance|crypto|setTimeout|async|await|Promise';
    const banned = new RegExp(`\\b(${words})\\b|(?<![.\\w])process\\s*\\.`);
    const wrong = SOURCES.filter(path => ['abi', 'core'].includes(roomOf(path))).flatMap(path => {
      const found = banned.exec(codeOf(path));
      return found === null ? [] : [`${path} uses ${found[0]}`];
    });
    expect(wrong).toEqual([]);
  });

  test('the client imports nothing but graphql-ws, so that it runs in browsers', () => {
    const files = SOURCES.filter(path => roomOf(path) === 'client');
    const packages = files.flatMap(path => importsOf(path).filter(to => !under('src')(to)));
    expect([...new Set(packages)]).toEqual(['graphql-ws']);
  });

  test('nothing under src imports tests or benchmarks', () => {
    const wrong = SOURCES.flatMap(path =>
      importsOf(path)
        .filter(to => under('test')(to) || under('bench')(to))
        .map(to => `${path} imports ${to}`),
    );
    expect(wrong).toEqual([]);
  });
});

/** What each folder of the page may import besides itself, of the page and of src. */
const PAGE_ROOMS: Readonly<Record<string, readonly string[]>> = {
  data: [...PAGE_DOCUMENTS, 'src/client', 'src/operations'],
  state: ['data', 'timeline', ...PAGE_DOCUMENTS, 'src/client'],
  ui: ['data', 'state', ...PAGE_DOCUMENTS, 'src/operations'],
  graph: ['data', 'state', 'ui', ...PAGE_DOCUMENTS],
  timeline: ['data', 'state', 'ui', ...PAGE_DOCUMENTS, 'src/operations'],
  hardware: ['data', 'state', 'ui', ...PAGE_DOCUMENTS, 'src/operations'],
  moment: ['data', 'state', 'ui', 'hardware', ...PAGE_DOCUMENTS],
  story: ['data', 'state', 'ui', ...PAGE_DOCUMENTS, 'src/operations'],
};

describe('rooms of the page', () => {
  const folderOf = (path: string) => /^web\/src\/(\w+)\//.exec(path)?.[1] ?? '';

  test('every folder is known', () => {
    const folders = new Set(PAGE.map(folderOf).filter(folder => folder !== ''));
    expect([...folders].sort()).toEqual(Object.keys(PAGE_ROOMS).sort());
  });

  test.each(Object.entries(PAGE_ROOMS))('%s imports only %j', (room, allowed) => {
    const mayBe = (to: string) =>
      allowed.some(name => to === name || under(name)(to) || under(`web/src/${name}`)(to));
    const wrong = PAGE.filter(path => folderOf(path) === room).flatMap(path =>
      importsOf(path)
        .filter(to => under('src')(to) || under('web')(to))
        .filter(to => folderOf(to) !== room && !mayBe(to))
        .map(to => `${path} imports ${to}`),
    );
    expect(wrong).toEqual([]);
  });

  test('the page has four libraries, and nothing of Node', () => {
    const packages = PAGE.filter(under('web/src')).flatMap(path =>
      importsOf(path).filter(to => !under('src')(to) && !under('web')(to)),
    );
    expect([...new Set(packages)].sort()).toEqual([
      '@preact/signals',
      'graphql-ws',
      'preact',
      'preact/hooks',
    ]);
  });

  test('no file of the page is longer than 300 lines', () => {
    const written = PAGE.filter(path => !GENERATED.includes(path));
    expect(written.length).toBeGreaterThan(40);
    expect(written.filter(path => textOf(path).split('\n').length > 301)).toEqual([]);
  });

  test('no file of the page is left that nobody imports', () => {
    const imported = new Set(PAGE.flatMap(importsOf));
    const started = ['web/build.ts', 'web/src/main.tsx'];
    expect(PAGE.filter(path => !imported.has(path) && !started.includes(path))).toEqual([]);
  });

  test('no files of the page import each other in a circle, types included', () => {
    expect(circlesOf(new Map(PAGE.map(path => [path, importsOf(path)])))).toEqual([]);
  });
});

describe('circles', () => {
  const imports = new Map(SOURCES.map(path => [path, importsOf(path)]));

  test('no files under src import each other in a circle, types included', () => {
    expect(imports.size).toBeGreaterThan(200);
    expect(circlesOf(imports)).toEqual([]);
  });

  test('a planted circle is found', () => {
    // What evolve stands on is made to import it.
    const planted = new Map(imports);
    const below = 'src/core/machine/lookup.ts';
    planted.set(below, [...imports.get(below)!, 'src/core/machine/evolve.ts']);
    const circles = circlesOf(planted);
    expect(circles).toHaveLength(1);
    expect(circles[0]).toEqual(expect.arrayContaining([below, 'src/core/machine/evolve.ts']));
  });

  test('circles of one, two and three files are found, and nothing else', () => {
    const graph = new Map([
      ['a', ['b']],
      ['b', ['c', 'd']],
      ['c', ['a', 'elsewhere']],
      ['d', ['e']],
      ['e', ['d']],
      ['f', ['f']],
      ['g', ['a', 'd', 'f']],
    ]);
    expect(circlesOf(graph)).toEqual([['d', 'e'], ['a', 'b', 'c'], ['f']]);
  });
});

describe('files', () => {
  test('the newest of CHANGELOG.md is the version of the package', () => {
    const { version } = JSON.parse(textOf('package.json')) as { version: string };
    expect(/^## (.*)$/m.exec(textOf('CHANGELOG.md'))?.[1]).toBe(version);
  });

  test('no folder under src holds more than 20 files', () => {
    const count = new Map<string, number>();
    for (const path of SOURCES) count.set(dirname(path), (count.get(dirname(path)) ?? 0) + 1);
    expect([...count].filter(([, files]) => files > 20)).toEqual([]);
  });

  test('an import names a file that is there', () => {
    const wrong = CODE.flatMap(path =>
      importsOf(path)
        .filter(to =>
          ['src', 'test', 'bench', 'migrations', 'web'].some(folder => under(folder)(to)),
        )
        .filter(to => !existsSync(join(ROOT, to)))
        .map(to => `${path} imports ${to}`),
    );
    expect(wrong).toEqual([]);
  });

  test('no file under src is left that nobody imports', () => {
    const imported = new Set(CODE.flatMap(path => importsOf(path)));
    // Started by name: commands in package.json, workers by URL.
    const named = [textOf('package.json'), ...CODE.map(textOf)].join('\n');
    const started = (path: string) => {
      const file = path.slice(dirname(path).length + 1);
      return (
        textOf('package.json').includes(path) || named.includes(`new URL('./${file}', import.meta`)
      );
    };
    expect(SOURCES.filter(path => !imported.has(path) && !started(path))).toEqual([]);
  });

  test('lines have at most 100 characters, comments 110', () => {
    // The formatter breaks code; it does not break a text, which may be as long as it must.
    const tooLong = (line: string) =>
      line.length > (/^\s*(\/\/|\/?\*)/.test(line) ? 110 : 100) && !/['"`]/.test(line);
    const wrong = WRITTEN.flatMap(path =>
      textOf(path)
        .split('\n')
        .flatMap((line, index) => (tooLong(line) ? [`${path}:${index + 1}`] : [])),
    );
    expect(wrong).toEqual([]);
  });

  test('source files have at most 400 lines', () => {
    const long = SOURCES.filter(path => textOf(path).split('\n').length > 401);
    expect(long.filter(path => !LONG.includes(path))).toEqual([]);
  });

  test('lists of everything have at most 300 lines: each entry stands in its folder', () => {
    // Events, operations, states, fields: what grows with each of them.
    const long = SOURCES.filter(path => /^src\/(core|abi|sim|graphql)\//.test(path))
      .filter(path => LISTS.test(path))
      .filter(path => textOf(path).split('\n').length > 301);
    expect(long).toEqual([]);
  });

  test('no explicit any', () => {
    const wrong = WRITTEN.filter(path =>
      /[:<|&,(]\s*any\b|\bas any\b|\bany\[\]/.test(codeOf(path)),
    );
    expect(wrong).toEqual([]);
  });

  test('nothing is left to be done', () => {
    const mark = new RegExp(
      `\\b(${['TO', 'FIX', 'XX'].map((m, i) => m + ['DO', 'ME', 'X'][i]).join('|')})\\b`,
    );
    const wrong = FILES.filter(path => /\.(ts|tsx|mjs|md|json|graphql|yml|sh)$/.test(path))
      .filter(path => path !== 'package-lock.json')
      .filter(path => mark.test(textOf(path)));
    expect(wrong).toEqual([]);
  });

  test('nothing names the machine it was written on', () => {
    const places = [
      ['..', 'shared', ''].join('/'),
      ['', 'work', ''].join('/'),
      ['', 'tmp', 'bash'].join('/'),
    ];
    const wrong = FILES.filter(path => !/\.(gz|png|ico|woff2?)$/.test(path)).filter(path =>
      places.some(place => textOf(path).includes(place)),
    );
    expect(wrong).toEqual([]);
  });

  test('the lock file names no registry', () => {
    expect(textOf('package-lock.json')).not.toMatch(/"resolved": "https?:/);
  });
});

const LISTS = new RegExp(
  `(${[
    'baselines|behaviour|hazards|limits|policies|refusal-rules|support|uapi',
    'command|events?|evolve|execute|inventory|mutations|naming|object-fields|operations|state',
    'generator|weights',
  ].join('|')})\\.ts$`,
);

/** What a generator made; a second reading of the rules of one operation each, which belong together. */
const LONG = [...GENERATED, 'src/sim/oracle/iommufd/ioas.ts'];
