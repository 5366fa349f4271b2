/** What the RISC-V IOMMU's reference model answered, and that `conform` sees any other answer. */
import { readFileSync } from 'node:fs';
import { gunzipSync } from 'node:zlib';
import { describe, expect, test } from 'vitest';
import type { ConformCounts, Divergence } from '../../src/cli/conform/conform-run.ts';
import { REFERENCE_IOTLB_ENTRIES, runRiscvSequence } from '../../src/cli/conform/riscv-run.ts';
import { parseRiscvSequence, type RiscvSequence } from '../../src/cli/conform/riscv-trace.ts';
import { type Json, TraceFormatError } from '../../src/cli/conform/trace-format.ts';

const SEQUENCES = gunzipSync(
  readFileSync(new URL('../traces/hardware/riscv-iommu.jsonl.gz', import.meta.url)),
)
  .toString('utf8')
  .split('\n')
  .filter(line => line !== '')
  .map(line => parseRiscvSequence(JSON.parse(line)));

function run(sequences: readonly RiscvSequence[], iotlbEntries?: number | null) {
  const counts: ConformCounts = { sequences: 0, operations: 0, divergences: 0 };
  const found: Divergence[] = [];
  for (const sequence of sequences) {
    runRiscvSequence(sequence, counts, divergence => found.push(divergence), iotlbEntries);
  }
  expect(found).toHaveLength(counts.divergences);
  return { counts, found };
}

describe('the RISC-V trace', () => {
  test('runs without a divergence, with the cache of the reference model', () => {
    const { counts, found } = run(SEQUENCES);
    expect(found).toEqual([]);
    expect(counts).toEqual({ sequences: 600, operations: 26_813, divergences: 0 });
  });

  test('its sequences that invalidate run on a cache that forgets nothing, too', () => {
    const exact = SEQUENCES.filter(({ sequence }) => sequence.startsWith('exact-'));
    expect(exact).toHaveLength(300);
    expect(run(exact, null).found).toEqual([]);
  });

  test('holds what it is there for: stale hits, automatic answers, overflow', () => {
    const answers = SEQUENCES.flatMap(({ steps }) =>
      steps.map(([input, answer]) => ({ input, answer: answer as Record<string, Json> })),
    );
    const codes = answers
      .filter(({ input, answer }) => input.startsWith('pr ') && 'message' in answer)
      .map(({ answer }) => (answer['message'] as { code: number }).code);
    const counted = (code: number) => codes.filter(found => found === code).length;
    expect([counted(0), counted(1), counted(15)]).toEqual([109, 396, 518]);
    expect(answers.filter(({ answer }) => answer['pqof'] === 1).length).toBe(142);
  });

  test('a cache that forgets earlier is seen by it', () => {
    const stale = SEQUENCES.filter(({ sequence }) => sequence.startsWith('stale-'));
    expect(run(stale, REFERENCE_IOTLB_ENTRIES).found).toEqual([]);
    expect(run(stale, 1).counts.divergences).toBeGreaterThan(0);
  });
});

describe('another answer is a divergence', () => {
  /** Changes one field of the first answer that has it with a value the change takes. */
  function altered(
    field: string,
    change: (value: Json) => Json | undefined,
  ): { sequence: RiscvSequence; place: number } {
    for (const sequence of SEQUENCES) {
      for (const [place, [input, answer]] of sequence.steps.entries()) {
        const fields = answer as Record<string, Json>;
        const changed = field in fields ? change(fields[field]!) : undefined;
        if (changed === undefined) continue;
        const step = [input, { ...fields, [field]: changed }] as const;
        return { sequence: { ...sequence, steps: sequence.steps.with(place, step) }, place };
      }
    }
    throw new Error(`no answer with ${field} to change`);
  }

  const flipped = (value: Json) => (value === 0 ? 1 : 0);
  const CASES: readonly [string, (value: Json) => Json | undefined][] = [
    ['status', value => (value === 1 ? 0 : undefined)],
    ['ppn', value => (value === '0x0' ? undefined : '0x20001')],
    ['R', flipped],
    ['W', flipped],
    ['leaf', () => '0x16000'],
    ['queued', value => value !== true],
    ['pqof', flipped],
    ['zapped', flipped],
    ['payload', () => '0x1'],
    ['empty', () => false],
    ['faults', value => ((value as Json[]).length > 0 ? [] : undefined)],
    [
      'faults',
      value => {
        const [fault] = value as Record<string, Json>[];
        return fault?.['cause'] === 21 ? [{ ...fault, iotval2: '0x0' }] : undefined;
      },
    ],
    ['message', value => ({ ...(value as Record<string, Json>), code: 2 })],
  ];

  test.each(CASES)('%s', (field, change) => {
    const { sequence, place } = altered(field, change);
    const { found } = run([sequence]);
    expect(found.map(divergence => [divergence.place, divergence.field])).toEqual([[place, field]]);
  });
});

describe('a file that is no trace', () => {
  const CASES: readonly [what: string, line: unknown, message: RegExp][] = [
    ['steps that are no list', { sequence: 'a', steps: 1 }, /"steps" must be a list/],
    ['no name', { steps: [] }, /"sequence" must be a string/],
    ['a step without answer', { sequence: 'a', steps: [['reset']] }, /step 0: not a pair/],
    ['an answer that is no object', { sequence: 'a', steps: [['reset', 1]] }, /step 0/],
  ];

  test.each(CASES)('%s', (_what, line, message) => {
    expect(() => parseRiscvSequence(line)).toThrow(TraceFormatError);
    expect(() => parseRiscvSequence(line)).toThrow(message);
  });

  const INPUTS: readonly [input: string, message: string][] = [
    ['fly', 'operation "fly": expected one of reset, pq'],
    ['pq', 'pq: ENTRIES is missing'],
    ['pq 3', 'ENTRIES: expected a power of two of at least 2, not 3'],
    ['pq 8 8', 'pq: "8" is one word too many'],
    ['pq x', 'ENTRIES: expected a number from 0 to 65536, not "x"'],
    ['device 256 2 1 0 1 1 8 8 0', 'ATS: expected a number from 0 to 1, not "2"'],
    ['device 256 1 1 0 1 1 7 8 0', 'iohgatp: expected one of 0, 8, 9, 10'],
    ['gmap 256 0 0 rw 0', 'DID: there is no device 256'],
    ['dma 256 0 0 3 0 r', 'AT: expected a number from 0 to 2, not "3"'],
    ['dma 256 0 0 0 0 x', 'access: expected r or w, not "x"'],
    ['pr 256 0 0 0 1 0 1 512', 'PRGI: expected a number from 0 to 511, not "512"'],
  ];

  test.each(INPUTS)('%s', (input, message) => {
    const sequence: RiscvSequence = { sequence: 'a', steps: [[input, {}]] };
    expect(() => run([sequence])).toThrow(TraceFormatError);
    expect(() => run([sequence])).toThrow(message);
  });
});
