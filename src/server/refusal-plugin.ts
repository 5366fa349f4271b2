import type { ExecutionResult } from 'graphql';
import type { Plugin } from 'graphql-yoga';
import { withNoted } from '../graphql/log/refusals.ts';

/**
 * Lists what the kernel refused in `extensions.refusals`, and page requests that reached no fault queue
 * in `extensions.undelivered`: over HTTP, server-sent events, WebSocket.
 */
export function useRefusals(): Plugin {
  return {
    onExecute: ({ args: { contextValue } }) => ({
      onExecuteDone({ result, setResult }) {
        if (Symbol.asyncIterator in result) return;
        setResult(withNoted(result as ExecutionResult, contextValue as object));
      },
    }),
  };
}
