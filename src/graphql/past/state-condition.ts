/** A condition on a machine's state: what a selection gives, compared with a value. */
import {
  type ArgumentNode,
  type DocumentNode,
  execute,
  type FieldNode,
  type GraphQLCompositeType,
  GraphQLError,
  type GraphQLField,
  type GraphQLLeafType,
  type GraphQLObjectType,
  GraphQLSchema,
  GraphQLString,
  getNamedType,
  getNullableType,
  isEnumType,
  isLeafType,
  isListType,
  Kind,
  parse,
  type SelectionSetNode,
  TypeInfo,
  validate,
  visit,
  visitWithTypeInfo,
} from 'graphql';
import { assertNever } from '../../core/machine/assert.ts';
import { askedTurn } from '../../engine/turn/turn.ts';
import { badInput, shortened } from '../builder/bad-input.ts';
import type { GraphqlContext } from '../builder/builder.ts';
import { LIST_MAX } from '../builder/lists.ts';
import { fieldsOf } from '../builder/result-limit.ts';
import type { MachineView } from '../builder/view.ts';

/** Fields that one search reads, over all states it looks at. */
export const SEARCH_FIELDS_MAX = 5_000_000;
/** Tokens of a selection, so that it is no document of its own. */
const SELECT_TOKENS_MAX = 200;

export type Comparison =
  | 'EQ'
  | 'NE'
  | 'LT'
  | 'LE'
  | 'GT'
  | 'GE'
  | 'CONTAINS'
  | 'IS_NULL'
  | 'NOT_NULL';

export interface StateConditionArgs {
  readonly select: string;
  readonly comparison: Comparison;
  readonly value?: unknown;
  readonly count: boolean;
  readonly quantifier: 'ANY' | 'ALL';
}

/** Whether the condition holds for a machine; what is selected is read at once. */
export type StateCondition = (view: MachineView) => Promise<boolean>;

/** Checked against the schema. `argument` names it in errors. Errors: BAD_USER_INPUT. */
export function stateCondition(
  schema: GraphQLSchema,
  context: GraphqlContext,
  args: StateConditionArgs,
  argument: string,
): StateCondition {
  const machineSchema = machineRooted(schema);
  const document = parsed(machineSchema, args.select, `${argument}.select`);
  const { path, leaf } = leafOf(machineSchema, document, `${argument}.select`);
  const holds = comparing(
    args.count ? COUNT : familyOf(leaf, `${argument}.select`),
    args,
    argument,
  );
  let fields = 0;
  return async view => {
    // Its own for each state, which may answer as much as a query, however many are looked at. What
    // it takes is gone with the next one.
    const { hold: _, ...contextValue } = context;
    const result = await execute({
      schema: machineSchema,
      document,
      rootValue: view,
      contextValue,
    });
    const [error] = result.errors ?? [];
    if (error !== undefined) throw badInput(`"${argument}.select": ${error.message}`);
    const values = valuesAt(result.data, path, `${argument}.select`);
    fields += fieldsOf(contextValue);
    if (fields > SEARCH_FIELDS_MAX) throw tooManyFields(view.seq, `${argument}.select`);
    await askedTurn();
    if (args.count) return holds(values.filter(value => value !== null).length);
    return args.quantifier === 'ALL' ? values.every(holds) : values.some(holds);
  };
}

function tooManyFields(seq: number, argument: string): GraphQLError {
  return new GraphQLError(
    `One search reads at most ${SEARCH_FIELDS_MAX} fields, this one read more up to seq ${seq}:` +
      ` let "${argument}" lead over shorter lists, or search a shorter range`,
    { extensions: { code: 'RESULT_LIMIT' } },
  );
}

const rooted = new WeakMap<GraphQLSchema, GraphQLSchema>();

/** The same types, with a machine where queries begin. */
function machineRooted(schema: GraphQLSchema): GraphQLSchema {
  let made = rooted.get(schema);
  if (made === undefined) {
    const query = schema.getType('Machine') as GraphQLObjectType;
    made = new GraphQLSchema({ ...schema.toConfig(), query, mutation: null, subscription: null });
    rooted.set(schema, made);
  }
  return made;
}

function parsed(schema: GraphQLSchema, select: string, argument: string): DocumentNode {
  let document: DocumentNode;
  try {
    document = parse(select, { maxTokens: SELECT_TOKENS_MAX });
  } catch (error) {
    if (!(error instanceof GraphQLError)) throw error;
    throw badInput(
      `"${argument}" must be a selection on Machine, such as "{ hazardCount }": ${error.message}`,
    );
  }
  const [operation] = document.definitions;
  if (
    document.definitions.length !== 1 ||
    operation?.kind !== Kind.OPERATION_DEFINITION ||
    operation.operation !== 'query' ||
    (operation.variableDefinitions ?? []).length > 0
  ) {
    throw badInput(`"${argument}" must be one selection without variables and fragments by name`);
  }
  const [error] = validate(schema, document);
  if (error !== undefined) throw badInput(`"${argument}": ${error.message}`);
  return withLongestLists(schema, document);
}

