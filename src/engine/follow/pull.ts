/**
 * Async iterators for subscriptions. An async generator cannot be ended while it awaits; these can,
 * so that a subscriber that leaves is gone at once, also one to whom nothing ever comes.
 */

/** Ends a wait when its subscriber leaves. */
export class Closer {
  closed = false;
  private readonly callbacks = new Set<() => void>();

  /** Runs `callback` when the subscriber leaves. Returns a function that takes it back. */
  onClose(callback: () => void): () => void {
    this.callbacks.add(callback);
    return () => this.callbacks.delete(callback);
  }

  close(): void {
    if (this.closed) return;
    this.closed = true;
    for (const callback of this.callbacks) callback();
    this.callbacks.clear();
  }
}

const DONE: IteratorReturnResult<undefined> = { done: true, value: undefined };

/**
 * An async iterator that asks `next` for each value; `next` gives null at the end and should stop
 * waiting once `closer` is closed. Overlapping calls are answered in order.
 */
export function pullIterator<T>(
  closer: Closer,
  next: () => Promise<T | null>,
): AsyncGenerator<T, undefined> {
  let last: Promise<unknown> = Promise.resolve();
  const take = async (): Promise<IteratorResult<T, undefined>> => {
    if (closer.closed) return DONE;
    try {
      const value = await next();
      if (value !== null && !closer.closed) return { done: false, value };
    } catch (error) {
      closer.close();
      throw error;
    }
    closer.close();
    return DONE;
  };
  return {
    next() {
      const result = last.then(take, take);
      last = result;
      return result;
    },
    async return() {
      closer.close();
      return DONE;
    },
    async throw(error) {
      closer.close();
      throw error;
    },
    [Symbol.asyncIterator]() {
      return this;
    },
    async [Symbol.asyncDispose]() {
      closer.close();
    },
  };
}
