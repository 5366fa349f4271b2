/** Errors of the engine: requests it cannot serve. A kernel's refusal is never one of these. */
import { RERUN_OPERATIONS_MAX } from '../../abi/limits.ts';

/** A request that was understood and cannot be served; its message may be shown to whoever asked. */
export class RequestError extends Error {
  /** A word for programs. */
  readonly code: string;
  constructor(code: string, message: string) {
    super(message);
    this.code = code;
  }
}

export class UnknownMachineError extends RequestError {
  constructor(
    machineId: string,
    message = `there is no machine "${machineId}"; the query "machines" lists those there are`,
  ) {
    super('UNKNOWN_MACHINE', message);
  }
}

/** The machine's operations are being run: for others it is not there yet. */
export class MachineBeingMadeError extends UnknownMachineError {
  constructor(machineId: string) {
    super(machineId, `machine "${machineId}" is being made by whatIf; try again when that is done`);
  }
}

export class MachineExistsError extends RequestError {
  constructor(machineId: string) {
    super(
      'MACHINE_EXISTS',
      `a machine "${machineId}" exists already; take another name or delete it first`,
    );
  }
}

export class TooManyMachinesError extends RequestError {
  constructor(limit: number) {
    super('TOO_MANY_MACHINES', `this server keeps at most ${limit} machines; delete one first`);
  }
}

export class BusyError extends RequestError {
  constructor(limit: number) {
    super('BUSY', `${limit} operations wait for their commit; try again later`);
  }
}

/** Observers keep what they have not seen the end of. */
export class TooManyObservedError extends RequestError {
  constructor(limit: number) {
    super(
      'OBSERVED_LIMIT',
      `observers of fault queues keep at most ${limit} unanswered groups together on this server`,
    );
  }
}

/** An export that nobody could import is not written. */
export class ExportLimitError extends RequestError {
  constructor(what: string, limit: number) {
    super('EXPORT_LIMIT', `${what}; an export can have at most ${limit}`);
  }
}

/** The seq asked for is not in the machine's log. */
export class SeqOutOfRangeError extends RequestError {
  constructor(machineId: string, argument: string, asked: number, newest: number) {
    super(
      'SEQ_OUT_OF_RANGE',
      `"${argument}" must be from 0 to ${newest}, the newest seq of machine "${machineId}", not ${asked}`,
    );
  }
}

/** The moment is there, and of another history than the one asked for. */
export class OtherHistoryError extends RequestError {
  constructor(machineId: string, argument: string, seq: number, asked: string, is: string) {
    super(
      'OTHER_HISTORY',
      `"${argument}" is ${asked}, but seq ${seq} of machine "${machineId}" has ${is.slice(0, asked.length)}: the machine was made anew, or is another one of that name`,
    );
  }
}

/** The subscription names no open fault queue. */
export class NoFaultQueueError extends RequestError {
  /** `has`: the context's fault queues, in words; null: no such context is open. */
  constructor(contextId: number, faultId: number, has: string | null) {
    super(
      'NO_FAULT_QUEUE',
      has === null
        ? `contextId ${contextId}: no context of this number is open; contextOpen opens one`
        : `faultId ${faultId}: context ${contextId} has no fault queue ${faultId} with an open file;` +
            ` it has ${has}, and faultQueueAlloc makes one`,
    );
  }
}

/** The machine has no such operation. */
export class OperationOutOfRangeError extends RequestError {
  constructor(machineId: string, argument: string, asked: number, newest: number, oldest = 1) {
    super(
      'OPERATION_OUT_OF_RANGE',
      `"${argument}" must be from ${oldest} to ${newest}, the newest of machine "${machineId}", not ${asked}`,
    );
  }
}

/** A kernel of this version refuses a step of a scenario: the machine was not made. */
export class ScenarioRefusedError extends RequestError {
  constructor(scenario: string, command: string, errno: string) {
    super(
      'SCENARIO_REFUSED',
      `scenario ${scenario} cannot be made with this "baseline" and these "policies": ${command} is refused with ${errno}`,
    );
  }
}

