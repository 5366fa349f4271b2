/** Every block of the README does what it says. */
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { STORY } from '../../src/graphql/story/story.ts';
import { COPY_TOLD } from '../../src/graphql/story/story-copy.ts';
import { WRONG_ANSWER } from '../../src/graphql/story/story-wrong-answer.ts';
import { SERVE_HELP } from '../../src/server/config.ts';
import { blocksOf } from './markdown.ts';
import { ROOT } from './process.ts';
import { DATABASE, NOT_RUN, ReadmeRun, WRITTEN_ADDRESS } from './run-readme.ts';

const README = readFileSync(join(ROOT, 'README.md'), 'utf8');
const BLOCKS = blocksOf(README);
const of = (language: string) => BLOCKS.filter(block => block.language === language);

describe('the README, run from top to bottom', () => {
  const folder = mkdtempSync(join(tmpdir(), 'faultline-readme-'));
  const run = new ReadmeRun(join(folder, DATABASE));
  beforeAll(() => run.run(BLOCKS));
  afterAll(async () => {
    await run.stop();
    rmSync(folder, { recursive: true });
  });

  test.each(of('json').map(block => [block.line, block.text] as const))(
    'the reply at line %i is the real one',
    (line, text) => {
      expect(run.shown.get(line)).toEqual({ json: JSON.parse(text) });
    },
  );

  test.each(of('text').map(block => [block.line, block.text] as const))(
    'the output at line %i is the real one',
    (line, text) => {
      const shown = run.shown.get(line)!;
      expect('printed' in shown && shown.printed).toContain(text);
    },
  );
});

describe('what the README cannot run inside its own test', () => {
  test('the test command is what continuous integration runs', () => {
    const lines = readFileSync(join(ROOT, '.ci', 'run'), 'utf8').split('\n');
    const commands = lines.filter(line => /^npm /.test(line));
    const command = commands.slice(0, 2).join(' && ');
    expect([command]).toEqual(NOT_RUN);
    expect(of('sh').map(block => block.text)).toContain(command);
    // What comes after it are the heavier checks.
    for (const heavier of commands.slice(2)) expect(heavier).toMatch(/^npm run -s test:\w+/);
  });
});

describe('what the README says', () => {
  test.each(
    [...STORY, ...WRONG_ANSWER, ...COPY_TOLD].map(step => [step.name, step.query] as const),
  )('it tells the story: %s', (_, query) => {
    expect(of('graphql').map(block => block.text)).toContain(query);
  });

  test('each graphql block but a subscription’s is followed by its reply', () => {
    const without = BLOCKS.filter(({ language, text }, index) => {
      if (language !== 'graphql' || /^subscription\b/.test(text)) return false;
      return BLOCKS[index + 1]?.language !== 'json';
    });
    expect(without).toEqual([]);
  });

  test('no reply is an error of the request', () => {
    const wrong = of('json').filter(block => Object.hasOwn(JSON.parse(block.text), 'errors'));
    expect(wrong).toEqual([]);
  });

  test('its settings are those of serve --help', () => {
    const settings = [...SERVE_HELP.matchAll(/^ {2}--(\w+) .*? ([A-Z]+) .*?(?:\(([^()]+)\))?$/gm)];
    expect(settings.map(([, flag]) => flag)).toEqual([
      'host',
      'port',
      'database',
      'durability',
      'token',
      'tick',
    ]);
    for (const [, flag, variable, standard] of settings) {
      const row = README.split('\n').find(line => line.startsWith(`| \`--${flag}\``));
      expect(row).toContain(`\`${variable}\``);
      expect(row).toContain(standard === undefined ? 'none' : `\`${standard}\``);
    }
  });

  test('addresses are all the one that is replaced', () => {
    expect(README.match(/127\.0\.0\.1:\d+|localhost:\d+/g)).toSatisfy((found: string[]) =>
      found.every(address => address === WRITTEN_ADDRESS),
    );
  });
});
