/** Forks, moments and bookmarks. */
import { describe, expect, test } from 'vitest';
import { BOOKMARKS_MAX, MACHINES_MAX } from '../../../src/abi/limits.ts';
import { canonicalText } from '../../../src/core/machine/snapshot.ts';
import type { Engine } from '../../../src/engine/machine/engine.ts';
import {
  BookmarkError,
  MachineExistsError,
  MidOperationError,
  OperationOutOfRangeError,
  SeqOutOfRangeError,
  UnknownBookmarkError,
  UnknownMachineError,
} from '../../../src/engine/machine/errors.ts';
import {
  addBookmark,
  type BookmarkKind,
  findBookmark,
  listBookmarks,
} from '../../../src/engine/past/bookmarks.ts';
import { History } from '../../../src/engine/past/history.ts';
import { placeOfMoment } from '../../../src/engine/past/moments.ts';
import { boundary } from '../../../src/engine/past/places.ts';
import { DependentsError } from '../../../src/log/log.ts';
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
  sqliteLog,
  temporaryFile,
} from '../machine/fixtures.ts';

const textOf = async (engine: Engine, machineId: string) =>
  canonicalText((await engine.settled(machineId)).state);

describe('a fork', () => {
  test('needs a parent, an operation of it, and a name of its own', async () => {
    const engine = engineOver();
    await engine.create('m', CREATE);
    await expect(engine.fork('f', 'nobody', 1)).rejects.toThrow(UnknownMachineError);
    for (const number of [0, 2, -1]) {
      const refused = engine.fork('f', 'm', number);
      await expect(refused).rejects.toThrow(OperationOutOfRangeError);
      await expect(refused).rejects.toThrow('must be from 1 to 1');
    }
    await expect(engine.fork('m', 'm', 1)).rejects.toThrow(MachineExistsError);
    await expect(engine.settled('f')).rejects.toThrow(UnknownMachineError);
    expect(MACHINES_MAX).toBeGreaterThan(1);
  });

  test('of several of one name at once one is made', async () => {
    const engine = engineOver();
    await engine.create('m', CREATE);
    const forks = await Promise.allSettled([
      engine.fork('f', 'm', 1),
      engine.fork('f', 'm', 1),
      engine.create('f', CREATE),
    ]);
    expect(forks.filter(({ status }) => status === 'fulfilled')).toHaveLength(1);
    await engine.execute('f', OPEN);
    expect((await engine.log.head('f'))!.number).toBe(2);
  });

  test('goes on from the state that was, alone, and after a restart too', async () => {
    const file = temporaryFile();
    const log = await sqliteLog(file);
    const engine = engineOver(log);
    await faultingMachine(engine);
    await runAll(engine, 'm', [pageRequest(1), pageRequest(2)]);
    const { number } = (await log.head('m'))!;
    const then = await textOf(engine, 'm');
    await runAll(engine, 'm', [{ type: 'FaultRead', ...QUEUE, count: 80, reader: 'READ' }]);
    await runAll(engine, 'm', [faultWrite(1)]);
    const parent = await textOf(engine, 'm');
    await engine.fork('f', 'm', number);
    expect(await textOf(engine, 'f')).toBe(then);
    await runAll(engine, 'f', [{ type: 'DeviceDetach', contextId: 1, devId: 1 }]);
    expect((await engine.settled('f')).state.iopfGroups.size).toBe(0);
    expect(await textOf(engine, 'm')).toBe(parent);
    const fork = await textOf(engine, 'f');
    await engine.fork('g', 'f', number - 1);
    const again = engineOver(log);
    expect(await textOf(again, 'f')).toBe(fork);
    expect((await again.settled('g')).number).toBe(number - 1);
    const history = new History(again);
    const { seq } = (await log.read('f', { afterNumber: number - 1, limit: 1 }))[0]!;
    expect(canonicalText(await history.stateAt('f', seq))).toBe(then);
  });

  test('keeps its parent from being deleted, whose readers stay', async () => {
    const engine = engineOver();
    await engine.create('m', CREATE);
    await engine.fork('f', 'm', 1);
    const machine = await engine.machine('m');
    await expect(engine.delete('m')).rejects.toThrow(DependentsError);
    expect(machine.gone).toBe(false);
    expect(await engine.delete('f')).toBe(true);
    expect(await engine.delete('m')).toBe(true);
  });
});

