/** How a command goes through the schema: as a generated mutation, whose answer is its outcome. */
import type { CommandOf, CommandType, ReplyOf } from '../../core/machine/command.ts';
import type { Event } from '../../core/machine/event.ts';
import type { Outcome } from '../../core/machine/operation.ts';
import type { HappenedFragment, RefusalFragment } from '../../operations/operations.ts';
import type { Hex, JsonObject, TypedDocument } from '../../operations/typed-document.ts';

/** Sends a document and gives its answer's data; rejects if there are errors. */
export type Send = <Answer, Variables extends Readonly<Record<string, unknown>>>(
  document: TypedDocument<Answer, Variables>,
  variables: Variables,
) => Promise<Answer>;

/** Runs a command as its mutation. */
export type Mutation<T extends CommandType> = (
  command: CommandOf<T>,
  send: Send,
) => Promise<Omit<Outcome, 'command'>>;

interface Payload {
  readonly events: readonly HappenedFragment[];
}

/** From a command to the mutation's input, and from its payload to the command's reply. */
interface Translation<T extends CommandType, Input, Answer> {
  readonly input: (command: CommandOf<T>) => Input;
  readonly reply: (payload: Answer) => ReplyOf[T];
  /** The reply from what a refused operation wrote back all the same. */
  readonly written?: (output: NonNullable<RefusalFragment['output']>) => ReplyOf[T];
}

export function through<T extends CommandType, Input, Answer extends Payload>(
  document: TypedDocument<
    { readonly result: Answer | RefusalFragment | null },
    { readonly input: Input }
  >,
  { input, reply, written }: Translation<T, Input, Answer>,
): Mutation<T> {
  return async (command, send) => {
    // null only beside errors, and then `send` has rejected.
    const result = (await send(document, { input: input(command) })).result!;
    if (!isRefusal(result)) {
      return { errno: 0, reply: reply(result), events: eventsOf(result.events), trace: [] };
    }
    const { errno, output, operation, trace } = result;
    const back = output === null ? null : written!(output);
    // null only where nothing was refused.
    return { errno: errno!, reply: back, events: eventsOf(operation.events), trace };
  };
}

function isRefusal(result: Payload | RefusalFragment): result is RefusalFragment {
  return 'errno' in result;
}

/** `data` is the event without its type, as the log keeps it. */
function eventsOf(events: Payload['events']): Event[] {
  return events.map(({ type, data }) => ({ type, ...(data as JsonObject) }) as object as Event);
}

/** For replies that are just what was selected. */
export function selected<Answer extends Payload>({ events: _, ...reply }: Answer) {
  return reply;
}

export const hex = (value: bigint): Hex => `0x${value.toString(16)}`;

type InHex<Value> = Value extends bigint ? Hex : Value;

/** A command's arguments as an input has them: 64-bit numbers in hex. */
type InputOf<Command> = {
  readonly [Name in keyof Command as Exclude<Name, 'type'>]: InHex<Command[Name]>;
};

export function inputOf<Command extends object>(command: Command): InputOf<Command> {
  const fields = Object.entries(command)
    .filter(([name]) => name !== 'type')
    .map(([name, value]) => [name, typeof value === 'bigint' ? hex(value) : value]);
  return Object.fromEntries(fields) as InputOf<Command>;
}

/** The input of a command whose flags are given as one word. */
export function rawFlags<Command extends { readonly flags: number }>(command: Command) {
  const { flags, ...rest } = command;
  return { ...inputOf(rest), rawFlags: flags };
}
