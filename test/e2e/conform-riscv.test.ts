/** `faultline conform` on traces of the RISC-V IOMMU's reference model. */
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { run, temporaryDirectory } from './process.ts';

const path = (file: string) => new URL(`../traces/${file}`, import.meta.url).pathname;

test('conform ends with the same line, also beside a kernel trace', async () => {
  const alone = await run('conform', path('hardware/riscv-iommu.jsonl.gz'));
  expect(alone).toMatchObject({
    code: 0,
    stdout: '600 sequences, 26813 operations, 0 divergences\n',
  });
  const both = await run('conform', path('hazards.jsonl'), path('hardware/riscv-iommu.jsonl.gz'));
  expect(both).toMatchObject({
    code: 0,
    stdout: '609 sequences, 26911 operations, 0 divergences\n',
  });
});

test('a divergence names sequence, step and field, and is exit code 1', async () => {
  const file = join(temporaryDirectory(), 'riscv.jsonl');
  const steps = [
    ['reset', { ok: true }],
    ['pq 8', { rc: 0 }],
    ['pqpop', { empty: false }],
  ];
  writeFileSync(file, `${JSON.stringify({ sequence: 'mine', steps })}\n`);
  expect(await run('conform', file)).toMatchObject({
    code: 1,
    stdout: [
      `${file}: sequence mine, operation 2 pqpop, empty: expected false, got true\n`,
      '1 sequences, 3 operations, 1 divergences\n',
    ].join(''),
  });
});

test.each([
  [{ sequence: 'mine', steps: 7 }, '"steps" must be a list'],
  [
    {
      sequence: 'mine',
      steps: [
        ['reset', { ok: true }],
        ['fly', {}],
      ],
    },
    'step 1: operation "fly"',
  ],
  [{ sequence: 'mine', steps: [['pq 3', {}]] }, 'step 0: ENTRIES: expected a power of two'],
])('what is no trace is 1, and file and line are named: %#', async (line, said) => {
  const file = join(temporaryDirectory(), 'riscv.jsonl');
  const good = { sequence: 'good', steps: [['reset', { ok: true }]] };
  writeFileSync(file, `${JSON.stringify(good)}\n${JSON.stringify(line)}\n`);
  const { code, stdout, stderr } = await run('conform', file);
  expect({ code, stdout }).toEqual({ code: 1, stdout: '' });
  expect(stderr).toContain(`${file}:2: ${said}`);
});
