/** What the views of the hardware are made of. */
import type { ComponentChildren } from 'preact';
import { goTo } from '../state/go.ts';
import { grouped } from '../ui/format.ts';

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
      <meter aria-label={label} aria-valuetext={words} min={0} max={max} value={value} />
      <span class="fill-words">{words}</span>
    </div>
  );
}

/** Something that is wrong, or in a state that has a name, as a word with a shape. */
export function Badge({ bad = false, children }: { bad?: boolean; children: ComponentChildren }) {
  return <span class={bad ? 'badge wrong' : 'badge'}>{children}</span>;
}

export function Problem({ children }: { children: string | null }) {
  return children === null ? null : (
    <p class="bad" role="alert">
      {children}
    </p>
  );
}

/** `VTD` as `VT-d`. */
export const VENDORS = {
  VTD: 'VT-d',
  SMMUV3: 'SMMUv3',
  AMD_VI: 'AMD-Vi',
  RISCV: 'RISC-V',
  CONFORMING: 'conforming',
} as const;

/** `NOT_PRESENT` as `not present`. */
export function wordsOfName(name: string): string {
  return name.replaceAll('_', ' ').toLowerCase();
}
