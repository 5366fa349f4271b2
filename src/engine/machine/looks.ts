/**
 * Who looks at the state of a machine for longer than a moment. What they see must not change under
 * them: a command waits until they are done. It waits no longer than a copy of the state would take
 * to make; then it gets the copy, and they keep the state they have.
 */
import { fromPlain, toPlain } from '../../core/machine/snapshot.ts';
import type { MachineState } from '../../core/machine/state.ts';
import { thingsIn } from '../past/snapshots.ts';

/** Milliseconds that a command waits at least. */
const WAIT_MS = 20;
/** Milliseconds that a copy takes for each thing in a state, about. */
const COPY_MS = 0.012;

/** What one operation looks at, until it ends. */
export class Look {
  readonly #machines = new Set<Looks>();

  get isEmpty(): boolean {
    return this.#machines.size === 0;
  }

  take(looks: Looks): void {
    this.#machines.add(looks);
    looks.open.add(this);
  }

  end(): void {
    for (const looks of this.#machines) looks.leave(this);
    this.#machines.clear();
  }
}

/** The looks at one machine. */
export class Looks {
  readonly open = new Set<Look>();
  #commands = 0;
  #onUnseen: (() => void)[] = [];
  #onRun: (() => void)[] = [];

  leave(look: Look): void {
    this.open.delete(look);
    if (this.open.size === 0) this.#unseen();
  }

  #unseen(): void {
    for (const resolve of this.#onUnseen.splice(0)) resolve();
  }

  /** Resolves when no command waits: who looks at nothing yet lets them go first. */
  async admit(look: Look): Promise<void> {
    while (this.#commands > 0 && look.isEmpty) {
      await new Promise<void>(resolve => {
        this.#onRun.push(resolve);
      });
    }
  }

  /** What `run` makes of the machine, once nobody looks at its state. */
  whenUnseen<T>(machine: { state: MachineState }, run: () => T): T | Promise<Awaited<T>> {
    return this.open.size === 0 ? run() : this.#wait(machine, run);
  }

  async #wait<T>(machine: { state: MachineState }, run: () => T): Promise<Awaited<T>> {
    this.#commands++;
    try {
      await this.#over(WAIT_MS + COPY_MS * thingsIn(machine.state));
      if (this.open.size > 0) {
        machine.state = fromPlain(toPlain(machine.state));
        this.open.clear();
        this.#unseen();
      }
      return run() as Awaited<T>;
    } finally {
      if (--this.#commands === 0) for (const resolve of this.#onRun.splice(0)) resolve();
    }
  }

  #over(ms: number): Promise<void> {
    return new Promise(resolve => {
      const timer = setTimeout(resolve, ms);
      this.#onUnseen.push(() => {
        clearTimeout(timer);
        resolve();
      });
    });
  }
}
