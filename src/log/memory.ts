/**
 * The log in memory: for tests and for machines that need not outlive the server. It keeps the
 * same rows as the database, so hashes agree, callers cannot change what was written, and the
 * codec takes part in every test.
 */
import type { NumberRange, RowStore } from './chain.ts';
import type { Row } from './codec.ts';
import type { Log } from './log.ts';
import { RowLog } from './row-log.ts';

export function openMemoryLog(): Log {
  return new RowLog(memoryStore());
}

function memoryStore(): RowStore {
  /** Machine id to its rows; number n stands at index n - 1. */
  const machines = new Map<string, Row[]>();

  const slice = (machineId: string, range: NumberRange, limit: number, backward: boolean) => {
    const all = machines.get(machineId) ?? [];
    if (!backward) return all.slice(range.first - 1, Math.min(range.last, range.first - 1 + limit));
    return all.slice(Math.max(range.first - 1, range.last - limit), range.last).reverse();
  };

  return {
    // One caller at a time, and it has just checked that the rows continue their machines.
    insert(rows) {
      for (const row of rows) {
        const all = machines.get(row.machineId);
        if (all === undefined) machines.set(row.machineId, [row]);
        else all.push(row);
      }
      return true;
    },
    lastLink: machineId => machines.get(machineId)?.at(-1) ?? null,
    link: (machineId, number) => machines.get(machineId)?.[number - 1] ?? null,
    atMs: (machineId, number) => machines.get(machineId)?.[number - 1]?.atMs ?? null,
    rows: slice,
    eventRows: slice,
    machineIds: (after, limit) =>
      [...machines.keys()]
        .filter(id => byUtf8(id, after) > 0)
        .sort(byUtf8)
        .slice(0, limit),
    delete: machineId => machines.delete(machineId),
    close: () => machines.clear(),
  };
}

function byUtf8(left: string, right: string): number {
  return Buffer.compare(Buffer.from(left), Buffer.from(right));
}
