/** Page requests, iopf groups, attach handles and fault queues. */
import {
  IOMMU_FAULT_PAGE_RESPONSE_NEEDS_PASID,
  IOMMU_PGFAULT_FLAGS_LAST_PAGE,
  IOMMU_PGFAULT_FLAGS_PASID_VALID,
  IOMMU_PGFAULT_PERM_EXEC,
  IOMMU_PGFAULT_PERM_PRIV,
  IOMMU_PGFAULT_PERM_READ,
  IOMMU_PGFAULT_PERM_WRITE,
} from '../../abi/uapi.ts';
import type { PageRequest } from '../../core/iommu/state.ts';
import { messagesOf, type PgfaultMessage } from '../../core/iommufd/fault/fault-file.ts';
import type { FaultQueue } from '../../core/iommufd/state.ts';
import { builder } from '../builder/builder.ts';
import { bitsOf, FaultReader, PgfaultFlag, PgfaultPerm } from '../builder/enums.ts';
import { checkFirst, FIRST_TEXT, LIST_DEFAULT } from '../builder/lists.ts';
import {
  AttachHandleType,
  DeviceType,
  FaultQueueType,
  HwptInterface,
  IommuGroupType,
  IopfGroupType,
  ObjectInterface,
  PhysicalDeviceInterface,
} from '../builder/refs.ts';
import {
  ascending,
  attachHandleView,
  contextView,
  iommuGroupView,
  iopfGroupViews,
  objectView,
  objectViews,
  physicalDeviceView,
} from '../builder/view.ts';
import { objectNode } from '../iommufd/main/context.ts';

const FLAG_BITS = [
  IOMMU_PGFAULT_FLAGS_PASID_VALID,
  IOMMU_PGFAULT_FLAGS_LAST_PAGE,
  IOMMU_FAULT_PAGE_RESPONSE_NEEDS_PASID,
];
const PERM_BITS = [
  IOMMU_PGFAULT_PERM_READ,
  IOMMU_PGFAULT_PERM_WRITE,
  IOMMU_PGFAULT_PERM_EXEC,
  IOMMU_PGFAULT_PERM_PRIV,
];

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

AttachHandleType.implement({
  description:
    'What attach or replace leaves with an IOMMU group; page requests find the hwpt and the device to name through it (struct iommufd_attach_handle).',
  fields: t => ({
    attachHandleId: t.int({
      description: 'Faultline’s number of it; never used again.',
      resolve: ({ handle }) => handle.attachHandleId,
    }),
    iommuGroup: t.field({
      type: IommuGroupType,
      nullable: true,
      description: 'The group it is stored in.',
      resolve: ({ machine, handle }) => iommuGroupView(machine, handle.iommuGroupId),
    }),
    hwpt: t.field({
      type: HwptInterface,
      nullable: true,
      description: 'The hwpt attached with it.',
      resolve: ({ machine, handle }) => {
        const view = contextView(machine, handle.contextId);
        return view && objectView(view, handle.hwptId, 'HWPT_PAGING', 'HWPT_NESTED');
      },
    }),
    device: t.field({
      type: DeviceType,
      nullable: true,
      description: 'handle->idev, echoed as dev_id; null if it is gone and the handle is stale.',
      resolve: ({ machine, handle }) => {
        const view = contextView(machine, handle.contextId);
        const found = view && objectView(view, handle.deviceId, 'DEVICE');
        return found?.object.bindNo === handle.bindNo ? found : null;
      },
    }),
  }),
});

/** Groups that await a response, by their cookies. */
function byCookie({ awaitingResponse }: FaultQueue): number[] {
  return ascending(awaitingResponse.keys()).map(cookie => awaitingResponse.get(cookie)!);
}

builder.node(FaultQueueType, {
  ...objectNode('FAULT'),
  description:
    'A fault queue with its file: iopf groups wait in `deliver` until read, then in `awaitingResponse` until answered (struct iommufd_fault).',
  interfaces: [ObjectInterface],
  fields: t => ({
    faultId: t.int({ description: 'Its object id.', resolve: ({ object }) => object.id }),
    fileOpen: t.boolean({
      description: 'Its file is open. Once closed nobody can read or answer any more.',
      resolve: ({ object }) => object.fileOpen,
    }),
    hwpts: t.field({
      type: [HwptInterface],
      description: 'Fault-capable hwpts that name it.',
      args: { first: t.arg.int({ defaultValue: LIST_DEFAULT, description: FIRST_TEXT }) },
      resolve: (view, { first }) =>
        objectViews(
          view,
          ascending(view.object.hwptIds),
          checkFirst(first),
          'HWPT_PAGING',
          'HWPT_NESTED',
        ),
    }),
    deliverCount: t.int({
      description: 'Groups waiting to be read.',
      resolve: ({ object }) => object.deliver.length,
    }),
    deliver: t.field({
      type: [IopfGroupType],
      description: 'Groups waiting to be read, the oldest first.',
      args: { first: t.arg.int({ defaultValue: LIST_DEFAULT, description: FIRST_TEXT }) },
      resolve: ({ machine, object }, { first }) =>
        iopfGroupViews(machine, object.deliver, checkFirst(first)),
    }),
    awaitingResponseCount: t.int({
      description: 'Groups read and not answered.',
      resolve: ({ object }) => object.awaitingResponse.size,
    }),
    awaitingResponse: t.field({
      type: [IopfGroupType],
      description: 'Groups read and not answered, in order of their reads.',
      args: { first: t.arg.int({ defaultValue: LIST_DEFAULT, description: FIRST_TEXT }) },
      resolve: ({ machine, object }, { first }) =>
        iopfGroupViews(machine, byCookie(object), checkFirst(first)),
    }),
  }),
});
