/** Random commands on contexts, their options and the objects of every type. */
import type { CommandOf } from '../../../core/machine/command.ts';
import type { MachineState } from '../../../core/machine/state.ts';
import type { UserProcess } from '../../../core/memory/user-process.ts';
import type { Prng } from '../../prng.ts';
import type { Makers } from '../maker.ts';
import { contextIdOf, idOf } from '../pick.ts';

export const HOLED: UserProcess['memory'] = [
  { start: 0x1000_0000n, last: 0x1000_ffffn },
  { start: 0x1001_8000n, last: 0x10ff_ffffn },
];

/** Half of them are root, as in the traces; the others may lock up to 48 pages, some together. */
function processOf(random: Prng, state: MachineState): UserProcess | undefined {
  const others = [...state.contexts.values()].map(context => context.process);
  const known = others.find(({ processId }) => processId !== undefined);
  if (known !== undefined && random.chance(0.5)) return known;
  if (random.chance(0.5)) return undefined;
  const unlimited = random.chance(0.2);
  return {
    memory: random.chance(0.5) ? HOLED : [{ start: 0x1000_0000n, last: 0x10ff_ffffn }],
    capIpcLock: random.chance(0.2),
    capSysResource: random.chance(0.8),
    rlimitMemlock: unlimited ? null : BigInt(random.below(49)) << 12n,
    userId: 1 + random.below(2),
    ...(random.chance(0.6) ? { processId: 1 + random.below(2) } : {}),
  };
}

export function contextOpen(random: Prng, state: MachineState): CommandOf<'ContextOpen'> {
  const process = processOf(random, state);
  return { type: 'ContextOpen', ...(process === undefined ? {} : { process }) };
}

export const CONTEXT_MAKERS = {
  ContextOpen: contextOpen,
  ContextClose: (random, _state, context) => ({
    type: 'ContextClose',
    contextId: contextIdOf(random, context),
  }),
  Destroy: (random, _state, context) => ({
    type: 'Destroy',
    contextId: contextIdOf(random, context),
    id: random.chance(0.4) ? idOf(random, context, 'SELFTEST') : 1 + random.below(24),
  }),
  Option: (random, _state, context) => {
    const empty = context?.objects.size === 0;
    const optionId = empty ? 0 : random.pick([0, 1, 1, 1, 2]);
    return {
      type: 'Option',
      contextId: contextIdOf(random, context),
      optionId,
      op: random.pick(empty ? [0, 0, 0, 1, 2] : [0, 0, 1, 2]),
      objectId: optionId === 1 ? idOf(random, context, 'IOAS') : random.pick([0, 0, 0, 1]),
      val64: random.pick([0n, 1n, 1n, 1n, 2n]),
    };
  },
  VfioIoas: (random, _state, context) => ({
    type: 'VfioIoas',
    contextId: contextIdOf(random, context),
    ioasId: idOf(random, context, 'IOAS'),
    op: random.pick([0, 1, 1, 2, 3]),
  }),
} as const satisfies Makers;
