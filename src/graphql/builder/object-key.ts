/** How an object of a machine's state is named, whatever its kind. */

import type { ObjectKind } from '../../core/explain/object-fields.ts';
import {
  OBJECT_KINDS,
  type ObjectKey,
  objectName,
  objectRef,
} from '../../core/explain/object-key.ts';
import { badInput } from './bad-input.ts';
import { builder } from './builder.ts';

export const ObjectKindEnum = builder.enumType('ObjectKind', {
  description: 'Kinds of the objects a state is made of.',
  values: Object.fromEntries(
    Object.entries(OBJECT_KINDS).map(([kind, { description }]) => [
      kind,
      { value: kind as ObjectKind, description },
    ]),
  ) as Record<ObjectKind, { value: ObjectKind; description: string }>,
});

export const ObjectKeyType = builder.objectRef<ObjectKey>('ObjectKey').implement({
  description: 'What names an object in a state.',
  fields: t => ({
    kind: t.field({
      type: ObjectKindEnum,
      description: 'Its kind.',
      resolve: ({ kind }) => kind,
    }),
    contextId: t.field({
      type: 'U32',
      nullable: true,
      description: 'The context it belongs to; null if it belongs to none.',
      resolve: ({ contextId }) => contextId,
    }),
    id: t.field({
      type: 'U32',
      nullable: true,
      description: 'Its id, as its kind says; null for the machine and a context.',
      resolve: ({ id }) => id,
    }),
    iova: t.field({
      type: 'HexU64',
      nullable: true,
      description: 'The first IOVA of an area; null for all others.',
      resolve: ({ iova }) => iova,
    }),
    name: t.string({
      description: 'In words: "nested hwpt 5 of context 1".',
      resolve: key => objectName(key),
    }),
    ref: t.string({
      description:
        'In one word, for maps and addresses: kind and parts, such as "HWPT_NESTED:1:5", "AREA:1:2:0x1000" or "MACHINE".',
      resolve: key => objectRef(key),
    }),
  }),
});

export const ObjectKeyInput = builder.inputType('ObjectKeyInput', {
  description: 'Names an object of a state; which parts are needed depends on its kind.',
  fields: t => ({
    kind: t.field({ type: ObjectKindEnum, required: true, description: 'Its kind.' }),
    contextId: t.field({ type: 'U32', description: 'The context, for what belongs to one.' }),
    id: t.field({
      type: 'U32',
      description: 'Its id, as its kind says. None for the machine and a context.',
    }),
    iova: t.field({ type: 'HexU64', description: 'The first IOVA of an area.' }),
  }),
});

/** `argument` names the input in an error. Errors: BAD_USER_INPUT. */
export function objectKeyOf(input: typeof ObjectKeyInput.$inferInput, argument: string): ObjectKey {
  const { kind } = input;
  const { parts } = OBJECT_KINDS[kind];
  for (const part of ['contextId', 'id', 'iova'] as const) {
    const given = (input[part] ?? null) !== null;
    if (given === parts.includes(part)) continue;
    const wanted = `${kind} takes ${parts.length === 0 ? 'no other field' : parts.join(', ')}`;
    throw badInput(`"${argument}.${part}" must ${given ? 'not be given' : 'be given'}: ${wanted}`);
  }
  const { contextId, id, iova } = input;
  return { kind, contextId: contextId ?? null, id: id ?? null, iova: iova ?? null };
}
