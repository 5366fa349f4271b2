/** What the views of the hardware are made of. */
import type { ComponentChildren } from 'preact';
import type { Moment } from '../data/moments.ts';
import { goTo } from '../state/go.ts';
import { grouped } from '../ui/format.ts';
import type { Shown } from './use-answer.ts';

/** `event 31`, which leads there. */
export function EventLink({ seq, children }: { seq: number; children?: ComponentChildren }) {
  return (
    <button type="button" class="link" onClick={() => goTo(seq, 'jump')}>
      {children ?? `event ${seq}`}
    </button>
  );
}

interface MeterProps {
  readonly label: string;
  readonly value: number;
  readonly max: number;
  /** What is counted: `records`. */
  readonly of: string;
  readonly bad?: boolean;
}

/** How full something is, as a bar and in words. */
export function Meter({ label, value, max, of, bad = false }: MeterProps) {
  const words = `${grouped(value)} of ${grouped(max)} ${of}`;
  return (
    <div class={`fill ${bad ? 'full' : ''}`}>
      <span class="fill-label">{label}</span>
      <meter
        aria-label={label}
        aria-valuetext={words}
        min={0}
        max={max}
        value={value}
        style={{ '--part': `${(100 * value) / max}%` }}
      />
      <span class="fill-words">{words}</span>
    </div>
  );
}

/** Something that is wrong, or in a state that has a name, as a word with a shape. */
export function Badge({ bad = false, children }: { bad?: boolean; children: ComponentChildren }) {
  return <span class={bad ? 'badge wrong' : 'badge'}>{children}</span>;
}

/** Why there is no answer for the moment, or which one is shown while the next is under way. */
export function AsOf({ of, moment }: { of: Shown<unknown>; moment: Moment }) {
  if (of.problem !== null || of.seq === null) return <Problem>{of.problem}</Problem>;
  return of.seq === moment.seq ? null : <p class="behind as-of">showing {grouped(of.seq)}</p>;
}

export function Problem({ children }: { children: string | null }) {
  return children === null ? null : (
    <p class="bad" role="alert">
      {children}
    </p>
  );
}

/** Behind an IOMMU of the machine, and not a device of the self-test. */
export function isModelled<Device extends { readonly iommu?: unknown }>(
  device: Device,
): device is Device & Required<Device> {
  return device.iommu != null;
}

/** `VTD` as `VT-d`. */
export const VENDORS = {
  VTD: 'VT-d',
  SMMUV3: 'SMMUv3',
  AMD_VI: 'AMD-Vi',
  RISCV: 'RISC-V',
  CONFORMING: 'conforming',
} as const;

/** Names that are short for something. */
const WORDS: Readonly<Record<string, string>> = { WAITING_PRG: 'waiting for an answer' };

/** `NOT_PRESENT` as `not present`. */
export function wordsOfName(name: string): string {
  return WORDS[name] ?? name.replaceAll('_', ' ').toLowerCase();
}
