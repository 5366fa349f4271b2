/**
 * Bounds what one operation may answer. A short query can walk in circles (an operation's events,
 * their operation, its events …) and multiplies a list's length at each turn, so the document's
 * size bounds nothing: what counts is how many fields are resolved, and that is known only then.
 */
import { setImmediate } from 'node:timers/promises';
import {
  defaultFieldResolver,
  type FieldNode,
  GraphQLError,
  type GraphQLFieldResolver,
  type GraphQLResolveInfo,
  type GraphQLSchema,
  getNamedType,
  getNullableType,
  isListType,
  isObjectType,
  Kind,
  responsePathAsArray,
  type SelectionSetNode,
} from 'graphql';

/** Fields under items of lists, and values in JSON, of one operation, event or state of a search. */
export const RESULT_FIELDS_MAX = 500_000;

/** Fields of one answer after which the event loop turns before the next: a few milliseconds. */
const TURN_FIELDS = 5_000;

type Resolver = GraphQLFieldResolver<unknown, object>;

interface Spent {
  fields: number;
  /** The error at the limit. One for all fields that meet it: there can be very many. */
  error: GraphQLError | null;
}

/** By the operation's context: the server makes one for each operation. */
const spentBy = new WeakMap<object, Spent>();

/** Makes every list and every JSON value of the schema count. */
export function limitResults(schema: GraphQLSchema): GraphQLSchema {
  for (const type of Object.values(schema.getTypeMap())) {
    if (!isObjectType(type) || type.name.startsWith('__')) continue;
    for (const field of Object.values(type.getFields())) {
      const resolve = field.resolve ?? defaultFieldResolver;
      if (isListType(getNullableType(field.type))) field.resolve = counted(resolve, listCost);
      else if (getNamedType(field.type).name === 'JSON') field.resolve = counted(resolve, jsonCost);
    }
  }
  for (const field of Object.values(schema.getSubscriptionType()?.getFields() ?? {})) {
    if (field.resolve) field.resolve = startingAnew(field.resolve);
  }
  return schema;
}

/**
 * A subscription has one context for all its events. Each event may answer as much as a query,
 * until one met the limit: then those after it get the same error, which costs nothing. After one
 * that answered much, others have their turn.
 */
function startingAnew(resolve: Resolver): Resolver {
  return (source, args, context, info) => {
    const spent = spentBy.get(context);
    if (spent === undefined || spent.error !== null) return resolve(source, args, context, info);
    spentBy.delete(context);
    if (spent.fields < TURN_FIELDS) return resolve(source, args, context, info);
    return setImmediate().then(() => resolve(source, args, context, info));
  };
}

/** After a context that answered much, and before the next of many, others have their turn. */
export async function turnAfter(context: object): Promise<void> {
  if ((spentBy.get(context)?.fields ?? 0) >= TURN_FIELDS) await setImmediate();
}

type Cost = (value: unknown, info: GraphQLResolveInfo) => number;

function counted(resolve: Resolver, cost: Cost): Resolver {
  return (source, args, context, info) => {
    const count = (value: unknown) => {
      spend(context, info, cost(value, info));
      return value;
    };
    const value = resolve(source, args, context, info);
    return value instanceof Promise ? value.then(count) : count(value);
  };
}

function spend(context: object, info: GraphQLResolveInfo, fields: number): void {
  let spent = spentBy.get(context);
  if (spent === undefined) {
    spent = { fields: 0, error: null };
    spentBy.set(context, spent);
  }
  spent.fields += fields;
  if (spent.fields <= RESULT_FIELDS_MAX) return;
  spent.error ??= new GraphQLError(
    `An answer may have ${RESULT_FIELDS_MAX} fields under items of lists, this one has more;` +
      ' ask for shorter lists with "first", or for fewer fields',
    {
      nodes: info.fieldNodes,
      path: responsePathAsArray(info.path),
      extensions: { code: 'RESULT_LIMIT' },
    },
  );
  throw spent.error;
}

function listCost(value: unknown, info: GraphQLResolveInfo): number {
  if (!Array.isArray(value)) return 0;
  let fields = 0;
  for (const node of info.fieldNodes) fields += fieldsBelow(node, info);
  return value.length * Math.max(fields, 1);
}

/** Parsed documents are kept, so most fields are measured already. */
const measured = new WeakMap<FieldNode, number>();

/** Fields below a field, fragments opened and each list as if it had one item. */
function fieldsBelow(field: FieldNode, info: GraphQLResolveInfo): number {
  if (field.selectionSet === undefined) return 0;
  let fields = measured.get(field);
  if (fields === undefined) {
    fields = fieldsIn(field.selectionSet, info);
    measured.set(field, fields);
  }
  return fields;
}

function fieldsIn({ selections }: SelectionSetNode, info: GraphQLResolveInfo): number {
  let fields = 0;
  for (const selection of selections) {
    if (selection.kind === Kind.FIELD) fields += 1 + fieldsBelow(selection, info);
    else if (selection.kind === Kind.INLINE_FRAGMENT) {
      fields += fieldsIn(selection.selectionSet, info);
    } else {
      // Validation has refused spreads of unknown fragments and fragments that spread themselves.
      fields += fieldsIn(info.fragments[selection.name.value]!.selectionSet, info);
    }
  }
  return fields;
}

function jsonCost(value: unknown): number {
  if (typeof value !== 'object' || value === null) return 1;
  let values = 1;
  for (const inner of Object.values(value)) values += jsonCost(inner);
  return values;
}
