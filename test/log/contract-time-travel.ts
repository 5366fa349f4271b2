/** What every log must do for time travel: forks, snapshots, bookmarks, operations as stored. */
import { describe, expect, onTestFinished, test } from 'vitest';
import type { Operation } from '../../src/core/machine/operation.ts';
import {
  ConcurrencyError,
  DependentsError,
  type Log,
  type StoredOperation,
} from '../../src/log/log.ts';
import { AT_MS, fill, next, withEvents } from './fixtures.ts';

export function describeTimeTravelContract(name: string, open: () => Promise<Log>): void {
  const openLog = async (): Promise<Log> => {
    const log = await open();
    onTestFinished(() => log.close());
    return log;
  };
  const fork = (log: Log, machineId: string, parentId: string, number: number) =>
    log.fork({ machineId, parentId, number, atMs: AT_MS });
  /** Appends `count` operations to a machine that ends with `last`. */
  const goOn = async (log: Log, machineId: string, last: Operation, count: number) => {
    const made: Operation[] = [];
    for (let i = 0; i < count; i++) made.push(next(made.at(-1) ?? last));
    await log.append(made.map(operation => ({ machineId, operation })));
    return made;
  };

  describe(`forks: ${name}`, () => {
    test('a name that is taken, an operation or a parent that is not there is refused', async () => {
      const log = await openLog();
      await fill(log, 'm', 4);
      await fill(log, 'other', 1);
      await fork(log, 'taken', 'm', 2);
      const refusals: [string, string, number][] = [
        ['m', 'm', 2],
        ['other', 'm', 2],
        ['taken', 'm', 3],
        ['f', 'm', 5],
        ['f', 'm', 0],
        ['f', 'nobody', 1],
      ];
      for (const [machineId, parentId, number] of refusals) {
        const refused = fork(log, machineId, parentId, number);
        await expect(refused, `${machineId} at ${number}`).rejects.toThrow(ConcurrencyError);
      }
      await expect(fork(log, '', 'm', 1)).rejects.toThrow(RangeError);
      const heads = await log.machines({ after: null, limit: 10 });
      expect(heads.map(head => head.machineId)).toEqual(['m', 'other', 'taken']);
      const first = next(null);
      await expect(log.append([{ machineId: 'taken', operation: first }])).rejects.toThrow(
        ConcurrencyError,
      );
    });

    test('a fork has the past up to its point and a future of its own, as the parent has', async () => {
      const log = await openLog();
      const written = await fill(log, 'm', 9);
      await fork(log, 'f', 'm', 4);
      const shared = written.slice(0, 4);
      expect(await log.read('f', { limit: 99, verify: true })).toEqual(shared);
      const head = await log.head('f');
      expect(head).toMatchObject({ number: 4, seq: shared.at(-1)!.seq, createdAtMs: AT_MS });
      expect(await log.verify('f')).toBeNull();
      const own = await goOn(log, 'f', shared.at(-1)!, 5);
      const others = await goOn(log, 'm', written.at(-1)!, 2);
      expect(await log.read('f', { limit: 99, verify: true })).toEqual([...shared, ...own]);
      expect(await log.read('m', { limit: 99, verify: true })).toEqual([...written, ...others]);
      expect(await log.verify('f')).toBeNull();
      expect(await log.forkOf('f')).toMatchObject({ parentId: 'm', number: 4 });
      expect(await log.forkOf('m')).toBeNull();
    });

    test('a fork of a fork reads pages across all its pasts in both directions', async () => {
      const log = await openLog();
      const a = await fill(log, 'a', 7);
      await fork(log, 'b', 'a', 5);
      const b = [...a.slice(0, 5), ...(await goOn(log, 'b', a[4]!, 6))];
      await fork(log, 'c', 'b', 8);
      const c = [...b.slice(0, 8), ...(await goOn(log, 'c', b[7]!, 4))];
      // Its point is in what b shares: it hangs on a, and b may go.
      await fork(log, 'd', 'b', 3);
      expect(await log.forkOf('d')).toMatchObject({ parentId: 'a', number: 3 });
      expect(await log.forksOf('a', 9)).toEqual(['b', 'd']);
      for (const [id, all] of [
        ['b', b],
        ['c', c],
        ['d', a.slice(0, 3)],
      ] as const) {
        for (const limit of [1, 3, 99]) {
          const forward: Operation[] = [];
          const backward: Operation[] = [];
          for (let page = await log.read(id, { limit }); page.length > 0; ) {
            forward.push(...page);
            page = await log.read(id, { afterNumber: forward.at(-1)!.number, limit });
          }
          for (let beforeNumber = 1e9; ; beforeNumber = backward.at(-1)!.number) {
            const page = await log.read(id, { beforeNumber, limit, order: 'backward' });
            if (page.length === 0) break;
            backward.push(...page);
          }
          expect(forward, `${id} by ${limit}`).toEqual(all);
          expect(backward.reverse(), `${id} by ${limit}`).toEqual(all);
        }
        for (const { seq } of all) {
          const wanted = all.filter(operation => operation.seq <= seq);
          expect(await log.read(id, { untilSeq: seq, limit: 99 })).toEqual(wanted);
        }
        expect(await log.verify(id)).toBeNull();
      }
    });

    test('of two appends to a new fork exactly one wins', async () => {
      const log = await openLog();
      const written = await fill(log, 'm', 3);
      await fork(log, 'f', 'm', 2);
      const operation = next(written[1]!, withEvents([]));
      const results = await Promise.allSettled([
        log.append([{ machineId: 'f', operation }]),
        log.append([{ machineId: 'f', operation: { ...operation, atMs: AT_MS } }]),
      ]);
      expect(results.map(({ status }) => status).sort()).toEqual(['fulfilled', 'rejected']);
    });

    test('a machine whose past others share stays until they are gone', async () => {
      const log = await openLog();
      const written = await fill(log, 'm', 3);
      await fork(log, 'f', 'm', 2);
      await fork(log, 'g', 'm', 3);
      const error = await log.deleteMachine('m').catch(e => e);
      expect(error).toBeInstanceOf(DependentsError);
      expect(error.message).toContain('"f", "g"');
      expect(await log.read('m', { limit: 9 })).toEqual(written);
      expect(await log.deleteMachine('f')).toBe(true);
      expect(await log.read('f', { limit: 9 })).toEqual([]);
      expect(await log.deleteMachine('g')).toBe(true);
      expect(await log.deleteMachine('m')).toBe(true);
    });

    test('refused operations are found across the shared past', async () => {
      const log = await openLog();
      const written = await fill(log, 'm', 12);
      await fork(log, 'f', 'm', 8);
      await goOn(log, 'f', written[7]!, 5);
      const bounds = { afterNumber: 0, untilNumber: 99, limit: 99 };
      expect(await log.refused('m', bounds)).toEqual([2, 7, 12]);
      expect(await log.refused('f', bounds)).toEqual([2, 7, 12]);
      expect(await log.refused('f', { ...bounds, afterNumber: 2, limit: 1 })).toEqual([7]);
      expect(await log.refused('f', { ...bounds, untilNumber: 6 })).toEqual([2]);
    });

    test('the first operation of a type and an errno is found across the shared past', async () => {
      const log = await openLog();
      const written = await fill(log, 'm', 12);
      await fork(log, 'f', 'm', 8);
      const all = [...written.slice(0, 8), ...(await goOn(log, 'f', written[7]!, 5))];
      const unfiltered = { type: null, errno: null };
      for (const afterNumber of [0, 1, 5, 7, 8, 11, 13]) {
        for (const untilNumber of [6, 8, 10, 99]) {
          for (const { command, errno } of all) {
            const filter = { type: command.type, errno: String(errno) };
            const first = (fits: (operation: Operation) => boolean) =>
              all.find(operation => {
                const { number } = operation;
                return number > afterNumber && number <= untilNumber && fits(operation);
              })?.number ?? null;
            const range = { afterNumber, untilNumber };
            expect(await log.firstNumber('f', range, unfiltered)).toBe(first(() => true));
            expect(await log.firstNumber('f', range, { ...unfiltered, type: filter.type })).toBe(
              first(operation => operation.command.type === command.type),
            );
            expect(await log.firstNumber('f', range, { ...unfiltered, errno: filter.errno })).toBe(
              first(operation => operation.errno === errno),
            );
            expect(await log.firstNumber('f', range, filter)).toBe(
              first(
                operation => operation.errno === errno && operation.command.type === command.type,
              ),
            );
          }
        }
      }
      expect(
        await log.firstNumber('nobody', { afterNumber: 0, untilNumber: 9 }, unfiltered),
      ).toBeNull();
    });
  });

  describe(`snapshots: ${name}`, () => {
    const text = (seq: number) => `{"seq":${seq}}`;
    const put = (log: Log, machineId: string, { number, seq }: Operation) =>
      log.putSnapshot(machineId, { number, seq, state: text(seq) });

    test('the newest at or before a seq is found, also in the past a fork shares', async () => {
      const log = await openLog();
      const written = await fill(log, 'm', 15);
      for (const index of [2, 7, 14]) await put(log, 'm', written[index]!);
      const found = async (id: string, seq: number) =>
        (await log.snapshotBefore(id, seq))?.state ?? null;
      const [early, middle, late] = [2, 7, 14].map(index => written[index]!.seq);
      expect(await found('m', early! - 1)).toBeNull();
      expect(await found('m', early!)).toBe(text(early!));
      expect(await found('m', late! - 1)).toBe(text(middle!));
      expect(await found('m', 1e9)).toBe(text(late!));
      await fork(log, 'f', 'm', 10);
      expect(await found('f', 1e9)).toBe(text(middle!));
      const own = await goOn(log, 'f', written[9]!, 5);
      await put(log, 'f', own[4]!);
      expect(await found('f', 1e9)).toBe(text(own[4]!.seq));
      // In the shared past: both find it.
      await put(log, 'f', written[9]!);
      expect(await found('m', written[9]!.seq)).toBe(text(written[9]!.seq));
      expect(await found('f', own[4]!.seq - 1)).toBe(text(written[9]!.seq));
    });

    test('one of a machine that was deleted and made anew is not taken', async () => {
      const log = await openLog();
      const written = await fill(log, 'm', 9);
      await put(log, 'm', written[6]!);
      await log.deleteMachine('m');
      await goOn(log, 'm', next(null), 0);
      await fill(log, 'm', 9);
      expect(await log.snapshotBefore('m', 1e9)).toBeNull();
      // Nor is one kept that is of no operation of the machine.
      await log.putSnapshot('m', { number: 6, seq: 1, state: '{}' });
      expect(await log.snapshotBefore('m', 1e9)).toBeNull();
    });
  });

  describe(`counted blocks: ${name}`, () => {
    const counted = (block: number, number: number) => ({
      block,
      number,
      version: 1,
      counts: `[${block}]`,
    });
    const range = { first: 0, limit: 99, version: 1 };

    test('come back from the first on without a gap, also in the past a fork shares', async () => {
      const log = await openLog();
      const written = await fill(log, 'm', 15);
      await log.putBlocks('m', [counted(0, 3), counted(1, 8), counted(3, 14)]);
      expect(await log.blocks('m', range)).toEqual([counted(0, 3), counted(1, 8)]);
      await log.putBlocks('m', [counted(2, 10)]);
      const all = [counted(0, 3), counted(1, 8), counted(2, 10), counted(3, 14)];
      expect(await log.blocks('m', range)).toEqual(all);
      expect(await log.blocks('m', { ...range, first: 1, limit: 2 })).toEqual(all.slice(1, 3));
      await fork(log, 'f', 'm', 9);
      await fork(log, 'g', 'm', 8);
      await fork(log, 'h', 'm', 7);
      for (const [id, whole] of [
        ['f', 2],
        ['g', 2],
        ['h', 1],
      ] as const) {
        expect(await log.blocks(id, range), id).toEqual(all.slice(0, whole));
      }
      await goOn(log, 'f', written[8]!, 5);
      await log.putBlocks('f', [counted(2, 11)]);
      expect(await log.blocks('f', range)).toEqual([...all.slice(0, 2), counted(2, 11)]);
      expect(await log.blocks('m', range)).toEqual(all);
    });

    test('those of another version are deleted, and all after them; none stays of a machine', async () => {
      const log = await openLog();
      await fill(log, 'm', 15);
      await log.putBlocks('m', [counted(0, 3), { ...counted(1, 8), version: 2 }, counted(2, 10)]);
      expect(await log.blocks('m', range)).toEqual([counted(0, 3)]);
      await log.putBlocks('m', [counted(1, 8)]);
      expect(await log.blocks('m', range)).toEqual([counted(0, 3), counted(1, 8)]);
      // One of an operation that is not there is not kept.
      await log.putBlocks('m', [counted(2, 99)]);
      expect(await log.blocks('m', range)).toHaveLength(2);
      await log.deleteMachine('m');
      await fill(log, 'm', 15);
      expect(await log.blocks('m', range)).toEqual([]);
      expect(await log.verifyKept(null)).toEqual([]);
    });
  });

  describe(`bookmarks and reruns: ${name}`, () => {
    test('are kept by name, listed by seq, shared with forks, and go with their machine', async () => {
      const log = await openLog();
      await fill(log, 'm', 9);
      const mark = (machineId: string, name: string, seq: number) =>
        log.putBookmark({ machineId, name, seq, note: `note of ${name}`, atMs: AT_MS });
      await mark('m', 'late', 8);
      await mark('m', 'early', 2);
      await mark('m', 'also early', 2);
      await fork(log, 'f', 'm', 5);
      await mark('f', 'own', 4);
      const names = async (id: string) => (await log.bookmarks(id)).map(found => found.name);
      expect(await names('m')).toEqual(['also early', 'early', 'late']);
      expect(await names('f')).toEqual(['also early', 'early', 'own']);
      expect(await log.bookmark('f', 'early')).toMatchObject({ machineId: 'm', seq: 2 });
      expect(await log.bookmark('f', 'late')).toBeNull();
      expect(await log.deleteBookmark('m', 'early')).toBe(true);
      expect(await log.deleteBookmark('m', 'early')).toBe(false);
      const rerun = { machineId: 'f', recordedId: 'm', plan: '{}' };
      for (const whole of [false, true]) {
        await log.putRerun({ ...rerun, whole });
        expect(await log.rerun('f')).toEqual({ ...rerun, whole });
      }
      await log.deleteMachine('f');
      expect(await names('f')).toEqual([]);
      expect(await log.rerun('f')).toBeNull();
      expect(await names('m')).toEqual(['also early', 'late']);
    });
  });

  describe(`operations as stored: ${name}`, () => {
    const stored = async (log: Log, machineId: string): Promise<StoredOperation[]> =>
      log.readStored(machineId, { afterNumber: 0, limit: 99 });

    test('make the same machine under another name, a fork as a whole', async () => {
      const log = await openLog();
      const written = await fill(log, 'm', 9);
      await fork(log, 'f', 'm', 4);
      const own = await goOn(log, 'f', written[3]!, 3);
      await log.appendStored('copy', await stored(log, 'f'));
      expect(await log.read('copy', { limit: 99, verify: true })).toEqual([
        ...written.slice(0, 4),
        ...own,
      ]);
      expect(await log.forkOf('copy')).toBeNull();
      expect(await stored(log, 'copy')).toEqual(await stored(log, 'f'));
    });

    test('leave nothing if one does not follow, if reading them fails, or the name is taken', async () => {
      const log = await openLog();
      await fill(log, 'm', 9);
      const all = await stored(log, 'm');
      const without = (number: number) => all.filter(operation => operation.number !== number);
      await expect(log.appendStored('copy', without(1))).rejects.toThrow(ConcurrencyError);
      await expect(log.appendStored('copy', without(5))).rejects.toThrow(ConcurrencyError);
      const failing = function* () {
        yield* all.slice(0, 5);
        throw new Error('unreadable');
      };
      await expect(log.appendStored('copy', failing())).rejects.toThrow('unreadable');
      await expect(log.appendStored('m', all)).rejects.toThrow(ConcurrencyError);
      expect(await log.head('copy')).toBeNull();
      await log.appendStored('copy', all);
      expect((await log.head('copy'))?.number).toBe(9);
    });
  });
}
