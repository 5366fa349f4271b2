/** A walk of a DMA, step by step: part of the query `translate`. */
import type { ExplainedStep, ExplainedWalk } from '../../core/hardware/dma/explained.ts';
import type { DmaFaultReason } from '../../core/hardware/tables/access.ts';
import type { NamedFault } from '../../core/hardware/vendors/table-fault.ts';
import { builder } from '../builder/builder.ts';
import type { MachineView } from '../builder/view.ts';
import { CacheEntryType } from './iommu.ts';

const REASON_TEXT: Readonly<Record<DmaFaultReason, string>> = {
  NOT_CANONICAL: 'The IOVA is wider than the table, or not sign-extended.',
  TABLE_UNREADABLE: 'The second stage has no memory for a table, or none that can be read.',
  NOT_PRESENT: 'The entry is not present.',
  RESERVED: 'The entry has reserved bits or a reserved encoding.',
  MISALIGNED: 'A large page’s address is no multiple of its size.',
  NOT_READABLE: 'The entries do not grant reading.',
  NOT_WRITABLE: 'The entries do not grant writing.',
  PRIVILEGE: 'The page is for the other privilege.',
  DEFAULT_DOMAIN: 'The kernel’s default domain: nobody owns its DMA, and it is not modelled.',
  BLOCKED: 'The blocking domain, or none.',
  NO_PASID_TABLE: 'A PASID in front of a domain that has no table for it.',
  STAGE2_NOT_PRESENT: 'The second stage has nothing at the guest address.',
  STAGE2_PERMISSION: 'The second stage does not permit the access.',
};

const ReasonEnum = builder.enumType('DmaFaultReason', {
  description: 'Why a walk ended without a translation.',
  values: Object.fromEntries(
    Object.entries(REASON_TEXT).map(([reason, description]) => [
      reason,
      { value: reason as DmaFaultReason, description },
    ]),
  ) as Record<DmaFaultReason, { value: DmaFaultReason; description: string }>,
});

const StepType = builder.objectRef<ExplainedStep>('DmaWalkStep').implement({
  description:
    'One step of a walk: an entry of the guest’s table, or a look into the second stage.',
  fields: t => ({
    stage: t.exposeInt('stage', {
      description: '1: the guest’s table. 2: what the nest parent maps, or the only stage.',
    }),
    level: t.exposeInt('level', {
      nullable: true,
      description: 'Stage 1: level of the table; entries of level 0 are 4 KiB pages. Else null.',
    }),
    address: t.expose('address', {
      type: 'HexU64',
      description: 'Stage 1: guest address of the entry. Stage 2: the address looked up.',
    }),
    entry: t.expose('entry', {
      type: 'HexU64',
      nullable: true,
      description: 'Stage 1: the entry. Else null.',
    }),
    areaStart: t.field({
      type: 'HexU64',
      nullable: true,
      description: 'Stage 2: start of the area; null if nothing is mapped there.',
      resolve: ({ area }) => area?.start ?? null,
    }),
    areaLast: t.field({
      type: 'HexU64',
      nullable: true,
      description: 'Stage 2: last address of the area.',
      resolve: ({ area }) => area?.last ?? null,
    }),
    leadsTo: t.expose('leadsTo', {
      type: 'HexU64',
      nullable: true,
      description:
        'Stage 1: guest address of the next table, or of the byte. Stage 2: user address. Null: nowhere.',
    }),
    fault: t.field({
      type: ReasonEnum,
      nullable: true,
      description: 'Why the walk ended here; null if it went on or is done.',
      resolve: ({ fault }) => fault,
    }),
  }),
});

const RecordedType = builder.objectRef<NamedFault>('RecordedFault').implement({
  description: 'A fault in the words of an IOMMU’s vendor.',
  fields: t => ({
    code: t.exposeInt('code', { description: 'The vendor’s number.' }),
    name: t.exposeString('name', { description: 'The vendor’s words.' }),
  }),
});

export interface WalkView extends ExplainedWalk {
  readonly machine: MachineView;
}

export const DmaWalkType = builder.objectRef<WalkView>('DmaWalk').implement({
  description: 'What a DMA would find in memory right now, and what caches hold instead.',
  fields: t => ({
    steps: t.field({
      type: [StepType],
      description: 'In order: each table address goes through the second stage first.',
      resolve: ({ steps }) => [...steps],
    }),
    fault: t.field({
      type: ReasonEnum,
      nullable: true,
      description: 'Why it does not translate; null if it does.',
      resolve: ({ outcome }) => (outcome.kind === 'FAULT' ? outcome.reason : null),
    }),
    faultStage: t.int({
      nullable: true,
      description: 'Which stage refuses: 1 the guest’s table, 2 the second. Null without a fault.',
      resolve: ({ outcome }) => (outcome.kind === 'FAULT' ? outcome.stage : null),
    }),
    implicit: t.boolean({
      description: 'The second stage had no table of the guest, not the page itself.',
      resolve: ({ outcome }) => outcome.kind === 'FAULT' && outcome.implicit,
    }),
    recoverable: t.exposeBoolean('recoverable', {
      description: 'A fault for which a device with PRI asks for the page.',
    }),
    recorded: t.field({
      type: RecordedType,
      nullable: true,
      description: 'A fault: how this vendor’s IOMMU records it, where nobody can be asked.',
      resolve: ({ record }) => record,
    }),
    pageSize: t.field({
      type: 'HexU64',
      nullable: true,
      description: 'Bytes that are cached as one translation: both stages have them in one page.',
      resolve: ({ outcome }) =>
        outcome.kind === 'PAGE' ? 1n << BigInt(12 + outcome.log2Pages) : null,
    }),
    atc: t.field({
      type: CacheEntryType,
      nullable: true,
      description: 'What the function has cached for the page, which it would use.',
      resolve: ({ atc }) => atc,
    }),
    iotlb: t.field({
      type: CacheEntryType,
      nullable: true,
      description: 'What the IOMMU has cached for the page.',
      resolve: ({ iotlb }) => iotlb,
    }),
  }),
});
