/**
 * What if: recorded operations run again on a machine of their own, under another kernel, under
 * other policies, or with operations left out, replaced or inserted.
 *
 * The new machine shares the past up to where the operations begin again. Which operation answers
 * which is not stored but follows from the plan, which is.
 */
import type { BaselineName, Policies } from '../abi/baselines.ts';
import { RERUN_OPERATIONS_MAX } from '../abi/limits.ts';
import type { Command, CommandOf } from '../core/command.ts';
import type { Operation } from '../core/operation.ts';
import type { Engine } from './engine.ts';
import { EditError, RerunTooLongError, UnknownMachineError } from './errors.ts';

/** One change to the operations that run again, by the number of a recorded one. */
export interface Edit {
  readonly operation: number;
  /** What runs before it. */
  readonly before: readonly Command[];
  /** What runs in its place: itself, nothing, or another command. */
  readonly instead: Command | 'LEFT_OUT' | null;
}

export interface RerunRequest {
  readonly machineId: string;
  readonly recordedId: string;
  /** Operations up to this number are shared; with 0 the machine is made again, too. */
  readonly from: number;
  /** The last recorded operation that runs again. */
  readonly to: number;
  /** null: as recorded. */
  readonly baseline: BaselineName | null;
  readonly policies: Policies | null;
  readonly edits: readonly Edit[];
}

/** What is kept of a request: enough to say which operation stands beside which. */
export interface RerunPlan {
  readonly from: number;
  readonly to: number;
  /** When the recorded machine was made: tells it from a later one of its name. */
  readonly recordedCreatedAtMs: number;
  /** The new machine's first own operation sets kernel and policies. */
  readonly kernelReplaced: boolean;
  /** By operation, ascending. */
  readonly edits: readonly {
    readonly operation: number;
    /** Operations inserted before it. */
    readonly inserted: number;
    readonly leftOut: boolean;
  }[];
}

/** Numbers of operations that stand beside each other: recorded, and run again. */
export interface Step {
  readonly recorded: number | null;
  readonly rerun: number | null;
}

/** Recorded operations read, and commands run in one commit. */
const PAGE_OPERATIONS = 256;

/**
 * Runs the operations again on a new machine. Errors: UnknownMachineError, MachineExistsError,
 * TooManyMachinesError, OperationOutOfRangeError, EditError, RerunTooLongError.
 */
export async function rerun(engine: Engine, request: RerunRequest): Promise<RerunPlan> {
  const { machineId, recordedId, from, to, baseline, policies } = request;
  if (to - from > RERUN_OPERATIONS_MAX) throw new RerunTooLongError(to - from);
  const edits = new Map(request.edits.map(edit => [edit.operation, edit]));
  for (const { operation } of request.edits) {
    if (operation <= Math.max(from, 1) || operation > to) {
      throw new EditError(operation, Math.max(from, 1) + 1, to);
    }
  }
  const kernelReplaced = from > 0 && (baseline !== null || policies !== null);
  const plan: RerunPlan = {
    from,
    to,
    recordedCreatedAtMs: await createdAtMs(engine, recordedId),
    kernelReplaced,
    edits: request.edits
      .map(({ operation, before, instead }) => ({
        operation,
        inserted: before.length,
        leftOut: instead === 'LEFT_OUT',
      }))
      .sort((a, b) => a.operation - b.operation),
  };
  if (from === 0) await createAgain(engine, request);
  else await engine.fork(machineId, recordedId, from);
  await engine.log.putRerun({ machineId, recordedId, plan: JSON.stringify(plan) });
  if (kernelReplaced) {
    const { state } = await engine.machine(machineId);
    await engine.execute(machineId, {
      type: 'KernelReplace',
      baseline: baseline ?? state.baseline,
      policies: policies ?? state.policies,
    });
  }
  for (let after = Math.max(from, 1); after < to; ) {
    const limit = Math.min(PAGE_OPERATIONS, to - after);
    const page = await engine.log.read(recordedId, { afterNumber: after, limit });
    if (page.length === 0) break;
    const commands = page.flatMap(({ number, command }) => edited(command, edits.get(number)));
    await Promise.all(commands.map(command => engine.execute(machineId, command)));
    after = page.at(-1)!.number;
  }
  return plan;
}

/** Milliseconds since the epoch. Errors: UnknownMachineError. */
async function createdAtMs(engine: Engine, machineId: string): Promise<number> {
  const head = await engine.log.head(machineId);
  if (head === null) throw new UnknownMachineError(machineId);
  return head.createdAtMs;
}

/** A run that was made again, as it was kept. `recordedId` is null once that machine is gone. */
export interface KeptRerun {
  readonly machineId: string;
  readonly recordedId: string | null;
  readonly plan: RerunPlan;
}

/** null if the machine was made in another way. */
export async function keptRerun(engine: Engine, machineId: string): Promise<KeptRerun | null> {
  const found = await engine.log.rerun(machineId);
  if (found === null) return null;
  const plan = JSON.parse(found.plan) as RerunPlan;
  const head = await engine.log.head(found.recordedId);
  const there = head?.createdAtMs === plan.recordedCreatedAtMs;
  return { machineId, recordedId: there ? found.recordedId : null, plan };
}

