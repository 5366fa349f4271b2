/** Random commands that make hwpts, invalidate what they cache and track what they dirty. */
import { BEHAVIOUR } from '../../../abi/behaviour.ts';
import {
  IOMMU_HWPT_DATA_SELFTEST,
  IOMMU_HWPT_DATA_VTD_S1,
  IOMMU_HWPT_INVALIDATE_DATA_SELFTEST,
} from '../../../abi/uapi.ts';
import type { IommufdContext } from '../../../core/iommufd/state.ts';
import type { Command, CommandOf } from '../../../core/machine/command.ts';
import type { MachineState } from '../../../core/machine/state.ts';
import type { Prng } from '../../prng.ts';
import type { Makers } from '../maker.ts';
import { contextIdOf, idOf } from '../pick.ts';
import { ioasUnder, mappedRange } from './range.ts';

function hwptAlloc(random: Prng, state: MachineState, context: IommufdContext | null): Command {
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

function hwptInvalidate(
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

export const dirtyHwptOf = (random: Prng, context: IommufdContext | null) => {
  // Only the mock driver's pages can be made dirty.
  const mock = random.chance(0.7);
  const able = [...(context?.objects.values() ?? [])].filter(
    object =>
      object.type === 'HWPT_PAGING' &&
      object.domain.dirtyOps &&
      (!mock || object.domain.driver === 'MOCK'),
  );
  return able.length > 0 && random.chance(0.9)
    ? random.pick(able).id
    : idOf(random, context, 'HWPT_PAGING');
};

export const HWPT_MAKERS = {
  HwptAlloc: hwptAlloc,
  HwptInvalidate: hwptInvalidate,
  HwptSetDirtyTracking: (random, _state, context) => ({
    type: 'HwptSetDirtyTracking',
    contextId: contextIdOf(random, context),
    hwptId: dirtyHwptOf(random, context),
    flags: random.pick([1, 1, 1, 0, 2]),
  }),
  HwptGetDirtyBitmap: (random, _state, context) => {
    const hwptId = dirtyHwptOf(random, context);
    // Pages so large that a kernel cannot shift or divide by them; only IOVA 0 is a multiple of one.
    const gigantic = random.chance(0.05) ? random.pick([1n << 31n, 1n << 61n, 1n << 63n]) : null;
    const range =
      gigantic === null
        ? mappedRange(random, ioasUnder(context, hwptId))
        : { iova: 0n, length: gigantic };
    return {
      type: 'HwptGetDirtyBitmap',
      contextId: contextIdOf(random, context),
      hwptId,
      flags: random.pick([0, 0, 0, 1, 2]),
      ...range,
      pageSize: gigantic ?? random.pick([2048n, 4096n, 4096n, 0n, 1n]),
    };
  },
} as const satisfies Makers;
