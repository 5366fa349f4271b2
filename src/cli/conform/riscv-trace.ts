/**
 * Traces of the RISC-V IOMMU reference model: { sequence, steps: [[input line, answer], …] } a line.
 * test/traces/README.md lists the inputs.
 */
import type { IohgatpMode, IosatpMode, PdtpMode } from '../../core/hardware/riscv/contexts.ts';
import { isObject, type Json, TraceFormatError } from './trace-format.ts';

export interface RiscvSequence {
  readonly sequence: string;
  readonly steps: readonly (readonly [input: string, answer: Json])[];
}

/** Whether a line of a trace file is a sequence of this kind, not of the kernel's. */
export function isRiscvSequence(line: unknown): boolean {
  return isObject(line) && Object.hasOwn(line, 'steps');
}

/** Errors: TraceFormatError. */
export function parseRiscvSequence(line: unknown): RiscvSequence {
  if (!isObject(line) || !Array.isArray(line['steps'])) {
    throw new TraceFormatError('"steps" must be a list');
  }
  const { sequence, steps } = line as { sequence: unknown; steps: unknown[] };
  if (typeof sequence !== 'string') throw new TraceFormatError('"sequence" must be a string');
  for (const [place, step] of steps.entries()) {
    const pair = Array.isArray(step) && step.length === 2 && typeof step[0] === 'string';
    if (!pair || !isObject(step[1])) {
      throw new TraceFormatError(`step ${place}: not a pair of an input line and an answer`);
    }
  }
  return line as unknown as RiscvSequence;
}

const IOHGATP: Readonly<Record<number, IohgatpMode>> = {
  0: 'BARE',
  8: 'SV39X4',
  9: 'SV48X4',
  10: 'SV57X4',
};
const IOSATP: Readonly<Record<number, IosatpMode>> = {
  0: 'BARE',
  8: 'SV39',
  9: 'SV48',
  10: 'SV57',
};
const PDTP: Readonly<Record<number, PdtpMode>> = { 0: 'BARE', 1: 'PD8', 2: 'PD17', 3: 'PD20' };

/** The words of an input line, read one after the other. Errors: TraceFormatError. */
export class InputWords {
  readonly operation: string;
  private readonly words: readonly string[];
  private next = 1;

  constructor(line: string) {
    this.words = line.split(' ');
    this.operation = this.words[0]!;
  }

  /** A number from 0 to `max`, decimal or hexadecimal. */
  number(name: string, max: number): number {
    return Number(this.u64(name, BigInt(max)));
  }

  /** A 64-bit value up to `max`. */
  u64(name: string, max = (1n << 64n) - 1n): bigint {
    const word = this.word(name);
    const value = /^(0x[0-9a-f]{1,16}|\d{1,20})$/i.test(word) ? BigInt(word) : null;
    if (value === null || value > max) {
      throw new TraceFormatError(`${name}: expected a number from 0 to ${max}, not "${word}"`);
    }
    return value;
  }

  flag(name: string): boolean {
    return this.number(name, 1) === 1;
  }

  choice<T extends string>(name: string, choices: readonly T[]): T {
    const word = this.word(name);
    const found = choices.find(choice => choice === word);
    if (found === undefined) {
      throw new TraceFormatError(`${name}: expected ${choices.join(' or ')}, not "${word}"`);
    }
    return found;
  }

  iohgatp = () => this.mode('iohgatp', IOHGATP);
  iosatp = () => this.mode('iosatp', IOSATP);
  pdtp = () => this.mode('pdtp', PDTP);

  /** There must be no further words. */
  end(): void {
    if (this.next < this.words.length) {
      throw new TraceFormatError(
        `${this.operation}: "${this.words[this.next]}" is one word too many`,
      );
    }
  }

  private mode<T extends string>(name: string, modes: Readonly<Record<number, T>>): T {
    const mode = modes[this.number(name, 15)];
    if (mode !== undefined) return mode;
    const known = Object.keys(modes).join(', ');
    throw new TraceFormatError(`${name}: expected one of ${known}`);
  }

  private word(name: string): string {
    const word = this.words[this.next++];
    if (word === undefined) throw new TraceFormatError(`${this.operation}: ${name} is missing`);
    return word;
  }
}
