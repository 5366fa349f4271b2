import type { ServerResponse } from 'node:http';
import type { ExecutionResult } from 'graphql';
import type { Plugin } from 'graphql-yoga';
import type { InFlight } from './in-flight.ts';
import { logUnexpected } from './mask-error.ts';

/** Streams of server-sent events that are open, each with what cuts its connection. */
export type OpenStreams = Set<() => void>;

export interface SubscriptionOptions {
  /** Generators of subscriptions that were told to end and have not yet. */
  cleanups: InFlight;
  streams: OpenStreams;
  log: (line: string) => void;
}

/**
 * Knows what `stop()` needs to know of subscriptions: which streams to cut, and which generators
 * are still cleaning up, for they may use the engine until they are done.
 */
export function useSubscriptions({ cleanups, streams, log }: SubscriptionOptions): Plugin {
  return {
    onSubscribe({ args }) {
      // Yoga puts the response of Node's server into the context; a WebSocket has none.
      const { res } = args.contextValue as { res?: ServerResponse };
      return {
        onSubscribeResult({ result, setResult }) {
          if (!(Symbol.asyncIterator in result)) return;
          setResult(watchEnd(result[Symbol.asyncIterator](), cleanups, log));
          if (res === undefined || res.closed) return;
          const cut = () => res.destroy();
          streams.add(cut);
          res.once('close', () => streams.delete(cut));
        },
      };
    },
  };
}

/** The same iterator, counted in `cleanups` from its `return` on until that is done. */
function watchEnd(
  inner: AsyncIterator<ExecutionResult>,
  cleanups: InFlight,
  log: (line: string) => void,
): AsyncIterableIterator<ExecutionResult> {
  return {
    next: () => inner.next(),
    async return() {
      const end = cleanups.begin();
      try {
        await inner.return?.();
      } catch (error) {
        // Its client is gone, so there is nobody else to tell.
        logUnexpected(error, log);
      } finally {
        end();
      }
      return { done: true, value: undefined };
    },
    [Symbol.asyncIterator]() {
      return this;
    },
  };
}
