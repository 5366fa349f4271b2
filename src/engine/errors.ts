/** Errors of the engine: requests it cannot serve. A kernel's refusal is never one of these. */

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
  constructor(machineId: string) {
    super(
      'UNKNOWN_MACHINE',
      `there is no machine "${machineId}"; the query "machines" lists those there are`,
    );
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

/** The seq asked for is not in the machine's log. */
export class SeqOutOfRangeError extends RequestError {
  constructor(machineId: string, argument: string, asked: number, newest: number) {
    super(
      'SEQ_OUT_OF_RANGE',
      `"${argument}" must be from 0 to ${newest}, the newest seq of machine "${machineId}", not ${asked}`,
    );
  }
}

/** The subscription names no open fault queue. */
export class NoFaultQueueError extends RequestError {
  constructor(contextId: number, faultId: number) {
    super(
      'NO_FAULT_QUEUE',
      `context ${contextId} has no fault queue ${faultId} with an open file;` +
        ' faultQueueAlloc makes one and returns its id',
    );
  }
}
