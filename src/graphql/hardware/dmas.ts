/** The DMAs of a range of the log, those that are over too. */
import { type DmaRecord, type DmaStep, type DmaStepKind, dmasIn } from '../../engine/find/dmas.ts';
import { Past } from '../../engine/past/past.ts';
import { badInput } from '../builder/bad-input.ts';
import { builder } from '../builder/builder.ts';
import { described } from '../builder/enums.ts';
import { OF_EVENTS } from '../builder/expose-errors.ts';
import { checkFirst, FIRST_TEXT, LIST_DEFAULT, LIST_MAX } from '../builder/lists.ts';
import { MachineType } from '../builder/refs.ts';
import type { MachineView } from '../builder/view.ts';
import { checkRange } from '../log/seq-range.ts';
import { AbortReasonEnum } from './enums.ts';

/** Events that one answer looks at. */
const DMA_RANGE_MAX = 65_536;

const STEP_TEXT: Readonly<Record<DmaStepKind, string>> = {
  ISSUED: 'It was issued, and pages were missing.',
  WAITING_PRG: 'It waits for answers to page request groups.',
  NO_CREDIT: 'It waits for a credit.',
  BACKED_OFF: 'Its request was lost; it asks again later.',
  STALLED: 'It waits in the IOMMU.',
  RETRIED: 'After an answer of SUCCESS a page was missing still.',
  DONE: 'Its bytes have moved.',
  ABORTED: 'It failed.',
  TIMED_OUT: 'Its device gave up.',
};

const StepKindEnum = builder.enumType('DmaStepKind', {
  description: 'What an event did to a DMA.',
  values: described(STEP_TEXT),
});

const StepType = builder.objectRef<DmaStep>('DmaStep').implement({
  description: 'One event of a DMA.',
  fields: t => ({
    seq: t.exposeInt('seq', {
      description: 'The event; the start of the range, if it was before.',
    }),
    kind: t.field({ type: StepKindEnum, description: 'What it did.', resolve: s => s.kind }),
  }),
});

interface RecordView extends DmaRecord {
  readonly machine: MachineView;
}

const RecordType = builder.objectRef<RecordView>('DmaRecord').implement({
  description: 'What a range of the log has of one DMA. `dmaLife` has all of it.',
  fields: t => ({
    dmaId: t.exposeInt('dmaId', { description: 'Its number, never used again in this machine.' }),
    device: t.string({
      nullable: true,
      description: 'The function’s PCI address; null if it is gone.',
      resolve: ({ machine, deviceNo }) => {
        const device = machine.state.physicalDevices.get(deviceNo);
        return device?.kind === 'PCI' ? device.bdf : null;
      },
    }),
    iova: t.field({
      type: 'HexU64',
      description: 'First byte.',
      resolve: ({ request }) => request.iova,
    }),
    length: t.field({
      type: 'HexU64',
      description: 'Bytes.',
      resolve: ({ request }) => request.length,
    }),
    write: t.boolean({ description: 'It writes.', resolve: ({ request }) => request.write }),
    pasid: t.field({
      type: 'Pasid',
      nullable: true,
      description: 'Its PASID; null without one.',
      resolve: ({ request }) => request.pasid,
    }),
    issuedSeq: t.exposeInt('issuedSeq', {
      nullable: true,
      description: 'The event that issued it, also before the range; null if it did not wait.',
    }),
    endedSeq: t.exposeInt('endedSeq', {
      nullable: true,
      description: 'The event by which it was over; null while it is not.',
    }),
    state: t.field({
      type: StepKindEnum,
      description: 'Where it is, by its last step.',
      resolve: ({ steps }) => steps.at(-1)!.kind,
    }),
    retries: t.int({
      description: 'How often it asked again in the range.',
      resolve: ({ steps }) => steps.filter(({ kind }) => kind === 'RETRIED').length,
    }),
    reason: t.field({
      type: AbortReasonEnum,
      nullable: true,
      description: 'ABORTED: why. Else null.',
      resolve: ({ reason }) => reason,
    }),
    steps: t.field({
      type: [StepType],
      description:
        'What it was waiting for at `from`, if it was there, and the events that moved it on.',
      args: { first: t.arg.int({ defaultValue: LIST_DEFAULT, description: FIRST_TEXT }) },
      resolve: ({ steps }, { first }) => steps.slice(0, checkFirst(first)),
    }),
    iopfGroupIds: t.intList({
      description: 'The iopf groups that its page requests came in.',
      resolve: ({ iopfGroupIds }) => [...iopfGroupIds],
    }),
  }),
});

interface ListView {
  readonly machine: MachineView;
  readonly records: readonly DmaRecord[];
}

const ListType = builder.objectRef<ListView>('DmaRecords').implement({
  description: 'The DMAs of a range.',
  fields: t => ({
    count: t.int({ description: 'How many there are.', resolve: ({ records }) => records.length }),
    newest: t.field({
      type: [RecordType],
      description: 'The newest of them, by dmaId.',
      args: {
        last: t.arg.int({
          defaultValue: LIST_DEFAULT,
          description: `At most this many, from 0 to ${LIST_MAX}.`,
        }),
      },
      resolve: ({ machine, records }, { last }) => {
        const shown = records.slice(Math.max(records.length - checkFirst(last, 'last'), 0));
        return shown.map(record => ({ machine, ...record }));
      },
    }),
  }),
});

builder.objectField(MachineType, 'dmas', t =>
  t.field({
    type: ListType,
    description: `The DMAs that were under way after the event \`from\` and at \`to\` or before, those that are over too, as they were at \`to\`. At most ${DMA_RANGE_MAX} events.`,
    extensions: OF_EVENTS,
    args: {
      from: t.arg.int({ required: true, description: 'A seq from 0.' }),
      to: t.arg.int({ description: 'Left out: that of this view.' }),
    },
    resolve: async (machine, { from, to }, { engine, history }) => {
      const range = checkRange(machine, from, to ?? machine.seq);
      if (range.to - range.from > DMA_RANGE_MAX) {
        const events = range.to - range.from;
        throw badInput(`from "from" to "to" are ${events} events, at most ${DMA_RANGE_MAX}`);
      }
      const past = await Past.of(engine, history, machine.machineId);
      return { machine, records: await dmasIn(past, range) };
    },
  }),
);
