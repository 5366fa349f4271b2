/** IOMMUs' queues and hardware's time by command. */
import { PRQ_ENTRIES_MAX, TICKS_MAX } from '../../abi/limits.ts';
import { builder } from '../builder/builder.ts';
import { kernelMutation, MACHINE_ID_FIELD } from '../builder/kernel-mutation.ts';
import { IopfGroupType } from '../builder/refs.ts';
import { iopfGroupViews } from '../builder/view.ts';
import { checkWithin } from './dma-input.ts';
import { IommuType, iommuView } from './iommu.ts';

const IOMMU_FIELD = {
  type: 'U32',
  required: true,
  description: 'The IOMMU, counted from 0. ENODEV if there is none.',
} as const;

const prqServe = kernelMutation({
  command: 'PrqServe',
  description:
    'The driver’s interrupt thread: reads the page request queue, reports what it reads to the page-fault core, and clears an overflow once the queue is empty. Errors: ENODEV.',
  input: builder.inputType('PrqServeInput', {
    description: 'Arguments of prqServe.',
    fields: t => ({
      machineId: t.field(MACHINE_ID_FIELD),
      iommu: t.field(IOMMU_FIELD),
      max: t.int({
        defaultValue: PRQ_ENTRIES_MAX,
        description: `Records at most, from 1 to ${PRQ_ENTRIES_MAX}.`,
      }),
    }),
  }),
  toCommand: ({ iommu, max }) => ({
    type: 'PrqServe',
    iommuNo: iommu,
    max: checkWithin('input.max', max ?? PRQ_ENTRIES_MAX, 1, PRQ_ENTRIES_MAX),
  }),
  payload: t => ({
    count: t.int({ description: 'Records read.', resolve: ({ reply }) => reply.count }),
    iopfGroups: t.field({
      type: [IopfGroupType],
      description: 'The groups that were completed, as they are now; those answered are left out.',
      resolve: ({ machine, reply }) =>
        iopfGroupViews(machine, reply.iopfGroupIds, reply.iopfGroupIds.length),
    }),
    iommu: t.field({
      type: IommuType,
      nullable: true,
      description: 'The IOMMU, as it is now.',
      resolve: ({ machine, command }) => iommuView(machine, command.iommuNo),
    }),
  }),
});

const prqSwitch = kernelMutation({
  command: 'PrqSwitch',
  description:
    'Turns a page request queue on or off; off, the hardware itself answers. Errors: ENODEV; EBUSY, it is so already.',
  input: builder.inputType('PrqSwitchInput', {
    description: 'Arguments of prqSwitch.',
    fields: t => ({
      machineId: t.field(MACHINE_ID_FIELD),
      iommu: t.field(IOMMU_FIELD),
      enabled: t.boolean({ required: true, description: 'On, or off.' }),
    }),
  }),
  toCommand: ({ iommu, enabled }) => ({ type: 'PrqSwitch', iommuNo: iommu, enabled }),
});

const hardwareAdvance = kernelMutation({
  command: 'HardwareAdvance',
  description:
    'Hardware’s time goes on: DMAs whose deadline passes are given up, invalidations that no device completed time out. Errors: EINVAL, past the end of time.',
  input: builder.inputType('HardwareAdvanceInput', {
    description: 'Arguments of hardwareAdvance.',
    fields: t => ({
      machineId: t.field(MACHINE_ID_FIELD),
      ticks: t.int({ required: true, description: `Ticks, from 1 to ${TICKS_MAX}.` }),
    }),
  }),
  toCommand: ({ ticks }) => ({
    type: 'HardwareAdvance',
    ticks: checkWithin('input.ticks', ticks, 1, TICKS_MAX),
  }),
  payload: t => ({
    tick: t.float({ description: 'What time it is.', resolve: ({ reply }) => reply.tick }),
  }),
});

const queueErrorClear = kernelMutation({
  command: 'QueueErrorClear',
  description:
    'Software clears the error at which an invalidation queue stopped. Errors: ENODEV; ENOENT, there is none.',
  input: builder.inputType('QueueErrorClearInput', {
    description: 'Arguments of queueErrorClear.',
    fields: t => ({
      machineId: t.field(MACHINE_ID_FIELD),
      iommu: t.field(IOMMU_FIELD),
    }),
  }),
  toCommand: ({ iommu }) => ({ type: 'QueueErrorClear', iommuNo: iommu }),
});

export const UNIT_MUTATIONS = {
  PrqServe: prqServe,
  PrqSwitch: prqSwitch,
  HardwareAdvance: hardwareAdvance,
  QueueErrorClear: queueErrorClear,
};
