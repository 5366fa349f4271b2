/** What if: which operations run again, and what stands beside what. */
import { describe, expect, test } from 'vitest';
import { RERUN_OPERATIONS_MAX } from '../../../src/abi/limits.ts';
import { DEFAULT_POLICIES } from '../../../src/abi/policies.ts';
import type { Command, CommandOf, ReplyOf } from '../../../src/core/machine/command.ts';
import { Engine } from '../../../src/engine/machine/engine.ts';
import {
  EditError,
  MachineExistsError,
  OperationOutOfRangeError,
  RerunFailedError,
  UnknownMachineError,
} from '../../../src/engine/machine/errors.ts';
import { stateHash } from '../../../src/engine/past/state-hash.ts';
import {
  compareSteps,
  type Edit,
  keptRerun,
  type OutcomeAspect,
  type RerunRequest,
  rerun,
} from '../../../src/engine/replay/rerun.ts';
import { lastOperationOf, stepsOf } from '../../../src/engine/replay/rerun-plan.ts';
import { DependentsError } from '../../../src/log/log.ts';
import { openMemoryLog } from '../../../src/log/memory.ts';
import { StorageError } from '../../../src/log/storage-error.ts';
import {
  CREATE,
  engineOver,
  faultingMachine,
  faultWrite,
  ioasAlloc,
  OPEN,
  pageRequest,
  QUEUE,
  runAll,
  watched,
} from '../machine/fixtures.ts';

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
    policies: {},
    edits: [],
    ...request,
  };
  const kept = await rerun(engine, whole);
  const compare = async (...aspects: OutcomeAspect[]) =>
    compareSteps(engine, (await keptRerun(engine, 'r'))!, {
      index: 0,
      limit: 1_000,
      aspects: aspects.length === 0 ? null : new Set(aspects),
    });
  return { kept, compare };
}

/** Again, what ran again. */
const OF_R = { machineId: 's', recordedId: 'r', baseline: null, policies: {}, edits: [] };

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
      await expect(refused).rejects.toThrow(
        `from ${Math.max(from, 1) + 1} to ${to}, which run again`,
      );
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
    step.kind,
    step.recorded?.command.type ?? null,
    step.rerun?.command.type ?? null,
  ]);
  expect(pairs).toEqual([
    ['INSERTED', null, 'ContextOpen'],
    ['INSERTED', null, 'IoasAlloc'],
    ['REPLACED', 'FaultWrite', 'FaultWrite'],
    ['LEFT_OUT', 'DeviceDetach', null],
  ]);
  // What was asked for is no difference.
  expect(steps.map(step => step.differs)).toEqual([[], [], ['EVENTS'], []]);
  const { iopfGroups } = (await engine.settled('r')).state;
  expect([...iopfGroups.values()].map(({ cookie }) => cookie)).toEqual([1]);
});

test('pages of the comparison, and machines that went on, do not shift it', async () => {
  const { engine, end } = await recorded();
  const { kept, compare } = await run(engine, end, { edits: [leaveOut(3)] });
  const all = await compare();
  await runAll(engine, 'r', [OPEN, OPEN]);
  await runAll(engine, 'm', [OPEN]);
  expect(await compare()).toEqual(all);
  expect([...stepsOf(kept.plan)]).toHaveLength(all.length);
  const later = await compareSteps(engine, kept, { index: 5, limit: 3, aspects: null });
  expect(later).toEqual(all.slice(5, 8));
});

test('the recorded machine stays while its operations are compared with', async () => {
  const { engine, end } = await recorded();
  await run(engine, end, {});
  await expect(engine.delete('m')).rejects.toThrow(DependentsError);
  expect(await engine.delete('r')).toBe(true);
  expect(await engine.delete('m')).toBe(true);
});

test('a rerun of a rerun runs under the kernel that is asked for', async () => {
  const { engine, end } = await recorded();
  await run(engine, end, { from: end - 2, baseline: 'V6_PATCH' });
  const again = { ...OF_R, to: (await engine.log.head('r'))!.number };
  const baselineOf = async (id: string) => (await engine.settled(id)).state.baseline;
  for (const from of [0, end - 4]) {
    await rerun(engine, { ...again, from, baseline: 'LINUX_6_16' });
    expect(await baselineOf('s')).toBe('LINUX_6_16');
    await engine.delete('s');
  }
  await rerun(engine, { ...again, from: 0, policies: { autoResponse: 'ONLY_TO_PLAIN' } });
  expect(await baselineOf('s')).toBe('V6_PATCH');
  expect((await engine.settled('s')).state.policies).toEqual({
    ...DEFAULT_POLICIES,
    autoResponse: 'ONLY_TO_PLAIN',
  });
});

