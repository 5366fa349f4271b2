/**
 * The walk of a first-stage page table, in any format. It ends by itself: each step goes one level
 * down, so a table that points at itself is read once for each level.
 */
import type { ReadWord, TableAccess, TableFault, Walk, WalkStep, WordWrite } from './access.ts';
import { ALL_RIGHTS, type EntryFormat, type PathRights } from './entry.ts';

const WORD = 8n;

/**
 * Translates one IOVA. `root` is the address of the root table, a multiple of 4096. Reads at most
 * `format.levels` words.
 */
export function walk(
  format: EntryFormat,
  root: bigint,
  iova: bigint,
  access: TableAccess,
  readWord: ReadWord,
): Walk {
  const steps: WalkStep[] = [];
  const updates: WordWrite[] = [];
  const ended = (fault: TableFault, level: number, address: bigint): Walk => ({
    steps,
    outcome: { kind: 'FAULT', fault, level, address },
  });
  if (!format.inputFits(iova)) return ended('NOT_CANONICAL', format.levels, iova);
  let table = root;
  let rights: PathRights = ALL_RIGHTS;
  for (let level = format.levels - 1; level >= 0; level--) {
    const address = table + format.index(iova, level) * WORD;
    const entry = readWord(address);
    steps.push({ level, address, entry });
    if (entry === null) return ended('TABLE_UNREADABLE', level, address);
    const meaning = format.meaning(entry, level, rights);
    if (meaning.kind === 'FAULT') return ended(meaning.fault, level, address);
    rights = meaning.rights;
    if (meaning.kind === 'TABLE') {
      const used = format.usedTable(entry);
      if (used !== null && used !== entry) updates.push({ address, value: used });
      table = meaning.address;
      continue;
    }
    const checked = format.check(entry, rights, access);
    if (checked.kind === 'FAULT') return ended(checked.fault, level, address);
    const { read, write, execute, update } = checked;
    if (update !== null && update !== entry) updates.push({ address, value: update });
    const { pageShift } = meaning;
    const offset = iova & ((1n << BigInt(pageShift)) - 1n);
    const page = { address: meaning.address | offset, pageShift, read, write, execute };
    return { steps, outcome: { kind: 'PAGE', ...page, global: rights.global, updates } };
  }
  // Every format refuses a table entry at level 0.
  throw new Error('assertion failed: the entries of level 0 are pages or faults');
}
