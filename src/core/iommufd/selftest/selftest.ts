/**
 * The kernel's self-test operations on mock devices.
 * Mirrors drivers/iommu/iommufd/selftest.c of Linux 6.12.117.
 */
import type { Errno } from '../../../abi/errno.ts';
import {
  IOMMU_PGFAULT_FLAGS_LAST_PAGE,
  IOMMU_PGFAULT_FLAGS_PASID_VALID,
  MOCK_FLAGS_DEVICE_ALL,
  MOCK_FLAGS_DEVICE_SHARED_GROUP,
  MOCK_IO_PAGE_SIZE,
  MOCK_NESTED_DOMAIN_IOTLB_NUM,
  ULONG_MAX,
} from '../../../abi/uapi.ts';
import type { PhysicalDevice } from '../../hardware/state.ts';
import { joinGroup, removePhysicalDevice } from '../../hardware/topology.ts';
import { joinGroupDomain } from '../../iommu/domain-switch.ts';
import { reportDeviceFault } from '../../iommu/iopf.ts';
import type { CommandOf } from '../../machine/command.ts';
import type { Execution } from '../../machine/execution.ts';
import { deviceOf, ioasOf, physicalDeviceOf } from '../../machine/lookup.ts';
import { Refusal } from '../../machine/refusal.ts';
import type { PageRequestReply, ReplyOf } from '../../machine/reply.ts';
import { isPresent } from '../../memory/user-memory.ts';
import { attachDevice, detachDevice, replaceDevice } from '../device/attach.ts';
import { bindDevice, unbindDevice } from '../device/bind.ts';
import { checkReserve, contiguousAreas } from '../ioas/io-pagetable.ts';
import { objectAbort, objectAlloc } from '../main/object.ts';
import type { IommufdContext, SelftestDevice } from '../state.ts';

/** Source: iommufd_test_mock_domain. Errors: EINVAL for unknown device flags, those of attach. */
export function executeTestMockDomain(
  x: Execution,
  context: IommufdContext,
  command: CommandOf<'TestMockDomain'>,
): ReplyOf['TestMockDomain'] | Refusal {
  let reply: ReplyOf['TestMockDomain'] | null = null;
  const rc = x.call('iommufd_test_mock_domain', () => {
    const { contextId } = context;
    const allocated = objectAlloc(x, context);
    if (allocated !== 0) return new Refusal(allocated);
    if ((command.devFlags & ~MOCK_FLAGS_DEVICE_ALL) !== 0) return new Refusal('EINVAL');
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
    const hwptId = attachDevice(x, context, device, command.ptId);
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
  const rc = joinGroupDomain(x, physical);
  if (rc === 0) return physical;
  removePhysicalDevice(x, physical);
  return new Refusal(rc);
}

/** Source: iommufd_selftest_destroy. */
export function destroySelftestDevice(
  x: Execution,
  context: IommufdContext,
  selftest: SelftestDevice,
): void {
  x.call('iommufd_selftest_destroy', () => {
    const device = deviceOf(context, selftest.deviceId);
    detachDevice(x, context, device);
    unbindDevice(x, context, device);
    removePhysicalDevice(x, physicalDeviceOf(x.state, selftest.deviceNo));
    return 0;
  });
}

/** Source: iommufd_test_mock_domain_replace. Returns the id of the hwpt now attached. */
export function executeTestMockDomainReplace(
  x: Execution,
  context: IommufdContext,
  command: CommandOf<'TestMockDomainReplace'>,
): number | Refusal {
  return x.call('iommufd_test_mock_domain_replace', () => {
    const selftest = x.getObject(context, command.stdevId, 'SELFTEST');
    if (selftest instanceof Refusal) return selftest;
    return replaceDevice(x, context, deviceOf(context, selftest.deviceId), command.ptId);
  });
}

/**
 * Always succeeds once the device is found; what became of the request is in the reply.
 * Source: iommufd_test_trigger_iopf. Errors: ENOENT, EINVAL for a device that is not a mock.
 */
export function executeTestTriggerIopf(
  x: Execution,
  context: IommufdContext,
  command: CommandOf<'TestTriggerIopf'>,
): PageRequestReply | Refusal {
  let reply: PageRequestReply | null = null;
  const rc = x.call('iommufd_test_trigger_iopf', () => {
    const device = x.getDevice(context, command.devId);
    if (device instanceof Refusal) return device;
    const physical = physicalDeviceOf(x.state, device.deviceNo);
    if (physical.kind !== 'MOCK') return new Refusal('EINVAL');
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
export function executeTestMdCheckIotlb(
  x: Execution,
  context: IommufdContext,
  command: CommandOf<'TestMdCheckIotlb'>,
): Errno {
  return x.call('iommufd_test_md_check_iotlb', () => {
    const hwpt = x.getObject(context, command.hwptId, 'HWPT_NESTED');
    if (hwpt instanceof Refusal) return hwpt.errno;
    if (command.iotlbId >= MOCK_NESTED_DOMAIN_IOTLB_NUM) return 'EINVAL';
    return hwpt.iotlb[command.iotlbId] === command.iotlb ? 0 : 'EINVAL';
  });
}

/**
 * Reserves a range for nobody. Source: iommufd_test_add_reserved. Errors: EINVAL, length 0;
 * EOVERFLOW; ENOENT; EADDRINUSE, an area or allowed range is in it.
 */
export function executeTestAddReserved(
  x: Execution,
  context: IommufdContext,
  { ioasId, start, length }: CommandOf<'TestAddReserved'>,
): Errno {
  return x.call('iommufd_test_add_reserved', () => {
    if (length === 0n) return 'EINVAL';
    const last = start + length - 1n;
    if (last > ULONG_MAX) return 'EOVERFLOW';
    const ioas = x.getIoas(context, ioasId);
    if (ioas instanceof Refusal) return ioas.errno;
    const rc = checkReserve(ioas, { start, last });
    if (rc !== 0) return rc;
    if (!x.allocates('kzalloc iopt_reserved')) return 'ENOMEM';
    x.emit({ type: 'ReservedRangeAdded', contextId: context.contextId, ioasId, start, last });
    return 0;
  });
}

/**
 * Compares what a mock hwpt maps with user memory, IO page by IO page. Source:
 * iommufd_test_md_check_pa. Errors: EINVAL, not aligned, wrapping, or mapped elsewhere; ENOENT;
 * EFAULT, the user address does not exist.
 */
export function executeTestMdCheckMap(
  x: Execution,
  context: IommufdContext,
  { hwptId, iova, length, userVa }: CommandOf<'TestMdCheckMap'>,
): Errno {
  return x.call('iommufd_test_md_check_pa', () => {
    if ((iova | length | userVa) % BigInt(MOCK_IO_PAGE_SIZE) !== 0n) return 'EINVAL';
    if (userVa + length > ULONG_MAX) return 'EINVAL';
    const hwpt = x.getObject(context, hwptId, 'HWPT_PAGING');
    if (hwpt instanceof Refusal) return hwpt.errno;
    if (hwpt.domain.driver !== 'MOCK') return 'EINVAL';
    if (length === 0n) return 0;
    const { areas } = contiguousAreas(ioasOf(context, hwpt.ioasId), iova, iova + length - 1n);
    let same = 0n;
    for (const { area, start, last } of areas) {
      if (area.userVa + (start - area.start) !== userVa + (start - iova)) break;
      same = last - iova + 1n;
    }
    if (same > 0n && !isPresent(context, userVa, same)) return 'EFAULT';
    if (same === length) return 0;
    return isPresent(context, userVa + same, 1n) ? 'EINVAL' : 'EFAULT';
  });
}
