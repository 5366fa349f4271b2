/** What a recording says of the world around a call: processes, their memory, what accesses reached. */
import { ERRNO } from '../../abi/errno.ts';
import type { Command } from '../../core/machine/command.ts';
import type { Reached } from '../../ioctl/memory/reached.ts';
import type { RecordedCall } from '../../ioctl/record/recorded-call.ts';

/** Fields of 64 bits, which a recording has as hex. */
const U64_KEYS: ReadonlySet<string> = new Set(['start', 'last', 'rlimitMemlock']);
const U64_TEXT = /^0x[0-9a-f]{1,16}$/;

/** The value with its numbers of 64 bits as such. */
export function withNumbers<T>(value: T): T {
  return JSON.parse(JSON.stringify(value), (key, part: unknown) =>
    U64_KEYS.has(key) && typeof part === 'string' && U64_TEXT.test(part) ? BigInt(part) : part,
  ) as T;
}

/** Gives the first command of a call what the recording says of the world; later ones need no more. */
export function tellingOnce({ outside }: Pick<RecordedCall, 'outside'>) {
  let told = outside === undefined ? null : withNumbers(outside);
  return <C extends Command>(command: C): C => {
    if (told === null) return command;
    const whole = { ...command, outside: told };
    told = null;
    return whole;
  };
}

/**
 * What an access of the self-test met in memory: the bytes that the program then had, and the pages that
 * the kernel found to be the program's own, or not.
 */
export function reachedIn({
  after,
  returned,
}: Pick<RecordedCall & { call: 'ioctl' }, 'after' | 'returned'>): Reached {
  const bytes = Buffer.from((returned === 0 && after[1]?.hex) || '', 'hex');
  let at = 0;
  const found = returned === -ERRNO.EBADE ? null : { of: 'recorded', at: 0n };
  return {
    read({ length }) {
      const part = bytes.subarray(at, at + Number(length));
      at += part.length;
      return part;
    },
    write: () => true,
    identity: () => found,
  };
}
