/** Random commands on fault queues: read, written, polled, closed. */
import type { IommufdContext } from '../../../core/iommufd/state.ts';
import type { CommandOf } from '../../../core/machine/command.ts';
import type { MachineState } from '../../../core/machine/state.ts';
import type { Prng } from '../../prng.ts';
import type { Makers } from '../maker.ts';
import { contextIdOf, emulatedPri, faultIdOf, idOf } from '../pick.ts';

/** Where user memory ends, and where there is none. */
const BUFFERS_MISSING = [0x10ff_ffd8n, 0x10ff_fff0n, 0x2000_0000n];

function faultWrite(
  random: Prng,
  state: MachineState,
  context: IommufdContext | null,
): CommandOf<'FaultWrite'> {
  const faultId = faultIdOf(random, context, queue => queue.awaitingResponse.size > 0);
  const faultQueue = context?.objects.get(faultId);
  const known = faultQueue?.type === 'FAULT' ? [...faultQueue.awaitingResponse.keys()] : [];
  const responses = Array.from({ length: random.below(4) }, () => ({
    cookie: known.length > 0 && random.chance(0.9) ? random.pick(known) : random.below(5),
    code: emulatedPri(state) && random.chance(0.5) ? 2 : random.pick([0, 0, 0, 1, 1, 2]),
  }));
  const exact = responses.length * 8;
  const count = random.chance(0.9) ? exact : exact + random.pick([1, 8, 4]);
  const contextId = contextIdOf(random, context);
  return { type: 'FaultWrite', contextId, faultId, count, responses };
}

export const FAULT_MAKERS = {
  FaultQueueAlloc: (random, _state, context) => ({
    type: 'FaultQueueAlloc',
    contextId: contextIdOf(random, context),
    flags: random.chance(0.1) ? 1 : 0,
  }),
  FaultRead: (random, _state, context) => ({
    type: 'FaultRead',
    contextId: contextIdOf(random, context),
    faultId: faultIdOf(random, context, ({ deliver }) => deliver.length > 0),
    count: random.pick([0, 39, 40, 40, 80, 120, 400, 4000, 0x7fff_ffff]),
    reader: random.pick(['READ', 'HANDLER']),
    // Room for one message, for part of one, or for none.
    ...(random.chance(0.2) ? { bufVa: random.pick(BUFFERS_MISSING) } : {}),
  }),
  FaultWrite: faultWrite,
  FaultPoll: (random, _state, context) => ({
    type: 'FaultPoll',
    contextId: contextIdOf(random, context),
    faultId: idOf(random, context, 'FAULT'),
  }),
  FaultClose: (random, _state, context) => ({
    type: 'FaultClose',
    contextId: contextIdOf(random, context),
    faultId: idOf(random, context, 'FAULT'),
  }),
} as const satisfies Makers;
