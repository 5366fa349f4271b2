/** Hazards an operation must record, as often as its command and the state before it say. */
import { BEHAVIOUR } from '../../abi/behaviour.ts';
import type { Errno } from '../../abi/errno.ts';
import type { HazardName } from '../../abi/hazards.ts';
import type { HwptPaging, Ioas } from '../../core/iommufd/state.ts';
import type { Command } from '../../core/machine/command.ts';
import type { Outcome } from '../../core/machine/operation.ts';
import type { MachineState } from '../../core/machine/state.ts';
import { type AutoIova, autoIova } from './iommufd/auto-iova.ts';
import { behind, covering } from './iommufd/ioas.ts';

/** null: no opinion. */
type Times = (before: MachineState, outcome: Outcome) => number | null;

const FIXED_IOVA = 1;
const FAULT_ID_VALID = 4;
const FAILURE = 2;

const TIMES: Partial<Record<HazardName, Times>> = {
  FAULT_ID_IGNORED: (_before, { command, errno }) =>
    command.type === 'HwptAlloc' && errno === 0 && (command.flags & FAULT_ID_VALID) === 0
      ? Math.min(command.faultId, 1)
      : 0,
  FAILURE_CODE_RESERVED: ({ physicalDevices }, { events }) =>
    events.filter(
      event =>
        event.type === 'PageResponseSent' &&
        event.code === FAILURE &&
        physicalDevices.get(event.deviceNo)?.kind === 'PCI',
    ).length,
  DIRTY_BITMAP_INCOMPLETE: ({ contexts, baseline }, { command, errno }) => {
    if (command.type !== 'HwptGetDirtyBitmap' || errno !== 0) return 0;
    const { objects } = contexts.get(command.contextId)!;
    const hwpt = objects.get(command.hwptId) as HwptPaging;
    const { iova, length } = command;
    // A length of 0 means the whole space where it is taken.
    const last = length === 0n ? 2n ** 64n - 1n : iova + length - 1n;
    const { complete } = covering(objects.get(hwpt.ioasId) as Ioas, iova, last);
    const read = hwpt.dirtyTracking || BEHAVIOUR[baseline].mockDirtyWhenOff === 'MARKED';
    return complete && read ? 0 : 1;
  },
  DIRTY_BITMAP_SHIFT: ({ baseline }, { command, errno }) =>
    BEHAVIOUR[baseline].dirtyBitmapIndex === 'SHIFTS_INT' ? bitmapOf(command, errno, 31n) : 0,
  DIRTY_BITMAP_DIVIDES_BY_ZERO: ({ baseline }, { command, errno }) =>
    BEHAVIOUR[baseline].dirtyBitmapIndex === 'DIVIDES' ? bitmapOf(command, errno, 61n) : 0,
  RESERVED_WRAPPED: (_before, { command, errno }) =>
    command.type === 'TestAddReserved' && errno === 0
      ? Number(command.start > BigInt.asUintN(64, command.start + command.length - 1n))
      : 0,
  IOVA_WRAPPED: (before, outcome) =>
    outcome.errno === 0 ? Number(chosenIova(before, outcome)?.wrapped ?? false) : null,
};

/** 1 for a dirty bitmap of pages of 2^bits bytes or a multiple of that. */
function bitmapOf(command: Command, errno: Errno, bits: bigint): number {
  if (command.type !== 'HwptGetDirtyBitmap' || errno !== 0) return 0;
  return Number(command.pageSize % (1n << bits) === 0n);
}

/** Where an automatic IOVA must lie; null if none is asked for. */
function chosenIova({ contexts, baseline }: MachineState, { command }: Outcome): AutoIova | null {
  if (command.type !== 'IoasMap' && command.type !== 'IoasCopy') return null;
  if ((command.flags & FIXED_IOVA) !== 0) return null;
  const { objects } = contexts.get(command.contextId)!;
  const { length } = command;
  const { autoIovaAlignment, autoIovaAlignmentCapped: capped } = BEHAVIOUR[baseline];
  const wraps = autoIovaAlignment === 'WRAPS';
  if (command.type === 'IoasMap') {
    const { ioasId, userVa } = command;
    return autoIova(objects.get(ioasId) as Ioas, { userVa, length, wraps, capped });
  }
  const { srcIoasId, dstIoasId, srcIova } = command;
  const [first] = covering(objects.get(srcIoasId) as Ioas, srcIova, srcIova).parts;
  const userVa = behind(first!.area, srcIova);
  return autoIova(objects.get(dstIoasId) as Ioas, { userVa, length, wraps, capped });
}

/** Faults found in what an operation recorded. `before`: the state it ran on. */
export function checkNoted(before: MachineState, outcome: Outcome): string[] {
  const wrong = Object.entries(TIMES).flatMap(([name, times]) => {
    const noted = outcome.events.filter(
      event => event.type === 'HazardRecorded' && event.name === name,
    ).length;
    const expected = times(before, outcome) ?? noted;
    return noted === expected ? [] : [`the hazard ${name} ${noted} times, expected ${expected}`];
  });
  const { reply } = outcome;
  const chosen = outcome.errno === 0 ? chosenIova(before, outcome) : null;
  if (chosen === null || reply === null) return wrong;
  const iova = 'iova' in reply ? reply.iova : 'dstIova' in reply ? reply.dstIova : null;
  return iova === chosen.iova ? wrong : [...wrong, `the IOVA ${iova}, expected ${chosen.iova}`];
}
