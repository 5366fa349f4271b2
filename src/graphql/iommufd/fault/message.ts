/** The messages read from a fault queue’s file. */
import { PERM_FLAGS, REQUEST_FLAGS } from '../../../core/explain/number-names.ts';
import type { PgfaultMessage } from '../../../core/iommufd/fault/fault-file.ts';
import { builder } from '../../builder/builder.ts';
import { bitsOf, PgfaultFlag, PgfaultPerm } from '../../builder/enums.ts';

export const FLAG_BITS = Object.values(REQUEST_FLAGS);
export const PERM_BITS = Object.values(PERM_FLAGS);

export const PgfaultMessageType = builder.objectRef<PgfaultMessage>('PgfaultMessage').implement({
  description: 'One message read from a fault queue’s file: 40 bytes (struct iommu_hwpt_pgfault).',
  fields: t => ({
    flags: t.field({
      type: [PgfaultFlag],
      description: 'Flags by name.',
      resolve: ({ flags }) => bitsOf(flags, FLAG_BITS),
    }),
    rawFlags: t.field({ type: 'U32', description: 'The flag word.', resolve: m => m.flags }),
    devId: t.exposeInt('devId', {
      description:
        'The device in the attach handle: the one that attached or replaced, which in a group of several need not be the one that faulted.',
    }),
    pasid: t.expose('pasid', { type: 'U32', description: 'The PASID; 0 without one.' }),
    grpid: t.expose('grpid', { type: 'U32', description: 'Page request group index.' }),
    perm: t.field({
      type: [PgfaultPerm],
      description: 'The access asked for.',
      resolve: ({ perm }) => bitsOf(perm, PERM_BITS),
    }),
    rawPerm: t.field({ type: 'U32', description: 'The permission word.', resolve: m => m.perm }),
    addr: t.expose('addr', { type: 'HexU64', description: 'The page’s address.' }),
    length: t.exposeInt('length', { description: 'Always 0: one page.' }),
    cookie: t.expose('cookie', {
      type: 'U32',
      description: 'Answers the whole group; the same in all its messages.',
    }),
    reserved: t.int({
      nullable: true,
      description:
        'The reserved word: 0, or null where the kernel gives what was on its stack (before 6.14 and 6.12.14).',
      resolve: ({ reserved }) => reserved ?? null,
    }),
  }),
});
