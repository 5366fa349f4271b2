/** How a handler's answers to a replay compare with the recorded ones. */
import { REPLAY_DIFFERENCES_MAX } from '../../abi/limits.ts';
import { IOMMU_PAGE_RESP_FAILURE } from '../../abi/uapi.ts';
import type {
  ReplayComparison,
  ReplaySummary,
  ReplayVerdict,
} from '../../engine/replay/replay-answers.ts';
import type { RecordedAnswer } from '../../engine/replay/replay-record.ts';
import { builder } from '../builder/builder.ts';
import { PageResponseCode } from '../builder/enums.ts';
import { checkFirst, FIRST_TEXT, LIST_MAX } from '../builder/lists.ts';

const VERDICT_TEXT: Record<ReplayVerdict, string> = {
  SAME_CODE: 'Answered as in the record.',
  OTHER_CODE: 'Answered with another code than in the record.',
  RECORDED_UNANSWERED: 'Answered, and in the record nobody answers before the end of the range.',
  RECORDED_AUTOMATIC:
    'Answered, and in the record the kernel answers INVALID by itself later: detach, replace or destroy takes the group away before anybody has answered.',
  REFUSED_CODE:
    'The machine’s kernel refuses the code, which it checks first; the cookie stays as it was. faultWrite would give EINVAL.',
  TOO_LATE:
    'Too late: the kernel had answered the group by itself, or the queue’s file was closed. faultWrite would be refused.',
  UNKNOWN_COOKIE:
    'No group that awaits an answer has the cookie: it was not read yet, is answered already, or never was. faultWrite would give EINVAL.',
  UNANSWERED: 'No answer came until the replay ended, or until another group had the cookie.',
};

const Verdict = builder.enumType('ReplayVerdict', {
  description: 'How an answer in a replay compares with the record.',
  values: Object.fromEntries(
    Object.entries(VERDICT_TEXT).map(([verdict, description]) => [
      verdict,
      { value: verdict as ReplayVerdict, description },
    ]),
  ) as Record<ReplayVerdict, { value: ReplayVerdict; description: string }>,
});

const RecordedAnswerType = builder.objectRef<RecordedAnswer>('RecordedAnswer').implement({
  description: 'The answer an iopf group got in the record.',
  fields: t => ({
    seq: t.exposeInt('seq', { description: 'The event.' }),
    at: t.field({
      type: 'DateTime',
      description: 'When.',
      resolve: ({ atMs }) => new Date(atMs),
    }),
    code: t.field({
      type: PageResponseCode,
      nullable: true,
      description: 'The code; null if it has no name.',
      resolve: ({ code }) => namedCode(code),
    }),
    rawCode: t.field({ type: 'U32', description: 'As a number.', resolve: a => a.code }),
    automatic: t.exposeBoolean('automatic', {
      description: 'The kernel gave it by itself: detach, replace or destroy took the group away.',
    }),
  }),
});

/** Kernels that do not check the code take any number, which no enum has. */
export function namedCode(code: number | null): number | null {
  return code !== null && code <= IOMMU_PAGE_RESP_FAILURE ? code : null;
}

export const ReplayComparisonType = builder
  .objectRef<ReplayComparison>('ReplayComparison')
  .implement({
    description: 'An answer to a replayed iopf group, or one that did not come, and the record.',
    fields: t => ({
      verdict: t.field({ type: Verdict, description: 'The result.', resolve: c => c.verdict }),
      contextId: t.expose('contextId', { type: 'U32', description: 'The context.' }),
      faultId: t.expose('faultId', { type: 'U32', description: 'The fault queue.' }),
      cookie: t.expose('cookie', { type: 'U32', description: 'The cookie.' }),
      iopfGroupId: t.int({
        nullable: true,
        description: 'The group that had the cookie then; null if none awaited an answer.',
        resolve: c => c.iopfGroupId,
      }),
      code: t.field({
        type: PageResponseCode,
        nullable: true,
        description: 'This handler’s answer; null if it has no name, or did not come.',
        resolve: ({ code }) => namedCode(code),
      }),
      rawCode: t.field({
        type: 'U32',
        nullable: true,
        description: 'As a number; null if it did not come.',
        resolve: ({ code }) => code,
      }),
      seq: t.exposeInt('seq', {
        description: 'The last event that was sent before it: a later recorded answer was slower.',
      }),
      waitMs: t.float({
        nullable: true,
        description: 'Milliseconds from the delivery to this answer, whatever the speed.',
        resolve: c => c.waitMs,
      }),
      recorded: t.field({
        type: RecordedAnswerType,
        nullable: true,
        description: 'What the record has; null if it has no answer in the range.',
        resolve: c => c.recorded,
      }),
      recordedWaitMs: t.float({
        nullable: true,
        description: 'Milliseconds from the read to the answer in the record.',
        resolve: c => c.recordedWaitMs,
      }),
    }),
  });

const COUNTED: readonly (readonly [field: string, verdict: ReplayVerdict])[] = [
  ['sameCode', 'SAME_CODE'],
  ['otherCode', 'OTHER_CODE'],
  ['recordedUnanswered', 'RECORDED_UNANSWERED'],
  ['recordedAutomatic', 'RECORDED_AUTOMATIC'],
  ['unanswered', 'UNANSWERED'],
  ['refusedCode', 'REFUSED_CODE'],
  ['tooLate', 'TOO_LATE'],
  ['unknownCookie', 'UNKNOWN_COOKIE'],
];

export const ReplaySummaryType = builder.objectRef<ReplaySummary>('ReplaySummary').implement({
  description: 'How a handler did in a replay, compared with the record.',
  fields: t => ({
    groups: t.exposeInt('groups', {
      description:
        'Groups delivered: sameCode, otherCode, recordedUnanswered, recordedAutomatic and unanswered together.',
    }),
    ...Object.fromEntries(
      COUNTED.map(([field, verdict]) => [
        field,
        t.int({
          description: `How many ${verdict}. ${VERDICT_TEXT[verdict]}`,
          resolve: ({ verdicts }) => verdicts[verdict],
        }),
      ]),
    ),
    differences: t.field({
      type: [ReplayComparisonType],
      description: `In order, all but SAME_CODE, and UNANSWERED only where the record has a program’s answer; the first ${REPLAY_DIFFERENCES_MAX}.`,
      args: { first: t.arg.int({ defaultValue: LIST_MAX, description: FIRST_TEXT }) },
      resolve: ({ differences }, { first }) => differences.slice(0, checkFirst(first ?? LIST_MAX)),
    }),
  }),
});
