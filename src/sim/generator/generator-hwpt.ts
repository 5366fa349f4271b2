/** Random commands that make hwpts and invalidate what they cache. */
import { BEHAVIOUR } from '../../abi/baselines.ts';
import {
  IOMMU_HWPT_DATA_SELFTEST,
  IOMMU_HWPT_DATA_VTD_S1,
  IOMMU_HWPT_INVALIDATE_DATA_SELFTEST,
} from '../../abi/uapi.ts';
import type { IommufdContext } from '../../core/iommufd/state.ts';
import type { Command, CommandOf } from '../../core/machine/command.ts';
import type { MachineState } from '../../core/machine/state.ts';
import type { Prng } from '../prng.ts';
import { contextIdOf, idOf } from './pick.ts';

export function hwptAlloc(
  random: Prng,
  state: MachineState,
  context: IommufdContext | null,
): Command {
  const devId = idOf(random, context, 'DEVICE');
  const device = context?.objects.get(devId);
  const mock =
    device?.type === 'DEVICE' && state.physicalDevices.get(device.deviceNo)?.kind === 'MOCK';
  const ofAnyDriver = random.chance(0.1);
  const parents = [...(context?.objects.values() ?? [])].filter(
    object =>
      object.type === 'HWPT_PAGING' &&
      object.nestParent &&
      (ofAnyDriver || (object.domain.driver === 'MOCK') === mock),
  );
  const nested = parents.length > 0 && random.chance(0.7);
  const flags = random.pick(nested ? NESTED_FLAGS : pagingFlags(state));
  const base = {
    type: 'HwptAlloc',
    contextId: contextIdOf(random, context),
    devId,
    flags,
    faultId: faultIdWith(random, context, flags),
  } as const;
  if (!nested) {
    const pt = idOf(random, context, 'IOAS');
    return { ...base, ptId: pt, dataType: 0, dataLen: 0, userData: null };
  }
  const pt = random.chance(0.9) ? random.pick(parents).id : idOf(random, context, 'HWPT_PAGING');
  const wrong = random.chance(0.05);
  return mock !== wrong
    ? {
        ...base,
        ptId: pt,
        dataType: IOMMU_HWPT_DATA_SELFTEST,
        dataLen: 4,
        userData: { kind: 'SELFTEST', iotlb: random.below(3) },
      }
    : {
        ...base,
        ptId: pt,
        dataType: IOMMU_HWPT_DATA_VTD_S1,
        dataLen: random.pick([24, 24, 24, 8]),
        userData: { kind: 'VTD_S1', flags: 1n, pgtblAddr: 0x1000n, addrWidth: 48 },
      };
}

/** 1 is for parents of others, 2 for dirty tracking, 4 for faults, 8 for PASIDs. */
const NESTED_FLAGS = [4, 4, 4, 4, 4, 12, 0, 0, 1, 6, 8];

function pagingFlags({ baseline }: MachineState): readonly number[] {
  return BEHAVIOUR[baseline].faultOnPagingHwpt === 'NO'
    ? [0, 1, 1, 1, 2, 2, 3, 4, 5, 8]
    : [0, 1, 1, 2, 4, 4, 4, 5, 6, 8, 9, 12];
}

/** Without its flag a fault id is not looked at, whatever it is. */
function faultIdWith(random: Prng, context: IommufdContext | null, flags: number): number {
  if ((flags & 4) !== 0) return idOf(random, context, 'FAULT');
  return random.chance(0.9) ? 0 : random.below(9);
}

export function hwptInvalidate(
  random: Prng,
  _state: MachineState,
  context: IommufdContext | null,
): CommandOf<'HwptInvalidate'> {
  const hwptId = idOf(random, context, 'HWPT_NESTED');
  const hwpt = context?.objects.get(hwptId);
  const mock = hwpt?.type === 'HWPT_NESTED' && hwpt.driver === 'MOCK';
  return {
    type: 'HwptInvalidate',
    contextId: contextIdOf(random, context),
    hwptId,
    dataType: mock !== random.chance(0.1) ? IOMMU_HWPT_INVALIDATE_DATA_SELFTEST : 0,
    entryLen: random.pick([8, 24, 24, 24, 0, 4097]),
    entries: Array.from({ length: random.below(4) }, () => ({
      flags: random.pick([0, 0, 0, 1, 2]),
      iotlbId: random.below(5),
      addr: random.chance(0.9) ? 0x2000n : 1n,
      npages: 1n,
    })),
  };
}
