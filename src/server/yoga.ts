import {
  type ExecutionResult,
  GraphQLError,
  type GraphQLSchema,
  type ValidationRule,
  type validate as validateDocument,
} from 'graphql';
import { createYoga, type Plugin } from 'graphql-yoga';
import { nameArguments } from './argument-path.ts';
import { DOCUMENT_LIMIT, DocumentCache, limitError, parseBounded } from './document.ts';
import { MESSAGE_BYTES_MAX } from './limits.ts';
import { maskError } from './mask-error.ts';
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
  return createYoga<object>({
    schema: options.schema,
    context: options.makeContext,
    graphqlEndpoint: '/graphql',
    graphiql: false,
    landingPage: false,
    cors: false,
    multipart: false,
    batching: false,
    logging: false,
    maxRequestBodySize: MESSAGE_BYTES_MAX,
    parserAndValidationCache: {
      documentCache: new DocumentCache(),
      errorCache: new DocumentCache(),
    },
    maskedErrors: {
      isDev: false,
      maskError: error => maskError(error, options.log),
    },
    plugins: [
      useBoundedDocuments(options.validationRules),
      useStrictQueryString(),
      useSubscriptions(options),
      useEachErrorOnce(),
    ],
  });
}

function useBoundedDocuments(rules: readonly ValidationRule[]): Plugin {
  return {
    onParse({ setParseFn }) {
      setParseFn(parseBounded);
    },
    onValidate({ addValidationRule, validateFn, setValidationFn }) {
      for (const rule of rules) addValidationRule(rule);
      const validate = validateFn as typeof validateDocument;
      setValidationFn((...args: Parameters<typeof validate>) => {
        try {
          return nameArguments(args[1], validate(...args));
        } catch (error) {
          if (error instanceof RangeError)
            return [limitError('The document is nested too deeply.')];
          throw error;
        }
      });
    },
    // Yoga answers syntax and validation errors with 200 to clients that ask for application/json,
    // as the specification wants. These are neither: the server declines to look.
    onResultProcess({ result }) {
      if (!('errors' in result) || result.errors === undefined) return;
      for (const { extensions } of result.errors) {
        if (extensions === undefined) continue;
        const { code } = extensions;
        if (code === DOCUMENT_LIMIT) Object.assign(extensions, { http: { status: 400 } });
      }
    },
  };
}

/** A limit is met by many fields at once and ends them with one error: it is told once. */
function useEachErrorOnce(): Plugin {
  const once = (result: ExecutionResult): ExecutionResult => ({
    ...result,
    errors: [...new Set(result.errors)],
  });
  return {
    onExecute: () => ({
      onExecuteDone({ result, setResult }) {
        if ('errors' in result && result.errors !== undefined) setResult(once(result));
      },
    }),
    onSubscribe: () => ({
      onSubscribeResult: () => ({
        onNext({ result, setResult }) {
          if ('errors' in result && result.errors !== undefined) setResult(once(result));
        },
      }),
    }),
  };
}

/** Yoga takes bad JSON in a query string for an error of its own; it is the client's. */
function useStrictQueryString(): Plugin {
  return {
    onRequestParse({ request, requestParser, setRequestParser }) {
      if (request.method !== 'GET' || requestParser === undefined) return;
      setRequestParser(request => {
        try {
          return requestParser(request);
        } catch {
          throw new GraphQLError('"variables" and "extensions" must be JSON text of an object.', {
            extensions: { code: 'BAD_REQUEST', http: { status: 400 } },
          });
        }
      });
    },
  };
}
