/** Fault queues. */
import type { FaultQueue } from '../../../core/iommufd/state.ts';
import { builder } from '../../builder/builder.ts';
import { checkFirst, FIRST_TEXT, LIST_DEFAULT } from '../../builder/lists.ts';
import {
  FaultQueueType,
  HwptInterface,
  IopfGroupType,
  ObjectInterface,
} from '../../builder/refs.ts';
import { ascending, iopfGroupViews, objectViews } from '../../builder/view.ts';
import { objectNode } from '../main/context.ts';

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
