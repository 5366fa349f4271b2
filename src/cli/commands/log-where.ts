/** Which operations `faultline log` prints. */
import { ERRNO } from '../../abi/errno.ts';
import { namesAddress } from '../../core/explain/names-address.ts';
import { commandNames, eventNames, idsNamed } from '../../core/explain/naming.ts';
import type { ObjectKind } from '../../core/explain/object-fields.ts';
import { OBJECT_KINDS, type ObjectKey } from '../../core/explain/object-key.ts';
import { CORE_RESPONSE } from '../../core/hardware/vendors/formats.ts';
import type { Event } from '../../core/machine/event.ts';
import type { Operation } from '../../core/machine/operation.ts';
import type { IovaRange } from '../../core/memory/iova-range.ts';
import { argumentsText } from '../../engine/find/search.ts';
import { eventsOf } from '../../engine/follow/follow.ts';
import { deviceAdded } from '../../engine/past/device-names.ts';
import { operationText } from '../print/log-text.ts';
import { UsageError } from './run-command.ts';

export const CODES = Object.keys(CORE_RESPONSE);

type Fits = (operation: Operation) => boolean;

export interface Where {
  /** Takes each operation once, in order. */
  readonly fits: Fits;
  /** Once all were taken: that the object asked for never was, and what was near it; or null. */
  readonly neverWas: () => string | null;
}

/** Objects named to who asked for one that never was. */
const NEAR_MAX = 8;

/** What the physical devices are called, learned on the way. */
export class Names {
  private readonly byNo = new Map<number, string>();
  readonly of = (deviceNo: number): string | null => this.byNo.get(deviceNo) ?? null;

  learn(events: readonly Event[]): void {
    for (const event of events) {
      const added = deviceAdded(event);
      if (added !== null) this.byNo.set(...added);
    }
  }

  text(): string {
    const all = [...new Set(this.byNo.values())];
    const more = all.length > NEAR_MAX ? ', …' : '';
    return all.length === 0
      ? 'nor any device'
      : `there were ${all.slice(0, NEAR_MAX).join(', ')}${more}`;
  }

  /** The numbers that had the name so far: a function may go and come back. */
  numbersOf(name: string): number[] {
    return [...this.byNo].filter(([, is]) => is === name).map(([deviceNo]) => deviceNo);
  }
}

interface Wanted {
  readonly grep?: string | undefined;
  readonly object?: string | undefined;
  readonly addr?: string | undefined;
  readonly code?: string | undefined;
  readonly errno?: string | undefined;
  readonly since?: string | undefined;
}

/** All that is wanted together. Errors: UsageError. */
export function whereOf(wanted: Wanted, names: Names): Where {
  const { object, addr } = wanted;
  const sought = object === undefined ? null : soughtOf(object, names);
  // These learn from each operation, so both are asked whatever the other says.
  const learning: Fits[] = sought === null ? [] : [sought.fits];
  if (addr !== undefined) learning.push(aboutAddresses(addressesOf(addr)));
  const conditions = conditionsOf(wanted, names);
  const fits = (operation: Operation) =>
    learning.map(is => is(operation)).every(is => is) && conditions.every(is => is(operation));
  return { fits, neverWas: () => sought?.neverWas() ?? null };
}

function conditionsOf({ grep, code, errno, since }: Wanted, names: Names): Fits[] {
  const conditions: Fits[] = [];
  if (since !== undefined) {
    const fromMs = timeOf(since);
    conditions.push(({ atMs }) => atMs >= fromMs);
  }
  if (errno !== undefined) {
    const wanted = errno.toUpperCase();
    if (wanted !== 'ANY' && !Object.hasOwn(ERRNO, wanted)) {
      const names = Object.keys(ERRNO).join(' ');
      throw new UsageError(`--errno: expected "any" or one of ${names}, not "${errno}"`);
    }
    conditions.push(
      operation => operation.errno !== 0 && ['ANY', operation.errno].includes(wanted),
    );
  }
  if (code !== undefined) {
    const wanted = codeOf(code);
    conditions.push(({ events }) =>
      events.some(event => event.type === 'PageResponseSent' && event.code === wanted),
    );
  }
  if (grep !== undefined) {
    const wanted = grep.toLowerCase();
    conditions.push(operation => {
      const said = operationText(operation, names.of) + argumentsText(operation.command);
      return said.toLowerCase().includes(wanted);
    });
  }
  return conditions;
}

/** Also the reading and the answer of a group that asked for its page. */
function aboutAddresses(range: IovaRange): Fits {
  const groups = new Set<number>();
  return ({ command, events }) => {
    let isAbout = namesAddress(command, range);
    for (const event of events) {
      const names = namesAddress(event, range);
      if (names && event.type === 'IopfGroupQueued') groups.add(event.iopfGroupId);
      const isOfGroup =
        'iopfGroupId' in event && event.iopfGroupId !== null && groups.has(event.iopfGroupId);
      isAbout ||= names || isOfGroup;
    }
    return isAbout;
  };
}

const OBJECT = /^(.+?) (\d{1,15})(?: of context (\d{1,10}))?$/;
const BDF = /^[0-9a-f]{4}:[0-9a-f]{2}:[0-9a-f]{2}\.[0-7]$/;

