/** What the arguments of DMA by command and of programs must be. */
import {
  DMA_DATA_BYTES_MAX,
  DMA_PAGES_MAX,
  DMA_RETRIES_MAX,
  PAGES_PER_GROUP_MAX,
  PROGRAM_REPEAT_MAX,
  TICKS_MAX,
} from '../../../abi/limits.ts';
import { PRG_INDEX_MAX, ULONG_MAX } from '../../../abi/uapi.ts';
import type { Execution } from '../../machine/execution.ts';
import type { Refusal } from '../../machine/refusal.ts';
import type { ModelledDevice } from '../function/lookup.ts';
import { wrongPasid } from '../function/named.ts';
import type { DmaOptions, ProgramOp, ProgramOptions } from '../function/state.ts';
import { outOfBounds, refuse } from '../refuse.ts';

export function wrongRange(x: Execution, iova: bigint, length: bigint): Refusal | null {
  if (length === 0n) return refuse(x, 'device', 'EINVAL', 'LENGTH_ZERO');
  const wrong = bounded(x, 'pages of length', pagesOf(iova, length), 1, DMA_PAGES_MAX);
  if (wrong !== null || iova + length - 1n <= ULONG_MAX) return wrong;
  const facts = { length, what: 'IOVA', start: iova };
  return refuse(x, 'device', 'EOVERFLOW', 'RANGE_WRAPS', facts);
}

/** Bytes that are given are as many as are written; a read is given none. */
export function wrongData(x: Execution, data: string | undefined, written: number): Refusal | null {
  if (data === undefined) return null;
  const bytes = data.length / 2;
  return (
    bounded(x, 'bytes of data', bytes, written, written) ??
    bounded(x, 'bytes of data', bytes, 0, DMA_DATA_BYTES_MAX)
  );
}

function pagesOf(iova: bigint, length: bigint): number {
  return Number(((iova + length - 1n) >> 12n) - (iova >> 12n)) + 1;
}

export function bounded(x: Execution, argument: string, value: number, low: number, high: number) {
  return outOfBounds(x, 'device', argument, value, low, high);
}

export function wrongOptions(x: Execution, options: DmaOptions): Refusal | null {
  const { pagesPerGroup, retryLimit, timeoutTicks, prgIndex } = options;
  return (
    bounded(x, 'pagesPerGroup', pagesPerGroup, 1, PAGES_PER_GROUP_MAX) ??
    bounded(x, 'retryLimit', retryLimit, 1, DMA_RETRIES_MAX) ??
    (timeoutTicks === null ? null : bounded(x, 'timeoutTicks', timeoutTicks, 1, TICKS_MAX)) ??
    (prgIndex.kind === 'FIXED' ? bounded(x, 'fixedIndex', prgIndex.index, 0, PRG_INDEX_MAX) : null)
  );
}

/** An operation of a program; `path`: where it stands. */
export function wrongOp(
  x: Execution,
  device: ModelledDevice,
  op: ProgramOp,
  { pasids }: ProgramOptions,
  path: string,
): Refusal | null {
  const pasid = wrongPasid(x, device, op.pasid);
  if (pasid !== null) return pasid;
  const needs = (field: string) =>
    refuse(x, 'device', 'EINVAL', 'OP_INCOMPLETE', { argument: `${path}.${field}`, op: op.op });
  switch (op.op) {
    case 'BARRIER':
      return null;
    case 'STOP':
      // The marker says which PASID is used no more.
      return op.pasid === null && pasids.length === 0 ? needs('pasid') : null;
    case 'REPEAT':
      return bounded(x, `${path}.count`, op.count ?? 0, 1, PROGRAM_REPEAT_MAX);
    default: {
      const { iova, toIova, length, fill } = op;
      if (iova === null) return needs('iova');
      if (length === null) return needs('length');
      const copies = op.op === 'COPY';
      if (copies && toIova === null) return needs('toIova');
      const filled = op.op === 'WRITE' || op.op === 'EXPECT';
      return (
        wrongRange(x, iova, length) ??
        (copies && toIova !== null ? wrongRange(x, toIova, length) : null) ??
        (filled ? bounded(x, `${path}.fill`, fill ?? -1, 0, 255) : null)
      );
    }
  }
}
