/**
 * What was counted of one machine's events, block by block: made of what the log keeps of it and of
 * the events after that, and kept up by commits from then on.
 */
import type { Operation } from '../../core/machine/operation.ts';
import type { CountedBlock, Log } from '../../log/log.ts';
import type { Engine } from '../machine/engine.ts';
import { UnknownMachineError } from '../machine/errors.ts';
import { readEventPages } from '../machine/event-pages.ts';
import type { Machine } from '../machine/machine.ts';
import type { History } from '../past/history.ts';
import { turn } from '../turn/turn.ts';
import { type Block, BlockCounter, COLUMNS, COUNTS_VERSION, openGroups } from './counts.ts';

/** Events of one block. */
export const BLOCK_EVENTS = 256;
/** Blocks that are kept in one transaction: with `full` each costs a flush of the disk. */
const BLOCKS_A_PUT = 16;
/** Kept blocks read at a time. */
const BLOCKS_A_READ = 256;

export class OverviewTable {
  readonly blocks: Block[] = [];
  readonly life: object;
  private readonly log: Log;
  private readonly machineId: string;
  private counter: BlockCounter | null = null;
  /** Number of the last operation counted. */
  private number = 0;
  /** Blocks that the log has. */
  private put = 0;
  /** Who counts now. */
  private attached: Machine | null = null;
  private making: Promise<void> | null = null;

  constructor(log: Log, machineId: string, life: object) {
    this.log = log;
    this.machineId = machineId;
    this.life = life;
  }

  /** The block under way; null if nothing was counted in it. */
  get underWay() {
    return this.counter?.underWay ?? null;
  }

  /**
   * Counts what is not counted, whoever asks for it. Errors: UnknownMachineError, also if the machine
   * was made anew.
   */
  async upToDate(engine: Engine, history: History): Promise<void> {
    for (;;) {
      const machine = await engine.settled(this.machineId);
      if (machine.life !== this.life) throw new UnknownMachineError(machine.machineId);
      if (this.attached === machine && machine.counted === this.take) return;
      this.making ??= this.make(history).finally(() => {
        this.making = null;
      });
      await this.making;
      if (this.number === machine.committed && !machine.gone) this.attach(machine);
    }
  }

  /** Commits are not counted any more. */
  detach(): void {
    if (this.attached?.counted === this.take) this.attached.counted = null;
    this.attached = null;
  }

  private attach(machine: Machine): void {
    machine.counted = this.take;
    this.attached = machine;
  }

  /** An operation was committed. */
  private readonly take = (operation: Operation): void => {
    const { number, seqBefore, seq, atMs, errno, events } = operation;
    this.number = number;
    this.counter?.take({ number, seqBefore, seq, atMs, refused: errno !== 0, events });
    if (this.blocks.length - this.put >= BLOCKS_A_PUT) this.keep();
  };

  private async make(history: History): Promise<void> {
    const { machineId } = this;
    if (this.counter === null) await this.load(history);
    for await (const page of readEventPages(this.log, machineId, this.number, undefined, false)) {
      for (const operation of page) {
        this.number = operation.number;
        this.counter?.take(operation);
      }
      if (this.blocks.length - this.put >= BLOCKS_A_PUT) this.keep();
    }
  }

  /** What the log keeps, and the state from which to count on. */
  private async load(history: History): Promise<void> {
    const { machineId } = this;
    for (;;) {
      const first = this.blocks.length;
      const range = { first, limit: BLOCKS_A_READ, version: COUNTS_VERSION };
      const kept = await this.log.blocks(machineId, range);
      for (const row of kept) this.blocks.push(blockOf(row));
      if (kept.length < BLOCKS_A_READ) break;
      await turn();
    }
    this.put = this.blocks.length;
    const start = this.put * BLOCK_EVENTS;
    const open = openGroups(await history.stateAt(machineId, start));
    // The operation with which the last block was over has its other events after it.
    this.number = (this.blocks.at(-1)?.number ?? 1) - 1;
    this.counter = new BlockCounter(BLOCK_EVENTS, start, open, block => this.blocks.push(block));
  }

  /** Gives the log what it has not; without it, it is counted again. */
  private keep(): void {
    const rows = this.blocks.slice(this.put).map((block, index) => rowOf(block, this.put + index));
    this.put = this.blocks.length;
    this.log.putBlocks(this.machineId, rows).catch(() => {
      // What keeps them from being written keeps operations from it, too, and there it is an error.
    });
  }
}

function rowOf({ number, firstAtMs, lastAtMs, counts }: Block, block: number): CountedBlock {
  const text = JSON.stringify([firstAtMs, lastAtMs, ...counts]);
  return { block, number, version: COUNTS_VERSION, counts: text };
}

function blockOf({ block, number, counts: text }: CountedBlock): Block {
  const [firstAtMs = 0, lastAtMs = 0, ...counts] = JSON.parse(text) as number[];
  if (counts.length !== COLUMNS.length) throw new Error(`counted block ${block} has other columns`);
  return { seq: (block + 1) * BLOCK_EVENTS, number, firstAtMs, lastAtMs, counts };
}
