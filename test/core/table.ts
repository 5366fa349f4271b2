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
 * did). `name=value` after the arguments are options; `ctx=2` names another context. Arguments are
 * numbers, names, or PCI addresses.
 */
import { isDeepStrictEqual } from 'node:util';
import type { Command, PciDeviceSpec } from '../../src/core/command.ts';
import { execute } from '../../src/core/execute.ts';
import { checkInvariants } from '../../src/core/invariant.ts';
import type { Outcome } from '../../src/core/operation.ts';
import { fromPlain, toPlain } from '../../src/core/snapshot.ts';
import { initialState, type MachineState } from '../../src/core/state.ts';
import { commandOf } from './table-command.ts';

export type Names = Map<string, number>;

export class Machine {
  state: MachineState = initialState();
  readonly names: Names = new Map();
  /** What the last operation gave. */
  last!: Outcome;

  constructor(devices: readonly PciDeviceSpec[] = []) {
    this.execute({ type: 'MachineCreate', baseline: 'LINUX_6_12_117', devices });
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

  private runLine(text: string): void {
    const [action, wanted] = text.split(/\s*->\s*/) as [string, string | undefined];
    const named = /^(\w+)\s*=\s*(.*)$/.exec(action);
    const outcome = this.execute(commandOf(named?.[2] ?? action, this.names));
    const wrong = [...differences(outcome, wanted), ...checkInvariants(this.state)];
    if (wrong.length > 0) throw new Error(`${text}\n  ${wrong.join('\n  ')}`);
    if (named !== null) learn(this.names, named[1]!, outcome);
  }
}

/** A machine on which a table has run. */
export function given(devices: readonly PciDeviceSpec[], table: string): Machine {
  return new Machine(devices).run(table);
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
    if (item.startsWith('{')) wrong.push(...fieldsDiffer('reply', item, outcome.reply));
    else events.push(item);
  }
  if (errno === '0' && events.length === 0) return wrong;
  const types = events.map(event => event.replace(/\{.*/, ''));
  const got = outcome.events.map(({ type }) => type);
  if (!isDeepStrictEqual(types, got)) return [...wrong, `events: ${got.join(' ') || 'none'}`];
  for (const [place, event] of events.entries()) {
    if (!event.includes('{')) continue;
    wrong.push(...fieldsDiffer(types[place]!, event, outcome.events[place]!));
  }
  return wrong;
}

function fieldsDiffer(what: string, item: string, got: object | null): string[] {
  const fields = item.slice(item.indexOf('{') + 1, -1).split(/[\s,]+/);
  return fields.flatMap(field => {
    const [name, value] = field.split('=') as [string, string];
    const found = (got as Readonly<Record<string, unknown>> | null)?.[name];
    const text = typeof found === 'bigint' ? `0x${found.toString(16)}` : String(found);
    return text === value ? [] : [`${what}.${name} is ${text}`];
  });
}
