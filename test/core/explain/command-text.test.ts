/** Operations in one line, and page requests that reached nobody. */
import { expect, test } from 'vitest';
import { commandText } from '../../../src/core/explain/command-text.ts';
import { withNames } from '../../../src/core/explain/number-names.ts';
import { undelivered } from '../../../src/core/explain/undelivered.ts';
import { execute } from '../../../src/core/machine/execute.ts';
import { argumentsText } from '../../../src/engine/find/search.ts';
import { DEVICES } from '../../../src/sim/machine.ts';
import { PCI_FAULTING } from '../machine/setups.ts';
import { given } from '../machine/table.ts';
import { commandOf } from '../machine/table-command.ts';

const NAMES = new Map([
  ['dev', 1],
  ['ioas', 2],
  ['q', 4],
]);

test.each([
  [
    'hwptAlloc dev ioas flags=5 fault=4',
    'flags=5 (IOMMU_HWPT_ALLOC_NEST_PARENT|IOMMU_HWPT_FAULT_ID_VALID) dataType=0 (IOMMU_HWPT_DATA_NONE)',
  ],
  ['map ioas 0x1000 0x2000', 'IoasMap contextId=1 ioasId=2 flags=7 (IOMMU_IOAS_MAP_FIXED_IOVA|'],
  ['map ioas 0x1000 0x2000', ' iova=0x1000 length=0x2000'],
  ['send 0000:01:00.0 perm=3', 'perm=3 (IOMMU_PGFAULT_PERM_READ|IOMMU_PGFAULT_PERM_WRITE)'],
  ['send 0000:01:00.0 perm=0', 'perm=0 addr=0x1000'],
  ['mock ioas flags=256', 'devFlags=256 (MOCK_FLAGS_DEVICE_SHARED_GROUP)'],
  ['mock ioas flags=4096', 'devFlags=4096'],
  ['invalidate dev', 'dataType=3735928559 (IOMMU_HWPT_INVALIDATE_DATA_SELFTEST)'],
  ['write q to=1:0', 'responses=[{"cookie":1,"code":"0 (IOMMUFD_PAGE_RESP_SUCCESS)"}]'],
])('%s', (line, wanted) => {
  const text = commandText(commandOf(line, NAMES));
  expect(`${text} `).toContain(`${wanted}${wanted.endsWith('|') ? '' : ' '}`);
});

test('long arguments are cut at whole fields and items, and say how much is left', () => {
  const { state } = given(DEVICES, '');
  const process = state.contexts.get(1)!.process;
  const memory = Array.from({ length: 40 }, (_, page) => ({ start: BigInt(page), last: 0n }));
  expect(commandText({ type: 'ContextOpen', process: { ...process, memory } })).toMatch(
    /^ContextOpen process=\{"memory":\[\{"start":"0x0","last":"0x0"\},.*,… 3[78] more\],.*\}$/,
  );
  const responses = Array.from({ length: 9 }, (_, cookie) => ({
    cookie,
    code: 0,
    iopfGroupId: null,
  }));
  const write = { type: 'FaultWrite', contextId: 1, faultId: 4, count: 72, responses } as never;
  expect(commandText(write)).toContain('{"cookie":1,"code":"0 (IOMMUFD_PAGE_RESP_SUCCESS)"');
  // What the server adds for the hazards of the handler is nothing that was asked.
  const noted = { ...(write as object), given: [6984, 6985] } as never;
  expect(commandText(noted)).toBe(commandText(write));
  // Nor is an operation found by it.
  expect(argumentsText(noted)).toBe(argumentsText(write));
  expect(commandText(write)).toMatch(/,… [67] more\]$/);
});

test('names stand beside numbers, at any depth', () => {
  const { state, names } = given(DEVICES, PCI_FAULTING);
  const { events } = execute(state, commandOf('send 0000:01:00.0 grpid=1 perm=3', names));
  const queued = events.find(({ type }) => type === 'IopfGroupQueued')!;
  expect(withNames('IopfGroupQueued', queued)).toMatchObject({
    requests: [
      {
        flags: 2,
        flagsNames: ['IOMMU_PGFAULT_FLAGS_LAST_PAGE'],
        perm: 3,
        permNames: ['IOMMU_PGFAULT_PERM_READ', 'IOMMU_PGFAULT_PERM_WRITE'],
        addr: 0x1000n,
      },
    ],
  });
  expect(withNames('PrgResponseReceived', { code: 15 })).toEqual({
    code: 15,
    codeNames: ['RESPONSE_FAILURE'],
  });
  expect(withNames('PageResponseSent', { code: 7 })).toEqual({ code: 7 });
});

test('a request that reached no fault queue says what became of it', () => {
  const wrong = (line: string, setup = '') => {
    return undelivered(given(DEVICES, `${setup}\n${line}`).last);
  };
  expect(wrong('send 0000:01:00.0')).toMatchObject({
    outcome: 'PRI_DISABLED',
    reportErrno: null,
    message: expect.stringMatching(/^Not sent: PRI is off/),
  });
  const faulting = `
    dev = bind 0000:01:00.0
    ioas = ioasAlloc
    parent = hwptAlloc dev ioas flags=1
    q = faultQueueAlloc
    fault = hwptAlloc dev parent flags=4 data=vtd fault=q
    attach dev fault`;
  expect(wrong('send 0000:01:00.0', faulting)).toBeNull();
  expect(wrong('send 0000:01:00.0 pasid=3 perm=0', faulting)?.outcome).toBe('STOP_MARKER_DROPPED');
  expect(wrong('m = mock ioas', 'ioas = ioasAlloc')).toBeNull();
  const unhandled = wrong('trigger m.dev grpid=1', 'ioas = ioasAlloc\nm = mock ioas');
  expect(unhandled).toMatchObject({ outcome: 'REPORTED', reportErrno: 'EINVAL' });
});
