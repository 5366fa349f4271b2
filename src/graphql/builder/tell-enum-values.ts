/** What an enum has is told to whoever writes something else. */
import { GraphQLEnumType, GraphQLError, type GraphQLSchema, isIntrospectionType } from 'graphql';

/** Values of an enum that an error lists. */
const TOLD_MAX = 40;

/** Errors of an enum's input say which values there are. */
export function tellEnumValues(schema: GraphQLSchema): GraphQLSchema {
  for (const type of Object.values(schema.getTypeMap())) {
    if (!(type instanceof GraphQLEnumType) || isIntrospectionType(type)) continue;
    const { coerceInputValue, coerceInputLiteral } = GraphQLEnumType.prototype;
    type.coerceInputValue = telling(type, coerceInputValue);
    type.coerceInputLiteral = telling(type, coerceInputLiteral);
  }
  return schema;
}

function telling<Args extends unknown[]>(
  type: GraphQLEnumType,
  coerce: (this: GraphQLEnumType, ...args: Args) => unknown,
): (...args: Args) => unknown {
  const names = type.getValues().map(({ name }) => name);
  const more = names.length > TOLD_MAX ? ` and ${names.length - TOLD_MAX} more` : '';
  const values = `${names.slice(0, TOLD_MAX).join(', ')}${more}`;
  return (...args) => {
    try {
      return coerce.apply(type, args);
    } catch (error) {
      if (!(error instanceof GraphQLError)) throw error;
      const { nodes } = error;
      throw new GraphQLError(`${error.message} Its values: ${values}.`, { nodes });
    }
  };
}
