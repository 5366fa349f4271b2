/** Devices' programs and how they ask for pages, as inputs. Errors name the field and its bound. */
import {
  DMA_PAGES_MAX,
  DMA_RETRIES_DEFAULT,
  DMA_RETRIES_MAX,
  DMAS_PER_DEVICE_MAX,
  PAGES_PER_GROUP_MAX,
  PROGRAM_OPS_MAX,
  PROGRAM_PASIDS_MAX,
  PROGRAM_REPEAT_MAX,
  TICKS_MAX,
} from '../../abi/limits.ts';
import { ULONG_MAX } from '../../abi/uapi.ts';
import type {
  DmaOptions,
  PrgIndexChoice,
  ProgramOp,
  ProgramOpKind,
  ProgramOptions,
} from '../../core/hardware/function/state.ts';
import { badInput } from '../builder/bad-input.ts';
import { builder } from '../builder/builder.ts';
import { OnInvalidEnum, PrgIndexEnum, ProgramOpEnum } from './enums.ts';

/** Errors: BAD_USER_INPUT, not between the bounds. */
export function checkWithin(path: string, value: number, low: number, high: number): number {
  if (!Number.isInteger(value) || value < low || value > high) {
    throw badInput(`"${path}" must be from ${low} to ${high}, not ${value}`);
  }
  return value;
}

/** Errors: BAD_USER_INPUT, no bytes, too many pages, past the end of the space. */
export function checkRange(path: string, iova: bigint, length: bigint): void {
  const last = iova + length - 1n;
  if (length === 0n) throw badInput(`"${path}.length" must not be 0`);
  if (last > ULONG_MAX) throw badInput(`"${path}.length" reaches past the end of the space`);
  const pages = (last >> 12n) - (iova >> 12n) + 1n;
  if (pages > BigInt(DMA_PAGES_MAX)) {
    throw badInput(`"${path}.length" may be at most ${DMA_PAGES_MAX} pages, not ${pages}`);
  }
}

const ASKING = {
  pagesPerGroup: {
    defaultValue: 1,
    description: `Page requests of one group at most, from 1 to ${PAGES_PER_GROUP_MAX}.`,
  },
  retryLimit: {
    defaultValue: DMA_RETRIES_DEFAULT,
    description: `Answers of SUCCESS after which a page may still be missing, from 1 to ${DMA_RETRIES_MAX}.`,
  },
  timeoutTicks: {
    description: `Ticks after which it gives up, from 1 to ${TICKS_MAX}. Left out: it waits for ever.`,
  },
} as const;

export const DmaOptionsInput = builder.inputType('DmaOptionsInput', {
  description: 'How a device asks for missing pages, and when it gives up.',
  fields: t => ({
    pagesPerGroup: t.int(ASKING.pagesPerGroup),
    prgIndex: t.field({
      type: PrgIndexEnum,
      defaultValue: 'NEXT_FREE',
      description: 'Which group index it takes.',
    }),
    fixedIndex: t.field({ type: 'PrgIndex', description: 'The index of FIXED.' }),
    retryLimit: t.int(ASKING.retryLimit),
    timeoutTicks: t.int(ASKING.timeoutTicks),
  }),
});

interface OptionsInput {
  readonly pagesPerGroup?: number | null | undefined;
  readonly prgIndex?: PrgIndexChoice['kind'] | null | undefined;
  readonly fixedIndex?: number | null | undefined;
  readonly retryLimit?: number | null | undefined;
  readonly timeoutTicks?: number | null | undefined;
}

export function dmaOptions(input: OptionsInput | null | undefined, path: string): DmaOptions {
  const kind = input?.prgIndex ?? 'NEXT_FREE';
  const fixed = input?.fixedIndex ?? null;
  if ((kind === 'FIXED') !== (fixed !== null)) {
    throw badInput(`"${path}.fixedIndex" must be given with prgIndex FIXED, and only with it`);
  }
  const timeout = input?.timeoutTicks ?? null;
  return {
    pagesPerGroup: checkWithin(
      `${path}.pagesPerGroup`,
      input?.pagesPerGroup ?? 1,
      1,
      PAGES_PER_GROUP_MAX,
    ),
    prgIndex: kind === 'FIXED' ? { kind, index: fixed ?? 0 } : { kind },
    retryLimit: checkWithin(
      `${path}.retryLimit`,
      input?.retryLimit ?? DMA_RETRIES_DEFAULT,
      1,
      DMA_RETRIES_MAX,
    ),
    timeoutTicks:
      timeout === null ? null : checkWithin(`${path}.timeoutTicks`, timeout, 1, TICKS_MAX),
  };
}

export const ProgramOptionsInput = builder.inputType('DeviceProgramOptionsInput', {
  description: 'How a device runs its program.',
  fields: t => ({
    pagesPerGroup: t.int(ASKING.pagesPerGroup),
    prgIndex: t.field({
      type: PrgIndexEnum,
      defaultValue: 'NEXT_FREE',
      description: 'Which group index it takes.',
    }),
    fixedIndex: t.field({ type: 'PrgIndex', description: 'The index of FIXED.' }),
    retryLimit: t.int(ASKING.retryLimit),
    timeoutTicks: t.int(ASKING.timeoutTicks),
    maxOutstanding: t.int({
      defaultValue: 1,
      description: `DMAs in flight at most, from 1 to ${DMAS_PER_DEVICE_MAX}.`,
    }),
    onInvalid: t.field({
      type: OnInvalidEnum,
      defaultValue: 'STOP',
      description: 'What it does when a DMA fails.',
    }),
    pasids: t.field({
      type: ['Pasid'],
      description: `PASIDs that operations without one take in turn, from 1 to ${PROGRAM_PASIDS_MAX}. Left out: none.`,
    }),
  }),
});

