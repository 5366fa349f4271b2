/** A past may be run again from the middle under any other kernel: it goes on from any state. */
import { expect, test } from 'vitest';
import type { Command } from '../../../src/core/machine/command.ts';
import type { Event } from '../../../src/core/machine/event.ts';
import { evolve } from '../../../src/core/machine/evolve.ts';
import { execute } from '../../../src/core/machine/execute.ts';
import { canonicalText } from '../../../src/core/machine/snapshot.ts';
import { initialState } from '../../../src/core/machine/state.ts';
import { closingCommands, randomCommand } from '../../../src/sim/generator/generator.ts';
import { KERNELS } from '../../../src/sim/kernels.ts';
import { DEVICES } from '../../../src/sim/machine.ts';
import { Prng } from '../../../src/sim/prng.ts';

test.each(Array.from({ length: 40 }, (_, seed) => seed + 1))(
  'kernels and policies replaced along the way leave nothing behind, seed %i',
  seed => {
    const random = new Prng(seed);
    const state = initialState();
    const log: Event[] = [];
    const run = (command: Command) => log.push(...execute(state, command).events);
    run({ type: 'MachineCreate', ...random.pick(KERNELS), devices: DEVICES });
    for (let step = 1; step <= 300; step++) {
      if (step % 75 === 0) run({ type: 'KernelReplace', ...random.pick(KERNELS) });
      run(randomCommand(random, state));
    }
    for (const command of closingCommands(state)) run(command);
    expect(state.contexts.size).toBe(0);
    expect(state.iopfGroups.size).toBe(0);
    const replayed = initialState();
    for (const event of log) evolve(replayed, event);
    expect(canonicalText(replayed)).toBe(canonicalText(state));
  },
);
