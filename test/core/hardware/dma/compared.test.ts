/** A hit is compared with a walk once; whatever the walk depends on makes it be compared again. */
import { describe, expect, test } from 'vitest';
import { PAGE, Rig, ROOT, USER_VA } from '../rig.ts';

const IOVA = 0x4000_0000n;
const DATA = 0x2_0000n;
/** Where the device sees the guest's own leaf table. */
const TABLE_IOVA = IOVA + 0x10_0000n;

/** The guest physical address of the leaf table of IOVA. */
function leafTable(rig: Rig): bigint {
  const { words } = rig.state.contexts.get(1)!;
  let table = ROOT;
  for (const shift of [39n, 30n, 21n]) {
    const gpa = table + ((IOVA >> shift) & 0x1ffn) * 8n;
    table = words.at(USER_VA + gpa)!.value & 0x000f_ffff_ffff_f000n;
  }
  return table;
}

/** The page is cached, and known to be what a walk finds. */
function usedTwice(): Rig {
  const rig = new Rig();
  rig.guestMap(IOVA, DATA);
  rig.guestMap(TABLE_IOVA, leafTable(rig));
  rig.dma({ iova: TABLE_IOVA + 0x400n, write: true, length: 8n });
  for (let i = 0; i < 3; i++) rig.dma({ iova: IOVA });
  expect(rig.hazards()).toEqual([]);
  return rig;
}

describe('a translation that was known to be right is stale after', () => {
  const changes: readonly (readonly [string, (rig: Rig) => void])[] = [
    ['guestUnmap', rig => rig.guestUnmap(IOVA)],
    [
      'guestWrite of its leaf',
      rig =>
        rig.run('GuestWrite', {
          contextId: 1,
          ioasId: rig.ioasId,
          words: [{ gpa: leafTable(rig) + ((IOVA >> 12n) & 0x1ffn) * 8n, value: 0n }],
        }),
    ],
    [
      'guestWrite of its root',
      rig =>
        rig.run('GuestWrite', {
          contextId: 1,
          ioasId: rig.ioasId,
          words: [{ gpa: ROOT + ((IOVA >> 39n) & 0x1ffn) * 8n, value: 0n }],
        }),
    ],
    [
      'a DMA that fills the table',
      rig => {
        rig.dma({ iova: TABLE_IOVA, write: true, fill: 0 });
      },
    ],
  ];
  test.each(changes)('%s', (_, change) => {
    const rig = usedTwice();
    change(rig);
    rig.dma({ iova: IOVA });
    expect(rig.hazards()).toEqual(['STALE_TRANSLATION_USED']);
    rig.checkReplay();
  });
});

test('another hwpt of the same id is another table', () => {
  const rig = usedTwice();
  const other = rig.secondHwpt();
  rig.run('DeviceReplace', { contextId: 1, devId: rig.devId, ptId: other });
  rig.run('Destroy', { contextId: 1, id: rig.hwptId });
  // The kernel flushed on the way: nothing of the old table is used.
  rig.dma({ iova: IOVA });
  expect(rig.of('DmaCompleted').at(-1)).toMatchObject({ via: 'WALK' });
  expect(rig.hazards()).toEqual([]);
});

test('an entry that was read from bytes is compared at each hit', () => {
  const rig = usedTwice();
  // A device writes the entry of another page byte by byte: present, writable, user, accessed; 20000h.
  const [entry, iova] = [TABLE_IOVA + 16n, IOVA + 2n * PAGE];
  rig.dma({ iova: entry, write: true, length: 1n, fill: 0x27 });
  rig.dma({ iova: entry + 2n, write: true, length: 1n, fill: 0x02 });
  expect(rig.state.contexts.get(1)!.words.at(USER_VA + leafTable(rig) + 16n)).toBe(null);
  for (let i = 0; i < 3; i++) expect(rig.dma({ iova }).state).toBe('DONE');
  expect(rig.hazards()).toEqual([]);
  rig.dma({ iova: entry, write: true, length: 1n, fill: 0 });
  rig.dma({ iova });
  expect(rig.hazards()).toEqual(['STALE_TRANSLATION_USED']);
  rig.checkReplay();
});
