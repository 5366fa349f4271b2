/** Operations, events, traces, and the refusal of an operation. */
import { ERRNO } from '../../abi/errno.ts';
import { REFUSAL_RULES } from '../../abi/refusal-rules.ts';
import { commandText } from '../../core/explain/command-text.ts';
import { OPERATIONS, type ReplyOf } from '../../core/machine/command.ts';
import { EVENTS, type EventType } from '../../core/machine/event.ts';
import { LAYER_TEXT } from '../../core/machine/event-entry.ts';
import type { TraceStep } from '../../core/machine/trace-step.ts';
import { eventsOf, type LoggedEvent } from '../../engine/follow/follow.ts';
import { sentenceOf } from '../../engine/past/device-names.ts';
import { operationHash } from '../../engine/past/identity.ts';
import { builder } from '../builder/builder.ts';
import { described, Errno, NUMBERS_TEXT } from '../builder/enums.ts';
import { OF_EVENTS, READS_LOG } from '../builder/expose-errors.ts';
import { checkFirst, FIRST_TEXT, LIST_MAX } from '../builder/lists.ts';
import { IovaRangeType } from '../builder/ranges.ts';
import { MachineType } from '../builder/refs.ts';
import { globalKey, globalKeyParts, machineView, type OperationView } from '../builder/view.ts';
import { refusalMessage, refusingStep } from './refusal-text.ts';

export const EventTypeEnum = builder.enumType('EventType', {
  description: 'Kinds of events: what changed.',
  values: Object.fromEntries(
    Object.entries(EVENTS).map(([type, { sentence }]) => [
      type,
      { value: type as EventType, description: sentence },
    ]),
  ) as Record<EventType, { value: EventType; description: string }>,
});

export const LayerEnum = builder.enumType('Layer', {
  description: 'Where a change happens, from the program down to the device.',
  values: described(LAYER_TEXT),
});

export interface EventView extends LoggedEvent {
  readonly machineId: string;
}

const RefusalRuleEnum = builder.enumType('RefusalRule', {
  description: 'The rules by which the kernel refuses. In braces: facts of the refusal.',
  values: described(REFUSAL_RULES),
});

export const TraceStepType = builder.objectRef<TraceStep>('TraceStep').implement({
  description: 'One kernel function an operation passed, in order of entry.',
  fields: t => ({
    function: t.exposeString('function', { description: 'Name of the kernel function.' }),
    depth: t.exposeInt('depth', { description: 'How deep in the call tree, from 0.' }),
    returned: t.exposeString('returned', {
      description: '"0", the name of an errno, or a value such as the id of an object.',
    }),
    rule: t.field({
      type: RefusalRuleEnum,
      nullable: true,
      description: 'By which rule this function refused; null if another one did, or none.',
      resolve: ({ reason }) => reason?.rule ?? null,
    }),
  }),
});

/** The first of an operation's events. */
export function eventViews(
  { machineId, operation }: OperationView,
  first: number | null | undefined,
): EventView[] {
  const logged = eventsOf(operation).slice(0, checkFirst(first ?? LIST_MAX));
  return logged.map(event => ({ ...event, machineId }));
}

export const OperationType = builder.objectRef<OperationView>('Operation');
export const EventObject = builder.objectRef<EventView>('Event');

EventObject.implement({
  description: 'One state change. `seq` counts the events of a machine without gaps, from 1.',
  fields: t => ({
    seq: t.exposeInt('seq', { description: "Place in the machine's events, from 1." }),
    type: t.field({
      type: EventTypeEnum,
      description: 'What changed.',
      resolve: ({ event }) => event.type,
    }),
    layer: t.field({
      type: LayerEnum,
      description: 'Where it happened.',
      resolve: ({ event }) => EVENTS[event.type].layer,
    }),
    summary: t.string({
      description:
        'The event in one sentence that stands alone: it names the context, the queue, and the device by its PCI address.',
      extensions: OF_EVENTS,
      resolve: ({ machineId, seq, event }, _, { engine, history }) =>
        sentenceOf(engine, history, machineId, { seq, event }),
    }),
    data: t.field({
      type: 'JSON',
      description: `The event's fields. ${NUMBERS_TEXT}`,
      resolve: ({ event: { type: _, ...data } }) => data,
    }),
    operation: t.field({
      type: OperationType,
      description: 'The operation that made it.',
      resolve: ({ machineId, operation }) => ({ machineId, operation }),
    }),
  }),
});

