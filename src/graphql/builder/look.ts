/**
 * What an operation looks at: the states of machines it shows do not change until it has ended, or
 * one answer could show two moments.
 */
import { Look } from '../../engine/machine/looks.ts';

/** By the operation's context: there is one for each operation. */
const looks = new WeakMap<object, Look>();

export function lookOf(context: object): Look {
  let look = looks.get(context);
  if (look === undefined) {
    look = new Look();
    looks.set(context, look);
  }
  return look;
}

/** What the operation has shown so far is done with. */
export function endLook(context: object): void {
  looks.get(context)?.end();
}
