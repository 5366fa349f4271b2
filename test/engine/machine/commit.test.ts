/** Group commit, and what is left when a commit fails. */

import { DatabaseSync } from 'node:sqlite';
import { describe, expect, test } from 'vitest';
import type { Command } from '../../../src/core/machine/command.ts';
import { canonicalText } from '../../../src/core/machine/snapshot.ts';
import { ANY_OPERATION } from '../../../src/engine/follow/waiters.ts';
import { BusyError, UnknownMachineError } from '../../../src/engine/machine/errors.ts';
import { ConcurrencyError } from '../../../src/log/log.ts';
import { openMemoryLog } from '../../../src/log/memory.ts';
import { type StorageCode, StorageError } from '../../../src/log/storage-error.ts';
import {
  bothStates,
  CREATE,
  engineOver,
  FAULTING,
  faultingMachine,
  faultWrite,
  OPEN,
  pageRequest,
  QUEUE,
  runAll,
  sqliteLog,
  temporaryFile,
  watched,
} from './fixtures.ts';

describe('group commit', () => {
  test('commands that arrive together share one append', async () => {
    const log = watched(openMemoryLog());
    const engine = engineOver(log);
    await Promise.all(['a', 'b'].map(id => engine.create(id, CREATE)));
    const before = log.batches.length;
    const runs = Array.from({ length: 200 }, (_, i) => engine.execute(i % 2 ? 'a' : 'b', OPEN));
    const operations = await Promise.all(runs);
    expect(log.batches.slice(before)).toEqual([200]);
    const numbers = operations.filter((_, i) => i % 2).map(({ number }) => number);
    expect(numbers).toEqual(Array.from({ length: 100 }, (_, i) => i + 2));
  });

  test('an answer leaves only after its append', async () => {
    const events: string[] = [];
    const engine = engineOver(watched(openMemoryLog(), n => events.push(`append ${n}`)));
    await engine.create('m', CREATE);
    await engine.execute('m', OPEN).then(() => events.push('answer'));
    expect(events).toEqual(['append 1', 'append 2', 'answer']);
  });

  test('more than 10,000 waiting commands are refused at once and leave nothing', async () => {
    const engine = engineOver();
    await engine.create('m', CREATE);
    const command = { type: 'IoasAlloc', contextId: 9, flags: 0 } as const;
    const results = await Promise.allSettled(
      Array.from({ length: 10_001 }, () => engine.execute('m', command)),
    );
    const refused = results.filter(({ status }) => status === 'rejected');
    expect(refused).toHaveLength(1);
    expect((refused[0] as PromiseRejectedResult).reason).toBeInstanceOf(BusyError);
    expect((await engine.settled('m')).number).toBe(10_001);
  });
});

describe('a log whose storage fails', () => {
  const failing = (code: StorageCode) => {
    const error = new StorageError(code, 'log.db', 'the disk is full', 'make room');
    let failure: StorageError | null = null;
    const inner = watched(openMemoryLog(), () => {
      if (failure !== null) throw failure;
    });
    const log = {
      ...inner,
      failure: () => failure,
      async checkWritable() {
        if (failure !== null) throw failure;
      },
    };
    return { log, error, fail: () => (failure = error), mend: () => (failure = null) };
  };

  test('runs nothing while it does, and goes on afterwards', async () => {
    const { log, error, fail, mend } = failing('STORAGE_FULL');
    const engine = engineOver(log);
    await engine.create('m', CREATE);
    await engine.execute('m', OPEN);
    const { state } = await engine.settled('m');
    fail();
    const appends = log.batches.length;
    for (const use of [
      () => engine.execute('m', OPEN),
      () =>
        engine.executeChosen(
          'm',
          () => OPEN,
          () => expect.unreachable(),
        ),
      () => engine.create('n', CREATE),
    ]) {
      await expect(use()).rejects.toBe(error);
    }
    // Nothing was tried in memory first: the machine was not read again, and can be looked at.
    expect(log.batches).toHaveLength(appends);
    expect((await engine.settled('m')).state).toBe(state);
    mend();
    expect(await engine.execute('m', OPEN)).toMatchObject({ number: 3, errno: 0 });
  });

  test('shows no machine any more when it is lost, and says why to who follows one', async () => {
    const { log, error, fail } = failing('STORAGE_LOST');
    const inner = { ...log, failure: () => null as StorageError | null };
    const engine = engineOver(inner);
    for (const id of ['m', 'other']) await engine.create(id, CREATE);
    const other = await engine.settled('other');
    let woken = false;
    other.waiters.add(ANY_OPERATION, () => {
      woken = true;
    });
    fail();
    await expect(engine.execute('m', OPEN)).rejects.toBe(error);
    inner.failure = () => error;
    await new Promise(resolve => setImmediate(resolve));
    expect({ woken, gone: other.gone }).toEqual({ woken: true, gone: true });
    for (const id of ['m', 'other', 'none']) await expect(engine.settled(id)).rejects.toBe(error);
  });

  test('leaves a name free that could not be made whole, once it takes writes again', async () => {
    const { log, error, fail, mend } = failing('STORAGE_FULL');
    const deleteMachine = async (machineId: string) => {
      await log.checkWritable();
      return log.deleteMachine(machineId);
    };
    const engine = engineOver({ ...log, deleteMachine });
    const begin = async () => {
      await log.putRerun({ machineId: 'w', recordedId: 'm', plan: PLAN_OF_NINE, whole: false });
      await engine.create('w', CREATE);
    };
    const making = engine.makeWhole('w', begin, async execute => {
      fail();
      await execute(() => OPEN);
    });
    await expect(making).rejects.toBe(error);
    mend();
    await expect(engine.settled('w')).rejects.toThrow(UnknownMachineError);
    expect(await log.head('w')).toBeNull();
    await engine.create('w', CREATE);
  });
});

