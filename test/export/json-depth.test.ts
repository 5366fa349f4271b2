/** JSON of files that is nested too deeply is refused with its line and its place. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { eachSequence } from '../../src/cli/conform/trace-file.ts';
import { checkExport } from '../../src/engine/export/import.ts';
import { FILE_JSON_DEPTH_MAX, shownPath, tooDeepAt } from '../../src/log/export/json-depth.ts';
import { run } from '../e2e/process.ts';
import { exportOf, fileOf, logOf, refusal, SMALL } from './fixtures.ts';

const LEVELS = 10_000;
const deep = (levels: number) => `${'['.repeat(levels)}${']'.repeat(levels)}`;

/** An export with a value put into a line, without its hashes made right: that comes later. */
async function nested(line: number, before: string, value: string): Promise<string> {
  const lines = (await exportOf(await logOf(SMALL))).split('\n');
  const text = lines[line - 1]!;
  expect(text).toContain(before);
  lines[line - 1] = text.replace(before, `"deep":${value},${before}`);
  return lines.join('\n');
}

test.each([
  ['a field of an operation', 2, '"type":', 'deep[0][0][0]'],
  ['a command', 2, '"baseline":', '[0][0]'],
  ['the first line', 1, '"format":', 'deep[0][0][0]'],
])('an export, in %s', async (_title, line, before, place) => {
  const text = await nested(line, before, deep(LEVELS));
  const said = refusal(() => checkExport(fileOf(text))).message;
  expect(said).toContain(`line ${line}: `);
  expect(said).toContain(place);
  expect(said).toContain(`nested too deeply; wanted at most ${FILE_JSON_DEPTH_MAX} levels of JSON`);
});

test('an export that is nested as deep as may be is looked at further', async () => {
  const text = await nested(2, '"type":', deep(FILE_JSON_DEPTH_MAX - 1));
  const said = refusal(() => checkExport(fileOf(text))).message;
  expect(said).toContain('not written as a line of an export');
});

test.each(['replay', 'import'])('"faultline %s" says so, and shows no stack', async command => {
  const directory = mkdtempSync(join(tmpdir(), 'faultline-depth-'));
  onTestFinished(() => rmSync(directory, { recursive: true, force: true }));
  const file = join(directory, 'deep.jsonl');
  writeFileSync(file, await nested(3, '"type":', deep(LEVELS)));
  const more = command === 'import' ? ['--database', join(directory, 'new.sqlite')] : [];
  const { code, stderr } = await run(command, ...more, file);
  expect(code).not.toBe(0);
  expect(stderr).toContain('line 3: "deep[0][0]');
  expect(stderr).not.toContain('    at ');
});

test('a trace says the line and the place', async () => {
  const directory = mkdtempSync(join(tmpdir(), 'faultline-depth-'));
  onTestFinished(() => rmSync(directory, { recursive: true, force: true }));
  const file = join(directory, 'deep.jsonl');
  writeFileSync(file, `\n{"ops":[{"op":"x","in":{"a":${deep(LEVELS)}},"errno":"0","out":null}]}\n`);
  const reading = eachSequence(file, async () => {});
  await expect(reading).rejects.toThrow(`${file}:2: "ops[0].in.a[0][0]`);
  await expect(reading).rejects.toThrow(/nested too deeply; wanted at most 64 levels/);
});

test('a path is shown by its beginning', () => {
  expect(tooDeepAt({ a: [1, { b: [[]] }] }, 4)).toBe('.a[1].b[0]');
  expect(tooDeepAt({ a: [1, { b: [[]] }] }, 5)).toBeNull();
  expect(tooDeepAt('text', 0)).toBeNull();
  expect(shownPath(tooDeepAt({ ['k'.repeat(1_000)]: {} }, 1)!)).toBe('k'.repeat(40));
});
