/**
 * Commands: the operations a machine knows, as plain data with the uAPI's names. Each has its type,
 * its reply and its entry in the folder of what it works on; here they come together.
 */
import { DMA_OPERATIONS, type DmaOperations } from '../hardware/dma/operations.ts';
import { STALL_OPERATIONS, type StallOperations } from '../hardware/dma/stall-operations.ts';
import { GUEST_OPERATIONS, type GuestOperations } from '../hardware/guest/operations.ts';
import { HARDWARE_OPERATIONS, type HardwareOperations } from '../hardware/operations.ts';
import { FUNCTION_OPERATIONS, type FunctionOperations } from '../hardware/pri/operations.ts';
import { UNIT_OPERATIONS, type UnitOperations } from '../hardware/unit/operations.ts';
import { DEVICE_OPERATIONS, type DeviceOperations } from '../iommufd/device/operations.ts';
import { FAULT_OPERATIONS, type FaultOperations } from '../iommufd/fault/operations.ts';
import { DIRTY_OPERATIONS, type DirtyOperations } from '../iommufd/hwpt/dirty-operations.ts';
import { HWPT_OPERATIONS, type HwptOperations } from '../iommufd/hwpt/operations.ts';
import { MAP_OPERATIONS, type MapOperations } from '../iommufd/ioas/map-operations.ts';
import { IOAS_OPERATIONS, type IoasOperations } from '../iommufd/ioas/operations.ts';
import { CALL_OPERATIONS, type CallOperations } from '../iommufd/main/call-operations.ts';
import { CONTEXT_OPERATIONS, type ContextOperations } from '../iommufd/main/operations.ts';
import { OPTION_OPERATIONS, type OptionOperations } from '../iommufd/main/option-operations.ts';
import { VFIO_COMPAT_OPERATIONS, type VfioCompatOperations } from '../iommufd/main/vfio-compat.ts';
import { ACCESS_OPERATIONS, type AccessOperations } from '../iommufd/selftest/access-operations.ts';
import {
  ACCESS_PAGES_OPERATIONS,
  type AccessPagesOperations,
} from '../iommufd/selftest/access-pages-operations.ts';
import {
  TEST_MEMORY_OPERATIONS,
  type TestMemoryOperations,
} from '../iommufd/selftest/memory-operations.ts';
import { SELFTEST_OPERATIONS, type SelftestOperations } from '../iommufd/selftest/operations.ts';
import { PASID_OPERATIONS, type PasidOperations } from '../iommufd/selftest/pasid-operations.ts';
import { TEST_PIN_OPERATIONS, type TestPinOperations } from '../iommufd/selftest/pin-operations.ts';
import { USER_MEMORY_OPERATIONS, type UserMemoryOperations } from '../memory/operations.ts';
import { VFIO_OPERATIONS, type VfioOperations } from '../vfio/operations.ts';
import type { OperationEntries, OperationEntry } from './operation-entry.ts';
import { MACHINE_OPERATIONS, type MachineOperations } from './operations.ts';
import type { Outside } from './outside.ts';

/** Every operation with its command and its reply. */
export interface Operations
  extends MachineOperations,
    HardwareOperations,
    UnitOperations,
    FunctionOperations,
    DmaOperations,
    StallOperations,
    GuestOperations,
    ContextOperations,
    CallOperations,
    UserMemoryOperations,
    OptionOperations,
    VfioCompatOperations,
    IoasOperations,
    MapOperations,
    HwptOperations,
    DirtyOperations,
    DeviceOperations,
    FaultOperations,
    VfioOperations,
    SelftestOperations,
    PasidOperations,
    TestMemoryOperations,
    TestPinOperations,
    AccessOperations,
    AccessPagesOperations {}

export type CommandType = keyof Operations;
export type CommandOf<T extends CommandType> = Operations[T]['command'] & {
  readonly outside?: Outside;
};
export type Command = CommandOf<CommandType>;
/** What an operation writes back to its caller. */
export type ReplyOf = { readonly [T in CommandType]: Operations[T]['reply'] };
export type AnyReply = ReplyOf[CommandType];

/** The entry of every operation. */
export const OPERATIONS: OperationEntries<Operations> = {
  ...MACHINE_OPERATIONS,
  ...HARDWARE_OPERATIONS,
  ...UNIT_OPERATIONS,
  ...FUNCTION_OPERATIONS,
  ...DMA_OPERATIONS,
  ...STALL_OPERATIONS,
  ...GUEST_OPERATIONS,
  ...CONTEXT_OPERATIONS,
  ...CALL_OPERATIONS,
  ...USER_MEMORY_OPERATIONS,
  ...OPTION_OPERATIONS,
  ...VFIO_COMPAT_OPERATIONS,
  ...IOAS_OPERATIONS,
  ...MAP_OPERATIONS,
  ...HWPT_OPERATIONS,
  ...DIRTY_OPERATIONS,
  ...DEVICE_OPERATIONS,
  ...FAULT_OPERATIONS,
  ...VFIO_OPERATIONS,
  ...SELFTEST_OPERATIONS,
  ...PASID_OPERATIONS,
  ...TEST_MEMORY_OPERATIONS,
  ...TEST_PIN_OPERATIONS,
  ...ACCESS_OPERATIONS,
  ...ACCESS_PAGES_OPERATIONS,
};

/** The types of all operations. */
export const COMMAND_TYPES = Object.keys(OPERATIONS) as CommandType[];

/** Whether there is an operation of this name. */
export function isCommandType(name: string): name is CommandType {
  return Object.hasOwn(OPERATIONS, name);
}

/** The entry of a command, for the command itself: the table pairs each type with its own. */
export function entryOf(command: Command): OperationEntry<Command, AnyReply> {
  return OPERATIONS[command.type] as unknown as OperationEntry<Command, AnyReply>;
}
