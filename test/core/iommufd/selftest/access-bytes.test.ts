/** Reads and writes whose bytes are a program's (iommufd_test_access_rw of Linux 6.12.117). */
import { describe, expect, test } from 'vitest';
import { reachedPieces } from '../../../../src/core/iommufd/selftest/access-rw.ts';
import { given } from '../../machine/table.ts';

const SETUP = `
  ioas = ioasAlloc
  map ioas 0x10000 0x1000
  map ioas 0x11000 0x1000 va=0x10008000
  map ioas 0x12000 0x1000 va=0x50000000
  a = access ioas`;

describe('a program’s bytes', () => {
  test('stand in memory of its own: a write leaves them there, a read is given them', () => {
    given([], SETUP).run(`
      rw a 0x10000 4 write data=0102 -> EFAULT         # its buffer ends too early
      rw a 0x90000 4 write data=0102 -> EFAULT         # which comes first
      rw a 0x10ffe 4 write data=01020304 -> 0 {data=} UserMemoryWritten UserMemoryWritten
      rw a 0x10ffe 4 -> 0 {data=00000000}
      rw a 0x10ffe 4 data=01020304 -> 0 {data=01020304}
      rw a 0x10ffe 4 data=010203 -> EFAULT             # what is pinned is out of reach
      rw a 0x10ffe 4 flags=4 data=010203 -> EFAULT
      rw a 0x11ffe 4 write data=01020304 -> EFAULT UserMemoryWritten
      rw a 0x11ffe 4 data=0102 -> EFAULT
    `);
    const machine = given([], SETUP).run(
      'rw a 0x10ffe 4 write data=01020304 -> 0 UserMemoryWritten UserMemoryWritten',
    );
    expect(machine.last.events).toMatchObject([
      { processId: null, userVa: 0x1000_0ffen, length: 2n, from: 0 },
      { processId: null, userVa: 0x1000_8000n, length: 2n, from: 2 },
    ]);
  });

  test('are looked for where the access will reach', () => {
    const { state, names } = given([], SETUP);
    const accessId = names.get('a')!;
    const reach = (iova: bigint, length: bigint, id = accessId, contextId = 1) =>
      reachedPieces(state, { contextId, accessId: id, iova, length });
    expect(reach(0x1_0ffen, 4n)).toEqual([
      { processId: null, userVa: 0x1000_0ffen, length: 2n },
      { processId: null, userVa: 0x1000_8000n, length: 2n },
    ]);
    expect(reach(0x1_2fffn, 2n)).toEqual([{ processId: null, userVa: 0x5000_0fffn, length: 1n }]);
    for (const nothing of [
      reach(0x1_0000n, 0n),
      reach(0x1_0000n, (16n << 20n) + 1n),
      reach(0xffff_ffff_ffff_ffffn, 2n),
      reach(0x9_0000n, 1n),
      reach(0x1_0000n, 1n, 1),
      reach(0x1_0000n, 1n, accessId, 7),
    ]) {
      expect(nothing).toEqual([]);
    }
  });

  test('are those of the process that mapped', () => {
    const { state, names } = given([], `open process=7 shares`).run(`
      ioas = ioasAlloc ctx=2
      map ioas 0x10000 0x1000 ctx=2
      a = access ioas ctx=2
    `);
    const wanted = { contextId: 2, accessId: names.get('a')!, iova: 0x1_0000n, length: 1n };
    expect(reachedPieces(state, wanted)).toMatchObject([{ processId: 7 }]);
  });
});
