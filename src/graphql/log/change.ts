/** A change of an object, as it is shown: between two moments, or by one event. */
import type { DifferenceKind } from '../../core/explain/diff.ts';
import type { Change } from '../../core/explain/shown-value.ts';
import { builder } from '../builder/builder.ts';
import { described, NUMBERS_TEXT } from '../builder/enums.ts';
import { ObjectKeyType } from '../builder/object-key.ts';

const CHANGE_TEXT: Readonly<Record<DifferenceKind, string>> = {
  APPEARED: 'The object is there after and was not before.',
  WENT: 'The object was there before and is not after.',
  CHANGED: 'The object is there before and after, with another value.',
};

export const ChangeKindEnum = builder.enumType('ChangeKind', {
  description: 'What became of an object.',
  values: described(CHANGE_TEXT),
});

const VALUE_TEXT = `64-bit values are hex. ${NUMBERS_TEXT} A list or map of more than 100 entries is cut to { count, only }: how many there are, and the first 100 that the other side has not.`;

export const ChangeType = builder.objectRef<Change>('Change').implement({
  description: 'One thing that is different: an object, or a field of one.',
  fields: t => ({
    object: t.field({
      type: ObjectKeyType,
      description: 'Which object.',
      resolve: ({ object }) => object,
    }),
    kind: t.field({
      type: ChangeKindEnum,
      description: 'What became of it.',
      resolve: ({ kind }) => kind,
    }),
    field: t.exposeString('field', {
      nullable: true,
      description: 'Which field; null for the object as a whole, whose fields are in the value.',
    }),
    before: t.field({
      type: 'JSON',
      nullable: true,
      description: `What it was. ${VALUE_TEXT}`,
      resolve: ({ before }) => before,
    }),
    after: t.field({
      type: 'JSON',
      nullable: true,
      description: `What it is. ${VALUE_TEXT}`,
      resolve: ({ after }) => after,
    }),
  }),
});
