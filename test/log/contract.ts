/** What every log must do, wherever it keeps its rows. */
import { describe, expect, onTestFinished, test } from 'vitest';
import type { Operation } from '../../src/core/machine/operation.ts';
import { ConcurrencyError, type Log } from '../../src/log/log.ts';
import { AT_MS, fill, next, operations, withEvents } from './fixtures.ts';

export function describeLogContract(name: string, open: () => Promise<Log>): void {
  const openLog = async (): Promise<Log> => {
    const log = await open();
    onTestFinished(() => log.close());
    return log;
  };
  const numbers = (read: readonly { number: number }[]) => read.map(({ number }) => number);

  describe(`log contract: ${name}`, () => {
    test('an unknown machine has no head, no operations and no damage', async () => {
      const log = await openLog();
      expect(await log.head('m')).toBeNull();
      expect(await log.read('m', { limit: 10 })).toEqual([]);
      expect(await log.readEvents('m', { limit: 10 })).toEqual([]);
      expect(await log.verify('m')).toBeNull();
      expect(await log.deleteMachine('m')).toBe(false);
      expect(await log.machines({ after: null, limit: 10 })).toEqual([]);
    });

    test('what was appended is read back as it was', async () => {
      const log = await openLog();
      const written = await fill(log, 'm', 12);
      expect(await log.read('m', { limit: 100 })).toEqual(written);
      expect(await log.read('m', { limit: 100, verify: true })).toEqual(written);
      expect(await log.verify('m')).toBeNull();
    });

    test('events alone are those of the operations', async () => {
      const log = await openLog();
      const written = await fill(log, 'm', 7);
      const wanted = written.map(({ number, seqBefore, seq, atMs, errno, events }) => {
        return { number, seqBefore, seq, atMs, refused: errno !== 0, events };
      });
      expect(await log.readEvents('m', { limit: 100 })).toEqual(wanted);
      expect(await log.readEvents('m', { limit: 100, verify: true })).toEqual(wanted);
    });

    test('the head is where the log ends, and changes with every append', async () => {
      const log = await openLog();
      const written = await fill(log, 'm', 5);
      const head = await log.head('m');
      const createdAtMs = AT_MS + 1;
      expect(head).toMatchObject({ machineId: 'm', number: 5, seq: 6, createdAtMs });
      expect(head?.hash).toMatch(/^[0-9a-f]{64}$/);
      await log.append([{ machineId: 'm', operation: next(written.at(-1)!) }]);
      const later = await log.head('m');
      expect(later).toMatchObject({ number: 6, seq: 7, createdAtMs });
      expect(later?.hash).not.toBe(head?.hash);
    });

    test('changing what was given to append or got from read changes nothing stored', async () => {
      const log = await openLog();
      const [operation] = operations(1) as [Operation];
      const events = [...operation.events];
      await log.append([{ machineId: 'm', operation: { ...operation, events } }]);
      events.pop();
      const read = await log.read('m', { limit: 1 });
      (read[0]!.events as unknown[]).pop();
      expect(await log.read('m', { limit: 1, verify: true })).toEqual([operation]);
    });

    test('an empty batch writes nothing', async () => {
      const log = await openLog();
      await log.append([]);
      expect(await log.machines({ after: null, limit: 1 })).toEqual([]);
    });

    describe('concurrency', () => {
      const refusals: [string, (written: Operation[]) => Operation, object][] = [
        ['the newest number again', written => written[2]!, { number: 2, seq: 1 }],
        ['a number ahead', written => ({ ...next(written[2]!), number: 5 }), { number: 4, seq: 3 }],
        [
          'the right number with another seq',
          written => ({ ...next(written[2]!, withEvents([])), seqBefore: 2, seq: 2 }),
          { number: 3, seq: 2 },
        ],
        ['number 1 of a machine that exists', () => operations(1)[0]!, { number: 0, seq: 0 }],
      ];
      for (const [what, make, expected] of refusals) {
        test(`${what} is a ConcurrencyError that names both places`, async () => {
          const log = await openLog();
          const written = await fill(log, 'm', 3);
          const error = await log
            .append([{ machineId: 'm', operation: make(written) }])
            .catch(e => e);
          expect(error).toBeInstanceOf(ConcurrencyError);
          expect(error).toMatchObject({ machineId: 'm', expected, actual: { number: 3, seq: 3 } });
          expect(await log.read('m', { limit: 100 })).toEqual(written);
        });
      }

      test('a machine that does not exist is at number 0, seq 0', async () => {
        const log = await openLog();
        const operation = operations(2)[1]!;
        const error = await log.append([{ machineId: 'm', operation }]).catch(e => e);
        expect(error).toBeInstanceOf(ConcurrencyError);
        expect(error).toMatchObject({ actual: { number: 0, seq: 0 } });
        expect(await log.head('m')).toBeNull();
      });

      test('of two appends with one expected seq exactly one wins', async () => {
        const log = await openLog();
        const written = await fill(log, 'm', 3);
        const operation = next(written[2]!);
        const results = await Promise.allSettled([
          log.append([{ machineId: 'm', operation }]),
          log.append([{ machineId: 'm', operation: { ...operation, atMs: AT_MS } }]),
        ]);
        expect(results.map(({ status }) => status).sort()).toEqual(['fulfilled', 'rejected']);
        expect((await log.head('m'))?.number).toBe(4);
      });

      test('an append after a refused one goes on where the log is', async () => {
        const log = await openLog();
        const written = await fill(log, 'm', 3);
        await expect(log.append([{ machineId: 'm', operation: written[2]! }])).rejects.toThrow(
          ConcurrencyError,
        );
        await log.append([{ machineId: 'm', operation: next(written[2]!) }]);
        expect(await log.verify('m')).toBeNull();
        expect((await log.head('m'))?.number).toBe(4);
      });
    });

    describe('batches', () => {
      test('operations of several machines go in together', async () => {
        const log = await openLog();
        const [a1, a2, a3] = operations(3) as [Operation, Operation, Operation];
        await log.append([
          { machineId: 'a', operation: a1 },
          { machineId: 'b', operation: a1 },
          { machineId: 'a', operation: a2 },
          { machineId: 'b', operation: a2 },
          { machineId: 'a', operation: a3 },
        ]);
        expect(await log.read('a', { limit: 9, verify: true })).toEqual([a1, a2, a3]);
        expect(await log.read('b', { limit: 9, verify: true })).toEqual([a1, a2]);
      });

      test('one entry that does not continue its machine keeps the whole batch out', async () => {
        const log = await openLog();
        const written = await fill(log, 'a', 2);
        const entries = [
          { machineId: 'a', operation: next(written[1]!) },
          { machineId: 'b', operation: operations(1)[0]! },
          { machineId: 'a', operation: next(written[1]!) },
        ];
        const error = await log.append(entries).catch(e => e);
        expect(error).toBeInstanceOf(ConcurrencyError);
        expect(error).toMatchObject({ machineId: 'a', actual: { number: 3, seq: 3 } });
        expect((await log.head('a'))?.number).toBe(2);
        expect(await log.head('b')).toBeNull();
        await log.append(entries.slice(0, 2));
        expect(await log.verify('a')).toBeNull();
      });
    });

    describe('mistakes of the caller', () => {
      const good = operations(1)[0]!;
      const mistakes: [string, string, Operation][] = [
        ['a seq that does not count the events', 'm', { ...good, seq: 2 }],
        ['a broken time', 'm', { ...good, atMs: Number.NaN }],
        ['a number that is not whole', 'm', { ...good, number: 0.5 }],
        ['an empty machine id', '', good],
        ['a machine id that is too long', 'x'.repeat(65), good],
        ['a machine id that no database gives back', 'a\ud800', good],
      ];
      for (const [what, machineId, operation] of mistakes) {
        test(`${what} is refused and nothing is written`, async () => {
          const log = await openLog();
          await expect(log.append([{ machineId, operation }])).rejects.toThrow(RangeError);
          expect(await log.machines({ after: null, limit: 1 })).toEqual([]);
        });
      }

      test('a limit that is not a count is refused', async () => {
        const log = await openLog();
        await expect(log.read('m', { limit: -1 })).rejects.toThrow(RangeError);
        await expect(log.read('m', { limit: 1.5 })).rejects.toThrow(RangeError);
      });
    });

    describe('reading a part', () => {
      // Numbers 1 to 10 end at seqs 1, 1, 3, 4, 6, 7, 7, 9, 10, 12.
      const parts: [Parameters<Log['read']>[1], number[]][] = [
        [{ limit: 0 }, []],
        [{ limit: 3 }, [1, 2, 3]],
        [{ limit: 3, order: 'backward' }, [10, 9, 8]],
        [{ limit: 3, afterNumber: 3 }, [4, 5, 6]],
        [{ limit: 99, afterNumber: 8 }, [9, 10]],
        [{ limit: 99, afterNumber: 10 }, []],
        [{ limit: 99, afterNumber: 99 }, []],
        [{ limit: 2, beforeNumber: 3 }, [1, 2]],
        [{ limit: 2, beforeNumber: 5, order: 'backward' }, [4, 3]],
        [{ limit: 9, beforeNumber: 1, order: 'backward' }, []],
        [{ limit: 9, beforeNumber: 99, afterNumber: 9, order: 'backward' }, [10]],
        [{ limit: 2, afterNumber: 2, beforeNumber: 8, order: 'backward' }, [7, 6]],
        [{ limit: 99, afterSeq: 0 }, [1, 2, 3, 4, 5, 6, 7, 8, 9, 10]],
        [{ limit: 99, afterSeq: 1 }, [3, 4, 5, 6, 7, 8, 9, 10]],
        [{ limit: 2, afterSeq: 2 }, [3, 4]],
        [{ limit: 99, afterSeq: 12 }, []],
        [{ limit: 99, untilSeq: 0 }, []],
        [{ limit: 99, untilSeq: 5 }, [1, 2, 3, 4]],
        [{ limit: 2, untilSeq: 7, order: 'backward' }, [7, 6]],
        [{ limit: 99, untilSeq: 99 }, [1, 2, 3, 4, 5, 6, 7, 8, 9, 10]],
        [{ limit: 99, afterSeq: 3, untilSeq: 7 }, [4, 5, 6, 7]],
        [{ limit: 99, afterSeq: 3, untilSeq: 7, afterNumber: 5, beforeNumber: 7 }, [6]],
      ];
      for (const [options, wanted] of parts) {
        test(`${JSON.stringify(options)} gives ${JSON.stringify(wanted)}`, async () => {
          const log = await openLog();
          await fill(log, 'l', 4);
          const written = await fill(log, 'm', 10);
          await fill(log, 'n', 4);
          const operations = await log.read('m', { ...options, verify: true });
          expect(numbers(operations)).toEqual(wanted);
          expect(operations).toEqual(wanted.map(number => written[number - 1]));
          expect(numbers(await log.readEvents('m', options))).toEqual(wanted);
        });
      }

      test('every seq is found, wherever it lies', async () => {
        const log = await openLog();
        const written = await fill(log, 'm', 40);
        for (let seq = 0; seq <= written.at(-1)!.seq + 1; seq++) {
          const after = written.filter(operation => operation.seq > seq);
          const until = written.filter(operation => operation.seq <= seq);
          expect(await log.read('m', { limit: 99, afterSeq: seq })).toEqual(after);
          expect(await log.read('m', { limit: 99, untilSeq: seq })).toEqual(until);
        }
      });

      test('pages in both directions give every operation once', async () => {
        const log = await openLog();
        const written = await fill(log, 'm', 23);
        const forward: Operation[] = [];
        const backward: Operation[] = [];
        for (;;) {
          const afterNumber = forward.at(-1)?.number ?? 0;
          const page = await log.read('m', { afterNumber, limit: 5 });
          if (page.length === 0) break;
          forward.push(...page);
        }
        for (;;) {
          const beforeNumber = backward.at(-1)?.number ?? 24;
          const page = await log.read('m', { beforeNumber, limit: 5, order: 'backward' });
          if (page.length === 0) break;
          backward.push(...page);
        }
        expect(forward).toEqual(written);
        expect(backward.reverse()).toEqual(written);
      });
    });

    describe('machines', () => {
      test('are listed in the order of their ids, page by page, with their heads', async () => {
        const log = await openLog();
        const ids = ['b', 'a', 'c', 'B', 'a1', 'é', '\u{10000}', '\uffff'];
        for (const [i, id] of ids.entries()) await fill(log, id, i + 1);
        // By UTF-8 bytes: U+FFFF comes before U+10000, unlike in UTF-16.
        const sorted = ['B', 'a', 'a1', 'b', 'c', 'é', '\uffff', '\u{10000}'];
        const listed: string[] = [];
        for (;;) {
          const page = await log.machines({ after: listed.at(-1) ?? null, limit: 3 });
          for (const head of page) expect(head).toEqual(await log.head(head.machineId));
          listed.push(...page.map(head => head.machineId));
          if (page.length < 3) break;
        }
        expect(listed).toEqual(sorted);
      });

      test('with equal histories have different hashes', async () => {
        const log = await openLog();
        await fill(log, 'a', 3);
        await fill(log, 'b', 3);
        expect((await log.head('a'))?.hash).not.toBe((await log.head('b'))?.hash);
      });

      test('a deleted machine is gone, the others stay, and its id can be used again', async () => {
        const log = await openLog();
        await fill(log, 'a', 3);
        const kept = await fill(log, 'b', 3);
        expect(await log.deleteMachine('a')).toBe(true);
        expect(await log.deleteMachine('a')).toBe(false);
        expect(await log.head('a')).toBeNull();
        expect(await log.read('b', { limit: 9 })).toEqual(kept);
        const again = await fill(log, 'a', 2);
        expect(await log.read('a', { limit: 9, verify: true })).toEqual(again);
      });
    });
  });
}
