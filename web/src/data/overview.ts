/** Stretches of the log in sums, at the screen's resolution; kept while they are looked at. */
import { OverviewDocument, type OverviewQuery } from '../documents.ts';
import { ask } from './server.ts';
import type { Stretch } from './stretch.ts';

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
  /** When the last operation of each bucket ran, in milliseconds after `startMs` of the epoch. */
  readonly ms: Float64Array;
  readonly startMs: number;
}

/** Buckets a stretch is asked for in: two pixels each on a usual screen. */
const BUCKETS = 600;
/** The most that there are: of views that show single events, one is one event. */
const BUCKETS_MAX = 2_000;
/** A stretch that grows is asked for again when it has grown by this part. */
const GROWN = 0.02;

function sumsOf({ from, seq, lastMs, startAt, ...columns }: Columns): Sums {
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
    ms: Float64Array.from(lastMs),
    startMs: Date.parse(startAt ?? '1970-01-01'),
  };
}

async function read(stretch: Stretch, buckets: number): Promise<Sums> {
  const { machine: machineId, from, to } = stretch;
  const { machine } = await ask(OverviewDocument, { machineId, from, to, buckets });
  return sumsOf(machine.overview);
}

export const readSums = (stretch: Stretch) => read(stretch, BUCKETS);

/** Sums of so few events that each has a bucket, for what differs from one to the next. */
export const readFineSums = (stretch: Stretch) => read(stretch, BUCKETS_MAX);

/** Whether sums of one stretch will do for another: a long machine has grown by little. */
export function isNearly(here: Stretch, wanted: Stretch): boolean {
  if (here.machine !== wanted.machine || here.from !== wanted.from) return false;
  const grown = wanted.to - here.to;
  return grown === 0 || (grown > 0 && here.to > 5_000 && grown < here.to * GROWN);
}
