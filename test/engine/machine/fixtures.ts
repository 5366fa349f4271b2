/** Engines over logs that can be watched and made to fail. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { onTestFinished } from 'vitest';
import type { Command } from '../../../src/core/machine/command.ts';
import type { Operation } from '../../../src/core/machine/operation.ts';
import { canonicalText } from '../../../src/core/machine/snapshot.ts';
import { Engine } from '../../../src/engine/machine/engine.ts';
import { DEFAULT_TOPOLOGY } from '../../../src/engine/trace/topology.ts';
import type { Log, LogEntry } from '../../../src/log/log.ts';
import { openMemoryLog } from '../../../src/log/memory.ts';
import { openSqliteLog } from '../../../src/log/sqlite/sqlite.ts';

/** A file name in a directory that goes when the test is over. */
export function temporaryFile(): string {
  const directory = mkdtempSync(join(tmpdir(), 'faultline-test-'));
  onTestFinished(() => rmSync(directory, { recursive: true, force: true }));
  return join(directory, 'log.sqlite');
}

/** A log on a file, closed when the test is over unless the test closes it. */
export async function sqliteLog(file: string): Promise<Log> {
  const log = await openSqliteLog({ file, durability: 'normal' });
  onTestFinished(() => log.close());
  return log;
}

/** A log that counts its appends and asks before each of them. */
export interface WatchedLog extends Log {
  readonly batches: number[];
}

/** `before` gets the number of the append, from 1, and its entries; it may throw. */
export function watched(
  log: Log,
  before: (append: number, entries: readonly LogEntry[]) => void = () => {},
): WatchedLog {
  const batches: number[] = [];
  return {
    ...methodsOf(log),
    batches,
    async append(entries) {
      batches.push(entries.length);
      before(batches.length, entries);
      await log.append(entries);
    },
  };
}

/** The log's methods as functions, for spreading: those of a class are not its instance's own. */
function methodsOf(log: Log): Log {
  const names = Object.getOwnPropertyNames(Object.getPrototypeOf(log)) as (keyof Log)[];
  return Object.fromEntries(
    names.map(name => [name, (log[name] as () => unknown).bind(log)]),
  ) as unknown as Log;
}

/** A clock that counts milliseconds, so that runs are alike. */
export function engineOver(log: Log = openMemoryLog()): Engine {
  let now = 0;
  return new Engine({ log, now: () => ++now });
}

export const CREATE = {
  type: 'MachineCreate',
  baseline: 'LINUX_6_12_117',
  devices: DEFAULT_TOPOLOGY,
} as const;

export const OPEN: Command = { type: 'ContextOpen' };
export const ioasAlloc = (contextId: number): Command => ({
  type: 'IoasAlloc',
  contextId,
  flags: 0,
});

export const PCI = '0000:01:00.0';

/** A device attached to a fault-capable hwpt: context 1, device 1, IOAS 2, queue 4, hwpt 5. */
export const FAULTING: readonly Command[] = [
  OPEN,
  { type: 'DeviceBind', contextId: 1, bdf: PCI },
  ioasAlloc(1),
  hwptAlloc({ flags: 1, ptId: 2 }),
  { type: 'FaultQueueAlloc', contextId: 1, flags: 0 },
  hwptAlloc({ flags: 4, ptId: 3, nested: true, faultId: 4 }),
  { type: 'DeviceAttach', contextId: 1, devId: 1, ptId: 5 },
];
export const QUEUE = { contextId: 1, faultId: 4 } as const;

export function hwptAlloc(options: {
  flags: number;
  ptId: number;
  nested?: boolean;
  faultId?: number;
}): Command {
  const { flags, ptId, nested = false, faultId = 0 } = options;
  return {
    type: 'HwptAlloc',
    contextId: 1,
    devId: 1,
    flags,
    ptId,
    faultId,
    dataType: nested ? 1 : 0,
    dataLen: nested ? 24 : 0,
    userData: nested ? { kind: 'VTD_S1', flags: 0n, pgtblAddr: 0x1000n, addrWidth: 48 } : null,
  };
}

export function pageRequest(grpid: number, addr = 0x1000n, lastPage = true): Command {
  return { type: 'PageRequestSend', bdf: PCI, pasid: null, grpid, perm: 1, addr, lastPage };
}

export function faultWrite(cookie: number, code = 0): Command {
  return { type: 'FaultWrite', ...QUEUE, count: 8, responses: [{ cookie, code }] };
}

/** Runs the commands one after the other; each must succeed. */
export async function runAll(
  engine: Engine,
  machineId: string,
  commands: readonly Command[],
): Promise<Operation[]> {
  const operations: Operation[] = [];
  for (const command of commands) {
    const operation = await engine.execute(machineId, command);
    if (operation.errno !== 0) throw new Error(`${command.type}: ${operation.errno}`);
    operations.push(operation);
  }
  return operations;
}

/** A machine `m` that can fault. */
export async function faultingMachine(engine: Engine): Promise<void> {
  await engine.create('m', CREATE);
  await runAll(engine, 'm', FAULTING);
}

/** The state of a machine as text, in memory and as its log gives it anew. */
export async function bothStates(engine: Engine, machineId: string): Promise<[string, string]> {
  const live = await engine.settled(machineId);
  const anew = await engineOver(engine.log).settled(machineId);
  return [canonicalText(live.state), canonicalText(anew.state)];
}
