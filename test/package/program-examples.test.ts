/** The programs in examples/programs answer the page faults of their own device. */
import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { HAS_COMPILER, HAS_PYTHON, openFolder } from '../ioctl/compiler.ts';
import { CAN_RUN, runUnder, USERS, type User } from '../ioctl/running.ts';

const EXAMPLES = join(import.meta.dirname, '../../examples/programs');
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
