/**
 * Operations of the kernel’s self-test on mock devices.
 * Mirrors drivers/iommu/iommufd/selftest.c of Linux 6.12.117.
 */
import type { Errno } from '../../../abi/errno.ts';
import {
  IOMMU_PGFAULT_FLAGS_LAST_PAGE,
  IOMMU_PGFAULT_FLAGS_PASID_VALID,
  MOCK_FLAGS_DEVICE_ALL,
  MOCK_FLAGS_DEVICE_HUGE_IOVA,
  MOCK_FLAGS_DEVICE_PASID,
  MOCK_FLAGS_DEVICE_SHARED_GROUP,
  MOCK_NESTED_DOMAIN_IOTLB_NUM,
} from '../../../abi/uapi.ts';
import type { PhysicalDevice } from '../../hardware/state.ts';
import { joinGroup, removePhysicalDevice } from '../../hardware/topology.ts';
import { joinGroupDomain } from '../../iommu/domain-switch.ts';
import { reportDeviceFault } from '../../iommu/iopf.ts';
import type { PageRequestReply } from '../../iommu/page-request-reply.ts';
import { answer, inContext, refused } from '../../machine/answer.ts';
import type { Execution } from '../../machine/execution.ts';
import { deviceName, deviceOf, physicalDeviceOf } from '../../machine/lookup.ts';
import type { Operation, OperationEntries } from '../../machine/operation-entry.ts';
import { Refusal } from '../../machine/refusal.ts';
import { flagsText, MOCK_DEVICE_FLAGS } from '../../refuse/flags.ts';
import { attachDevice, replaceDevice } from '../device/attach.ts';
import { bindDevice, unbindDevice } from '../device/bind.ts';
import { objectAbort, objectAlloc } from '../main/object.ts';
import type { IommufdContext } from '../state.ts';

/** IOMMU_TEST_OP_MOCK_DOMAIN_FLAGS (iommufd_test_mock_domain). */
export interface TestMockDomain {
  readonly type: 'TestMockDomain';
  readonly contextId: number;
  readonly ptId: number;
  readonly devFlags: number;
}

export interface TestMockDomainReply {
  readonly outStdevId: number;
  readonly outHwptId: number;
  readonly outIdevId: number;
}

/** IOMMU_TEST_OP_MOCK_DOMAIN_REPLACE (iommufd_test_mock_domain_replace). */
export interface TestMockDomainReplace {
  readonly type: 'TestMockDomainReplace';
  readonly contextId: number;
  readonly stdevId: number;
  readonly ptId: number;
}

/** IOMMU_TEST_OP_TRIGGER_IOPF (iommufd_test_trigger_iopf). */
export interface TestTriggerIopf {
  readonly type: 'TestTriggerIopf';
  readonly contextId: number;
  readonly devId: number;
  readonly pasid: number;
  readonly grpid: number;
  readonly perm: number;
  readonly addr: bigint;
  readonly lastPage: boolean;
}

/** IOMMU_TEST_OP_MD_CHECK_IOTLB (iommufd_test_md_check_iotlb). */
export interface TestMdCheckIotlb {
  readonly type: 'TestMdCheckIotlb';
  readonly contextId: number;
  readonly hwptId: number;
  readonly iotlbId: number;
  readonly iotlb: number;
}

export interface SelftestOperations {
  TestMockDomain: Operation<TestMockDomain, TestMockDomainReply>;
  TestMockDomainReplace: Operation<TestMockDomainReplace, { readonly ptId: number }>;
  TestTriggerIopf: Operation<TestTriggerIopf, PageRequestReply>;
  TestMdCheckIotlb: Operation<TestMdCheckIotlb, Record<string, never>>;
}

