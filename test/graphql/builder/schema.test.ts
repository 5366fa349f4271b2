/** The schema: what is committed is what runs, and everything in it is described. */
import { readFile } from 'node:fs/promises';
import {
  type GraphQLNamedType,
  isEnumType,
  isInputObjectType,
  isInterfaceType,
  isIntrospectionType,
  isObjectType,
  isScalarType,
  isSpecifiedScalarType,
} from 'graphql';
import { expect, test } from 'vitest';
import { printedSchema, schema } from '../../../src/graphql/schema.ts';

test('schema/schema.graphql is what `npm run schema` writes', async () => {
  const file = new URL('../../../schema/schema.graphql', import.meta.url);
  expect(await readFile(file, 'utf8')).toBe(printedSchema());
});

interface Described {
  readonly name: string;
  readonly description?: string | null | undefined;
}

/** Everything a description belongs to, as `Type.field(argument)`. */
function* describedThings(type: GraphQLNamedType): Generator<Described> {
  yield type;
  const inner = ({ name, description }: Described) => ({
    name: `${type.name}.${name}`,
    description,
  });
  if (isEnumType(type)) yield* type.getValues().map(inner);
  if (isInputObjectType(type)) yield* Object.values(type.getFields()).map(inner);
  if (!isObjectType(type) && !isInterfaceType(type)) return;
  for (const field of Object.values(type.getFields())) {
    yield inner(field);
    for (const { name, description } of field.args) {
      yield { name: `${type.name}.${field.name}(${name})`, description };
    }
  }
}

test('every type, field, argument, value and input field has a description', () => {
  const types = Object.values(schema.getTypeMap()).filter(
    type => !isIntrospectionType(type) && !isSpecifiedScalarType(type),
  );
  const things = types.flatMap(type => [...describedThings(type)]);
  expect(things.length).toBeGreaterThan(400);
  const bare = things.filter(({ description }) => (description ?? '').trim().length < 5);
  expect(bare.map(({ name }) => name)).toEqual([]);
});

test('every scalar of ours says where its form is specified', () => {
  const scalars = Object.values(schema.getTypeMap())
    .filter(isScalarType)
    .filter(type => !isSpecifiedScalarType(type));
  expect(scalars.length).toBeGreaterThan(8);
  for (const { name, specifiedByURL } of scalars) {
    expect(URL.canParse(specifiedByURL ?? ''), name).toBe(true);
  }
});