/** The machine was not there yet at that time. */
export class TimeOutOfRangeError extends RequestError {
  constructor(machineId: string, asked: Date, created: Date) {
    super(
      'TIME_OUT_OF_RANGE',
      `"atTime" must be ${created.toISOString()}, when machine "${machineId}" was created, or later, not ${asked.toISOString()}`,
    );
  }
}

/** The moment is inside an operation, where only looking is possible. */
export class MidOperationError extends RequestError {
  constructor(
    machineId: string,
    seq: number,
    operation: { readonly number: number; readonly seqBefore: number; readonly seq: number },
  ) {
    const { number, seqBefore, seq: end } = operation;
    super(
      'MID_OPERATION',
      `seq ${seq} is in the middle of operation ${number} of machine "${machineId}"; ` +
        `take ${seqBefore}, before it, or ${end}, after it`,
    );
  }
}

export class UnknownBookmarkError extends RequestError {
  constructor(machineId: string, name: string) {
    super(
      'UNKNOWN_BOOKMARK',
      `machine "${machineId}" has no bookmark "${name}"; its field "bookmarks" lists them`,
    );
  }
}

export class BookmarkError extends RequestError {
  constructor(message: string) {
    super('BOOKMARK_REFUSED', message);
  }
}

export class RerunTooLongError extends RequestError {
  constructor(operations: number) {
    super(
      'RERUN_TOO_LONG',
      `${operations} operations would run again, and at most ${RERUN_OPERATIONS_MAX} do; begin later or end earlier`,
    );
  }
}

/** An edit of an operation that does not run again; `index` is its place among the edits. */
export class EditError extends RequestError {
  constructor(index: number, operation: number, first: number, last: number) {
    super(
      'EDIT_OUT_OF_RANGE',
      `"input.edits[${index}].operation" must be from ${first} to ${last}, which run again, not ${operation}`,
    );
  }
}

/** A recorded command that this version cannot run at all. */
export class RerunFailedError extends RequestError {
  constructor(machineId: string, number: number, reason: string) {
    super(
      'RERUN_FAILED',
      `operation ${number} of machine "${machineId}" cannot run again: ${reason};` +
        ' leave it out, or end before it',
    );
  }
}

/** The end of what shall be replayed lies before its beginning. */
export class ReplayRangeError extends RequestError {
  constructor(from: number, to: number) {
    super(
      'SEQ_OUT_OF_RANGE',
      `"from" must be from 0 to ${to}, where "to" lets the replay end, not ${from}`,
    );
  }
}

export class TooManyReplaysError extends RequestError {
  constructor(limit: number, what = 'replays') {
    super(
      'TOO_MANY_REPLAYS',
      `this server runs at most ${limit} ${what} at a time; end one, which is to leave its subscription`,
    );
  }
}

/** More groups were read than one replay keeps account of. */
export class ReplayTooLongError extends RequestError {
  constructor(limit: number, seq: number) {
    super(
      'REPLAY_TOO_LONG',
      `a replay has at most ${limit} iopf groups that were read, and event ${seq} reads one more;` +
        ` "to" must be below ${seq}, or "from" later`,
    );
  }
}

export class UnknownReplayError extends RequestError {
  constructor() {
    super(
      'UNKNOWN_REPLAY',
      'no replay with this "replayId" is under way: it has ended, or its subscriber left;' +
        ' the first item of the subscription replay gives the id',
    );
  }
}

export class NotStepwiseError extends RequestError {
  constructor() {
    super('NOT_STEPWISE', 'this replay goes by itself; subscribe with "stepwise: true" to step');
  }
}

/** Looking through the log ended at its limit, before the answer was known. */
export class SearchLimitError extends RequestError {
  /** `advice` says how to go on. */
  constructor(count: number, things: string, advice: string) {
    super('SEARCH_LIMIT', `${count} ${things} were looked through and it is not there; ${advice}`);
  }
}
