/**
 * Answers about the past are kept by whoever asked: to a GET that is wholly about moments of the past,
 * an ETag of their histories, and `immutable` where the address names these.
 */
import { hash } from 'node:crypto';
import { type GraphQLSchema, printSchema } from 'graphql';
import type { Plugin } from 'graphql-yoga';
import type { Engine } from '../../engine/machine/engine.ts';
import { type FixedAnswer, fixedAnswer } from '../../graphql/past/fixed-answer.ts';
import { IMMUTABLE_SECONDS } from '../limits.ts';

/** Digits of a hash that cannot be another history's. */
const WHOLE_HASH = 64;

interface Kept {
  readonly tag: string;
  readonly cacheControl: string;
  /** Whoever asks has the answer already. */
  readonly isKnown: boolean;
  failed: boolean;
}

/** What hooks of Yoga get of a request; `engine` is the context's. */
interface Context {
  readonly request?: Request;
  readonly engine?: Engine;
}

export function usePastAnswers(schema: GraphQLSchema): Plugin {
  const keptBy = new WeakMap<Request, Kept>();
  /** Other versions of the server may answer otherwise. */
  let version: string | null = null;
  const tagOf = (histories: readonly string[]): string => {
    version ??= hash('sha256', printSchema(schema), 'hex');
    return `W/"${hash('sha256', [version, ...histories].join('\n'), 'hex').slice(0, 32)}"`;
  };

  return {
    async onExecute({ args, setResultAndStopExecution }) {
      const { request, engine } = args.contextValue as Context;
      if (request?.method !== 'GET' || engine === undefined) return;
      const { document, operationName, variableValues } = args;
      const fixed = fixedAnswer(schema, {
        document,
        operationName,
        variables: variableValues ?? {},
      });
      const histories = fixed && (await historiesOf(engine, fixed));
      if (fixed === null || histories === null) return;
      const tag = tagOf(histories);
      const isKnown = tagsOf(request.headers.get('if-none-match')).includes(tag);
      const kept = { tag, cacheControl: cacheControlOf(fixed), isKnown, failed: false };
      keptBy.set(request, kept);
      if (isKnown) return setResultAndStopExecution({ data: null });
      return {
        onExecuteDone({ result }) {
          kept.failed = !('data' in result) || (result.errors?.length ?? 0) > 0;
        },
      };
    },
    onResponse({ request, response, setResponse, fetchAPI }) {
      const kept = keptBy.get(request);
      if (kept === undefined || kept.failed) return;
      const { tag, cacheControl, isKnown } = kept;
      const headers = { etag: tag, 'cache-control': cacheControl, vary: 'accept, accept-encoding' };
      if (isKnown) return setResponse(new fetchAPI.Response(null, { status: 304, headers }));
      for (const [name, value] of Object.entries(headers)) response.headers.set(name, value);
    },
  };
}

/** null if a moment is not there, or not yet one of the past. */
async function historiesOf(
  { log }: Engine,
  { moments, dependsOn }: FixedAnswer,
): Promise<string[] | null> {
  const histories: string[] = [];
  for (const { machineId, seq } of moments) {
    // Once there is an event after it, no more operations are refused at it.
    const found = await log.hashAt(machineId, dependsOn === 'EVENTS' ? seq : seq + 1);
    if (found === null) return null;
    histories.push(found);
  }
  return histories;
}

function cacheControlOf({ moments, dependsOn }: FixedAnswer): string {
  const named = moments.every(({ hash }) => hash?.length === WHOLE_HASH);
  if (!named || dependsOn !== 'EVENTS') return 'private, no-cache';
  return `private, max-age=${IMMUTABLE_SECONDS}, immutable`;
}

function tagsOf(header: string | null): string[] {
  return (header ?? '').split(',').map(tag => tag.trim());
}
