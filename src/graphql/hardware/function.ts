/** A PCI function behind a modelled IOMMU: ATS, PRI, its cache, its program, its DMAs. */
import type { Translation } from '../../core/hardware/cache/columns.ts';
import { TranslationCache } from '../../core/hardware/cache/translation-cache.ts';
import { isModelled, priOf } from '../../core/hardware/function/lookup.ts';
import type {
  AtsState,
  DeviceProgram,
  Dma,
  FunctionHardware,
  OutstandingGroup,
  PriState,
} from '../../core/hardware/function/state.ts';
import type { IopfGroup } from '../../core/iommu/state.ts';
import { builder } from '../builder/builder.ts';
import { checkFirst, FIRST_TEXT, LIST_DEFAULT } from '../builder/lists.ts';
import { IopfGroupType } from '../builder/refs.ts';
import type { MachineView } from '../builder/view.ts';
import { PciDeviceType } from './device.ts';
import { DmaStateEnum, ProgramStateEnum } from './enums.ts';
import { CacheEntryType, cachePage, IommuType, iommuView } from './iommu.ts';

const NO_CACHE = new TranslationCache<Translation>({ entries: 1, lru: false });

const AtsType = builder.objectRef<AtsState>('AtsState').implement({
  description: 'Address Translation Services of a function.',
  fields: t => ({
    enabled: t.exposeBoolean('enabled', { description: 'ATS Control: Enable.' }),
    invalidateQueueDepth: t.exposeInt('invalidateQueueDepth', {
      description: 'Invalidations it can have pending.',
    }),
    respondsToInvalidation: t.exposeBoolean('respondsToInvalidation', {
      description: 'It completes invalidations; else it is broken.',
    }),
  }),
});

const OutstandingType = builder.objectRef<OutstandingGroup>('OutstandingGroup').implement({
  description: 'Page requests of one group that have no answer.',
  fields: t => ({
    grpid: t.exposeInt('grpid', { description: 'Page request group index.' }),
    requests: t.exposeInt('requests', { description: 'Requests sent, each a credit.' }),
    lastSent: t.exposeBoolean('lastSent', { description: 'The last of the group was sent.' }),
    dmaIds: t.exposeIntList('dmaIds', {
      description: 'DMAs that wait for it; none for requests sent by command.',
    }),
    sentSeq: t.exposeInt('sentSeq', { description: 'The event that sent the first one.' }),
  }),
});

const PriType = builder.objectRef<PriState>('PriState').implement({
  description: 'The PRI capability (PCIe, Page Request Extended Capability).',
  fields: t => ({
    capacity: t.exposeInt('capacity', { description: 'Outstanding Page Request Capacity.' }),
    allocation: t.exposeInt('allocation', { description: 'Outstanding Page Request Allocation.' }),
    used: t.exposeInt('used', { description: 'Requests outstanding.' }),
    outstanding: t.field({
      type: [OutstandingType],
      description: 'Groups outstanding.',
      args: { first: t.arg.int({ defaultValue: LIST_DEFAULT, description: FIRST_TEXT }) },
      resolve: ({ outstanding }, { first }) =>
        [...outstanding.values()].slice(0, checkFirst(first)),
    }),
    enabled: t.exposeBoolean('enabled', { description: 'Control: Enable.' }),
    stopped: t.exposeBoolean('stopped', {
      description: 'Status: Stopped, valid while disabled.',
    }),
    responseFailure: t.exposeBoolean('responseFailure', {
      description: 'Status: Response Failure (RF).',
    }),
    unexpectedIndex: t.exposeBoolean('unexpectedIndex', {
      description: 'Status: Unexpected Page Request Group Index (UPRGI).',
    }),
  }),
});

const ProgramType = builder.objectRef<DeviceProgram>('DeviceProgram').implement({
  description: 'A device’s program.',
  fields: t => ({
    state: t.field({
      type: ProgramStateEnum,
      description: 'Where it is.',
      resolve: ({ state }) => state,
    }),
    length: t.int({ description: 'Its operations.', resolve: ({ ops }) => ops.length }),
    next: t.exposeInt('next', { description: 'Place of the next one, from 0.' }),
    steps: t.exposeInt('steps', { description: 'Operations done.' }),
    failure: t.exposeString('failure', {
      nullable: true,
      description: 'FAILED: why. Else null.',
    }),
  }),
});

export interface DmaView {
  readonly machine: MachineView;
  readonly deviceNo: number;
  readonly dma: Dma;
}

/** The unanswered group through which a DMA waits. */
function iopfGroupOf({ machine, deviceNo, dma }: DmaView): IopfGroup | null {
  const indexes = new Set([...dma.groups.keys(), ...(dma.stag === null ? [] : [dma.stag])]);
  for (const group of machine.state.iopfGroups.values()) {
    if (group.deviceNo !== deviceNo) continue;
    if (group.requests.some(({ grpid }) => indexes.has(grpid))) return group;
  }
  return null;
}

