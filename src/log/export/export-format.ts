/**
 * A machine's log as one file to take away: JSON Lines in UTF-8, one line an operation, in the
 * order of replay. Each line is hashed with the one before it, so that any change of any byte shows.
 *
 *     {"faultline":"export","format":1,"machineId":"m","operations":N,"seq":S,"hash":"…"}
 *     {"number":1,"seqBefore":0,"seq":3,"atMs":…,"type":"…","errno":"0","events":[…],"body":{…},"hash":"…"}
 *     …                                                             N lines like this one
 *     {"end":true,"operations":N,"seq":S,"finalHash":"…","hash":"…"}
 *
 * - `events` and `body` are the texts of the stored row (codec.ts), each event with its version.
 * - `finalHash` stands for the state that the events lead to (engine/export/final-hash.ts).
 * - `hash` is sha256(previous hash "\n" the line up to `,"hash"`) in lower case hex; before the first
 *   line the previous hash is 64 times the digit 0.
 * - "\n" ends each line, also the last; nothing follows. There is one way to write each line: fields
 *   in this order, no spaces, escapes as JSON.stringify writes them.
 *
 * A later format has another number in its first line; nothing else of it is looked at here then.
 */
import { hash } from 'node:crypto';
import { ERRNO } from '../../abi/errno.ts';
import { EXPORT_OPERATIONS_MAX, MACHINE_ID, MACHINE_ID_FORM } from '../../abi/limits.ts';
import { isCommandType } from '../../core/machine/command.ts';
import { FIRST_PREVIOUS_HASH } from '../codec.ts';
import type { StoredOperation } from '../log.ts';
import { FILE_JSON_DEPTH_MAX, shownPath, tooDeepAt } from './json-depth.ts';

/** The format written here, and the only one read. */
export const EXPORT_FORMAT = 1;

/** The first line: whose log it is, and how much of it. */
export interface ExportHeader {
  readonly machineId: string;
  readonly operations: number;
  /** The seq after the last operation. */
  readonly seq: number;
}

/** The last line. */
export interface ExportEnd {
  readonly operations: number;
  readonly seq: number;
  readonly finalHash: string;
}

/** What kind of thing is wrong with an export. */
export type ExportFault =
  /** It is cut short, or there is more than there should be. */
  | 'SIZE'
  /** A bound of ours is reached. */
  | 'LIMIT'
  /** A line is not written as one of an export. */
  | 'FORMAT'
  /** Operations do not follow each other. */
  | 'ORDER'
  /** A line, or one before it, is another than was written. */
  | 'HASH'
  /** A newer Faultline wrote it, or something of it. */
  | 'VERSION'
  /** Its events do not lead to the state it names. */
  | 'STATE';

/** The file is not an export that can be taken in. Nothing was written. */
export class ExportRefusedError extends Error {
  override readonly name = 'ExportRefusedError';
  readonly fault: ExportFault;
  /** Line of the file, from 1. */
  readonly line: number;

  /** `what` is wrong, and what was `wanted`. */
  constructor(fault: ExportFault, line: number, what: string, wanted: string) {
    super(`line ${line}: ${what}; wanted ${wanted}`);
    this.fault = fault;
    this.line = line;
  }
}

/** Writes the lines one after the other, each with its line break. */
export class ExportWriter {
  #previousHash = FIRST_PREVIOUS_HASH;

  header(header: ExportHeader): string {
    return this.#line(headerText(header));
  }

  operation(stored: StoredOperation): string {
    return this.#line(operationText(stored));
  }

  end(end: ExportEnd): string {
    return this.#line(endText(end));
  }

  #line(text: string): string {
    this.#previousHash = lineHash(this.#previousHash, text);
    return `${text}${hashText(this.#previousHash)}\n`;
  }
}

/** Reads the lines one after the other; each call throws ExportRefusedError. */
export class ExportReader {
  #previousHash = FIRST_PREVIOUS_HASH;
  #line = 0;
  #before = { number: 0, seq: 0 };

  /** The hash of the newest line: it stands for everything up to it. */
  get hash(): string {
    return this.#previousHash;
  }

  /** Of the newest line, from 1. */
  get line(): number {
    return this.#line;
  }

