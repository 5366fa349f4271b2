/** Traces through the engine, on the in-memory log. */
import { Engine } from '../../engine/machine/engine.ts';
import { openMemoryLog } from '../../log/memory.ts';
import type { Entrance } from './conform-run.ts';

const MACHINE_ID = 'conform';

export function engineEntrance(): Entrance {
  const engine = new Engine({ log: openMemoryLog(), now: () => 0 });
  return {
    async begin(baseline) {
      await engine.delete(MACHINE_ID);
      await engine.create(MACHINE_ID, {
        type: 'MachineCreate',
        baseline,
        devices: [],
      });
    },
    run: command => engine.execute(MACHINE_ID, command),
  };
}
