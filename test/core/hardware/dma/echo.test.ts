/** A device that reads a page which is not there, waits, and writes it back when it is. */
import { expect, test } from 'vitest';
import { op, PAGE, Rig } from '../rig.ts';

const IOVA = 0xfef0_0000n;
const DATA = 0x2_0000n;

function echoing(): Rig {
  const rig = new Rig();
  rig.load([
    op({ op: 'ECHO', iova: IOVA, length: PAGE }),
    op({ op: 'EXPECT', iova: IOVA, length: PAGE, fill: 0 }),
  ]);
  return rig;
}

test('it waits for one group of one page, to be read', () => {
  const rig = echoing();
  expect(rig.runProgram()).toEqual({ state: 'WAITING', next: 1, steps: 1 });
  expect(rig.of('IopfGroupQueued').map(({ requests }) => requests)).toEqual([
    [{ flags: 2, pasid: 0, grpid: 0, perm: 1, addr: IOVA }],
  ]);
  expect([...rig.device.hardware.dmas.values()]).toMatchObject([
    { dmaId: 1, state: 'WAITING_PRG', retries: 0 },
  ]);
  rig.checkReplay();
});

test('a handler that maps the page and answers lets it go on to its end', () => {
  const rig = echoing();
  rig.runProgram();
  const [cookie] = rig.read();
  rig.guestMap(IOVA, DATA);
  rig.answer(cookie!, 0);
  expect(rig.device.hardware.program).toMatchObject({ state: 'DONE', steps: 2, failure: null });
  expect(rig.of('DmaCompleted').map(({ matched, runs }) => [matched, runs[0]!.userVa])).toEqual([
    [null, 0x1002_0000n],
    [null, 0x1002_0000n],
    [true, 0x1002_0000n],
  ]);
  expect(rig.hazards()).toEqual([]);
  expect(rig.device.hardware.held.size).toBe(0);
  rig.checkReplay();
});

test('a handler that forgets to map is told so, and the device asks again', () => {
  const rig = echoing();
  rig.runProgram();
  rig.answer(rig.read()[0]!, 0);
  expect(rig.hazards()).toEqual(['SUCCESS_WITHOUT_MAPPING']);
  expect(rig.planted('SUCCESS_WITHOUT_MAPPING')).toEqual(['PageResponseWritten']);
  expect([...rig.device.hardware.dmas.values()]).toMatchObject([
    { state: 'WAITING_PRG', retries: 1 },
  ]);
  expect(rig.of('IopfGroupQueued').map(({ iopfGroupId }) => iopfGroupId)).toEqual([1, 2]);
  for (let answers = 1; answers < 16; answers++) rig.answer(rig.read()[0]!, 0);
  expect(rig.of('DmaAborted').map(({ reason }) => reason)).toEqual(['RETRY_LIMIT']);
  expect(rig.device.hardware.dmas.size).toBe(0);
  expect(rig.device.hardware.program).toMatchObject({ state: 'FAILED' });
  rig.checkReplay();
});

test('INVALID ends the DMA, and PRI stays on', () => {
  const rig = echoing();
  rig.runProgram();
  rig.answer(rig.read()[0]!, 1);
  expect(rig.of('DmaAborted').map(({ reason }) => reason)).toEqual(['INVALID_REQUEST']);
  expect(rig.device.hardware.pri).toMatchObject({ enabled: true, responseFailure: false });
  expect(rig.hazards()).toEqual([]);
  rig.checkReplay();
});

test('a handler that maps to a guest address which is not there is told which', () => {
  const rig = echoing();
  rig.runProgram();
  const [cookie] = rig.read();
  rig.guestMap(IOVA, 0x1234_5000n);
  rig.answer(cookie!, 0);
  expect(rig.hazards()).toEqual(['SUCCESS_WITHOUT_MAPPING']);
  expect(rig.state.hazards.at(-1)!.detail).toBe(
    'IOVA 0xfef00000 of 0000:01:00.0, DMA 1: answered SUCCESS, and the page is mapped to guest address 0x12345000, which is missing in the second stage',
  );
});
