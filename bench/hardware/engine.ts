/** A cached DMA through the engine, beside a plain command that makes one event too. */
import { join } from 'node:path';
import type { Command, CommandOf } from '../../src/core/machine/command.ts';
import { Engine } from '../../src/engine/machine/engine.ts';
import { openSqliteLog } from '../../src/log/sqlite/sqlite.ts';
import { expectSuccess, MACHINE } from '../engine/workload.ts';
import { atMost, type BenchRow, inDirectory, median, timed } from '../measure.ts';
import { BDF, guestMapping, makingCommands, PAGE } from './modelled-machine.ts';

const ROUNDS = 60;
/** Operations that join one commit. */
const AT_ONCE = 100;
const COMMITS_A_ROUND = 5;
const WARM_UP_ROUNDS = 10;
const BAR = 2;
const IOVA = 1n << 30n;
const PAGES = 64;

export function benchHardwareEngine(): Promise<BenchRow[]> {
  return inDirectory(async directory => {
    const log = await openSqliteLog({ file: join(directory, 'dma.db'), durability: 'normal' });
    const engine = new Engine({ log, now: Date.now });
    const [create, ...making] = makingCommands();
    expectSuccess(await engine.create(MACHINE, create as CommandOf<'MachineCreate'>));
    const mapping = guestMapping(IOVA, 0x8_0000n, BigInt(PAGES) * PAGE);
    for (const command of [...making, mapping]) {
      expectSuccess(await engine.execute(MACHINE, command));
    }
    const times: Record<'ours' | 'bare', number[]> = { ours: [], bare: [] };
    const sides = { ours: dmaOf, bare: () => ADVANCE };
    for (let round = 0; round < WARM_UP_ROUNDS + ROUNDS; round++) {
      for (const side of ['ours', 'bare'] as const) {
        const ms = await timed(() => executeMany(engine, sides[side]));
        if (round >= WARM_UP_ROUNDS) times[side].push(ms);
      }
    }
    await log.close();
    const each = (values: readonly number[]) =>
      (median(values) * 1_000) / (AT_ONCE * COMMITS_A_ROUND);
    const pair = { ours: each(times.ours), bare: each(times.bare) };
    return [atMost('cached DMA through the engine, against hardwareAdvance', 'µs', pair, BAR, 1)];
  });
}

const ADVANCE: Command = { type: 'HardwareAdvance', ticks: 1 };

function dmaOf(i: number): Command {
  const iova = IOVA + BigInt(i % PAGES) * PAGE;
  return { type: 'Dma', bdf: BDF, pasid: null, iova, length: PAGE, write: false, fill: 0 };
}

async function executeMany(engine: Engine, commandOf: (i: number) => Command): Promise<void> {
  for (let commit = 0; commit < COMMITS_A_ROUND; commit++) {
    const commands = Array.from({ length: AT_ONCE }, (_, i) => commandOf(i));
    const done = await Promise.all(commands.map(command => engine.execute(MACHINE, command)));
    for (const operation of done) expectSuccess(operation);
  }
}