  header(text: string): ExportHeader {
    const fields = this.#fields(text);
    const { faultline, format, machineId, operations, seq } = fields;
    if (faultline !== 'export') {
      throw this.#refused('FORMAT', 'this is no export', 'a file made by "faultline export"');
    }
    if (format !== EXPORT_FORMAT) {
      const found = `its format is ${JSON.stringify(format)}`;
      throw this.#refused('VERSION', found, `format ${EXPORT_FORMAT}, the one known here`);
    }
    if (typeof machineId !== 'string' || !MACHINE_ID.test(machineId)) {
      throw this.#refused('FORMAT', '"machineId" is no machine\'s id', MACHINE_ID_FORM);
    }
    const header = {
      machineId,
      operations: this.#count(operations, 'operations', 1),
      seq: this.#count(seq, 'seq', 0),
    };
    if (header.operations > EXPORT_OPERATIONS_MAX) {
      const found = `it has ${header.operations} operations`;
      throw this.#refused('LIMIT', found, `at most ${EXPORT_OPERATIONS_MAX}`);
    }
    this.#checkText(text, headerText(header));
    return header;
  }

  operation(text: string): StoredOperation {
    const fields = this.#fields(text);
    const { type, errno, events, body } = fields;
    const number = this.#count(fields['number'], 'number', 1);
    const seqBefore = this.#count(fields['seqBefore'], 'seqBefore', 0);
    const seq = this.#count(fields['seq'], 'seq', 0);
    const atMs = this.#count(fields['atMs'], 'atMs', 0);
    if (typeof type !== 'string') throw this.#wrongField('type', 'a string');
    if (!isCommandType(type)) {
      const found = `operation ${type}: this type is unknown`;
      throw this.#refused('VERSION', found, 'operations that this version of Faultline knows');
    }
    if (typeof errno !== 'string' || !(errno === '0' || Object.hasOwn(ERRNO, errno))) {
      throw this.#wrongField('errno', '"0" or the name of an errno');
    }
    if (!Array.isArray(events) || !events.every(isEvent)) {
      throw this.#wrongField('events', 'a list of events, each with "type" and "v"');
    }
    if (!isBody(body, type)) {
      throw this.#wrongField('body', `command "${type}", its reply and its trace`);
    }
    this.#checkOrder({ number, seqBefore, seq }, events.length);
    const stored = {
      ...{ number, seqBefore, seq, atMs, type, errno },
      events: JSON.stringify(events),
      body: JSON.stringify(body),
    };
    this.#checkText(text, operationText(stored));
    this.#before = stored;
    return stored;
  }

  end(text: string, header: ExportHeader): ExportEnd {
    const fields = this.#fields(text);
    if (fields['end'] !== true) {
      const found = `this is not the last line, and ${header.operations} operations were announced`;
      throw this.#refused('SIZE', found, '{"end":true,…}');
    }
    const operations = this.#count(fields['operations'], 'operations', 1);
    const seq = this.#count(fields['seq'], 'seq', 0);
    const { finalHash } = fields;
    if (typeof finalHash !== 'string' || !SHA256.test(finalHash)) {
      throw this.#wrongField('finalHash', '64 hex digits');
    }
    const end = { operations, seq, finalHash };
    if (operations !== header.operations || operations !== this.#before.number) {
      const found = `"operations" is ${operations} after ${this.#before.number} of them`;
      throw this.#refused('ORDER', found, `${header.operations}, as in line 1`);
    }
    if (seq !== header.seq || seq !== this.#before.seq) {
      const found = `"seq" is ${seq} after seq ${this.#before.seq}`;
      throw this.#refused('ORDER', found, `${header.seq}, as in line 1`);
    }
    this.#checkText(text, endText(end));
    return end;
  }

  /** About the newest line. */
  #refused(fault: ExportFault, what: string, wanted: string): ExportRefusedError {
    return new ExportRefusedError(fault, this.#line, what, wanted);
  }

