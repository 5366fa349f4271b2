/** The checker finds what it is there for: a database made by hand, and changed. */
import { join } from 'node:path';
import SqliteDatabase, { type Database } from 'better-sqlite3';
import { describe, expect, test } from 'vitest';
import { type Acknowledged, type Delivery, Notes } from '../load/notes.ts';
import { temporaryFolder } from '../temporary.ts';
import { checkAcknowledged } from './acknowledged.ts';
import { checkChains } from './chain.ts';
import { checkFollowers } from './followers.ts';
import { checkGroups } from './groups.ts';
import { chainHash, LogFile, type LogRow } from './log-file.ts';
import { checkPast } from './past.ts';

const folder = temporaryFolder('check');
let count = 0;

const Q = { contextId: 1, faultId: 4 };
/** Machine m: what each operation is, and its events. A handler reads group 1 and answers it. */
const OPERATIONS: readonly [type: string, command: object, events: readonly object[]][] = [
  ['MachineCreate', { baseline: 'LINUX_6_12_117' }, [{ type: 'MachineCreated' }]],
  [
    'PageRequestSend',
    { addr: '0x1000' },
    [{ type: 'IopfGroupQueued', ...Q, iopfGroupId: 1, requests: [] }],
  ],
  ['FaultRead', Q, [{ type: 'IopfGroupRead', ...Q, iopfGroupId: 1, cookie: 7, reader: 'HANDLER' }]],
  ['FaultWrite', Q, [{ type: 'PageResponseWritten', ...Q, iopfGroupId: 1, cookie: 7, code: 0 }]],
  ['Destroy', { contextId: 1, id: 1_000_005 }, []],
];
const HASHES = ['0'.repeat(64)];

/** Machine m, its fork f at operation 2, a rerun r of it, a bookmark. */
function write(database: Database): void {
  database.exec(`
    create table operations (machine_id text, number integer, seq_before integer, seq integer,
      at_ms integer, type text, errno text, events text, body text, hash text);
    create table forks (machine_id text, parent_id text, number integer, seq integer, hash text);
    create table bookmarks (machine_id text, name text, seq integer, note text);
    create table reruns (machine_id text, recorded_id text, plan text)`);
  let seq = 0;
  for (const [place, [type, command, events]] of OPERATIONS.entries()) {
    const row: LogRow = {
      machine_id: 'm',
      number: place + 1,
      seq_before: seq,
      seq: seq + events.length,
      at_ms: 5,
      type,
      errno: events.length === 0 ? 'ENOENT' : '0',
      events: JSON.stringify(events.map(event => ({ ...event, v: 1 }))),
      body: JSON.stringify({ command: { type, ...command }, reply: null, trace: [] }),
      hash: '',
    };
    seq = row.seq;
    HASHES[place + 1] = chainHash(row, HASHES[place]!);
    database
      .prepare('insert into operations values (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)')
      .run(...Object.values({ ...row, hash: HASHES[place + 1] }));
  }
  database.prepare('insert into forks values (?, ?, 2, 2, ?)').run('f', 'm', HASHES[2]);
  database.exec(`insert into bookmarks values ('m', 'b', 3, 'note');
    insert into forks values ('r', 'm', 2, 2, '${HASHES[2]}');
    insert into reruns values ('r', 'm', '{"from":2,"to":2}')`);
}

/** What the clients of that server noted. */
function told(): Notes {
  const notes = new Notes();
  notes.life = 1;
  for (const [place, [command, arguments_, events]] of OPERATIONS.entries()) {
    const [seqBefore, number] = [Math.min(place, 4), place + 1];
    const acknowledged: Acknowledged = {
      machineId: 'm',
      number,
      seqBefore,
      seq: seqBefore + events.length,
      command,
      arguments: arguments_ as Acknowledged['arguments'],
      errno: events.length === 0 ? 'ENOENT' : null,
      reply: null,
      life: 1,
      order: number * 10,
      journalBytes: 0,
    };
    notes.acknowledged.push(acknowledged);
  }
  notes.forks.push({ machineId: 'f', parentId: 'm', number: 2 });
  notes.reruns.push({ machineId: 'r', recordedId: 'm', fromOperation: 2, toOperation: 2 });
  notes.bookmarks.push({ machineId: 'm', name: 'b', seq: 3, note: 'note' });
  notes.created.add('m');
  const seen = OPERATIONS.flatMap(([, , events]) => events as { type: string }[]);
  const followed = seen.map(({ type, ...data }, place) => ({ seq: place + 1, type, data }));
  notes.followed.set('m#1', followed);
  notes.deliveries.push(delivery({}));
  return notes;
}

function delivery(differences: Partial<Delivery>): Delivery {
  const usual = { machineId: 'm', iopfGroupId: 1, cookie: 7, redelivered: false };
  return { ...usual, subscription: 1, order: 31, ...differences };
}

/** What is found after `sql` changed the file and `change` the notes. */
function found(sql: string, change: (notes: Notes) => void = () => {}): string[] {
  const file = join(folder, `${++count}.sqlite`);
  const database = new SqliteDatabase(file);
  write(database);
  database.exec(sql);
  database.close();
  const notes = told();
  change(notes);
  const log = new LogFile(file);
  return [
    ...checkChains(log),
    ...checkAcknowledged(log, notes),
    ...checkPast(log, notes),
    ...checkGroups(log, notes, 'm', true),
    ...checkFollowers(log, notes, 'm', true),
  ];
}

