/** A kernel function that gives a pointer or an id gives this instead when it refuses. */
import type { ErrnoName } from '../../abi/errno.ts';

/** A refusal on the way out of nested kernel functions that return a pointer or an id. */
export class Refusal {
  readonly errno: ErrnoName;
  constructor(errno: ErrnoName) {
    this.errno = errno;
  }
}