const FIRST: ArgumentNode = {
  kind: Kind.ARGUMENT,
  name: { kind: Kind.NAME, value: 'first' },
  value: { kind: Kind.INT, value: String(LIST_MAX) },
};

/** With `first` as high as it may be wherever it is left out: a default would cut lists short. */
function withLongestLists(schema: GraphQLSchema, document: DocumentNode): DocumentNode {
  const types = new TypeInfo(schema);
  const Field = (node: FieldNode): FieldNode | undefined => {
    const takesFirst = types.getFieldDef()?.args.some(({ name }) => name === 'first') ?? false;
    if (!takesFirst || firstOf(node) !== null) return undefined;
    const others = (node.arguments ?? []).filter(({ name }) => name.value !== 'first');
    return { ...node, arguments: [...others, FIRST] };
  };
  return visit(document, visitWithTypeInfo(types, { Field }));
}

/** The `first` that a field is given; null if it is left out or null. */
function firstOf({ arguments: given }: FieldNode): number | null {
  const value = given?.find(({ name }) => name.value === 'first')?.value;
  return value?.kind === Kind.INT ? Number(value.value) : null;
}

/** How long a list may be, and the field whose `first` says so. */
interface Bound {
  readonly field: string;
  readonly first: number;
}

interface Step {
  /** Its name in the answer. */
  readonly name: string;
  /** Of the list it gives; null if it gives none, or one that is never cut. */
  readonly bound: Bound | null;
}

interface Leaf {
  /** What in the answer leads to it. */
  readonly path: readonly Step[];
  readonly leaf: GraphQLLeafType;
}

/** Errors: BAD_USER_INPUT if there is more than one, or if the state alone does not give it. */
function leafOf(schema: GraphQLSchema, document: DocumentNode, argument: string): Leaf {
  const path: Step[] = [];
  // A connection's `first` bounds its edges, further on.
  let bound: Bound | null = null;
  let type: GraphQLCompositeType = schema.getQueryType()!;
  let selectionSet = (document.definitions[0] as { selectionSet: SelectionSetNode }).selectionSet;
  for (;;) {
    const [selection, ...others] = selectionSet.selections;
    if (selection === undefined || others.length > 0) {
      const found = selection === undefined ? 'none' : 'several';
      throw badInput(`"${argument}" must lead to one field, and selects ${found} of ${type.name}`);
    }
    const [directive] = selection.directives ?? [];
    if (directive !== undefined) {
      throw badInput(`"${argument}" must have no directives, and has @${directive.name.value}`);
    }
    if (selection.kind === Kind.INLINE_FRAGMENT) {
      const name = selection.typeCondition?.name.value ?? type.name;
      type = schema.getType(name) as GraphQLCompositeType;
      selectionSet = selection.selectionSet;
      continue;
    }
    const field = selection as FieldNode;
    const definition = fieldOf(type, field, argument);
    const first = firstOf(field);
    if (first !== null) bound = { field: `${type.name}.${field.name.value}`, first };
    const isList = isListType(getNullableType(definition?.type));
    path.push({ name: (field.alias ?? field.name).value, bound: isList ? bound : null });
    if (isList) bound = null;
    // Validation knows each field: one without a definition is __typename.
    const next = definition === undefined ? GraphQLString : namedTypeOf(definition);
    if (isLeafType(next)) return { path, leaf: next };
    type = next;
    selectionSet = field.selectionSet!;
  }
}

function namedTypeOf({ type }: GraphQLField): GraphQLLeafType | GraphQLCompositeType {
  return getNamedType(type) as GraphQLLeafType | GraphQLCompositeType;
}

function fieldOf(
  type: GraphQLCompositeType,
  { name: { value: name } }: FieldNode,
  argument: string,
): GraphQLField | undefined {
  const field = 'getFields' in type ? type.getFields()[name] : undefined;
  if (field === undefined && name !== '__typename') {
    throw badInput(`"${argument}" must be about the state, and ${name} is about the schema`);
  }
  if (field?.extensions['readsLog']) {
    throw badInput(
      `"${argument}" must be about the state alone, and ${type.name}.${name} reads the log; firstWhere looks for operations and events`,
    );
  }
  return field;
}

/**
 * All values at a path, those of lists one after the other; null where the path ends early.
 * Errors: BAD_USER_INPUT for a list that is as long as it may be, for there may be more.
 */
function valuesAt(value: unknown, path: readonly Step[], argument: string): unknown[] {
  const [step, ...rest] = path;
  if (value === null || step === undefined) return [value];
  // A fragment on another type leaves the name out.
  const found = (value as Readonly<Record<string, unknown>>)[step.name] ?? null;
  if (!Array.isArray(found)) return valuesAt(found, rest, argument);
  if (step.bound !== null) checkUncut(found.length, step.bound, argument);
  return found.flatMap(item => valuesAt(item, rest, argument));
}