test('nothing is wrong with what was written', () => {
  expect(found('')).toEqual([]);
});

const OF_5 = "where machine_id = 'm' and number = 5";

describe('a file', () => {
  test.each([
    ['without an operation', 'delete from operations where number = 4', 'comes before it'],
    ['without its newest operation', 'delete from operations where number = 5', 'is lost'],
    ['with another time', `update operations set at_ms = 6 ${OF_5}`, 'its hash is wrong'],
    ['with a seq too high', `update operations set seq = 9 ${OF_5}`, 'ends at 9'],
    ['with a gap of seqs', `update operations set seq_before = 3 ${OF_5}`, 'begins at 3'],
    ['with another errno', `update operations set errno = '0' ${OF_5}`, 'is another than was ack'],
    ['without a fork', "delete from forks where machine_id = 'f'", 'the fork f was ack'],
    ['with a fork at another place', 'update forks set number = 3', 'was forked at operation 3'],
    ['with a rerun that is too short', 'update forks set number = 1', 'ends at 1, not 2'],
    ['without a rerun', 'delete from reruns', 'the rerun r was acknowledged and is lost'],
    [
      'without a bookmark',
      'delete from bookmarks',
      'the bookmark m/b was acknowledged and is lost',
    ],
    ['with another bookmark', 'update bookmarks set seq = 2', 'm/b is another than'],
  ])('%s', (_, sql, what) => {
    expect(found(sql).join('\n')).toContain(what);
  });

  test('with a command that ran twice', () => {
    const again = `insert into operations select machine_id, 6, seq_before, seq, at_ms, type, errno,
      events, body, hash from operations ${OF_5}`;
    expect(found(again).join('\n')).toContain('Destroy.id=1000005 ran twice: 5, 6');
  });
});

describe('clients', () => {
  const MARKER = { command: 'PageRequestSend', field: 'addr', value: '0x1000' };
  test.each<[string, (notes: Notes) => void, string]>([
    [
      'told of one operation twice',
      notes => notes.acknowledged.push(notes.acknowledged[2]!),
      'm, operation 3 was acknowledged twice',
    ],
    [
      'told of another operation',
      notes => notes.acknowledged.push({ ...notes.acknowledged[0]!, number: 6, order: 60 }),
      'm, operation 6 (MachineCreate) was acknowledged and is lost',
    ],
    [
      'refused what ran',
      notes => notes.refused.push({ machineId: 'm', marker: MARKER, life: 1 }),
      'PageRequestSend.addr="0x1000" was refused and is operation 2',
    ],
    ['told that a machine is gone', notes => notes.gone.add('m'), 'm was deleted and is there'],
    [
      'told that a bookmark is gone',
      notes => notes.bookmarksGone.add('m/b'),
      'the bookmark m/b was deleted and is there',
    ],
    ['told of a machine', notes => notes.created.add('n'), 'n was made and is lost'],
    [
      'that missed an event',
      notes => notes.followed.get('m#1')!.splice(1, 1),
      'm#1 was sent seq 3 after 1',
    ],
    ['that miss the end', notes => notes.followed.get('m#1')!.pop(), 'm#1 saw 3 of 4 events'],
    [
      'sent another event',
      notes => notes.followed.set('m#1', [{ seq: 1, type: 'MachineLost', data: {} }]),
      'm#1 was sent {"seq":1,"type":"MachineLost","data":{}}, the log has',
    ],
    [
      'given a group with another cookie',
      notes => notes.deliveries.push(delivery({ cookie: 8, subscription: 2, redelivered: true })),
      'was delivered with cookie 8, the log has 7',
    ],
    [
      'given a group as a new one again',
      notes => notes.deliveries.push(delivery({ subscription: 2, order: 32 })),
      'iopf group 1 was delivered twice as a new one',
    ],
    [
      'given a group twice',
      notes => notes.deliveries.push(delivery({ redelivered: true, order: 32 })),
      'iopf group 1 was delivered twice to one handler',
    ],
    [
      'given a group that was answered',
      notes => notes.deliveries.push(delivery({ redelivered: true, subscription: 2, order: 41 })),
      'iopf group 1 was delivered after its answer',
    ],
  ])('%s', (_, change, what) => {
    expect(found('', change).join('\n')).toContain(what);
  });
});

describe('iopf groups', () => {
  const events = (number: number, of: readonly object[]) =>
    `update operations set events = '${JSON.stringify(of)}' where number = ${number}`;
  const answer = { type: 'PageResponseWritten', ...Q, iopfGroupId: 1, cookie: 7, code: 0 };
  test.each([
    ['answered twice', events(4, [answer, answer]), 'iopf group 1 was answered 2 times'],
    ['never answered', events(4, []), 'iopf group 1 was read and is not answered at the end'],
    ['never queued', events(2, []), 'iopf group 1 was queued 0 times'],
  ])('%s', (_, sql, what) => {
    expect(found(sql).join('\n')).toContain(what);
  });
});