const PLAN_OF_NINE = JSON.stringify({ from: 0, to: 9, kernelReplaced: false, edits: [] });

/** A whole fault's life, in batches of one and of several. */
async function story(
  engine: ReturnType<typeof engineOver>,
): Promise<PromiseSettledResult<unknown>[]> {
  const batches = [
    [() => engine.create('m', CREATE)],
    ...FAULTING.map(command => [() => engine.execute('m', command)]),
    [1, 2, 3].map(grpid => () => engine.execute('m', pageRequest(grpid))),
    [
      () =>
        engine.execute('m', { type: 'FaultRead', ...QUEUE, count: 120, reader: 'READ' as const }),
      () => engine.execute('m', faultWrite(1)),
    ],
    [() => engine.execute('m', faultWrite(2)), () => engine.execute('m', faultWrite(2))],
    [() => engine.execute('m', { type: 'DeviceDetach', contextId: 1, devId: 1 })],
  ];
  const results: PromiseSettledResult<unknown>[] = [];
  for (const batch of batches) results.push(...(await Promise.allSettled(batch.map(run => run()))));
  return results;
}

describe('an append that fails', () => {
  test('for every append of a good run: its batch is refused, memory is what the log has', async () => {
    const good = watched(openMemoryLog());
    await story(engineOver(good));
    expect(good.batches.length).toBeGreaterThan(11);
    for (let failing = 1; failing <= good.batches.length; failing++) {
      const log = watched(openMemoryLog(), append => {
        if (append === failing) throw new Error('the disk is full');
      });
      const engine = engineOver(log);
      const results = await story(engine);
      const lost = results.filter(
        result => result.status === 'rejected' && result.reason.message === 'the disk is full',
      );
      expect(lost).toHaveLength(good.batches[failing - 1]!);
      if (failing === 1) await engine.create('m', CREATE);
      const [live, anew] = await bothStates(engine, 'm');
      expect(live).toBe(anew);
      const { number, state } = await engine.settled('m');
      const head = (await log.head('m'))!;
      expect(head).toMatchObject({ number, seq: state.seq });
      expect(await engine.execute('m', OPEN)).toMatchObject({ errno: 0, number: number + 1 });
      expect(await log.verify('m')).toBeNull();
    }
  });

  test('what ran on top of the failed batch is refused too', async () => {
    let release = () => {};
    const held = new Promise<void>(resolve => {
      release = resolve;
    });
    const inner = openMemoryLog();
    let fail = false;
    const log = {
      ...watched(inner),
      append: async (entries: Parameters<typeof inner.append>[0]) => {
        if (fail) {
          fail = false;
          await held;
          throw new Error('the disk is full');
        }
        await inner.append(entries);
      },
    };
    const engine = engineOver(log);
    await engine.create('m', CREATE);
    await engine.create('other', CREATE);
    fail = true;
    const first = engine.execute('m', OPEN);
    await new Promise(resolve => setImmediate(resolve));
    await new Promise(resolve => setImmediate(resolve));
    const onTop = engine.execute('m', OPEN);
    const elsewhere = engine.execute('other', OPEN);
    await Promise.resolve().then(release);
    const results = await Promise.allSettled([first, onTop, elsewhere]);
    expect(results.map(({ status }) => status)).toEqual(['rejected', 'rejected', 'fulfilled']);
    expect((await engine.settled('m')).number).toBe(1);
    expect((await engine.execute('m', OPEN)).number).toBe(2);
  });

  test('SQLite that fails for a while: refused meanwhile, at work again afterwards', async () => {
    const file = temporaryFile();
    const engine = engineOver(await sqliteLog(file));
    await engine.create('m', CREATE);
    const other = new DatabaseSync(file);
    other.exec('ALTER TABLE operations RENAME TO elsewhere');
    const runs = [engine.execute('m', OPEN), engine.execute('m', OPEN)];
    const results = await Promise.allSettled(runs);
    expect(results.map(({ status }) => status)).toEqual(['rejected', 'rejected']);
    await expect(engine.execute('m', OPEN)).rejects.toThrow('no such table');
    other.exec('ALTER TABLE elsewhere RENAME TO operations');
    other.close();
    expect(await engine.execute('m', OPEN)).toMatchObject({ number: 2, reply: { contextId: 1 } });
    const [live, anew] = await bothStates(engine, 'm');
    expect(live).toBe(anew);
  });

  test('a closed log refuses, and the engine says so to everybody', async () => {
    const log = watched(openMemoryLog(), () => {
      throw new Error('closed');
    });
    const engine = engineOver(log);
    await expect(engine.create('m', CREATE)).rejects.toThrow('closed');
    await expect(engine.execute('m', OPEN)).rejects.toThrow('there is no machine "m"');
  });
});

