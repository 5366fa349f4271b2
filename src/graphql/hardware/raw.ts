/** What crosses between an IOMMU and its software, in the vendor's bits: records, responses. */
import { RAW_EVENTS, recordWords, wordsOf } from '../../core/hardware/raw.ts';
import type { FaultRecord } from '../../core/hardware/unit/state.ts';
import { builder } from '../builder/builder.ts';
import { OF_EVENTS } from '../builder/expose-errors.ts';
import type { MachineView } from '../builder/view.ts';
import { EventObject } from '../log/operation.ts';

export interface FaultRecordView {
  readonly machine: MachineView;
  readonly record: FaultRecord;
}

export const FaultRecordType = builder.objectRef<FaultRecordView>('FaultRecord').implement({
  description: 'What an IOMMU recorded of a transaction that it refused.',
  fields: t => ({
    deviceNo: t.int({ description: 'The function.', resolve: ({ record }) => record.deviceNo }),
    pasid: t.field({
      type: 'Pasid',
      nullable: true,
      description: 'Its PASID; null without one.',
      resolve: ({ record }) => record.pasid,
    }),
    iova: t.field({
      type: 'HexU64',
      description: 'Where.',
      resolve: ({ record }) => record.iova,
    }),
    write: t.boolean({
      description: 'It was to write.',
      resolve: ({ record }) => record.write,
    }),
    code: t.int({ description: 'The vendor’s number.', resolve: ({ record }) => record.code }),
    name: t.string({ description: 'The vendor’s words.', resolve: ({ record }) => record.name }),
    raw: t.field({
      type: ['HexU64'],
      description:
        'The record in the vendor’s bits, as 64-bit words: VT-d’s fault recording register, SMMUv3’s event record, AMD-Vi’s event log entry, RISC-V’s fault queue record. Empty if its function is gone.',
      resolve: ({ machine, record }) => [...recordWords(machine.state, record)],
    }),
    recordedSeq: t.int({
      description: 'The event.',
      resolve: ({ record }) => record.recordedSeq,
    }),
  }),
});

const WITH_WORDS: ReadonlySet<string> = new Set(RAW_EVENTS);

builder.objectField(EventObject, 'raw', t =>
  t.field({
    type: ['HexU64'],
    description: `What crossed between a modelled IOMMU and its software, in the vendor’s bits, as 64-bit words: page request records, fault records, event records of stalls, and responses (page group response, CMD_PRI_RESP, COMPLETE_PPR_REQUEST, ATS.PRGR, CMD_RESUME). Of ${RAW_EVENTS.join(', ')}; else empty.`,
    extensions: OF_EVENTS,
    resolve: async ({ machineId, seq, event }, _, { history }) => {
      if (!WITH_WORDS.has(event.type)) return [];
      return [...wordsOf(await history.stateAt(machineId, seq - 1), event)];
    },
  }),
);
