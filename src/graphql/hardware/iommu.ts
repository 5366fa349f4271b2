/** Modelled IOMMUs: their queues, caches, fault records. */

import { byKey, keysOf } from '../../core/collections/by-key.ts';
import { leftInIotlb } from '../../core/hardware/dma/left.ts';
import { isModelled } from '../../core/hardware/function/lookup.ts';
import { queuedRecords } from '../../core/hardware/prq/events.ts';
import { queuedForm } from '../../core/hardware/prq/receive.ts';
import type {
  Iommu,
  PageRequestRecord,
  PendingInvalidation,
  QueueError,
} from '../../core/hardware/unit/state.ts';
import { PAGE_REQUEST_FORMATS } from '../../core/hardware/vendors/formats.ts';
import { capacityOf, recordsIn, slotOf } from '../../core/hardware/vendors/request-queue.ts';
import { must } from '../../core/machine/assert.ts';
import { badInput } from '../builder/bad-input.ts';
import { builder } from '../builder/builder.ts';
import { checkFirst, FIRST_TEXT, LIST_DEFAULT } from '../builder/lists.ts';
import { MachineType, PhysicalDeviceInterface } from '../builder/refs.ts';
import { type MachineView, physicalDeviceView } from '../builder/view.ts';
import { PageRequestType } from '../iommu/iopf.ts';
import { CacheEntryType, cachePage } from './cache.ts';
import { DriverEnum, ServiceEnum, TableFormatEnum, VendorEnum } from './enums.ts';
import { FaultRecordType } from './raw.ts';

export interface IommuView {
  readonly machine: MachineView;
  readonly iommu: Iommu;
}

export const IommuType = builder.objectRef<IommuView>('Iommu');

export function iommuView(machine: MachineView, iommuNo: number): IommuView | null {
  const iommu = machine.state.iommus.get(iommuNo);
  return iommu === undefined ? null : { machine, iommu };
}

interface RecordView extends PageRequestRecord {
  readonly machine: MachineView;
}

const RecordType = builder.objectRef<RecordView>('PageRequestRecord').implement({
  description: 'A page request that stands in a queue.',
  fields: t => ({
    physicalDevice: t.field({
      type: PhysicalDeviceInterface,
      nullable: true,
      description: 'The function that sent it; null if it is gone.',
      resolve: ({ machine, deviceNo }) => physicalDeviceView(machine, deviceNo),
    }),
    request: t.field({
      type: PageRequestType,
      description: 'The request.',
      resolve: ({ request }) => request,
    }),
    queuedSeq: t.exposeInt('queuedSeq', { description: 'The event that queued it.' }),
  }),
});

const QueueType = builder.objectRef<IommuView>('PageRequestQueue').implement({
  description: 'The page request queue of an IOMMU, in memory.',
  fields: t => ({
    entries: t.int({
      description: 'Records that its memory holds.',
      resolve: ({ iommu }) => iommu.spec.prqEntries,
    }),
    count: t.int({
      description: 'Records that stand in it.',
      resolve: ({ iommu: { spec, pageRequestQueue } }) =>
        recordsIn(spec.vendor, { entries: spec.prqEntries, ...pageRequestQueue }),
    }),
    capacity: t.int({
      description:
        'Records that it can hold: of a queue without a wrap flag one less than its memory does.',
      resolve: ({ iommu }) => capacityOf(iommu.spec.vendor, iommu.spec.prqEntries),
    }),
    head: t.int({
      description: 'Index that software reads next; with a wrap flag on SMMUv3.',
      resolve: ({ iommu }) => iommu.pageRequestQueue.head,
    }),
    tail: t.int({
      description: 'Index that hardware writes next.',
      resolve: ({ iommu }) => iommu.pageRequestQueue.tail,
    }),
    enabled: t.boolean({
      description: 'It is on.',
      resolve: ({ iommu }) => iommu.pageRequestQueue.enabled,
    }),
    overflow: t.boolean({
      description: 'Requests were lost; none is written until software clears it.',
      resolve: ({ iommu }) => iommu.pageRequestQueue.overflow,
    }),
    overflowSeq: t.int({
      nullable: true,
      description: 'The event by which it overflowed; null while it has not.',
      resolve: ({ iommu }) => iommu.pageRequestQueue.overflowSeq,
    }),
    records: t.field({
      type: [RecordType],
      description: 'What stands in it, the next to be read first.',
      args: { first: t.arg.int({ defaultValue: LIST_DEFAULT, description: FIRST_TEXT }) },
      resolve: ({ machine, iommu }, { first }) =>
        queuedRecords(iommu)
          .slice(0, checkFirst(first))
          .map(record => ({ machine, ...record })),
    }),
    raw: t.field({
      type: ['HexU64'],
      description: 'A record in the vendor’s bits, as 64-bit words; empty where none stands.',
      args: { index: t.arg({ type: 'U32', required: true, description: 'Its place, from 0.' }) },
      resolve: ({ machine, iommu }, { index }) => rawRecord(machine, iommu, index),
    }),
  }),
});