builder.node(OperationType, {
  description:
    'One entry into a machine: an ioctl, a read or write of a fault queue’s file, a call VFIO' +
    ' makes, something hardware does. Refused operations are kept too.',
  id: {
    description: 'Global id.',
    resolve: ({ machineId, operation }) => globalKey(machineId, operation.number),
  },
  isTypeOf: value => typeof value === 'object' && value !== null && 'operation' in value,
  loadOne: async (key, { engine }) => {
    const parts = globalKeyParts(key, 1);
    if (parts === null) return null;
    const { machineId, numbers } = parts;
    const [operation] = await engine.log.read(machineId, {
      afterNumber: numbers[0]! - 1,
      limit: 1,
    });
    return operation === undefined ? null : { machineId, operation };
  },
  fields: t => ({
    number: t.int({
      description: "Counts the machine's operations without gaps, from 1.",
      resolve: ({ operation }) => operation.number,
    }),
    seqBefore: t.int({
      description: 'The seq of the state it saw. Give it as `at` to look at that state.',
      resolve: ({ operation }) => operation.seqBefore,
    }),
    seq: t.int({
      description: 'The seq after it; equal to seqBefore if nothing changed.',
      resolve: ({ operation }) => operation.seq,
    }),
    machineBefore: t.field({
      type: MachineType,
      description: 'The machine it saw. For a refusal: the state that made the kernel refuse.',
      extensions: READS_LOG,
      resolve: ({ machineId, operation }, _, context) =>
        machineView(context, machineId, operation.seqBefore),
    }),
    machineAfter: t.field({
      type: MachineType,
      description: 'The machine it left.',
      extensions: READS_LOG,
      resolve: ({ machineId, operation }, _, context) =>
        machineView(context, machineId, operation.seq),
    }),
    hash: t.string({
      description:
        'Stands for it and the whole history before it: 64 hex digits of the log’s chain. Two machines of one name with the same hash here have the same past.',
      extensions: OF_EVENTS,
      resolve: ({ machineId, operation }, _, { engine }) =>
        operationHash(engine, machineId, operation.number),
    }),
    at: t.field({
      type: 'DateTime',
      description: 'When it ran.',
      resolve: ({ operation }) => new Date(operation.atMs),
    }),
    command: t.string({
      description: 'What was asked: the name of the operation, such as HwptAlloc.',
      resolve: ({ operation }) => operation.command.type,
    }),
    mutation: t.string({
      nullable: true,
      description:
        'The mutation that asks for it, such as hwptAlloc; null if whatIf alone does, or a program by a call that fails before it is an operation.',
      resolve: ({ operation }) => OPERATIONS[operation.command.type].mutation,
    }),
    summary: t.string({
      description:
        'What was asked in one line, as `faultline log` prints it: the arguments with the uAPI’s names beside their numbers.',
      resolve: ({ operation }) => commandText(operation.command),
    }),
    arguments: t.field({
      type: 'JSON',
      description: 'Its arguments, with the names and numbers of the uAPI; `summary` names these.',
      resolve: ({ operation: { command } }) => {
        const { type: _, outside: __, ...rest } = command;
        return rest;
      },
    }),
    outside: t.field({
      type: 'JSON',
      nullable: true,
      description:
        'What stood outside the machine and decided too; null if nothing did. `failNth`: the allocation of the kernel that was to fail. Of programs under `faultline run`: `process`, who called, where it is not who opened the context; `memory`, how the memory of processes changed since it was told last; `gone`, processes that had ended. It is kept with the operation, so that replay asks nobody.',
      resolve: ({ operation }) => operation.command.outside ?? null,
    }),
    allocations: t.int({
      nullable: true,
      description:
        'With failNth: allocations that the kernel made in it, the one that failed among them; fewer than failNth, and none failed.',
      resolve: ({ operation }) => operation.allocations ?? null,
    }),
    errno: t.field({
      type: Errno,
      nullable: true,
      description: 'Why it was refused; null if it succeeded.',
      resolve: ({ operation }) => operation.errno || null,
    }),
    refusal: t.string({
      nullable: true,
      description:
        'What its refusal means and where it came from, in one sentence, as `message` of KernelError says it; null if it succeeded.',
      resolve: ({ operation }) => (operation.errno === 0 ? null : refusalMessage(operation)),
    }),
    reply: t.field({
      type: 'JSON',
      nullable: true,
      description: 'What was written back to the caller.',
      resolve: ({ operation }) => operation.reply,
    }),
    events: t.field({
      type: [EventObject],
      description: 'The changes it made, in order.',
      args: { first: t.arg.int({ defaultValue: LIST_MAX, description: FIRST_TEXT }) },
      resolve: (view, { first }) => eventViews(view, first),
    }),
    trace: t.field({
      type: [TraceStepType],
      description: 'The kernel functions it passed and what each returned.',
      args: { first: t.arg.int({ defaultValue: LIST_MAX, description: FIRST_TEXT }) },
      resolve: ({ operation }, { first }) =>
        operation.trace.slice(0, checkFirst(first ?? LIST_MAX)),
    }),
  }),
});

