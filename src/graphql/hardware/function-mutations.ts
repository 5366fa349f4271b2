/** A function's registers: PRI, ATS, invalidation of its ATC, reset. */
import { PRI_ALLOCATION_WANTED } from '../../abi/limits.ts';
import type { CommandOf } from '../../core/machine/command.ts';
import { builder } from '../builder/builder.ts';
import { kernelMutation, MACHINE_ID_FIELD } from '../builder/kernel-mutation.ts';
import { PhysicalDeviceInterface } from '../builder/refs.ts';
import { physicalDeviceView } from '../builder/view.ts';
import { BDF_FIELD } from './dma-mutations.ts';

type Plain =
  | 'PriDisable'
  | 'PriResetSend'
  | 'AtsEnable'
  | 'AtsDisable'
  | 'DeviceReset'
  | 'StallTerminate';

/** A mutation that takes a function and nothing else. */
function onFunction<T extends Plain>(command: T, inputName: string, description: string) {
  return kernelMutation<T, { machineId?: string | null | undefined; bdf: string }>({
    command,
    description: `${description} Errors: ENODEV; EOPNOTSUPP; ${ERRORS[command]}`,
    input: builder.inputType(inputName, {
      description: `Arguments of ${inputName.charAt(0).toLowerCase()}${inputName.slice(1, -5)}.`,
      fields: t => ({
        machineId: t.field(MACHINE_ID_FIELD),
        bdf: t.field(BDF_FIELD),
      }),
    }),
    toCommand: ({ bdf }) => ({ type: command, bdf }) as CommandOf<T>,
  });
}

const ERRORS: Readonly<Record<Plain, string>> = {
  PriDisable: 'EINVAL, no PRI or it is off.',
  PriResetSend: 'EINVAL, no PRI; EBUSY, it is on.',
  AtsEnable: 'EINVAL, no ATS; EBUSY, it is on.',
  AtsDisable: 'EINVAL, no ATS; EBUSY, it is off.',
  DeviceReset: 'none else.',
  StallTerminate: 'EOPNOTSUPP also without the stall model.',
};

const priEnable = kernelMutation({
  command: 'PriEnable',
  description:
    'PRI Control: sets Enable (pci_enable_pri); RF and UPRGI are clear by that. Errors: ENODEV; EOPNOTSUPP; EINVAL, no PRI or no allocation; EBUSY, it is on, or not stopped: priReset first.',
  input: builder.inputType('PriEnableInput', {
    description: 'Arguments of priEnable.',
    fields: t => ({
      machineId: t.field(MACHINE_ID_FIELD),
      bdf: t.field(BDF_FIELD),
      allocation: t.field({
        type: 'U32',
        defaultValue: PRI_ALLOCATION_WANTED,
        description:
          'Outstanding Page Request Allocation, from 1; more than the capacity is the capacity.',
      }),
    }),
  }),
  toCommand: ({ bdf, allocation }) => ({
    type: 'PriEnable',
    bdf,
    allocation: allocation ?? PRI_ALLOCATION_WANTED,
  }),
});

const atcInvalidate = kernelMutation({
  command: 'AtcInvalidate',
  description:
    'A guest invalidates a range of a function’s ATC (SMMUv3 CMD_ATC_INV, RISC-V ATS.INVAL). Errors: ENODEV; EOPNOTSUPP; EINVAL, ATS is off, a PASID it has not, a range that is empty or not aligned; EIO, the invalidation queue has stopped; EBUSY, it takes no more.',
  input: builder.inputType('AtcInvalidateInput', {
    description: 'Arguments of atcInvalidate.',
    fields: t => ({
      machineId: t.field(MACHINE_ID_FIELD),
      bdf: t.field(BDF_FIELD),
      pasid: t.field({ type: 'Pasid', description: 'Left out: requests without a PASID.' }),
      addr: t.field({ type: 'PageAddress', required: true, description: 'First page.' }),
      size: t.field({ type: 'PageAddress', required: true, description: 'Bytes, not 0.' }),
    }),
  }),
  toCommand: ({ bdf, pasid, addr, size }) => ({
    type: 'AtcInvalidate',
    bdf,
    pasid: pasid ?? null,
    addr,
    size,
  }),
  payload: t => ({
    physicalDevice: t.field({
      type: PhysicalDeviceInterface,
      nullable: true,
      description: 'The function, as it is now.',
      resolve: ({ machine, command }) =>
        physicalDeviceView(machine, machine.state.bdfs.get(command.bdf) ?? 0),
    }),
  }),
});

const stallResume = kernelMutation({
  command: 'StallResume',
  description:
    'CMD_RESUME of a stalled transaction, past the kernel (IHI 0070, 4.7.1). A tag that no transaction has is without effect. The kernel does not know of it: the iopf group stays until it is answered, by a detach at the latest, which is a STALE_STAG_RESUMED then. Errors: ENODEV; EOPNOTSUPP, also without the stall model; EINVAL, a tag past 16 bits.',
  input: builder.inputType('StallResumeInput', {
    description: 'Arguments of stallResume.',
    fields: t => ({
      machineId: t.field(MACHINE_ID_FIELD),
      bdf: t.field(BDF_FIELD),
      stag: t.field({ type: 'U32', required: true, description: 'Its STAG, 16 bits.' }),
      retry: t.boolean({ required: true, description: 'Try it again; else it is aborted.' }),
    }),
  }),
  toCommand: ({ bdf, stag, retry }) => ({ type: 'StallResume', bdf, stag, retry }),
});

export const FUNCTION_MUTATIONS = {
  PriEnable: priEnable,
  PriDisable: onFunction(
    'PriDisable',
    'PriDisableInput',
    'PRI Control: clears Enable (pci_disable_pri). What was sent is still answered.',
  ),
  PriResetSend: onFunction(
    'PriResetSend',
    'PriResetInput',
    'PRI Control: Reset, which forgets what is outstanding (pci_reset_pri).',
  ),
  AtsEnable: onFunction('AtsEnable', 'AtsEnableInput', 'ATS Control: sets Enable.'),
  AtsDisable: onFunction(
    'AtsDisable',
    'AtsDisableInput',
    'ATS Control: clears Enable; nothing is cached then.',
  ),
  AtcInvalidate: atcInvalidate,
  StallResume: stallResume,
  StallTerminate: onFunction(
    'StallTerminate',
    'StallTerminateInput',
    'CMD_STALL_TERM: every stalled transaction of a function ends.',
  ),
  DeviceReset: onFunction(
    'DeviceReset',
    'DeviceResetInput',
    'Resets a function: its DMAs end, its ATC and what is outstanding are forgotten, and what its driver had set is set again.',
  ),
};
