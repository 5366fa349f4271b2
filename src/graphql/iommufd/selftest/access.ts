/** In-kernel accesses and what they have pinned. */
import type { IovaRange } from '../../../core/memory/iova-range.ts';
import { builder } from '../../builder/builder.ts';
import { checkFirst, FIRST_TEXT, LIST_DEFAULT } from '../../builder/lists.ts';
import { taken } from '../../builder/ranges.ts';
import { AccessType, IoasType, ObjectInterface } from '../../builder/refs.ts';
import { objectView } from '../../builder/view.ts';
import { objectNode } from '../main/context.ts';

interface AccessItem extends IovaRange {
  readonly itemId: number;
}

const AccessItemType = builder.objectRef<AccessItem>('AccessItem').implement({
  description: 'A range of IOVAs whose pages an access has pinned, both ends inclusive.',
  fields: t => ({
    itemId: t.exposeInt('itemId', {
      description: 'Counts the pins of its access from 0; never used again.',
    }),
    start: t.expose('start', { type: 'HexU64', description: 'First IOVA.' }),
    last: t.expose('last', { type: 'HexU64', description: 'Last IOVA.' }),
  }),
});

function* itemsOf(items: ReadonlyMap<number, IovaRange>): Generator<AccessItem> {
  for (const [itemId, range] of items) yield { itemId, ...range };
}

builder.node(AccessType, {
  ...objectNode('ACCESS'),
  description:
    'A kernel driver’s own access to an IOAS: it pins pages, reads and writes (struct iommufd_access).',
  interfaces: [ObjectInterface],
  fields: t => ({
    accessId: t.int({
      description: 'Its object id. Closing its file takes it away; destroy is EBUSY.',
      resolve: ({ object }) => object.id,
    }),
    needsPinPages: t.boolean({
      description: 'It may pin pages; its IOAS is then aligned to 4096 bytes.',
      resolve: ({ object }) => object.needsPinPages,
    }),
    ioas: t.field({
      type: IoasType,
      nullable: true,
      description: 'The IOAS it is on; it holds a reference.',
      resolve: view => objectView(view, view.object.ioasId, 'IOAS'),
    }),
    itemCount: t.int({
      description: 'Ranges it has pinned.',
      resolve: ({ object }) => object.items.size,
    }),
    items: t.field({
      type: [AccessItemType],
      description: 'Ranges it has pinned, in order of pinning.',
      args: { first: t.arg.int({ defaultValue: LIST_DEFAULT, description: FIRST_TEXT }) },
      resolve: ({ object }, { first }) => taken(itemsOf(object.items), checkFirst(first)),
    }),
  }),
});
