/** Counted blocks as rows: what each must agree with, and what becomes of one that does not. */
import type { BlockRange, CountedBlock, Damage } from './log.ts';
import { rowDigest } from './row-digest.ts';
import type { BlockRow } from './row-store.ts';
import type { SharingStore } from './shared-past.ts';

/** null if its operation is not there: the machine was deleted, or forked anew, meanwhile. */
export function blockRow(
  store: SharingStore,
  machineId: string,
  block: CountedBlock,
): BlockRow | null {
  const link = store.link(machineId, block.number);
  if (link === null) return null;
  const holder = store.holderOf(machineId, block.number);
  const row = { machineId: holder, ...block, hash: link.hash };
  return { ...row, digest: digestOf(row) };
}

/**
 * Those from `first` on without a gap. From one that cannot be taken on they are deleted, since they
 * can be counted again; if it was damaged, `say` hears of it.
 */
export function keptBlocks(
  store: SharingStore,
  machineId: string,
  { first, limit, version }: BlockRange,
  say: (line: string) => void,
): CountedBlock[] {
  const kept: CountedBlock[] = [];
  for (const row of store.blocks.range(machineId, first, limit)) {
    const what = whatIsWrong(store, row);
    if (what === null && row.version === version) {
      if (row.block !== first + kept.length) break;
      const { block, number, counts } = row;
      kept.push({ block, number, version, counts });
      continue;
    }
    if (what !== null) {
      say(`machine ${row.machineId}, ${nameOf(row)} is deleted, to be counted again: ${what}`);
    }
    store.blocks.delete(row.machineId, row.block);
    break;
  }
  return kept;
}

export function* blockDamage(store: SharingStore, machineId: string | null): Generator<Damage> {
  for (const row of store.blocks.all(machineId)) {
    const what = whatIsWrong(store, row);
    if (what === null) continue;
    const { machineId: holder, number } = row;
    const beside = nameOf(row);
    yield { machineId: holder, number, seq: 0, beside, what: `${what} (it can be counted again)` };
  }
}

function whatIsWrong(store: SharingStore, row: BlockRow): string | null {
  if (digestOf(row) !== row.digest) return 'its digest does not match: it was changed';
  if (store.link(row.machineId, row.number)?.hash === row.hash) return null;
  return 'the operation it was over with is not what it was';
}

function digestOf({ machineId, block, number, hash, version, counts }: Omit<BlockRow, 'digest'>) {
  return rowDigest('block', [machineId, block, number, hash, version, counts]);
}

function nameOf({ block }: BlockRow): string {
  return `counted block ${block}`;
}