  #fields(text: string): Readonly<Record<string, unknown>> {
    this.#line++;
    let value: unknown = null;
    try {
      value = JSON.parse(text);
    } catch {
      // Said below.
    }
    if (!isObject(value)) {
      throw this.#refused('FORMAT', 'this is no JSON object', 'one object in one line');
    }
    const deep = tooDeepAt(value);
    if (deep === null) return value;
    const found = `"${shownPath(deep)}" is nested too deeply`;
    throw this.#refused('LIMIT', found, `at most ${FILE_JSON_DEPTH_MAX} levels of JSON`);
  }

  #count(value: unknown, field: string, least: number): number {
    if (Number.isSafeInteger(value) && (value as number) >= least) return value as number;
    throw this.#wrongField(field, `a whole number from ${least} on`);
  }

  #wrongField(field: string, wanted: string): ExportRefusedError {
    return this.#refused('FORMAT', `"${field}" is not what it should be`, wanted);
  }

  #checkOrder(place: { number: number; seqBefore: number; seq: number }, events: number): void {
    const { number, seqBefore, seq } = place;
    const before = this.#before;
    if (number !== before.number + 1) {
      const found = `this is operation ${number}`;
      throw this.#refused('ORDER', found, `operation ${before.number + 1}`);
    }
    if (seqBefore !== before.seq) {
      const found = `it begins at seq ${seqBefore}`;
      throw this.#refused('ORDER', found, `seq ${before.seq}, where the one before it ended`);
    }
    if (seq !== seqBefore + events) {
      const found = `it goes from seq ${seqBefore} to ${seq} with ${events} events`;
      throw this.#refused('ORDER', found, `seq ${seqBefore + events}`);
    }
  }

  /** The line must be the text that its fields are written as, and its hash the right one. */
  #checkText(line: string, text: string): void {
    const right = lineHash(this.#previousHash, text);
    const wanted = `${text}${hashText(right)}`;
    if (line !== wanted) {
      if (!line.startsWith(text) || line.length !== wanted.length) {
        const found = 'it is not written as a line of an export';
        throw this.#refused('FORMAT', found, 'the fields of this format in their order, no spaces');
      }
      const found = 'its hash does not match: it was changed, or a line before it';
      throw this.#refused('HASH', found, 'the lines as they were written, in their places');
    }
    this.#previousHash = right;
  }
}

const SHA256 = /^[0-9a-f]{64}$/;

function lineHash(previousHash: string, text: string): string {
  return hash('sha256', `${previousHash}\n${text}`, 'hex');
}

function hashText(lineHash: string): string {
  return `,"hash":"${lineHash}"}`;
}

function headerText({ machineId, operations, seq }: ExportHeader): string {
  const fields = { faultline: 'export', format: EXPORT_FORMAT, machineId, operations, seq };
  return JSON.stringify(fields).slice(0, -1);
}

function operationText(stored: StoredOperation): string {
  const { number, seqBefore, seq, atMs, type, errno, events, body } = stored;
  const fields = JSON.stringify({ number, seqBefore, seq, atMs, type, errno });
  return `${fields.slice(0, -1)},"events":${events},"body":${body}`;
}

function endText({ operations, seq, finalHash }: ExportEnd): string {
  return JSON.stringify({ end: true, operations, seq, finalHash }).slice(0, -1);
}

function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function isEvent(value: unknown): boolean {
  if (!isObject(value)) return false;
  const { type, v } = value;
  return typeof type === 'string' && Number.isSafeInteger(v) && (v as number) >= 1;
}

function isBody(value: unknown, type: string): boolean {
  if (!isObject(value)) return false;
  const { command, reply, trace } = value;
  if (!isObject(command) || command['type'] !== type) return false;
  return (reply === null || isObject(reply)) && Array.isArray(trace) && trace.every(isTraceStep);
}

function isTraceStep(value: unknown): boolean {
  if (!Array.isArray(value)) return false;
  const [name, depth, returned, ...reason] = value as readonly unknown[];
  if (typeof name !== 'string' || !Number.isSafeInteger(depth)) return false;
  // A rule, then names and values of its facts.
  const told = reason.length === 0 || (reason.length % 2 === 1 && typeof reason[0] === 'string');
  const values = reason.every(item => typeof item === 'string' || typeof item === 'number');
  return typeof returned === 'string' && told && values;
}
