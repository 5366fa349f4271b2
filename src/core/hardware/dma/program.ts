/**
 * Programs of devices: what one is made of, and what has to be right about it before it is loaded.
 * They are what the public test devices do (SamsungDS/iommutests, libvfn's iopf example) and more.
 */

/** One operation of a program. Addresses are IOVAs; bounds are checked by `badProgram`. */
export type ProgramOp =
  /** Reads a range, or fills it with a byte. */
  | { readonly op: 'READ'; readonly iova: bigint; readonly length: number; readonly pasid: Pasid }
  | {
      readonly op: 'WRITE';
      readonly iova: bigint;
      readonly length: number;
      readonly pasid: Pasid;
      /** 0 to 255. */
      readonly fill: number;
    }
  /** Reads one range and writes what it read to another. */
  | {
      readonly op: 'COPY';
      readonly from: bigint;
      readonly to: bigint;
      readonly length: number;
      readonly pasid: Pasid;
    }
  /** Reads a range and, when that is done, writes it back: the device of iommutests. */
  | { readonly op: 'ECHO'; readonly iova: bigint; readonly length: number; readonly pasid: Pasid }
  /** Asks for translations (ATS) and uses none. */
  | {
      readonly op: 'TRANSLATE';
      readonly iova: bigint;
      readonly length: number;
      readonly pasid: Pasid;
      readonly write: boolean;
    }
  /** Sends the stop marker of a PASID. */
  | { readonly op: 'STOP'; readonly pasid: number }
  /** Waits until everything before it has ended. */
  | { readonly op: 'BARRIER' }
  /** Runs what comes before it again, from the last REPEAT or the start on. */
  | { readonly op: 'REPEAT'; readonly times: number }
  /** The first byte of the range last read, if it is all one byte; else the program fails. */
  | { readonly op: 'EXPECT'; readonly fill: number };

/** The PASID prefix, or null for requests without one. */
export type Pasid = number | null;

export interface ProgramOptions {
  /** Page requests outstanding at once; the function's allocation bounds it too. */
  readonly maxOutstanding: number;
  readonly pagesPerGroup: number;
  /** Where group indexes come from; FIXED is a broken device. */
  readonly prgIndex: 'NEXT_FREE' | 'ROUND_ROBIN' | number;
  /** What an Invalid Request does to the program. */
  readonly onInvalid: 'SKIP' | 'STOP';
  /** Times a page is asked for before it is given up. */
  readonly retryLimit: number;
  /** Ticks a DMA may wait; null: for ever. */
  readonly timeoutTicks: number | null;
}

/** Bounds of a program, all inclusive. */
export interface ProgramBounds {
  readonly ops: number;
  /** Pages one operation touches. */
  readonly pages: number;
  readonly repeats: number;
  readonly outstanding: number;
  readonly pagesPerGroup: number;
  readonly retries: number;
  readonly ticks: number;
}

/** What is wrong with a program: the field, and what it has to be. */
export interface BadProgram {
  /** Such as `ops[3].length`. */
  readonly field: string;
  readonly bound: string;
}

export const PROGRAM_OPTIONS_DEFAULT: ProgramOptions = {
  maxOutstanding: 32,
  pagesPerGroup: 1,
  prgIndex: 'NEXT_FREE',
  onInvalid: 'STOP',
  retryLimit: 16,
  timeoutTicks: null,
};

const PASID_MAX = 0xf_ffff;
const PRG_INDEX_MAX = 511;
const PAGE = 4_096n;
const ADDRESS_MAX = (1n << 64n) - 1n;

/** The first thing that is wrong, or null. */
export function badProgram(
  ops: readonly ProgramOp[],
  options: ProgramOptions,
  bounds: ProgramBounds,
): BadProgram | null {
  if (ops.length < 1 || ops.length > bounds.ops) {
    return { field: 'ops', bound: `1 to ${bounds.ops} operations` };
  }
  for (const [place, op] of ops.entries()) {
    const bad = badOp(op, place, bounds);
    if (bad !== null) return { field: `ops[${place}].${bad.field}`, bound: bad.bound };
  }
  return badOptions(options, bounds);
}

function badOp(op: ProgramOp, place: number, bounds: ProgramBounds): BadProgram | null {
  switch (op.op) {
    case 'READ':
    case 'ECHO':
    case 'TRANSLATE':
      return badRange('iova', op.iova, op.length, bounds) ?? badPasid(op.pasid);
    case 'WRITE':
      return badRange('iova', op.iova, op.length, bounds) ?? badPasid(op.pasid) ?? badByte(op.fill);
    case 'COPY':
      return (
        badRange('from', op.from, op.length, bounds) ??
        badRange('to', op.to, op.length, bounds) ??
        badPasid(op.pasid)
      );
    case 'STOP':
      return badPasid(op.pasid);
    case 'EXPECT':
      return badByte(op.fill);
    case 'REPEAT':
      if (place === 0) return { field: 'op', bound: 'something before a REPEAT' };
      return outside('times', op.times, 1, bounds.repeats);
    case 'BARRIER':
      return null;
  }
}

function badRange(
  field: string,
  start: bigint,
  length: number,
  { pages }: ProgramBounds,
): BadProgram | null {
  const bytes = pages * Number(PAGE);
  const badLength = outside('length', length, 1, bytes);
  if (badLength !== null) return badLength;
  const last = start + BigInt(length) - 1n;
  if (start < 0n || last > ADDRESS_MAX) {
    return { field, bound: 'a range within 64 bits of address' };
  }
  const touched = last / PAGE - start / PAGE + 1n;
  return touched > BigInt(pages) ? { field: 'length', bound: `at most ${pages} pages` } : null;
}

function badPasid(pasid: Pasid): BadProgram | null {
  return pasid === null ? null : outside('pasid', pasid, 0, PASID_MAX);
}

const badByte = (fill: number) => outside('fill', fill, 0, 255);

function badOptions(options: ProgramOptions, bounds: ProgramBounds): BadProgram | null {
  const { maxOutstanding, pagesPerGroup, prgIndex, retryLimit, timeoutTicks } = options;
  return (
    outside('maxOutstanding', maxOutstanding, 1, bounds.outstanding) ??
    outside('pagesPerGroup', pagesPerGroup, 1, bounds.pagesPerGroup) ??
    (typeof prgIndex === 'number' ? outside('prgIndex', prgIndex, 0, PRG_INDEX_MAX) : null) ??
    outside('retryLimit', retryLimit, 0, bounds.retries) ??
    (timeoutTicks === null ? null : outside('timeoutTicks', timeoutTicks, 1, bounds.ticks))
  );
}

function outside(field: string, value: number, min: number, max: number): BadProgram | null {
  return Number.isSafeInteger(value) && value >= min && value <= max
    ? null
    : { field, bound: `${min} to ${max}` };
}

/** The IOVAs of the pages a range touches, each with the part of the range in it. */
export function* pagesOf(iova: bigint, length: number) {
  const last = iova + BigInt(length) - 1n;
  for (let at = iova; at <= last; ) {
    const pageLast = at | (PAGE - 1n);
    const end = pageLast < last ? pageLast : last;
    yield { page: at & ~(PAGE - 1n), start: at, last: end };
    at = end + 1n;
  }
}
