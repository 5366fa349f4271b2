/** The command line: help, wrong arguments, and `conform` through both entrances. */
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { graphqlEntrance } from '../../src/cli/conform/entrance-graphql.ts';
import {
  TraceFormatError,
  type TraceOperation,
  type TraceSequence,
} from '../../src/cli/conform/trace-format.ts';
import { FIRST_TRACES, readTraces } from '../conform/traces.ts';
import { run, temporaryDirectory } from './process.ts';

const path = (file: string) => new URL(`../traces/${file}`, import.meta.url).pathname;

test.each([
  [['--help'], /^Usage: faultline COMMAND.*serve.*conform/s],
  [['--version'], /^\d+\.\d+\.\d+\n$/],
  [['serve', '--help'], /^Usage: faultline serve/],
  [['conform', '--help'], /^Usage: faultline conform/],
  [['export', '--help'], /^Usage: faultline export/],
  [['import', '--help'], /^Usage: faultline import/],
  [['replay', '--help'], /^Usage: faultline replay/],
  [['verify', '--help'], /^Usage: faultline verify/],
])('%j', async (argv, said) => {
  const { code, stdout, stderr } = await run(...argv);
  expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
  expect(stdout).toMatch(said);
});

test('what-if as JSON: a line for each difference, and the counts', async () => {
  const { code, stdout } = await run('what-if', '--json', '--each', path('hazards.jsonl'));
  expect(code).toBe(0);
  const lines = stdout
    .trimEnd()
    .split('\n')
    .map(line => JSON.parse(line));
  const { baseline, differing, findings } = lines.pop();
  expect(baseline).toBe('V6_PATCH');
  expect(lines).toHaveLength(differing);
  const sum = (findings as { count: number }[]).reduce((total, { count }) => total + count, 0);
  expect(sum).toBe(differing);
  expect(lines[0]).toMatchObject({ operation: 4, command: 'TestMockDomain', differs: 'events' });
  expect((await run('what-if', '--json', path('hazards.jsonl'))).stdout.split('\n')).toHaveLength(
    2,
  );
});

test('wrong arguments are 2 and say why', async () => {
  const cases: [string[], string][] = [
    [[], 'a command is missing'],
    [['nothing'], 'no command "nothing"\n'],
    [['lgo'], 'no command "lgo"; did you mean log?\n'],
    [['export', 'a', 'b', '--database', 'x'], 'one machine is wanted; "b" is another'],
    [['export', 'a', '--machine', 'b', '--database', 'x'], '"a" is another'],
    [['serve', '--nothing'], '--nothing'],
    [['serve', '--host', '0.0.0.0'], 'token'],
    [['conform'], 'a trace file is missing'],
    [['conform', '--nothing'], '--nothing'],
    [['conform', '--through', 'nobody', 'x'], '--through'],
    [['conform', '--baseline', 'LINUX_9', 'x'], '--baseline: expected one of V6_PATCH LINUX_6_11'],
    [['export', '--machine', 'm'], '--database is missing'],
    [['export', '--database', 'x'], '--machine is missing'],
    [
      ['export', '--database', 'x', '--machine', 'm', '--format', 'csv'],
      '--format: expected one of',
    ],
    [['import', '--database', 'x'], 'a file is missing'],
    [['import', 'x', 'y', '--database', 'z'], '"y" is another'],
    [['import', 'README.md', '--database', 'z', '--as', 'a b'], '--as: expected 1 to 64 letters'],
    [['replay', '--nothing'], '--nothing'],
    [['verify', 'x'], 'x'],
  ];
  await Promise.all(
    cases.map(async ([argv, said]) => {
      const { code, stdout, stderr } = await run(...argv);
      expect({ argv, code, stdout }).toEqual({ argv, code: 2, stdout: '' });
      expect(stderr).toMatch(/^faultline/);
      expect(stderr).toContain(said);
    }),
  );
});

