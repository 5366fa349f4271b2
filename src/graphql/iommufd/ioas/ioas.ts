/** I/O address spaces, their areas and the pages these map. */
import { IOMMU_IOAS_MAP_READABLE, IOMMU_IOAS_MAP_WRITEABLE, ULONG_MAX } from '../../../abi/uapi.ts';
import { iovaAlignment, pagesOf } from '../../../core/iommufd/ioas/io-pagetable.ts';
import type { Area, Ioas, IoptPages } from '../../../core/iommufd/state.ts';
import { pinCount } from '../../../core/machine/lookup.ts';
import type { IovaRange } from '../../../core/memory/iova-range.ts';
import { isPresent, payerOf, rangesOfPages } from '../../../core/memory/process-memory.ts';
import { badInput } from '../../builder/bad-input.ts';
import { builder } from '../../builder/builder.ts';
import { bitsOf } from '../../builder/enums.ts';
import { IoasMapFlag } from '../../builder/enums-ioas.ts';
import { forwardLimit, forwardPage } from '../../builder/forward-page.ts';
import { checkFirst, FIRST_TEXT, LIST_DEFAULT } from '../../builder/lists.ts';
import { IovaRangeType, taken } from '../../builder/ranges.ts';
import {
  AccessType,
  AreaType,
  HwptPagingType,
  IoasType,
  ObjectInterface,
} from '../../builder/refs.ts';
import { ascending, type ContextView, objectViews } from '../../builder/view.ts';
import { objectNode } from '../main/context.ts';

interface ReservedRange extends IovaRange {
  readonly owner: string;
}

const ReservedRangeType = builder.objectRef<ReservedRange>('ReservedRange').implement({
  description: 'A range of IOVAs nobody can map, both ends inclusive.',
  fields: t => ({
    start: t.expose('start', { type: 'HexU64', description: 'First IOVA.' }),
    last: t.expose('last', { type: 'HexU64', description: 'Last IOVA.' }),
    owner: t.exposeString('owner', {
      description:
        '"device:ID" for a device’s reserved region, "domain:ID" for what a hwpt’s domain cannot reach, "none" for testAddReserved.',
    }),
  }),
});

function* reservedRanges({ reserved }: Ioas): Generator<ReservedRange> {
  for (const [owner, ranges] of reserved) {
    for (const range of ranges) yield { ...range, owner };
  }
}

interface PagesView extends IoptPages {
  readonly contextId: number;
  readonly context: ContextView;
}

export const IoptPagesType = builder.objectRef<PagesView>('IoptPages').implement({
  description:
    'User memory that areas map (struct iopt_pages). ioasMap makes one; ioasCopy shares it.',
  fields: t => ({
    pagesId: t.exposeInt('pagesId', {
      description: 'Tells it from others of its context; never used again.',
    }),
    userVa: t.expose('userVa', { type: 'HexU64', description: 'Its first user address.' }),
    length: t.expose('length', { type: 'HexU64', description: 'Its length in bytes.' }),
    writable: t.exposeBoolean('writable', {
      description: 'It was mapped writeable: copies of it may be writeable too, else EPERM.',
    }),
    present: t.boolean({
      description:
        'All of it is memory of the process that mapped it, to be written if `writable`. If not, what is not pinned yet of it cannot be: EFAULT.',
      resolve: pages => {
        const { machine, context } = pages.context;
        const ranges = rangesOfPages(machine.state, context, pages);
        return isPresent(ranges, pages.userVa, pages.length, pages.writable);
      },
    }),
    processId: t.field({
      type: 'U32',
      nullable: true,
      description: 'The process that mapped it, if others can know it (source_mm).',
      resolve: pages => payerOf(pages.context.context, pages).processId ?? null,
    }),
    areaCount: t.exposeInt('areaCount', { description: 'Areas that share it, of any IOAS.' }),
  }),
});

AreaType.implement({
  description: 'A mapped range of IOVAs (struct iopt_area). Unmapped as a whole or not at all.',
  fields: t => ({
    start: t.field({
      type: 'HexU64',
      description: 'First IOVA.',
      resolve: ({ area }) => area.start,
    }),
    last: t.field({ type: 'HexU64', description: 'Last IOVA.', resolve: ({ area }) => area.last }),
    length: t.field({
      type: 'HexU64',
      description: 'Its length in bytes.',
      resolve: ({ area }) => area.last - area.start + 1n,
    }),
    userVa: t.field({
      type: 'HexU64',
      description: 'User address behind its first IOVA.',
      resolve: ({ area }) => area.userVa,
    }),
    permissions: t.field({
      type: [IoasMapFlag],
      description: 'IOMMU_IOAS_MAP_READABLE and IOMMU_IOAS_MAP_WRITEABLE, as mapped.',
      resolve: ({ area }) => bitsOf(area.prot, [IOMMU_IOAS_MAP_READABLE, IOMMU_IOAS_MAP_WRITEABLE]),
    }),
    accessPins: t.int({
      description: 'Pins by accesses that meet it; unmapping makes them let go first.',
      resolve: ({ area }) => pinCount(area),
    }),
    pages: t.field({
      type: IoptPagesType,
      description: 'The user memory it maps, maybe together with other areas.',
      resolve: ({ ioas: { machine, context }, area }) => ({
        ...pagesOf(context, area),
        contextId: context.contextId,
        context: { machine, context },
      }),
    }),
    ioas: t.field({
      type: IoasType,
      description: 'The IOAS it is in.',
      resolve: ({ ioas }) => ioas,
    }),
  }),
});