function rawRecord({ state }: MachineView, { spec, pageRequestQueue }: Iommu, index: number) {
  if (index >= spec.prqEntries) {
    throw badInput(`"index" must be from 0 to ${spec.prqEntries - 1}, not ${index}`);
  }
  const record = pageRequestQueue.records.get(slotOf(index, spec.prqEntries));
  const device = state.physicalDevices.get(record?.deviceNo ?? -1);
  if (record === undefined || !isModelled(device)) return [];
  const { encode } = PAGE_REQUEST_FORMATS[spec.vendor];
  return [...encode(queuedForm(device, record.request))];
}

const QueueErrorType = builder.objectRef<QueueError>('InvalidationQueueError').implement({
  description: 'Why an invalidation queue has stopped.',
  fields: t => ({
    kind: t.exposeString('kind', {
      description: 'ITE, CERROR_ATC_INV_SYNC, IOTLB_INV_TIMEOUT or cmd_to, by vendor.',
    }),
    errorSeq: t.exposeInt('errorSeq', { description: 'The event.' }),
  }),
});

const InvalidationType = builder.objectRef<PendingInvalidation>('PendingInvalidation').implement({
  description: 'An ATC invalidation that its function has not completed.',
  fields: t => ({
    itag: t.exposeInt('itag', {
      description:
        'Its tag, from 0 to 31; a higher number stands in line, for the function takes no more.',
    }),
    deviceNo: t.exposeInt('deviceNo', { description: 'The function.' }),
    iova: t.field({
      type: 'HexU64',
      description: 'First IOVA.',
      resolve: ({ firstPage }) => BigInt(firstPage) << 12n,
    }),
    deadlineTick: t.exposeFloat('deadlineTick', { description: 'When it times out.' }),
    requestedSeq: t.exposeInt('requestedSeq', { description: 'The event that asked for it.' }),
  }),
});

IommuType.implement({
  description: 'An IOMMU whose queues and caches are modelled.',
  fields: t => ({
    iommuNo: t.int({
      description: 'Its number, from 0.',
      resolve: ({ iommu }) => iommu.iommuNo,
    }),
    vendor: t.field({
      type: VendorEnum,
      description: 'Whose it is.',
      resolve: ({ iommu }) => iommu.spec.vendor,
    }),
    driver: t.field({
      type: DriverEnum,
      description: 'What its driver does.',
      resolve: ({ iommu }) => iommu.spec.driver,
    }),
    service: t.field({
      type: ServiceEnum,
      description: 'Who reads its queue.',
      resolve: ({ iommu }) => iommu.spec.service,
    }),
    tableFormat: t.field({
      type: TableFormatEnum,
      nullable: true,
      description: 'The format of the guests’ tables; null: as the user data of the hwpt says.',
      resolve: ({ iommu }) => iommu.spec.tableFormat,
    }),
    pageRequestQueue: t.field({
      type: QueueType,
      description: 'Its page request queue.',
      resolve: view => view,
    }),
    iotlb: t.connection(
      {
        type: CacheEntryType,
        description: 'Its translation cache, the oldest first; forward only.',
        resolve: ({ machine, iommu }, args) =>
          cachePage('iotlb', iommu.iotlb, args, found => ({
            translation: found,
            left: () => leftInIotlb(machine.state, iommu.iommuNo, found),
          })),
      },
      { description: 'A page of cached translations.' },
      { description: 'One cached translation of a page.' },
    ),
    iotlbSize: t.int({
      description: 'Translations in it.',
      resolve: ({ iommu }) => iommu.iotlb.size,
    }),
    stallCount: t.int({
      description: 'Transactions that wait in it (SMMUv3).',
      resolve: ({ iommu }) => iommu.stalls.size,
    }),
    faultRecords: t.field({
      type: [FaultRecordType],
      description: 'The newest fault records, the oldest first.',
      args: { first: t.arg.int({ defaultValue: LIST_DEFAULT, description: FIRST_TEXT }) },
      resolve: ({ machine, iommu }, { first }) =>
        iommu.faultRecords.slice(0, checkFirst(first)).map(record => ({ machine, record })),
    }),
    pendingInvalidations: t.field({
      type: [InvalidationType],
      description: 'ATC invalidations under way, by ITag.',
      resolve: ({ iommu }) => byKey(iommu.invalidations).map(([, pending]) => pending),
    }),
    queueError: t.field({
      type: QueueErrorType,
      nullable: true,
      description: 'Why its invalidation queue has stopped; null while it goes.',
      resolve: ({ iommu }) => iommu.queueError,
    }),
  }),
});

builder.objectFields(MachineType, t => ({
  iommus: t.field({
    type: [IommuType],
    description: 'Modelled IOMMUs, by number. None: page requests are declared by pageRequest.',
    resolve: machine =>
      keysOf(machine.state.iommus).map(iommuNo => must(iommuView(machine, iommuNo), 'IOMMU')),
  }),
  iommu: t.field({
    type: IommuType,
    nullable: true,
    description: 'One modelled IOMMU; null if there is none.',
    args: { no: t.arg({ type: 'U32', required: true, description: 'Its number, from 0.' }) },
    resolve: (machine, { no }) => iommuView(machine, no),
  }),
  tick: t.float({
    description: 'Hardware’s time: what hardwareAdvance has told it.',
    resolve: ({ state }) => state.tick,
  }),
}));
