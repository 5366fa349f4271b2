/** Runs of a DMA name the process that mapped the page, where another opened the context. */
import { expect, test } from 'vitest';
import type { EventOf } from '../../../../src/core/machine/event.ts';
import { execute } from '../../../../src/core/machine/execute.ts';
import type { CallingProcess } from '../../../../src/core/memory/user-process.ts';
import { BDF, PAGE, Rig } from '../rig.ts';

const IOVA = 0x4000_0000n;
const CHILD: CallingProcess = {
  processId: 8,
  capIpcLock: true,
  capSysResource: false,
  rlimitMemlock: null,
  userId: 1000,
};
/** Where guest memory of the child begins, behind that of the rig. */
const CHILDS = 0x10_0000n;
const VA = 0x1001_0000n;

/** A guest of 1 MiB whose VMM's child maps four pages more, at addresses that the VMM maps too. */
function family(): Rig {
  const rig = new Rig();
  const { state, ioasId } = rig;
  const memory = [{ processId: 8, removed: [], added: [{ start: VA, last: VA + 0x3fffn }] }];
  const { errno } = execute(state, {
    type: 'IoasMap',
    ...{ contextId: 1, ioasId, flags: 7, userVa: VA, length: 4n * PAGE, iova: CHILDS },
    outside: { process: CHILD, memory },
  });
  expect(errno).toBe(0);
  return rig;
}

function runsOf(rig: Rig, iova: bigint, length: bigint, write = true) {
  const dma = { bdf: BDF, pasid: null, iova, length, write, fill: 0 };
  const { events } = execute(rig.state, { type: 'Dma', ...dma });
  const isDone = (event: (typeof events)[number]): event is EventOf<'DmaCompleted'> =>
    event.type === 'DmaCompleted';
  const { via, runs } = events.find(isDone)!;
  return { via, runs };
}

test('through walks and caches, also where addresses follow each other', () => {
  const rig = family();
  // The guest's pages 0xf and 0x100: user addresses 0x1000f000 and 0x10010000, of two processes.
  rig.guestMap(IOVA, 0xf000n);
  rig.guestMap(IOVA + PAGE, CHILDS);
  const runs = [
    { contextId: 1, userVa: VA - 8n, length: 8n },
    { contextId: 1, processId: 8, userVa: VA, length: 8n },
  ];
  const iova = IOVA + PAGE - 8n;
  expect(runsOf(rig, iova, 16n)).toEqual({ via: 'WALK', runs });
  expect(runsOf(rig, iova, 16n)).toEqual({ via: 'ATC', runs });
  expect(runsOf(rig, iova, 16n)).toEqual({ via: 'ATC', runs });
});

test('bits of a table in the child’s memory are the child’s', () => {
  const rig = family();
  const { state, hwptId } = rig;
  const table = { pageSize: PAGE, tablesGpa: CHILDS, tablesLength: 4n * PAGE };
  const map = { type: 'GuestMap', contextId: 1, hwptId, ...table } as const;
  const { events } = execute(state, { ...map, iova: 0n, gpa: 0xf000n, length: PAGE, perm: 3 });
  const written = events.find(event => event.type === 'GuestWordsWritten')!;
  const isChilds = ({ userVa, processId }: (typeof written.words)[number]) =>
    (processId === 8) === userVa >= VA;
  expect(written.words.length).toBeGreaterThan(1);
  expect(written.words.every(isChilds)).toBe(true);
});

test('a stale translation leads to whoever maps the page that it names', () => {
  const rig = family();
  rig.guestMap(IOVA, CHILDS + PAGE);
  const before = runsOf(rig, IOVA, 8n);
  expect(before.runs).toEqual([{ contextId: 1, processId: 8, userVa: VA + PAGE, length: 8n }]);
  const { hwptId, state } = rig;
  const unmap = { type: 'GuestUnmap', contextId: 1, hwptId, iova: IOVA, length: PAGE } as const;
  expect(execute(state, unmap).errno).toBe(0);
  expect(runsOf(rig, IOVA, 8n)).toEqual({ ...before, via: 'ATC' });
  expect(state.hazards.map(({ name }) => name)).toEqual(['STALE_TRANSLATION_USED']);
});
