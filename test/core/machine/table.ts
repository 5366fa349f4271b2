/**
 * Core tests as tables: one line an operation, with what it must answer and make.
 *
 *     dev = bind 0000:01:00.0                 # names the id it gives
 *     ioas = ioasAlloc
 *     attach dev ioas                         # must succeed
 *     destroy ioas -> EBUSY                   # must be refused and make no event
 *     detach dev -> 0 DomainDetached …        # must make exactly these events, in this order
 *     read q 40 -> 0 {bytes=40} IopfGroupRead{cookie=1}
 *
 * A line that begins with `..` goes on with the one before. Fields in braces are compared, others
 * not: `{…}` alone is the reply. `-> EINVAL A B` is a refusal that made events (undoing what it
 * did), `-> EINVAL *` one that made some and left nothing behind. `name=value` after the arguments are options; `ctx=2` names another context. Arguments are
 * numbers, names, or PCI addresses; MAX is the largest u64. Ranges are compared as
 * `0x1000-0x1fff|0x3000-0x3fff`.
 */
import { isDeepStrictEqual } from 'node:util';
import { type BaselineName, DEFAULT_BASELINE } from '../../../src/abi/baselines.ts';
import type { Policies } from '../../../src/abi/policies.ts';
import { DEFAULT_POLICIES } from '../../../src/abi/policies.ts';
import { checkInvariants } from '../../../src/core/check/invariant.ts';
import type { PciDeviceSpec } from '../../../src/core/hardware/state.ts';
import type { Command } from '../../../src/core/machine/command.ts';
import { execute } from '../../../src/core/machine/execute.ts';
import type { Outcome } from '../../../src/core/machine/operation.ts';
import { fromPlain, toPlain } from '../../../src/core/machine/snapshot.ts';
import { initialState, type MachineState } from '../../../src/core/machine/state.ts';
import type { IovaRange } from '../../../src/core/memory/iova-range.ts';
import { commandOf } from './table-command.ts';

export type Names = Map<string, number>;

/** What a machine is made with besides its devices; left out: the defaults. */
export type Kernel = Partial<Policies> & { readonly baseline?: BaselineName };

export class Machine {
  state: MachineState = initialState();
  readonly names: Names = new Map();
  /** What the last operation gave. */
  last!: Outcome;

  constructor(devices: readonly PciDeviceSpec[] = [], kernel: Kernel = {}) {
    const { baseline = DEFAULT_BASELINE, ...policies } = kernel;
    this.execute({
      type: 'MachineCreate',
      baseline,
      policies: { ...DEFAULT_POLICIES, ...policies },
      devices,
    });
    this.execute({ type: 'ContextOpen' });
  }

  execute(command: Command): Outcome {
    this.last = execute(this.state, command);
    return this.last;
  }

  /** Runs the lines of a table; throws an error that shows the line on the first that differs. */
  run(table: string): this {
    for (const line of table.replace(/\s*\n\s*\.\. /g, ' ').split('\n')) {
      const text = line.replace(/#.*/, '').trim();
      if (text !== '') this.runLine(text);
    }
    return this;
  }

  /** A machine that goes on from here by itself. */
  fork(): Machine {
    const fork = new Machine();
    fork.state = fromPlain(toPlain(this.state));
    for (const [name, id] of this.names) fork.names.set(name, id);
    return fork;
  }

  /** Violated invariants; those are of the reference kernel, whose policies are the default. */
  violations(): string[] {
    const { baseline, policies } = this.state;
    const asMerged = isDeepStrictEqual(policies, DEFAULT_POLICIES);
    return baseline === DEFAULT_BASELINE && asMerged ? checkInvariants(this.state) : [];
  }

  private runLine(text: string): void {
    const [action, wanted] = text.split(/\s*->\s*/) as [string, string | undefined];
    const named = /^(\w+)\s*=\s*(.*)$/.exec(action);
    const before = wanted?.endsWith('*') ? withoutCounters(this.state) : null;
    const outcome = this.execute(commandOf(named?.[2] ?? action, this.names));
    const wrong = [...differences(outcome, wanted), ...this.violations()];
    if (before !== null && before !== withoutCounters(this.state)) wrong.push('it left something');
    if (wrong.length > 0) throw new Error(`${text}\n  ${wrong.join('\n  ')}`);
    if (named !== null) learn(this.names, named[1]!, outcome);
  }
}

/** A machine on which a table has run. */
export function given(
  devices: readonly PciDeviceSpec[],
  table: string,
  kernel: Kernel = {},
): Machine {
  return new Machine(devices, kernel).run(table);
}

/** The state but for what only counts upwards, and what names the device made last. */
export function withoutCounters(state: MachineState): string {
  return JSON.stringify(toPlain(state), (key, value: unknown) =>
    key === 'seq' || key === 'lastMockDeviceNo' || key.startsWith('next') ? undefined : value,
  );
}

function learn(names: Names, name: string, { reply, command }: Outcome): void {
  const ids = Object.entries(reply as object).filter(([, value]) => typeof value === 'number');
  names.set(name, ids[0]![1]);
  if (command.type !== 'TestMockDomain') return;
  for (const [field, id] of ids) {
    if (field === 'outHwptId') names.set(`${name}.hwpt`, id);
    if (field === 'outIdevId') names.set(`${name}.dev`, id);
  }
}

function differences(outcome: Outcome, wanted: string | undefined): string[] {
  const wrong: string[] = [];
  const [errno = '0', ...items] = wanted?.match(/\w*\{[^}]*\}|\S+/g) ?? [];
  if (String(outcome.errno) !== errno) wrong.push(`errno ${outcome.errno}`);
  const events: string[] = [];
  for (const item of items) {
    if (item === '*') {
      if (outcome.errno === 0 || outcome.events.length === 0) wrong.push('no event was undone');
      return wrong;
    }
    if (item.startsWith('{')) wrong.push(...fieldsDiffer('reply', item, outcome.reply));
    else events.push(item);
  }
  if (errno === '0' && events.length === 0) return wrong;
  const types = events.map(event => event.replace(/\{.*/, ''));
  // Hazards say what the kernel does wrong there: compared where a line names one.
  const named = types.includes('HazardRecorded');
  const made = outcome.events.filter(({ type }) => named || type !== 'HazardRecorded');
  const got = made.map(({ type }) => type);
  if (!isDeepStrictEqual(types, got)) return [...wrong, `events: ${got.join(' ') || 'none'}`];
  for (const [place, event] of events.entries()) {
    if (!event.includes('{')) continue;
    wrong.push(...fieldsDiffer(types[place]!, event, made[place]!));
  }
  return wrong;
}

function fieldsDiffer(what: string, item: string, got: object | null): string[] {
  const fields = item.slice(item.indexOf('{') + 1, -1).split(/[\s,]+/);
  return fields.flatMap(field => {
    const [name, value] = field.split('=') as [string, string];
    const found = (got as Readonly<Record<string, unknown>> | null)?.[name];
    const text = textOf(found);
    return text === value ? [] : [`${what}.${name} is ${text}`];
  });
}

function textOf(value: unknown): string {
  if (typeof value === 'bigint') return `0x${value.toString(16)}`;
  if (!Array.isArray(value)) return String(value);
  const items = value as readonly (number | IovaRange)[];
  return items
    .map(item => (typeof item === 'number' ? item : `${textOf(item.start)}-${textOf(item.last)}`))
    .join('|');
}
