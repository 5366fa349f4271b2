/** What stood outside the machine when a command ran. */

/**
 * Facts about the caller's surroundings, found by whoever looked as the command ran and kept in the log
 * with it: replay and what if ask nobody. Each may be left out.
 */
export interface Outside {
  /**
   * The kernel's fault injection: the allocation that fails, counted from 1 within this operation
   * (/proc/…/fail-nth). Making a machine is not the kernel's work and does not fail.
   */
  readonly failNth?: number;
}

/** The same command where an allocation of the kernel is to fail; undefined: none. */
export function failing<C extends { readonly type: string; readonly outside?: Outside }>(
  command: C,
  failNth: number | undefined,
): C {
  return failNth === undefined ? command : { ...command, outside: { ...command.outside, failNth } };
}
