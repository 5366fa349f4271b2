/**
 * Bounds what one operation may answer, and lets others have their turn while it is made. A short
 * query can walk in circles (an operation's events, their operation, its events …) and multiplies a
 * list's length at each turn, so the document's size bounds nothing: what counts is how many fields
 * are resolved, those of introspection like all others, and that is known only then.
 */
import {
  defaultFieldResolver,
  type FieldNode,
  GraphQLError,
  type GraphQLField,
  type GraphQLFieldResolver,
  type GraphQLResolveInfo,
  type GraphQLSchema,
  getNamedType,
  isObjectType,
  Kind,
  responsePathAsArray,
  type SelectionSetNode,
} from 'graphql';
import { isAsked, nextTurn, turn } from '../../engine/turn/turn.ts';
import type { GraphqlContext } from './builder.ts';
import { endLook } from './look.ts';

/** Fields, and values in JSON, of one answer: of an operation, an event or a state of a search. */
export const RESULT_FIELDS_MAX = 100_000;
/** Characters of the names and texts of one answer. */
export const RESULT_CHARACTERS_MAX = 8_000_000;

/** Objects, areas, groups and devices in all states of the past that make one answer. */
export const PAST_THINGS_MAX = 250_000;
/** What a field of an answer takes beside its characters, in bytes, from above. */
export const RESULT_FIELD_BYTES = 128;

/** Bytes of an answer between two notes of what it takes. */
const HOLD_BYTES = 65_536;
/** Fields of a list that is made at once. A longer one is made item by item, as time allows. */
const LIST_AT_ONCE_FIELDS = 256;
/**
 * Items of one answer's lists that wait for their turn together: each takes a kilobyte meanwhile. A
 * list that is longer waits alone.
 */
const ITEMS_WAITING_MAX = 2_000;
/** Items that are ended at once when the answer has met its limit. */
const ENDED_AT_ONCE = 256;
/** Fields of an event, or of a state of a search, after which the event loop turns. */
const TURN_FIELDS = 5_000;

type Context = Partial<GraphqlContext>;
type Resolver = GraphQLFieldResolver<unknown, Context>;

interface Spent {
  fields: number;
  characters: number;
  /** Objects and such in states of the past. */
  things: number;
  /** Items of its lists whose turn has not come, and lists that wait for there being fewer. */
  waiting: number;
  wantRoom: (() => void)[];
  /** Bytes noted with the context's `hold`. */
  held: number;
  /** The error at the limit. One for all fields that meet it: there can be very many. */
  error: GraphQLError | null;
}

/** By the operation's context: the server makes one for each operation. */
const spentBy = new WeakMap<object, Spent>();

/** Makes every field of the schema count, those of introspection too. */
export function limitResults(schema: GraphQLSchema): GraphQLSchema {
  for (const type of Object.values(schema.getTypeMap())) {
    // Types of introspection belong to all schemas of the process.
    if (!isObjectType(type) || type.name.startsWith('__')) continue;
    for (const field of Object.values(type.getFields())) field.resolve = counted(field);
  }
  for (const field of Object.values(schema.getSubscriptionType()?.getFields() ?? {})) {
    if (field.resolve) field.resolve = startingAnew(field.resolve);
  }
  countIntrospection(schema);
  return schema;
}

/** graphql-js asks its schema for each field that it resolves. */
function countIntrospection(schema: GraphQLSchema): void {
  const find = schema.getField.bind(schema);
  const own = new Map<GraphQLField, GraphQLField>();
  schema.getField = (parentType, fieldName) => {
    const field = find(parentType, fieldName);
    const isMeta = fieldName.startsWith('__') || parentType.name.startsWith('__');
    if (field === undefined || !isMeta) return field;
    let made = own.get(field);
    if (made === undefined) {
      made = Object.create(field, { resolve: { value: counted(field) } }) as GraphQLField;
      own.set(field, made);
    }
    return made;
  };
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
    context.hold?.(-spent.held);
    if (spent.fields < TURN_FIELDS) return resolve(source, args, context, info);
    return nextTurn().then(() => resolve(source, args, context, info));
  };
}

/** Fields resolved so far for a context. */
export function fieldsOf(context: object): number {
  return spentBy.get(context)?.fields ?? 0;
}

function counted(field: GraphQLField): Resolver {
  const resolve: Resolver = field.resolve ?? defaultFieldResolver;
  const isJson = getNamedType(field.type).name === 'JSON';
  return (source, args, context, info) => {
    const spent = spentOf(context);
    if (spent.error !== null) throw spent.error;
    const finish = (value: unknown) => {
      spent.fields += isJson ? jsonCost(value, spent) : cost(value, info, spent);
      if (isOver(spent)) throw limitError(spent, info);
      if (!holds(spent, context)) throw goneError(spent, info);
      return Array.isArray(value) ? listed(value, info, spent) : value;
    };
    const go = () => {
      if (spent.error !== null) throw spent.error;
      // The one before it has its answer: a command does not wait for its own operation.
      if (isCommand(info)) endLook(context);
      const value = resolve(source, args, context, info);
      return value instanceof Promise ? value.then(finish) : finish(value);
    };
    const wait = turn();
    if (wait === null) return go();
    return wait.then(() => {
      if (!isAsked() && !isCommand(info)) throw goneError(spent, info);
      return go();
    });
  };
}

