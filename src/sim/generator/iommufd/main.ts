/** Random commands on contexts, their options and the objects of every type. */
import type { IommufdContext } from '../../../core/iommufd/state.ts';
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
  const known = [...state.contexts.values()].find(({ process }) => process.processId !== undefined);
  if (known !== undefined && random.chance(0.5)) {
    return known.process;
  }
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

/** Some pages come or go, anywhere in what a process has at first. */
function userMemoryChange(random: Prng, context: IommufdContext | null) {
  const start = 0x1000_0000n + (BigInt(random.below(64)) << 12n);
  const range = { start, last: start + (BigInt(1 + random.below(16)) << 12n) - 1n };
  const added = { ...range, ...(random.chance(0.3) ? { readOnly: true as const } : {}) };
  return {
    type: 'UserMemoryChange' as const,
    contextId: contextIdOf(random, context),
    ...(random.chance(0.5) ? { removed: [range], added: [] } : { removed: [], added: [added] }),
  };
}

export const CONTEXT_MAKERS = {
  UserMemoryChange: (random, _state, context) => userMemoryChange(random, context),
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
