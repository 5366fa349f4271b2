/** Types of operations, each with the mutation that asks for one. */
import type { CommandType } from '../../core/machine/command.ts';
import { builder } from '../builder/builder.ts';

/** null: no mutation does, whatIf alone. */
export const COMMAND_MUTATION: Readonly<Record<CommandType, string | null>> = {
  MachineCreate: 'machineCreate',
  PciDeviceAdd: 'pciDeviceAdd',
  PciDeviceRemove: 'pciDeviceRemove',
  KernelReplace: null,
  ContextOpen: 'contextOpen',
  ContextClose: 'contextClose',
  IoasAlloc: 'ioasAlloc',
  HwptAlloc: 'hwptAlloc',
  HwptInvalidate: 'hwptInvalidate',
  GetHwInfo: 'getHwInfo',
  Destroy: 'destroy',
  FaultQueueAlloc: 'faultQueueAlloc',
  FaultRead: 'faultRead',
  FaultWrite: 'faultWrite',
  FaultPoll: 'faultPoll',
  FaultClose: 'faultClose',
  DeviceBind: 'deviceBind',
  DeviceAttach: 'deviceAttach',
  DeviceReplace: 'deviceReplace',
  DeviceDetach: 'deviceDetach',
  DeviceUnbind: 'deviceUnbind',
  PageRequestSend: 'pageRequest',
  TestMockDomain: 'testMockDomain',
  TestMockDomainReplace: 'testMockDomainReplace',
  TestTriggerIopf: 'testTriggerIopf',
  TestMdCheckIotlb: 'testMdCheckIotlb',
  PageRequestResume: 'pageRequestResume',
  VpriResetSend: 'vpriReset',
  IoasMap: 'ioasMap',
  IoasCopy: 'ioasCopy',
  IoasUnmap: 'ioasUnmap',
  IoasIovaRanges: 'ioasIovaRanges',
  IoasAllowIovas: 'ioasAllowIovas',
  Option: 'option',
  VfioIoas: 'vfioIoas',
  HwptSetDirtyTracking: 'hwptSetDirtyTracking',
  HwptGetDirtyBitmap: 'hwptGetDirtyBitmap',
  TestAddReserved: 'testAddReserved',
  TestMdCheckMap: 'testMdCheckMap',
  TestDirty: 'testDirty',
  TestCreateAccess: 'testCreateAccess',
  TestAccessClose: 'testAccessClose',
  TestAccessReplaceIoas: 'testAccessReplaceIoas',
  TestAccessPages: 'testAccessPages',
  TestDestroyAccessPages: 'testDestroyAccessPages',
  TestAccessRw: 'testAccessRw',
};

export const CommandTypeEnum = builder.enumType('CommandType', {
  description: 'Types of operations, as the field `command` of an operation names them.',
  values: Object.fromEntries(
    Object.entries(COMMAND_MUTATION).map(([type, mutation]) => [
      type,
      {
        value: type as CommandType,
        description:
          mutation === null
            ? 'whatIf alone, where it goes on under another kernel.'
            : `The mutation ${mutation}.`,
      },
    ]),
  ) as Record<CommandType, { value: CommandType; description: string }>,
});
