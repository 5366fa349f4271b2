/** A walk of a DMA, step by step: part of the query `translate`. */
import type { Translation } from '../../core/hardware/cache/columns.ts';
import type { ExplainedStep, ExplainedWalk } from '../../core/hardware/dma/explained.ts';
import { leftInAtc, leftInIotlb } from '../../core/hardware/dma/left.ts';
import type { ModelledDevice } from '../../core/hardware/function/lookup.ts';
import type { NamedFault } from '../../core/hardware/vendors/table-fault.ts';
import { builder } from '../builder/builder.ts';
import type { MachineView } from '../builder/view.ts';
import { CacheEntryType } from './cache.ts';
import { FaultReasonEnum } from './enums.ts';

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
      type: FaultReasonEnum,
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
  readonly device: ModelledDevice;
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
      type: FaultReasonEnum,
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
      resolve: ({ machine, device, atc }) =>
        atc && { translation: atc, left: () => leftInAtc(machine.state, device, atc) },
    }),
    iotlb: t.field({
      type: CacheEntryType,
      nullable: true,
      description: 'What the IOMMU has cached for the page.',
      resolve: ({ machine, device, iotlb }) => {
        const { iommuNo } = device.hardware.spec;
        const left = (found: Translation) => leftInIotlb(machine.state, iommuNo, found);
        return iotlb && { translation: iotlb, left: () => left(iotlb) };
      },
    }),
  }),
});
