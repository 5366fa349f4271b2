/**
 * Hardware page tables: how they are made, taken back and destroyed.
 * Mirrors drivers/iommu/iommufd/hw_pagetable.c of Linux 6.12.117.
 */
import type { Errno } from '../../../abi/errno.ts';
import type { RefusalRule } from '../../../abi/refusal-rules.ts';
import {
  IOMMU_HWPT_ALLOC_DIRTY_TRACKING,
  IOMMU_HWPT_ALLOC_NEST_PARENT,
  IOMMU_HWPT_ALLOC_PASID,
  IOMMU_HWPT_FAULT_ID_VALID,
} from '../../../abi/uapi.ts';
import { driverNameOf, driverOf } from '../../hardware/drivers.ts';
import { iommuOfDevice, isModelled } from '../../hardware/function/lookup.ts';
import type { UserData } from '../../hardware/iommu-driver.ts';
import type { PhysicalDevice } from '../../hardware/state.ts';
import { takesNestedFaults } from '../../hardware/unit/possible.ts';
import type { Execution } from '../../machine/execution.ts';
import { hwptOf, physicalDeviceOf } from '../../machine/lookup.ts';
import { Refusal } from '../../machine/refusal.ts';
import { HWPT_ALLOC_FLAGS, unknownFlags } from '../../refuse/flags.ts';
import { iopTableAddDomain } from '../ioas/ioas.ts';
import { objectAbort, objectAlloc, objectGone, removeObject } from '../main/object.ts';
import type { Device, Hwpt, HwptPaging, Ioas, IommufdContext } from '../state.ts';

const PAGING_FLAGS =
  IOMMU_HWPT_ALLOC_NEST_PARENT | IOMMU_HWPT_ALLOC_DIRTY_TRACKING | IOMMU_HWPT_FAULT_ID_VALID;

/** IOMMU_HWPT_ALLOC_PASID, on kernels that know it. */
function pasidFlag(x: Execution): number {
  return x.behaviour.pasidHwpts ? IOMMU_HWPT_ALLOC_PASID : 0;
}

interface PagingAllocOptions {
  /** Left out: none came. */
  readonly userData?: UserData;
  /** Made on behalf of attach or replace with an IOAS id. */
  readonly auto?: boolean;
  /** Runs after the driver made the domain and before the domain joins the IOAS. */
  readonly immediateAttach?: (hwpt: HwptPaging) => Errno;
  /** Undoes `immediateAttach`. */
  readonly immediateDetach?: (hwpt: HwptPaging) => void;
}

/** Source: iommufd_hwpt_paging_alloc. */
export function hwptPagingAlloc(
  x: Execution,
  context: IommufdContext,
  ioas: Ioas,
  device: Device,
  flags: number,
  options: PagingAllocOptions,
): HwptPaging | Refusal {
  return x.call('iommufd_hwpt_paging_alloc', () => {
    const { contextId } = context;
    const physical = physicalDeviceOf(x.state, device.deviceNo);
    const driver = driverOf(physical);
    const { faultOnPagingHwpt } = x.behaviour;
    const unknown = unknownFlags(flags, PAGING_FLAGS | pasidFlag(x), HWPT_ALLOC_FLAGS);
    if (unknown !== null) return unknown;
    const wantsFault = (flags & IOMMU_HWPT_FAULT_ID_VALID) !== 0;
    if (wantsFault && faultOnPagingHwpt === 'NO') {
      return new Refusal('EOPNOTSUPP', 'FAULT_ON_PAGING');
    }
    if ((flags & IOMMU_HWPT_ALLOC_DIRTY_TRACKING) !== 0 && !driver.dirtyTracking(physical)) {
      const facts = { argument: 'flags', what: 'device', id: device.id };
      return new Refusal('EOPNOTSUPP', 'NO_DIRTY_TRACKING', facts);
    }
    const nestParent = (flags & IOMMU_HWPT_ALLOC_NEST_PARENT) !== 0;
    if (wantsFault && nestParent && !x.behaviour.faultWithNestParent) {
      return new Refusal('EOPNOTSUPP', 'FAULT_ON_NEST_PARENT');
    }
    let rc = objectAlloc(x, context);
    if (rc !== 0) return new Refusal(rc);
    let refusal: Refusal | null = null;
    x.call(driver.functions.allocPaging, () => {
      // 6.13 hands the flag on to the driver; later kernels take it away first.
      const driverFlags = faultOnPagingHwpt === 'YES' ? flags & ~IOMMU_HWPT_FAULT_ID_VALID : flags;
      const domain = x.allocates(`${driver.functions.allocPaging} kzalloc`)
        ? driver.allocPaging(physical, driverFlags, options.userData ?? null, x.behaviour)
        : new Refusal('ENOMEM');
      if (domain instanceof Refusal) {
        refusal = copyRefused(x, domain);
        return domain;
      }
      x.emit({
        type: 'HwptPagingAllocated',
        contextId,
        hwptId: context.ids.peek(),
        ioasId: ioas.id,
        nestParent,
        pasid: (flags & IOMMU_HWPT_ALLOC_PASID) !== 0,
        auto: options.auto ?? false,
        domain,
      });
      return 0;
    });
    if (refusal !== null) return refusal;
    const hwpt = newestHwpt(x, context) as HwptPaging;
    if (options.immediateAttach !== undefined) {
      rc = options.immediateAttach(hwpt);
      if (rc !== 0) {
        objectAbort(x, context, hwpt.id, hwpt.type);
        return new Refusal(rc);
      }
    }
    rc = iopTableAddDomain(x, context, hwpt);
    if (rc !== 0) {
      options.immediateDetach?.(hwpt);
      objectAbort(x, context, hwpt.id, hwpt.type);
      return new Refusal(rc);
    }
    return hwpt;
  });
}

