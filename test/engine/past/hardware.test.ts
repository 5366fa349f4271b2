/** Looking back at machines with modelled hardware: each moment as it was, and what lies between. */
import { expect, test } from 'vitest';
import { diffStates } from '../../../src/core/explain/diff.ts';
import type { Command, CommandOf } from '../../../src/core/machine/command.ts';
import { evolve } from '../../../src/core/machine/evolve.ts';
import { canonicalText, fromPlain, toPlain } from '../../../src/core/machine/snapshot.ts';
import { initialState } from '../../../src/core/machine/state.ts';
import { allOperations } from '../../../src/engine/export/export.ts';
import { checkExport, importExport } from '../../../src/engine/export/import.ts';
import type { Engine } from '../../../src/engine/machine/engine.ts';
import { ReExecution } from '../../../src/engine/machine/re-execute.ts';
import { History } from '../../../src/engine/past/history.ts';
import { keptRerun, rerun } from '../../../src/engine/replay/rerun.ts';
import { openMemoryLog } from '../../../src/log/memory.ts';
import { HardwareGenerator } from '../../../src/sim/hardware/generator/generator.ts';
import {
  HARDWARE_VARIANTS,
  hardwareProfileOf,
  seedsOf,
} from '../../../src/sim/hardware/profile.ts';
import { Prng } from '../../../src/sim/prng.ts';
import { HARDWARE_CASES, type HardwareHazard } from '../../core/check/hardware-hazards.ts';
import { Rig } from '../../core/hardware/rig.ts';
import { exportOf, fileOf } from '../../export/fixtures.ts';
import { engineOver, runAll } from '../machine/fixtures.ts';

const IOVA = 0x4000_0000n;

async function recorded(commands: readonly Command[]): Promise<Engine> {
  const engine = engineOver();
  const [create, ...rest] = commands;
  await engine.create('m', create as CommandOf<'MachineCreate'>);
  await runAll(engine, 'm', rest);
  return engine;
}

const commandsOf = (rig: Rig) => rig.steps().map(({ command }) => command);

/** The state at every seq is the one that a replay from the start makes; differences show both ways. */
async function expectPast(engine: Engine): Promise<void> {
  const history = new History(engine);
  const state = initialState();
  let before = fromPlain(toPlain(state));
  for await (const { events } of allOperations(engine.log, 'm')) {
    for (const event of events) {
      evolve(state, event);
      const past = await history.stateAt('m', state.seq);
      expect(canonicalText(past), `at ${state.seq}, ${event.type}`).toBe(canonicalText(state));
      const text = (seq: number, of: typeof past) => canonicalText({ ...of, seq });
      const same = text(0, before) === text(0, past);
      expect(diffStates(before, past).length === 0, `diff to ${state.seq}`).toBe(same);
      before = fromPlain(toPlain(past));
    }
  }
}

test.each(Object.keys(HARDWARE_CASES) as HardwareHazard[])('%s', async name => {
  const engine = await recorded(commandsOf(HARDWARE_CASES[name].run()));
  await expectPast(engine);
  await expectTakenAway(engine);
});

/** It comes back from a file as it was, and runs again as it did. */
async function expectTakenAway({ log }: Engine): Promise<void> {
  const text = await exportOf(log);
  const file = fileOf(text);
  const again = new ReExecution();
  const checked = checkExport(file, operation => expect(again.run(operation)).toBeNull());
  const other = openMemoryLog();
  await importExport(other, file, checked, 'm');
  expect(await exportOf(other)).toBe(text);
}

const STEPS = 60;

test.each(HARDWARE_VARIANTS)('random operations on %s', async variant => {
  const [seed] = seedsOf(variant, 1);
  const profile = hardwareProfileOf(seed!);
  const { baseline, policies, iommus, devices } = profile;
  const generator = new HardwareGenerator(new Prng(seed!), profile);
  const engine = engineOver();
  await engine.create('m', { type: 'MachineCreate', baseline, policies, iommus, devices });
  for (let step = 0; step < STEPS; step++) {
    const command = generator.next((await engine.settled('m')).state);
    if (command.type !== 'KernelReplace') await engine.execute('m', command);
  }
  await expectPast(engine);
});

test('a difference names caches and queues', async () => {
  const rig = new Rig({ iommu: { vendor: 'RISCV', prqEntries: 4, service: 'MANUAL' } });
  const from = fromPlain(toPlain(rig.state));
  rig.guestMap(IOVA, 0x2_0000n);
  rig.dma({ iova: IOVA });
  for (let grpid = 1; grpid < 5; grpid++) rig.request({ grpid });
  const fields = diffStates(from, rig.state)
    .filter(({ object }) => object.kind === 'IOMMU' || object.kind === 'PHYSICAL_DEVICE')
    .map(({ object, field }) => `${object.kind} ${field}`);
  expect(fields).toEqual([
    'PHYSICAL_DEVICE priState',
    'PHYSICAL_DEVICE atc',
    'IOMMU pageRequestQueue',
    'IOMMU iotlb',
  ]);
});

test('what if INVALID had been answered: nothing is called wrong, and the DMA has ended', async () => {
  const rig = HARDWARE_CASES.SUCCESS_WITHOUT_MAPPING.run();
  const commands = commandsOf(rig);
  const engine = await recorded(commands);
  const answer = commands.findIndex(({ type }) => type === 'FaultWrite');
  const wrong = commands[answer] as CommandOf<'FaultWrite'>;
  const responses = wrong.responses.map(response => ({ ...response, code: 1 }));
  await rerun(engine, {
    machineId: 'right',
    recordedId: 'm',
    from: 0,
    to: commands.length,
    baseline: null,
    policies: {},
    edits: [{ operation: answer + 1, before: [], instead: { ...wrong, responses } }],
  });
  expect(await keptRerun(engine, 'right')).not.toBeNull();
  const { state } = await engine.settled('right');
  expect((await engine.settled('m')).state.hazardCount).toBe(1);
  expect(state.hazardCount).toBe(0);
  const [device] = [...state.physicalDevices.values()];
  expect(device).toMatchObject({ hardware: { dmas: new Map(), pri: { enabled: true, used: 0 } } });
});
