/** A translation request is completed with the rights that the tables grant (PCIe, ATS; RISC-V 3.6). */
import { expect, test } from 'vitest';
import { BDF, op, PAGE, Rig } from '../rig.ts';

const IOVA = 0x4000_0000n;
const TABLES = { iommu: { vendor: 'RISCV', tableFormat: 'RISCV_SV39' } } as const;

function completed(rig: Rig, write: boolean, iova = IOVA) {
  const before = rig.of('AtsTranslationCompleted').length;
  rig.load([op({ op: 'TRANSLATE', iova, length: PAGE, write })]);
  rig.runProgram();
  rig.checkReplay();
  return rig
    .of('AtsTranslationCompleted')
    .slice(before)
    .map(({ status, read, write: writes }) => `${status} R=${Number(read)} W=${Number(writes)}`);
}

test.each([{}, TABLES])(
  'a page that may only be read is granted for reading, whoever asks',
  options => {
    const rig = new Rig(options);
    rig.guestMap(IOVA, 0x2_0000n, PAGE, 1);
    expect(completed(rig, true)).toEqual(['SUCCESS R=1 W=0']);
    expect(completed(rig, false)).toEqual(['SUCCESS R=1 W=0']);
    // What was granted is cached: reading needs no walk.
    expect(rig.dma({ iova: IOVA }).state).toBe('DONE');
    expect(rig.of('DmaCompleted')[0]!.via).toBe('ATC');
  },
);

test.each([{}, TABLES])(
  'a clean page is granted for writing to who asks for it, then to all',
  options => {
    const rig = new Rig(options);
    rig.guestMap(IOVA, 0x2_0000n);
    expect(completed(rig, false)).toEqual(['SUCCESS R=1 W=0']);
    rig.invalidate();
    expect(completed(rig, true)).toEqual(['SUCCESS R=1 W=1']);
    rig.invalidate();
    expect(completed(rig, false)).toEqual(['SUCCESS R=1 W=1']);
  },
);

test('a page that the nest parent grants for reading alone', () => {
  const rig = new Rig({ mapped: 0x1_0000n });
  rig.ioasMap(0x2_0000n, PAGE, false);
  rig.guestMap(IOVA, 0x2_0000n);
  expect(completed(rig, true)).toEqual(['SUCCESS R=1 W=0']);
});

test('a page that is not there has no rights, and no completion of another is echoed', () => {
  const rig = new Rig();
  rig.guestMap(IOVA, 0x2_0000n);
  expect(completed(rig, true, IOVA + PAGE)).toEqual(['SUCCESS R=0 W=0']);
  expect(completed(rig, false, 1n << 60n)).toEqual(['CA R=0 W=0']);
});

test('what the IOTLB has is the answer, stale or not', () => {
  const rig = new Rig({ iommu: { vendor: 'SMMUV3' } });
  rig.guestMap(IOVA, 0x2_0000n);
  rig.dma({ iova: IOVA });
  rig.run('AtcInvalidate', { bdf: BDF, pasid: null, addr: IOVA, size: PAGE });
  rig.guestUnmap(IOVA);
  rig.guestMap(IOVA, 0x3_0000n);
  expect(completed(rig, false)).toEqual(['SUCCESS R=1 W=0']);
  expect(rig.of('AtcFilled').at(-1)!.translations).toMatchObject([{ target: 0x1002_0000 >> 12 }]);
  expect(rig.hazards()).toEqual(['STALE_TRANSLATION_USED']);
});