const CURSOR = /^0x[0-9a-f]{1,16}$/;

/** Areas behind the one whose start is the cursor, also if that is gone by now. */
function* areasAfter({ areas }: Ioas, cursor: string | null | undefined): Generator<Area> {
  let from = 0n;
  if (cursor !== null && cursor !== undefined) {
    if (!CURSOR.test(cursor)) {
      throw badInput('"after" must be a cursor of this connection, an IOVA in hex');
    }
    const start = BigInt(cursor);
    const found = areas.firstFrom(start);
    if (found === null) return;
    from = found.start <= start ? found.last + 1n : found.start;
  }
  yield* areas.between(from, ULONG_MAX);
}

const cursorOf = ({ start }: Area): string => `0x${start.toString(16)}`;

builder.node(IoasType, {
  ...objectNode('IOAS'),
  description:
    'An I/O address space: which IOVAs stand for which user memory (struct iommufd_ioas). Paging hwpts on it are filled from it.',
  interfaces: [ObjectInterface],
  fields: t => ({
    ioasId: t.int({ description: 'Its object id.', resolve: ({ object }) => object.id }),
    hwptCount: t.int({
      description: 'Paging hwpts on it.',
      resolve: ({ object }) => object.hwptIds.size,
    }),
    hwpts: t.field({
      type: [HwptPagingType],
      description: 'Paging hwpts on it, in order of creation.',
      args: { first: t.arg.int({ defaultValue: LIST_DEFAULT, description: FIRST_TEXT }) },
      resolve: (view, { first }) =>
        objectViews(view, view.object.hwptIds, checkFirst(first), 'HWPT_PAGING'),
    }),
    areaCount: t.int({
      description: 'Areas mapped.',
      resolve: ({ object }) => object.areas.size,
    }),
    areas: t.connection(
      {
        type: AreaType,
        description: 'Areas, ascending. The cursor is the first IOVA in hex; forward only.',
        resolve: (ioas, args) => {
          const limit = forwardLimit('areas', args);
          const areas = taken(areasAfter(ioas.object, args.after), limit);
          return forwardPage(args, limit, areas, cursorOf, area => ({ ioas, area }));
        },
      },
      { description: 'A page of areas.' },
      { description: 'One area of a page.' },
    ),
    area: t.field({
      type: AreaType,
      nullable: true,
      description: 'The area an IOVA lies in; null if it is not mapped.',
      args: { iova: t.arg({ type: 'HexU64', required: true, description: 'Any of its IOVAs.' }) },
      resolve: (ioas, { iova }) => {
        const area = ioas.object.areas.at(iova);
        return area && { ioas, area };
      },
    }),
    iovaAlignment: t.field({
      type: 'HexU64',
      description:
        'Bytes that IOVAs, lengths and page offsets must be multiples of; 1 if nothing asks for more (iopt_calculate_iova_alignment).',
      resolve: ({ object }) => iovaAlignment(object),
    }),
    iovaRanges: t.field({
      type: [IovaRangeType],
      description:
        'What is not reserved, mapped or not, ascending: what ioasIovaRanges answers (iommufd_ioas_iova_ranges).',
      args: { first: t.arg.int({ defaultValue: LIST_DEFAULT, description: FIRST_TEXT }) },
      resolve: ({ object }, { first }) =>
        taken(object.reservedRanges.holes(0n, ULONG_MAX), checkFirst(first)),
    }),
    allowedIovas: t.field({
      type: [IovaRangeType],
      description:
        'Where IOVAs the kernel chooses come from, ascending; empty: from anywhere (IOMMU_IOAS_ALLOW_IOVAS).',
      args: { first: t.arg.int({ defaultValue: LIST_DEFAULT, description: FIRST_TEXT }) },
      resolve: ({ object }, { first }) => object.allowed.slice(0, checkFirst(first)),
    }),
    reservedRanges: t.field({
      type: [ReservedRangeType],
      description: 'Reserved ranges, by owner in order of reservation.',
      args: { first: t.arg.int({ defaultValue: LIST_DEFAULT, description: FIRST_TEXT }) },
      resolve: ({ object }, { first }) => taken(reservedRanges(object), checkFirst(first)),
    }),
    largePages: t.boolean({
      description:
        'Large pages may be used (IOMMU_OPTION_HUGE_PAGES). If not, the alignment is at least 4096.',
      resolve: ({ object }) => object.largePages,
    }),
    accesses: t.field({
      type: [AccessType],
      description: 'In-kernel accesses on it, in order of arrival.',
      args: { first: t.arg.int({ defaultValue: LIST_DEFAULT, description: FIRST_TEXT }) },
      resolve: (view, { first }) =>
        objectViews(view, ascending(view.object.accessIds), checkFirst(first), 'ACCESS'),
    }),
  }),
});