test.each(['conform', 'what-if'])('%s says what no kernel trace is', async command => {
  const missing = await run(command, 'nowhere.jsonl');
  expect(missing).toMatchObject({
    code: 1,
    stdout: '',
    stderr: `faultline ${command}: FILE: "nowhere.jsonl" cannot be read (ENOENT); name a kernel trace, .jsonl or .jsonl.gz\n`,
  });
  const file = new URL('../export/golden/faults.jsonl', import.meta.url).pathname;
  const { code, stderr } = await run(command, file);
  expect(code).toBe(1);
  expect(stderr).toContain(
    ':1: this is an export of a machine and no kernel trace; faultline replay',
  );
});

/** Changes the first operation that `change` takes; where it was, and the sequences. */
function altered(
  sequences: readonly TraceSequence[],
  change: (operation: TraceOperation) => TraceOperation | null,
): { at: string; sequences: TraceSequence[] } {
  for (const [index, sequence] of sequences.entries()) {
    for (const [place, operation] of sequence.ops.entries()) {
      const changed = change(operation);
      if (changed === null) continue;
      const copy = { ...sequence, ops: sequence.ops.with(place, changed) };
      const label = sequence.name ?? String(sequence.index ?? index);
      return {
        at: `sequence ${label}, operation ${place} ${operation.op}`,
        sequences: sequences.with(index, copy),
      };
    }
  }
  throw new Error('no operation to change');
}

const CHANGES: readonly (readonly [
  field: string,
  change: (operation: TraceOperation) => TraceOperation | null,
])[] = [
  ['errno', operation => (operation.errno === 'EBUSY' ? { ...operation, errno: 'EINVAL' } : null)],
  [
    'out.hwptId',
    operation =>
      operation.op === 'hwptAlloc' && operation.errno === '0'
        ? { ...operation, out: { ...operation.out, hwptId: 99 } }
        : null,
  ],
  [
    'hw',
    operation =>
      (operation.hw?.length ?? 0) > 0 ? { ...operation, hw: operation.hw!.slice(1) } : null,
  ],
];

/** What conform says of its speed; no test decides on it. */
const RATE = /^[1-9][\d,]* operations a second, \d+\.\d\d s\n$/;

test('conform --baseline is the kernel, whatever the traces say', async () => {
  const file = path('minimal.jsonl.gz');
  const counts = /11 sequences, 101 operations, (\d+) divergences\n$/;
  const as = async (baseline: string) => {
    const { code, stdout, stderr } = await run('conform', '--baseline', baseline, file);
    return { code, stdout, stderr, divergences: Number(counts.exec(stdout)?.[1]) };
  };
  expect(await as('LINUX_6_12_117')).toMatchObject({ code: 0, divergences: 0 });
  const newer = await as('LINUX_7_3_4');
  expect(newer.code).toBe(1);
  expect(newer.divergences).toBeGreaterThan(10);
  expect(newer.stderr).toMatch(RATE);
  expect(newer.stdout).toContain('ioasMap, errno: expected "EINVAL", got "EOVERFLOW"');
});

describe.each(['engine', 'graphql'])('conform --through %s', through => {
  test('the kernel’s traces have no divergence', async () => {
    const files = FIRST_TRACES.map(path);
    const { code, stdout, stderr } = await run('conform', '--through', through, ...files);
    const traces = FIRST_TRACES.flatMap(readTraces);
    const count = traces.reduce((sum, { ops }) => sum + ops.length, 0);
    expect({ code, stdout }).toEqual({
      code: 0,
      stdout: `${traces.length} sequences, ${count} operations, 0 divergences\n`,
    });
    expect(stderr).toMatch(RATE);
  });

  test('what was changed is found, and nothing else', async () => {
    const directory = temporaryDirectory();
    const original = readTraces('fault.jsonl.gz').slice(0, 60);
    const files = CHANGES.map(([field, change], index) => {
      const { at, sequences } = altered(original, change);
      const file = join(directory, `${index}.jsonl`);
      writeFileSync(file, sequences.map(sequence => `${JSON.stringify(sequence)}\n`).join(''));
      return { file, said: `${file}: ${at}, ${field}: expected ` };
    });
    const argv = ['conform', '--through', through, ...files.map(({ file }) => file)];
    const { code, stdout, stderr } = await run(...argv);
    expect(code).toBe(1);
    const notes = files.map(
      ({ file }) =>
        `${file} does not say its kernel and ran on LINUX_6_12_117: --baseline says another\n`,
    );
    expect(stderr.startsWith(notes.join(''))).toBe(true);
    expect(stderr.slice(notes.join('').length)).toMatch(RATE);
    const lines = stdout.trimEnd().split('\n');
    const operations = 3 * original.reduce((sum, { ops }) => sum + ops.length, 0);
    expect(lines.at(-1)).toBe(`180 sequences, ${operations} operations, 3 divergences`);
    expect(lines).toHaveLength(4);
    for (const [index, { said }] of files.entries()) {
      expect(lines[index]!.slice(0, said.length)).toBe(said);
    }
  });
});

