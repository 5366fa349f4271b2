/** The query `translate`: what becomes of a DMA, on everything a DMA can start from. */
import {
  type Dma,
  type Translation,
  type TranslationFailure,
  translateGroup,
  translateHwpt,
  translateIoas,
} from '../../../core/explain/translate.ts';
import { explainWalk } from '../../../core/hardware/dma/explained.ts';
import { isModelled } from '../../../core/hardware/function/lookup.ts';
import { builder } from '../../builder/builder.ts';
import {
  AreaType,
  DeviceType,
  HwptInterface,
  IoasType,
  PhysicalDeviceInterface,
} from '../../builder/refs.ts';
import { type MachineView, objectView, type ViewOf } from '../../builder/view.ts';
import { DmaWalkType, type WalkView } from '../../hardware/walk.ts';

const FAILURE_TEXT: Readonly<Record<TranslationFailure, string>> = {
  DEFAULT_DOMAIN:
    'The IOMMU group is on the kernel’s default domain: nobody owns its DMA, and iommufd does not know where it goes.',
  BLOCKING_DOMAIN:
    'The IOMMU group is on the blocking domain: it is owned and nothing is attached; all DMA fails.',
  FIRST_STAGE:
    'The hwpt is nested: the guest’s own table comes first, and it has nothing for the IOVA, or is not read: only for functions behind modelled IOMMUs, whose `walk` tells. Else ask the parent with a guest-physical address.',
  RESERVED:
    'The IOVA is reserved: a device’s region, outside the aperture of a domain, or by testAddReserved.',
  NOT_MAPPED: 'No area is mapped at the IOVA.',
  PERMISSION: 'The area at the IOVA does not permit the access.',
  NOT_PRESENT:
    'The user page behind the IOVA does not exist. Only an IOAS without domains can map such a page.',
};

const TranslationFailureEnum = builder.enumType('TranslationFailure', {
  description: 'Why an IOVA does not translate.',
  values: Object.fromEntries(
    Object.entries(FAILURE_TEXT).map(([failure, description]) => [
      failure,
      { value: failure as TranslationFailure, description },
    ]),
  ) as Record<TranslationFailure, { value: TranslationFailure; description: string }>,
});

interface TranslationView {
  readonly machine: MachineView;
  readonly translation: Translation;
  readonly walk?: WalkView | null;
}

/** An object on the way, by its id. */
function passed<T extends 'IOAS' | 'HWPT_PAGING' | 'HWPT_NESTED'>(
  { machine, translation: { context } }: TranslationView,
  object: { readonly id: number } | null,
  ...types: readonly T[]
): ViewOf<T> | null {
  return context && object && objectView({ machine, context }, object.id, ...types);
}

const TranslationType = builder.objectRef<TranslationView>('Translation').implement({
  description: 'What becomes of a DMA: the way from an IOVA to user memory, as far as it goes.',
  fields: t => ({
    iova: t.field({
      type: 'HexU64',
      description: 'The IOVA asked for.',
      resolve: ({ translation }) => translation.iova,
    }),
    write: t.boolean({
      description: 'Asked for a write; otherwise for a read.',
      resolve: ({ translation }) => translation.write,
    }),
    userVa: t.field({
      type: 'HexU64',
      nullable: true,
      description: 'The user address behind it; null if it does not translate.',
      resolve: ({ translation }) => translation.userVa,
    }),
    failure: t.field({
      type: TranslationFailureEnum,
      nullable: true,
      description: 'Why it does not translate; null if it does.',
      resolve: ({ translation }) => translation.failure,
    }),
    failureText: t.string({
      nullable: true,
      description: 'The same in a sentence.',
      resolve: ({ translation: { failure } }) => failure && FAILURE_TEXT[failure],
    }),
    hwpt: t.field({
      type: HwptInterface,
      nullable: true,
      description: 'The hwpt walked; null if none is, or if an IOAS was asked.',
      resolve: view => passed(view, view.translation.hwpt, 'HWPT_PAGING', 'HWPT_NESTED'),
    }),
    ioas: t.field({
      type: IoasType,
      nullable: true,
      description: 'The IOAS behind it; for a nested hwpt its parent’s.',
      resolve: view => passed(view, view.translation.ioas, 'IOAS'),
    }),
    area: t.field({
      type: AreaType,
      nullable: true,
      description: 'The area the IOVA lies in; null if it is not mapped or was not reached.',
      resolve: view => {
        const ioas = passed(view, view.translation.ioas, 'IOAS');
        const { area } = view.translation;
        return ioas && area && { ioas, area };
      },
    }),
    pageSize: t.int({
      nullable: true,
      description:
        'Smallest IO page of the hwpt’s domain, in bytes; null if no page table was walked.',
      resolve: ({ translation }) => translation.pageSize,
    }),
    walk: t.field({
      type: DmaWalkType,
      nullable: true,
      description:
        'Each step of the walk; null unless a PCI function behind a modelled IOMMU was asked.',
      resolve: ({ walk }) => walk ?? null,
    }),
  }),
});