test('a held request goes on as the one that was held, also under another number', async () => {
  const engine = engineOver();
  await faultingMachine(engine);
  const hold = (grpid: number): Command => ({ ...pageRequest(grpid), hold: true }) as Command;
  const [first] = await runAll(engine, 'm', [hold(10), hold(11)]);
  await runAll(engine, 'm', [{ type: 'PageRequestResume', inFlightId: 2 }, READ]);
  const end = (await engine.log.head('m'))!.number;
  const readGroups = async (edits: Edit[]) => {
    await run(engine, end, { edits });
    const [read] = await engine.log.read('r', { limit: 1, order: 'backward' });
    await engine.delete('r');
    return (read!.reply as ReplyOf['FaultRead']).faults.map(({ grpid }) => grpid);
  };
  const { number } = first!;
  expect(await readGroups([leaveOut(number)])).toEqual([11]);
  expect(await readGroups([{ operation: number, before: [hold(9)], instead: null }])).toEqual([11]);
  // Held no more: nothing goes on in its place.
  expect(await readGroups([leaveOut(number + 1)])).toEqual([]);
});

describe('until all of it has run, the new machine', () => {
  test('is there for nobody', async () => {
    const engine = engineOver();
    await engine.create('m', CREATE);
    await Promise.all(Array.from({ length: 1_500 }, () => engine.execute('m', OPEN)));
    const running = run(engine, 1_501, {});
    const others: unknown[] = [];
    let ended = false;
    const done = running.finally(() => {
      ended = true;
    });
    while (!ended) {
      for (const use of [() => engine.execute('r', OPEN), () => engine.delete('r')]) {
        const error = await use().catch(thrown => thrown);
        if (!ended) others.push(error);
      }
      await new Promise(resolve => setImmediate(resolve));
    }
    const { compare } = await done;
    expect(others.length).toBeGreaterThan(5);
    for (const error of others) expect(error).toBeInstanceOf(UnknownMachineError);
    expect(await compare('ERRNO', 'REPLY', 'EVENTS')).toEqual([]);
    await engine.execute('r', OPEN);
  });

  test('is gone if an operation cannot run, and its name is free', async () => {
    const { engine, end } = await recorded();
    const broken = { type: 'Nothing', contextId: 1 } as unknown as Command;
    const edits: Edit[] = [{ operation: end, before: [], instead: broken }];
    await expect(run(engine, end, { edits })).rejects.toThrow(RerunFailedError);
    await expect(engine.settled('r')).rejects.toThrow(UnknownMachineError);
    expect(await engine.log.rerun('r')).toBeNull();
    await run(engine, end, {});
  });

  test('fails as the storage does, if that is what fails', async () => {
    const full = new StorageError('STORAGE_FULL', 'log.db', 'the disk is full', 'make room');
    const log = watched(openMemoryLog(), (_, entries) => {
      if (entries.some(({ machineId }) => machineId === 'r')) throw full;
    });
    const engine = engineOver(log);
    await faultingMachine(engine);
    await expect(run(engine, (await engine.log.head('m'))!.number, { from: 3 })).rejects.toBe(full);
  });

  test('is gone after a restart if the process ended when it was just made', async () => {
    const { engine, end } = await recorded();
    const { log } = engine;
    const ended = async () => {
      throw new Error('the process ended');
    };
    for (const [from, last] of [
      [0, 'append'],
      [3, 'fork'],
    ] as const) {
      let isOver = false;
      const overAfter = <T extends unknown[], R>(call: (...args: T) => Promise<R>) => {
        return async (...args: T): Promise<R> => {
          if (isOver) return ended();
          const result = await call(...args);
          isOver = true;
          return result;
        };
      };
      const whileItRuns = <T extends unknown[], R>(call: (...args: T) => Promise<R>) => {
        return async (...args: T): Promise<R> => (isOver ? ended() : call(...args));
      };
      const all = watched(log);
      const ending = engineOver({
        ...all,
        append: (last === 'append' ? overAfter : whileItRuns)(all.append),
        fork: (last === 'fork' ? overAfter : whileItRuns)(all.fork),
        putRerun: whileItRuns(all.putRerun),
        deleteMachine: whileItRuns(all.deleteMachine),
      });
      await expect(run(ending, end, { from })).rejects.toThrow('the process ended');
      expect(await log.head('r')).not.toBeNull();
      const restarted = engineOver(log);
      await expect(restarted.settled('r')).rejects.toThrow(UnknownMachineError);
      expect(await log.head('r')).toBeNull();
      expect(await log.rerun('r')).toBeNull();
    }
  });

  test('leaves no note if it cannot be made', async () => {
    const { engine, end } = await recorded();
    const fork = () => Promise.reject(new Error('disk full'));
    const full = engineOver({ ...watched(engine.log), fork });
    await expect(run(full, end, { from: 3 })).rejects.toThrow('disk full');
    expect(await engine.log.rerun('r')).toBeNull();
    expect(await full.delete('m')).toBe(true);
  });

  test('is gone after a restart if the process ended on the way, and it is said', async () => {
    const { engine, end } = await recorded();
    const { log } = engine;
    await run(engine, end, {});
    const kept = (await log.rerun('r'))!;
    // The first operations of it, as if the process had ended then.
    const stored = await log.readStored('r', { afterNumber: 0, limit: end - 1 });
    await log.deleteMachine('r');
    await log.putRerun({ ...kept, whole: false });
    await log.appendStored('r', stored);
    const said: string[] = [];
    const restarted = new Engine({ log, now: () => 0, say: line => said.push(line) });
    await expect(restarted.settled('r')).rejects.toThrow(UnknownMachineError);
    expect(await log.head('r')).toBeNull();
    expect(said).toEqual([
      `machine "r" is deleted: the process that made it by whatIf ended at operation ${end - 1}, before all of them had run`,
    ]);
    expect(await restarted.delete('m')).toBe(true);
  });

  test('stays if all of them are in the log, whatever its row says', async () => {
    const { engine, end } = await recorded();
    const { log } = engine;
    await run(engine, end, {});
    await log.putRerun({ ...(await log.rerun('r'))!, whole: false });
    expect((await engineOver(log).settled('r')).number).toBe(end);
    expect(await log.head('r')).toMatchObject({ number: end });
  });

  test('is damaged, and not deleted, if operations are missing that had run', async () => {
    const { engine, end } = await recorded();
    const { log } = engine;
    await run(engine, end, {});
    const kept = (await log.rerun('r'))!;
    const stored = await log.readStored('r', { afterNumber: 0, limit: end - 1 });
    await log.deleteMachine('r');
    await log.putRerun(kept);
    await log.appendStored('r', stored);
    await expect(engineOver(log).settled('r')).rejects.toThrow(
      `machine r, operation ${end - 1}: the operations after it, to ${end}, are missing`,
    );
    expect(await log.head('r')).toMatchObject({ number: end - 1 });
  });

  test('ends at the last of its steps, whatever was edited', async () => {
    const { engine, end } = await recorded();
    const before = [OPEN, OPEN];
    const edits: Edit[] = [
      { operation: end - 2, before, instead: null },
      { operation: end - 1, before: [], instead: 'LEFT_OUT' },
      { operation: end, before: [OPEN], instead: OPEN },
    ];
    for (const request of [
      {},
      { edits },
      { edits, from: 3 },
      { from: 3, baseline: 'LINUX_6_16' },
    ]) {
      const { kept } = await run(engine, end, request as Partial<RerunRequest>);
      const last = lastOperationOf(kept.plan);
      expect((await engine.log.head('r'))?.number).toBe(last);
      expect(Math.max(...[...stepsOf(kept.plan)].map(step => step.rerun ?? 0))).toBe(last);
      await engine.delete('r');
    }
  });

  test('does not begin beyond the newest recorded operation', async () => {
    const { engine, end } = await recorded();
    await expect(run(engine, end + 1, {})).rejects.toThrow(OperationOutOfRangeError);
    expect(await engine.log.rerun('r')).toBeNull();
  });
});
