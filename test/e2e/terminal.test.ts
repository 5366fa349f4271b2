/** What a person at a terminal meets: help with examples, completion, progress, colours. */
import { execFileSync, spawnSync } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, describe, expect, test } from 'vitest';
import { ERRNO } from '../../src/abi/errno.ts';
import type { Command } from '../../src/cli/command-line.ts';
import { COMMANDS } from '../../src/cli/command-table.ts';
import { FLAGS, HELP } from '../../src/cli/commands/completion.ts';
import { sparingLine } from '../../src/cli/print/live-line.ts';
import { run, temporaryDirectory } from './process.ts';

const MAIN = new URL('../../src/cli/main.ts', import.meta.url).pathname;
const path = (file: string) => new URL(`../${file}`, import.meta.url).pathname;

describe.each([...Object.keys(COMMANDS), 'completion'])('faultline %s', name => {
  let command: Pick<Command, 'flags' | 'help'>;
  beforeAll(async () => {
    command = name === 'completion' ? { flags: FLAGS, help: HELP } : await COMMANDS[name]!.load();
  });

  test('--help tells each flag', async () => {
    const { code, stdout } = await run(name, '--help');
    expect({ code, stdout }).toEqual({ code: 0, stdout: command.help });
    const told = [...command.help.matchAll(/^ {2}--([a-z-]+)/gm)].map(([, flag]) => flag);
    expect(new Set(told)).toEqual(new Set(Object.keys(command.flags)));
  });

  test('--help has examples, which have flags that are there', () => {
    const [, examples] = /\nExamples:\n((?: {2}.*\n)+)/.exec(command.help) ?? [];
    const lines = examples!.split('\n').filter(line => line.includes(`faultline ${name} `));
    if (name !== 'schema') expect(lines).not.toEqual([]);
    for (const line of lines) {
      const [own] = line.split(/ -- | \| /);
      for (const [, flag] of own!.matchAll(/ --([a-z-]+)/g)) {
        expect(Object.keys(command.flags), line).toContain(flag);
      }
    }
  });
});