/** What an operation wrote back although it failed: hwptInvalidate, ioasIovaRanges, vfioUnmapDma. */
type ErrorOutput = Partial<
  ReplyOf['HwptInvalidate'] & ReplyOf['IoasIovaRanges'] & ReplyOf['VfioUnmapDma']
>;

const KernelErrorOutput = builder.objectRef<ErrorOutput>('KernelErrorOutput').implement({
  description: 'What was written back although the operation failed.',
  fields: t => ({
    entryNum: t.int({
      nullable: true,
      description: 'hwptInvalidate: the entries handled before the one that failed.',
      resolve: output => output.entryNum,
    }),
    numIovas: t.int({
      nullable: true,
      description: 'ioasIovaRanges with EMSGSIZE: the room that is needed.',
      resolve: output => output.numIovas,
    }),
    outIovaAlignment: t.field({
      type: 'HexU64',
      nullable: true,
      description: 'ioasIovaRanges with EMSGSIZE: bytes that IOVAs and lengths are multiples of.',
      resolve: output => output.outIovaAlignment,
    }),
    allowedIovas: t.field({
      type: [IovaRangeType],
      nullable: true,
      description: 'ioasIovaRanges with EMSGSIZE: the first ranges, as many as there was room for.',
      resolve: output => output.allowedIovas && [...output.allowedIovas],
    }),
    size: t.field({
      type: 'HexU64',
      nullable: true,
      description: 'vfioUnmapDma: bytes unmapped before it was refused.',
      resolve: output => output.size,
    }),
  }),
});

/** What a mutation of a machine answers, whether the kernel refused or not. */
export const OperationResult = builder.interfaceRef<OperationView>('OperationResult').implement({
  description: 'What every kernel operation answers, refused or not: select it without a fragment.',
  fields: t => ({
    operation: t.field({
      type: OperationType,
      description: 'The operation as the log keeps it.',
      resolve: view => view,
    }),
    seq: t.int({
      description: 'The machine’s seq after the operation: come back to this moment with `at`.',
      resolve: ({ operation }) => operation.seq,
    }),
    errno: t.field({
      type: Errno,
      nullable: true,
      description: 'Why the kernel refused, by name; null if it did not.',
      resolve: ({ operation }) => operation.errno || null,
    }),
  }),
});

/** Also implements the result of each mutation: `resultInterface` adds them. */
export const KernelError = builder.objectRef<OperationView>('KernelError').implement({
  description:
    'The kernel refused the operation. It is in the log like any other, and in the response’s `extensions.refusals`.',
  interfaces: [OperationResult],
  fields: t => ({
    code: t.int({
      description: 'The errno by number, on x86-64.',
      resolve: ({ operation }) => ERRNO[operation.errno || 'EINVAL'],
    }),
    message: t.string({
      description: 'What it means and where it came from, in one sentence.',
      resolve: ({ operation }) => refusalMessage(operation),
    }),
    function: t.string({
      nullable: true,
      description: 'The kernel function that refused. The trace shows the way there.',
      resolve: ({ operation }) => refusingStep(operation)?.function ?? null,
    }),
    rule: t.field({
      type: RefusalRuleEnum,
      nullable: true,
      description: 'By which rule it refused; null where no kernel function did, and in old logs.',
      resolve: ({ operation }) => refusingStep(operation)?.reason?.rule ?? null,
    }),
    facts: t.field({
      type: 'JSON',
      nullable: true,
      description:
        'What the rule is about: `argument` that decided, ranges, objects, who holds one; 64-bit numbers in hex.',
      resolve: ({ operation }) => refusingStep(operation)?.reason?.facts ?? null,
    }),
    trace: t.field({
      type: [TraceStepType],
      description: 'The kernel functions passed and what each returned.',
      args: { first: t.arg.int({ defaultValue: LIST_MAX, description: FIRST_TEXT }) },
      resolve: ({ operation }, { first }) =>
        operation.trace.slice(0, checkFirst(first ?? LIST_MAX)),
    }),
    output: t.field({
      type: KernelErrorOutput,
      nullable: true,
      description: 'What was written back all the same; null if nothing was.',
      resolve: ({ operation }) => operation.reply as ErrorOutput | null,
    }),
  }),
});

/**
 * The type a mutation answers with: its payload (the type `name` + "Payload") or KernelError. An
 * interface and no union, so that what both have is selected without a fragment.
 */
export function resultInterface(name: string) {
  const result = builder.interfaceRef<OperationView>(`${name}Result`).implement({
    description: `What ${name.charAt(0).toLowerCase()}${name.slice(1)} answers: ${name}Payload, or KernelError.`,
    interfaces: [OperationResult],
    resolveType: ({ operation }) => (operation.errno === 0 ? `${name}Payload` : 'KernelError'),
  });
  KernelError.addInterfaces([result]);
  return result;
}
