/** What if: which operations run again, and what stands beside what. */
import { describe, expect, test } from 'vitest';
import { RERUN_OPERATIONS_MAX } from '../../src/abi/limits.ts';
import type { CommandOf } from '../../src/core/command.ts';
import type { Engine } from '../../src/engine/engine.ts';
import { EditError, MachineExistsError, UnknownMachineError } from '../../src/engine/errors.ts';
import {
  compareSteps,
  type Edit,
  keptRerun,
  type OutcomeAspect,
  type RerunRequest,
  rerun,
  stepsOf,
} from '../../src/engine/rerun.ts';
import { stateHash } from '../../src/engine/state-hash.ts';
import {
  engineOver,
  faultingMachine,
  faultWrite,
  ioasAlloc,
  OPEN,
  pageRequest,
  QUEUE,
  runAll,
} from './fixtures.ts';

const READ: CommandOf<'FaultRead'> = { type: 'FaultRead', ...QUEUE, count: 80, reader: 'READ' };

/** A machine in which one of two groups was answered. */
async function recorded(): Promise<{ engine: Engine; end: number }> {
  const engine = engineOver();
  await faultingMachine(engine);
  await runAll(engine, 'm', [pageRequest(1), pageRequest(2), READ, faultWrite(1)]);
  await runAll(engine, 'm', [{ type: 'DeviceDetach', contextId: 1, devId: 1 }]);
  return { engine, end: (await engine.log.head('m'))!.number };
}

async function run(engine: Engine, end: number, request: Partial<RerunRequest>) {
  const whole = {
    machineId: 'r',
    recordedId: 'm',
    from: 0,
    to: end,
    baseline: null,
    policies: null,
    edits: [],
    ...request,
  };
  const plan = await rerun(engine, whole);
  const compare = async (...aspects: OutcomeAspect[]) =>
    compareSteps(engine, (await keptRerun(engine, 'r'))!, {
      index: 0,
      limit: 1_000,
      aspects: new Set(aspects),
    });
  return { plan, compare };
}

const leaveOut = (operation: number): Edit => ({ operation, before: [], instead: 'LEFT_OUT' });

describe('nothing is made of', () => {
  test('an edit of an operation that does not run again', async () => {
    const { engine, end } = await recorded();
    for (const [from, to, operation] of [
      [0, end, 1],
      [4, end, 4],
      [0, 5, 6],
      [0, end, end + 1],
    ] as const) {
      const refused = run(engine, end, { from, to, edits: [leaveOut(operation)] });
      await expect(refused).rejects.toThrow(EditError);
      await expect(refused).rejects.toThrow(`only ${Math.max(from, 1) + 1} to ${to} run again`);
    }
    await expect(engine.settled('r')).rejects.toThrow(UnknownMachineError);
  });

  test('too many operations, a name that is taken, a machine that is not there', async () => {
    const { engine, end } = await recorded();
    await expect(run(engine, end, { to: RERUN_OPERATIONS_MAX + 1 })).rejects.toThrow(
      `at most ${RERUN_OPERATIONS_MAX}`,
    );
    await expect(run(engine, end, { machineId: 'm' })).rejects.toThrow(MachineExistsError);
    await expect(run(engine, end, { recordedId: 'nobody', from: 3 })).rejects.toThrow(
      UnknownMachineError,
    );
  });
});

test('with nothing changed, everything comes out the same, from any operation on', async () => {
  const { engine, end } = await recorded();
  const hash = stateHash((await engine.settled('m')).state);
  for (const from of [0, 1, 4, end - 1, end]) {
    const { compare } = await run(engine, end, { from });
    expect(await compare('ERRNO', 'REPLY', 'EVENTS')).toEqual([]);
    expect(await compare()).toHaveLength(end - from);
    expect(stateHash((await engine.settled('r')).state)).toBe(hash);
    await engine.delete('r');
  }
});

