/** What lies in a process' memory: what devices, guests and accesses wrote. */
import { MEMORY_READ_MAX } from '../../abi/limits.ts';
import { readGuestMemory } from '../../core/memory/guest-memory.ts';
import { isPresent, rangesOfContext } from '../../core/memory/process-memory.ts';
import { badInput } from '../builder/bad-input.ts';
import { builder } from '../builder/builder.ts';
import { ContextType } from '../builder/refs.ts';

builder.objectField(ContextType, 'memoryAt', t =>
  t.string({
    description:
      'Bytes of its process’ memory as hex, in the order of their addresses. What nobody wrote is 00.',
    args: {
      userVa: t.arg({ type: 'HexU64', required: true, description: 'User address of the first.' }),
      length: t.arg.int({
        required: true,
        description: `How many, from 1 to ${MEMORY_READ_MAX}; all of them must exist.`,
      }),
    },
    resolve: ({ machine, context }, { userVa, length }) => {
      if (length < 1 || length > MEMORY_READ_MAX) {
        throw badInput(`"length" must be from 1 to ${MEMORY_READ_MAX}, not ${length}`);
      }
      if (!isPresent(rangesOfContext(machine.state, context), userVa, BigInt(length), false)) {
        throw badInput(
          `"userVa" must begin ${length} bytes of memory that exist, not 0x${userVa.toString(16)}`,
        );
      }
      return readGuestMemory(context, userVa, BigInt(length));
    },
  }),
);
