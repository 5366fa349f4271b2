/**
 * Operations as stored rows, and back.
 *
 * One row holds one operation: its place (`number`, `seqBefore`, `seq`), `atMs`, the command's
 * `type`, the `errno` ('0' or a name), two JSON texts and a hash, lower case hex:
 *
 *     events  [{"type":"IopfGroupRead", …fields, "v":1}, …]     `v`: version, see upcast.ts
 *     body    {"command":{…},"reply":{…} or null,"trace":[["function",depth,"returned"], …]}; where a
 *             function refused, "rule" and its facts follow, name and value in turn; where an
 *             allocation was to fail, "allocations" says how many there were
 *     hash    sha256(previous hash "\n" header "\n" events "\n" body), all as UTF-8
 *     header  ["machine id",number,seqBefore,seq,atMs,"type","errno"]     JSON without spaces
 *
 * The previous hash of a machine's first operation is 64 times the digit 0. JSON has no raw line
 * break, so the four lines cannot be cut in another way. Events stand apart from the body because
 * a replay reads them alone.
 *
 * A 64-bit value is a string of "0x" and up to 16 hex digits, and only under a key in U64_KEYS;
 * under the same key a number stays a number, and any other string stays a string.
 */
import { hash } from 'node:crypto';
import type { Errno } from '../abi/errno.ts';
import { isRefusalRule } from '../abi/refusal-rules.ts';
import { ULONG_MAX } from '../abi/uapi.ts';
import type { AnyReply, Command } from '../core/machine/command.ts';
import type { Event } from '../core/machine/event.ts';
import type { Operation } from '../core/machine/operation.ts';
import type { TraceStep } from '../core/machine/trace-step.ts';
import type { StoredOperation } from './log.ts';
import { EVENT_VERSIONS, type StoredEvent, type Upcasting, upcast } from './upcast.ts';

/** One operation as stored. Rows do not leave src/log. */
export interface Row extends StoredOperation {
  readonly machineId: string;
  readonly hash: string;
}

/** The previous hash of a machine's first operation. */
export const FIRST_PREVIOUS_HASH = '0'.repeat(64);

/** The fields that hold u64 values. */
const U64_KEYS: ReadonlySet<string> = new Set([
  'addr',
  'start',
  'last',
  'apertureStart',
  'apertureLast',
  'swMsiStart',
  'npages',
  'pgtblAddr',
  'flags',
  'outCapabilities',
  'userVa',
  'bufVa',
  'length',
  'iova',
  'dstIova',
  'srcIova',
  'val64',
  'pageSize',
  'bitmap',
  'outIovaAlignment',
  'outNrDirty',
  'given',
  'rlimitMemlock',
  'gpa',
  'value',
  'size',
  'toIova',
  'copyTo',
  'tablesGpa',
  'tablesLength',
  'extension',
  'iommuType',
  'iovaPgsizes',
  'vaddr',
]);
const U64_TEXT = /^0x[0-9a-f]{1,16}$/;

export function encode(machineId: string, operation: Operation, previousHash: string): Row {
  const { command, number, seqBefore, seq, atMs } = operation;
  const trace = operation.trace.map(storedStep);
  const row = {
    machineId,
    number,
    seqBefore,
    seq,
    atMs,
    type: command.type,
    errno: String(operation.errno),
    events: encodeEvents(operation.events),
    body: jsonOf({
      command,
      reply: operation.reply,
      trace,
      ...(operation.allocations === undefined ? {} : { allocations: operation.allocations }),
    }),
    hash: '',
  };
  row.hash = hashOf(row, previousHash);
  return row;
}

/** The hash a row must carry after `previousHash`. */
export function hashOf(row: Row, previousHash: string): string {
  const header = JSON.stringify([
    row.machineId,
    row.number,
    row.seqBefore,
    row.seq,
    row.atMs,
    row.type,
    row.errno,
  ]);
  return hash('sha256', `${previousHash}\n${header}\n${row.events}\n${row.body}`, 'hex');
}

/** Throws SyntaxError if a JSON text is broken, EventVersionError if an event is not known. */
export function decode(row: Row, upcasting: Upcasting): Operation {
  const body = withBigints(JSON.parse(row.body), row.body) as StoredBody;
  return {
    number: row.number,
    seqBefore: row.seqBefore,
    seq: row.seq,
    atMs: row.atMs,
    errno: (row.errno === '0' ? 0 : row.errno) as Errno,
    command: body.command,
    reply: body.reply,
    events: decodeEvents(row, upcasting),
    trace: body.trace.map(traceStep),
    ...(body.allocations === undefined ? {} : { allocations: body.allocations }),
  };
}

