/**
 * A reader of the database that shares nothing with src/log: plain SQL, and the hash chain as
 * docs/ARCHITECTURE.md and the head of src/log/codec.ts describe it.
 */
import { createHash } from 'node:crypto';
import { cpSync, existsSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import SqliteDatabase from 'better-sqlite3';
import type { Json } from '../load/notes.ts';

export type Fields = { readonly [key: string]: Json };

export interface LogRow {
  readonly machine_id: string;
  readonly number: number;
  readonly seq_before: number;
  readonly seq: number;
  readonly at_ms: number;
  readonly type: string;
  readonly errno: string;
  readonly events: string;
  readonly body: string;
  readonly hash: string;
}

interface ForkRow {
  readonly machine_id: string;
  readonly parent_id: string;
  readonly number: number;
  readonly seq: number;
  readonly hash: string;
}

export interface BookmarkRow {
  readonly machine_id: string;
  readonly name: string;
  readonly seq: number;
  readonly note: string;
}

export interface RerunRow {
  readonly machine_id: string;
  readonly recorded_id: string;
  readonly plan: string;
}

export interface LoggedEvent {
  readonly seq: number;
  readonly type: string;
  readonly data: Fields;
}

export class LogFile {
  /** What SQLite finds wrong, or `ok`. */
  readonly integrity: string;
  /** What each machine has by itself, by number. */
  readonly operations = new Map<string, Map<number, LogRow>>();
  readonly forks = new Map<string, ForkRow>();
  readonly bookmarks: readonly BookmarkRow[];
  readonly reruns: readonly RerunRow[];

  /** Reads a copy, so that what the server will find there stays as it is. */
  constructor(file: string) {
    const folder = mkdtempSync(join(tmpdir(), 'faultline-crash-copy-'));
    try {
      const copy = join(folder, basename(file));
      for (const end of ['', '-wal', '-journal']) {
        if (existsSync(file + end)) cpSync(file + end, copy + end);
      }
      const database = new SqliteDatabase(copy);
      try {
        this.integrity = database.pragma('integrity_check(1)', { simple: true }) as string;
        const all = <T>(table: string): T[] => {
          const exists = database
            .prepare("select 1 from sqlite_schema where type = 'table' and name = ?")
            .get(table);
          if (exists === undefined) return [];
          return database.prepare(`select * from ${table}`).all() as T[];
        };
        for (const row of all<LogRow>('operations')) {
          const rows = this.operations.get(row.machine_id) ?? new Map<number, LogRow>();
          this.operations.set(row.machine_id, rows.set(row.number, row));
        }
        for (const row of all<ForkRow>('forks')) this.forks.set(row.machine_id, row);
        this.bookmarks = all<BookmarkRow>('bookmarks');
        this.reruns = all<RerunRow>('reruns');
      } finally {
        database.close();
      }
    } finally {
      rmSync(folder, { recursive: true, force: true });
    }
  }

  machineIds(): string[] {
    return [...new Set([...this.operations.keys(), ...this.forks.keys()])];
  }

  has(machineId: string): boolean {
    return this.operations.has(machineId) || this.forks.has(machineId);
  }

  /** Under whose id the machine's operation stands: its own, or one whose past it shares. */
  holder(machineId: string, number: number): string {
    const fork = this.forks.get(machineId);
    return fork === undefined || number > fork.number
      ? machineId
      : this.holder(fork.parent_id, number);
  }

  row(machineId: string, number: number): LogRow | undefined {
    return this.operations.get(this.holder(machineId, number))?.get(number);
  }

  /** The newest operation; 0 if there is none. */
  head(machineId: string): { readonly number: number; readonly seq: number } {
    const own = this.operations.get(machineId);
    const number = own === undefined ? 0 : Math.max(...own.keys());
    const found = own?.get(number) ?? this.forks.get(machineId);
    return { number: found?.number ?? 0, seq: found?.seq ?? 0 };
  }

  /** All of the machine's events, oldest first. */
  events(machineId: string): LoggedEvent[] {
    const events: LoggedEvent[] = [];
    for (let number = 1; ; number++) {
      const row = this.row(machineId, number);
      if (row === undefined) return events;
      let seq = row.seq_before;
      for (const { type, v: _, ...data } of eventsOf(row)) {
        events.push({ seq: ++seq, type: type as string, data });
      }
    }
  }
}

export const eventsOf = (row: LogRow) => JSON.parse(row.events) as Fields[];

export interface Body {
  readonly command: Fields;
  readonly reply: Json;
}

export const bodyOf = (row: LogRow) => JSON.parse(row.body) as Body;

/** The hash that `row` must carry after the one before it; 64 zeros come before the first. */
export function chainHash(row: LogRow, before: string): string {
  const { machine_id, number, seq_before, seq, at_ms, type, errno, events, body } = row;
  const header = JSON.stringify([machine_id, number, seq_before, seq, at_ms, type, errno]);
  return createHash('sha256').update([before, header, events, body].join('\n')).digest('hex');
}
