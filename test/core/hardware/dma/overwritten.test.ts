/** A guest's table is memory: a DMA that writes over it is named by what goes wrong then. */
import { expect, test } from 'vitest';
import { op, PAGE, Rig } from '../rig.ts';

const IOVA = 0x4000_0000n;
/** Where the guest maps its own tables, 2000h to 10000h, for its device. */
const TABLES = 0x4010_0000n;
const SOURCE = 0x4020_0000n;

function mapped(): Rig {
  const rig = new Rig();
  rig.guestMap(IOVA, 0x2_0000n);
  rig.guestMap(TABLES, 0x2000n, 0xe000n);
  rig.guestMap(SOURCE, 0x3_0000n);
  for (const iova of [IOVA, TABLES, SOURCE])
    rig.dma({ iova, length: iova === TABLES ? 0xe000n : PAGE });
  return rig;
}

/** Uses what is cached, and says which event planted the stale translation. */
function stale(rig: Rig) {
  rig.dma({ iova: IOVA });
  rig.checkReplay();
  const { seq } = rig.state;
  const [hazard] = rig.state.hazards;
  expect(rig.hazards()).toEqual(['STALE_TRANSLATION_USED']);
  expect(hazard!.plantedSeq).toBeLessThan(seq);
  const planted = rig.events[hazard!.plantedSeq! - 1]!;
  return planted.type === 'DmaCompleted' ? planted.dmaId : planted.type;
}

test('a write over the whole table', () => {
  const rig = mapped();
  const { dmaId } = rig.dma({ iova: TABLES, length: 0xe000n, write: true });
  expect(stale(rig)).toBe(dmaId);
});

/** Where the entry of IOVA lies, as the device sees it. */
const leafOf = (rig: Rig) =>
  TABLES + rig.of('GuestWordsWritten')[0]!.words.at(-1)!.userVa - 0x1000_2000n;

test('a write of one byte into an entry: the present bit’s', () => {
  const rig = mapped();
  const { dmaId } = rig.dma({ iova: leafOf(rig), length: 1n, write: true });
  expect(stale(rig)).toBe(dmaId);
});

test('a copy over it', () => {
  const rig = mapped();
  rig.load([op({ op: 'COPY', iova: SOURCE, toIova: leafOf(rig) & ~0xfffn, length: PAGE })]);
  expect(rig.runProgram()).toMatchObject({ state: 'DONE' });
  const { dmaId } = rig.of('DmaCompleted').at(-1)!;
  expect(stale(rig)).toBe(dmaId);
});
