import {
  type DocumentNode,
  type FragmentDefinitionNode,
  GraphQLError,
  Kind,
  type ParseOptions,
  parse,
  type SelectionSetNode,
  type Source,
} from 'graphql';
import {
  DOCUMENT_CACHE_CHARACTERS_MAX,
  DOCUMENT_DEPTH_MAX,
  DOCUMENT_FIELDS_MAX,
  DOCUMENT_ROOT_FIELDS_MAX,
  DOCUMENT_TOKENS_MAX,
} from './limits.ts';

/**
 * Parses a document and holds it to the limits before validation, whose cost grows faster than the
 * document. Throws a GraphQLError with status 400.
 *
 * Parsed documents and these errors are cached alike, so a repeated document costs nothing here.
 */
export function parseBounded(source: string | Source, options?: ParseOptions): DocumentNode {
  try {
    const document = parse(source, { ...options, maxTokens: DOCUMENT_TOKENS_MAX });
    checkSize(document);
    return document;
  } catch (error) {
    if (error instanceof RangeError) throw limitError('The document is nested too deeply.');
    // The parser's only error of this kind, told apart by its words alone.
    if (error instanceof GraphQLError && error.message.endsWith('Parsing aborted.')) {
      throw limitError(`A document may have ${DOCUMENT_TOKENS_MAX} tokens, this one has more.`);
    }
    throw error;
  }
}

/** The code of a refusal for a document's size, which is a 400 to every client. */
export const DOCUMENT_LIMIT = 'DOCUMENT_LIMIT';

export function limitError(message: string): GraphQLError {
  return new GraphQLError(message, { extensions: { code: DOCUMENT_LIMIT } });
}

/** The fields of a selection with all below it, and how many levels of them there are. */
interface Size {
  fields: number;
  depth: number;
  /** Fields of the selection itself, fragments opened. */
  width: number;
}

function checkSize(document: DocumentNode): void {
  const fragments = new Map<string, FragmentDefinitionNode>();
  for (const definition of document.definitions) {
    if (definition.kind === Kind.FRAGMENT_DEFINITION) {
      fragments.set(definition.name.value, definition);
    }
  }
  const measure = createMeasure(fragments);
  let fields = 0;
  for (const definition of document.definitions) {
    if (definition.kind !== Kind.OPERATION_DEFINITION) continue;
    const size = measure(definition.selectionSet);
    fields += size.fields;
    if (size.depth > DOCUMENT_DEPTH_MAX) {
      throw limitError(
        `Fields may be nested ${DOCUMENT_DEPTH_MAX} levels deep, not ${size.depth}.`,
      );
    }
    if (size.width > DOCUMENT_ROOT_FIELDS_MAX) {
      throw limitError(
        `An operation may have ${DOCUMENT_ROOT_FIELDS_MAX} root fields, not ${size.width}.`,
      );
    }
  }
  if (fields > DOCUMENT_FIELDS_MAX) {
    throw limitError(`A document may have ${DOCUMENT_FIELDS_MAX} fields, not ${fields}.`);
  }
}

/** Measures each fragment once: spreads of spreads would otherwise cost exponential time. */
function createMeasure(fragments: ReadonlyMap<string, FragmentDefinitionNode>) {
  const known = new Map<string, Size>();

  function measureFragment(name: string): Size {
    const size = known.get(name);
    if (size !== undefined) return size;
    // While it is measured it counts nothing, so that a cycle ends; validation refuses the cycle.
    known.set(name, { fields: 0, depth: 0, width: 0 });
    const fragment = fragments.get(name);
    if (fragment !== undefined) known.set(name, measure(fragment.selectionSet));
    return known.get(name)!;
  }

  function measure(selectionSet: SelectionSetNode): Size {
    const total: Size = { fields: 0, depth: 0, width: 0 };
    const add = (size: Size) => {
      total.fields += size.fields;
      total.depth = Math.max(total.depth, size.depth);
      total.width += size.width;
    };
    for (const selection of selectionSet.selections) {
      if (selection.kind === Kind.FRAGMENT_SPREAD) {
        add(measureFragment(selection.name.value));
      } else if (selection.kind === Kind.INLINE_FRAGMENT) {
        add(measure(selection.selectionSet));
      } else {
        const below = selection.selectionSet && measure(selection.selectionSet);
        add({ fields: 1 + (below?.fields ?? 0), depth: 1 + (below?.depth ?? 0), width: 1 });
      }
    }
    return total;
  }

  return measure;
}

/**
 * Keeps what was made of the documents used last. Bounded by their characters and not by their
 * number: a thousand documents of the largest size would fill the memory.
 */
export class DocumentCache<Value> {
  readonly #values = new Map<string, Value>();
  #characters = 0;

  get(text: string): Value | undefined {
    const value = this.#values.get(text);
    if (value !== undefined) {
      // A map lists its keys in the order of insertion: the first is the one unused for longest.
      this.#values.delete(text);
      this.#values.set(text, value);
    }
    return value;
  }

  set(text: string, value: Value): void {
    if (text.length > DOCUMENT_CACHE_CHARACTERS_MAX) return;
    if (!this.#values.has(text)) this.#characters += text.length;
    this.#values.set(text, value);
    for (const oldest of this.#values.keys()) {
      if (this.#characters <= DOCUMENT_CACHE_CHARACTERS_MAX) break;
      this.#values.delete(oldest);
      this.#characters -= oldest.length;
    }
  }
}
