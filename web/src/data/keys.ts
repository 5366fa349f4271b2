/** What names an object in addresses and in the page: `FAULT:1:4`, `IOPF_GROUP:7`, `AREA:1:3:0x1000`. */
import type { ObjectKeyInput, ObjectKind } from '../documents.ts';

export type Key = string;

/** The kinds whose key has the context's id. */
const IN_CONTEXT: ReadonlySet<ObjectKind> = new Set([
  'IOAS',
  'AREA',
  'IOPT_PAGES',
  'HWPT_PAGING',
  'HWPT_NESTED',
  'DEVICE',
  'FAULT',
  'ACCESS',
  'SELFTEST',
]);

interface KeyParts {
  readonly kind: ObjectKind;
  readonly contextId?: number | null | undefined;
  readonly id?: number | null | undefined;
  readonly iova?: string | null | undefined;
}

export function keyText({ kind, contextId, id, iova }: KeyParts): Key {
  return [kind, contextId, id, iova].filter(part => part !== null && part !== undefined).join(':');
}

/** What the schema wants for a key; null if the text is none. */
export function keyInput(key: Key): ObjectKeyInput | null {
  const [kind, ...parts] = key.split(':');
  if (!/^[A-Z_]+$/.test(kind ?? '')) return null;
  const named = kind as ObjectKind;
  if (named === 'MACHINE') return { kind: named };
  const [first, second, iova] = parts;
  if (first === undefined || !/^\d+$/.test(first)) return null;
  if (named === 'CONTEXT') return { kind: named, contextId: Number(first) };
  if (!IN_CONTEXT.has(named)) return { kind: named, id: Number(first) };
  if (second === undefined || !/^\d+$/.test(second)) return null;
  const inContext = { kind: named, contextId: Number(first), id: Number(second) };
  return iova === undefined ? inContext : { ...inContext, iova: iova as `0x${string}` };
}

const WORDS: Readonly<Record<string, string>> = {
  MACHINE: 'machine',
  CONTEXT: 'context',
  IOAS: 'IOAS',
  AREA: 'area of IOAS',
  IOPT_PAGES: 'pages',
  HWPT_PAGING: 'paging hwpt',
  HWPT_NESTED: 'nested hwpt',
  DEVICE: 'device',
  FAULT: 'fault queue',
  ACCESS: 'access',
  SELFTEST: 'selftest device',
  ATTACH_HANDLE: 'attach handle',
  IOMMU_GROUP: 'IOMMU group',
  IOPF_GROUP: 'iopf group',
  PHYSICAL_DEVICE: 'physical device',
  IN_FLIGHT_REQUEST: 'request in flight',
  IOMMU: 'IOMMU',
  HAZARD: 'hazard at seq',
};

function nameWith(words: Readonly<Record<string, string>>, key: Key): string {
  const [kind, ...parts] = key.split(':');
  const number =
    (kind !== undefined && IN_CONTEXT.has(kind as ObjectKind) ? parts[1] : parts[0]) ?? '';
  return `${words[kind ?? ''] ?? kind} ${number}`.trim();
}

/** `attach handle 4`: an object's name, from its key alone. */
export function keyName(key: Key): string {
  return nameWith(WORDS, key);
}

const SHORT_WORDS = {
  ...WORDS,
  HWPT_PAGING: 'hwpt',
  HWPT_NESTED: 'hwpt',
  ATTACH_HANDLE: 'handle',
  IOMMU_GROUP: 'group',
};

/** `handle 4`, where the column says the rest. */
export function shortName(key: Key): string {
  return nameWith(SHORT_WORDS, key);
}
