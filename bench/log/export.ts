/**
 * A machine's log taken away, taken in, and run again, against the bare libraries moving the same
 * texts: better-sqlite3 and node:fs, without hashes, checks or state.
 */
import { once } from 'node:events';
import { createWriteStream, statSync } from 'node:fs';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import SqliteDatabase from 'better-sqlite3';
import type { Command, CommandOf } from '../../src/core/machine/command.ts';
import { exportLines } from '../../src/engine/export/export.ts';
import { checkExport, importExport } from '../../src/engine/export/import.ts';
import type { Engine } from '../../src/engine/machine/engine.ts';
import { rerun } from '../../src/engine/replay/rerun.ts';
import type { Row } from '../../src/log/codec.ts';
import { openSqliteLog } from '../../src/log/sqlite/sqlite.ts';
import { MACHINE } from '../engine/workload.ts';
import { atLeast, type BenchRow, count, inDirectory, median, timed } from '../measure.ts';
import { openBare } from './log.ts';
import { FEW, type LongLog, openLongLog } from './long-log.ts';

const EVENTS = 100_000;
const ROUNDS = 5;
const RERUN_ROUNDS = 9;
/** Commands in one commit, as `whatIf` has them. */
const COMMANDS_AT_ONCE = 256;

export const EXPORT_NOTE = `\
An export hashes each line and replays the events for the final hash. An import reads the file
twice: it parses and hashes each line, replays the events, and then writes. The bare sides do
nothing of it: they select and write the lines, and insert rows that are in memory.`;

export async function benchExport(): Promise<BenchRow[]> {
  return [...(await compareFiles()), await compareRerun()];
}

function compareFiles(): Promise<BenchRow[]> {
  return inDirectory(async directory => {
    const long = await openLongLog(EVENTS);
    const rows = rowsOf(long.file);
    const times: Record<'out' | 'bareOut' | 'in' | 'bareIn', number[]> = {
      out: [],
      bareOut: [],
      in: [],
      bareIn: [],
    };
    const file = join(directory, 'export.jsonl');
    for (let round = 0; round < ROUNDS; round++) {
      times.out.push(await timed(() => exportTo(file, long)));
      times.bareOut.push(await timed(() => writeLines(join(directory, 'bare.jsonl'), long.file)));
      times.in.push(await timed(() => importFrom(file, join(directory, `in-${round}.db`))));
      const bare = openBare(join(directory, `bare-${round}.db`), 'normal');
      times.bareIn.push(await timed(() => bare.insertAll(rows)));
      bare.close();
    }
    await long.log.close();
    const amount = { bytes: statSync(file).size, operations: rows.length };
    return [
      rowOf('export, against select and write', amount, times.out, times.bareOut),
      rowOf('import, against insert in one transaction', amount, times.in, times.bareIn),
    ];
  });
}

function rowOf(
  what: string,
  { bytes, operations }: { readonly bytes: number; readonly operations: number },
  ours: readonly number[],
  bare: readonly number[],
): BenchRow {
  const text = (times: readonly number[]) =>
    `${count(bytes / 1_000 / median(times))} MB/s ${count((operations * 1_000) / median(times))} op/s`;
  const ratio = median(bare) / median(ours);
  return { what, ours: text(ours), bare: text(bare), ratio, bar: '', met: null };
}

function exportTo(file: string, { log }: LongLog): Promise<void> {
  return pipeline(Readable.from(exportLines(log, MACHINE)), createWriteStream(file));
}

async function importFrom(file: string, database: string): Promise<void> {
  const checked = checkExport(file);
  const log = await openSqliteLog({ file: database, durability: 'normal' });
  await importExport(log, file, checked, MACHINE);
  await log.close();
}

const COLUMNS = 'machine_id, number, seq_before, seq, at_ms, type, errno, events, body, hash';
type Columns = [string, number, number, number, number, string, string, string, string, string];

function rowsOf(file: string): Row[] {
  const database = new SqliteDatabase(file, { readonly: true });
  const all = database.prepare(`SELECT ${COLUMNS} FROM operations ORDER BY number`).raw().all();
  database.close();
  return (all as Columns[]).map(
    ([machineId, number, seqBefore, seq, atMs, type, errno, events, body, hash]) => {
      return { machineId, number, seqBefore, seq, atMs, type, errno, events, body, hash };
    },
  );
}

async function writeLines(file: string, database: string): Promise<void> {
  const reading = new SqliteDatabase(database, { readonly: true });
  const select = reading.prepare(`SELECT ${COLUMNS} FROM operations ORDER BY number`).raw();
  const stream = createWriteStream(file);
  for (const row of select.iterate() as Iterable<Columns>) {
    const [, number, seqBefore, seq, atMs, type, errno, events, body] = row;
    const fields = JSON.stringify({ number, seqBefore, seq, atMs, type, errno });
    stream.write(`${fields.slice(0, -1)},"events":${events},"body":${body}}\n`);
  }
  reading.close();
  stream.end();
  await once(stream, 'finish');
}

/** `whatIf` without changes, against the same commands on a new machine. */
async function compareRerun(): Promise<BenchRow> {
  const { engine, log, number } = await openLongLog(FEW);
  const all = await log.read(MACHINE, { limit: number });
  const commands = all.map(({ command }) => command);
  const ours: number[] = [];
  const bare: number[] = [];
  for (let round = 0; round < RERUN_ROUNDS; round++) {
    const again = { recordedId: MACHINE, baseline: null, policies: {}, edits: [] };
    const request = { machineId: `again-${round}`, from: 0, to: number, ...again };
    ours.push(await timed(() => rerun(engine, request)));
    bare.push(await timed(() => executeAll(engine, `anew-${round}`, commands)));
    await engine.delete(`again-${round}`);
    await engine.delete(`anew-${round}`);
  }
  await log.close();
  const rate = (times: readonly number[]) => (number * 1_000) / median(times);
  const rates = { ours: rate(ours), bare: rate(bare) };
  return atLeast('whatIf, against executing the same commands', 'op/s', rates, null);
}

async function executeAll(
  engine: Engine,
  machineId: string,
  commands: readonly Command[],
): Promise<void> {
  await engine.create(machineId, commands[0] as CommandOf<'MachineCreate'>);
  for (let from = 1; from < commands.length; from += COMMANDS_AT_ONCE) {
    const some = commands.slice(from, from + COMMANDS_AT_ONCE);
    await Promise.all(some.map(command => engine.execute(machineId, command)));
  }
}
