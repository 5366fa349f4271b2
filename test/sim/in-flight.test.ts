/** A request in flight meets an emulated PRI that has failed meanwhile: the ledger knows its answer. */
import { expect, test } from 'vitest';
import type { BaselineName } from '../../src/abi/baselines.ts';
import { DEFAULT_POLICIES } from '../../src/abi/policies.ts';
import type { Command, ReplyOf } from '../../src/core/machine/command.ts';
import { CheckedMachine } from '../../src/sim/checked-machine.ts';

const VIRTFN = '0000:03:00.4';
const contextId = 1;

function request(grpid: number, lastPage: boolean, hold: boolean): Command {
  return {
    type: 'PageRequestSend',
    bdf: VIRTFN,
    pasid: null,
    grpid,
    perm: 1,
    addr: 0n,
    lastPage,
    hold,
  };
}

const BASELINES: readonly BaselineName[] = ['LINUX_6_13', 'LINUX_6_14', 'LINUX_6_15', 'LINUX_6_16'];

test.each(
  BASELINES.flatMap(baseline => [
    { baseline, lastPage: true },
    { baseline, lastPage: false },
  ]),
)('$baseline, last page $lastPage', ({ baseline, lastPage }) => {
  const policies = { ...DEFAULT_POLICIES, virtualFunctions: 'EMULATED_PRI' } as const;
  const machine = CheckedMachine.create({ baseline, policies });
  const commands: Command[] = [
    { type: 'ContextOpen' },
    { type: 'IoasAlloc', contextId, flags: 0 },
    { type: 'DeviceBind', contextId, bdf: VIRTFN },
    { type: 'FaultQueueAlloc', contextId, flags: 0 },
  ];
  const run = (command: Command) => {
    const outcome = machine.run({ command });
    expect(outcome.errno, command.type).toBe(0);
    return outcome;
  };
  for (const command of commands) run(command);
  const objects = [...machine.state.contexts.get(contextId)!.objects.values()];
  const idOf = (type: string) => objects.find(object => object.type === type)!.id;
  const [ptId, devId, faultId] = [idOf('IOAS'), idOf('DEVICE'), idOf('FAULT')];
  const alloc = { type: 'HwptAlloc', contextId, devId, userData: null } as const;
  run({ ...alloc, ptId, flags: 1, dataType: 0, dataLen: 0, faultId: 0 });
  const parent = [...machine.state.contexts.get(contextId)!.objects.keys()].at(-1)!;
  run({
    ...alloc,
    ptId: parent,
    flags: 4,
    dataType: 1,
    dataLen: 24,
    faultId,
    userData: { kind: 'VTD_S1', flags: 0n, pgtblAddr: 0x1000n, addrWidth: 48 },
  });
  const nested = [...machine.state.contexts.get(contextId)!.objects.keys()].at(-1)!;
  run({ type: 'DeviceAttach', contextId, devId, ptId: nested });
  run(request(1, true, false));
  run(request(2, lastPage, true));
  const read = run({ type: 'FaultRead', contextId, faultId, count: 40, reader: 'READ' });
  const { cookie } = (read.reply as ReplyOf['FaultRead']).faults[0]!;
  // The kernels that check the code of an answer are given a failure by the emulation itself.
  run({ type: 'FaultWrite', contextId, faultId, count: 8, responses: [{ cookie, code: 2 }] });
  expect(machine.state.physicalDevices.get(machine.state.bdfs.get(VIRTFN)!)!.vpriFailed).toBe(true);
  const landed = run({ type: 'PageRequestResume', inFlightId: 1 });
  expect(landed.reply).toMatchObject({ outcome: 'VPRI_FAILED' });
  expect(landed.events.map(({ type }) => type)).toEqual(
    lastPage ? ['PageRequestLanded', 'PageResponseSent'] : ['PageRequestLanded'],
  );
  if (lastPage)
    expect(landed.events.at(-1)).toMatchObject({ grpid: 2, code: 1, iopfGroupId: null });
});
