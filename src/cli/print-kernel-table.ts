/** `npm run docs`, first half: writes the support table into docs/KERNEL.md. */
import { readFileSync, writeFileSync } from 'node:fs';
import { SUPPORT, type SupportStatus } from '../core/support.ts';

const FILE = new URL('../../docs/KERNEL.md', import.meta.url);
const BEGIN = '<!-- the support table: printed from src/core/support.ts by `npm run docs` -->';
const END = '<!-- end of the support table -->';

const STATUS_TEXT: Readonly<Record<SupportStatus, string>> = {
  SUPPORTED: 'yes',
  PARTIAL: 'in part',
  ABSENT: 'no',
};

/** A cell of a Markdown table holds no bar. */
const cell = (text: string): string => text.replaceAll('|', '\\|');

/** The support table as Markdown. */
export function supportTable(): string {
  const rows = SUPPORT.map(({ name, mutation, source, status, note }) => {
    const called = mutation === null ? '' : `\`${mutation}\``;
    return `| ${cell(name)} | ${STATUS_TEXT[status]} | ${called} | ${cell(source)} | ${cell(note)} |`;
  });
  return [
    '| part of the kernel | emulated | mutation | source | what is missing or different |',
    '| --- | --- | --- | --- | --- |',
    ...rows,
  ].join('\n');
}

/** The page with today's table between its markers. Throws if it has no markers. */
export function withSupportTable(page: string): string {
  const begin = page.indexOf(BEGIN);
  const end = page.indexOf(END);
  if (begin === -1 || end < begin) throw new Error('docs/KERNEL.md has lost the table’s markers');
  return `${page.slice(0, begin)}${BEGIN}\n\n${supportTable()}\n\n${page.slice(end)}`;
}

if (import.meta.main) {
  writeFileSync(FILE, withSupportTable(readFileSync(FILE, 'utf8')));
}
