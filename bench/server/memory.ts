/** Tells the parent process how much memory is in use. Preloaded into a server with `--import`. */

/** What a server answers, in bytes. */
export interface MemoryInUse {
  /** JavaScript objects and buffers that are still reachable. */
  readonly reachable: number;
  /** All that the process holds of the machine's memory. */
  readonly resident: number;
}

/** Answers each message of the parent. Needs `--expose-gc`; does nothing without a parent. */
export function answerMemory(): void {
  const collect = globalThis.gc;
  if (process.send === undefined || collect === undefined) return;
  process.on('message', () => {
    collect();
    collect();
    const { heapUsed, external, rss } = process.memoryUsage();
    process.send!({ reachable: heapUsed + external, resident: rss } satisfies MemoryInUse);
  });
  // Listening alone would keep a server alive that wants to end.
  process.channel?.unref();
  // A benchmark that was interrupted leaves no server behind.
  process.once('disconnect', () => process.exit(1));
}
