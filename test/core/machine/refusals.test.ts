/** Every refusal names the kernel function that decided, and by which rule: what is in the way. */

import { describe, expect, test } from 'vitest';
import { CALL_REFUSAL_RULES } from '../../../src/abi/call-refusal-rules.ts';
import { HARDWARE_REFUSAL_RULES } from '../../../src/abi/hardware-refusal-rules.ts';
import { REFUSAL_RULES, type RefusalRule, ruleText } from '../../../src/abi/refusal-rules.ts';
import type { Command } from '../../../src/core/machine/command.ts';
import { execute } from '../../../src/core/machine/execute.ts';
import { failing } from '../../../src/core/machine/outside.ts';
import { DEVICES } from '../../../src/sim/machine.ts';
import { REFUSAL_CASES } from './refusal-cases.ts';
import { PCI_FAULTING } from './setups.ts';
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
  'CONTEXT_NEVER_OPEN',
  'CONTEXT_CLOSED',
  'FAULT_QUEUE_ABSENT',
  'FAULT_FILE_CLOSED',
  // In test/core/iommufd/main/call-refused.test.ts.
  ...(Object.keys(CALL_REFUSAL_RULES) as RefusalRule[]),
  // In test/core/hardware/refusals.test.ts.
  ...(Object.keys(HARDWARE_REFUSAL_RULES) as RefusalRule[]),
];

/** Operations on IOVAs: what refuses them names the argument that decided. */
const ON_IOVAS = /^(Ioas(Map|Copy|Unmap|Allow)|Hwpt\w*Dirty|Test(Access|AddRes|MdCheck|Dirty))/;
/** The process decides, or the kernel chose wrong by itself. */
const OF_NO_ARGUMENT: readonly RefusalRule[] = ['MEMLOCK_REACHED', 'AUTO_IOVA_IN_USE'];

describe.each(Object.entries(REFUSAL_CASES))('%s', (_name, { setup = '', kernel = {}, lines }) => {
  const machine = given(DEVICES, setup, kernel);

  test.each(lines)('%s', (line, errno, decides, rule, sentence) => {
    const { state, names } = machine.fork();
    for (const [name, id] of machine.names) names.set(name, id);
    const command = commandOf(line, names);
    const outcome = execute(state, command);
    expect(outcome.errno).toBe(errno);
    const step = outcome.trace.findLast(({ returned }) => returned === errno)!;
    expect(step.function).toBe(decides);
    expect(step.reason?.rule).toBe(rule);
    expect(ruleText(rule, step.reason!.facts)).toBe(sentence);
    if (ON_IOVAS.test(command.type) && !OF_NO_ARGUMENT.includes(rule)) {
      expect(Object.keys(command)).toContain(/^\w+/.exec(sentence)?.[0]);
    }
    // The functions around it have the errno from there, and no reason of their own.
    expect(outcome.trace.findLast(({ reason }) => reason !== undefined)).toBe(step);
    const around = outcome.trace.filter(({ depth }) => depth < step.depth);
    expect(around.filter(({ reason }) => reason !== undefined)).toEqual([]);
  });
});

test('an allocation that fails, and a bound of Faultline’s', () => {
  const { state } = given([], '');
  const command = { type: 'IoasAlloc', contextId: 1, flags: 0 } as const;
  const { trace } = execute(state, failing(command, 2));
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
  expect(ruleText('PAGE_SIZE_ZERO', {})).toBe(REFUSAL_RULES.PAGE_SIZE_ZERO);
  expect(ruleText('OPTION_VALUE', {})).toBe('val64 {value}: it must be 0 or 1.');
});

test('logs of before keep their sentences: they have fewer facts', () => {
  expect(ruleText('OBJECT_ABSENT', { id: 99, wanted: 'IOAS' })).toBe(
    'Nothing in this context has the id 99; wanted: IOAS.',
  );
  expect(ruleText('OBJECT_IN_USE', { id: 3, what: 'hwpt', contextId: 1, users: 2 })).toBe(
    'id 3: hwpt 3 of context 1 is in use: its users are 2 and must be 1; its `holders` say who.',
  );
  const range = { start: '0x1000', length: '0x2000', what: 'IOVA' };
  expect(ruleText('RANGE_WRAPS', range)).toBe(
    'The range of 0x2000 bytes from 0x1000 goes past the end of the address space.',
  );
  expect(ruleText('FLAGS_UNKNOWN', { flags: 8, unknown: 8 })).toBe(
    'The flags 8 have bits that are not known here: 8.',
  );
});

test('a number that is no open file: never opened, or closed, and what is open', () => {
  const { state } = given([], '');
  const why = (command: Command) => {
    const { errno, trace } = execute(state, command);
    const step = trace.at(-1)!;
    expect([errno, step.function, step.returned]).toEqual(['EBADF', 'fdget', 'EBADF']);
    return ruleText(step.reason!.rule, step.reason!.facts);
  };
  const poll = (contextId: number, faultId: number): Command => ({
    type: 'FaultPoll',
    contextId,
    faultId,
  });
  expect(why({ type: 'IoasAlloc', contextId: 7, flags: 0 })).toBe(
    'contextId 7: no context of this number was ever opened; context 1 is open.',
  );
  execute(state, { type: 'FaultQueueAlloc', contextId: 1, flags: 0 });
  expect(why(poll(1, 9))).toBe(
    'faultId 9: context 1 has no fault queue of this id. It has fault queue 1.',
  );
  execute(state, { type: 'FaultClose', contextId: 1, faultId: 1 });
  expect(why(poll(1, 1))).toBe('faultId 1: the file of this fault queue of context 1 was closed.');
  execute(state, { type: 'ContextClose', contextId: 1 });
  expect(why({ type: 'IoasAlloc', contextId: 1, flags: 0 })).toBe(
    'contextId 1: the file of this context was closed; no context is open.',
  );
});

test('what is in use says who holds it: a few of many by name, and how many more', () => {
  const { state, names } = given(DEVICES, PCI_FAULTING);
  const why = (name: string) => {
    const command: Command = { type: 'Destroy', contextId: 1, id: names.get(name)! };
    const { rule, facts } = execute(state, command).trace.at(-1)!.reason!;
    return /It is held by .*/.exec(ruleText(rule, facts))?.[0];
  };
  expect(why('fault')).toBe('It is held by device 1 (0000:01:00.0, attached).');
  expect(why('parent')).toBe(
    'It is held by nested hwpt 6 (made on it), nested hwpt 7 (made on it).',
  );
  expect(why('dev')).toBe(
    'It is held by its driver (VFIO or the self-test), device 1 (0000:01:00.0, attached).',
  );
  for (let made = 0; made < 20; made++) {
    execute(state, commandOf('hwptAlloc dev parent data=vtd', names));
  }
  expect(why('parent')).toMatch(/, nested hwpt 13 \(made on it\) and 14 more\.$/);
});

test('what there is is listed in the same words however large the context is', () => {
  const { state } = given([], '');
  for (let made = 0; made < 1_200; made++) {
    execute(state, { type: 'IoasAlloc', contextId: 1, flags: 0 });
  }
  const { trace } = execute(state, { type: 'Destroy', contextId: 1, id: 5_000 });
  const { rule, facts } = trace.at(-1)!.reason!;
  expect(ruleText(rule, facts)).toBe(
    'id 5000: context 1 has no such object. It has IOASes 1, 2, 3, 4, 5, 6, 7, 8, …, as far as id 1000.',
  );
});
