/**
 * Time for modelled hardware: `HardwareAdvance` by the clock, logged like any other operation.
 *
 * A machine gets ticks while something in it waits for time to pass, a DMA with a deadline or an ATC
 * invalidation, and once something was asked of it since the server started. Time that nobody waits
 * for is not told, so that an idle machine's log does not grow.
 */
import { TICKS_MAX } from '../abi/limits.ts';
import { waitsForTime } from '../core/hardware/unit/time.ts';
import type { MachineState } from '../core/machine/state.ts';
import type { Engine } from '../engine/machine/engine.ts';
import { BusyError, UnknownMachineError } from '../engine/machine/errors.ts';
import { StorageError } from '../log/storage-error.ts';

export interface Ticker {
  /** Resolves when the last tick is committed or given up. */
  stop(): Promise<void>;
}

export function startTicker(engine: Engine, tickMs: number): Ticker {
  let told = performance.now();
  let running: Promise<void> = Promise.resolve();
  let stopped = false;
  const tick = async () => {
    // Of a late timer each tick that passed is told.
    const ticks = Math.min(TICKS_MAX, Math.floor((performance.now() - told) / tickMs));
    if (ticks > 0) {
      told += ticks * tickMs;
      await advanceAll(engine, ticks);
    }
    if (!stopped) timer = setTimeout(run, tickMs);
  };
  const run = () => {
    running = tick();
  };
  let timer = setTimeout(run, tickMs);
  return {
    async stop() {
      stopped = true;
      clearTimeout(timer);
      await running;
    },
  };
}

async function advanceAll(engine: Engine, ticks: number): Promise<void> {
  const machines = await engine.inMemory();
  await Promise.all(machines.map(({ machineId }) => advance(engine, machineId, ticks)));
}

/** What could not be written has not happened; the next tick comes by itself. */
async function advance(engine: Engine, machineId: string, ticks: number): Promise<void> {
  const command = { type: 'HardwareAdvance', ticks } as const;
  try {
    const choose = (state: MachineState) => (waitsForTime(state) ? command : null);
    await engine.executeChosen(machineId, choose, () => {});
  } catch (error) {
    const passing =
      error instanceof StorageError ||
      error instanceof UnknownMachineError ||
      error instanceof BusyError;
    if (!passing) throw error;
  }
}
