/** The generated documents: made of what they should be, sent by somebody, checked when made. */
import { execFileSync, spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type OperationDefinitionNode, parse, print } from 'graphql';
import { describe, expect, onTestFinished, test } from 'vitest';
import { STORY } from '../../src/graphql/story/story.ts';
import * as operations from '../../src/operations/operations.ts';
import * as pageOperations from '../../web/src/documents.ts';
import * as hardwareOperations from '../../web/src/hardware-documents.ts';
import * as laterOperations from '../../web/src/later-documents.ts';

const ROOT = join(import.meta.dirname, '../..');
const GENERATED = 'src/operations/operations.ts';
const GENERATED_TEXT = readFileSync(join(ROOT, GENERATED), 'utf8');

/** For hangs only, in milliseconds. */
const PATIENCE_MS = 120_000;

/** Runs the generator without writing. */
function check(config: string) {
  const generator = join(ROOT, 'node_modules/.bin/graphql-codegen');
  const { status, stdout, stderr } = spawnSync(
    process.execPath,
    [generator, '--check', '--config', config],
    // As in a test, the generator would say nothing.
    { cwd: ROOT, encoding: 'utf8', env: { ...process.env, NODE_ENV: '' } },
  );
  return { code: status, said: stdout + stderr };
}

/** The project's configuration with other documents and another file to write. */
function otherConfig(documents: string, written: string): { config: string; files: string[] } {
  const directory = mkdtempSync(join(tmpdir(), 'faultline-codegen-'));
  onTestFinished(() => rmSync(directory, { recursive: true, force: true }));
  const files = ['operations.graphql', 'operations.ts', 'codegen.ts'].map(name =>
    join(directory, name),
  );
  const [graphql, generated, config] = files as [string, string, string];
  writeFileSync(graphql, documents);
  writeFileSync(generated, written);
  writeFileSync(
    config,
    `import config from ${JSON.stringify(join(ROOT, 'codegen.ts'))};
    const [output] = Object.values(config.generates);
    export default {
      ...config,
      generates: {
        ${JSON.stringify(generated)}: { ...output, documents: ${JSON.stringify(graphql)} },
      },
    };`,
  );
  return { config, files };
}

describe('npm run codegen', () => {
  test(
    'would write what is committed',
    () => {
      expect(check('codegen.ts')).toMatchObject({ code: 0 });
    },
    PATIENCE_MS,
  );

  test(
    'refuses an operation that is not in the schema, and says where it stands',
    () => {
      const { config, files } = otherConfig('query Wrong {\n  machine { seqq }\n}\n', '');
      const { code, said } = check(config);
      expect(code).toBe(1);
      expect(said).toContain('Cannot query field "seqq" on type "Machine"');
      expect(said).toContain(`${files[0]}:2:13`);
    },
    PATIENCE_MS,
  );

  test(
    'names a file that is not fresh',
    () => {
      const { config, files } = otherConfig('query Seq { machine { seq } }', GENERATED_TEXT);
      const { code, said } = check(config);
      expect(code).toBe(1);
      expect(said).toMatch(new RegExp(`stale files.*${files[1]}`, 's'));
    },
    PATIENCE_MS,
  );
});

test('every operation is sent by somebody', () => {
  const others = execFileSync('git', ['ls-files', '-co', '--exclude-standard', '-z'], { cwd: ROOT })
    .toString()
    .split('\0')
    .filter(path => /^(src|bench|test|web)\/.*\.tsx?$/.test(path))
    .filter(path => path !== GENERATED)
    .filter(path => !/^web\/src\/(\w+-)?documents\.ts$/.test(path));
  const words = new Set(
    others.flatMap(path => readFileSync(join(ROOT, path), 'utf8').match(/\w+Document\b/g) ?? []),
  );
  const all = { ...operations, ...pageOperations, ...laterOperations, ...hardwareOperations };
  const documents = Object.keys(all).filter(name => name.endsWith('Document'));
  expect(documents.length).toBeGreaterThan(50);
  expect(documents.filter(name => !words.has(name))).toEqual([]);
});

test('no field, no variable and no argument is of a type that says nothing', () => {
  const saysNothing = new RegExp(`readonly \\w+\\??:[^;]*\\b(${['any', 'unknown'].join('|')})\\b`);
  expect('readonly data: unknown').toMatch(saysNothing);
  expect(GENERATED_TEXT).not.toMatch(saysNothing);
});

/** Without its name. */
function bodyOf(document: string): string {
  const [operation] = parse(document).definitions as [OperationDefinitionNode];
  return print({ ...operation, name: undefined });
}

test('the demo sends what the playground’s tabs tell', () => {
  const sent: readonly string[] = [
    operations.StoryBuildDocument,
    operations.StoryNestDocument,
    operations.StoryFaultDocument,
    operations.StoryHandleDocument,
    operations.StoryAnswerDocument,
    operations.StoryTakeBackDocument,
    operations.StoryLookBackDocument,
  ];
  expect(sent.map(bodyOf)).toEqual(STORY.map(({ query }) => bodyOf(query)));
});
