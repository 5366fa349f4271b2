/** A DMA that is given the bytes that it writes. */
import { expect, test } from 'vitest';
import { execute } from '../../../../src/core/machine/execute.ts';
import { contextOf } from '../../../../src/core/machine/lookup.ts';
import { readGuestMemory } from '../../../../src/core/memory/guest-memory.ts';
import { BDF, PAGE, Rig } from '../rig.ts';

const IOVA = 0x4000_0000n;
const hex = (text: string) => Buffer.from(text).toString('hex');

function write(rig: Rig, iova: bigint, text: string) {
  const bytes = { length: BigInt(text.length), data: hex(text) };
  return rig.run('Dma', { bdf: BDF, pasid: null, iova, write: true, fill: 0, ...bytes });
}

/** What the process has at the first page of the guest's data. */
const memory = (rig: Rig, at: bigint, length: bigint) =>
  readGuestMemory(contextOf(rig.state, 1), 0x1002_0000n + at, length);

test.each([
  ['words and what is left behind them', 0n, 'sixteen bytes and more'],
  ['from the middle of a word', 3n, 'thirteen bytes'],
  ['less than a word', 5n, 'abc'],
])('%s', (_name, at, text) => {
  const rig = new Rig();
  rig.guestMap(IOVA, 0x2_0000n);
  write(rig, IOVA, '*'.repeat(64));
  write(rig, IOVA + at, text);
  const length = BigInt(text.length);
  expect(memory(rig, at, length)).toBe(hex(text));
  expect(memory(rig, at + length, 1n)).toBe(hex('*'));
  rig.checkReplay();
});

test('over two pages that lie apart, after it has waited', () => {
  const rig = new Rig();
  const text = 'before the border, and behind it';
  const iova = IOVA + PAGE - 8n;
  expect(write(rig, iova, text)).toMatchObject({ state: 'WAITING_PRG' });
  rig.guestMap(IOVA, 0x2_0000n);
  rig.guestMap(IOVA + PAGE, 0x2_5000n);
  for (const cookie of rig.read()) rig.answer(cookie, 0);
  expect(memory(rig, PAGE - 8n, 8n)).toBe(hex(text.slice(0, 8)));
  expect(memory(rig, 0x5000n, 24n)).toBe(hex(text.slice(8)));
  rig.checkReplay();
});

test.each([
  ['fewer than are written', { length: 8n, write: true, bytes: 4 }, 8, 8],
  ['of a read', { length: 4n, write: false, bytes: 4 }, 0, 0],
  ['more than one operation takes', { length: 65_540n, write: true, bytes: 65_540 }, 0, 65_536],
])('bytes that are %s are refused', (_name, { bytes, ...given }, low, high) => {
  const rig = new Rig();
  const data = '00'.repeat(bytes);
  const dma = { bdf: BDF, pasid: null, iova: IOVA, fill: 0, data, ...given };
  const { errno, events, trace } = execute(rig.state, { type: 'Dma', ...dma });
  expect([errno, events]).toEqual(['EINVAL', []]);
  expect(trace[0]!.reason!.facts).toMatchObject({ argument: 'bytes of data', low, high });
});