describe('moments', () => {
  test('are a seq, an operation or a bookmark; others are refused by name', async () => {
    const engine = engineOver();
    const history = new History(engine);
    await engine.create('m', CREATE);
    await runAll(engine, 'm', [OPEN, ioasAlloc(1)]);
    const { number, seq } = (await engine.log.head('m'))!;
    const place = (moment: Parameters<typeof placeOfMoment>[3]) =>
      placeOfMoment(engine, history, 'm', moment);
    expect(await place({ seq })).toEqual({ number, seq });
    expect(await place({ seq: 0 })).toEqual({ number: 0, seq: 0 });
    expect(await place({ operation: 1 })).toMatchObject({ number: 1 });
    await expect(place({ seq: seq + 1 })).rejects.toThrow(SeqOutOfRangeError);
    await expect(place({ seq: -1 })).rejects.toThrow(SeqOutOfRangeError);
    await expect(place({ operation: 0 })).rejects.toThrow(OperationOutOfRangeError);
    await expect(place({ operation: number + 1 })).rejects.toThrow(OperationOutOfRangeError);
    for (const bookmark of [
      'none',
      'refused-0',
      'refused-1',
      'refused-99',
      'hazard-0',
      'hazard-1',
    ]) {
      await expect(place({ bookmark }), bookmark).rejects.toThrow(UnknownBookmarkError);
    }
  });

  test('a moment inside an operation is no end of one, and the error names both sides', async () => {
    const engine = engineOver();
    await engine.create('m', CREATE);
    await runAll(engine, 'm', [OPEN]);
    const [create] = await engine.log.read('m', { limit: 1 });
    const inside = create!.seq - 1;
    await expect(boundary(engine, 'm', { number: 0, seq: inside })).rejects.toThrow(
      MidOperationError,
    );
    await expect(boundary(engine, 'm', { number: 0, seq: inside })).rejects.toThrow(
      `operation 1 of machine "m"; take 0, before it, or ${create!.seq}, after it`,
    );
    const end = { number: 1, seq: create!.seq };
    expect(await boundary(engine, 'm', end)).toEqual(end);
  });
});

describe('bookmarks', () => {
  const ALL: ReadonlySet<BookmarkKind> = new Set(['NAMED', 'REFUSED', 'HAZARD']);
  const list = async (engine: Engine, machineId: string, limit = 100, number = -1, name = '') => {
    const { state } = await engine.settled(machineId);
    const found = await listBookmarks(engine, machineId, state, {
      kinds: ALL,
      after: { number, name },
      limit,
    });
    return found.map(bookmark => bookmark.name);
  };
  const place = { number: 1, seq: 1 };

  test('a name that is taken or reserved, or one too many, is refused', async () => {
    const engine = engineOver();
    await engine.create('m', CREATE);
    await addBookmark(engine, 'm', 'here', 'why', place);
    for (const name of ['here', 'refused-3', 'refused-x', 'hazard-1', 'hazard-']) {
      await expect(addBookmark(engine, 'm', name, '', place), name).rejects.toThrow(BookmarkError);
    }
    for (let i = 1; i < BOOKMARKS_MAX; i++) await addBookmark(engine, 'm', `b${i}`, '', place);
    await expect(addBookmark(engine, 'm', 'more', '', place)).rejects.toThrow(
      `at most ${BOOKMARKS_MAX}`,
    );
  });

  test('each refused operation and each hazard has one by itself', async () => {
    const engine = engineOver();
    const history = new History(engine);
    await faultingMachine(engine);
    await engine.execute('m', { type: 'IoasAlloc', contextId: 1, flags: 1 });
    await engine.execute('m', { type: 'Destroy', contextId: 1, id: 99 });
    await runAll(engine, 'm', [
      pageRequest(1, 0x1000n, false),
      { type: 'DeviceDetach', contextId: 1, devId: 1 },
    ]);
    const { number: last, seq } = (await engine.log.head('m'))!;
    const refusedNumbers = await engine.log.refused('m', {
      afterNumber: 0,
      untilNumber: 99,
      limit: 9,
    });
    expect(refusedNumbers).toHaveLength(2);
    const [first, second] = refusedNumbers;
    await addBookmark(engine, 'm', 'a-last', '', { number: last, seq });
    const names = await list(engine, 'm');
    expect(names.slice(0, 2)).toEqual([`refused-${first}`, `refused-${second}`]);
    expect(names.slice(2)).toEqual(['a-last', 'hazard-1']);
    expect(await findBookmark(engine, history, 'm', `refused-${second}`)).toMatchObject({
      number: second,
    });
    for (const other of [`refused-0${second}`, 'hazard-01']) {
      await expect(findBookmark(engine, history, 'm', other)).rejects.toThrow(UnknownBookmarkError);
    }
    const { hazardCount, hazards } = (await engine.settled('m')).state;
    for (let nth = 1; nth <= hazardCount; nth++) {
      const found = await findBookmark(engine, history, 'm', `hazard-${nth}`);
      expect(found.seq).toBe(hazards[nth - 1]!.seq);
    }
    // Page by page each comes once.
    const paged: string[] = [];
    for (let number = -1, name = ''; ; ) {
      const [next] = await list(engine, 'm', 1, number, name);
      if (next === undefined) break;
      paged.push(next);
      name = next;
      number = (await findBookmark(engine, history, 'm', next)).number;
    }
    expect(paged).toEqual(names);
  });
});
