/** Values and names as the page writes them. */
import type { JsonValue } from '../../../src/operations/typed-document.ts';
import type { Layer } from '../documents.ts';

const GROUPED = new Intl.NumberFormat('en');

/** `1,000,014`. */
export function grouped(count: number): string {
  return GROUPED.format(count);
}

const CLOCK = new Intl.DateTimeFormat('en-GB', {
  timeStyle: 'medium',
});

/** `10:42:03.250`, by the clock here. */
export function clockText(epochMs: number): string {
  const ms = String(Math.floor(epochMs) % 1_000).padStart(3, '0');
  return `${CLOCK.format(epochMs)}.${ms}`;
}

/** `250 ms`, `12.5 s`, `5 min`, `3 h`. */
export function durationText(ms: number): string {
  if (ms < 1_000) return `${Math.round(ms)} ms`;
  if (ms < 120_000) return `${Math.round(ms / 100) / 10} s`;
  return ms < 7_200_000 ? `${Math.round(ms / 60_000)} min` : `${Math.round(ms / 3_600_000)} h`;
}

export const LAYER_NAMES: Readonly<Record<Layer, string>> = {
  USER_SPACE: 'program',
  IOMMUFD: 'iommufd',
  IOMMU_CORE: 'iommu core',
  HARDWARE: 'hardware',
};

/** In the order of the strips: from the program down to the hardware. */
export const LAYERS: readonly Layer[] = ['USER_SPACE', 'IOMMUFD', 'IOMMU_CORE', 'HARDWARE'];

/** `LINUX_6_12_117` as `Linux 6.12.117`. */
export function kernelName(baseline: string): string {
  return baseline
    .replace(/^LINUX_/, 'Linux ')
    .replace(/^V6_PATCH$/, 'v6 patch')
    .replaceAll('_', '.');
}

/** A value of the log in one line. */
export function valueText(value: JsonValue): string {
  if (value === null) return '∅';
  if (typeof value === 'string') return value;
  if (Array.isArray(value)) return `[${value.map(valueText).join(', ')}]`;
  if (typeof value === 'object') {
    const parts = Object.entries(value).map(([name, inner]) => `${name}: ${valueText(inner)}`);
    return parts.length === 0 ? '{}' : `{ ${parts.join(', ')} }`;
  }
  return String(value);
}

/** A value of a log that changed, or a part of one: `ops.2`, say. */
export interface ChangedValue {
  readonly path: string;
  readonly before: JsonValue;
  readonly after: JsonValue;
}

const isNested = (value: JsonValue) => typeof value === 'object' && value !== null;

/** Where two values differ: of nested ones of the same form, only the parts that do. */
export function changedParts(before: JsonValue, after: JsonValue, path = ''): ChangedValue[] {
  const whole = [{ path, before, after }];
  if (!isNested(before) || !isNested(after)) return whole;
  const a = Object.entries(before as object) as [string, JsonValue][];
  const b = new Map<string, JsonValue>(Object.entries(after as object));
  const isSameForm = a.length > 0 && a.length === b.size && a.every(([name]) => b.has(name));
  if (!isSameForm || Array.isArray(before) || Array.isArray(after)) return whole;
  return a.flatMap(([name, inner]) => {
    const then = b.get(name)!;
    if (valueText(inner) === valueText(then)) return [];
    return changedParts(inner, then, path === '' ? name : `${path}.${name}`);
  });
}

/** `IOMMU_PGFAULT_PERM_READ` as `read`. */
export function permName(perm: string): string {
  return perm.replace('IOMMU_PGFAULT_PERM_', '').toLowerCase();
}
