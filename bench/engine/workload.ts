/** A machine ready to fault, made through an engine, and the cycle a fault handler lives in. */
import { DEFAULT_BASELINE } from '../../src/abi/baselines.ts';
import {
  HWPT_VTD_S1_SIZE,
  IOMMU_HWPT_ALLOC_NEST_PARENT,
  IOMMU_HWPT_DATA_VTD_S1,
  IOMMU_HWPT_FAULT_ID_VALID,
  IOMMU_PGFAULT_PERM_READ,
  PAGE_RESPONSE_SIZE,
  PGFAULT_SIZE,
} from '../../src/abi/uapi.ts';
import type { Command, CommandType, ReplyOf } from '../../src/core/machine/command.ts';
import type { Operation } from '../../src/core/machine/operation.ts';
import type { Engine } from '../../src/engine/machine/engine.ts';
import { DEFAULT_TOPOLOGY } from '../../src/engine/trace/topology.ts';

export const MACHINE = 'bench';
const BDF = '0000:01:00.0';

/** The ids a benchmark needs of a machine made by `makeFaulting`. */
export interface Faulting {
  readonly contextId: number;
  readonly faultId: number;
  readonly ioasId: number;
  readonly devId: number;
}

/** A machine whose first PCI function is attached to a fault-capable hwpt. */
export async function makeFaulting(engine: Engine): Promise<Faulting> {
  expectSuccess(
    await engine.create(MACHINE, {
      type: 'MachineCreate',
      baseline: DEFAULT_BASELINE,
      devices: DEFAULT_TOPOLOGY,
    }),
  );
  const run = async <T extends CommandType>(command: Extract<Command, { type: T }>) =>
    replyOf(await engine.execute(MACHINE, command as Command)) as ReplyOf[T];
  const { contextId } = await run<'ContextOpen'>({ type: 'ContextOpen' });
  const inContext = { contextId } as const;
  const bind = await run<'DeviceBind'>({ type: 'DeviceBind', ...inContext, bdf: BDF });
  const devId = bind.outDevId;
  const ioas = await run<'IoasAlloc'>({ type: 'IoasAlloc', ...inContext, flags: 0 });
  const queue = await run<'FaultQueueAlloc'>({ type: 'FaultQueueAlloc', ...inContext, flags: 0 });
  const parent = await run<'HwptAlloc'>({
    type: 'HwptAlloc',
    ...inContext,
    flags: IOMMU_HWPT_ALLOC_NEST_PARENT,
    devId,
    ptId: ioas.outIoasId,
    dataType: 0,
    dataLen: 0,
    userData: null,
    faultId: 0,
  });
  const nested = await run<'HwptAlloc'>({
    type: 'HwptAlloc',
    ...inContext,
    flags: IOMMU_HWPT_FAULT_ID_VALID,
    devId,
    ptId: parent.outHwptId,
    dataType: IOMMU_HWPT_DATA_VTD_S1,
    dataLen: HWPT_VTD_S1_SIZE,
    userData: { kind: 'VTD_S1', flags: 0n, pgtblAddr: 0x1000n, addrWidth: 48 },
    faultId: queue.outFaultId,
  });
  await run<'DeviceAttach'>({
    type: 'DeviceAttach',
    ...inContext,
    devId,
    ptId: nested.outHwptId,
  });
  return { contextId, faultId: queue.outFaultId, ioasId: ioas.outIoasId, devId };
}

/** One page request, its read and its answer. All three join one commit. */
export async function faultCycle(
  engine: Engine,
  { contextId, faultId }: Faulting,
  page: number,
): Promise<void> {
  const operations = await Promise.all([
    engine.execute(MACHINE, {
      type: 'PageRequestSend',
      bdf: BDF,
      pasid: null,
      grpid: page % 512,
      perm: IOMMU_PGFAULT_PERM_READ,
      addr: 0x7f00_0000_0000n + BigInt(page) * 4096n,
      lastPage: true,
    }),
    engine.execute(MACHINE, {
      type: 'FaultRead',
      contextId,
      faultId,
      count: PGFAULT_SIZE,
      reader: 'HANDLER',
    }),
    // A queue where nothing awaits its response gives the lowest cookie.
    engine.execute(MACHINE, {
      type: 'FaultWrite',
      contextId,
      faultId,
      count: PAGE_RESPONSE_SIZE,
      responses: [{ cookie: 1, code: 0 }],
    }),
  ]);
  for (const operation of operations) expectSuccess(operation);
}

export function expectSuccess(operation: Operation): Operation {
  if (operation.errno !== 0) {
    throw new Error(`${operation.command.type} was refused with ${operation.errno}`);
  }
  return operation;
}

function replyOf(operation: Operation) {
  return expectSuccess(operation).reply;
}
