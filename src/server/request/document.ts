/** Documents parsed and held to their limits, before anything looks at what they mean. */
import {
  type DocumentNode,
  type FieldNode,
  type FragmentDefinitionNode,
  GraphQLError,
  Kind,
  parse,
  type SelectionSetNode,
  type Token,
  TokenKind,
} from 'graphql';
import {
  DOCUMENT_COMMENTS_MAX,
  DOCUMENT_DEPTH_MAX,
  DOCUMENT_FIELDS_MAX,
  DOCUMENT_FRAGMENTS_MAX,
  DOCUMENT_NAME_CHARACTERS_MAX,
  DOCUMENT_OBJECT_FIELDS_MAX,
  DOCUMENT_PAIRS_MAX,
  DOCUMENT_ROOT_FIELDS_MAX,
  DOCUMENT_TOKENS_MAX,
} from '../limits.ts';

/**
 * Parses a document and holds it to the limits before validation, whose cost grows faster than the
 * document. Throws a GraphQLError with status 400.
 */
export function parseBounded(source: string): DocumentNode {
  try {
    const document = parse(source, {
      maxTokens: DOCUMENT_TOKENS_MAX,
      maxComments: DOCUMENT_COMMENTS_MAX,
    });
    checkTokens(document);
    checkSize(document);
    return document;
  } catch (error) {
    if (error instanceof RangeError) throw limitError('The document is nested too deeply.');
    // The parser's only errors of this kind, told apart by their words alone.
    if (error instanceof GraphQLError && error.message.endsWith('Parsing aborted.')) {
      const most = error.message.includes('comments')
        ? `${DOCUMENT_COMMENTS_MAX} comments`
        : `${DOCUMENT_TOKENS_MAX} tokens`;
      throw limitError(`A document may have ${most}, this one has more.`);
    }
    throw error;
  }
}

/** The code of a refusal for a document's size, which is a 400 to every client. */
export const DOCUMENT_LIMIT = 'DOCUMENT_LIMIT';

export function limitError(message: string): GraphQLError {
  return new GraphQLError(message, { extensions: { code: DOCUMENT_LIMIT } });
}

/** Names have their length, and objects among the values their number of fields. */
function checkTokens({ loc }: DocumentNode): void {
  /** Of the brackets open here: fields of an object so far, or null in a list and elsewhere. */
  const open: { fields: number | null; isList: boolean }[] = [];
  for (let token: Token | null = loc!.startToken; token !== null; token = token.next) {
    switch (token.kind) {
      case TokenKind.NAME:
        checkName(token);
        break;
      case TokenKind.BRACE_L:
        open.push({ fields: isValue(token, open.at(-1)?.isList) ? 0 : null, isList: false });
        break;
      case TokenKind.PAREN_L:
      case TokenKind.BRACKET_L:
        open.push({ fields: null, isList: token.kind === TokenKind.BRACKET_L });
        break;
      case TokenKind.COLON:
        checkObject(open.at(-1));
        break;
      case TokenKind.BRACE_R:
      case TokenKind.PAREN_R:
      case TokenKind.BRACKET_R:
        open.pop();
        break;
    }
  }
}

/** Whether an opening brace begins a value, and not a selection. */
function isValue({ prev }: Token, isInList = false): boolean {
  return isInList || prev?.kind === TokenKind.COLON || prev?.kind === TokenKind.EQUALS;
}

function checkName({ value }: Token): void {
  if (value.length <= DOCUMENT_NAME_CHARACTERS_MAX) return;
  throw limitError(
    `A name may have ${DOCUMENT_NAME_CHARACTERS_MAX} characters, not ${value.length}.`,
  );
}

function checkObject(object: { fields: number | null } | undefined): void {
  if (object === undefined || object.fields === null) return;
  if (++object.fields <= DOCUMENT_OBJECT_FIELDS_MAX) return;
  throw limitError(
    `An object in a document may have ${DOCUMENT_OBJECT_FIELDS_MAX} fields, this one has more.`,
  );
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
  if (fragments.size > DOCUMENT_FRAGMENTS_MAX) {
    throw limitError(
      `A document may have ${DOCUMENT_FRAGMENTS_MAX} fragments, not ${fragments.size}.`,
    );
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
  checkPairs(document, fragments);
}

/**
 * Goes through the fields as execution does, those of one name in one place together. Fragments are
 * looked at by themselves too, as validation does, whether they are spread or not.
 */
function checkPairs(
  { definitions }: DocumentNode,
  fragments: ReadonlyMap<string, FragmentDefinitionNode>,
): void {
  let pairs = 0;
  let looked = 0;
  const look = (selectionSets: readonly SelectionSetNode[], depth: number): void => {
    // There are no more but in a circle of fragments, which validation refuses.
    if (depth > DOCUMENT_DEPTH_MAX || looked > DOCUMENT_TOKENS_MAX) return;
    for (const fields of fieldsByName(selectionSets, fragments).values()) {
      pairs += (fields.length * (fields.length - 1)) / 2;
      looked += fields.length;
      if (pairs > DOCUMENT_PAIRS_MAX) {
        throw limitError(
          `At most ${DOCUMENT_PAIRS_MAX} pairs of fields may have one name in one place, this` +
            ' document has more: select a field once, or use aliases.',
        );
      }
      look(
        fields.flatMap(({ selectionSet }) => selectionSet ?? []),
        depth + 1,
      );
    }
  };
  for (const definition of definitions) {
    looked = 0;
    if ('selectionSet' in definition) look([definition.selectionSet], 1);
  }
}

function fieldsByName(
  selectionSets: readonly SelectionSetNode[],
  fragments: ReadonlyMap<string, FragmentDefinitionNode>,
): Map<string, FieldNode[]> {
  const found = new Map<string, FieldNode[]>();
  for (const { selections } of selectionSets) {
    const spread = new Set<string>();
    const add = (all: SelectionSetNode['selections']): void => {
      for (const selection of all) {
        if (selection.kind === Kind.FIELD) {
          const name = (selection.alias ?? selection.name).value;
          const fields = found.get(name);
          if (fields === undefined) found.set(name, [selection]);
          else fields.push(selection);
        } else if (selection.kind === Kind.INLINE_FRAGMENT) {
          add(selection.selectionSet.selections);
        } else if (!spread.has(selection.name.value)) {
          spread.add(selection.name.value);
          add(fragments.get(selection.name.value)?.selectionSet.selections ?? []);
        }
      }
    };
    add(selections);
  }
  return found;
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
