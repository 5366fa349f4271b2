/** Events many at a time: each once and in order, and at once when there are few. */
import { expect, test } from 'vitest';
import { followBatches } from '../../../src/engine/follow/batches.ts';
import { engineOver, faultingMachine, ioasAlloc, runAll } from '../machine/fixtures.ts';

const upTo = (first: number, last: number) =>
  Array.from({ length: last - first + 1 }, (_, index) => first + index);

async function longMachine() {
  const engine = engineOver();
  await faultingMachine(engine);
  // More than memory keeps, so that the older ones are read from the log.
  await runAll(engine, 'm', Array<ReturnType<typeof ioasAlloc>>(700).fill(ioasAlloc(1)));
  return { engine, newest: (await engine.settled('m')).state.seq };
}

test.each([1, 7, 500, 1_000])('at most %i at a time, and no more messages than that', async max => {
  const { engine, newest } = await longMachine();
  for (const after of [0, 1, 3, newest - 2]) {
    const batches = await followBatches(engine, 'm', after, max);
    const seen: number[] = [];
    let messages = 0;
    while (seen.length < newest - after) {
      const { value } = await batches.next();
      expect(value!.length).toBeLessThanOrEqual(max);
      seen.push(...value!.map(({ seq }) => seq));
      messages++;
    }
    expect(seen).toEqual(upTo(after + 1, newest));
    expect(messages).toBe(Math.ceil((newest - after) / max));
    await batches.return(undefined);
  }
});

test('who waits gets what comes as it comes, and the end when the machine goes', async () => {
  const { engine, newest } = await longMachine();
  const batches = await followBatches(engine, 'm', newest, 100);
  for (let n = 1; n <= 50; n++) {
    const next = batches.next();
    for (let turn = 0; turn < n % 10; turn++) await null;
    await engine.execute('m', ioasAlloc(1));
    const { value } = await next;
    expect(value!.map(({ seq }) => seq)).toEqual([newest + n]);
  }
  const last = batches.next();
  await engine.delete('m');
  expect(await last).toEqual({ done: true, value: undefined });
});