/** Whether a field changes something: then it is done, whoever waits for it. */
function isCommand({ operation, path }: GraphQLResolveInfo): boolean {
  return operation.operation === 'mutation' && path.prev === undefined;
}

function spentOf(context: object): Spent {
  let spent = spentBy.get(context);
  if (spent === undefined) {
    spent = { fields: 0, characters: 0, things: 0, waiting: 0, wantRoom: [], held: 0, error: null };
    spentBy.set(context, spent);
  }
  return spent;
}

function isOver({ fields, characters }: Spent): boolean {
  return fields > RESULT_FIELDS_MAX || characters > RESULT_CHARACTERS_MAX;
}

/** Whether the answer may take what it has become. */
function holds(spent: Spent, { hold }: Context): boolean {
  // A character takes two bytes if any in its text is beyond Latin-1.
  const more = spent.fields * RESULT_FIELD_BYTES + 2 * spent.characters - spent.held;
  if (hold === undefined || more < HOLD_BYTES) return true;
  spent.held += more;
  return hold(more);
}

function goneError(spent: Spent, info: GraphQLResolveInfo): GraphQLError {
  spent.error ??= new GraphQLError('The connection of this operation has ended.', {
    // With its place, or each field that meets it would make one of its own.
    nodes: info.fieldNodes,
    path: responsePathAsArray(info.path),
    extensions: { code: 'CONNECTION_ENDED' },
  });
  return spent.error;
}

/** Counts a state of the past; the first may have any size. Errors: RESULT_LIMIT. */
export function countPast(context: Context, things: number): void {
  const spent = spentOf(context);
  const isFirst = spent.things === 0;
  spent.things += 1 + things;
  if (isFirst || spent.things <= PAST_THINGS_MAX) return;
  throw new GraphQLError(
    `The states of the past in one answer may have ${PAST_THINGS_MAX} objects, areas, iopf groups` +
      ' and devices together, these have more; look at fewer moments at a time',
    { extensions: { code: 'RESULT_LIMIT' } },
  );
}

function limitError(spent: Spent, info: GraphQLResolveInfo): GraphQLError {
  const most =
    spent.fields > RESULT_FIELDS_MAX
      ? `${RESULT_FIELDS_MAX} fields`
      : `${RESULT_CHARACTERS_MAX} characters`;
  spent.error ??= new GraphQLError(
    `An answer may have ${most}, this one has more; ask for shorter lists with "first", or for` +
      ' fewer fields',
    {
      nodes: info.fieldNodes,
      path: responsePathAsArray(info.path),
      extensions: { code: 'RESULT_LIMIT' },
    },
  );
  return spent.error;
}

/** One for the field, and one for each item of a list of plain values. */
function cost(value: unknown, info: GraphQLResolveInfo, spent: Spent): number {
  spent.characters += String(info.path.key).length;
  if (typeof value === 'string') spent.characters += value.length;
  return Array.isArray(value) ? 1 + value.length : 1;
}

function jsonCost(value: unknown, spent: Spent): number {
  if (typeof value === 'string') spent.characters += value.length;
  if (typeof value !== 'object' || value === null) return 1;
  let values = 1;
  for (const [key, inner] of Object.entries(value)) {
    spent.characters += key.length;
    values += jsonCost(inner, spent);
  }
  return values;
}

/** A list as it is, or one that graphql-js awaits item by item. */
function listed(
  items: readonly unknown[],
  info: GraphQLResolveInfo,
  spent: Spent,
): readonly unknown[] | Promise<unknown[]> {
  let fields = 0;
  for (const node of info.fieldNodes) fields += fieldsBelow(node, info);
  return fields * items.length > LIST_AT_ONCE_FIELDS ? oneByOne(items, spent) : items;
}

/** The items, each of which comes when it is its turn after the one before it. */
async function oneByOne(items: readonly unknown[], spent: Spent): Promise<Promise<unknown>[]> {
  while (spent.waiting > 0 && spent.waiting + items.length > ITEMS_WAITING_MAX) await room(spent);
  if (spent.error !== null) throw spent.error;
  spent.waiting += items.length;
  const waiting = items.map(() => Promise.withResolvers<unknown>());
  void serve(items, waiting, spent);
  return waiting.map(({ promise }) => promise);
}

async function serve(
  items: readonly unknown[],
  waiting: readonly PromiseWithResolvers<unknown>[],
  spent: Spent,
): Promise<void> {
  for (const [place, item] of items.entries()) {
    if (spent.error === null || place % ENDED_AT_ONCE === 0) await turn();
    // An error as an item is what it is thrown for, and nobody has to be there to catch it.
    waiting[place]!.resolve(spent.error ?? item);
  }
  spent.waiting -= items.length;
  for (const goOn of spent.wantRoom.splice(0)) goOn();
}

function room({ wantRoom }: Spent): Promise<void> {
  return new Promise(resolve => {
    wantRoom.push(resolve);
  });
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