export const SELFTEST_OPERATIONS: OperationEntries<SelftestOperations> = {
  TestMockDomain: {
    sentence: 'IOMMU_TEST_OP_MOCK_DOMAIN_FLAGS (iommufd_test_mock_domain).',
    mutation: 'testMockDomain',
    support: {
      name: 'IOMMU_TEST_OP_MOCK_DOMAIN, _FLAGS',
      source: 'iommufd_test_mock_domain (drivers/iommu/iommufd/selftest.c)',
      status: 'SUPPORTED',
      note: 'Three device flags more than the stock driver: 256 shared group, 512 virtual function, 1024 no IOPF. 2, huge IOVA pages, changes nothing where it is taken: user memory has no huge pages.',
    },
    asks: ['MEMORY'],
    arguments: { contextId: 'contextId', ptId: 'u32', devFlags: 'u32' },
    execute: inContext((x, context, command) =>
      answer(executeTestMockDomain(x, context, command), reply => reply),
    ),
  },
  TestMockDomainReplace: {
    sentence: 'IOMMU_TEST_OP_MOCK_DOMAIN_REPLACE (iommufd_test_mock_domain_replace).',
    mutation: 'testMockDomainReplace',
    support: {
      name: 'IOMMU_TEST_OP_MOCK_DOMAIN_REPLACE',
      source: 'iommufd_test_mock_domain_replace (drivers/iommu/iommufd/selftest.c)',
      status: 'SUPPORTED',
      note: '',
    },
    asks: ['MEMORY'],
    arguments: { contextId: 'contextId', stdevId: 'u32', ptId: 'u32' },
    execute: inContext((x, context, command) =>
      answer(executeTestMockDomainReplace(x, context, command), ptId => ({ ptId })),
    ),
  },
  TestTriggerIopf: {
    sentence: 'IOMMU_TEST_OP_TRIGGER_IOPF (iommufd_test_trigger_iopf).',
    mutation: 'testTriggerIopf',
    support: {
      name: 'IOMMU_TEST_OP_TRIGGER_IOPF',
      source: 'iommufd_test_trigger_iopf (drivers/iommu/iommufd/selftest.c)',
      status: 'SUPPORTED',
      note: 'lastPage is ours; the stock driver always sends the last request.',
    },
    arguments: {
      contextId: 'contextId',
      devId: 'u32',
      pasid: 'u32',
      grpid: 'u32',
      perm: 'u32',
      addr: 'u64',
      lastPage: 'flag',
    },
    execute: inContext((x, context, command) =>
      answer(executeTestTriggerIopf(x, context, command), reply => reply),
    ),
  },
  TestMdCheckIotlb: {
    sentence: 'IOMMU_TEST_OP_MD_CHECK_IOTLB (iommufd_test_md_check_iotlb).',
    mutation: 'testMdCheckIotlb',
    support: {
      name: 'IOMMU_TEST_OP_MD_CHECK_IOTLB',
      source: 'iommufd_test_md_check_iotlb (drivers/iommu/iommufd/selftest.c)',
      status: 'SUPPORTED',
      note: '',
    },
    arguments: { contextId: 'contextId', hwptId: 'u32', iotlbId: 'u32', iotlb: 'u32' },
    execute: inContext((x, context, command) =>
      refused(executeTestMdCheckIotlb(x, context, command)),
    ),
  },
};

/** Flags this kernel's mock devices take, and the three that are ours. */
function knownFlags({ behaviour: { mockHugeIova, mockPasid } }: Execution): number {
  const unknown =
    (mockHugeIova ? 0 : MOCK_FLAGS_DEVICE_HUGE_IOVA) | (mockPasid ? 0 : MOCK_FLAGS_DEVICE_PASID);
  return MOCK_FLAGS_DEVICE_ALL & ~unknown;
}

function mockDevCreate(x: Execution, devFlags: number): PhysicalDevice | Refusal {
  const { state } = x;
  if (!x.allocates('kzalloc mock_dev')) return new Refusal('ENOMEM');
  const shared = (devFlags & MOCK_FLAGS_DEVICE_SHARED_GROUP) !== 0;
  const partner =
    shared && state.lastMockDeviceNo !== null
      ? physicalDeviceOf(state, state.lastMockDeviceNo)
      : null;
  const group = joinGroup(x, partner);
  if (group instanceof Refusal) return group;
  const deviceNo = state.nextDeviceNo;
  x.emit({
    type: 'MockDeviceAdded',
    deviceNo,
    iommuGroupId: group.iommuGroupId,
    mockDev: state.mockDevIds.peek(),
    devFlags,
  });
  const physical = physicalDeviceOf(state, deviceNo);
  const joined = joinGroupDomain(x, physical);
  if (joined === 0) return physical;
  // Nobody looks whether the probe failed; the bind then meets a device without an IOMMU driver.
  removePhysicalDevice(x, physical);
  const facts = { device: deviceName(physical), errno: String(joined) };
  return x.call('iommufd_device_bind', () => new Refusal('EINVAL', 'PROBE_FAILED', facts));
}

