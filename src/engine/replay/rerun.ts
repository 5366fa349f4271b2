/**
 * What if: recorded operations run again on a machine of their own, under another kernel, under
 * other policies, or with operations left out, replaced or inserted.
 *
 * The new machine shares the past up to where the operations begin again. Which operation answers
 * which is not stored but follows from the plan, which is.
 */
import type { BaselineName } from '../../abi/baselines.ts';
import { RERUN_OPERATIONS_MAX } from '../../abi/limits.ts';
import type { Policies } from '../../abi/policies.ts';
import { DEFAULT_POLICIES } from '../../abi/policies.ts';
import type { PageRequestReply } from '../../core/iommu/page-request-reply.ts';
import type { Command, CommandOf } from '../../core/machine/command.ts';
import type { Operation } from '../../core/machine/operation.ts';
import type { Engine } from '../machine/engine.ts';
import {
  EditError,
  OperationOutOfRangeError,
  RerunFailedError,
  RerunTooLongError,
} from '../machine/errors.ts';
import { turn } from '../turn/turn.ts';
import { type RerunPlan, type StepKind, stepsOf } from './rerun-plan.ts';

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
  /** What is left out: as recorded. */
  readonly policies: Partial<Policies>;
  readonly edits: readonly Edit[];
}

export interface KeptRerun {
  readonly machineId: string;
  readonly recordedId: string;
  readonly plan: RerunPlan;
}

/** No held request has this number. */
const NO_REQUEST = 0;
/** Recorded operations read, and commands run in one commit. */
const PAGE_OPERATIONS = 64;

/**
 * Runs the operations again on a new machine, which is there for others when all of them have run.
 * Errors: UnknownMachineError, MachineExistsError, TooManyMachinesError, OperationOutOfRangeError,
 * EditError, RerunTooLongError, RerunFailedError.
 */
export async function rerun(engine: Engine, request: RerunRequest): Promise<KeptRerun> {
  const { machineId, recordedId, from, to } = request;
  checkRequest(request);
  const plan = planOf(request);
  const kept = { machineId, recordedId, plan: JSON.stringify(plan) };
  const begin = async () => {
    const { committed } = await engine.settled(recordedId);
    if (to > committed) throw new OperationOutOfRangeError(recordedId, 'to', to, committed);
    // Said first: if the process ends now, whoever finds the machine knows that it is not whole.
    await engine.log.putRerun({ ...kept, whole: false });
    if (from === 0) await createAgain(engine, request);
    else await engine.fork(machineId, recordedId, from);
  };
  await engine.makeWhole(machineId, begin, async execute => {
    if (plan.kernelReplaced) {
      await execute(({ baseline, policies }) =>
        underRequest({ type: 'KernelReplace', baseline, policies }, request),
      );
    }
    const edits = new Map(request.edits.map(edit => [edit.operation, edit]));
    /** Numbers of held requests, which are ours: recorded, and as they came out again. */
    const held = new Map<number, number>();
    for (let after = Math.max(from, 1); after < to; ) {
      await turn();
      const limit = Math.min(PAGE_OPERATIONS, to - after);
      const page = await engine.log.read(recordedId, { afterNumber: after, limit });
      if (page.length === 0) break;
      const running = page.flatMap(recorded => {
        const { number } = recorded;
        const itself = underRequest(recorded.command, request);
        const edit = edits.get(number);
        if (edit !== undefined && edit.instead !== null) noteHeld(held, recorded, null);
        return edited(itself, edit).map(each =>
          execute(
            () => (each === itself ? withHeld(each, held) : each),
            operation => {
              if (each === itself) noteHeld(held, recorded, operation);
            },
          ).catch(error => {
            throw failed(recordedId, number, error);
          }),
        );
      });
      await Promise.all(running);
      after = page.at(-1)!.number;
    }
    await engine.log.putRerun({ ...kept, whole: true });
  });
  return { machineId, recordedId, plan };
}

function checkRequest({ from, to, edits }: RerunRequest): void {
  if (to - from > RERUN_OPERATIONS_MAX) throw new RerunTooLongError(to - from);
  const first = Math.max(from, 1) + 1;
  for (const [index, { operation }] of edits.entries()) {
    if (operation < first || operation > to) throw new EditError(index, operation, first, to);
  }
}

function planOf({ from, to, baseline, policies, edits }: RerunRequest): RerunPlan {
  return {
    from,
    to,
    kernelReplaced: from > 0 && (baseline !== null || Object.keys(policies).length > 0),
    edits: edits
      .map(({ operation, before, instead }) => ({
        operation,
        inserted: before.length,
        instead:
          instead === null
            ? ('ITSELF' as const)
            : instead === 'LEFT_OUT'
              ? ('NOTHING' as const)
              : ('ANOTHER' as const),
      }))
      .sort((a, b) => a.operation - b.operation),
  };
}

