/** Automatic IOVAs (iopt_alloc_iova) against a search without any index. */
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { ULONG_MAX } from '../../../../src/abi/uapi.ts';
import type { ReplyOf } from '../../../../src/core/machine/command.ts';
import type { Outcome } from '../../../../src/core/machine/operation.ts';
import { Machine } from '../../machine/table.ts';

interface Range {
  readonly start: bigint;
  readonly last: bigint;
}

const PAGE = 4096n;
/** Everything but this much room at the bottom is reserved, so that each place can be tried. */
const ROOM = 96n * PAGE;

const meets = (ranges: readonly Range[], start: bigint, last: bigint) =>
  ranges.some(range => range.start <= last && range.last >= start);

/** Spans searched: the allowed ranges, those that touch as one, without the outermost pages. */
function spansOf(allowed: readonly Range[]): Range[] {
  const outer = { start: PAGE, last: ULONG_MAX - PAGE };
  if (allowed.length === 0) return [outer];
  const spans: Range[] = [];
  for (const range of allowed.toSorted((a, b) => (a.start < b.start ? -1 : 1))) {
    const before = spans.at(-1);
    if (before !== undefined && range.start === before.last + 1n) {
      spans[spans.length - 1] = { start: before.start, last: range.last };
    } else spans.push(range);
  }
  return spans
    .map(({ start, last }) => ({
      start: start < outer.start ? outer.start : start,
      last: last > outer.last ? outer.last : last,
    }))
    .filter(({ start, last }) => start <= last);
}

/** Unbroken runs of bytes in a span that nothing takes, found by cutting it at every end. */
function holesOf({ start, last }: Range, taken: readonly Range[]): Range[] {
  const met = taken.filter(range => range.start <= last && range.last >= start);
  const ends = met.flatMap(range => [range.start, range.last + 1n]);
  const cuts = [...new Set([start, ...ends, last + 1n])]
    .filter(cut => cut >= start && cut <= last + 1n)
    .sort((a, b) => (a < b ? -1 : 1));
  const holes: { start: bigint; last: bigint }[] = [];
  for (const [index, cut] of cuts.slice(0, -1).entries()) {
    if (meets(met, cut, cut)) continue;
    const before = holes.at(-1);
    if (before !== undefined && before.last === cut - 1n) before.last = cuts[index + 1]! - 1n;
    else holes.push({ start: cut, last: cuts[index + 1]! - 1n });
  }
  return holes;
}

function expectedIova(
  { allowed, taken }: { allowed: readonly Range[]; taken: readonly Range[] },
  userVa: bigint,
  length: bigint,
): bigint | 'ENOSPC' {
  let align = 1n;
  while (align < length) align *= 2n;
  while (userVa !== 0n && userVa % align !== 0n) align /= 2n;
  /** Rounded up to the alignment, with the bits of the page offset set: may be further than that. */
  const firstFit = ({ start, last }: Range): bigint | null => {
    let at = start;
    while (at % align !== 0n) at++;
    at |= userVa % PAGE;
    return at < last && last - at >= length - 1n ? at : null;
  };
  for (const span of spansOf(allowed)) {
    const start = firstFit(span);
    if (start === null) continue;
    for (const hole of holesOf({ start, last: span.last }, taken)) {
      const iova = firstFit(hole);
      if (iova !== null) return iova;
    }
  }
  return 'ENOSPC';
}

/** Half pages, so that alignment and page offsets matter. */
const unit = fc.integer({ min: 0, max: 2 * 96 - 1 }).map(half => BigInt(half) * 2048n);
const size = fc.oneof(
  fc.integer({ min: 1, max: 12 }).map(half => BigInt(half) * 2048n),
  fc.constantFrom(1n, 512n, 3n * 512n),
);
const range = fc.tuple(unit, size).map(([start, bytes]) => ({ start, last: start + bytes - 1n }));

test('the lowest place that fits, in allowed ranges, between reserved ones and areas', () => {
  fc.assert(
    fc.property(
      fc.array(range, { maxLength: 3 }),
      fc.array(range, { maxLength: 5 }),
      fc.array(range, { maxLength: 8 }),
      fc.array(fc.tuple(unit, size, fc.constantFrom(0n, 0n, 512n, 2048n)), {
        minLength: 1,
        maxLength: 12,
      }),
      (allowed, reserved, mapped, wanted) => {
        const machine = new Machine();
        const at = { contextId: 1, ioasId: 1 } as const;
        machine.run('ioasAlloc');
        const taken: Range[] = [{ start: ROOM, last: ULONG_MAX }];
        machine.execute({
          ...at,
          type: 'TestAddReserved',
          start: ROOM,
          length: ULONG_MAX - ROOM + 1n,
        });
        for (const { start, last } of reserved) {
          const length = last - start + 1n;
          machine.execute({ ...at, type: 'TestAddReserved', start, length });
          taken.push({ start, last });
        }
        const allow = machine.execute({ ...at, type: 'IoasAllowIovas', allowedIovas: allowed });
        const inForce = allow.errno === 0 ? allowed : [];
        const map = (flags: number, userVa: bigint, length: bigint, iova: bigint): Outcome =>
          machine.execute({ ...at, type: 'IoasMap', flags, userVa, length, iova });
        for (const { start, last } of mapped) {
          const { errno } = map(7, start, last - start + 1n, start);
          if (errno === 0) taken.push({ start, last });
        }
        for (const [page, length, offset] of wanted) {
          const userVa = page === 0n ? 0n : page + offset;
          const expected = expectedIova({ allowed: inForce, taken }, userVa, length);
          const { errno, reply } = map(6, userVa, length, 0n);
          if (expected === 'ENOSPC') {
            expect(errno).toBe('ENOSPC');
            continue;
          }
          expect(errno).toBe(0);
          expect((reply as ReplyOf['IoasMap']).iova).toBe(expected);
          taken.push({ start: expected, last: expected + length - 1n });
        }
      },
    ),
    { numRuns: 300 },
  );
});

test('lengths and alignments that no place can have', () => {
  new Machine().run(`
    ioas = ioasAlloc
    map ioas 0 0x7fffffffffffffff auto va=0 -> EOVERFLOW
    map ioas 0 0x7ffffffffffffffe auto va=0x200000 -> 0 {iova=0x200000} AreaMapped
    unmap ioas 0 MAX
    option 1 0 ioas val=0 -> 0 LargePagesSet
    map ioas 0 0x1000 auto va=0x10000800 -> EINVAL
    map ioas 0 0x1800 auto -> EINVAL
  `);
});

test('a hole of one byte has no room for one byte', () => {
  new Machine().run(`
    ioas = ioasAlloc
    reserve ioas 0 0x2000
    reserve ioas 0x2001 0xfff
    reserve ioas 0x3002 0xffffffffffffcffe
    map ioas 0 1 auto va=0 -> 0 {iova=0x3000} AreaMapped
    map ioas 0 1 auto va=0 -> ENOSPC
    map ioas 0x2000 1 -> 0 {iova=0x2000}
  `);
});

test('the largest alignment is that of a huge page', () => {
  new Machine().run(`
    ioas = ioasAlloc
    map ioas 0 0x1000 auto va=0 -> 0 {iova=0x1000} AreaMapped
    map ioas 0 0x40000000 auto va=0 -> 0 {iova=0x200000} AreaMapped
    map ioas 0 0x1000 auto va=0x10000000 -> 0 {iova=0x2000} AreaMapped
    map ioas 0 0x3000 auto va=0x10000200 -> 0 {iova=0x3200} AreaMapped
  `);
});