/** As `decode`, the events alone. */
export function decodeEvents(row: Row, upcasting: Upcasting): Event[] {
  const events = withBigints(JSON.parse(row.events), row.events) as StoredEvent[];
  for (let i = 0; i < events.length; i++) {
    const event = events[i]!;
    if (upcasting.versions[event.type] === event.v) {
      // `v` is the last property: V8 takes it back without making the object a dictionary.
      delete (event as { v?: number }).v;
    } else {
      events[i] = upcast(event, upcasting, row.machineId, row.number) as unknown as StoredEvent;
    }
  }
  return events as unknown as Event[];
}

interface StoredBody {
  readonly command: Command;
  readonly reply: AnyReply | null;
  readonly trace: readonly StoredStep[];
  readonly allocations?: number;
}

/**
 * With the rule, and names and values of its facts in turn, where the function refused: as a list,
 * since a key would make numbers of the values. Logs of older versions have none of it.
 */
type StoredStep = readonly [string, number, string, ...(string | number)[]];

function storedStep({ function: name, depth, returned, reason }: TraceStep): StoredStep {
  return reason === undefined
    ? [name, depth, returned]
    : [name, depth, returned, reason.rule, ...Object.entries(reason.facts).flat()];
}

function traceStep([name, depth, returned, rule, ...listed]: StoredStep): TraceStep {
  const step = { function: name, depth, returned };
  if (typeof rule !== 'string' || !isRefusalRule(rule)) return step;
  const facts: Record<string, string | number> = {};
  for (let i = 0; i + 1 < listed.length; i += 2) facts[String(listed[i])] = listed[i + 1]!;
  return { ...step, reason: { rule, facts } };
}

function encodeEvents(events: readonly Event[]): string {
  let text = '[';
  for (const event of events) {
    if (text.length > 1) text += ',';
    text += `{${jsonOfFields(event)},"v":${EVENT_VERSIONS[event.type]}}`;
  }
  return `${text}]`;
}

/** Printable ASCII that JSON writes as it stands. */
const PLAIN_TEXT = /^[\x20\x21\x23-\x5b\x5d-\x7e]*$/;

/**
 * JSON of plain data, bigints as hex strings. Keys are our own field names and need no escape.
 * Half the time of JSON.stringify with a replacer.
 */
export function jsonOf(value: unknown): string {
  switch (typeof value) {
    case 'string':
      return PLAIN_TEXT.test(value) ? `"${value}"` : JSON.stringify(value);
    case 'number':
      if (!Number.isFinite(value)) break;
      return `${value}`;
    case 'boolean':
      return value ? 'true' : 'false';
    case 'object':
      if (value === null) return 'null';
      return Array.isArray(value) ? jsonOfArray(value) : `{${jsonOfFields(value)}}`;
  }
  throw new TypeError(`${String(value)} has no place in the log`);
}

function jsonOfArray(values: readonly unknown[]): string {
  let text = '[';
  for (let i = 0; i < values.length; i++) text += (i === 0 ? '' : ',') + jsonOf(values[i]);
  return `${text}]`;
}

/** The fields of an object, without its braces. */
function jsonOfFields(object: object): string {
  let text = '';
  for (const key in object) {
    const value = (object as Record<string, unknown>)[key];
    const json = typeof value === 'bigint' ? jsonOfU64(key, value) : jsonOf(value);
    text += text === '' ? `"${key}":${json}` : `,"${key}":${json}`;
  }
  return text;
}

function jsonOfU64(key: string, value: bigint): string {
  if (!U64_KEYS.has(key)) throw new TypeError(`${key} is not among the log's 64-bit fields`);
  if (value < 0n || value > ULONG_MAX) throw new RangeError(`${key} ${value} is not a u64`);
  return `"0x${value.toString(16)}"`;
}

/** Puts bigints in place of hex strings; the text tells cheaply when there can be none. */
function withBigints(parsed: unknown, text: string): unknown {
  if (text.includes('"0x')) putBigints(parsed as object);
  return parsed;
}

function putBigints(node: object): void {
  if (Array.isArray(node)) {
    for (const item of node) if (typeof item === 'object' && item !== null) putBigints(item);
    return;
  }
  const fields = node as Record<string, unknown>;
  for (const key in fields) {
    const value = fields[key];
    if (typeof value === 'string') {
      if (value.startsWith('0x') && U64_KEYS.has(key) && U64_TEXT.test(value)) {
        fields[key] = BigInt(value);
      }
    } else if (typeof value === 'object' && value !== null) {
      putBigints(value);
    }
  }
}
