/** The ledger of modelled hardware: each event meets all parts, then the operation's end does. */
import type { Event } from '../../../core/machine/event.ts';
import { evolve } from '../../../core/machine/evolve.ts';
import type { Outcome } from '../../../core/machine/operation.ts';
import type { MachineState } from '../../../core/machine/state.ts';
import { CacheLedger } from './caches.ts';
import { CreditLedger } from './credits.ts';
import { DmaLedger } from './dmas.ts';
import { HazardLedger } from './hazards.ts';
import { checkWritten } from './moves.ts';
import { type LedgerPart, modelled } from './part.ts';
import { QueueLedger } from './queues.ts';
import { TimeLedger } from './registers.ts';
import { RequestLedger } from './requests.ts';
import { StallLedger } from './stalls.ts';

export class HardwareLedger {
  private readonly parts: readonly LedgerPart[];

  constructor() {
    const requests = new RequestLedger();
    this.parts = [
      requests,
      new QueueLedger(requests),
      new CreditLedger(requests),
      new StallLedger(requests),
      new DmaLedger(),
      new CacheLedger(),
      new TimeLedger(),
      new HazardLedger(),
    ];
  }

  /**
   * What is wrong about an operation. `state`: the one it ran on; the events, as they are stored,
   * are applied to it. `failed`: an allocation did.
   */
  check(
    state: MachineState,
    stored: readonly Event[],
    outcome: Outcome,
    failed: boolean,
  ): string[] {
    const wrong: string[] = [];
    for (const [i, event] of stored.entries()) {
      const moment = { before: state, event, rest: stored.slice(i + 1), outcome };
      for (const part of this.parts) wrong.push(...part.follow(moment));
      wrong.push(...apply(state, event));
    }
    for (const part of this.parts) wrong.push(...part.settle(state, outcome, failed));
    return wrong;
  }
}

function apply(state: MachineState, event: Event): string[] {
  if (event.type !== 'DmaCompleted') {
    evolve(state, event);
    return [];
  }
  const { deviceNo, dmaId } = event;
  const request = event.request ?? modelled(state, deviceNo)?.hardware.dmas.get(dmaId)?.request;
  evolve(state, event);
  return request === undefined ? [] : checkWritten(state, event, request);
}
