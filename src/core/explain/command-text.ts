/** What an operation asked, in one line: its arguments with the uAPI's names beside their numbers. */
import {
  IOMMU_HWPT_DATA_NONE,
  IOMMU_HWPT_DATA_SELFTEST,
  IOMMU_HWPT_DATA_VTD_S1,
  IOMMU_HWPT_INVALIDATE_DATA_SELFTEST,
  IOMMU_HWPT_INVALIDATE_DATA_VTD_S1,
  IOMMU_OPTION_HUGE_PAGES,
  IOMMU_OPTION_OP_GET,
  IOMMU_OPTION_OP_SET,
  IOMMU_OPTION_RLIMIT_MODE,
  IOMMU_PGFAULT_PERM_EXEC,
  IOMMU_PGFAULT_PERM_PRIV,
  IOMMU_PGFAULT_PERM_READ,
  IOMMU_PGFAULT_PERM_WRITE,
  IOMMUFD_PAGE_RESP_INVALID,
  IOMMUFD_PAGE_RESP_SUCCESS,
} from '../../abi/uapi.ts';
import type { Command, CommandType } from '../machine/command.ts';
import {
  ACCESS_CREATE_FLAGS,
  ACCESS_FLAGS,
  DIRTY_BITMAP_FLAGS,
  DIRTY_TRACKING_FLAGS,
  type FlagNames,
  HW_INFO_FLAGS,
  HWPT_ALLOC_FLAGS,
  MAP_FLAG_NAMES,
  MOCK_DEVICE_FLAGS,
} from '../refuse/flags.ts';
import { hex, withHex } from './words.ts';

const PERM_FLAGS: FlagNames = {
  IOMMU_PGFAULT_PERM_READ,
  IOMMU_PGFAULT_PERM_WRITE,
  IOMMU_PGFAULT_PERM_EXEC,
  IOMMU_PGFAULT_PERM_PRIV,
};

/** Arguments that are words of bits. */
const BITS: Readonly<Partial<Record<CommandType, Readonly<Record<string, FlagNames>>>>> = {
  HwptAlloc: { flags: HWPT_ALLOC_FLAGS },
  HwptSetDirtyTracking: { flags: DIRTY_TRACKING_FLAGS },
  HwptGetDirtyBitmap: { flags: DIRTY_BITMAP_FLAGS },
  IoasMap: { flags: MAP_FLAG_NAMES },
  IoasCopy: { flags: MAP_FLAG_NAMES },
  GetHwInfo: { flags: HW_INFO_FLAGS },
  PageRequestSend: { perm: PERM_FLAGS },
  TestTriggerIopf: { perm: PERM_FLAGS },
  TestMockDomain: { devFlags: MOCK_DEVICE_FLAGS },
  TestCreateAccess: { flags: ACCESS_CREATE_FLAGS },
  TestAccessPages: { flags: ACCESS_FLAGS },
  TestAccessRw: { flags: ACCESS_FLAGS },
};

/** Arguments that are one of several numbers. */
const NUMBERS: Readonly<Partial<Record<CommandType, Readonly<Record<string, FlagNames>>>>> = {
  HwptAlloc: {
    dataType: { IOMMU_HWPT_DATA_NONE, IOMMU_HWPT_DATA_VTD_S1, IOMMU_HWPT_DATA_SELFTEST },
  },
  HwptInvalidate: {
    dataType: { IOMMU_HWPT_INVALIDATE_DATA_VTD_S1, IOMMU_HWPT_INVALIDATE_DATA_SELFTEST },
  },
  Option: {
    optionId: { IOMMU_OPTION_RLIMIT_MODE, IOMMU_OPTION_HUGE_PAGES },
    op: { IOMMU_OPTION_OP_SET, IOMMU_OPTION_OP_GET },
  },
};

/** Fields of records in a list that are one of several numbers. */
const RECORDS: Readonly<Partial<Record<CommandType, Readonly<Record<string, FlagNames>>>>> = {
  FaultWrite: { code: { IOMMUFD_PAGE_RESP_SUCCESS, IOMMUFD_PAGE_RESP_INVALID } },
};

/** `HwptAlloc contextId=1 devId=1 ptId=3 flags=4 (IOMMU_HWPT_FAULT_ID_VALID) …`; 64-bit numbers in hex. */
export function commandText(command: Command): string {
  return [command.type, ...argumentTexts(command)].join(' ');
}

/** Each argument with its value. */
function argumentTexts({ type, ...given }: Command): string[] {
  return Object.entries(given).map(([name, value]) => {
    const names = typeof value === 'number' ? namesOf(type, name, value) : null;
    return `${name}=${valueText(type, value)}${names === null ? '' : ` (${names})`}`;
  });
}

/** What the uAPI calls the number; null if it has no name for any of it. */
function namesOf(type: CommandType, name: string, value: number): string | null {
  const bits = BITS[type]?.[name];
  if (bits !== undefined) {
    const set = Object.keys(bits).filter(key => (value & bits[key]!) !== 0);
    return set.join('|') || null;
  }
  return nameOf(NUMBERS[type]?.[name], value);
}

function nameOf(numbers: FlagNames | undefined, value: unknown): string | null {
  if (numbers === undefined) return null;
  return Object.keys(numbers).find(key => numbers[key] === value) ?? null;
}

function valueText(type: CommandType, value: unknown): string {
  if (typeof value === 'bigint') return hex(value);
  if (typeof value === 'string') return value;
  return JSON.stringify(value, (field, part) => {
    const name = nameOf(RECORDS[type]?.[field], part);
    return name === null ? withHex(field, part) : `${part} (${name})`;
  });
}
