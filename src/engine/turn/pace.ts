/** Reading a log in pieces of a few milliseconds, whatever its operations hold. */
import { askedTurn, TURN_MS, turn } from './turn.ts';

/** Rows of the first piece. */
const FIRST_ROWS = 16;
/** Rows of a piece at most. */
const ROWS_MAX = 1_000;

/** How many rows to read at once, learned from how long the last ones took. */
export class Pace {
  private rows = FIRST_ROWS;
  private readonly turn: () => Promise<void> | null;

  /** `asked`: only while somebody waits for what is read. Errors then: NobodyAsksError. */
  constructor(asked: 'asked' | 'always' = 'always') {
    this.turn = asked === 'asked' ? askedTurn : turn;
  }

  /**
   * What `fetch` gives for at most `most` rows, in the caller's turn. `isLast`: there are no more of
   * them than these.
   */
  async read<T>(
    most: number,
    fetch: (limit: number) => Promise<T[]>,
  ): Promise<{ rows: T[]; isLast: boolean }> {
    const wait = this.turn();
    if (wait !== null) await wait;
    const limit = Math.min(this.rows, most);
    const began = performance.now();
    const rows = await fetch(limit);
    const ms = performance.now() - began;
    if (ms > TURN_MS / 2) this.rows = Math.max(1, Math.floor(limit / 2));
    else if (ms < TURN_MS / 8) this.rows = Math.min(ROWS_MAX, this.rows * 2);
    return { rows, isLast: rows.length < limit };
  }
}
