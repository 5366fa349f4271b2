/** A program that fails says by which of its operations, and what was there instead. */
import { expect, test } from 'vitest';
import { describeEvent } from '../../../../src/core/explain/describe.ts';
import { op, PAGE, Rig } from '../rig.ts';

const IOVA = 0x4000_0000n;
const DATA = 0x2_0000n;

const write = (iova: bigint, fill: number) => op({ op: 'WRITE', iova, length: PAGE, fill });
const expectBytes = (fill: number) => op({ op: 'EXPECT', iova: IOVA, length: 2n * PAGE, fill });
const barrier = op({ op: 'BARRIER' });

function mapped(): Rig {
  const rig = new Rig();
  rig.guestMap(IOVA, DATA, 2n * PAGE);
  return rig;
}

const program = (rig: Rig) => rig.device.hardware.program;
const told = (rig: Rig) => describeEvent(rig.of('DeviceProgramStepped').at(-1)!);

test('EXPECT names the first byte that is another, across pages', () => {
  const rig = mapped();
  rig.load([write(IOVA, 0xab), barrier, expectBytes(0xab), barrier, write(IOVA, 1)]);
  expect(rig.runProgram().state).toBe('FAILED');
  const failure = 'the byte at 0x40001000 is 0x0, not 0xab';
  expect(program(rig)).toMatchObject({ state: 'FAILED', failedOp: 2, failure });
  expect(told(rig)).toBe(`physical device 1: program failed at operation 2: ${failure}`);
  expect(rig.of('DeviceProgramStepped')).toHaveLength(1);
  expect(program(rig)).toMatchObject({ next: 3, steps: 3 });
  rig.checkReplay();
});

test.each([
  [0xab, 0xab, 0xab, null],
  [0xab, 0xab, 0, '0x40000000 is 0xab, not 0x0'],
  [0, 0, 1, '0x40000000 is 0x0, not 0x1'],
  [0, 7, 0, '0x40001000 is 0x7, not 0x0'],
  [0, 0, 0, null],
])('pages of %i and %i, expected %i', (first, second, expected, other) => {
  const rig = mapped();
  const writes = [write(IOVA, first), write(IOVA + PAGE, second), barrier];
  rig.load([...writes, expectBytes(expected)]);
  rig.runProgram();
  expect(program(rig)!.failure).toBe(other === null ? null : `the byte at ${other}`);
  expect(program(rig)!.failedOp).toBe(other === null ? undefined : 3);
});

test('a word among the bytes counts byte for byte', () => {
  const rig = mapped();
  rig.load([write(IOVA, 2), write(IOVA + PAGE, 2), barrier, expectBytes(2)]);
  rig.runProgram(3);
  rig.run('GuestWrite', {
    contextId: 1,
    ioasId: rig.ioasId,
    words: [{ gpa: DATA + 0x10n, value: 0x0202_0202_0302_0202n }],
  });
  rig.runProgram();
  expect(program(rig)!.failure).toBe('the byte at 0x40000013 is 0x3, not 0x2');
});

test('a time-out and a refusal name the operation that waited, not the next one', () => {
  const read = op({ op: 'READ', iova: IOVA, length: PAGE });
  const timed = new Rig();
  timed.load([read, read, read], { timeoutTicks: 5, maxOutstanding: 1 });
  timed.runProgram();
  timed.run('HardwareAdvance', { ticks: 5 });
  expect(program(timed)).toMatchObject({ failedOp: 0, next: 1, failure: 'DMA 1 timed out' });
  const refused = new Rig();
  refused.load([barrier, read, read], { maxOutstanding: 2 });
  refused.runProgram();
  refused.answer(refused.read()[1]!, 1);
  expect(program(refused)).toMatchObject({ failedOp: 2, failure: 'DMA 2 failed: INVALID_REQUEST' });
  expect(told(refused)).toMatch(/^physical device 1: program failed at operation 2: DMA 2 failed/);
  refused.checkReplay();
});

test('a reset is no operation, and a new program begins without a failure', () => {
  const rig = mapped();
  rig.load([expectBytes(1)]);
  rig.runProgram();
  expect(program(rig)!.failedOp).toBe(0);
  rig.load([expectBytes(0)]);
  expect(program(rig)).toMatchObject({ state: 'IDLE', failure: null });
  expect(program(rig)!.failedOp).toBeUndefined();
});