function checkUncut(length: number, { field, first }: Bound, argument: string): void {
  if (length < first) return;
  const remedy = first < LIST_MAX ? 'leave out "first"' : 'narrow it';
  throw badInput(
    `"${argument}": ${field} may be cut at ${first} entries: ${remedy}, or use a count field such as objectCount`,
  );
}

/** Values of one sort: how they compare, and what may be given to compare them with. */
interface Family {
  /** In an error. */
  readonly name: string;
  readonly comparisons: readonly Comparison[];
  /** What a value to compare with must be, in words. */
  readonly form: string;
  readonly takes: (value: unknown) => boolean;
  /** What decides; for 64-bit values it is not the text. */
  readonly key: (value: unknown) => number | bigint | string | boolean;
}

const ORDER = ['EQ', 'NE', 'LT', 'LE', 'GT', 'GE'] as const;
const HEX = /^0x[0-9a-fA-F]{1,16}$/;
const isText = (value: unknown) => typeof value === 'string';
const asIs = (value: unknown) => value as number | string | boolean;

function wholeNumberFamily(name: string): Family {
  return { name, comparisons: ORDER, form: 'a whole number', takes: Number.isInteger, key: asIs };
}

const COUNT = wholeNumberFamily('a count');

function scalarFamily(name: string): Family | null {
  switch (name) {
    case 'Int':
    case 'U32':
    case 'PrgIndex':
    case 'Pasid':
    case 'ByteCount':
      return wholeNumberFamily(name);
    case 'HexU64':
    case 'PageAddress': {
      const takes = (value: unknown) => typeof value === 'string' && HEX.test(value);
      const form = 'a string of "0x" and 1 to 16 hex digits';
      return { name, comparisons: ORDER, form, takes, key: value => BigInt(value as string) };
    }
    case 'Boolean': {
      const takes = (value: unknown) => typeof value === 'boolean';
      return { name, comparisons: ['EQ', 'NE'], form: 'true or false', takes, key: asIs };
    }
    case 'String':
    case 'ID':
    case 'MachineId':
    case 'PciAddress': {
      const comparisons = ['EQ', 'NE', 'CONTAINS'] as const;
      return { name, comparisons, form: 'a string', takes: isText, key: asIs };
    }
    default:
      return null;
  }
}

function familyOf(leaf: GraphQLLeafType, argument: string): Family {
  if (isEnumType(leaf)) {
    const names = leaf.getValues().map(value => value.name);
    return {
      name: leaf.name,
      comparisons: ['EQ', 'NE'],
      form: `one of ${names.join(', ')}`,
      takes: value => isText(value) && names.includes(value as string),
      key: asIs,
    };
  }
  const family = scalarFamily(leaf.name);
  if (family !== null) return family;
  throw badInput(
    `"${argument}" must lead to a number, text, Boolean, enum or 64-bit value, not to ${leaf.name}`,
  );
}

/** Errors: BAD_USER_INPUT for a comparison or a value that does not fit. */
function comparing(
  { name, comparisons, form, takes, key }: Family,
  { comparison, value, count }: StateConditionArgs,
  argument: string,
): (found: unknown) => boolean {
  const given = value !== undefined && value !== null;
  const isAboutNull = comparison === 'IS_NULL' || comparison === 'NOT_NULL';
  if (isAboutNull && !count) {
    if (given) throw badInput(`"${argument}.value" must not be given with ${comparison}`);
    return found => (found === null) === (comparison === 'IS_NULL');
  }
  if (isAboutNull || !comparisons.includes(comparison)) {
    const allowed = count ? comparisons : [...comparisons, 'IS_NULL', 'NOT_NULL'];
    throw badInput(
      `"${argument}.comparison" must be one of ${allowed.join(', ')} for ${name}, not ${comparison}`,
    );
  }
  if (!takes(value)) {
    const shown = given ? shortened(JSON.stringify(value)) : 'left out';
    throw badInput(`"${argument}.value" must be ${form} to compare with ${name}, not ${shown}`);
  }
  const wanted = key(value);
  return found => found !== null && fits(comparison, key(found), wanted);
}

type Key = ReturnType<Family['key']>;

function fits(
  comparison: Exclude<Comparison, 'IS_NULL' | 'NOT_NULL'>,
  found: Key,
  wanted: Key,
): boolean {
  switch (comparison) {
    case 'EQ':
      return found === wanted;
    case 'NE':
      return found !== wanted;
    case 'LT':
      return found < wanted;
    case 'LE':
      return found <= wanted;
    case 'GT':
      return found > wanted;
    case 'GE':
      return found >= wanted;
    case 'CONTAINS':
      return String(found).includes(String(wanted));
    default:
      return assertNever(comparison);
  }
}
