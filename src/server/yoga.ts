import {
  type ExecutionResult,
  GraphQLError,
  type GraphQLSchema,
  type ValidationRule,
} from 'graphql';
import { createYoga, type Plugin } from 'graphql-yoga';
import { turn } from '../engine/turn/turn.ts';
import { execute, subscribe } from '../graphql/execute.ts';
import { useCompression } from './answer/compression.ts';
import { usePastAnswers } from './answer/past-answers.ts';
import type { Holding } from './held/ledger.ts';
import { boundedError, maskError } from './mask-error.ts';
import { useRefusals } from './refusal-plugin.ts';
import { DOCUMENT_LIMIT } from './request/document.ts';
import { type RequestContext, useParameters } from './request/parameters.ts';
import { PreparedDocuments } from './request/prepared.ts';
import { type SubscriptionOptions, useSubscriptions } from './subscription-plugin.ts';

export interface YogaOptions extends SubscriptionOptions {
  schema: GraphQLSchema;
  /** Makes what resolvers get as context; own properties only, they are copied. */
  makeContext: () => object;
  validationRules: readonly ValidationRule[];
}

export type Yoga = ReturnType<typeof createServerYoga>;

/** GraphQL over HTTP, and the parse, validate and execute that WebSockets share with it. */
export function createServerYoga(options: YogaOptions) {
  const documents = new PreparedDocuments(options.schema, options.validationRules);
  const yoga = createYoga<RequestContext>({
    schema: options.schema,
    context: async ({ holding }) => {
      await turn();
      return { ...options.makeContext(), hold: holdBy(holding) };
    },
    graphqlEndpoint: '/graphql',
    graphiql: false,
    landingPage: false,
    cors: false,
    multipart: false,
    batching: false,
    logging: false,
    // Bodies are read and bounded before: src/server/request/body.ts.
    maxRequestBodySize: false,
    parserAndValidationCache: false,
    maskedErrors: {
      isDev: false,
      maskError: error => maskError(error, options.log),
    },
    plugins: [
      useParameters(documents),
      useExecution(),
      useLimitStatus(),
      useSubscriptions(options),
      useEachErrorOnce(),
      useRefusals(),
      usePastAnswers(options.schema),
      useCompression(),
    ],
  });
  return Object.assign(yoga, { documents });
}

/** How an answer says what it takes while it is made; see GraphqlContext. */
function holdBy(holding: Holding | undefined): (bytes: number) => boolean {
  return bytes => holding === undefined || holding.add(bytes);
}

function useExecution(): Plugin {
  return {
    onExecute: ({ setExecuteFn }) => setExecuteFn(execute),
    onSubscribe: ({ setSubscribeFn }) => setSubscribeFn(subscribe),
  };
}

/**
 * Yoga answers syntax and validation errors with 200 to clients that ask for application/json, as
 * the specification wants. Those of a limit are neither: the server declines to look.
 */
function useLimitStatus(): Plugin {
  return {
    onResultProcess({ result }) {
      if (!('errors' in result) || result.errors === undefined) return;
      for (const { extensions } of result.errors) {
        if (extensions?.['code'] !== DOCUMENT_LIMIT) continue;
        Object.assign(extensions, { http: { status: 400 } });
      }
    },
  };
}

/** A value inside a variable with its whole path, as it is named for literals. */
function named(error: GraphQLError): GraphQLError {
  const message = error.message.replace(
    /^(Variable "\$(\w+)" has invalid value at )([.[].*?): /,
    '$1"$2$3": ',
  );
  const { nodes, extensions } = error;
  const code = extensions['code'] ?? 'BAD_USER_INPUT';
  return new GraphQLError(message, {
    nodes: nodes ?? null,
    extensions: { http: { status: 400 }, ...extensions, code },
  });
}

/** A limit is met by many fields at once and ends them with one error: it is told once. */
function useEachErrorOnce(): Plugin {
  const once = (result: ExecutionResult): ExecutionResult => {
    // Without data nothing was executed: the variables were not what they must be.
    const tell =
      'data' in result ? boundedError : (error: GraphQLError) => boundedError(named(error));
    return { ...result, errors: [...new Set(result.errors)].map(tell) };
  };
  return {
    onExecute: () => ({
      onExecuteDone({ result, setResult }) {
        if ('errors' in result && result.errors !== undefined) setResult(once(result));
      },
    }),
    onSubscribe: () => ({
      onSubscribeResult: ({ result, setResult }) => {
        if ('errors' in result && result.errors !== undefined) setResult(once(result));
        return {
          onNext({ result, setResult }) {
            if ('errors' in result && result.errors !== undefined) setResult(once(result));
          },
        };
      },
    }),
  };
}
