/** What happens in a round, as the seed has it. */
import { Prng } from '../../src/sim/prng.ts';
import type { FailingCall } from './disk/control.ts';

export const MODES = ['KILL', 'STOP', 'POWER_LOSS', 'DISK_FULL', 'DISK_FAILING'] as const;
export type Mode = (typeof MODES)[number];

/** Modes that need the library between the server and its disk. */
export const needsPreload = (mode: Mode) => mode !== 'KILL' && mode !== 'STOP';

/** One life of the server. Times in milliseconds. */
export interface LifePlan {
  /** Killed so long after it was started, listening or not; null: not before the load is on. */
  readonly killedAtStartMs: number | null;
  /** Under load before the fault, and operations acknowledged by then at least. */
  readonly loadMs: number;
  readonly acknowledged: number;
  /** STOP: stopped for so long. DISK_*: the disk fails for so long. */
  readonly faultMs: number;
  /** STOP, DISK_*: works again, under load, before the kill; null: is killed as it is. */
  readonly againMs: number | null;
  /** POWER_LOSS: ends by SIGTERM before the power goes. */
  readonly endsItself: boolean;
  /** DISK_FULL: bytes that still fit. */
  readonly spaceBytes: number;
  /** DISK_FAILING: which calls fail, how many succeed before, how many fail; null: all. */
  readonly call: FailingCall;
  readonly skip: number;
  readonly count: number | null;
}

export interface RoundPlan {
  readonly mode: Mode;
  readonly durability: 'normal' | 'full';
  /** The kill is one of the whole machine: what was not flushed may be gone. */
  readonly losesPower: boolean;
  readonly lives: readonly LifePlan[];
}

/** With durability `normal` a flush is rare. */
const CALLS: Readonly<Record<'normal' | 'full', readonly FailingCall[]>> = {
  normal: ['WRITE', 'READ'],
  full: ['WRITE', 'SYNC', 'SYNC', 'READ'],
};

/** Rounds of one seed are independent: each can be run alone. */
export function roundPrng(seed: number, round: number): Prng {
  const prng = new Prng(seed ^ Math.imul(round, 0x9e37_79b1));
  // Neighbours of a seed begin alike.
  for (let i = 0; i < 4; i++) prng.below(2);
  return prng;
}

/** Every five rounds have every mode, in an order of their own. */
export function modeOf(seed: number, round: number): Mode {
  const block = Math.floor((round - 1) / MODES.length);
  const prng = new Prng((seed + 0x51ed_270b) ^ Math.imul(block, 0x85eb_ca6b));
  const left = [...MODES];
  for (let i = (round - 1) % MODES.length; i > 0; i--) left.splice(prng.below(left.length), 1);
  return prng.pick(left);
}

export function planRound(prng: Prng, mode: Mode): RoundPlan {
  const durability = mode === 'POWER_LOSS' || prng.chance(0.5) ? 'full' : 'normal';
  const losesPower =
    mode === 'POWER_LOSS' || (needsPreload(mode) && durability === 'full' && prng.chance(0.5));
  const lives = Array.from({ length: 2 + prng.below(2) }, () => planLife(prng, durability));
  return { mode, durability, losesPower, lives };
}

function planLife(prng: Prng, durability: 'normal' | 'full'): LifePlan {
  return {
    killedAtStartMs: prng.chance(0.2) ? 50 + prng.below(900) : null,
    loadMs: 100 + prng.below(700),
    acknowledged: prng.pick([0, 50, 100 + prng.below(200)]),
    faultMs: 100 + prng.below(500),
    againMs: prng.chance(0.6) ? 100 + prng.below(400) : null,
    endsItself: prng.chance(0.2),
    spaceBytes: prng.pick([0, 100, 5_000, 50_000, 300_000]) + prng.below(5_000),
    call: prng.pick(CALLS[durability]),
    skip: prng.pick([0, 1, 2, prng.below(20), prng.below(100)]),
    count: prng.pick([1, 2, 1 + prng.below(20), null]),
  };
}
