/** Where kernel versions differ: the table by hand, and each row as operations that show it. */
import { describe, expect, test } from 'vitest';
import { BASELINES, type BaselineName } from '../../../src/abi/baselines.ts';
import { BEHAVIOUR, type Behaviour } from '../../../src/abi/behaviour.ts';
import { BEHAVIOUR_TEXT } from '../../../src/abi/behaviour-text.ts';
import { BASELINE_CASES } from './baseline-cases.ts';
import { BASELINE_TABLE } from './baseline-table.ts';

type Row = keyof Behaviour;
const ROWS = Object.keys(BEHAVIOUR_TEXT) as Row[];

test('the table is the one of the kernel sources', () => {
  const table = Object.fromEntries(
    ROWS.map(row => [row, BASELINES.map(baseline => BEHAVIOUR[baseline][row])]),
  );
  expect(table).toEqual(BASELINE_TABLE);
});

describe.each(ROWS)('%s', row => {
  const { title } = BEHAVIOUR_TEXT[row];
  const cases = BASELINE_CASES[row] as Readonly<Record<string, (name: BaselineName) => void>>;

  test(`${title}: every value has its case`, () => {
    const values = new Set(BASELINES.map(baseline => String(BEHAVIOUR[baseline][row])));
    expect(Object.keys(cases).sort()).toEqual([...values].sort());
  });

  test.each(BASELINES)(`${title}: %s`, baseline => {
    cases[String(BEHAVIOUR[baseline][row])]!(baseline);
  });
});
