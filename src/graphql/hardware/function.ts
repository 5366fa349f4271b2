/** A PCI function behind a modelled IOMMU: ATS, PRI, its cache, its program, its DMAs. */
import { byKey, keysOf } from '../../core/collections/by-key.ts';
import type { Translation } from '../../core/hardware/cache/columns.ts';
import { TranslationCache } from '../../core/hardware/cache/translation-cache.ts';
import { leftInAtc } from '../../core/hardware/dma/left.ts';
import { isModelled } from '../../core/hardware/function/lookup.ts';
import type {
  DeviceProgram,
  Dma,
  FunctionHardware,
  ProgramOp,
} from '../../core/hardware/function/state.ts';
import type { IopfGroup } from '../../core/iommu/state.ts';
import { builder } from '../builder/builder.ts';
import { checkFirst, FIRST_TEXT, LIST_DEFAULT } from '../builder/lists.ts';
import { IopfGroupType } from '../builder/refs.ts';
import type { MachineView } from '../builder/view.ts';
import { CacheEntryType, cachePage } from './cache.ts';
import { AtsType, PasidType, PriType, priView } from './capabilities.ts';
import { PciDeviceType } from './device.ts';
import { DmaStateEnum, ProgramOpEnum, ProgramStateEnum } from './enums.ts';
import { IommuType, iommuView } from './iommu.ts';

const NO_CACHE = new TranslationCache<Translation>({ entries: 1, lru: false });

const NO_DMAS: ReadonlyMap<number, Dma> = new Map();

const ProgramOpType = builder.objectRef<ProgramOp>('DeviceProgramOp').implement({
  description: 'An operation of a device’s program. Fields that its kind has not are null.',
  fields: t => ({
    op: t.field({ type: ProgramOpEnum, description: 'What it does.', resolve: ({ op }) => op }),
    iova: t.expose('iova', { type: 'HexU64', nullable: true, description: 'First byte.' }),
    length: t.expose('length', { type: 'HexU64', nullable: true, description: 'Bytes.' }),
    toIova: t.expose('toIova', { type: 'HexU64', nullable: true, description: 'COPY: where to.' }),
    fill: t.exposeInt('fill', { nullable: true, description: 'WRITE and EXPECT: each byte.' }),
    write: t.exposeBoolean('write', { description: 'TRANSLATE: with the intent to write.' }),
    pasid: t.expose('pasid', { type: 'Pasid', nullable: true, description: 'Its PASID.' }),
    count: t.exposeInt('count', { nullable: true, description: 'REPEAT: how often.' }),
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
    length: t.int({
      description: 'How many operations it has.',
      resolve: ({ ops }) => ops.length,
    }),
    ops: t.field({
      type: [ProgramOpType],
      description: 'Its operations, in order.',
      args: { first: t.arg.int({ defaultValue: LIST_DEFAULT, description: FIRST_TEXT }) },
      resolve: ({ ops }, { first }) => ops.slice(0, checkFirst(first)),
    }),
    next: t.exposeInt('next', { description: 'Place of the next one, from 0.' }),
    steps: t.exposeInt('steps', { description: 'Operations done.' }),
    failure: t.exposeString('failure', {
      nullable: true,
      description:
        'FAILED: why; of an EXPECT with the first byte that is another, and what it is. Else null.',
    }),
    failedOp: t.int({
      nullable: true,
      description:
        'FAILED: place of the operation that failed, from 0; null if none did, as after a reset.',
      resolve: ({ failedOp }) => failedOp ?? null,
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
      resolve: ({ dma }) => keysOf(dma.groups),
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
    resolve: ({ machine, device }) => priView(machine, device),
  }),
  pasid: t.field({
    type: PasidType,
    nullable: true,
    description: 'Its PASID capability; null without, or if its IOMMU is not modelled.',
    resolve: ({ device }) =>
      of(device.hardware, hardware => (hardware.spec.pasidWidth > 0 ? hardware : null)),
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
      resolve: ({ machine, device }, args) =>
        cachePage('atc', device.hardware?.atc ?? NO_CACHE, args, found => ({
          translation: found,
          left: () => (isModelled(device) ? leftInAtc(machine.state, device, found) : null),
        })),
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
      byKey(device.hardware?.dmas ?? NO_DMAS)
        .filter(([, dma]) => !state || dma.state === state)
        .slice(0, checkFirst(first))
        .map(([, dma]) => ({ machine, deviceNo: device.deviceNo, dma })),
  }),
}));
