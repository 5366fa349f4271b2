/** The patch as posted against 6.12.117, on the kernel traces. */
import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import type { BaselineName } from '../../src/abi/baselines.ts';
import { type Entrance, runSequence } from '../../src/cli/conform/conform-run.ts';
import { REASONS } from '../../src/cli/conform/difference-reasons.ts';
import type { TraceSequence } from '../../src/cli/conform/trace-format.ts';
import { compareFile, compareSequence, type WhatIfCounts } from '../../src/cli/conform/what-if.ts';
import type { Command } from '../../src/core/machine/command.ts';
import { execute } from '../../src/core/machine/execute.ts';
import type { Outcome } from '../../src/core/machine/operation.ts';
import { initialState } from '../../src/core/machine/state.ts';
import { REFERENCE_TRACES, readTraces } from './traces.ts';

/** The outcomes of a sequence's commands on a kernel, by the core alone. */
function outcomes(commands: readonly Command[], baseline: BaselineName): Outcome[] {
  const state = initialState();
  execute(state, { type: 'MachineCreate', baseline, devices: [] });
  return commands.map(command => execute(state, command));
}

async function commandsOf(sequence: TraceSequence): Promise<Command[]> {
  const commands: Command[] = [];
  let state = initialState();
  const entrance: Entrance = {
    async begin() {
      state = initialState();
      execute(state, { type: 'MachineCreate', baseline: 'LINUX_6_12_117', devices: [] });
    },
    async run(command) {
      commands.push(command);
      return execute(state, command);
    },
  };
  const counts = { sequences: 0, operations: 0, divergences: 0 };
  await runSequence(entrance, sequence, 0, counts, () => {});
  return commands;
}

/** An outcome without the numbers that are ours: written anew here, to be independent. */
function comparable({ errno, reply, events }: Outcome): string {
  const text = JSON.stringify({ errno, reply, events }, (_, value: unknown) =>
    typeof value === 'bigint' ? String(value) : value,
  );
  return text
    .replaceAll(/"(attachHandleId|iopfGroupId|inFlightId)":\d+/g, '"$1":1')
    .replaceAll(/"plantedSeq":(null|\d+)/g, '')
    .replaceAll(/(attach handle|iopf group) \d+/g, '$1');
}

test.each(REFERENCE_TRACES)(
  'every operation of %s that differs is reported, and no other',
  async file => {
    const sequences = readTraces(file);
    let differing = 0;
    for (let i = 0; i < sequences.length; i += 5) {
      const commands = await commandsOf(sequences[i]!);
      const patch = outcomes(commands, 'V6_PATCH');
      const wanted = outcomes(commands, 'LINUX_6_12_117')
        // Operation 1 makes the machine.
        .map((outcome, index) =>
          comparable(outcome) === comparable(patch[index]!) ? 0 : index + 2,
        )
        .filter(number => number > 0);
      const reported: number[] = [];
      await compareSequence(sequences[i]!, 'V6_PATCH', step => {
        reported.push(step.recorded!.number);
        expect(step.rerun!.number).toBe(step.recorded!.number);
      });
      expect(reported, `sequence ${i}`).toEqual(wanted);
      differing += wanted.length;
    }
    expect(differing).toBeGreaterThan(0);
  },
);

describe('on all traces', () => {
  test('each difference has a known reason, each reason is met, and KERNEL.md counts them', async () => {
    const counts: WhatIfCounts = { operations: 0, findings: new Map() };
    for (const file of REFERENCE_TRACES)
      await compareFile(`test/traces/${file}`, 'V6_PATCH', counts, () => {});
    const found = [...counts.findings.values()];
    expect(found.filter(({ reason }) => reason === null)).toEqual([]);
    expect(found.map(({ label }) => label).sort()).toEqual(REASONS.map(({ name }) => name).sort());
    const page = readFileSync('docs/KERNEL.md', 'utf8');
    for (const { label, count } of found) expect(page).toContain(`| ${label} | ${count} |`);
    const sum = found.reduce((all, { count }) => all + count, 0);
    expect(page).toContain(`Of ${counts.operations} operations ${sum} differ`);
  });

  test('a kernel against itself differs in nothing', async () => {
    const [sequence] = readTraces('mixed.jsonl.gz');
    await compareSequence(sequence!, 'LINUX_6_12_117', step => expect(step).toBeNull());
  });
});