const DESCRIPTION =
  'What becomes of a DMA to an IOVA: the user address behind it, or why there is none. Changes nothing.';

/** The arguments as they come from GraphQL. */
function dmaOf(args: { iova: bigint; write?: boolean | null | undefined }): Dma {
  return { iova: args.iova, write: args.write ?? false };
}

const IOVA = { type: 'HexU64', required: true, description: 'The IOVA.' } as const;
const WRITE = { defaultValue: false, description: 'A write; otherwise a read.' } as const;

builder.objectField(IoasType, 'translate', t =>
  t.field({
    type: TranslationType,
    description: `${DESCRIPTION} As an in-kernel access goes, through no page table.`,
    args: { iova: t.arg(IOVA), write: t.arg.boolean(WRITE) },
    resolve: ({ machine, context, object }, args) => ({
      machine,
      translation: translateIoas(machine.state, context, object, dmaOf(args)),
    }),
  }),
);

builder.interfaceField(HwptInterface, 'translate', t =>
  t.field({
    type: TranslationType,
    description: `${DESCRIPTION} Through this hwpt.`,
    args: { iova: t.arg(IOVA), write: t.arg.boolean(WRITE) },
    resolve: ({ machine, context, object }, args) => ({
      machine,
      translation: translateHwpt(machine.state, context, object, dmaOf(args)),
    }),
  }),
);

builder.objectField(DeviceType, 'translate', t =>
  t.field({
    type: TranslationType,
    description: `${DESCRIPTION} Through what its IOMMU group translates through right now.`,
    args: { iova: t.arg(IOVA), write: t.arg.boolean(WRITE) },
    resolve: ({ machine, object }, args) => ({
      machine,
      translation: translateGroup(machine.state, object.iommuGroupId, dmaOf(args)),
    }),
  }),
);

builder.interfaceField(PhysicalDeviceInterface, 'translate', t =>
  t.field({
    type: TranslationType,
    description: `${DESCRIPTION} Through what its IOMMU group translates through right now.`,
    args: {
      iova: t.arg(IOVA),
      write: t.arg.boolean(WRITE),
      pasid: t.arg({
        type: 'Pasid',
        description: 'With a PASID. Only functions behind modelled IOMMUs look at it.',
      }),
    },
    resolve: ({ machine, device }, args) => {
      const translation = translateGroup(machine.state, device.iommuGroupId, dmaOf(args));
      if (!isModelled(device)) return { machine, translation };
      const access = { ...dmaOf(args), pasid: args.pasid ?? null };
      const walk = explainWalk(machine.state, device, access);
      const { userVa } = walk;
      const found = userVa === null ? translation : { ...translation, userVa, failure: null };
      return { machine, translation: found, walk: { machine, device, ...walk } };
    },
  }),
);
