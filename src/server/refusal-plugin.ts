import type { ExecutionResult } from 'graphql';
import type { Plugin } from 'graphql-yoga';
import { withRefusals } from '../graphql/log/refusals.ts';

/** Lists what the kernel refused in `extensions.refusals`, over HTTP, server-sent events, WebSocket. */
export function useRefusals(): Plugin {
  return {
    onExecute: ({ args: { contextValue } }) => ({
      onExecuteDone({ result, setResult }) {
        if (Symbol.asyncIterator in result) return;
        setResult(withRefusals(result as ExecutionResult, contextValue as object));
      },
    }),
  };
}
