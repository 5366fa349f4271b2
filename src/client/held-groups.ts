/**
 * The groups a handler works on, over broken connections.
 *
 * When the connection breaks, the server lets go of its groups and delivers them again, to this
 * handler or to another. Work under way goes on; its answer waits until the group came again.
 */

/** Why the signal of a group was aborted. */
export class GroupGone extends Error {
  override name = 'GroupGone';
}

/** What tells one group from another: ids begin anew on a machine made anew. */
export interface GroupName {
  readonly iopfGroupId: number;
  readonly readSeq: number | null;
}

export interface Held<Answer> {
  readonly name: GroupName;
  readonly controller: AbortController;
  /** The handlerId it was delivered to; null since the connection broke. */
  handlerId: string | null;
  /** What the author decided; undefined until then. */
  answer?: Answer;
}

export class HeldGroups<Answer> {
  private readonly groups = new Map<number, Held<Answer>>();

  /**
   * A group was delivered. Gives what is held of it, or null if its work is already under way and
   * it is only ours again.
   */
  deliver(
    name: GroupName,
    handlerId: string,
    redelivered: boolean,
  ): { readonly held: Held<Answer>; readonly known: boolean } {
    const before = this.groups.get(name.iopfGroupId);
    if (before !== undefined && redelivered && before.name.readSeq === name.readSeq) {
      before.handlerId = handlerId;
      return { held: before, known: true };
    }
    // What was left comes before what is new, so what did not come again is another's or answered.
    if (!redelivered) this.giveUpLost();
    if (before !== undefined) this.drop(before, 'another group has its id');
    const held: Held<Answer> = { name, controller: new AbortController(), handlerId };
    this.groups.set(name.iopfGroupId, held);
    return { held, known: false };
  }

  /** The kernel answered it: detach, replace, destroy. */
  takeAway({ iopfGroupId }: GroupName): void {
    const held = this.groups.get(iopfGroupId);
    if (held !== undefined) this.drop(held, 'the kernel took the group away and answered INVALID');
  }

  /** The server has let go of all of them. */
  connectionLost(): void {
    for (const held of this.groups.values()) held.handlerId = null;
  }

  /** It is answered. */
  forget(held: Held<Answer>): void {
    if (this.holds(held)) this.groups.delete(held.name.iopfGroupId);
  }

  holds(held: Held<Answer>): boolean {
    return this.groups.get(held.name.iopfGroupId) === held;
  }

  dropAll(reason: string): void {
    for (const held of [...this.groups.values()]) this.drop(held, reason);
  }

  private giveUpLost(): void {
    for (const held of [...this.groups.values()]) {
      if (held.handlerId !== null) continue;
      this.drop(held, 'the connection broke and the group did not come again');
    }
  }

  private drop(held: Held<Answer>, reason: string): void {
    this.groups.delete(held.name.iopfGroupId);
    held.controller.abort(new GroupGone(reason));
  }
}
