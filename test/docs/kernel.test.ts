/** docs/KERNEL.md says what the code says. */
import { globSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { HAZARDS } from '../../src/abi/hazards.ts';
import {
  behaviourTable,
  hazardTable,
  supportTable,
  withTables,
} from '../../src/cli/print/print-kernel-table.ts';
import { HARDWARE_CASES } from '../core/check/hardware-hazards.ts';
import { ROOT, Running } from './process.ts';

const PAGE = readFileSync(join(ROOT, 'docs', 'KERNEL.md'), 'utf8');

describe('docs/KERNEL.md', () => {
  test('its tables are the code’s; `npm run docs` makes it so', () => {
    expect(PAGE).toBe(withTables(PAGE));
    for (const table of [supportTable(), behaviourTable(), hazardTable()]) {
      expect(PAGE).toContain(table);
    }
  });

  const rows = [...PAGE.matchAll(/^\| `(\S+\.jsonl(?:\.gz)?)` \| (\d+) \| (\d+) \| (\d+) \|$/gm)];

  test('it lists every trace file there is', () => {
    const files = globSync(['*.jsonl*', '{7.3.4,limits}/*.jsonl*'], {
      cwd: join(ROOT, 'test', 'traces'),
    });
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
    600_000,
  );

  test('it says of each known defect how it is recorded, or that it is not', () => {
    const defects = [...PAGE.matchAll(/^\| ([a-z]) \| [^|]+ \| ([^|]+) \|$/gm)];
    expect(defects.map(([, letter]) => letter).join('')).toBe('abcdefghijklmnopqrstuvwxyz');
    const besides = PAGE.slice(PAGE.indexOf('<!-- end of the hazard table'), defects[0]!.index);
    const named = [besides, ...defects.map(([, , text]) => text!)]
      .flatMap(text => text.match(/[A-Z]+(_[A-Z]+)+/g) ?? [])
      .filter(name => name !== 'PRI_DISABLED');
    // What modelled hardware shows is no defect of a kernel.
    const ofKernels = Object.keys(HAZARDS).filter(name => !Object.hasOwn(HARDWARE_CASES, name));
    expect([...new Set(named)].sort()).toEqual(ofKernels.sort());
    for (const [row, , text] of defects) expect(text, row).toMatch(/^(`[A-Z_]+`|not: )/);
  });

  test('each hazard it lists is one the core records, and the other way round', () => {
    const core = globSync('src/core/**/*.ts', { cwd: ROOT })
      .map(file => readFileSync(join(ROOT, file), 'utf8'))
      .join('\n');
    const unused = Object.keys(HAZARDS).filter(name => !core.includes(`'${name}'`));
    expect(unused).toEqual([]);
  });
});
