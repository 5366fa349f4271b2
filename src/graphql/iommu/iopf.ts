/** Page requests and iopf groups. */
import type { PageRequest } from '../../core/iommu/state.ts';
import { messagesOf } from '../../core/iommufd/fault/fault-file.ts';
import { builder } from '../builder/builder.ts';
import { bitsOf, FaultReader, PgfaultFlag, PgfaultPerm } from '../builder/enums.ts';
import {
  AttachHandleType,
  FaultQueueType,
  IopfGroupType,
  PhysicalDeviceInterface,
} from '../builder/refs.ts';
import { attachHandleView, contextView, objectView, physicalDeviceView } from '../builder/view.ts';
import { FLAG_BITS, PERM_BITS, PgfaultMessageType } from '../iommufd/fault/message.ts';

export const PageRequestType = builder.objectRef<PageRequest>('PageRequest').implement({
  description: 'One page request as the page-fault core got it (struct iommu_fault_page_request).',
  fields: t => ({
    flags: t.field({
      type: [PgfaultFlag],
      description: 'Flags by name.',
      resolve: ({ flags }) => bitsOf(flags, FLAG_BITS),
    }),
    rawFlags: t.field({ type: 'U32', description: 'The flag word.', resolve: r => r.flags }),
    pasid: t.expose('pasid', { type: 'U32', description: 'The PASID; 0 without one.' }),
    grpid: t.expose('grpid', { type: 'U32', description: 'Page request group index.' }),
    perm: t.field({
      type: [PgfaultPerm],
      description: 'The access asked for.',
      resolve: ({ perm }) => bitsOf(perm, PERM_BITS),
    }),
    rawPerm: t.field({ type: 'U32', description: 'The permission word.', resolve: r => r.perm }),
    addr: t.expose('addr', { type: 'HexU64', description: 'The page’s address.' }),
  }),
});

IopfGroupType.implement({
  description:
    'The page requests of one group index, the last page last, on their way to one answer (struct iopf_group).',
  fields: t => ({
    iopfGroupId: t.int({
      description: 'Never used again in this machine, unlike a cookie.',
      resolve: ({ iopfGroup }) => iopfGroup.iopfGroupId,
    }),
    requests: t.field({
      type: [PageRequestType],
      description: 'Its requests, in the order they are read.',
      resolve: ({ iopfGroup }) => [...iopfGroup.requests],
    }),
    messages: t.field({
      type: [PgfaultMessageType],
      description: 'What the reader got, one message a request; empty until it is read.',
      resolve: ({ machine, iopfGroup }) =>
        iopfGroup.cookie === null ? [] : messagesOf(machine.state, iopfGroup, iopfGroup.cookie),
    }),
    cookie: t.field({
      type: 'U32',
      nullable: true,
      description: 'Given at the read; null until then.',
      resolve: ({ iopfGroup }) => iopfGroup.cookie,
    }),
    reader: t.field({
      type: FaultReader,
      nullable: true,
      description: 'Who read it; null until then.',
      resolve: ({ iopfGroup }) => iopfGroup.reader,
    }),
    queuedSeq: t.int({
      description: 'The event that queued it.',
      resolve: ({ iopfGroup }) => iopfGroup.queuedSeq,
    }),
    readSeq: t.int({
      nullable: true,
      description: 'The event of its read; null until then.',
      resolve: ({ iopfGroup }) => iopfGroup.readSeq,
    }),
    physicalDevice: t.field({
      type: PhysicalDeviceInterface,
      nullable: true,
      description: 'The device that faulted and gets the answer; null if it is gone.',
      resolve: ({ machine, iopfGroup }) => physicalDeviceView(machine, iopfGroup.deviceNo),
    }),
    faultQueue: t.field({
      type: FaultQueueType,
      nullable: true,
      description: 'The fault queue it is in; null if that is gone.',
      resolve: ({ machine, iopfGroup }) => {
        const view = contextView(machine, iopfGroup.contextId);
        return view && objectView(view, iopfGroup.faultId, 'FAULT');
      },
    }),
    attachHandle: t.field({
      type: AttachHandleType,
      nullable: true,
      description: 'The attach handle it came through; null if that was freed.',
      resolve: ({ machine, iopfGroup }) => attachHandleView(machine, iopfGroup.attachHandleId),
    }),
  }),
});