export const DmaType = builder.objectRef<DmaView>('Dma').implement({
  description: 'A DMA that is not finished. The log has its whole life.',
  fields: t => ({
    dmaId: t.int({
      description: 'Its number, never used again in this machine.',
      resolve: ({ dma }) => dma.dmaId,
    }),
    iova: t.field({
      type: 'HexU64',
      description: 'First byte.',
      resolve: ({ dma }) => dma.request.iova,
    }),
    length: t.field({
      type: 'HexU64',
      description: 'Bytes.',
      resolve: ({ dma }) => dma.request.length,
    }),
    write: t.boolean({ description: 'It writes.', resolve: ({ dma }) => dma.request.write }),
    pasid: t.field({
      type: 'Pasid',
      nullable: true,
      description: 'Its PASID; null without one.',
      resolve: ({ dma }) => dma.request.pasid,
    }),
    state: t.field({
      type: DmaStateEnum,
      description: 'What it waits for.',
      resolve: ({ dma }) => dma.state,
    }),
    retries: t.int({
      description: 'Answers of SUCCESS after which a page was missing.',
      resolve: ({ dma }) => dma.retries,
    }),
    grpids: t.intList({
      description: 'Group indexes that it waits for.',
      resolve: ({ dma }) => [...dma.groups.keys()],
    }),
    stag: t.int({
      nullable: true,
      description: 'STALLED: its tag. Else null.',
      resolve: ({ dma }) => dma.stag,
    }),
    iopfGroup: t.field({
      type: IopfGroupType,
      nullable: true,
      description: 'The iopf group that holds a request of it; null if none does.',
      resolve: view => {
        const iopfGroup = iopfGroupOf(view);
        return iopfGroup && { machine: view.machine, iopfGroup };
      },
    }),
    issuedSeq: t.int({
      description: 'The event that issued it.',
      resolve: ({ dma }) => dma.issuedSeq,
    }),
    deadlineTick: t.float({
      nullable: true,
      description: 'When the device gives up; null: never.',
      resolve: ({ dma }) => dma.deadlineTick,
    }),
  }),
});

const of = <T>(hardware: FunctionHardware | null, read: (hardware: FunctionHardware) => T) =>
  hardware === null ? null : read(hardware);

builder.objectFields(PciDeviceType, t => ({
  iommu: t.field({
    type: IommuType,
    nullable: true,
    description: 'The modelled IOMMU it is behind; null if there is none.',
    resolve: ({ machine, device }) =>
      of(device.hardware, ({ spec }) => iommuView(machine, spec.iommuNo)),
  }),
  ats: t.field({
    type: AtsType,
    nullable: true,
    description: 'Its ATS; null without, or if its IOMMU is not modelled.',
    resolve: ({ device }) => of(device.hardware, ({ ats }) => ats),
  }),
  priState: t.field({
    type: PriType,
    nullable: true,
    description:
      'Its PRI registers, of a virtual function those of its physical one; null if its IOMMU is not modelled.',
    resolve: ({ machine, device }) => (isModelled(device) ? priOf(machine.state, device) : null),
  }),
  pasidWidth: t.int({
    nullable: true,
    description:
      'PASID capability: log2 of how many PASIDs it has, 0 without; null if its IOMMU is not modelled.',
    resolve: ({ device }) => of(device.hardware, ({ spec }) => spec.pasidWidth),
  }),
  stalls: t.boolean({
    nullable: true,
    description: 'Its transactions can stall (SMMUv3); null if its IOMMU is not modelled.',
    resolve: ({ device }) => of(device.hardware, ({ spec }) => spec.stall),
  }),
  atc: t.connection(
    {
      type: CacheEntryType,
      description: 'Its translation cache, the oldest first; forward only.',
      resolve: ({ device }, args) => cachePage('atc', device.hardware?.atc ?? NO_CACHE, args),
    },
    { description: 'A page of a function’s cached translations.' },
    { description: 'One cached translation of a page.' },
  ),
  program: t.field({
    type: ProgramType,
    nullable: true,
    description: 'Its program; null if it was given none.',
    resolve: ({ device }) => of(device.hardware, ({ program }) => program),
  }),
  dmas: t.field({
    type: [DmaType],
    description: 'DMAs that are not finished, the oldest first.',
    args: {
      state: t.arg({ type: DmaStateEnum, description: 'Only those in this state.' }),
      first: t.arg.int({ defaultValue: LIST_DEFAULT, description: FIRST_TEXT }),
    },
    resolve: ({ machine, device }, { state, first }) =>
      [...(device.hardware?.dmas.values() ?? [])]
        .filter(dma => !state || dma.state === state)
        .slice(0, checkFirst(first))
        .map(dma => ({ machine, deviceNo: device.deviceNo, dma })),
  }),
}));
