/** Which answers can never become others: those that are wholly about moments of the past. */
import {
  type DocumentNode,
  type GraphQLField,
  type GraphQLSchema,
  getArgumentValues,
  getOperationAST,
  getVariableValues,
  OperationTypeNode,
  TypeInfo,
  type VariableValues,
  visit,
  visitWithTypeInfo,
} from 'graphql';

/** A moment that a document names. */
export interface FixedMoment {
  readonly machineId: string;
  readonly seq: number;
  /** Digits of the history that it names; null: any. */
  readonly hash: string | null;
}

export interface FixedAnswer {
  readonly moments: readonly FixedMoment[];
  /** Of these moments it depends on the events, or also on operations that were refused at them. */
  readonly dependsOn: 'EVENTS' | 'OPERATIONS';
}

interface Request {
  readonly document: DocumentNode;
  readonly operationName?: string | null | undefined;
  readonly variables: Readonly<Record<string, unknown>>;
}

/** null: the answer may become another, or nothing is known of it. */
export function fixedAnswer(schema: GraphQLSchema, request: Request): FixedAnswer | null {
  const { document, operationName, variables } = request;
  const operation = getOperationAST(document, operationName);
  if (operation?.operation !== OperationTypeNode.QUERY) return null;
  const values = getVariableValues(schema, operation.variableDefinitions ?? [], variables);
  if (values.variableValues === undefined) return null;
  const found = new Moments(schema, values.variableValues);
  const typeInfo = new TypeInfo(schema);
  visit(
    document,
    visitWithTypeInfo(typeInfo, {
      Field(node) {
        const field = typeInfo.getFieldDef();
        const isRoot = typeInfo.getParentType() === schema.getQueryType();
        if (field && isRoot) found.addRoot(field, node);
        else if (field) found.addField(field);
        else found.isFixed = false;
      },
    }),
  );
  const { isFixed, moments, dependsOn } = found;
  return isFixed && moments.length > 0 ? { moments, dependsOn } : null;
}

type FieldNode = Parameters<typeof getArgumentValues>[1];

/** What `machine` takes as arguments, and each moment of `diff`. */
interface MomentArguments {
  readonly machineId?: unknown;
  readonly at?: unknown;
  readonly hash?: unknown;
  readonly atOperation?: unknown;
  readonly atBookmark?: unknown;
  readonly atTime?: unknown;
}

class Moments {
  isFixed = true;
  dependsOn: FixedAnswer['dependsOn'] = 'EVENTS';
  readonly moments: FixedMoment[] = [];
  private readonly schema: GraphQLSchema;
  private readonly variables: VariableValues;

  constructor(schema: GraphQLSchema, variables: VariableValues) {
    this.schema = schema;
    this.variables = variables;
  }

  addRoot(field: GraphQLField<unknown, unknown>, node: FieldNode): void {
    if (field.name === '__typename') return;
    if (field !== this.schema.getQueryType()?.getFields()[field.name]) this.isFixed = false;
    if (field.name !== 'machine' && field.name !== 'diff') this.isFixed = false;
    if (!this.isFixed) return;
    try {
      const given = getArgumentValues(field, node, this.variables);
      if (field.name === 'machine') this.add(given);
      else for (const moment of [given['from'], given['to']]) this.add(moment as MomentArguments);
    } catch {
      // Not an argument of this field: the execution says so.
      this.isFixed = false;
    }
  }

  addField({ name, extensions }: GraphQLField<unknown, unknown>): void {
    // Introspection tells of the server and not of a machine.
    if (name.startsWith('__') && name !== '__typename') this.isFixed = false;
    if (!extensions['readsLog']) return;
    if (extensions['dependsOn'] === undefined) this.isFixed = false;
    if (extensions['dependsOn'] === 'OPERATIONS') this.dependsOn = 'OPERATIONS';
  }

  private add(given: MomentArguments): void {
    const { machineId, at, hash, ...others } = given;
    const isAt = typeof machineId === 'string' && typeof at === 'number';
    const { atOperation, atBookmark, atTime } = others;
    if (!isAt || (atOperation ?? atBookmark ?? atTime ?? null) !== null) {
      this.isFixed = false;
      return;
    }
    this.moments.push({ machineId, seq: at, hash: typeof hash === 'string' ? hash : null });
  }
}