/** Rules of copying a driver's structure from user memory, which has a function of its own. */
const COPYING: ReadonlySet<RefusalRule> = new Set([
  'DATA_LENGTH',
  'USER_DATA_MISSING',
  'ENTRY_LENGTH',
]);

/** A driver's refusal, by the function that copies its structure where that decided. */
export function copyRefused(x: Execution, refusal: Refusal): Refusal {
  const copying = refusal.reason !== null && COPYING.has(refusal.reason.rule);
  if (copying) return x.refusedBy('__iommu_copy_struct_from_user', refusal);
  x.pass(refusal);
  return refusal;
}

/** Source: iommufd_hwpt_nested_alloc. */
export function hwptNestedAlloc(
  x: Execution,
  context: IommufdContext,
  parent: HwptPaging,
  device: Device,
  flags: number,
  userData: UserData,
): Hwpt | Refusal {
  return x.call('iommufd_hwpt_nested_alloc', () => {
    const physical = physicalDeviceOf(x.state, device.deviceNo);
    const driver = driverOf(physical);
    const known = IOMMU_HWPT_FAULT_ID_VALID | pasidFlag(x);
    const unknown = unknownFlags(flags, known, HWPT_ALLOC_FLAGS);
    if (unknown !== null) return unknown;
    if (userData.dataLen === 0) return new Refusal('EOPNOTSUPP', 'NESTED_WITHOUT_DATA');
    const hwptId = parent.id;
    if (parent.auto) return new Refusal('EINVAL', 'AUTOMATIC_PARENT', { hwptId });
    if (!parent.nestParent) return new Refusal('EINVAL', 'NOT_A_NEST_PARENT', { hwptId });
    const foreign = parent.domain.driver !== driverNameOf(physical);
    if (foreign && x.behaviour.nestParentDriverChecked) {
      return new Refusal('EINVAL', 'OTHER_DRIVER', { hwptId });
    }
    const rc = objectAlloc(x, context);
    if (rc !== 0) return new Refusal(rc);
    let refusal: Refusal | null = null;
    x.call(driver.functions.allocNested, () => {
      refusal = nestedFaultsRefused(x, physical, flags);
      if (refusal !== null) return refusal;
      const value = x.allocates(`${driver.functions.allocNested} kzalloc`)
        ? driver.allocNested(userData, parent, x.behaviour)
        : new Refusal('ENOMEM');
      if (value instanceof Refusal) {
        refusal = copyRefused(x, value);
        return value;
      }
      x.emit({
        type: 'HwptNestedAllocated',
        contextId: context.contextId,
        hwptId: context.ids.peek(),
        parentId: parent.id,
        driver: driverNameOf(physical),
        pasid: (flags & IOMMU_HWPT_ALLOC_PASID) !== 0,
        userData: value,
      });
      return 0;
    });
    return refusal ?? newestHwpt(x, context);
  });
}

/** null: the driver makes nested hwpts with these flags for the function. */
function nestedFaultsRefused(x: Execution, device: PhysicalDevice, flags: number): Refusal | null {
  if ((flags & IOMMU_HWPT_FAULT_ID_VALID) === 0 || !isModelled(device)) return null;
  const { spec } = iommuOfDevice(x.state, device);
  if (takesNestedFaults(spec)) return null;
  return new Refusal('EOPNOTSUPP', 'NESTED_FAULTS', { vendor: spec.vendor });
}

/** The hwpt the last event made. */
function newestHwpt(x: Execution, context: IommufdContext): Hwpt {
  const event = x.events.at(-1)!;
  if (event.type !== 'HwptPagingAllocated' && event.type !== 'HwptNestedAllocated') {
    throw new Error('assertion failed: the last event made a hwpt');
  }
  return hwptOf(context, event.hwptId);
}

/** A finished hwpt is taken back (iommufd_object_abort_and_destroy). */
export function hwptAbort(x: Execution, context: IommufdContext, hwpt: Hwpt): void {
  if (hwpt.type === 'HWPT_PAGING') destroyHwptPaging(x, context, hwpt);
  objectAbort(x, context, hwpt.id, hwpt.type);
}

/** The domain leaves its IOAS. Source: iommufd_hwpt_paging_destroy. */
export function destroyHwptPaging(x: Execution, context: IommufdContext, hwpt: HwptPaging): void {
  const { contextId } = context;
  x.emit({ type: 'DomainRemoved', contextId, ioasId: hwpt.ioasId, hwptId: hwpt.id });
}

/** Drops a device's hold on a hwpt it left; an automatic one goes. Source: iommufd_hw_pagetable_put. */
export function hwptPut(x: Execution, context: IommufdContext, hwpt: Hwpt): void {
  if (hwpt.type !== 'HWPT_PAGING' || !hwpt.auto) return;
  x.call('iommufd_object_put_and_try_destroy', () =>
    removeObject(x, context, hwpt.id, () => {
      destroyHwptPaging(x, context, hwpt);
      objectGone(x, context, hwpt);
    }),
  );
}
