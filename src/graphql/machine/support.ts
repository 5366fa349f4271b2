/** What is emulated, as a query. */
import { SUPPORT, type SupportEntry } from '../../core/explain/support.ts';
import type { SupportStatus } from '../../core/machine/operation-entry.ts';
import { builder } from '../builder/builder.ts';

const SupportStatusEnum = builder.enumType('SupportStatus', {
  description: 'How much of a part of the kernel is emulated.',
  values: {
    SUPPORTED: { value: 'SUPPORTED', description: 'All of it, as far as is known.' },
    PARTIAL: { value: 'PARTIAL', description: 'Some of it; the note says what is missing.' },
    ABSENT: { value: 'ABSENT', description: 'Nothing yet.' },
  } as Record<SupportStatus, { value: SupportStatus; description: string }>,
});

const SupportEntryType = builder.objectRef<SupportEntry>('KernelSupport').implement({
  description: 'One part of the kernel and how much of it is emulated.',
  fields: t => ({
    name: t.exposeString('name', { description: 'The ioctl, file operation or mechanism.' }),
    mutation: t.exposeString('mutation', {
      nullable: true,
      description: 'The mutation, if it is an operation.',
    }),
    source: t.exposeString('source', { description: 'Kernel function and file.' }),
    status: t.field({
      type: SupportStatusEnum,
      description: 'How much of it.',
      resolve: ({ status }) => status,
    }),
    note: t.exposeString('note', { description: 'What is missing or different.' }),
  }),
});

builder.queryField('kernelSupport', t =>
  t.field({
    type: [SupportEntryType],
    description: 'What of iommufd is emulated and what is not: the table of docs/KERNEL.md.',
    resolve: () => [...SUPPORT],
  }),
);