describe('completion', () => {
  /** What bash offers for the last of these words. */
  function offered(...words: string[]): string[] {
    const script = `
      source <("$NODE" "$MAIN" completion bash) || exit 1
      [[ $(complete -p faultline) == *"-F _faultline faultline" ]] || exit 2
      COMP_WORDS=("$@") COMP_CWORD=$(($# - 1))
      _faultline faultline "\${COMP_WORDS[COMP_CWORD]}" "\${COMP_WORDS[COMP_CWORD - 1]}"
      printf '%s\\n' "\${COMPREPLY[@]}"`;
    const said = execFileSync('bash', ['-c', script, 'bash', 'faultline', ...words], {
      encoding: 'utf8',
      env: { ...process.env, NODE: process.execPath, MAIN },
    });
    return said.split('\n').filter(line => line !== '');
  }

  test('bash completes commands, flags and values', () => {
    expect(offered('')).toEqual([...Object.keys(COMMANDS), 'completion']);
    expect(offered('ex')).toEqual(['export']);
    expect(offered('export', '--')).toEqual([
      ...['--database', '--machine', '--output', '--format', '--help'],
    ]);
    expect(offered('export', '--format', '')).toEqual(['jsonl', 'chrome', 'perfetto', 'ftrace']);
    expect(offered('export', '--format', 'p')).toEqual(['perfetto']);
    expect(offered('serve', '--durability', '')).toEqual(['normal', 'full']);
    expect(offered('completion', 'f')).toEqual(['fish']);
    expect(offered('log', '--errno', 'EN')).toEqual(
      Object.keys(ERRNO).filter(name => name.startsWith('EN')),
    );
    expect(offered('log', '--errno', 'a')).toEqual(['any']);
    expect(offered('drive', '')).toEqual(['NESTED_FAULTS', 'TWO_QUEUES', 'HARDWARE_FAULTS']);
    expect(offered('test', 'T')).toEqual(['TWO_QUEUES']);
    // What is left to readline, which offers files.
    expect(offered('export', '--database', '')).toEqual([]);
    expect(offered('replay', '')).toEqual([]);
  });

  test.each(['bash', 'zsh', 'fish'])('%s has every flag of every command', async shell => {
    const { code, stdout } = await run('completion', shell);
    expect(code).toBe(0);
    for (const [name, { load }] of Object.entries(COMMANDS)) {
      const lines = stdout.split('\n').filter(line => line.includes(name));
      for (const flag of Object.keys((await load()).flags)) {
        const written = shell === 'fish' ? `-l ${flag}` : `--${flag}`;
        expect(lines.some(line => line.includes(written))).toBe(true);
      }
    }
  });

  test.each([
    [
      'zsh',
      /^ {4}test\) .*'\*:argument:\{compadd NESTED_FAULTS TWO_QUEUES HARDWARE_FAULTS; _files\}'/m,
    ],
    ['fish', /^complete .* drive' -a 'NESTED_FAULTS TWO_QUEUES HARDWARE_FAULTS'$/m],
  ])('%s offers scenarios beside files', async (shell, line) => {
    expect((await run('completion', shell)).stdout).toMatch(line);
  });

  const CHECKS = { bash: ['bash', '-n'], zsh: ['zsh', '-n'], fish: ['fish', '--no-execute'] };
  const installed = Object.entries(CHECKS).filter(
    ([shell]) => spawnSync(shell, ['--version']).status === 0,
  );
  test.each(installed)('%s takes it', async (shell, [checker, flag]) => {
    const { stdout } = await run('completion', shell);
    const checked = spawnSync(checker!, [flag!], { input: stdout, encoding: 'utf8' });
    expect(checked).toMatchObject({ status: 0, stderr: '' });
  });

  test.each([
    [[], 'SHELL is missing, one of bash, zsh, fish'],
    [['csh'], 'expected one of bash, zsh, fish, not "csh"'],
    [['bash', 'zsh'], '"zsh" is another'],
  ])('%j is 2', async (argv, said) => {
    const { code, stdout, stderr } = await run('completion', ...argv);
    expect({ code, stdout }).toEqual({ code: 2, stdout: '' });
    expect(stderr).toContain(said);
  });
});

test('schema prints what is committed', async () => {
  const { code, stdout } = await run('schema');
  expect(code).toBe(0);
  expect(stdout).toBe(readFileSync(path('../schema/schema.graphql'), 'utf8'));
});

test('npm run schema -- --print prints it, too', () => {
  const file = path('../src/cli/print/print-schema.ts');
  const printed = execFileSync(process.execPath, [file, '--print'], { encoding: 'utf8' });
  expect(printed).toBe(readFileSync(path('../schema/schema.graphql'), 'utf8'));
  const help = execFileSync(process.execPath, [file, '--help'], { encoding: 'utf8' });
  expect(help).toMatch(/^Usage: npm run schema/);
});

