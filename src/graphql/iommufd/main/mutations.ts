/** Contexts and their objects: open, close, destroy. */
import { builder } from '../../builder/builder.ts';
import {
  CONTEXT_ID_FIELD,
  kernelMutation,
  MACHINE_ID_FIELD,
} from '../../builder/kernel-mutation.ts';
import { ContextType } from '../../builder/refs.ts';
import { contextView } from '../../builder/view.ts';
import { ProcessInput, processOf } from './process.ts';

const contextOpen = kernelMutation({
  command: 'ContextOpen',
  description: 'Opens /dev/iommu (iommufd_fops_open).',
  input: builder.inputType('ContextOpenInput', {
    description: 'Arguments of contextOpen.',
    fields: t => ({
      machineId: t.field(MACHINE_ID_FIELD),
      process: t.field({
        type: ProcessInput,
        description:
          'The process. Left out: one with 16 MiB of memory at 0x10000000 and no limits.',
      }),
    }),
  }),
  toCommand: ({ process }) => ({
    type: 'ContextOpen',
    ...(process ? { process: processOf(process) } : {}),
  }),
  payload: t => ({
    contextId: t.int({
      description: 'Stands for the file descriptor.',
      resolve: ({ reply }) => reply.contextId,
    }),
    context: t.field({
      type: ContextType,
      nullable: true,
      description: 'The context, as it is now.',
      resolve: ({ machine, reply }) => contextView(machine, reply.contextId),
    }),
  }),
});

const contextClose = kernelMutation({
  command: 'ContextClose',
  description:
    'Closes a context’s file. Once nothing holds it any more, everything in it is torn down in the kernel’s order (iommufd_fops_release).',
  input: builder.inputType('ContextCloseInput', {
    description: 'Arguments of contextClose.',
    fields: t => ({
      machineId: t.field(MACHINE_ID_FIELD),
      contextId: t.field(CONTEXT_ID_FIELD),
    }),
  }),
  toCommand: ({ contextId }) => ({ type: 'ContextClose', contextId }),
  payload: t => ({
    released: t.boolean({
      description:
        'It is gone. false: bound devices, accesses or open fault queue files still hold it.',
      resolve: ({ reply }) => reply.released,
    }),
  }),
});

const destroy = kernelMutation({
  command: 'Destroy',
  description:
    'IOMMU_DESTROY: destroys any object by its id (iommufd_destroy). Errors: ENOENT, no such object; EBUSY, somebody holds a reference.',
  input: builder.inputType('DestroyInput', {
    description: 'Arguments of destroy.',
    fields: t => ({
      machineId: t.field(MACHINE_ID_FIELD),
      contextId: t.field(CONTEXT_ID_FIELD),
      id: t.field({ type: 'U32', required: true, description: 'The object.' }),
    }),
  }),
  toCommand: ({ contextId, id }) => ({ type: 'Destroy', contextId, id }),
});

export const CONTEXT_MUTATIONS = {
  ContextOpen: contextOpen,
  ContextClose: contextClose,
  Destroy: destroy,
};
