/** A log that was tampered with: said to whoever asks, and the rest of the server goes on. */
import { DatabaseSync } from 'node:sqlite';
import { expect, test } from 'vitest';
import {
  CREATE,
  engineOver,
  OPEN,
  sqliteLog,
  temporaryFile,
} from '../../engine/machine/fixtures.ts';
import { ask, makeFaulting, placeOf, post, start } from '../builder/testing.ts';

function change(file: string, sql: string): void {
  const database = new DatabaseSync(file);
  database.exec(sql);
  database.close();
}

test('a changed byte is found when the machine is read, and named', async () => {
  const file = temporaryFile();
  const server = await start(file);
  // Written by another process, so that the server has not read it yet.
  const elsewhere = engineOver(await sqliteLog(file));
  await elsewhere.create('m', CREATE);
  await elsewhere.execute('m', OPEN);
  change(
    file,
    `UPDATE operations SET events = replace(events, '0000:01:00.0', '0000:01:00.7')
     WHERE machine_id = 'm' AND number = 1`,
  );
  const place = await placeOf(server, 'm');
  for (const query of [
    '{ machine(machineId: "m") { seq } }',
    '{ machine(machineId: "m", at: 3) { seq } }',
    'mutation { contextOpen(input: {machineId: "m"}) { __typename } }',
    'mutation { machineCreate(input: {machineId: "m"}) { __typename } }',
  ]) {
    const { errors } = await post(server, query);
    expect(errors[0]?.message, query).toMatch(/^machine m, operation 1: its hash does not match/);
    expect(errors[0]!.extensions!.code).toBe('DAMAGED_LOG');
  }
  expect(await placeOf(server, 'm')).toBe(place);
  expect(await ask(server, '{ machine { seq } }')).toEqual({ machine: { seq: 10 } });
});

test('a row that went while the machine is in memory is named by its connections', async () => {
  const file = temporaryFile();
  const server = await start(file);
  await makeFaulting(server);
  change(file, `DELETE FROM operations WHERE machine_id = 'default' AND number = 4`);
  for (const list of ['operations', 'events']) {
    const { errors } = await post(
      server,
      `{ machine { ${list}(first: 100) { edges { cursor } } } }`,
    );
    expect(errors[0]).toMatchObject({
      message: expect.stringMatching(/^machine default, operation/),
      path: ['machine', list],
      extensions: { code: 'DAMAGED_LOG' },
    });
  }
  expect(await ask(server, '{ machine { contexts { contextId } } }')).toEqual({
    machine: { contexts: [{ contextId: 1 }] },
  });
});
