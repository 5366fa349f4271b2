/** Random commands of the self-test: mock devices, accesses, checks. */
import { ULONG_MAX } from '../../../abi/uapi.ts';
import type { Ioas, IommufdContext } from '../../../core/iommufd/state.ts';
import type { MachineState } from '../../../core/machine/state.ts';
import type { Makers } from '../maker.ts';
import { contextIdOf, idOf, mockDevIdOf, ptIdFor } from '../pick.ts';
import { dirtyHwptOf } from './hwpt.ts';
import { ioasOf, ioasUnder, iovaOf, lengthOf, mappedRange, userVaOf } from './range.ts';

/** Where a mock device that joins the group of the last one can be attached at once. */
function hwptOfLastMock(state: MachineState): number | null {
  const last = state.physicalDevices.get(state.lastMockDeviceNo ?? 0);
  return state.iommuGroups.get(last?.iommuGroupId ?? 0)?.hwptId ?? null;
}

/** The IOAS of an access that exists. */
function reachOf(context: IommufdContext | null, accessId: number): Ioas | null {
  const access = context?.objects.get(accessId);
  return access?.type === 'ACCESS' && access.ioasId !== null
    ? ioasOf(context, access.ioasId)
    : null;
}

export const SELFTEST_MAKERS = {
  TestMockDomain: (random, state, context) => {
    const devFlags = random.pick([0, 0, 0, 1, 256, 256, 256, 257, 512, 768, 1024, 1280, 8]);
    const shared = (devFlags & 256) !== 0 ? hwptOfLastMock(state) : null;
    return {
      type: 'TestMockDomain',
      contextId: contextIdOf(random, context),
      ptId: shared !== null && random.chance(0.7) ? shared : ptIdFor(random, context, 'MOCK'),
      devFlags,
    };
  },
  TestMockDomainReplace: (random, _state, context) => ({
    type: 'TestMockDomainReplace',
    contextId: contextIdOf(random, context),
    stdevId: idOf(random, context, 'SELFTEST'),
    ptId: ptIdFor(random, context, 'MOCK'),
  }),
  TestTriggerIopf: (random, state, context) => ({
    type: 'TestTriggerIopf',
    contextId: contextIdOf(random, context),
    devId: mockDevIdOf(random, state, context),
    pasid: random.pick([0, 0, 0, 7]),
    grpid: random.below(4),
    perm: random.below(16),
    addr: BigInt(random.below(1000)) << 12n,
    lastPage: random.chance(0.6),
  }),
  TestMdCheckIotlb: (random, _state, context) => ({
    type: 'TestMdCheckIotlb',
    contextId: contextIdOf(random, context),
    hwptId: idOf(random, context, 'HWPT_NESTED'),
    iotlbId: random.below(5),
    iotlb: random.below(3),
  }),
  TestAddReserved: (random, _state, context) => ({
    type: 'TestAddReserved',
    contextId: contextIdOf(random, context),
    ioasId: idOf(random, context, 'IOAS'),
    start: iovaOf(random),
    length: lengthOf(random),
  }),
  TestMdCheckMap: (random, _state, context) => ({
    type: 'TestMdCheckMap',
    contextId: contextIdOf(random, context),
    hwptId: idOf(random, context, 'HWPT_PAGING'),
    iova: iovaOf(random),
    length: lengthOf(random),
    userVa: userVaOf(random),
  }),
  TestMdCheckRefs: (random, _state, context) => ({
    type: 'TestMdCheckRefs',
    contextId: contextIdOf(random, context),
    length: lengthOf(random),
    userVa: userVaOf(random),
    refs: random.below(3),
  }),
  TestSetTempMemoryLimit: (random, _state, context) => ({
    type: 'TestSetTempMemoryLimit',
    contextId: contextIdOf(random, context),
    limit: random.below(24),
  }),
  TestDirty: (random, _state, context) => {
    const hwptId = dirtyHwptOf(random, context);
    return {
      type: 'TestDirty',
      contextId: contextIdOf(random, context),
      hwptId,
      ...mappedRange(random, ioasUnder(context, hwptId)),
      pageSize: random.pick([2048n, 2048n, 2048n, 4096n, 0n]),
      bitmap: random.pick([ULONG_MAX, 1n, 0x5555n, 0n]),
    };
  },
  TestCreateAccess: (random, _state, context) => ({
    type: 'TestCreateAccess',
    contextId: contextIdOf(random, context),
    ioasId: idOf(random, context, 'IOAS'),
    flags: random.pick([0, 1, 1, 1, 2]),
  }),
  TestAccessClose: (random, _state, context) => ({
    type: 'TestAccessClose',
    contextId: contextIdOf(random, context),
    accessId: idOf(random, context, 'ACCESS'),
  }),
  TestAccessReplaceIoas: (random, _state, context) => ({
    type: 'TestAccessReplaceIoas',
    contextId: contextIdOf(random, context),
    accessId: idOf(random, context, 'ACCESS'),
    ioasId: idOf(random, context, 'IOAS'),
  }),
  TestAccessPages: (random, _state, context) => {
    const accessId = idOf(random, context, 'ACCESS');
    return {
      type: 'TestAccessPages',
      contextId: contextIdOf(random, context),
      accessId,
      flags: random.pick([0, 1, 1, 2]),
      ...mappedRange(random, reachOf(context, accessId)),
    };
  },
  TestDestroyAccessPages: (random, _state, context) => ({
    type: 'TestDestroyAccessPages',
    contextId: contextIdOf(random, context),
    accessId: idOf(random, context, 'ACCESS'),
    itemId: random.below(4),
  }),
  TestAccessRw: (random, _state, context) => {
    const accessId = idOf(random, context, 'ACCESS');
    const command = {
      type: 'TestAccessRw',
      contextId: contextIdOf(random, context),
      accessId,
      flags: random.pick([0, 1, 1, 4, 5, 2]),
      ...mappedRange(random, reachOf(context, accessId)),
      fill: random.below(256),
    } as const;
    // Now and then as a program's, which has its bytes with it.
    const { length, fill } = command;
    if (fill % 4 !== 0 || length > 0x1_0000n) return command;
    return { ...command, data: fill.toString(16).padStart(2, '0').repeat(Number(length)) };
  },
} as const satisfies Makers;
