/**
 * ioctls whose structure says their operation: each argument that an operation's entry declares is the
 * field of the same name (`ioasId` is `ioas_id`), and so is each word of its reply. The one declaration
 * serves GraphQL and bytes; an argument without a field does not compile.
 */
import type { Field, IoctlLayout } from '../../abi/ioctl/layout.ts';
import {
  type Command,
  type CommandOf,
  type CommandType,
  OPERATIONS,
  type ReplyOf,
} from '../../core/machine/command.ts';
import { failure } from './caller.ts';
import { type IoctlEntry, ioctlEntry } from './ioctl-entry.ts';

/** `dstIoasId` as the uAPI writes it: `dst_ioas_id`. */
type Snake<S extends string> = S extends `${infer Letter}${infer Rest}`
  ? Letter extends Lowercase<Letter>
    ? `${Letter}${Snake<Rest>}`
    : `_${Lowercase<Letter>}${Snake<Rest>}`
  : '';

const snake = (name: string) => name.replace(/[A-Z]/g, letter => `_${letter.toLowerCase()}`);

type ArgumentName<T extends CommandType> = Exclude<
  keyof CommandOf<T>,
  'type' | 'contextId' | 'outside'
> &
  string;

/** The words of a reply; an empty one has none. */
type WordOf<R> = string extends keyof R ? never : keyof R & string;

/** A structure that has the arguments and the reply of an operation. */
type LayoutOf<T extends CommandType> = IoctlLayout & {
  readonly fields: Readonly<Record<Snake<ArgumentName<T> | WordOf<ReplyOf[T]>>, Field>>;
};

interface Named {
  readonly name: string;
  readonly field: string;
  readonly isLong: boolean;
}

/** Bytes of a field that is read as a bigint. */
const LONG_BYTES = 8;

function named(layout: IoctlLayout, names: readonly string[]): Named[] {
  return names.map(name => {
    const field = snake(name);
    return { name, field, isLong: layout.fields[field]![1] === LONG_BYTES };
  });
}

/**
 * `undo`: the operation that takes it back where the answer cannot be written; left out: the kernel
 * leaves what was done.
 */
export function plainIoctl<T extends CommandType, L extends LayoutOf<T>>(
  layout: L,
  type: T,
  undo?: (reply: ReplyOf[T], contextId: number) => Command,
): IoctlEntry {
  const declared = Object.keys(OPERATIONS[type].arguments).filter(name => name !== 'contextId');
  const given = named(layout, declared);
  const hasReserved = Object.hasOwn(layout.fields, '__reserved');
  return ioctlEntry(layout as IoctlLayout, async call => {
    const { contextId, cmd } = call;
    const reserved = hasReserved ? call.checkReserved() : 0;
    if (reserved !== 0) return reserved;
    const command: Record<string, unknown> = { type, contextId };
    for (const { name, field, isLong } of given) {
      command[name] = isLong ? cmd.u64(field) : cmd.u32(field);
    }
    const { errno, reply } = await call.execute(command as unknown as Command);
    if (errno !== 0 || reply === null) return failure(errno);
    const words = Object.entries(reply as Readonly<Record<string, number | bigint>>);
    if (words.length === 0) return 0;
    for (const [name, value] of words) cmd.set(snake(name), value);
    return undo === undefined
      ? call.respond()
      : call.respondOr(undo(reply as ReplyOf[T], contextId));
  });
}