test('under another kernel the first difference is the one the kernels are known for', async () => {
  const engine = engineOver();
  await faultingMachine(engine);
  await runAll(engine, 'm', [pageRequest(1, 0x1000n, false), pageRequest(1)]);
  // Two messages do not fit: 6.12.117 refuses, 6.12.0 reads nothing.
  const { number } = await engine.execute('m', { ...READ, count: 40 });
  await runAll(engine, 'm', [READ]);
  const { compare } = await run(engine, number + 1, { baseline: 'LINUX_6_12_0' });
  const [first, ...others] = await compare('ERRNO', 'REPLY');
  expect(first!.recorded).toMatchObject({ number, errno: 'EINVAL' });
  expect(first!.rerun).toMatchObject({ number, errno: 0, reply: { bytes: 0 } });
  expect(first!.differs).toEqual(['ERRNO', 'REPLY']);
  // Nor does it clear the reserved word of the messages.
  expect(others.map(step => step.differs)).toEqual([['REPLY']]);
  expect(others[0]!.rerun!.reply).toMatchObject({ faults: [{ reserved: null }, {}] });
  expect((await engine.settled('r')).state.baseline).toBe('LINUX_6_12_0');
});

test('from the middle under another kernel, one step of its own says so', async () => {
  const { engine, end } = await recorded();
  const from = end - 2;
  const { compare } = await run(engine, end, { from, baseline: 'LINUX_6_11' });
  const steps = await compare();
  expect(steps).toHaveLength(3);
  expect(steps[0]!.recorded).toBeNull();
  expect(steps[0]!.rerun!.command).toMatchObject({ type: 'KernelReplace', baseline: 'LINUX_6_11' });
  expect(steps[1]!.recorded!.number).toBe(from + 1);
  expect(steps[1]!.rerun!.number).toBe(from + 2);
});

test('operations left out, replaced and inserted stand beside what they were', async () => {
  const { engine, end } = await recorded();
  // The answer to cookie 1, and the detach after it.
  const answer = end - 1;
  const edits: Edit[] = [
    { operation: answer, before: [OPEN, ioasAlloc(2)], instead: faultWrite(2) },
    leaveOut(end),
  ];
  const { compare } = await run(engine, end, { from: answer - 1, edits });
  const steps = await compare();
  const pairs = steps.map(step => [
    step.recorded?.command.type ?? null,
    step.rerun?.command.type ?? null,
  ]);
  expect(pairs).toEqual([
    [null, 'ContextOpen'],
    [null, 'IoasAlloc'],
    ['FaultWrite', 'FaultWrite'],
    ['DeviceDetach', null],
  ]);
  expect(steps[2]!.differs).toEqual(['EVENTS']);
  const { iopfGroups } = (await engine.settled('r')).state;
  expect([...iopfGroups.values()].map(({ cookie }) => cookie)).toEqual([1]);
});

test('pages of the comparison, and a machine that went on or is gone, do not shift it', async () => {
  const { engine, end } = await recorded();
  const { plan, compare } = await run(engine, end, { edits: [leaveOut(3)] });
  const all = await compare();
  await runAll(engine, 'r', [OPEN, OPEN]);
  await runAll(engine, 'm', [OPEN]);
  expect(await compare()).toEqual(all);
  expect([...stepsOf(plan)]).toHaveLength(all.length);
  const kept = { machineId: 'r', recordedId: 'm', plan };
  const later = await compareSteps(engine, kept, {
    index: 5,
    limit: 3,
    aspects: new Set(),
  });
  expect(later).toEqual(all.slice(5, 8));
  await engine.delete('m');
  const left = await compare();
  expect(left.map(step => step.rerun)).toEqual(all.map(step => step.rerun));
  expect(left.every(step => step.recorded === null)).toBe(true);
  // A later machine of its name is another.
  await faultingMachine(engine);
  expect(await compare()).toEqual(left);
});