test('what is no trace is 1 and named', async () => {
  const file = join(temporaryDirectory(), 'no-trace.jsonl');
  for (const text of ['', '{"ops": 1}\n']) {
    writeFileSync(file, text);
    const { code, stderr } = await run('conform', file);
    expect({ code, stderr }).toEqual({ code: 1, stderr: expect.stringContaining(file) });
  }
  const { code, stderr } = await run('conform', `${file}.missing`);
  expect({ code, stderr }).toEqual({ code: 1, stderr: expect.stringContaining('ENOENT') });
});

describe.each(['engine', 'graphql'])('a malformed operation, through %s,', through => {
  const good = { op: 'ioasAlloc', in: { flags: 0 }, errno: '0', out: { iommuIoasId: 1 } };
  const hwpt = { flags: 0, devId: 1, ptId: 1, dataType: 0, dataLen: 0, faultId: 0 };
  const responses = Array.from({ length: 5_000 }, () => ({ cookie: 1, code: 0 }));
  const u32 = 'must be a whole number from 0 to 4294967295, not';
  const input = (op: string, fields: object) => ({ ...good, op, in: fields });
  const CASES: readonly (readonly [operation: unknown, said: string])[] = [
    [input('hwptAlloc', { ...hwpt, ptId: 2 ** 40 }), `"ptId" ${u32} 1099511627776`],
    [input('destroy', { id: -1 }), `"id" ${u32} -1`],
    [input('destroy', { id: 0.5 }), `"id" ${u32} 0.5`],
    [input('destroy', {}), `"id" ${u32} undefined`],
    [
      input('faultRead', { faultQueue: 0, count: 2 ** 31 }),
      '"count" must be a whole number from 0 to 2147483647, not 2147483648',
    ],
    [
      input('faultWrite', { faultQueue: 0, bytes: 8, responses }),
      '"responses" must be a list of at most 4096 objects',
    ],
    [
      input('faultWrite', { faultQueue: 0, bytes: 8, responses: [null] }),
      '"responses" must be a list of at most 4096 objects',
    ],
    [{ ...good, in: null }, 'operation 1: "in" must be an object'],
    [{ op: 'destroy', in: { id: 1 } }, 'operation 1: "errno" must be a string'],
    [7, 'operation 1: it must be an object'],
  ];

  test('is 1, and the line and the field are named', async () => {
    const directory = temporaryDirectory();
    await Promise.all(
      CASES.map(async ([operation, said], index) => {
        const file = join(directory, `${index}.jsonl`);
        const lines = [{ ops: [good] }, { ops: [good, operation] }];
        writeFileSync(file, `\n${lines.map(line => JSON.stringify(line)).join('\n')}\n`);
        const { code, stdout, stderr } = await run('conform', '--through', through, file);
        expect({ code, stdout, stderr }).toEqual({
          code: 1,
          stdout: '',
          stderr: `faultline conform: ${file}:3: ${said}\n`,
        });
      }),
    );
  });
});

test('what only the GraphQL schema refuses is 1 and named, too', async () => {
  const entrance = graphqlEntrance();
  await entrance.begin('LINUX_6_12_117');
  const run = entrance.run({ type: 'IoasAlloc', contextId: 1, flags: 2 ** 32 });
  await expect(run).rejects.toThrow(TraceFormatError);
  await expect(run).rejects.toThrow('4294967296');
});
