import { setTimeout as sleep } from 'node:timers/promises';

/** Work that has begun and must be waited for when the server stops. */
export class InFlight {
  readonly #work = new Set<object>();
  #idle: (() => void) | undefined;

  /** Notes that work begins. The returned function notes its end; calling it again changes nothing. */
  begin(): () => void {
    const token = {};
    this.#work.add(token);
    return () => {
      this.#work.delete(token);
      if (this.#work.size === 0) this.#idle?.();
    };
  }

  /** Resolves when nothing is under way, at the latest after `timeoutMs`. */
  async idle(timeoutMs: number): Promise<void> {
    if (this.#work.size === 0) return;
    const timer = new AbortController();
    const done = new Promise<void>(resolve => {
      this.#idle = resolve;
    });
    await Promise.race([done, sleep(timeoutMs, undefined, { signal: timer.signal })]);
    timer.abort();
  }
}