/** What an object's name stands for. Errors: UsageError. */
function soughtOf(text: string, names: Names): Where {
  if (BDF.test(text)) return soughtFunction(text, names);
  const [, word, id, contextId] = OBJECT.exec(text) ?? [];
  const kinds = Object.entries(OBJECT_KINDS)
    .filter(([kind, said]) => kind.toLowerCase() === word?.toLowerCase() || saidAs(said.word, word))
    .map(([kind]) => kind as ObjectKind);
  if (kinds.length === 0) {
    const words = Object.values(OBJECT_KINDS).map(({ word: said }) => said);
    throw new UsageError(
      `--object: expected a PCI address, or one of ${words.join(', ')} with its number, not "${text}"`,
    );
  }
  const keys = kinds.map(kind => ({
    kind,
    contextId: kind === 'CONTEXT' ? Number(id) : contextId === undefined ? null : Number(contextId),
    id: kind === 'CONTEXT' ? null : Number(id),
    iova: null,
  }));
  const near = new Near(kinds, word!, Number(id));
  const fits = (operation: Operation) => {
    for (const event of operation.events) near.learn(event);
    const is = keys.some(key => named(operation, key));
    near.found ||= is;
    return is;
  };
  return { fits, neverWas: () => (near.found ? null : `there never was ${text}; ${near.text()}`) };
}

function soughtFunction(bdf: string, names: Names): Where {
  let found = false;
  const fits = ({ command, ...rest }: Operation) => {
    const is =
      Object.values(command).includes(bdf) ||
      names.numbersOf(bdf).some(id => named({ command, ...rest }, { ...NO_KEY, id }));
    found ||= is;
    return is;
  };
  const neverWas = () => (found ? null : `there never was ${bdf}; ${names.text()}`);
  return { fits, neverWas };
}

/** Objects of some kinds whose number is near one, learned on the way. */
class Near {
  found = false;
  private readonly kinds: readonly ObjectKind[];
  private readonly word: string;
  private readonly id: number;
  /** Names with their numbers, the nearest first. */
  private nearest: (readonly [name: string, id: number])[] = [];

  constructor(kinds: readonly ObjectKind[], word: string, id: number) {
    this.kinds = kinds;
    this.word = word;
    this.id = id;
  }

  learn(event: Event): void {
    for (const [contextId, id] of idsNamed(event, this.kinds)) {
      const name = `${this.word} ${id}${contextId === null ? '' : ` of context ${contextId}`}`;
      if (this.nearest.some(([known]) => known === name)) continue;
      const farthest = this.nearest[NEAR_MAX - 1];
      if (farthest !== undefined && this.far(id) >= this.far(farthest[1])) continue;
      this.nearest.push([name, id]);
      this.nearest.sort(([, a], [, b]) => this.far(a) - this.far(b));
      this.nearest = this.nearest.slice(0, NEAR_MAX);
    }
  }

  private far(id: number): number {
    return Math.abs(id - this.id);
  }

  text(): string {
    if (this.nearest.length === 0) return `nor any other ${this.word}`;
    const names = this.nearest.toSorted(([, a], [, b]) => a - b).map(([name]) => name);
    return `nearest are ${names.join(', ')}`;
  }
}

const NO_KEY = { kind: 'PHYSICAL_DEVICE', contextId: null, iova: null } as const;

/** "hwpt" says both kinds. */
function saidAs(word: string, asked: string | undefined): boolean {
  return word === asked || (asked === 'hwpt' && word.endsWith('hwpt'));
}

function named(operation: Operation, key: ObjectKey): boolean {
  if (commandNames(operation.command, key)) return true;
  return eventsOf(operation).some(({ event, seq }) => eventNames(event, seq, key));
}

/** Errors: UsageError. */
function codeOf(text: string): number {
  const wanted = text.toUpperCase();
  const found = Object.entries(CORE_RESPONSE).find(([name, code]) =>
    [name, String(code)].includes(wanted),
  );
  if (found !== undefined) return found[1];
  throw new UsageError(`--code: expected one of ${CODES.join(', ')}, or its number, not "${text}"`);
}

const ADDRESSES = /^(0x[0-9a-f]{1,16})(?:(\.\.|\+)(0x[0-9a-f]{1,16}))?$/i;

/** Errors: UsageError. */
function addressesOf(text: string): IovaRange {
  const [, from, sign, to] = ADDRESSES.exec(text) ?? [];
  const start = BigInt(from ?? -1);
  const last = sign === undefined ? start : sign === '+' ? start + BigInt(to!) - 1n : BigInt(to!);
  if (from !== undefined && start <= last) return { start, last };
  throw new UsageError(
    `--addr: expected an address such as 0x10000, or a range such as 0x10000..0x1ffff or 0x10000+0x10000, not "${text}"`,
  );
}

const UNITS_MS: Readonly<Record<string, number>> = {
  s: 1_000,
  m: 60_000,
  h: 3_600_000,
  d: 86_400_000,
};

/** Milliseconds since the epoch. Errors: UsageError. */
function timeOf(text: string): number {
  const [, count, unit] = /^(\d{1,6})([smhd])$/.exec(text) ?? [];
  if (unit !== undefined) return Date.now() - Number(count) * UNITS_MS[unit]!;
  const ms = Date.parse(text);
  if (Number.isNaN(ms)) {
    throw new UsageError(
      `--since: expected a time such as 2026-11-26T20:00:00Z or 15m, not "${text}"`,
    );
  }
  return ms;
}
