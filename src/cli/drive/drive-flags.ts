/** The flags of `faultline drive`, which scenario files have as fields. */
import { readFileSync } from 'node:fs';
import { PASID_MAX } from '../../abi/uapi.ts';
import { UsageError } from '../commands/run-command.ts';
import type { PagesOptions } from './pages.ts';

export type Flags = { readonly [name: string]: string | undefined };

export interface DriveSettings {
  readonly bdf: string;
  readonly rate: number;
  readonly pages: PagesOptions;
  readonly groupsMax: number | null;
  readonly timeMs: number | null;
}

export const RATE_MAX = 100_000;
/** Pages of a group: what one read of a handler of the README can take. */
export const GROUP_SIZE_MAX = 512;
const PASIDS_MAX = 1_000;
const DEFAULTS = {
  device: '0000:01:00.0',
  rate: '100',
  pages: 'random',
  range: '0x10000000-0x10ffffff',
  pasids: '',
  'group-size': '1',
  until: '10s',
  seed: '1',
} as const;

/** Errors: UsageError, which names the flag. */
export function parseDrive(given: Flags): DriveSettings {
  const flags = { ...DEFAULTS, ...withoutUndefined(given) };
  const bdf = matched('device', flags.device, /^[0-9a-f]{4}:[0-9a-f]{2}:[01][0-9a-f]\.[0-7]$/, {
    like: 'a PCI address such as 0000:01:00.0',
  });
  const [first, last] = rangeOf(flags.range);
  const [sizeMin, sizeMax] = sizesOf(flags['group-size']);
  const { order, listed } = pagesOf(flags.pages);
  return {
    bdf,
    rate: numberIn('rate', flags.rate, 1, RATE_MAX),
    pages: {
      order,
      listed,
      first,
      last,
      pasids: pasidsOf(flags.pasids),
      sizeMin,
      sizeMax,
      seed: numberIn('seed', flags.seed, 1, 999_999_999),
    },
    ...untilOf(flags.until),
  };
}

/** The flags that were given. */
export function withoutUndefined(flags: Flags): Readonly<Record<string, string>> {
  const entries = Object.entries(flags).filter(([, value]) => value !== undefined);
  return Object.fromEntries(entries) as Readonly<Record<string, string>>;
}

function matched(flag: string, text: string, form: RegExp, { like }: { like: string }): string {
  if (form.test(text)) return text;
  throw new UsageError(`--${flag}: expected ${like}, not "${text}"`);
}

function numberIn(flag: string, text: string, low: number, high: number): number {
  const value = /^\d{1,9}$/.test(text) ? Number(text) : Number.NaN;
  if (value >= low && value <= high) return value;
  throw new UsageError(`--${flag}: expected a whole number from ${low} to ${high}, not "${text}"`);
}

/** Milliseconds that the last answers are waited for. Errors: UsageError. */
export function graceOf(text: string): number {
  return Number(matched('grace', text, /^\d{1,7}$/, { like: 'milliseconds' }));
}

function rangeOf(text: string): readonly [bigint, bigint] {
  const like = 'a range such as 0x10000000-0x10ffffff, both ends in it';
  matched('range', text, /^0x[0-9a-f]{1,16}-0x[0-9a-f]{1,16}$/i, { like });
  const [first, last] = text.split('-').map(BigInt) as [bigint, bigint];
  if (first <= last && (first & 0xfffn) === 0n) return [first, last];
  throw new UsageError(`--range: expected ${like}, the first page aligned, not "${text}"`);
}

function sizesOf(text: string): readonly [number, number] {
  matched('group-size', text, /^\d{1,3}(-\d{1,3})?$/, { like: 'pages such as 4 or 1-8' });
  const [low, high = low] = text.split('-').map(Number) as [number, number?];
  if (low >= 1 && low <= high && high <= GROUP_SIZE_MAX) return [low, high];
  throw new UsageError(`--group-size: expected from 1 to ${GROUP_SIZE_MAX} pages, not "${text}"`);
}

function pasidsOf(text: string): readonly number[] {
  if (text === '') return [];
  const pasids = text.split(',').map(one => numberIn('pasids', one, 0, PASID_MAX));
  if (pasids.length <= PASIDS_MAX) return pasids;
  throw new UsageError(`--pasids: expected at most ${PASIDS_MAX} of them, not ${pasids.length}`);
}

function pagesOf(text: string): Pick<PagesOptions, 'order' | 'listed'> {
  if (text === 'random' || text === 'sequential') return { order: text, listed: [] };
  let lines: string[];
  try {
    lines = readFileSync(text, 'utf8').split('\n');
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    throw new UsageError(
      `--pages: expected random, sequential, or a file of addresses, not "${text}" (${code})`,
    );
  }
  const addresses = lines.map(line => line.trim()).filter(line => line !== '' && line[0] !== '#');
  const wrong = addresses.find(line => !/^0x[0-9a-f]{1,16}$/i.test(line));
  if (wrong !== undefined || addresses.length === 0) {
    throw new UsageError(
      `--pages: "${text}" must have an address such as 0x10000 on each line${wrong === undefined ? '' : `, not "${wrong}"`}`,
    );
  }
  return { order: 'file', listed: addresses.map(BigInt) };
}

function untilOf(text: string): Pick<DriveSettings, 'groupsMax' | 'timeMs'> {
  const [, count, unit] = /^(\d{1,7})(ms|s|m|groups)$/.exec(text) ?? [];
  if (unit === undefined || Number(count) === 0) {
    throw new UsageError(
      `--until: expected a time or a number such as 10s, 2m, 1000groups, not "${text}"`,
    );
  }
  if (unit === 'groups') return { groupsMax: Number(count), timeMs: null };
  const ms = { ms: 1, s: 1_000, m: 60_000 }[unit as 'ms' | 's' | 'm'];
  return { groupsMax: null, timeMs: Number(count) * ms };
}