async function createAgain(engine: Engine, request: RerunRequest): Promise<void> {
  const { machineId, recordedId, baseline, policies } = request;
  const [first] = await engine.log.read(recordedId, { limit: 1 });
  const command = first!.command as CommandOf<'MachineCreate'>;
  await engine.create(machineId, {
    ...command,
    ...(baseline === null ? {} : { baseline }),
    ...(policies === null ? {} : { policies }),
  });
}

function edited(command: Command, edit: Edit | undefined): readonly Command[] {
  if (edit === undefined) return [command];
  const { before, instead } = edit;
  if (instead === 'LEFT_OUT') return before;
  return [...before, instead ?? command];
}

/** Which operation stands beside which, in order, from operation `from + 1` of both on. */
export function* stepsOf({ from, to, kernelReplaced, edits }: RerunPlan): Generator<Step> {
  let rerunNumber = from;
  let edit = 0;
  if (kernelReplaced) yield { recorded: null, rerun: ++rerunNumber };
  for (let recorded = from + 1; recorded <= to; recorded++) {
    const found = edits[edit]?.operation === recorded ? edits[edit++] : undefined;
    for (let i = 0; i < (found?.inserted ?? 0); i++) yield { recorded: null, rerun: ++rerunNumber };
    yield { recorded, rerun: found?.leftOut ? null : ++rerunNumber };
  }
}

export type OutcomeAspect = 'ERRNO' | 'REPLY' | 'EVENTS';

/** What differs between two outcomes; with one missing, all of it. */
export function differences(a: Operation | null, b: Operation | null): OutcomeAspect[] {
  if (a === null || b === null) return ['ERRNO', 'REPLY', 'EVENTS'];
  const differing: OutcomeAspect[] = [];
  if (a.errno !== b.errno) differing.push('ERRNO');
  if (textOf(a.reply) !== textOf(b.reply)) differing.push('REPLY');
  if (textOf(a.events) !== textOf(b.events)) differing.push('EVENTS');
  return differing;
}

/** What was asked for, and what is a place in one log: neither is an outcome. */
const NOT_OUTCOME: ReadonlySet<string> = new Set(['plantedSeq', 'baseline', 'policies']);
/**
 * Numbers of ours for what has none in the kernel, a pointer at most. One more of them early in a
 * run shifts all that come later; that there is one, or none, is what counts.
 */
const OWN_NUMBERS: ReadonlySet<string> = new Set(['attachHandleId', 'iopfGroupId', 'inFlightId']);

/** As the texts of hazards have them. */
const NAMED_BY_OWN_NUMBER = /(attach handle|iopf group) \d+/g;

/** Equal texts: the same outcome. */
export function textOf(value: unknown): string {
  return JSON.stringify(value, (key, field: unknown) => {
    if (NOT_OUTCOME.has(key)) return undefined;
    if (OWN_NUMBERS.has(key) && field !== null) return 'a number';
    if (typeof field === 'string') return field.replace(NAMED_BY_OWN_NUMBER, '$1');
    return typeof field === 'bigint' ? `0x${field.toString(16)}` : field;
  });
}

export interface ComparedStep {
  /** Place among all steps, from 0. */
  readonly index: number;
  readonly recorded: Operation | null;
  readonly rerun: Operation | null;
  readonly differs: readonly OutcomeAspect[];
}

/**
 * Steps from `index` on of which something in `aspects` differs (empty: all steps), at most `limit`.
 * An operation that is not there (any more) is null.
 */
export async function compareSteps(
  engine: Engine,
  { machineId, recordedId, plan }: KeptRerun,
  options: {
    readonly index: number;
    readonly limit: number;
    readonly aspects: ReadonlySet<OutcomeAspect>;
  },
): Promise<ComparedStep[]> {
  const { index: start, limit, aspects } = options;
  const recordedReader = new Reader(engine, recordedId);
  const rerunReader = new Reader(engine, machineId);
  const found: ComparedStep[] = [];
  let index = -1;
  for (const step of stepsOf(plan)) {
    if (++index < start) continue;
    if (found.length >= limit) break;
    const recorded = await recordedReader.operation(step.recorded);
    const again = await rerunReader.operation(step.rerun);
    const differs = differences(recorded, again);
    if (aspects.size === 0 || differs.some(aspect => aspects.has(aspect))) {
      found.push({ index, recorded, rerun: again, differs });
    }
  }
  return found;
}

/** Reads operations by ascending numbers, a page at a time. */
class Reader {
  private readonly engine: Engine;
  private readonly machineId: string | null;
  private page: readonly Operation[] = [];

  /** null: the machine is gone. */
  constructor(engine: Engine, machineId: string | null) {
    this.engine = engine;
    this.machineId = machineId;
  }

  async operation(number: number | null): Promise<Operation | null> {
    if (number === null || this.machineId === null) return null;
    const last = this.page.at(-1)?.number ?? 0;
    if (number > last) {
      // Others have their turn between two pages.
      await new Promise(resolve => setImmediate(resolve));
      const bounds = { afterNumber: number - 1, limit: PAGE_OPERATIONS };
      this.page = await this.engine.log.read(this.machineId, bounds);
    }
    return this.page[number - (this.page[0]?.number ?? 0)] ?? null;
  }
}
