/** The iopf groups of a machine's log by what one knows of them. */
import { mockName } from '../../core/machine/lookup.ts';
import type { IovaRange } from '../../core/memory/iova-range.ts';
import { iopfGroupsWhere, pasidOf } from '../../engine/find/iopf-groups.ts';
import { iopfLife } from '../../engine/find/iopf-life.ts';
import type { IopfGroupRecord, IopfOutcome } from '../../engine/find/open-groups.ts';
import { SEARCH_OPERATIONS_MAX } from '../../engine/find/search.ts';
import { Past } from '../../engine/past/past.ts';
import { badInput, shortened } from '../builder/bad-input.ts';
import { builder } from '../builder/builder.ts';
import { described, PageResponseCode } from '../builder/enums.ts';
import { OF_OPERATIONS } from '../builder/expose-errors.ts';
import { forwardLimit, forwardPage } from '../builder/forward-page.ts';
import { cursorNumber } from '../builder/lists.ts';
import { MachineType } from '../builder/refs.ts';
import { PCI_ADDRESS } from '../builder/scalars.ts';
import { timesOf } from '../builder/times.ts';
import { checkRange } from '../log/seq-range.ts';
import { PageRequestType } from './iopf.ts';
import { LifeType } from './iopf-life.ts';

const OUTCOME_TEXT: Readonly<Record<IopfOutcome, string>> = {
  QUEUED: 'It waits in its fault queue for somebody to read it.',
  READ: 'Somebody read it and has not answered.',
  ANSWERED: 'User space answered it.',
  TAKEN_AWAY: 'Detach, replace or destroy took it away; the kernel answered INVALID.',
  FLUSHED: 'Its device left the iopf queue; the kernel answered INVALID.',
  LOST: 'A read into memory that is not there lost it; nobody answers it.',
};

const OutcomeEnum = builder.enumType('IopfOutcome', {
  description: 'Where an iopf group is, or how it ended.',
  values: described(OUTCOME_TEXT),
});

interface RecordView extends IopfGroupRecord {
  readonly machineId: string;
  /** The seq of the view that asked. */
  readonly until: number;
}

const timeOf = (ms: number | null) => (ms === null ? null : new Date(ms));

export const IopfGroupRecordType = builder.objectRef<RecordView>('IopfGroupRecord').implement({
  description: 'What the log has of one iopf group, however long it is over.',
  fields: t => ({
    iopfGroupId: t.exposeInt('iopfGroupId', { description: 'Its id, never used again.' }),
    contextId: t.exposeInt('contextId', { description: 'The context of its fault queue.' }),
    faultId: t.exposeInt('faultId', { description: 'The fault queue it came to.' }),
    device: t.exposeString('device', {
      nullable: true,
      description: 'The device that faulted: its PCI address, or the name of a mock device.',
    }),
    pasid: t.field({
      type: 'U32',
      nullable: true,
      description: 'Its PASID; null without one.',
      resolve: ({ requests }) => pasidOf(requests.at(-1)),
    }),
    grpid: t.field({
      type: 'U32',
      description: 'Its page request group index.',
      resolve: ({ requests }) => requests.at(-1)?.grpid ?? 0,
    }),
    requests: t.field({
      type: [PageRequestType],
      description: 'Its requests, the last page last.',
      resolve: ({ requests }) => [...requests],
    }),
    outcome: t.field({
      type: OutcomeEnum,
      description: 'Where it is, or how it ended.',
      resolve: ({ outcome }) => outcome,
    }),
    cookie: t.field({
      type: 'U32',
      nullable: true,
      description: 'The cookie its reader got; null if nobody read it.',
      resolve: ({ cookie }) => cookie,
    }),
    code: t.field({
      type: PageResponseCode,
      nullable: true,
      description: 'The answer; null while there is none.',
      resolve: ({ code }) => code,
    }),
    queuedAt: t.field({
      type: 'DateTime',
      description: 'When it was queued.',
      resolve: ({ queuedAtMs }) => new Date(queuedAtMs),
    }),
    waitMs: t.exposeFloat('waitMs', {
      description:
        'Milliseconds from the queue to its end; while it waits, to the newest operation of this view.',
    }),
    deviceNo: t.exposeInt('deviceNo', { description: 'The device that faulted, by its number.' }),
    requestedSeq: t.exposeInt('requestedSeq', {
      nullable: true,
      description:
        'The event by which its first page request came; null if that was before the range looked at.',
    }),
    requestedAt: t.field({
      type: 'DateTime',
      nullable: true,
      description: 'When that was.',
      resolve: ({ requestedAtMs }) => timeOf(requestedAtMs),
    }),
    readAt: t.field({
      type: 'DateTime',
      nullable: true,
      description: 'When it was read; null if nobody read it.',
      resolve: ({ readAtMs }) => timeOf(readAtMs),
    }),
    endedAt: t.field({
      type: 'DateTime',
      nullable: true,
      description: 'When it ended; null while it waits.',
      resolve: ({ endedAtMs }) => timeOf(endedAtMs),
    }),
    queuedSeq: t.exposeInt('queuedSeq', { description: 'The event that queued it.' }),
    readSeq: t.exposeInt('readSeq', {
      nullable: true,
      description: 'The event of its read; null if nobody read it.',
    }),
    endedSeq: t.exposeInt('endedSeq', {
      nullable: true,
      description: 'The event that ended it; null while it waits.',
    }),
    life: t.field({
      type: LifeType,
      nullable: true,
      description: 'Stage by stage, from the page request to the response at the device.',
      extensions: OF_OPERATIONS,
      resolve: async ({ machineId, until, iopfGroupId }, _, { engine, history }) => {
        const past = await Past.of(engine, history, machineId);
        const life = await iopfLife(past, iopfGroupId, until);
        return life && { ...life, machineId, iopfGroupId };
      },
    }),
  }),
});

