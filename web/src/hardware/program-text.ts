/** A device's program as text: an operation a line, such as `COPY iova=0x1000 length=0x1000 toIova=0x2000`. */
import type { DeviceProgramOpInput, HardwareProgramsQuery } from '../hardware-documents.ts';

export interface ProgramText {
  readonly ops: readonly DeviceProgramOpInput[];
  /** The line of each operation, from 1. */
  readonly lines: readonly number[];
}

/** Arguments that are numbers; the others are addresses and lengths, which are sent as they are written. */
const NUMBERS: readonly string[] = ['count', 'fill', 'pasid'];

function argumentOf(name: string, text: string): string | number | boolean {
  if (name === 'write') return text === 'true';
  const number = Number(text);
  return NUMBERS.includes(name) && Number.isInteger(number) ? number : text;
}

/** What the words mean is the server's to say: here they are only taken apart. */
export function parseProgram(text: string): ProgramText {
  const ops: DeviceProgramOpInput[] = [];
  const lines: number[] = [];
  for (const [index, line] of text.split('\n').entries()) {
    const [op, ...rest] = line.replace(/#.*/, '').trim().split(/\s+/);
    if (op === undefined || op === '') continue;
    const named = rest.map(word => {
      const [name = '', ...value] = word.split('=');
      return [name, argumentOf(name, value.join('='))] as const;
    });
    ops.push({ ...Object.fromEntries(named), op: op.toUpperCase() } as DeviceProgramOpInput);
    lines.push(index + 1);
  }
  return { ops, lines };
}

type Device = Required<HardwareProgramsQuery['machine']['physicalDevices'][number]>;
export type ProgramOp = NonNullable<Device['program']>['ops'][number];

/** As one would write it. */
export function formatOp({ op, write, ...rest }: ProgramOp): string {
  const named = Object.entries(rest).flatMap(([name, value]) =>
    value === null ? [] : [`${name}=${value}`],
  );
  return [op, ...named, ...(write ? ['write=true'] : [])].join(' ');
}

/** The operation that the server's words are about, by its place from 0; null if about none. */
export function opNamedIn(message: string): number | null {
  const found = /\bops\[(\d+)\]/.exec(message);
  return found === null ? null : Number(found[1]);
}

export interface Template {
  readonly name: string;
  readonly text: string;
}

export const TEMPLATES: readonly Template[] = [
  { name: 'Read a page', text: 'READ iova=0x40000000 length=0x1000' },
  {
    name: 'Copy a page',
    text: 'COPY iova=0x40000000 length=0x1000 toIova=0x40001000',
  },
  {
    name: 'Write, wait, expect what was written',
    text: [
      'WRITE iova=0x40001000 length=0x1000 fill=0x5a',
      'BARRIER',
      'EXPECT iova=0x40001000 length=0x1000 fill=0x5a',
    ].join('\n'),
  },
  {
    name: 'Ask ahead, then read sixteen times',
    text: [
      'TRANSLATE iova=0x40000000 length=0x4000',
      'BARRIER',
      'REPEAT count=1',
      'READ iova=0x40000000 length=0x4000',
      'REPEAT count=15',
    ].join('\n'),
  },
];
