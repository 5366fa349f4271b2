/** Random commands to modelled hardware: DMAs, programs, guest tables, registers, time. */
import type {
  DmaOptions,
  PrgIndexChoice,
  ProgramOp,
} from '../../../core/hardware/function/state.ts';
import { PROGRAM_OPS } from '../../../core/hardware/function/state.ts';
import type { MachineState } from '../../../core/machine/state.ts';
import type { Prng } from '../../prng.ts';
import type { Makers } from '../maker.ts';
import { bdf, contextIdOf, idOf } from '../pick.ts';

const PAGE = 4096n;
/** IOVAs that commands meet at. */
const IOVAS = 0x4000_0000n;
const PAGES = 12;
/** Guest memory: the root at 0x1000, tables from 0x2000 on, data from 0x20000 on. */
const TABLES = 0x2000n;
const DATA = 0x2_0000n;

/** A function behind a modelled IOMMU, mostly. */
function functionOf(random: Prng, state: MachineState): string {
  const modelled = [...state.physicalDevices.values()].flatMap(device =>
    device.kind === 'PCI' && device.hardware !== null ? [device.bdf] : [],
  );
  return modelled.length > 0 && random.chance(0.97) ? random.pick(modelled) : bdf(random);
}

const iovaOf = (random: Prng) => IOVAS + BigInt(random.below(PAGES)) * PAGE;
const lengthOf = (random: Prng) =>
  random.pick([1n, 8n, PAGE, PAGE, PAGE + 1n, 3n * PAGE, 5n * PAGE]);
const pasidOf = (random: Prng) => random.pick([null, null, null, 5, 9]);

function optionsOf(random: Prng): DmaOptions {
  const prgIndex: PrgIndexChoice = random.pick([
    { kind: 'NEXT_FREE' },
    { kind: 'NEXT_FREE' },
    { kind: 'ROUND_ROBIN' },
    { kind: 'FIXED', index: 3 },
  ]);
  return {
    pagesPerGroup: random.pick([1, 1, 2, 4]),
    prgIndex,
    retryLimit: random.pick([1, 2, 16]),
    timeoutTicks: random.pick([null, null, 5, 50]),
  };
}

function opOf(random: Prng): ProgramOp {
  const op = random.pick(PROGRAM_OPS);
  const moves = op !== 'STOP' && op !== 'BARRIER' && op !== 'REPEAT';
  return {
    op,
    iova: moves ? iovaOf(random) : null,
    toIova: op === 'COPY' ? iovaOf(random) : null,
    length: moves ? lengthOf(random) : null,
    fill: op === 'WRITE' || op === 'EXPECT' ? random.below(3) : null,
    write: op === 'TRANSLATE' && random.chance(0.5),
    pasid: pasidOf(random),
    count: op === 'REPEAT' ? 1 + random.below(3) : null,
  };
}

export const HARDWARE_MAKERS = {
  PrqServe: random => ({
    type: 'PrqServe',
    iommuNo: random.chance(0.97) ? 0 : 7,
    max: random.pick([0, 1, 2, 100, 100]),
  }),
  PrqSwitch: random => ({ type: 'PrqSwitch', iommuNo: 0, enabled: random.chance(0.8) }),
  HardwareAdvance: random => ({ type: 'HardwareAdvance', ticks: random.pick([0, 1, 5, 60, 200]) }),
  QueueErrorClear: () => ({ type: 'QueueErrorClear', iommuNo: 0 }),
  PriEnable: (random, state) => ({
    type: 'PriEnable',
    bdf: functionOf(random, state),
    allocation: random.pick([0, 1, 4, 32]),
  }),
  PriDisable: (random, state) => ({ type: 'PriDisable', bdf: functionOf(random, state) }),
  PriResetSend: (random, state) => ({ type: 'PriResetSend', bdf: functionOf(random, state) }),
  AtsEnable: (random, state) => ({ type: 'AtsEnable', bdf: functionOf(random, state) }),
  AtsDisable: (random, state) => ({ type: 'AtsDisable', bdf: functionOf(random, state) }),
  AtcInvalidate: (random, state) => ({
    type: 'AtcInvalidate',
    bdf: functionOf(random, state),
    pasid: pasidOf(random),
    addr: iovaOf(random),
    size: random.pick([0n, PAGE, PAGE, 8n * PAGE]),
  }),
  DeviceReset: (random, state) => ({ type: 'DeviceReset', bdf: functionOf(random, state) }),
  StallResume: (random, state) => ({
    type: 'StallResume',
    bdf: functionOf(random, state),
    stag: random.below(4),
    retry: random.chance(0.5),
  }),
  StallTerminate: (random, state) => ({ type: 'StallTerminate', bdf: functionOf(random, state) }),
  Dma: (random, state) => ({
    type: 'Dma',
    bdf: functionOf(random, state),
    pasid: pasidOf(random),
    iova: iovaOf(random) + random.pick([0n, 0n, 8n, 4095n]),
    length: lengthOf(random),
    write: random.chance(0.5),
    fill: random.below(256),
    ...(random.chance(0.5) ? { options: optionsOf(random) } : {}),
  }),
  DeviceProgramLoad: (random, state) => ({
    type: 'DeviceProgramLoad',
    bdf: functionOf(random, state),
    ops: Array.from({ length: 1 + random.below(6) }, () => opOf(random)),
    options: {
      ...optionsOf(random),
      maxOutstanding: random.pick([1, 2, 8]),
      onInvalid: random.pick(['SKIP', 'STOP']),
      pasids: random.pick([[], [5, 9]]),
    },
  }),
  DeviceRun: (random, state) => ({
    type: 'DeviceRun',
    bdf: functionOf(random, state),
    steps: random.pick([1, 3, 100]),
  }),
  GuestWrite: (random, _state, context) => ({
    type: 'GuestWrite',
    contextId: contextIdOf(random, context),
    ioasId: idOf(random, context, 'IOAS'),
    words: [
      {
        gpa: TABLES + BigInt(random.below(4)) * PAGE + BigInt(random.below(16)) * 8n,
        value: random.pick([0n, 1n, DATA | 7n, 0xffff_ffff_ffff_ffffn]),
      },
    ],
  }),
  GuestMap: (random, _state, context) => ({
    type: 'GuestMap',
    contextId: contextIdOf(random, context),
    hwptId: idOf(random, context, 'HWPT_NESTED'),
    iova: iovaOf(random),
    gpa: DATA + BigInt(random.below(24)) * PAGE,
    length: random.pick([PAGE, PAGE, 2n * PAGE, 4n * PAGE]),
    perm: random.pick([1, 3, 3, 3]),
    pageSize: PAGE,
    tablesGpa: TABLES,
    tablesLength: 8n * PAGE,
  }),
  GuestUnmap: (random, _state, context) => ({
    type: 'GuestUnmap',
    contextId: contextIdOf(random, context),
    hwptId: idOf(random, context, 'HWPT_NESTED'),
    iova: iovaOf(random),
    length: random.pick([PAGE, 2n * PAGE]),
  }),
} as const satisfies Makers;
