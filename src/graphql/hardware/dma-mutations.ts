/** DMA by command, and devices' programs. */
import { DMA_DATA_BYTES_MAX, PROGRAM_STEPS_MAX } from '../../abi/limits.ts';
import type { UserRun } from '../../core/hardware/dma/events.ts';
import { badInput } from '../builder/bad-input.ts';
import { builder } from '../builder/builder.ts';
import { kernelMutation, MACHINE_ID_FIELD } from '../builder/kernel-mutation.ts';
import { hexOf } from '../iommufd/selftest/memory-mutations.ts';
import {
  checkRange,
  checkWithin,
  DmaOptionsInput,
  dmaOptions,
  ProgramOpInput,
  ProgramOptionsInput,
  programOps,
  programOptions,
} from './dma-input.ts';
import { AbortReasonEnum, DmaStateEnum, ProgramStateEnum } from './enums.ts';

export const BDF_FIELD = {
  type: 'PciAddress',
  required: true,
  description: 'The function. ENODEV if there is none, EOPNOTSUPP if its IOMMU is not modelled.',
} as const;

const RunType = builder.objectRef<UserRun>('DmaRun').implement({
  description: 'User memory that a DMA moved, in the order of its IOVAs.',
  fields: t => ({
    contextId: t.exposeInt('contextId', { description: 'The context whose process has it.' }),
    userVa: t.expose('userVa', { type: 'HexU64', description: 'User address of the first byte.' }),
    length: t.expose('length', { type: 'HexU64', description: 'Bytes.' }),
  }),
});

const dma = kernelMutation({
  command: 'Dma',
  description:
    'A PCI function does one DMA: through its ATC, the IOTLB and the page tables; what is missing it asks for with page requests, and waits. Errors: ENODEV; EOPNOTSUPP; EINVAL, a PASID it has not; EBUSY, too many DMAs wait.',
  input: builder.inputType('DmaInput', {
    description: 'Arguments of dma.',
    fields: t => ({
      machineId: t.field(MACHINE_ID_FIELD),
      bdf: t.field(BDF_FIELD),
      pasid: t.field({ type: 'Pasid', description: 'Left out: without a PASID.' }),
      iova: t.field({ type: 'HexU64', required: true, description: 'First byte.' }),
      length: t.field({
        type: 'HexU64',
        required: true,
        description: 'Bytes, not 0, at most 4,096 pages.',
      }),
      write: t.boolean({ defaultValue: false, description: 'Write; else read.' }),
      fill: t.int({
        defaultValue: 0,
        description: 'Each byte of a write, from 0 to 255; of a read 0.',
      }),
      data: t.string({
        description: `The bytes of a write, as hex digits, in the place of fill: as many as length, at most ${DMA_DATA_BYTES_MAX}.`,
      }),
      options: t.field({
        type: DmaOptionsInput,
        description: 'How it asks for missing pages. Left out: the defaults.',
      }),
    }),
  }),
  toCommand: ({ bdf, pasid, iova, length, write, fill, data, options }) => {
    checkRange('input', iova, length);
    if (!write && fill) throw badInput('"input.fill" means nothing for a read: leave it out');
    if (data != null && fill)
      throw badInput('"input.fill" means nothing with "data": leave it out');
    return {
      type: 'Dma',
      bdf,
      pasid: pasid ?? null,
      iova,
      length,
      write: write ?? false,
      fill: checkWithin('input.fill', fill ?? 0, 0, 255),
      ...(data == null ? {} : { data: hexOf('data', data) }),
      ...(options ? { options: dmaOptions(options, 'input.options') } : {}),
    };
  },
  payload: t => ({
    dmaId: t.int({
      description: 'Its number, never used again in this machine.',
      resolve: ({ reply }) => reply.dmaId,
    }),
    state: t.field({
      type: DmaStateEnum,
      description: 'What had become of it when the operation ended.',
      resolve: ({ reply }) => reply.state,
    }),
    reason: t.field({
      type: AbortReasonEnum,
      nullable: true,
      description: 'ABORTED: why. Else null.',
      resolve: ({ reply }) => reply.reason,
    }),
    pages: t.field({
      type: [RunType],
      description: 'DONE: the user memory that it read or filled.',
      resolve: ({ reply }) => [...reply.runs],
    }),
  }),
});

const deviceProgramLoad = kernelMutation({
  command: 'DeviceProgramLoad',
  description:
    'Gives a device a program of DMAs; deviceRun starts it. Errors: ENODEV; EOPNOTSUPP; EINVAL, a PASID the function has not; EBUSY, a DMA of the program before waits.',
  input: builder.inputType('DeviceProgramLoadInput', {
    description: 'Arguments of deviceProgramLoad.',
    fields: t => ({
      machineId: t.field(MACHINE_ID_FIELD),
      bdf: t.field(BDF_FIELD),
      ops: t.field({
        type: [ProgramOpInput],
        required: true,
        description:
          'What it does, in order; at most 4,096. More than some hundred have to come in a variable: a document has a bound of its own.',
      }),
      options: t.field({
        type: ProgramOptionsInput,
        description: 'How it does that. Left out: the defaults.',
      }),
    }),
  }),
  toCommand: ({ bdf, ops, options: input }) => {
    const options = programOptions(input, 'input.options');
    return {
      type: 'DeviceProgramLoad',
      bdf,
      ops: programOps(ops, 'input.ops', options),
      options,
    };
  },
});

const deviceRun = kernelMutation({
  command: 'DeviceRun',
  description:
    'A device goes on with its program until it waits, ends, or has done `steps` operations. A program that waits goes on by itself when its answers come. Errors: ENODEV; EOPNOTSUPP; ENOENT, it has no program.',
  input: builder.inputType('DeviceRunInput', {
    description: 'Arguments of deviceRun.',
    fields: t => ({
      machineId: t.field(MACHINE_ID_FIELD),
      bdf: t.field(BDF_FIELD),
      steps: t.int({
        defaultValue: PROGRAM_STEPS_MAX,
        description: `Operations at most, from 1 to ${PROGRAM_STEPS_MAX}.`,
      }),
    }),
  }),
  toCommand: ({ bdf, steps }) => ({
    type: 'DeviceRun',
    bdf,
    steps: checkWithin('input.steps', steps ?? PROGRAM_STEPS_MAX, 1, PROGRAM_STEPS_MAX),
  }),
  payload: t => ({
    state: t.field({
      type: ProgramStateEnum,
      description: 'Where the program was when the operation ended.',
      resolve: ({ reply }) => reply.state,
    }),
    next: t.int({
      description: 'The place of its next operation, from 0.',
      resolve: ({ reply }) => reply.next,
    }),
    steps: t.int({
      description: 'Operations it has done.',
      resolve: ({ reply }) => reply.steps,
    }),
  }),
});

export const DMA_MUTATIONS = {
  Dma: dma,
  DeviceProgramLoad: deviceProgramLoad,
  DeviceRun: deviceRun,
};