describe.skipIf(!existsSync('/usr/bin/script'))('on a terminal', () => {
  /** What the terminal shows of it, with what moves its cursor. */
  function onTerminal(argv: readonly string[], env: Readonly<Record<string, string>> = {}): string {
    const quoted = [process.execPath, MAIN, ...argv].map(word => `'${word}'`).join(' ');
    // Nothing else of this process: where CI is set, for one, Node shows no colours.
    const { PATH } = process.env;
    return execFileSync('script', ['-qec', quoted, '/dev/null'], {
      encoding: 'utf8',
      env: { PATH, TERM: 'xterm', ...env },
    });
  }
  const TAKEN_AWAY = '\r\x1b[K';
  // biome-ignore lint/suspicious/noControlCharactersInRegex: colours begin with one.
  const COLOUR = /\x1b\[\d+(;\d+)*m/;

  async function database(): Promise<string> {
    const file = join(temporaryDirectory(), 'log.sqlite');
    await run('import', path('export/golden/faults.jsonl'), '--database', file, '--as', 'm');
    return file;
  }

  test('what takes long tells how far it is, and takes that away', async () => {
    const file = await database();
    const cases: [string[], RegExp][] = [
      [['sim', '--steps', '20'], /20 of 20 steps, 1 machine …/],
      [['conform', path('traces/minimal.jsonl.gz')], /minimal\.jsonl\.gz: 1 sequences …/],
      [['export', '--database', file, '--machine', 'm', '--output', `${file}.out`], /0\.0 MB …/],
      [['verify', '--database', file], /machine m …/],
    ];
    for (const [argv, said] of cases) {
      const shown = onTerminal(argv, { COLUMNS: '200' }).split(TAKEN_AWAY);
      expect(shown.slice(1, -1).join('\n')).toMatch(said);
      expect(shown.at(-1)).not.toContain('…');
    }
  });

  test('elsewhere nothing is told, so that what is piped on stays clean', async () => {
    const { stdout, stderr } = await run('sim', '--steps', '20');
    expect(stderr).toBe('');
    expect(stdout).toMatch(/^seed 1, 20 steps: nothing wrong\n/);
  });

  test('colours come, and go with NO_COLOR', async () => {
    const argv = ['log', 'm', '--database', await database()];
    const coloured = onTerminal(argv);
    expect(coloured).toMatch(COLOUR);
    const plain = onTerminal(argv, { NO_COLOR: '1' });
    expect(plain).not.toMatch(COLOUR);
    expect(plain).toBe(coloured.replaceAll(new RegExp(COLOUR, 'g'), ''));
    expect(onTerminal(['sim', '--steps', '20'], { NO_COLOR: '1' })).not.toMatch(COLOUR);
  });
});

test('a line told of everything shows no more than ten texts a second', () => {
  const shown: string[] = [];
  const line = sparingLine({ show: text => shown.push(text), clear: () => {} });
  for (let i = 0; i < 1_000; i++) line.show(() => `${i}`);
  expect(shown[0]).toBe('0');
  expect(shown.length).toBeLessThan(100);
});

describe('--json', () => {
  test('conform: a line for each difference, and the counts', async () => {
    const file = path('traces/minimal.jsonl.gz');
    const argv = ['conform', '--json', '--baseline', 'LINUX_7_3_4', file];
    const { code, stdout } = await run(...argv);
    expect(code).toBe(1);
    const lines = stdout.trimEnd().split('\n');
    const [counts, ...differences] = lines.map(line => JSON.parse(line)).reverse();
    expect(counts).toEqual({ sequences: 11, operations: 101, divergences: differences.length });
    expect(differences).toContainEqual({
      ...{ file, sequence: expect.any(String), place: expect.any(Number) },
      ...{ op: 'ioasMap', field: 'errno', expected: 'EINVAL', got: 'EOVERFLOW' },
    });
  });

  test('sim: what was run', async () => {
    const { code, stdout } = await run('sim', '--json', '--seed', '7', '--steps', '20');
    expect(code).toBe(0);
    expect(JSON.parse(stdout)).toMatchObject({
      ...{ wrong: null, hardware: false, seed: 7, steps: 20, machines: 1 },
      on: expect.stringContaining('LINUX_6_12_117'),
    });
  });
});

test.each(['schema', 'log --help'])(
  'who reads no further than the head of %s sees no error',
  line => {
    const command = `"${process.execPath}" "${MAIN}" ${line} | head -n 1; echo "\${PIPESTATUS[0]}"`;
    const { stdout, stderr } = spawnSync('bash', ['-c', command], { encoding: 'utf8' });
    expect(stderr).toBe('');
    expect(stdout.trimEnd().split('\n')).toHaveLength(2);
    expect(stdout).toMatch(/\n0\n$/);
  },
);

test('an error that is none is not looked for', async () => {
  const { code, stderr } = await run('log', 'm', '--database', 'x', '--errno', 'FOO');
  expect(code).not.toBe(0);
  expect(stderr).toContain('--errno: expected "any" or one of ');
});