describe('two engines on one file', () => {
  test('of two writers with one expected seq exactly one wins; the loser catches up', async () => {
    const file = temporaryFile();
    const engines = [engineOver(await sqliteLog(file)), engineOver(await sqliteLog(file))];
    await engines[0]!.create('m', CREATE);
    await engines[1]!.settled('m');
    for (let round = 1; round <= 20; round++) {
      // The loser reads the winner's operation: both begin at the same one.
      await Promise.all(engines.map(engine => engine.settled('m')));
      const results = await Promise.allSettled(engines.map(engine => engine.execute('m', OPEN)));
      expect(results.filter(({ status }) => status === 'fulfilled')).toHaveLength(1);
      const lost = results.find(({ status }) => status === 'rejected') as PromiseRejectedResult;
      expect(lost.reason).toBeInstanceOf(ConcurrencyError);
    }
    const states = await Promise.all(engines.map(engine => engine.settled('m')));
    expect(canonicalText(states[0]!.state)).toBe(canonicalText(states[1]!.state));
    const log = await sqliteLog(file);
    expect((await log.head('m'))!.number).toBe(21);
    expect(await log.verify('m')).toBeNull();
  });
});

test('replay after a restart gives the same state', async () => {
  const file = temporaryFile();
  const log = await sqliteLog(file);
  const engine = engineOver(log);
  await faultingMachine(engine);
  await runAll(engine, 'm', [pageRequest(1, 0x1000n, false), pageRequest(1), pageRequest(2)]);
  await runAll(engine, 'm', [{ type: 'FaultRead', ...QUEUE, count: 80, reader: 'HANDLER' }]);
  const live = canonicalText((await engine.settled('m')).state);
  await engine.drain();
  const again = engineOver(await sqliteLog(file));
  expect(canonicalText((await again.settled('m')).state)).toBe(live);
});

test('a command that cannot run at all changes nothing, nor those before it and after it', async () => {
  const engine = engineOver(await sqliteLog(temporaryFile()));
  await engine.create('m', CREATE);
  const broken = { type: 'Nothing', contextId: 1 } as unknown as Command;
  const results = await Promise.allSettled([
    engine.execute('m', OPEN),
    engine.execute('m', broken),
    engine.execute('m', OPEN),
  ]);
  expect(results.map(({ status }) => status)).toEqual(['fulfilled', 'rejected', 'fulfilled']);
  const { state, number } = await engine.settled('m');
  expect(number).toBe(3);
  expect([...state.contexts.keys()]).toEqual([1, 2]);
  expect(await engine.log.verify('m')).toBeNull();
  const [live, replayed] = await bothStates(engine, 'm');
  expect(live).toBe(replayed);
});

test('a log that fails although it can be written lets others have their turn', async () => {
  let failure: StorageError | null = null;
  const engine = engineOver({ ...watched(openMemoryLog()), failure: () => failure });
  await engine.create('m', CREATE);
  failure = new StorageError('STORAGE_FULL', 'log.db', 'the disk is full', 'make room');
  const opened = engine.execute('m', OPEN);
  await new Promise<void>(resolve => {
    setTimeout(() => {
      failure = null;
      resolve();
    }, 20);
  });
  expect(await opened).toMatchObject({ number: 2, errno: 0 });
});

test('an operation that cannot be written takes none of another machine with it', async () => {
  const log = watched(openMemoryLog(), (_, entries) => {
    if (entries.some(({ operation }) => operation.command.type === 'IoasAlloc')) {
      throw new RangeError('value is not a u64');
    }
  });
  const engine = engineOver(log);
  for (const id of ['a', 'b', 'c']) await engine.create(id, CREATE);
  await engine.execute('b', OPEN);
  const broken = { type: 'IoasAlloc', contextId: 1, flags: 0 } as const;
  const results = await Promise.allSettled([
    engine.execute('a', OPEN),
    engine.execute('b', broken),
    engine.execute('b', OPEN),
    engine.execute('c', OPEN),
  ]);
  const wanted = ['fulfilled', 'rejected', 'rejected', 'fulfilled'];
  expect(results.map(({ status }) => status)).toEqual(wanted);
  expect(await engine.execute('b', OPEN)).toMatchObject({ number: 3 });
  for (const id of ['a', 'b', 'c']) {
    const [live, replayed] = await bothStates(engine, id);
    expect(live).toBe(replayed);
  }
});