/** Source: iommufd_test_mock_domain. Errors: EINVAL for unknown device flags, those of attach. */
function executeTestMockDomain(
  x: Execution,
  context: IommufdContext,
  command: TestMockDomain,
): TestMockDomainReply | Refusal {
  let reply: TestMockDomainReply | null = null;
  const rc = x.call('iommufd_test_mock_domain', () => {
    const { contextId } = context;
    const allocated = objectAlloc(x, context);
    if (allocated !== 0) return new Refusal(allocated);
    const unknown = command.devFlags & ~knownFlags(x);
    if (unknown !== 0) {
      const facts = {
        flags: flagsText(command.devFlags, MOCK_DEVICE_FLAGS),
        unknown: flagsText(unknown, MOCK_DEVICE_FLAGS),
        known: flagsText(knownFlags(x), MOCK_DEVICE_FLAGS),
      };
      return x.refusedBy('mock_dev_create', new Refusal('EINVAL', 'MOCK_FLAGS', facts));
    }
    const stdevId = context.ids.peek();
    x.emit({ type: 'ObjectReserved', contextId, id: stdevId, objectType: 'SELFTEST' });
    const physical = mockDevCreate(x, command.devFlags);
    if (physical instanceof Refusal) {
      objectAbort(x, context, stdevId, 'SELFTEST');
      return physical;
    }
    const undo = (errno: Refusal) => {
      removePhysicalDevice(x, physical);
      objectAbort(x, context, stdevId, 'SELFTEST');
      return errno;
    };
    const device = bindDevice(x, context, physical);
    if (device instanceof Refusal) return undo(device);
    const hwptId = attachDevice(x, context, device, command.ptId, null);
    if (hwptId instanceof Refusal) {
      unbindDevice(x, context, device);
      return undo(hwptId);
    }
    x.emit({
      type: 'SelftestDeviceFinalized',
      contextId,
      stdevId,
      deviceNo: physical.deviceNo,
      deviceId: device.id,
    });
    reply = { outStdevId: stdevId, outHwptId: hwptId, outIdevId: device.id };
    return 0;
  });
  return rc instanceof Refusal ? rc : reply!;
}

/** Source: iommufd_test_mock_domain_replace. Returns the id of the hwpt now attached. */
function executeTestMockDomainReplace(
  x: Execution,
  context: IommufdContext,
  command: TestMockDomainReplace,
): number | Refusal {
  return x.call('iommufd_test_mock_domain_replace', () => {
    const selftest = x.getObject(context, command.stdevId, 'SELFTEST');
    if (selftest instanceof Refusal) return selftest;
    return replaceDevice(x, context, deviceOf(context, selftest.deviceId), command.ptId, null);
  });
}

/**
 * Always succeeds once the device is found; what became of the request is in the reply.
 * Source: iommufd_test_trigger_iopf. Errors: ENOENT, EINVAL for a device that is not a mock.
 */
function executeTestTriggerIopf(
  x: Execution,
  context: IommufdContext,
  command: TestTriggerIopf,
): PageRequestReply | Refusal {
  let reply: PageRequestReply | null = null;
  const rc = x.call('iommufd_test_trigger_iopf', () => {
    const { devId } = command;
    const device = x.getDevice(context, devId);
    if (device instanceof Refusal) return device;
    const physical = physicalDeviceOf(x.state, device.deviceNo);
    if (physical.kind !== 'MOCK') return new Refusal('EINVAL', 'NOT_A_MOCK_DEVICE', { devId });
    const { pasid, grpid, perm, addr, lastPage } = command;
    const flags =
      (lastPage ? IOMMU_PGFAULT_FLAGS_LAST_PAGE : 0) |
      (pasid !== 0 ? IOMMU_PGFAULT_FLAGS_PASID_VALID : 0);
    const report = reportDeviceFault(x, physical, { flags, pasid, grpid, perm, addr });
    reply = {
      outcome: 'REPORTED',
      reportErrno: report.errno,
      iopfGroupId: report.iopfGroupId,
    };
    return 0;
  });
  return rc instanceof Refusal ? rc : reply!;
}

/** Source: iommufd_test_md_check_iotlb. Errors: ENOENT, EINVAL if the word differs. */
function executeTestMdCheckIotlb(
  x: Execution,
  context: IommufdContext,
  command: TestMdCheckIotlb,
): Errno {
  return x.call('iommufd_test_md_check_iotlb', () => {
    const hwpt = x.getObject(context, command.hwptId, 'HWPT_NESTED');
    if (hwpt instanceof Refusal) return hwpt.errno;
    if (hwpt.driver !== 'MOCK') {
      const other = new Refusal('EINVAL', 'NOT_A_MOCK_HWPT', { hwptId: hwpt.id });
      return x.refusedBy('get_md_pagetable_nested', other).errno;
    }
    const { iotlbId, iotlb: wanted } = command;
    const most = MOCK_NESTED_DOMAIN_IOTLB_NUM;
    if (iotlbId >= most) return x.refuse('EINVAL', 'IOTLB_ABSENT', { iotlbId, most });
    const holds = hwpt.iotlb[iotlbId]!;
    return holds === wanted ? 0 : x.refuse('EINVAL', 'IOTLB_DIFFERS', { iotlbId, holds, wanted });
  });
}
