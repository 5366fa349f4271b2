/** The disk that the crash test puts below a server: what it keeps, and how it fails. */
import { appendFileSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { Prng } from '../../../src/sim/prng.ts';
import { runNode } from '../server-process.ts';
import { temporaryFolder } from '../temporary.ts';
import { failCalls, failuresMet, limitSpace } from './control.ts';
import { DiskModel } from './disk-model.ts';
import { DiskWatch } from './disk-watch.ts';
import type { DiskCall } from './journal.ts';
import { makePreload, watchDisk } from './preload.ts';

const text = (content: Uint8Array | undefined) => content && Buffer.from(content).toString();
const write = (file: number, offset: number, data: string): DiskCall => ({
  type: 'WRITE',
  file,
  offset,
  data: Buffer.from(data),
});

/** The contents of `name` on the disks there may be after the calls. */
function possible(calls: readonly DiskCall[], name: string): Set<string | undefined> {
  const found = new Set<string | undefined>();
  for (let seed = 0; seed < 300; seed++) {
    const model = new DiskModel(new Prng(seed), new Map([['old', Buffer.from('old')]]));
    for (const call of calls) model.apply(call);
    found.add(text(model.afterPowerLoss().files.get(name)));
  }
  return found;
}

describe('after a loss of power', () => {
  const create: DiskCall = { type: 'CREATE', file: 1, name: 'f' };
  const sync: DiskCall = { type: 'SYNC', file: 1 };
  const syncFolder: DiskCall = { type: 'SYNC_FOLDER' };
  const cases: [string, readonly DiskCall[], readonly (string | undefined)[]][] = [
    ['a new file without any flush', [create, write(1, 0, 'a')], [undefined, '', 'a']],
    ['flushed bytes without their name', [create, write(1, 0, 'a'), sync], [undefined, 'a']],
    ['a flushed name without its bytes', [create, write(1, 0, 'a'), syncFolder], ['', 'a']],
    ['both flushed', [create, write(1, 0, 'a'), sync, syncFolder], ['a']],
    [
      'two writes in any order',
      [create, syncFolder, write(1, 0, 'a'), write(1, 1, 'b')],
      ['', 'a', 'ab', '\0b'],
    ],
    [
      'what comes after a flush',
      [create, write(1, 0, 'a'), sync, syncFolder, write(1, 0, 'b')],
      ['a', 'b'],
    ],
    [
      'a flush that fails, and one that does not',
      [create, syncFolder, write(1, 0, 'a'), { type: 'SYNC_FAILED', file: 1 }, sync],
      ['', 'a'],
    ],
    [
      'a file cut short',
      [create, syncFolder, write(1, 0, 'ab'), sync, { type: 'TRUNCATE', file: 1, size: 1 }],
      ['ab', 'a'],
    ],
    [
      'a rename',
      [
        { type: 'OPEN', file: 1, name: 'old' },
        { type: 'RENAME', name: 'old', to: 'f' },
      ],
      [undefined, 'old'],
    ],
  ];
  test.each(cases)('%s', (_, calls, contents) => {
    expect(possible(calls, 'f')).toEqual(new Set(contents));
  });

  test('a write of several sectors may be there in part, sector by sector', () => {
    const [a, b] = ['a'.repeat(512), 'b'.repeat(512)];
    const calls = [create, syncFolder, write(1, 0, a + a), sync, write(1, 0, b + b)];
    expect(possible(calls, 'f')).toEqual(new Set([a + a, a + b, b + a, b + b]));
  });

  test('a name that is removed may come back until the folder is flushed', () => {
    const unlink: DiskCall = { type: 'UNLINK', name: 'old' };
    expect(possible([unlink], 'old')).toEqual(new Set(['old', undefined]));
    expect(possible([unlink, syncFolder], 'old')).toEqual(new Set([undefined]));
  });

  test('a call on what is not there is a mistake of the model', () => {
    const model = new DiskModel(new Prng(1), new Map());
    expect(() => model.apply(write(7, 0, 'a'))).toThrow('no opening 7');
    expect(() => model.apply({ type: 'OPEN', file: 1, name: 'g' })).toThrow('no file "g"');
    expect(() => model.apply({ type: 'BEYOND_MODEL', name: 'g' })).toThrow('does not know');
  });
});

/** What a process does in the folder, whose path is its first argument. */
const PROGRAM = `
import fs from 'node:fs';
const path = name => process.argv[2] + '/' + name;
const said = work => { try { work(); return 'done'; } catch (error) { return error.code; } };
const flush = name => { const d = fs.openSync(path(name), 'r'); fs.fsyncSync(d); fs.closeSync(d); };
`;

describe('the library', () => {
  const scratch = temporaryFolder('library');
  const preload = makePreload(scratch);
  const library = 'library' in preload ? preload.library : null;
  let count = 0;

  /** Runs a program below which the disk is watched. */
  async function run(program: string, prepare: (control: string) => void = () => {}) {
    const beside = join(scratch, `${++count}`);
    const folder = join(beside, 'disk');
    mkdirSync(folder, { recursive: true });
    const main = join(beside, 'program.mjs');
    writeFileSync(main, PROGRAM + program);
    const disk = watchDisk(library!, folder, beside);
    const watch = new DiskWatch(new Prng(5), disk);
    prepare(disk.control);
    const { code, stdout, stderr } = await runNode(main, [folder], disk.environment);
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
    return { watch, folder, stdout, met: failuresMet(disk.control) };
  }

  // Without a C compiler nothing of this can be run; the rounds that need it say so.
  const withLibrary = test.skipIf(library === null);

  withLibrary('knows every change that Node makes, and what was flushed', async () => {
    const { watch, folder } = await run(`
      fs.writeFileSync(path('a'), 'first');
      fs.appendFileSync(path('a'), ', second');
      fs.writeFileSync(path('b'), 'to be cut');
      fs.truncateSync(path('b'), 5);
      fs.renameSync(path('b'), path('c'));
      fs.writeFileSync(path('d'), 'to be removed');
      fs.rmSync(path('d'));
      fs.writeFileSync(path('x-shm'), 'not watched');
      flush('a');
      flush('');
      fs.writeFileSync(path('c'), 'not flushed');
    `);
    watch.catchUp();
    watch.losePower();
    expect(readFileSync(join(folder, 'a'), 'utf8')).toBe('first, second');
    expect(() => readFileSync(join(folder, 'd'))).toThrow('ENOENT');
  });

  withLibrary('is not believed if a change passed it by', async () => {
    const { watch, folder } = await run(`fs.writeFileSync(path('a'), 'first');`);
    appendFileSync(join(folder, 'a'), '!');
    expect(() => watch.catchUp()).toThrow(/model of the disk is wrong: a is 6 bytes/);
  });

  withLibrary('fills the disk: part of a write, then ENOSPC, until there is room', async () => {
    const { stdout, met } = await run(
      `const d = fs.openSync(path('a'), 'w');
       console.log(fs.writeSync(d, '12345678'), fs.writeSync(d, '12345678'));
       console.log(said(() => fs.writeSync(d, 'x')), said(() => fs.writeSync(d, 'x', 0)));
       console.log(said(() => fs.openSync(path('b'), 'w')));
       fs.ftruncateSync(d, 4);
       console.log(fs.writeSync(d, 'abc', 4));`,
      control => limitSpace(control, 10),
    );
    expect(stdout).toBe('8 2\nENOSPC done\nENOSPC\n3\n');
    // Node tries the rest of a write that was cut short once more.
    expect(met).toEqual({ full: 4, failed: 0 });
  });

  withLibrary.each([
    ['WRITE', `fs.writeSync(d, 'x')`],
    ['SYNC', 'fs.fsyncSync(d)'],
    ['READ', 'fs.readSync(d, Buffer.alloc(1), 0, 1, 0)'],
  ] as const)('fails a %s after one that does not, and then no more', async (call, statement) => {
    const { stdout, met } = await run(
      `const d = fs.openSync(path('a'), 'w+');
       for (let i = 0; i < 4; i++) console.log(said(() => ${statement}));`,
      control => failCalls(control, call, { skip: 1, count: 2 }),
    );
    expect(stdout).toBe('done\nEIO\nEIO\ndone\n');
    expect(met).toEqual({ full: 0, failed: 2 });
  });
});
