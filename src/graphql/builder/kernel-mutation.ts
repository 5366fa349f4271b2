/**
 * How every kernel operation becomes a mutation: one `input`, and an answer that is its payload or
 * KernelError. Both carry the operation and its seq.
 */
import type { InputObjectRef, ObjectFieldsShape } from '@pothos/core';
import { DEFAULT_MACHINE_ID } from '../../abi/limits.ts';
import { must } from '../../core/machine/assert.ts';
import {
  type CommandOf,
  type CommandType,
  OPERATIONS,
  type ReplyOf,
} from '../../core/machine/command.ts';
import type { Operation } from '../../core/machine/operation.ts';
import { failing } from '../../core/machine/outside.ts';
import { EventObject, eventViews, OperationResult, resultInterface } from '../log/operation.ts';
import { noteWrong } from '../log/refusals.ts';
import { badInput } from './bad-input.ts';
import { builder, type GraphqlContext, type SchemaTypes } from './builder.ts';
import { FIRST_TEXT, LIST_MAX } from './lists.ts';
import { MachineType } from './refs.ts';
import { type MachineView, machineView, type OperationView } from './view.ts';

/** What stands behind a payload. */
export interface Payload<T extends CommandType> extends OperationView {
  readonly machine: MachineView;
  readonly command: CommandOf<T>;
  readonly reply: ReplyOf[T];
}

type Types = PothosSchemaTypes.ExtendDefaultTypes<SchemaTypes>;
type PayloadFields<T extends CommandType> = ObjectFieldsShape<Types, Payload<T>>;

/** The field every input has; give it to `builder.inputType` with the others. */
export const MACHINE_ID_FIELD = {
  type: 'MachineId',
  defaultValue: DEFAULT_MACHINE_ID,
  description: 'The machine.',
} as const;

export const CONTEXT_ID_FIELD = {
  type: 'U32',
  required: true,
  description: 'The context: stands for the open file of /dev/iommu. EBADF if it is not open.',
} as const;

interface Definition<T extends CommandType, Input> {
  readonly command: T;
  readonly description: string;
  readonly input: InputObjectRef<Types, Input>;
  readonly toCommand: (input: Input, context: GraphqlContext | null) => CommandOf<T>;
  /** What the kernel writes back, and the objects it names. */
  readonly payload?: PayloadFields<T>;
}

/**
 * A kernel operation as a mutation, and as an input: what whatIf runs in place of a recorded one, or
 * between two.
 */
export interface KernelMutation<T extends CommandType = CommandType> {
  /** The uAPI's name in camelCase. */
  readonly name: string;
  readonly command: T;
  readonly input: InputObjectRef<Types, unknown>;
  readonly toCommand: (input: unknown) => CommandOf<T>;
}

const FAIL_NTH = {
  description:
    'Fault injection, as /proc/…/fail-nth has it: the allocation of the kernel that fails, counted from 1 within this operation. Operation.allocations says how many there were.',
} as const;

function checkFailNth(failNth: number | null | undefined): number | undefined {
  if (failNth === null || failNth === undefined) return undefined;
  if (failNth >= 1) return failNth;
  throw badInput(`"failNth" counts allocations from 1, and is ${failNth}`);
}

export function kernelMutation<
  T extends CommandType,
  Input extends { machineId?: string | null | undefined },
>(definition: Definition<T, Input>): KernelMutation<T> {
  const { command, description } = definition;
  const name = must(OPERATIONS[command].mutation, `a mutation of ${command}`);
  const typeName = name.charAt(0).toUpperCase() + name.slice(1);
  const result = resultInterface(typeName);
  const payload = builder.objectRef<Payload<T>>(`${typeName}Payload`).implement({
    description: `What ${name} answers when it succeeds.`,
    interfaces: [OperationResult, result],
    fields: t => ({
      events: t.field({
        type: [EventObject],
        description: 'The changes it made, in order.',
        args: { first: t.arg.int({ defaultValue: LIST_MAX, description: FIRST_TEXT }) },
        resolve: (view, { first }) => eventViews(view, first),
      }),
      machine: t.field({
        type: MachineType,
        description: 'The machine as it is now.',
        resolve: ({ machine }) => machine,
      }),
    }),
  });
  if (definition.payload !== undefined) {
    const fields = definition.payload;
    builder.objectFields(payload, fields);
  }
  builder.mutationField(name, t =>
    t.field({
      type: result,
      // Null for this field alone: the operations before it in the document are committed.
      nullable: true,
      description,
      args: {
        input: t.arg({ type: definition.input, required: true, description: 'Its arguments.' }),
        ...(command === 'MachineCreate' ? {} : { failNth: t.arg.int(FAIL_NTH) }),
      },
      resolve: async (_, args, context, info) => {
        const { input, failNth } = args as { input: Input; failNth?: number | null };
        const machineId = input.machineId ?? DEFAULT_MACHINE_ID;
        const asked = failing(definition.toCommand(input, context), checkFailNth(failNth));
        const operation = await context.engine.execute(machineId, asked);
        noteWrong(context, info, operation);
        if (operation.errno !== 0) return { machineId, operation };
        return payloadOf<T>(await machineView(context, machineId), operation);
      },
    }),
  );
  return {
    name,
    command,
    input: definition.input as InputObjectRef<Types, unknown>,
    toCommand: input => definition.toCommand(input as Input, null),
  };
}

export function payloadOf<T extends CommandType>(
  machine: MachineView,
  operation: Operation,
): Payload<T> {
  return {
    machineId: machine.machineId,
    machine,
    operation,
    command: operation.command as CommandOf<T>,
    reply: operation.reply as ReplyOf[T],
  };
}
