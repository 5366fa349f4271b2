/** Where the objects are drawn: a column for each kind, and a row that an object keeps for life. */
import type { Graph } from '../data/graph.ts';
import type { Key } from '../data/keys.ts';
import type { ObjectKind } from '../documents.ts';

export const COLUMNS = [
  'context',
  'IOAS',
  'paging hwpt',
  'nested hwpt',
  'attach handle',
  'IOMMU group',
  'device',
  'physical device',
] as const;

/** From the program at the left to the hardware at the right; faults lie in rows below. */
const PLACES: Readonly<Partial<Record<ObjectKind, { column: number; firstRow: number }>>> = {
  CONTEXT: { column: 0, firstRow: 0 },
  ACCESS: { column: 0, firstRow: 2 },
  IOAS: { column: 1, firstRow: 0 },
  HWPT_PAGING: { column: 2, firstRow: 0 },
  HWPT_NESTED: { column: 3, firstRow: 0 },
  FAULT: { column: 3, firstRow: 2 },
  ATTACH_HANDLE: { column: 4, firstRow: 0 },
  IOMMU_GROUP: { column: 5, firstRow: 0 },
  IOPF_GROUP: { column: 5, firstRow: 2 },
  DEVICE: { column: 6, firstRow: 0 },
  SELFTEST: { column: 6, firstRow: 2 },
  PHYSICAL_DEVICE: { column: 7, firstRow: 0 },
  IOMMU: { column: 7, firstRow: 4 },
};

const ELSEWHERE = { column: 0, firstRow: 4 };

/** Rows a column shows; the table has the others. */
export const ROWS_MAX = 60;

export interface Place {
  readonly column: number;
  readonly row: number;
}

/** Remembers rows from moment to moment, so that what stays does not move. */
export class Layout {
  private places = new Map<Key, Place>();
  /** Where an object was when it was last seen: it goes there again, if nobody is there. */
  private readonly remembered = new Map<Key, Place>();

  /** Places the nodes, those that went with the event too. Leaves out what has no row. */
  arrange({ nodes }: Graph): ReadonlyMap<Key, Place> {
    const taken = new Set<string>();
    const next = new Map<Key, Place>();
    const put = (key: Key, place: Place) => {
      taken.add(`${place.column}/${place.row}`);
      next.set(key, place);
    };
    for (const { key } of nodes) {
      const place = this.places.get(key);
      if (place !== undefined) put(key, place);
    }
    for (const { key, kind } of nodes) {
      if (next.has(key)) continue;
      const { column, firstRow } = PLACES[kind] ?? ELSEWHERE;
      const before = this.remembered.get(key);
      if (before !== undefined && !taken.has(`${before.column}/${before.row}`)) {
        put(key, before);
        continue;
      }
      let row = firstRow;
      while (taken.has(`${column}/${row}`)) row += 1;
      if (row < ROWS_MAX) put(key, { column, row });
    }
    for (const [key, place] of next) this.remembered.set(key, place);
    this.places = next;
    return next;
  }
}
