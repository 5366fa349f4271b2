/** docs/KERNEL.md says what the code says. */
import { globSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { supportTable, withSupportTable } from '../../src/cli/print-kernel-table.ts';
import { ROOT, Running } from './process.ts';

const PAGE = readFileSync(join(ROOT, 'docs', 'KERNEL.md'), 'utf8');

describe('docs/KERNEL.md', () => {
  test('its support table is the code’s; `npm run docs` makes it so', () => {
    expect(PAGE).toBe(withSupportTable(PAGE));
    expect(PAGE).toContain(supportTable());
  });

  const rows = [...PAGE.matchAll(/^\| `(\S+\.jsonl(?:\.gz)?)` \| (\d+) \| (\d+) \| (\d+) \|$/gm)];

  test('it lists every trace file there is', () => {
    const files = globSync('*.jsonl*', { cwd: join(ROOT, 'test', 'traces') });
    expect(rows.map(([, file]) => file).sort()).toEqual(files.sort());
  });

  test.each(rows.map(([, ...cells]) => cells))(
    'its counts for %s are those of conform, through GraphQL',
    async (file, sequences, operations, divergences) => {
      const command = `npm run -s faultline -- conform --through graphql test/traces/${file}`;
      expect(await new Running(command).done()).toMatch(
        `${sequences} sequences, ${operations} operations, ${divergences} divergences\n`,
      );
    },
    60_000,
  );

  test('it lists the hazards the core records', () => {
    const core = globSync('src/core/**/*.ts', { cwd: ROOT })
      .map(file => readFileSync(join(ROOT, file), 'utf8'))
      .join('\n');
    const recorded = [...core.matchAll(/\bhazard\(\s*'([A-Z_]+)',\s*'(\w+)'/g)];
    const listed = [...PAGE.matchAll(/^\| `(\w+)` \| (WARNING|USE_AFTER_FREE) \|/gm)];
    expect(recorded.length).toBeGreaterThan(0);
    expect(listed.map(([, name, kind]) => `${kind} ${name}`).sort()).toEqual(
      recorded.map(([, kind, name]) => `${kind} ${name}`).sort(),
    );
  });
});
