/** Stretches of the log in sums, at the screen's resolution; kept while they are looked at. */
import { signal } from '@preact/signals';
import { OverviewDocument, type OverviewQuery } from '../documents.ts';
import { ask, wordsOf } from './server.ts';

type Columns = OverviewQuery['machine']['overview'];

/** The sums of a stretch, in arrays of one length: a number a bucket. */
export interface Sums {
  /** The first seq of each bucket, and the last. */
  readonly first: Uint32Array;
  readonly last: Uint32Array;
  /** Events by layer, in the order of LAYERS. */
  readonly layers: readonly [Uint32Array, Uint32Array, Uint32Array, Uint32Array];
  /** The most groups at once that nobody had read, and that were read and not answered. */
  readonly waiting: Uint32Array;
  readonly held: Uint32Array;
}

export interface Stretch {
  readonly machine: string;
  readonly from: number;
  readonly to: number;
}

/** Buckets a stretch is asked for in: two pixels each on a usual screen. */
const BUCKETS = 600;
/** A stretch that grows is asked for again when it has grown by this part. */
const GROWN = 0.02;

export function sumsOf({ from, seq, ...columns }: Columns): Sums {
  const last = Uint32Array.from(seq);
  const first = Uint32Array.from(seq, (_, index) => (seq[index - 1] ?? from) + 1);
  const { userSpace, iommufd, iommuCore, hardware, waiting, held } = columns;
  const column = (values: readonly number[]) => Uint32Array.from(values);
  return {
    first,
    last,
    layers: [column(userSpace), column(iommufd), column(iommuCore), column(hardware)],
    waiting: column(waiting),
    held: column(held),
  };
}

/** One stretch that is shown: the last answer stays until the next is there; one request at a time. */
export class ShownStretch {
  readonly sums = signal<(Sums & { readonly stretch: Stretch }) | null>(null);
  readonly problem = signal<string | null>(null);
  private wanted: Stretch | null = null;
  private underWay = false;

  /** Asks for it, unless what is here is nearly that. */
  want(stretch: Stretch): void {
    const here = this.sums.peek()?.stretch;
    if (here !== undefined && isNear(here, stretch)) return;
    this.wanted = stretch;
    if (!this.underWay) void this.fulfil();
  }

  private async fulfil(): Promise<void> {
    this.underWay = true;
    while (this.wanted !== null) {
      const stretch = this.wanted;
      this.wanted = null;
      const { machine: machineId, from, to } = stretch;
      try {
        const { machine } = await ask(OverviewDocument, { machineId, from, to, buckets: BUCKETS });
        this.sums.value = { ...sumsOf(machine.overview), stretch };
        this.problem.value = null;
      } catch (error) {
        this.problem.value = wordsOf(error);
      }
    }
    this.underWay = false;
  }
}

function isNear(here: Stretch, wanted: Stretch): boolean {
  if (here.machine !== wanted.machine || here.from !== wanted.from) return false;
  const grown = wanted.to - here.to;
  return grown === 0 || (grown > 0 && here.to > 5_000 && grown < here.to * GROWN);
}
