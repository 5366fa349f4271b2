/** Every block of the README and of docs/REFERENCE.md does what it says. */
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
import { DATABASE, NOT_RUN, ReadmeRun, RUN_PAGES, WRITTEN_ADDRESS } from './run-readme.ts';

const PAGES = RUN_PAGES.map(page => [page, readFileSync(join(ROOT, page), 'utf8')] as const);
const [[, README]] = PAGES as [(typeof PAGES)[number]];
const TEXT = PAGES.map(([, text]) => text).join('\n');
const BLOCKS = PAGES.flatMap(([page, text]) => blocksOf(text, page));
const of = (language: string) => BLOCKS.filter(block => block.language === language);

describe('the README and the reference, run from top to bottom', () => {
  const folder = mkdtempSync(join(tmpdir(), 'faultline-readme-'));
  const run = new ReadmeRun(join(folder, DATABASE));
  beforeAll(() => run.run(BLOCKS));
  afterAll(async () => {
    await run.stop();
    rmSync(folder, { recursive: true });
  });

  test.each(of('json').map(block => [block.page, block.line, block] as const))(
    '%s: the reply at line %i is the real one',
    (_page, _line, block) => {
      expect(run.shown.get(block)).toEqual({ json: JSON.parse(block.text) });
    },
  );

  test.each(of('text').map(block => [block.page, block.line, block] as const))(
    '%s: the output at line %i is the real one',
    (_page, _line, block) => {
      const shown = run.shown.get(block)!;
      expect('printed' in shown && shown.printed).toContain(block.text);
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

  test('it stays short, and its first screen leads three users to their first success', () => {
    expect(README.split('\n').length).toBeLessThan(1_000);
    const screen = README.split('\n').slice(0, 30).join('\n');
    for (const place of ['the-first-page-fault-answered', 'your-first-fault-handler']) {
      expect(screen).toContain(`](#${place})`);
    }
    expect(screen).toContain('](#what-went-wrong-yesterday)');
    const commands = of('sh').flatMap(({ page, text }) => (page === 'README.md' ? [text] : []));
    for (const command of ['drive', 'test', 'log']) {
      expect(commands.some(text => text.includes(`faultline -- ${command} `))).toBe(true);
    }
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
      const row = TEXT.split('\n').find(line => line.startsWith(`| \`--${flag}\``));
      expect(row).toContain(`\`${variable}\``);
      expect(row).toContain(standard === undefined ? 'none' : `\`${standard}\``);
    }
  });

  test('addresses are all the one that is replaced', () => {
    expect(TEXT.match(/127\.0\.0\.1:\d+|localhost:\d+/g)).toSatisfy((found: string[]) =>
      found.every(address => address === WRITTEN_ADDRESS),
    );
  });
});
