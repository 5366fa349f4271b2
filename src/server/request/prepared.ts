/**
 * Documents parsed and validated before anything is executed, in pieces between which others have
 * their turn, and kept for whoever sends the same text again.
 */
import {
  type DocumentNode,
  GraphQLError,
  type GraphQLSchema,
  specifiedRules,
  type ValidationRule,
  validate,
} from 'graphql';
import { askedTurn, NobodyAsksError } from '../../engine/turn/turn.ts';
import { DOCUMENT_CACHE_BYTES_MAX, DOCUMENT_TOKEN_BYTES } from '../limits.ts';
import { boundedError } from '../mask-error.ts';
import { nameArgument } from './argument-path.ts';
import { limitError, parseBounded } from './document.ts';

/** What is known of a document's text. */
export interface Prepared {
  /** null if it is none. */
  readonly document: DocumentNode | null;
  /** Why it cannot be executed; empty if it can. */
  readonly errors: readonly GraphQLError[];
  /** What it takes while it is kept. */
  readonly bytes: number;
}

/** Errors of one document that are told. */
const ERRORS_MAX = 100;

/** Tokens of a document that all rules go through together, which takes some milliseconds. */
const TOKENS_AT_ONCE = 1_000;
/** Rules that take longest on documents made for them: each of these is a piece by itself. */
const SLOW_RULES = /^(OverlappingFieldsCanBeMerged|ValuesOfCorrectType|.*Variables.*)Rule$/;
/** Other rules that make a piece. */
const RULES_AT_ONCE = 8;

export class PreparedDocuments {
  private readonly schema: GraphQLSchema;
  private readonly pieces: readonly (readonly ValidationRule[])[];
  private readonly known = new DocumentCache();

  /** `rules` come beside those of the specification. */
  constructor(schema: GraphQLSchema, rules: readonly ValidationRule[]) {
    this.schema = schema;
    this.pieces = piecesOf([...specifiedRules, ...rules]);
  }

  /**
   * `hold` is told what the document takes as soon as it is parsed. Errors: NobodyAsksError, also if
   * `hold` says that there is no room.
   */
  async prepare(text: string, hold: (bytes: number) => boolean): Promise<Prepared> {
    const known = this.known.get(text);
    if (known !== undefined) {
      if (!hold(known.bytes)) throw new NobodyAsksError();
      return known;
    }
    const wait = askedTurn();
    if (wait !== null) await wait;
    const prepared = await this.look(text, hold);
    this.known.set(text, prepared);
    return prepared;
  }

  private async look(text: string, hold: (bytes: number) => boolean): Promise<Prepared> {
    let document: DocumentNode;
    try {
      document = parseBounded(text);
    } catch (error) {
      if (!(error instanceof GraphQLError)) throw error;
      return { document: null, errors: [boundedError(error)], bytes: text.length };
    }
    const bytes = text.length + (document.tokenCount ?? 0) * DOCUMENT_TOKEN_BYTES;
    if (!hold(bytes)) throw new NobodyAsksError();
    const errors: GraphQLError[] = [];
    for (const error of await this.validate(document)) {
      errors.push(boundedError(nameArgument(document, error)));
      await askedTurn();
    }
    return { document, errors, bytes };
  }

  private async validate(document: DocumentNode): Promise<readonly GraphQLError[]> {
    const errors: GraphQLError[] = [];
    const isSmall = (document.tokenCount ?? 0) <= TOKENS_AT_ONCE;
    try {
      for (const rules of isSmall ? [this.pieces.flat()] : this.pieces) {
        const wait = askedTurn();
        if (wait !== null) await wait;
        errors.push(...validate(this.schema, document, rules));
      }
    } catch (error) {
      if (error instanceof RangeError) return [limitError('The document is nested too deeply.')];
      throw error;
    }
    if (isSmall) return errors;
    // As if all rules had gone through the document together.
    const place = ({ nodes }: GraphQLError) => nodes?.[0]?.loc?.start ?? 0;
    return errors.sort((a, b) => place(a) - place(b)).slice(0, ERRORS_MAX);
  }
}

function piecesOf(rules: readonly ValidationRule[]): ValidationRule[][] {
  const slow = rules.filter(({ name }) => SLOW_RULES.test(name));
  const others = rules.filter(rule => !slow.includes(rule));
  const pieces = slow.map(rule => [rule]);
  while (others.length > 0) pieces.push(others.splice(0, RULES_AT_ONCE));
  return pieces;
}

/** The documents used last, by their text; bounded by what they take together. */
export class DocumentCache {
  private readonly values = new Map<string, Prepared>();
  private bytes = 0;

  get(text: string): Prepared | undefined {
    const value = this.values.get(text);
    if (value !== undefined) {
      // A map lists its keys in the order of insertion: the first is the one unused for longest.
      this.values.delete(text);
      this.values.set(text, value);
    }
    return value;
  }

  set(text: string, value: Prepared): void {
    if (value.bytes > DOCUMENT_CACHE_BYTES_MAX) return;
    this.bytes += value.bytes - (this.values.get(text)?.bytes ?? 0);
    this.values.set(text, value);
    for (const [oldest, { bytes }] of this.values) {
      if (this.bytes <= DOCUMENT_CACHE_BYTES_MAX) break;
      this.values.delete(oldest);
      this.bytes -= bytes;
    }
  }
}