/** What an operation held back, if it did: `PageRequestSend` with `hold`. */
function heldBy({ reply }: Operation): number | null {
  return (reply as Partial<PageRequestReply> | null)?.inFlightId ?? null;
}

/** `again` is null if the operation does not run again, and so holds nothing. */
function noteHeld(held: Map<number, number>, recorded: Operation, again: Operation | null): void {
  const was = heldBy(recorded);
  if (was !== null) held.set(was, (again && heldBy(again)) ?? NO_REQUEST);
}

/** A recorded resume means the request that was held, whatever its number is now. */
function withHeld(command: Command, held: ReadonlyMap<number, number>): Command {
  if (command.type !== 'PageRequestResume') return command;
  // One held in the shared past has the number it had.
  return { ...command, inFlightId: held.get(command.inFlightId) ?? command.inFlightId };
}

/** What the core throws where it meets what cannot be; whatever else fails has a class of its own. */
const ASSERTIONS: readonly unknown[] = [Error, TypeError, RangeError];

/** An assertion is no error of a request, but here it may come of what was imported. */
function failed(machineId: string, number: number, error: unknown): unknown {
  if (!(error instanceof Error) || !ASSERTIONS.includes(error.constructor)) return error;
  return new RerunFailedError(machineId, number, error.message);
}

/** What a recorded operation sets of kernel and policies, the request sets otherwise. */
function underRequest(command: Command, { baseline, policies }: RerunRequest): Command {
  if (command.type !== 'KernelReplace') return command;
  return {
    ...command,
    baseline: baseline ?? command.baseline,
    policies: { ...command.policies, ...policies },
  };
}

async function createAgain(engine: Engine, request: RerunRequest): Promise<void> {
  const { machineId, recordedId, baseline, policies } = request;
  const [first] = await engine.log.read(recordedId, { limit: 1 });
  const command = first!.command as CommandOf<'MachineCreate'>;
  await engine.create(machineId, {
    ...command,
    baseline: baseline ?? command.baseline,
    policies: { ...(command.policies ?? DEFAULT_POLICIES), ...policies },
  });
}

function edited(command: Command, edit: Edit | undefined): readonly Command[] {
  if (edit === undefined) return [command];
  const { before, instead } = edit;
  if (instead === 'LEFT_OUT') return before;
  return [...before, instead ?? command];
}

/** null if the machine was made in another way. */
export async function keptRerun(engine: Engine, machineId: string): Promise<KeptRerun | null> {
  const found = await engine.log.rerun(machineId);
  if (found === null) return null;
  const { recordedId, plan } = found;
  return { machineId, recordedId, plan: JSON.parse(plan) as RerunPlan };
}

export type OutcomeAspect = 'ERRNO' | 'REPLY' | 'EVENTS';

/** What differs between two outcomes; nothing if one is missing, as was asked for. */
export function differences(a: Operation | null, b: Operation | null): OutcomeAspect[] {
  if (a === null || b === null) return [];
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
  readonly kind: StepKind;
  /** Place among all steps, from 0. */
  readonly index: number;
  readonly recorded: Operation | null;
  readonly rerun: Operation | null;
  readonly differs: readonly OutcomeAspect[];
}

/**
 * Steps from `index` on of which something in `aspects` differs (null: all steps), at most `limit`.
 */
export async function compareSteps(
  engine: Engine,
  { machineId, recordedId, plan }: KeptRerun,
  options: {
    readonly index: number;
    readonly limit: number;
    readonly aspects: ReadonlySet<OutcomeAspect> | null;
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
    if (aspects === null || differs.some(aspect => aspects.has(aspect))) {
      found.push({ index, kind: step.kind, recorded, rerun: again, differs });
    }
  }
  return found;
}

/** Reads operations by ascending numbers, a page at a time. */
class Reader {
  private readonly engine: Engine;
  private readonly machineId: string;
  private page: readonly Operation[] = [];

  constructor(engine: Engine, machineId: string) {
    this.engine = engine;
    this.machineId = machineId;
  }

  async operation(number: number | null): Promise<Operation | null> {
    if (number === null) return null;
    const last = this.page.at(-1)?.number ?? 0;
    if (number > last) {
      // Others have their turn between two pages.
      await turn();
      const bounds = { afterNumber: number - 1, limit: PAGE_OPERATIONS };
      this.page = await this.engine.log.read(this.machineId, bounds);
    }
    return this.page[number - (this.page[0]?.number ?? 0)] ?? null;
  }
}
