/** `npm run docs`, first half: writes the tables that are data into docs/KERNEL.md. */
import { readFileSync, writeFileSync } from 'node:fs';
import { BASELINES } from '../../abi/baselines.ts';
import type { Behaviour } from '../../abi/behaviour.ts';
import { BEHAVIOUR_TEXT, behaviourText } from '../../abi/behaviour-text.ts';
import { HAZARDS } from '../../abi/hazards.ts';
import { SUPPORT } from '../../core/explain/support.ts';
import type { SupportStatus } from '../../core/machine/operation-entry.ts';

const FILE = new URL('../../../docs/KERNEL.md', import.meta.url);

const STATUS_TEXT: Readonly<Record<SupportStatus, string>> = {
  SUPPORTED: 'yes',
  PARTIAL: 'in part',
  ABSENT: 'no',
};

/** A Markdown table. A cell holds no bar. */
function table(head: readonly string[], rows: readonly (readonly string[])[]): string {
  const line = (cells: readonly string[]) =>
    `| ${cells.map(cell => cell.replaceAll('|', '\\|')).join(' | ')} |`;
  return [line(head), line(head.map(() => '---')), ...rows.map(line)].join('\n');
}

/** What is emulated. */
export function supportTable(): string {
  return table(
    ['part of the kernel', 'emulated', 'mutation', 'source', 'what is missing or different'],
    SUPPORT.map(({ name, mutation, source, status, note }) => [
      name,
      STATUS_TEXT[status],
      mutation === null ? '' : `\`${mutation}\``,
      source,
      note,
    ]),
  );
}

/** Behaviour by kernel version. */
export function behaviourTable(): string {
  const rows = Object.keys(BEHAVIOUR_TEXT) as (keyof Behaviour)[];
  return table(
    ['behaviour', 'kernel function', ...BASELINES.map(name => name.replace('LINUX_', ''))],
    rows.map(row => [
      BEHAVIOUR_TEXT[row].title,
      BEHAVIOUR_TEXT[row].source,
      ...BASELINES.map(baseline => behaviourText(baseline, row)),
    ]),
  );
}

/** The hazards that are detected. */
export function hazardTable(): string {
  return table(
    ['hazard', 'kind', 'what happens', 'kernels'],
    Object.entries(HAZARDS).map(([name, { kind, title, kernels }]) => [
      `\`${name}\``,
      kind,
      title,
      kernels,
    ]),
  );
}

const TABLES: readonly {
  readonly name: string;
  readonly file: string;
  readonly text: () => string;
}[] = [
  { name: 'support', file: 'src/core/explain/support.ts', text: supportTable },
  { name: 'behaviour', file: 'src/abi/behaviour.ts', text: behaviourTable },
  { name: 'hazard', file: 'src/abi/hazards.ts', text: hazardTable },
];

/** The page with today's tables between their markers. Throws if it has lost a marker. */
export function withTables(page: string): string {
  return TABLES.reduce((text, { name, file, text: print }) => {
    const opening = `<!-- the ${name} table: printed from ${file} by \`npm run docs\` -->`;
    const closing = `<!-- end of the ${name} table -->`;
    const begin = text.indexOf(opening);
    const end = text.indexOf(closing);
    if (begin === -1 || end < begin) {
      throw new Error(`docs/KERNEL.md has lost the markers of its ${name} table`);
    }
    return `${text.slice(0, begin)}${opening}\n\n${print()}\n\n${text.slice(end)}`;
  }, page);
}

if (import.meta.main) {
  writeFileSync(FILE, withTables(readFileSync(FILE, 'utf8')));
}
