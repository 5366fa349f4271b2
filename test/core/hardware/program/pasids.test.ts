/** PASIDs of a program go round by the operations that take one, whatever stands between them. */
import { expect, test } from 'vitest';
import { op, PAGE, Rig } from '../rig.ts';

const IOVA = 0x4000_0000n;
const read = (pasid: number | null = null) => op({ op: 'READ', iova: IOVA, length: PAGE, pasid });

function pasidsOf(ops: Parameters<Rig['load']>[0], runs = 1): (number | null)[] {
  const rig = new Rig();
  rig.load(ops, { pasids: [1, 2], maxOutstanding: 64 });
  for (let i = 0; i < runs; i++) rig.runProgram(runs === 1 ? 1_000 : 1);
  rig.checkReplay();
  return rig.of('DmaIssued').map(({ request }) => request.pasid);
}

test('a REPEAT takes no turn', () => {
  expect(pasidsOf([read(), op({ op: 'REPEAT', count: 3 })])).toEqual([1, 2, 1, 2]);
});

test('an operation with its own PASID takes no turn either, and runs go on where they stopped', () => {
  expect(pasidsOf([read(), read(9), read(), read()])).toEqual([1, 9, 2, 1]);
  expect(pasidsOf([read(), op({ op: 'REPEAT', count: 3 })], 8)).toEqual([1, 2, 1, 2]);
});

test('a stop marker for the next one takes its turn', () => {
  expect(pasidsOf([read(), op({ op: 'STOP' }), read()])).toEqual([1, 1]);
});
