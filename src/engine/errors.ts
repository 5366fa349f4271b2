/** Errors of the engine: requests it cannot serve. A kernel's refusal is never one of these. */

export class UnknownMachineError extends Error {
  constructor(machineId: string) {
    super(`there is no machine "${machineId}"; the query "machines" lists those there are`);
  }
}

export class MachineExistsError extends Error {
  constructor(machineId: string) {
    super(`a machine "${machineId}" exists already; take another id or delete it first`);
  }
}

export class TooManyMachinesError extends Error {
  constructor(limit: number) {
    super(`this server keeps at most ${limit} machines; delete one first`);
  }
}

export class BusyError extends Error {
  constructor(limit: number) {
    super(`${limit} operations wait for their commit; try again later`);
  }
}
