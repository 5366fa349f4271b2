/** Hardware information. Mirrors drivers/iommu/iommufd/device.c of Linux 6.12.117. */
import {
  IOMMU_HW_CAP_DIRTY_TRACKING,
  IOMMU_HW_CAP_PCI_ATS_NOT_SUPPORTED,
  IOMMU_HW_CAP_PCI_PASID_EXEC,
  IOMMU_HW_CAP_PCI_PASID_PRIV,
  IOMMU_HW_INFO_FLAG_INPUT_TYPE,
  IOMMU_HW_INFO_TYPE_DEFAULT,
} from '../../../abi/uapi.ts';
import { driverOf } from '../../hardware/drivers.ts';
import { answer, inContext } from '../../machine/answer.ts';
import type { Execution } from '../../machine/execution.ts';
import { physicalDeviceOf } from '../../machine/lookup.ts';
import type { Operation, OperationEntries } from '../../machine/operation-entry.ts';
import { Refusal } from '../../machine/refusal.ts';
import { HW_INFO_FLAGS, unknownFlags } from '../../refuse/flags.ts';
import type { IommufdContext } from '../state.ts';

/** IOMMU_GET_HW_INFO (iommufd_get_hw_info). */
export interface GetHwInfo {
  readonly type: 'GetHwInfo';
  readonly contextId: number;
  readonly flags: number;
  readonly devId: number;
  readonly dataLen: number;
  /** The type asked for, looked at with IOMMU_HW_INFO_FLAG_INPUT_TYPE; left out: the default, 0. */
  readonly inDataType?: number;
}

export interface GetHwInfoReply {
  readonly outDataType: number;
  /** Bytes the kernel has, which may be more than were asked for. */
  readonly dataLen: number;
  readonly outMaxPasidLog2: number;
  readonly outCapabilities: bigint;
  /** The driver's structure as little-endian bytes in hex, at most as many as were asked for. */
  readonly data: string;
}

export interface DeviceOperations {
  GetHwInfo: Operation<GetHwInfo, GetHwInfoReply>;
}

export const DEVICE_OPERATIONS: OperationEntries<DeviceOperations> = {
  GetHwInfo: {
    sentence: 'IOMMU_GET_HW_INFO (iommufd_get_hw_info).',
    mutation: 'getHwInfo',
    support: {
      name: 'IOMMU_GET_HW_INFO',
      source: 'iommufd_get_hw_info (drivers/iommu/iommufd/device.c)',
      status: 'SUPPORTED',
      note: '',
    },
    arguments: {
      contextId: 'contextId',
      flags: 'u32',
      devId: 'u32',
      dataLen: 'u32',
      inDataType: 'u32?',
    },
    execute: inContext((x, context, command) =>
      answer(executeGetHwInfo(x, context, command), reply => reply),
    ),
  },
};

function hexOf(bytes: Uint8Array): string {
  return Array.from(bytes, byte => byte.toString(16).padStart(2, '0')).join('');
}

/**
 * Source: iommufd_get_hw_info. Errors: EOPNOTSUPP, a flag this kernel does not know or a type that is
 * not the driver's; ENOENT.
 */
function executeGetHwInfo(
  x: Execution,
  context: IommufdContext,
  command: GetHwInfo,
): GetHwInfoReply | Refusal {
  let reply: GetHwInfoReply | null = null;
  const rc = x.call('iommufd_get_hw_info', () => {
    const known = x.behaviour.hwInfoInputType ? IOMMU_HW_INFO_FLAG_INPUT_TYPE : 0;
    const unknown = unknownFlags(command.flags, known, HW_INFO_FLAGS);
    if (unknown !== null) return unknown;
    const device = x.getDevice(context, command.devId);
    if (device instanceof Refusal) return device;
    const physical = physicalDeviceOf(x.state, device.deviceNo);
    const driver = driverOf(physical);
    const { dataType, data } = driver.hwInfo(physical);
    const { flags, inDataType = IOMMU_HW_INFO_TYPE_DEFAULT } = command;
    // Without the flag the type is not looked at.
    const asked =
      (flags & IOMMU_HW_INFO_FLAG_INPUT_TYPE) !== 0 && inDataType !== IOMMU_HW_INFO_TYPE_DEFAULT;
    if (asked && inDataType !== dataType) {
      const facts = { asked: inDataType, has: dataType };
      return x.refusedBy('ops->hw_info', new Refusal('EOPNOTSUPP', 'HW_INFO_TYPE', facts));
    }
    if (!x.allocates('ops->hw_info kzalloc')) return new Refusal('ENOMEM');
    const pasidLog2 = x.behaviour.hwInfoPasid ? driver.maxPasidLog2(physical) : 0;
    reply = {
      outDataType: dataType,
      dataLen: data.length,
      outMaxPasidLog2: pasidLog2,
      outCapabilities:
        (driver.dirtyTracking(physical) ? IOMMU_HW_CAP_DIRTY_TRACKING : 0n) |
        (pasidLog2 > 0 && physical.kind === 'PCI'
          ? IOMMU_HW_CAP_PCI_PASID_EXEC | IOMMU_HW_CAP_PCI_PASID_PRIV
          : 0n) |
        (x.behaviour.hwInfoAts && !driver.ats(physical) ? IOMMU_HW_CAP_PCI_ATS_NOT_SUPPORTED : 0n),
      data: hexOf(data.subarray(0, command.dataLen)),
    };
    return 0;
  });
  return rc instanceof Refusal ? rc : reply!;
}
