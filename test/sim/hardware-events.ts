/** Event types of machines with modelled hardware. */
import { ATS_EVENTS } from '../../src/core/hardware/ats/events.ts';
import { DMA_EVENTS } from '../../src/core/hardware/dma/events.ts';
import { STALL_EVENTS } from '../../src/core/hardware/dma/stall-events.ts';
import { GUEST_EVENTS } from '../../src/core/hardware/guest/events.ts';
import { PRI_EVENTS } from '../../src/core/hardware/pri/events.ts';
import { PROGRAM_EVENTS } from '../../src/core/hardware/program/events.ts';
import { PRQ_EVENTS } from '../../src/core/hardware/prq/events.ts';
import { UNIT_EVENTS } from '../../src/core/hardware/unit/events.ts';

export const HARDWARE_EVENT_TYPES: readonly string[] = [
  ATS_EVENTS,
  DMA_EVENTS,
  STALL_EVENTS,
  GUEST_EVENTS,
  PRI_EVENTS,
  PROGRAM_EVENTS,
  PRQ_EVENTS,
  UNIT_EVENTS,
].flatMap(entries => Object.keys(entries));
