/** Machines to take away, their exports, and files to put them in. */
import { hash } from 'node:crypto';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Command } from '../../src/core/machine/command.ts';
import { exportLines } from '../../src/engine/export/export.ts';
import { Engine } from '../../src/engine/machine/engine.ts';
import { ExportRefusedError } from '../../src/log/export/export-format.ts';
import type { Log } from '../../src/log/log.ts';
import { openMemoryLog } from '../../src/log/memory.ts';
import {
  FAULTING,
  faultWrite,
  ioasAlloc,
  OPEN,
  pageRequest,
  QUEUE,
  temporaryFile,
} from '../engine/machine/fixtures.ts';

/** 2026-01-01T00:00:00Z; operation n of a machine runs n milliseconds after it. */
export const AT_MS = 1_767_225_600_000;

const CREATE_EMPTY = { type: 'MachineCreate', baseline: 'LINUX_6_12_117', devices: [] } as const;

/** Three operations with few events, the last one refused. */
export const SMALL: readonly Command[] = [
  OPEN,
  ioasAlloc(1),
  { type: 'Destroy', contextId: 1, id: 7 },
];

/** Two groups of page requests: one read and answered, one taken away by a detach. */
export const FAULTS: readonly Command[] = [
  ...FAULTING,
  pageRequest(7, 0x1_0000n, false),
  pageRequest(7, 0x1_1000n),
  { type: 'FaultRead', ...QUEUE, count: 4000, reader: 'READ' },
  pageRequest(8, 0x2_0000n),
  faultWrite(1),
  { type: 'DeviceDetach', contextId: 1, devId: 1 },
];

export function engineOn(log: Log): Engine {
  let now = AT_MS;
  return new Engine({ log, now: () => ++now });
}

/** A log with the machine `m` that ran the commands. */
export async function logOf(
  commands: readonly Command[],
  create: Command & { type: 'MachineCreate' } = CREATE_EMPTY,
): Promise<Log> {
  const log = openMemoryLog();
  const engine = engineOn(log);
  await engine.create('m', create);
  for (const command of commands) await engine.execute('m', command);
  return log;
}

export async function exportOf(log: Log, machineId = 'm'): Promise<string> {
  let text = '';
  for await (const line of exportLines(log, machineId)) text += line;
  return text;
}

/** A file with these contents, in a directory that goes when the test is over. */
export function fileOf(contents: string | Uint8Array): string {
  const file = temporaryFile();
  writeFileSync(file, contents);
  return file;
}

/** Lines without their breaks, as if they had been written so: each with the hash it would have. */
export function rehashed(lines: readonly string[]): string {
  let previousHash = '0'.repeat(64);
  let text = '';
  for (const line of lines) {
    const hashed = line.replace(/(,"hash":"[0-9a-f]{64}")?\}$/, '');
    previousHash = hash('sha256', `${previousHash}\n${hashed}`, 'hex');
    text += `${hashed},"hash":"${previousHash}"}\n`;
  }
  return text;
}

/** What the function is refused with. */
export function refusal(run: () => unknown): ExportRefusedError {
  try {
    run();
  } catch (error) {
    if (error instanceof ExportRefusedError) return error;
    throw error;
  }
  throw new Error('it was not refused');
}

/** Where the golden exports are. */
export const GOLDEN = join(import.meta.dirname, 'golden');

/** The events of an export as `Type@version`. */
export function kindsIn(text: string): Set<string> {
  const operations = text.trimEnd().split('\n').slice(1, -1);
  const events = operations.flatMap(
    line => (JSON.parse(line) as { events: { type: string; v: number }[] }).events,
  );
  return new Set(events.map(({ type, v }) => `${type}@${v}`));
}
