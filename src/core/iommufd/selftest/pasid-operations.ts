/**
 * Operations of the kernel’s self-test on PASIDs of mock devices, from 6.15 on.
 * Mirrors drivers/iommu/iommufd/selftest.c of Linux 7.3.4.
 */
import { answer, inContext } from '../../machine/answer.ts';
import type { Execution } from '../../machine/execution.ts';
import { attachmentOf, deviceOf, groupOf } from '../../machine/lookup.ts';
import type { Operation, OperationEntries } from '../../machine/operation-entry.ts';
import { Refusal } from '../../machine/refusal.ts';
import { noSuchObject } from '../../refuse/absent.ts';
import { attachDevice, detachDevice, replaceDevice } from '../device/attach.ts';
import type { Device, IommufdContext } from '../state.ts';

/** IOMMU_TEST_OP_PASID_ATTACH (iommufd_test_pasid_attach). PASID 0 is the RID. */
export interface TestPasidAttach {
  readonly type: 'TestPasidAttach';
  readonly contextId: number;
  readonly stdevId: number;
  readonly pasid: number;
  readonly ptId: number;
}

/** IOMMU_TEST_OP_PASID_REPLACE (iommufd_test_pasid_replace). */
export interface TestPasidReplace {
  readonly type: 'TestPasidReplace';
  readonly contextId: number;
  readonly stdevId: number;
  readonly pasid: number;
  readonly ptId: number;
}

/** IOMMU_TEST_OP_PASID_DETACH (iommufd_test_pasid_detach). */
export interface TestPasidDetach {
  readonly type: 'TestPasidDetach';
  readonly contextId: number;
  readonly stdevId: number;
  readonly pasid: number;
}

/** IOMMU_TEST_OP_PASID_CHECK_HWPT (iommufd_test_pasid_check_hwpt). */
export interface TestPasidCheckHwpt {
  readonly type: 'TestPasidCheckHwpt';
  readonly contextId: number;
  readonly stdevId: number;
  readonly pasid: number;
  /** 0: the PASID is to be attached to nothing. */
  readonly hwptId: number;
}

export interface PasidOperations {
  TestPasidAttach: Operation<TestPasidAttach, { readonly ptId: number }>;
  TestPasidReplace: Operation<TestPasidReplace, { readonly ptId: number }>;
  TestPasidDetach: Operation<TestPasidDetach, Record<string, never>>;
  TestPasidCheckHwpt: Operation<TestPasidCheckHwpt, Record<string, never>>;
}

const ON_A_PASID = { contextId: 'contextId', stdevId: 'u32', pasid: 'u32' } as const;

export const PASID_OPERATIONS: OperationEntries<PasidOperations> = {
  TestPasidAttach: {
    sentence: 'IOMMU_TEST_OP_PASID_ATTACH (iommufd_test_pasid_attach).',
    mutation: 'testPasidAttach',
    support: {
      name: 'IOMMU_TEST_OP_PASID_ATTACH, _REPLACE, _DETACH, _CHECK_HWPT',
      source: 'iommufd_test_pasid_attach (drivers/iommu/iommufd/selftest.c)',
      status: 'SUPPORTED',
      note: 'From 6.15 on; on mock devices with MOCK_FLAGS_DEVICE_PASID, as others have no PASID but 0.',
    },
    arguments: { ...ON_A_PASID, ptId: 'u32' },
    execute: inContext((x, context, { ptId, ...where }) => {
      const moved = onPasid(x, context, where, 'attach', device =>
        attachDevice(x, context, device, ptId, where.pasid),
      );
      return answer(moved, ptId => ({ ptId }));
    }),
  },
  TestPasidReplace: {
    sentence: 'IOMMU_TEST_OP_PASID_REPLACE (iommufd_test_pasid_replace).',
    mutation: 'testPasidReplace',
    support: { rowOf: 'TestPasidAttach' },
    asks: ['MEMORY'],
    arguments: { ...ON_A_PASID, ptId: 'u32' },
    execute: inContext((x, context, { ptId, ...where }) => {
      const moved = onPasid(x, context, where, 'replace', device =>
        replaceDevice(x, context, device, ptId, where.pasid),
      );
      return answer(moved, ptId => ({ ptId }));
    }),
  },
  TestPasidDetach: {
    sentence: 'IOMMU_TEST_OP_PASID_DETACH (iommufd_test_pasid_detach).',
    mutation: 'testPasidDetach',
    support: { rowOf: 'TestPasidAttach' },
    arguments: ON_A_PASID,
    execute: inContext((x, context, where) => {
      const left = onPasid(x, context, where, 'detach', device => {
        detachDevice(x, context, device, where.pasid);
        return 0;
      });
      return answer(left, () => ({}));
    }),
  },
  TestPasidCheckHwpt: {
    sentence: 'IOMMU_TEST_OP_PASID_CHECK_HWPT (iommufd_test_pasid_check_hwpt).',
    mutation: 'testPasidCheckHwpt',
    support: { rowOf: 'TestPasidAttach' },
    arguments: { ...ON_A_PASID, hwptId: 'u32' },
    execute: inContext((x, context, { hwptId, ...where }) => {
      const checked = onPasid(x, context, where, 'check_hwpt', device =>
        checkHwpt(x, context, device, where, hwptId),
      );
      return answer(checked, () => ({}));
    }),
  },
};

interface Where {
  readonly stdevId: number;
  readonly pasid: number;
}

/** Errors: EOPNOTSUPP, a kernel without these operations; ENOENT, no mock device of this id. */
function onPasid(
  x: Execution,
  context: IommufdContext,
  { stdevId }: Where,
  call: string,
  run: (device: Device) => number | Refusal,
): number | Refusal {
  return x.call(`iommufd_test_pasid_${call}`, () => {
    if (!x.behaviour.mockPasid) return new Refusal('EOPNOTSUPP', 'NO_PASID_TESTS');
    const selftest = x.getObject(context, stdevId, 'SELFTEST');
    if (selftest instanceof Refusal) return selftest;
    return run(deviceOf(context, selftest.deviceId));
  });
}

/** Errors: ENOENT, EINVAL: no hwpt, or the PASID is attached to something else. */
function checkHwpt(
  x: Execution,
  context: IommufdContext,
  device: Device,
  { stdevId, pasid }: Where,
  hwptId: number,
): 0 | Refusal {
  const at = attachmentOf(groupOf(x.state, device.iommuGroupId), pasid).hwptId;
  const attached = () => new Refusal('EINVAL', 'PASID_ATTACHED', { stdevId, pasid, hwptId: at! });
  if (hwptId === 0) return at === null ? 0 : attached();
  const hwpt = context.objects.get(hwptId);
  if (hwpt === undefined) {
    return noSuchObject(context, 'hwptId', hwptId, ['HWPT_PAGING', 'HWPT_NESTED']);
  }
  if (!('attachedDeviceIds' in hwpt)) {
    return new Refusal('EINVAL', 'PT_CANNOT_BE_ATTACHED', { id: hwptId, type: hwpt.type });
  }
  if (at === hwptId) return 0;
  return at === null ? new Refusal('EINVAL', 'PASID_ABSENT', { stdevId, pasid }) : attached();
}
