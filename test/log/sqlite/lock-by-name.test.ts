/** The lock of systems on which a file itself cannot be locked. */
import { readdirSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { expect, test } from 'vitest';
import { DatabaseRefusedError } from '../../../src/log/log.ts';
import { lockByName } from '../../../src/log/sqlite/lock-by-name.ts';
import { temporaryDirectory } from '../temporary.ts';

test('one has the lock, by any symbolic name, until it gives it back', () => {
  const file = join(temporaryDirectory(), 'log.db');
  writeFileSync(file, '');
  const alias = join(temporaryDirectory(), 'alias.db');
  symlinkSync(file, alias);
  const release = lockByName(file);
  for (const name of [file, alias]) expect(() => lockByName(name)).toThrow(DatabaseRefusedError);
  release();
  const again = lockByName(alias);
  // Nothing of the new owner's is given back.
  release();
  expect(() => lockByName(file)).toThrow('another Faultline server has it open');
  again();
  expect(readdirSync(dirname(file))).toEqual(['log.db']);
});

test('a file of someone else in the place of the lock is named and kept', () => {
  const file = join(temporaryDirectory(), 'log.db');
  writeFileSync(`${file}-lock`, 'mine');
  expect(() => lockByName(file)).toThrow(
    `${file}-lock, which is to be its lock, is not an empty file`,
  );
  expect(readdirSync(dirname(file))).toEqual(['log.db-lock']);
  expect(readFileSync(`${file}-lock`, 'utf8')).toBe('mine');
});