export function programOptions(
  input: typeof ProgramOptionsInput.$inferInput | null | undefined,
  path: string,
): ProgramOptions {
  const pasids = input?.pasids ?? null;
  if (pasids !== null && (pasids.length === 0 || pasids.length > PROGRAM_PASIDS_MAX)) {
    throw badInput(
      `"${path}.pasids" must have from 1 to ${PROGRAM_PASIDS_MAX} entries, not ${pasids.length}`,
    );
  }
  return {
    ...dmaOptions(input, path),
    maxOutstanding: checkWithin(
      `${path}.maxOutstanding`,
      input?.maxOutstanding ?? 1,
      1,
      DMAS_PER_DEVICE_MAX,
    ),
    onInvalid: input?.onInvalid ?? 'STOP',
    pasids: pasids ?? [],
  };
}

export const ProgramOpInput = builder.inputType('DeviceProgramOpInput', {
  description: 'One step of a device’s program; which fields it takes depends on its kind.',
  fields: t => ({
    op: t.field({ type: ProgramOpEnum, required: true, description: 'What it does.' }),
    iova: t.field({ type: 'HexU64', description: 'READ, WRITE, COPY, ECHO, TRANSLATE, EXPECT.' }),
    toIova: t.field({ type: 'HexU64', description: 'COPY: where to.' }),
    length: t.field({
      type: 'HexU64',
      description: `With iova: bytes, at most ${DMA_PAGES_MAX} pages.`,
    }),
    fill: t.int({ description: 'WRITE and EXPECT: each byte, from 0 to 255. Left out: 0.' }),
    write: t.boolean({
      defaultValue: false,
      description: 'TRANSLATE: with the intent to write.',
    }),
    pasid: t.field({
      type: 'Pasid',
      description: 'All but BARRIER and REPEAT. Left out: the program’s next one, or none.',
    }),
    count: t.int({ description: `REPEAT: from 1 to ${PROGRAM_REPEAT_MAX}.` }),
  }),
});

const RANGE = ['iova', 'length'];
/** What each kind of operation takes beside `op`; all but `fill`, `write` and `pasid` must be given. */
const FIELDS: Readonly<Record<ProgramOpKind, readonly string[]>> = {
  READ: [...RANGE, 'pasid'],
  WRITE: [...RANGE, 'fill', 'pasid'],
  COPY: [...RANGE, 'toIova', 'pasid'],
  ECHO: [...RANGE, 'pasid'],
  TRANSLATE: [...RANGE, 'write', 'pasid'],
  EXPECT: [...RANGE, 'fill', 'pasid'],
  STOP: ['pasid'],
  BARRIER: [],
  REPEAT: ['count'],
};
const MAY_LACK = ['fill', 'write', 'pasid'];

/** Errors: BAD_USER_INPUT, by the name of the field; also a STOP for which there is no PASID. */
export function programOps(
  inputs: readonly (typeof ProgramOpInput.$inferInput)[],
  path: string,
  { pasids }: ProgramOptions,
): ProgramOp[] {
  if (inputs.length === 0 || inputs.length > PROGRAM_OPS_MAX) {
    throw badInput(
      `"${path}" must have from 1 to ${PROGRAM_OPS_MAX} entries, not ${inputs.length}`,
    );
  }
  return inputs.map((input, i) => {
    const here = `${path}[${i}]`;
    const op = programOp(input, here);
    if (op.op === 'STOP' && op.pasid === null && pasids.length === 0) {
      throw badInput(`"${here}.pasid" must be given with STOP, or the options need pasids`);
    }
    if (op.op === 'REPEAT' && (i === 0 || inputs[i - 1]!.op === 'REPEAT')) {
      throw badInput(`"${here}": a REPEAT needs an operation before it to repeat`);
    }
    return op;
  });
}

function programOp(input: typeof ProgramOpInput.$inferInput, path: string): ProgramOp {
  const { op, write, ...values } = input;
  const given = { ...values, ...(write ? { write } : {}) };
  const taken = FIELDS[op];
  for (const [field, value] of Object.entries(given)) {
    if (value === null || value === undefined || taken.includes(field)) continue;
    throw badInput(`"${path}.${field}" means nothing with ${op}: leave it out`);
  }
  const missing = taken.find(
    field => !MAY_LACK.includes(field) && (input[field as keyof typeof input] ?? null) === null,
  );
  if (missing !== undefined) throw badInput(`"${path}.${missing}" must be given with ${op}`);
  const { iova = null, toIova = null, length = null, count = null, pasid = null } = values;
  if (iova !== null && length !== null) checkRange(path, iova, length);
  if (toIova !== null && length !== null) checkRange(path, toIova, length);
  if (count !== null) checkWithin(`${path}.count`, count, 1, PROGRAM_REPEAT_MAX);
  const fill = taken.includes('fill')
    ? checkWithin(`${path}.fill`, values.fill ?? 0, 0, 255)
    : null;
  return { op, iova, toIova, length, fill, write: write ?? false, pasid, count };
}
