/** Small structures the state is made of: deterministic, and cheap at any size. */

/** Gives the lowest free number from `first` on, as the kernel's XArray and ida do. O(log n). */
export class IdAllocator {
  /** The lowest number never given. */
  next: number;
  /** Freed numbers below `next`, a binary min-heap. */
  readonly free: number[] = [];

  constructor(first: number) {
    this.next = first;
  }

  /** The number the next allocation will take. */
  peek(): number {
    return this.free[0] ?? this.next;
  }

  /** Takes `id`, which must be the lowest free number. */
  take(id: number): void {
    if (id !== this.peek()) throw new Error(`id ${id} is not the lowest free one`);
    if (this.free.length === 0) {
      this.next++;
      return;
    }
    const last = this.free.pop()!;
    if (this.free.length > 0) {
      this.free[0] = last;
      this.siftDown();
    }
  }

  release(id: number): void {
    const heap = this.free;
    let child = heap.push(id) - 1;
    while (child > 0) {
      const parent = (child - 1) >> 1;
      if (heap[parent]! <= heap[child]!) break;
      [heap[parent], heap[child]] = [heap[child]!, heap[parent]!];
      child = parent;
    }
  }

  private siftDown(): void {
    const heap = this.free;
    let parent = 0;
    for (;;) {
      let child = 2 * parent + 1;
      if (child >= heap.length) return;
      if (child + 1 < heap.length && heap[child + 1]! < heap[child]!) child++;
      if (heap[parent]! <= heap[child]!) return;
      [heap[parent], heap[child]] = [heap[child]!, heap[parent]!];
      parent = child;
    }
  }
}

interface FifoLink {
  prev: number | null;
  next: number | null;
}

/** A queue of distinct numbers: O(1) to add at the tail and to take out anywhere. */
export class Fifo {
  private readonly links = new Map<number, FifoLink>();
  private head: number | null = null;
  private tail: number | null = null;

  get length(): number {
    return this.links.size;
  }

  first(): number | null {
    return this.head;
  }

  push(item: number): void {
    if (this.links.has(item)) throw new Error(`${item} is queued already`);
    this.links.set(item, { prev: this.tail, next: null });
    if (this.tail === null) this.head = item;
    else this.links.get(this.tail)!.next = item;
    this.tail = item;
  }

  remove(item: number): void {
    const link = this.links.get(item);
    if (link === undefined) throw new Error(`${item} is not queued`);
    this.links.delete(item);
    if (link.prev === null) this.head = link.next;
    else this.links.get(link.prev)!.next = link.next;
    if (link.next === null) this.tail = link.prev;
    else this.links.get(link.next)!.prev = link.prev;
  }

  *[Symbol.iterator](): Generator<number> {
    for (let item = this.head; item !== null; item = this.links.get(item)!.next) yield item;
  }
}
