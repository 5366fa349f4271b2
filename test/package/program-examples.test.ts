/** The programs in examples/programs answer the page faults of their own device, here and on a server. */
import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync, symlinkSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { HAS_COMPILER, HAS_PYTHON, openFolder } from '../ioctl/compiler.ts';
import { CAN_RUN, runUnder, USERS, type User } from '../ioctl/running.ts';

const EXAMPLES = join(import.meta.dirname, '../../examples/programs');
const ROOT = join(import.meta.dirname, '../..');
const MAIN = join(ROOT, 'src/cli/main.ts');
const HANGS = { timeout: 300_000 };
const PRINTED = `page 0x40000000
page 0x40001000
page 0x40002000
done: 12288 bytes of 0x5a
`;
/** What both do among other things: three faults are read and answered. */
const DID = { DeviceBind: 1, HwptAlloc: 2, Dma: 1, FaultWrite: 3, DeviceUnbind: 1 };

function expectFaults(argv: readonly string[], user: User): void {
  const { stdout, summary, exitCode } = runUnder(argv, { user });
  expect(stdout).toBe(PRINTED);
  expect(summary.operationsByType).toMatchObject(DID);
  const { refusals, hazards, leftOpen } = summary;
  expect({ refusals, hazards, leftOpen }).toEqual({ refusals: {}, hazards: {}, leftOpen: [] });
  expect(exitCode).toBe(0);
}

test.skipIf(!CAN_RUN || !HAS_PYTHON).each(USERS)('faults.py as %s', HANGS, user => {
  expectFaults(['python3', join(EXAMPLES, 'faults.py')], user);
});

test.skipIf(!CAN_RUN || !HAS_COMPILER).each(USERS)('faults.c as %s', HANGS, user => {
  const program = join(openFolder(), 'faults');
  const flags = ['-Wall', '-Werror', '-O1', '-o', program];
  const { status, stderr } = spawnSync('cc', [...flags, join(EXAMPLES, 'faults.c')], {
    encoding: 'utf8',
  });
  expect([status, stderr]).toEqual([0, '']);
  expectFaults([program], user);
});

/** The blocks of a chapter of docs/PROGRAMS.md, in order. */
function blocksOf(chapter: string): string[] {
  const text = readFileSync(join(ROOT, 'docs/PROGRAMS.md'), 'utf8');
  const [, after = ''] = text.split(`\n### ${chapter}\n`);
  const [body = ''] = after.split(/\n##/);
  return [...body.matchAll(/```\w+\n([\s\S]*?)```/g)].map(([, block]) => block!);
}

/** A line of sh as the documentation has it, run in a folder by this project. */
const inShell = (line: string) => `faultline() { "${process.execPath}" "${MAIN}" "$@"; }; ${line}`;

test.skipIf(!CAN_RUN || !HAS_PYTHON)(
  'faults.py on a server, as PROGRAMS.md says',
  HANGS,
  async () => {
    const folder = openFolder();
    symlinkSync(join(ROOT, 'examples'), join(folder, 'examples'));
    const [serve, query, run, ...others] = blocksOf('On the machine of a server') as [
      string,
      string,
      string,
    ];
    expect(others).toEqual([]);
    // One of its own, whatever listens at the default port.
    const args = ['-c', `exec ${serve.trim().replace('faultline', '"$0" "$1"')} --port 0`];
    const server = spawn('sh', [...args, process.execPath, MAIN], {
      cwd: folder,
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    try {
      const [greeting] = (await once(server.stdout, 'data')) as [Buffer];
      expect(greeting.toString()).toContain('faultline run --server vmm.db.sock -- …');
      const url = /playground {2}(\S+)/.exec(greeting.toString())![1]!;
      const answer = await fetch(url, {
        method: 'POST',
        headers: { 'content-type': 'application/json' },
        body: JSON.stringify({ query }),
      });
      expect(await answer.json()).toEqual({ data: { machineCreate: { seq: expect.any(Number) } } });
      const { stdout, stderr, status } = spawnSync('sh', ['-c', inShell(run)], {
        cwd: folder,
        encoding: 'utf8',
      });
      expect({ stdout, status }).toEqual({ stdout: PRINTED, status: 0 });
      expect(stderr).toContain('refused   none');
      // On the machine that a server begins with the example says what became of its DMA.
      const plain = spawnSync('sh', ['-c', inShell(run.replace('--machine vmm ', ''))], {
        cwd: folder,
        encoding: 'utf8',
      });
      expect(plain.status).toBe(1);
      expect(plain.stderr).toContain('the DMA failed: status 3, error 351\n');
    } finally {
      server.kill();
      await once(server, 'exit');
    }
  },
);