const WhereInput = builder.inputType('IopfGroupWhere', {
  description: 'What is known of an iopf group; all that is given holds together.',
  fields: t => ({
    addr: t.field({ type: 'HexU64', description: 'An address in one of its pages.' }),
    addrLast: t.field({
      type: 'HexU64',
      description:
        'With `addr`, which is no higher: the last address of a range that one of its pages meets.',
    }),
    bdf: t.string({
      description:
        'The device that faulted: its PCI address, such as 0000:01:00.0, or the name of a mock device, such as iommufd_mock0.',
    }),
    contextId: t.field({ type: 'U32', description: 'The context of its fault queue.' }),
    faultId: t.field({ type: 'U32', description: 'The fault queue it came to.' }),
    pasid: t.field({ type: 'U32', description: 'Its PASID: 20 bits, but of a mock device 32.' }),
    grpid: t.field({ type: 'U32', description: 'Its page request group index.' }),
    cookie: t.field({ type: 'U32', description: 'Its reader got this cookie.' }),
    code: t.field({ type: PageResponseCode, description: 'It was answered with this code.' }),
    outcome: t.field({ type: OutcomeEnum, description: 'Where it is, or how it ended.' }),
    minWait: t.float({ description: 'It waited at least so many milliseconds, from 0.' }),
    from: t.field({
      type: 'DateTime',
      description: 'It was queued then or later; no later than `to`.',
    }),
    to: t.field({ type: 'DateTime', description: 'It was queued then or before.' }),
  }),
});

type Where = typeof WhereInput.$inferInput | null | undefined;

const MOCK_NAME = /^iommufd_mock\d{1,10}$/;

/** Errors: BAD_USER_INPUT, no device can have that name. */
function deviceOf(where: Where): string | null {
  const name = where?.bdf ?? null;
  if (name === null || PCI_ADDRESS.test(name) || MOCK_NAME.test(name)) return name;
  const like = `a PCI address such as "0000:01:00.0", or a mock device's name such as "${mockName(0)}"`;
  throw badInput(`"where.bdf" must be ${like}, not ${shortened(JSON.stringify(name))}`);
}

/** Errors: BAD_USER_INPUT, below 0. */
function waitOf(where: Where): number | null {
  const wait = where?.minWait ?? null;
  if (wait === null || wait >= 0) return wait;
  throw badInput(`"where.minWait" must be milliseconds from 0, not ${wait}`);
}

/** Errors: BAD_USER_INPUT, a last address without a first, or below it. */
function addressesOf(where: Where): IovaRange | null {
  const start = where?.addr ?? null;
  const last = where?.addrLast ?? start;
  if (last === null) return null;
  if (start !== null && start <= last) return { start, last };
  const is = start === null ? 'is missing' : `is 0x${start.toString(16)}`;
  throw badInput(
    `"where.addrLast" is 0x${last.toString(16)} and "where.addr" ${is}; it must be no higher`,
  );
}

/** Errors: BAD_USER_INPUT. */
function knownOf(where: Where) {
  return {
    addr: addressesOf(where),
    device: deviceOf(where),
    contextId: where?.contextId ?? null,
    faultId: where?.faultId ?? null,
    pasid: where?.pasid ?? null,
    grpid: where?.grpid ?? null,
    cookie: where?.cookie ?? null,
    code: where?.code ?? null,
    outcome: where?.outcome ?? null,
    minWaitMs: waitOf(where),
    ...timesOf(where),
  };
}

interface Counted {
  readonly count: number;
}

builder.objectField(MachineType, 'iopfGroups', t =>
  t.connection(
    {
      type: IopfGroupRecordType,
      description: `The iopf groups up to this view, the answered ones too, by iopfGroupId; the cursor is that id. Forward only. One answer reads ${SEARCH_OPERATIONS_MAX} operations, from the first.`,
      extensions: OF_OPERATIONS,
      args: {
        where: t.arg({ type: WhereInput, description: 'Only those that fit.' }),
        from: t.arg.int({
          defaultValue: 0,
          description:
            'Only those that were open after this seq, from 0. Then no more is read than the range.',
        }),
        to: t.arg.int({
          description:
            'Only those queued at this seq or before, as they were then. Left out: that of this view.',
        }),
      },
      resolve: async (machine, { where, ...args }, { engine, history }) => {
        const { machineId } = machine;
        const range = checkRange(machine, args.from ?? 0, args.to ?? machine.seq);
        const limit = forwardLimit('iopfGroups', args);
        const afterId = cursorNumber('after', args.after) ?? 0;
        const past = await Past.of(engine, history, machineId);
        const { found, count } = await iopfGroupsWhere(past, knownOf(where), range, {
          afterId,
          limit,
        });
        const page = forwardPage(
          args,
          limit,
          found,
          group => String(group.iopfGroupId),
          group => ({ ...group, machineId, until: range.to }),
        );
        return { ...page, count };
      },
    },
    {
      description: 'A page of iopf groups.',
      fields: t => ({
        totalCount: t.int({
          description: 'How many fit, whatever the page.',
          resolve: page => (page as unknown as Counted).count,
        }),
      }),
    },
    { description: 'One iopf group of a page.' },
  ),
);
