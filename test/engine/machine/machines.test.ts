/** Machines come and go, also at the same time. */
import { describe, expect, test } from 'vitest';
import { followEvents } from '../../../src/engine/follow/follow.ts';
import { MachineExistsError, UnknownMachineError } from '../../../src/engine/machine/errors.ts';
import { openMemoryLog } from '../../../src/log/memory.ts';
import { CREATE, engineOver, OPEN, watched } from './fixtures.ts';

describe('create and delete at the same time', () => {
  test('of several creates of one name one wins, and others in their batch are not harmed', async () => {
    const log = watched(openMemoryLog());
    const engine = engineOver(log);
    await engine.create('other', CREATE);
    const [elsewhere, ...creates] = await Promise.allSettled([
      engine.execute('other', OPEN),
      ...Array.from({ length: 5 }, () => engine.create('m', CREATE)),
    ]);
    expect(elsewhere!.status).toBe('fulfilled');
    expect(creates.filter(({ status }) => status === 'fulfilled')).toHaveLength(1);
    for (const result of creates) {
      if (result.status === 'rejected') expect(result.reason).toBeInstanceOf(MachineExistsError);
    }
    expect((await log.head('m'))!.number).toBe(1);
    expect((await engine.execute('m', OPEN)).number).toBe(2);
  });

  test('a delete harms nobody else, and nothing of the machine is left', async () => {
    const log = watched(openMemoryLog());
    const engine = engineOver(log);
    for (let round = 0; round < 30; round++) {
      await Promise.all([engine.create('m', CREATE), engine.create('other', CREATE)]);
      const results = await Promise.allSettled([
        engine.execute('m', OPEN),
        engine.execute('other', OPEN),
        engine.delete('m'),
        engine.execute('m', OPEN),
        engine.execute('other', OPEN),
        engine.delete('m'),
        engine.execute('m', OPEN),
        engine.settled('m').then(() => engine.execute('m', OPEN)),
      ]);
      for (const place of [1, 2, 4, 5]) expect(results[place]!.status).toBe('fulfilled');
      for (const result of results) {
        if (result.status === 'rejected') expect(result.reason).toBeInstanceOf(UnknownMachineError);
      }
      const deleted = [results[2], results[5]].map(
        result => (result as PromiseFulfilledResult<unknown>).value,
      );
      expect(deleted.filter(value => value === true)).toHaveLength(1);
      expect(await log.head('m')).toBeNull();
      await expect(engine.settled('m')).rejects.toThrow(UnknownMachineError);
      await engine.delete('other');
    }
  });

  test('a create right after a delete makes a machine of its own', async () => {
    const engine = engineOver();
    await engine.create('m', CREATE);
    await engine.execute('m', OPEN);
    const [deleted, created] = await Promise.all([
      engine.delete('m'),
      (async () => {
        for (;;) {
          try {
            return await engine.create('m', CREATE);
          } catch (error) {
            if (!(error instanceof MachineExistsError)) throw error;
            await new Promise(resolve => setImmediate(resolve));
          }
        }
      })(),
    ]);
    expect(deleted).toBe(true);
    expect(created.number).toBe(1);
    expect((await engine.execute('m', OPEN)).reply).toEqual({ contextId: 1 });
  });

  test('a follower of a deleted machine ends and never follows its successor', async () => {
    const engine = engineOver();
    await engine.create('m', CREATE);
    const reader = await followEvents(engine, 'm', 0);
    const waiting = await followEvents(engine, 'm', (await engine.settled('m')).state.seq);
    const next = waiting.next();
    expect((await reader.next()).value?.seq).toBe(1);
    await engine.delete('m');
    await engine.create('m', CREATE);
    await Promise.all(Array.from({ length: 30 }, () => engine.execute('m', OPEN)));
    expect(await next).toEqual({ done: true, value: undefined });
    const rest: number[] = [];
    for await (const { seq } of reader) rest.push(seq);
    // The page it had read before the machine went.
    expect(rest.length).toBeLessThan(12);
  });

  test('a refused MachineCreate leaves nothing', async () => {
    const log = watched(openMemoryLog());
    const engine = engineOver(log);
    const twice = [CREATE.devices[0]!, CREATE.devices[0]!];
    const operation = await engine.create('m', { ...CREATE, devices: twice });
    expect(operation.errno).toBe('EEXIST');
    expect(log.batches).toEqual([]);
    await expect(engine.settled('m')).rejects.toThrow(UnknownMachineError);
    expect(await engine.delete('m')).toBe(false);
    expect((await engine.create('m', CREATE)).errno).toBe(0);
  });
});
