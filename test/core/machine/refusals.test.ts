/** Every refusal names the kernel function that decided, and by which rule: what is in the way. */
import { describe, expect, test } from 'vitest';
import { REFUSAL_RULES, type RefusalRule, ruleText } from '../../../src/abi/refusal-rules.ts';
import { execute } from '../../../src/core/machine/execute.ts';
import { DEVICES } from '../../../src/sim/machine.ts';
import { REFUSAL_CASES } from './refusal-cases.ts';
import { given } from './table.ts';
import { commandOf } from './table-command.ts';

/** Met below, or by no operation that fits a table. */
const APART: readonly RefusalRule[] = [
  'ALLOCATION_FAILED',
  'BOUND_REACHED',
  // No emulated IOMMU has IO pages above a page.
  'IO_PAGE_TOO_LARGE',
  // The fast path of every access finds its IOAS; one is attached from the time it is made.
  'ACCESS_NOT_ATTACHED',
];

describe.each(Object.entries(REFUSAL_CASES))('%s', (_name, { setup = '', kernel = {}, lines }) => {
  const machine = given(DEVICES, setup, kernel);

  test.each(lines)('%s', (line, errno, decides, rule, sentence) => {
    const { state, names } = machine.fork();
    for (const [name, id] of machine.names) names.set(name, id);
    const outcome = execute(state, commandOf(line, names));
    expect(outcome.errno).toBe(errno);
    const step = outcome.trace.findLast(({ returned }) => returned === errno)!;
    expect(step.function).toBe(decides);
    expect(step.reason?.rule).toBe(rule);
    expect(ruleText(rule, step.reason!.facts)).toBe(sentence);
    // The functions around it have the errno from there, and no reason of their own.
    expect(outcome.trace.findLast(({ reason }) => reason !== undefined)).toBe(step);
    const around = outcome.trace.filter(({ depth }) => depth < step.depth);
    expect(around.filter(({ reason }) => reason !== undefined)).toEqual([]);
  });
});

test('an allocation that fails, and a bound of Faultline’s', () => {
  const { state } = given([], '');
  const command = { type: 'IoasAlloc', contextId: 1, flags: 0 } as const;
  const { trace } = execute(state, command, { failNth: 2 });
  const step = trace.at(-1)!;
  expect(step.function).toBe('xa_alloc id');
  expect(ruleText(step.reason!.rule, step.reason!.facts)).toBe(
    'An allocation of memory failed: xa_alloc id.',
  );
});

test('every rule has its case', () => {
  const rules = Object.values(REFUSAL_CASES).flatMap(({ lines }) => lines.map(line => line[3]));
  const met = new Set<string>([...rules, ...APART]);
  expect([...met].sort()).toEqual(Object.keys(REFUSAL_RULES).sort());
});

test('a fact that is not there is seen', () => {
  expect(ruleText('OPTION_UNKNOWN', {})).toBe('There is no option {optionId}.');
});
