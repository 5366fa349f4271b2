/**
 * Writes exports for the event types and versions that no golden export holds yet, and prints
 * the lines to add to golden.test.ts: `node test/export/write-golden.ts`. What is there is left alone:
 * a golden export is how an older Faultline wrote it, and is never made anew.
 *
 * The commands are those of TABLES, then random ones, from a seed, on every kernel and policy, with
 * failing allocations; of the random ones only those that are needed are kept.
 */

import { hash } from 'node:crypto';
import { existsSync, globSync, readFileSync, writeFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { DEFAULT_BASELINE } from '../../src/abi/baselines.ts';
import type { Command } from '../../src/core/machine/command.ts';
import { execute } from '../../src/core/machine/execute.ts';
import type { Operation, Outcome } from '../../src/core/machine/operation.ts';
import { failing } from '../../src/core/machine/outside.ts';
import { initialState, type MachineState } from '../../src/core/machine/state.ts';
import { exportLines } from '../../src/engine/export/export.ts';
import { openMemoryLog } from '../../src/log/memory.ts';
import { EVENT_VERSIONS } from '../../src/log/upcast.ts';
import { closingCommands, randomCommand } from '../../src/sim/generator/generator.ts';
import { KERNELS, type Kernel } from '../../src/sim/kernels.ts';
import { DEVICES } from '../../src/sim/machine.ts';
import { Prng } from '../../src/sim/prng.ts';
import { HARDWARE_CASES } from '../core/check/hardware-hazards.ts';
import { BDF, FUNCTION, op, Rig } from '../core/hardware/rig.ts';
import { MOCK_PASIDS, PCI_FAULTING } from '../core/machine/setups.ts';
import { Machine } from '../core/machine/table.ts';
import { AT_MS, GOLDEN, kindsIn } from './fixtures.ts';

const SEEDS = 500;
/** From one seed's kernel to the next one's: coprime to their number, so that each has its turn. */
const KERNELS_STEP = 7;
const STEPS = 400;

/** `Type@version` of today's events. */
const kinds = new Set(Object.entries(EVENT_VERSIONS).map(([type, v]) => `${type}@${v}`));
for (const file of globSync(join(GOLDEN, '*.jsonl'))) {
  for (const kind of kindsIn(readFileSync(file, 'utf8'))) kinds.delete(kind);
}

/** A command, and which allocation of its fails. */
interface Step {
  readonly command: Command;
  readonly failNth?: number;
}

/** What random commands seldom or never do. */
const TABLES: Readonly<Record<string, string>> = {
  faults: `${PCI_FAULTING}
    send 0000:01:00.0 pasid=5 grpid=7 more
    send 0000:01:00.0 pasid=5 grpid=7
    read q 4000
    send 0000:01:00.0 grpid=8
    write q to=1:0
    detach dev
  `,
  dirty: `
    ioas = ioasAlloc
    m = mock ioas
    hwpt = hwptAlloc m.dev ioas flags=2
    map ioas 0x1000000 0x2000
    track hwpt
    dirty hwpt 0x1001000 0x1000 page=0x800
    track hwpt flags=0
    track hwpt
  `,
  vpri: `
    pf = bind 0000:03:00.0
    vf = bind 0000:03:00.4
    ioas = ioasAlloc
    parent = hwptAlloc pf ioas flags=1
    q = faultQueueAlloc
    fault = hwptAlloc pf parent flags=4 data=vtd fault=q
    attach pf fault
    attach vf fault
    send 0000:03:00.4 grpid=1
    read q 40
    write q to=1:2
    vpriReset 0000:03:00.4
  `,
  'user-memory': `
    open process=7 shares
    ioas = ioasAlloc ctx=2
    map ioas 0x1000000 0x4000 ctx=2
    m = mock ioas ctx=2
    memory gone=0x10001000-0x10001fff there=0x20000000-0x2000ffff readOnly ctx=2
  `,
  'access-written': `
    ioas = ioasAlloc
    map ioas 0x1000000 0x1000
    a = access ioas
    rw a 0x1000000 0x4 write data=01020304
  `,
  'area-split': `
    ioas = ioasAlloc
    vfioIoas 1 ioas=ioas
    vfioSet 1
    vfioMap 0x1000000 0x4000
    m = mock ioas
    vfioUnmap 0x1001000 0x1000
  `,
};

/** What is optional in events of attach and detach, too. */
const PASIDS = `${MOCK_PASIDS}
  pasidAttach one 5 wide
  pasidAttach m 5 wide
  pasidReplace one 5 wide2
  pasidAttach one 1024 wide
  pasidDetach one 5
  pasidDetach m 5
`;

/** No operation of a kernel: whatIf alone runs it. */
const REPLACED: readonly Step[] = [
  ...stepsOf(PCI_FAULTING),
  { command: { type: 'KernelReplace', ...KERNELS[0]! } },
];

await writeIfNew('kernel-replaced', REPLACED, false);
for (const [name, { run }] of Object.entries(HARDWARE_CASES)) {
  await writeIfNew(`hardware-${name.toLowerCase().replaceAll('_', '-')}`, run().steps(), true);
}
await writeIfNew('pasids', stepsOf(PASIDS, 'LINUX_7_3_4'), false);
await writeIfNew('hardware-registers', registers().steps(), false);
await writeIfNew('hardware-failure', failure().steps(), false);
await writeIfNew('hardware-stalls-terminated', terminated().steps(), false);
for (const [name, table] of Object.entries(TABLES)) await writeIfNew(name, stepsOf(table), false);
for (let seed = 1; seed <= SEEDS && kinds.size > 0; seed++) {
  const kernel = KERNELS[(seed * KERNELS_STEP) % KERNELS.length]!;
  await writeIfNew(nameOf(kernel, seed), randomSteps(kernel, seed), true);
}
if (kinds.size > 0) process.stdout.write(`not found: ${[...kinds].join(' ')}\n`);

async function writeIfNew(name: string, steps: readonly Step[], shorten: boolean): Promise<void> {
  const file = join(GOLDEN, `${name}.jsonl`);
  const found = newKinds(steps);
  if (found.size === 0 || existsSync(file)) return;
  const text = await exportOf(shorten ? shortened(steps, found) : steps);
  writeFileSync(file, text, { flag: 'wx' });
  for (const kind of kindsIn(text)) kinds.delete(kind);
  const { finalHash } = JSON.parse(text.trimEnd().split('\n').at(-1)!);
  const row = [basename(file), hash('sha256', text), finalHash].map(cell => `'${cell}'`);
  process.stdout.write(`  [${row.join(', ')}],\n`);
}

/** Registers of a function and of its IOMMU, and what seldom comes. */
function registers(): Rig {
  const rig = new Rig({ fn: { ats: { ...FUNCTION.ats!, respondsToInvalidation: false } } });
  rig.request({ grpid: 1, pasid: 5, perm: 0 });
  rig.request({ grpid: 1 });
  rig.run('PriDisable', { bdf: BDF });
  rig.answer(rig.read()[0]!, 0);
  rig.run('PriResetSend', { bdf: BDF });
  rig.run('PriEnable', { bdf: BDF, allocation: 4 });
  rig.run('PrqSwitch', { iommuNo: 0, enabled: false });
  rig.guestMap(0x4000_0000n, 0x2_0000n);
  rig.dma({ iova: 0x4000_0000n });
  rig.invalidate();
  rig.run('HardwareAdvance', { ticks: 100 });
  rig.run('QueueErrorClear', { iommuNo: 0 });
  rig.invalidate();
  rig.load([
    op({ op: 'TRANSLATE', iova: 0x4000_0000n, length: 8n }),
    op({ op: 'ECHO', iova: 0x4000_0000n, length: 8n }),
  ]);
  rig.runProgram();
  rig.run('DeviceReset', { bdf: BDF });
  rig.run('PriDisable', { bdf: BDF });
  rig.run('AtsDisable', { bdf: BDF });
  rig.dma({ iova: 0x5000_0000n });
  return rig;
}

/** A failure, and an answer after it. */
function failure(): Rig {
  const rig = new Rig({ baseline: 'V6_PATCH' });
  rig.dma({ iova: 0x4000_0000n });
  rig.dma({ iova: 0x5000_0000n });
  const [first, second] = rig.read();
  rig.answer(first!, 2);
  rig.answer(second!, 0);
  return rig;
}

/** CMD_STALL_TERM. */
function terminated(): Rig {
  const rig = new Rig({ iommu: { vendor: 'SMMUV3' }, fn: { stall: true, ats: null } });
  rig.dma({ iova: 0x4000_0000n });
  rig.run('StallTerminate', { bdf: BDF });
  return rig;
}

function nameOf({ baseline, policies }: Kernel, seed: number): string {
  const words = [baseline, ...Object.values(policies), seed].join('-');
  return words.toLowerCase().replaceAll('_', '-');
}

function stepsOf(table: string, baseline = DEFAULT_BASELINE): Step[] {
  const steps: Step[] = [];
  class Recorder extends Machine {
    override execute(command: Command): Outcome {
      steps.push({ command });
      return super.execute(command);
    }
  }
  new Recorder(DEVICES, { baseline, virtualFunctions: 'EMULATED_PRI' }).run(table);
  return steps;
}

function randomSteps({ baseline, policies }: Kernel, seed: number): Step[] {
  const random = new Prng(seed);
  const state = initialState();
  const steps: Step[] = [];
  const run = (step: Step) => {
    steps.push(step);
    executeStep(state, step);
  };
  run({ command: { type: 'MachineCreate', baseline, policies, devices: DEVICES } });
  for (let step = 0; step < STEPS; step++) {
    const command = anyCommand(random, state);
    run(random.chance(0.1) ? { command, failNth: random.below(4) + 1 } : { command });
  }
  for (const command of closingCommands(state)) run({ command });
  return steps;
}

function executeStep(state: MachineState, { command, failNth }: Step): Outcome {
  return execute(state, failing(command, failNth));
}

function anyCommand(random: Prng, state: MachineState): Command {
  const inFlight = [...state.inFlight.keys()];
  if (inFlight.length > 0 && random.chance(0.1)) {
    return { type: 'PageRequestResume', inFlightId: inFlight[0]! };
  }
  const command = randomCommand(random, state);
  if (command.type === 'PageRequestSend' && random.chance(0.3)) return { ...command, hold: true };
  if (command.type === 'FaultRead' && random.chance(0.3)) return { ...command, bufVa: 0x1000n };
  return command;
}

/** The wanted kinds of events that the steps make. */
function newKinds(steps: readonly Step[]): Set<string> {
  const state = initialState();
  const events = steps.flatMap(step => executeStep(state, step).events);
  const made = events.map(({ type }) => `${type}@${EVENT_VERSIONS[type]}`);
  return new Set(made.filter(kind => kinds.has(kind)));
}

/** Fewer steps that still make all of `wanted`: halves, quarters, … are left out where they can be. */
function shortened(steps: readonly Step[], wanted: ReadonlySet<string>): readonly Step[] {
  let kept = steps;
  for (let size = steps.length >> 1; size >= 1; size >>= 1) {
    for (let from = 1; from < kept.length; ) {
      const fewer = kept.toSpliced(from, size);
      if (wanted.isSubsetOf(newKinds(fewer))) kept = fewer;
      else from += size;
    }
  }
  return kept;
}

async function exportOf(steps: readonly Step[]): Promise<string> {
  const log = openMemoryLog();
  const state = initialState();
  for (const [index, step] of steps.entries()) {
    const seqBefore = state.seq;
    const outcome = executeStep(state, step);
    const place = { number: index + 1, seqBefore, seq: state.seq, atMs: AT_MS + index + 1 };
    const operation: Operation = { ...outcome, ...place };
    await log.append([{ machineId: 'golden', operation }]);
  }
  let text = '';
  for await (const line of exportLines(log, 'golden')) text += line;
  return text;
}
