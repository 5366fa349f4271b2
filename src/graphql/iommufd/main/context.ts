/** Contexts and what all their objects have in common. */
import { OBJECT_TYPES, type ObjectType } from '../../../abi/uapi.ts';
import { usersOf } from '../../../core/machine/lookup.ts';
import { builder, type GraphqlContext } from '../../builder/builder.ts';
import { forwardLimit, forwardPage } from '../../builder/forward-page.ts';
import { checkFirst, cursorNumber, FIRST_TEXT, LIST_DEFAULT } from '../../builder/lists.ts';
import { ContextType, MachineType, ObjectInterface } from '../../builder/refs.ts';
import {
  contextView,
  findMachine,
  globalKey,
  globalKeyParts,
  type ObjectView,
  objectView,
  type ViewOf,
} from '../../builder/view.ts';
import { type Holder, holdersOf } from '../../machine/holders.ts';

const OBJECT_TYPE_TEXT: Readonly<Record<ObjectType, string>> = {
  DEVICE: 'A physical device bound to the context (struct iommufd_device).',
  HWPT_PAGING: 'A page table that maps an IOAS (struct iommufd_hwpt_paging).',
  HWPT_NESTED: 'A page table of a guest on top of a parent (struct iommufd_hwpt_nested).',
  IOAS: 'An I/O address space (struct iommufd_ioas).',
  FAULT: 'A fault queue (struct iommufd_fault).',
  ACCESS: 'A kernel driver’s own access to an IOAS (struct iommufd_access).',
  SELFTEST: "The self-test's handle of a mock device (struct selftest_obj).",
};

export const ObjectTypeEnum = builder.enumType('ObjectType', {
  description: "Types of the objects in a context's id table.",
  values: Object.fromEntries(
    OBJECT_TYPES.map(type => [type, { value: type, description: OBJECT_TYPE_TEXT[type] }]),
  ) as Record<ObjectType, { value: ObjectType; description: string }>,
});

const HolderType = builder.objectRef<Holder>('ObjectHolder').implement({
  description: 'One reference that counts in `users`.',
  fields: t => ({
    reason: t.exposeString('reason', { description: 'Why the reference is held.' }),
    object: t.field({
      type: ObjectInterface,
      nullable: true,
      description: 'The object that holds it; null if it is a file, a driver or the id table.',
      resolve: holder => holder.object,
    }),
  }),
});

builder.interfaceType(ObjectInterface, {
  description:
    'An object of a context’s id table. Ids are the lowest free from 1, so an id may come back for another object.',
  resolveType: ({ object }) => TYPE_NAMES[object.type],
  fields: t => ({
    objectId: t.int({
      description: 'Its id in the context.',
      resolve: ({ object }) => object.id,
    }),
    objectType: t.field({
      type: ObjectTypeEnum,
      description: 'Its type.',
      resolve: ({ object }) => object.type,
    }),
    users: t.int({
      description:
        'obj.users: references held. `destroy` answers EBUSY unless it is 1, the id table’s own.',
      resolve: ({ object }) => usersOf(object),
    }),
    holders: t.field({
      type: [HolderType],
      description: 'Who holds the references that `users` counts.',
      args: { first: t.arg.int({ defaultValue: LIST_DEFAULT, description: FIRST_TEXT }) },
      resolve: (view, { first }) => holdersOf(view, checkFirst(first)),
    }),
    context: t.field({
      type: ContextType,
      description: 'The context it belongs to.',
      resolve: ({ machine, context }) => ({ machine, context }),
    }),
  }),
});

export const TYPE_NAMES: Readonly<Record<ObjectType, string>> = {
  DEVICE: 'Device',
  HWPT_PAGING: 'HwptPaging',
  HWPT_NESTED: 'HwptNested',
  IOAS: 'Ioas',
  FAULT: 'FaultQueue',
  ACCESS: 'Access',
  SELFTEST: 'SelftestDevice',
};

/** How an object's type is a Node: by machine, context and object id. */
export function objectNode<T extends ObjectType>(type: T) {
  return {
    id: {
      description: 'Global id.',
      resolve: ({ machine, context, object }: ViewOf<T>) =>
        globalKey(machine.machineId, context.contextId, object.id),
    },
    isTypeOf: (value: unknown) => (value as Partial<ViewOf<T>> | null)?.object?.type === type,
    loadOne: async (key: string, context: GraphqlContext): Promise<ViewOf<T> | null> => {
      const parts = globalKeyParts(key, 2);
      const machine = parts && (await findMachine(context, parts.machineId));
      const view = machine && contextView(machine, parts!.numbers[0]!);
      return view && objectView(view, parts!.numbers[1]!, type);
    },
  };
}

builder.node(ContextType, {
  description: 'One open of /dev/iommu (struct iommufd_ctx). Kernel object ids count within it.',
  id: {
    description: 'Global id.',
    resolve: ({ machine, context }) => globalKey(machine.machineId, context.contextId),
  },
  isTypeOf: value =>
    typeof value === 'object' && value !== null && 'context' in value && !('object' in value),
  loadOne: async (key, context) => {
    const parts = globalKeyParts(key, 1);
    const machine = parts && (await findMachine(context, parts.machineId));
    return machine && contextView(machine, parts!.numbers[0]!);
  },
  fields: t => ({
    contextId: t.int({
      description: 'Stands for the file descriptor; never used again in this machine.',
      resolve: ({ context }) => context.contextId,
    }),
    fileOpen: t.boolean({
      description:
        'Its own file is open. Once closed, the context lives on while bound devices, accesses or fault queue files hold it.',
      resolve: ({ context }) => context.fileOpen,
    }),
    machine: t.field({
      type: MachineType,
      description: 'Its machine.',
      resolve: ({ machine }) => machine,
    }),
    objectCount: t.int({
      description: 'Objects in the id table.',
      resolve: ({ context }) => context.objects.size,
    }),
    objects: t.connection(
      {
        type: ObjectInterface,
        description: 'Objects by id. The cursor is the object id; forward only.',
        args: {
          objectType: t.arg({ type: ObjectTypeEnum, description: 'Only objects of this type.' }),
        },
        resolve: (view, args) => {
          const limit = forwardLimit('objects', args);
          const afterId = cursorNumber('after', args.after) ?? 0;
          const ids = [...view.context.objects.keys()]
            .filter(id => id > afterId)
            .sort((a, b) => a - b);
          const found: ObjectView[] = [];
          for (const id of ids) {
            if (found.length >= limit) break;
            const object = view.context.objects.get(id)!;
            if (args.objectType && object.type !== args.objectType) continue;
            found.push({ ...view, object });
          }
          return forwardPage(
            args,
            limit,
            found,
            ({ object }) => String(object.id),
            view => view,
          );
        },
      },
      { description: 'A page of objects.' },
      { description: 'One object of a page.' },
    ),
    object: t.field({
      type: ObjectInterface,
      nullable: true,
      description: 'One object by its id; null if there is none.',
      args: { id: t.arg({ type: 'U32', required: true, description: 'Its id in the context.' }) },
      resolve: (view, { id }) => objectView(view, id, ...OBJECT_TYPES),
    }),
  }),
});
