/** Machines that are ready: made by the operations that a program would ask for, all in their logs. */
import type { BaselineName } from '../../abi/baselines.ts';
import type { Policies } from '../../abi/policies.ts';
import {
  HWPT_VTD_S1_SIZE,
  IOMMU_HWPT_ALLOC_NEST_PARENT,
  IOMMU_HWPT_DATA_VTD_S1,
  IOMMU_HWPT_FAULT_ID_VALID,
  IOMMU_IOAS_MAP_FIXED_IOVA,
  IOMMU_IOAS_MAP_READABLE,
  IOMMU_IOAS_MAP_WRITEABLE,
} from '../../abi/uapi.ts';
import type { FunctionSpec } from '../../core/hardware/function/state.ts';
import { DEFAULT_IOMMU } from '../../core/hardware/unit/possible.ts';
import type { Command, CommandType, ReplyOf } from '../../core/machine/command.ts';
import type { Operation } from '../../core/machine/operation.ts';
import { TRACE_PROCESS } from '../../core/memory/user-process.ts';
import type { Engine } from '../machine/engine.ts';
import { ScenarioRefusedError } from '../machine/errors.ts';
import { DEFAULT_TOPOLOGY, pciFunction } from '../trace/topology.ts';

/** A device that faults into a queue, and what it goes through. */
export interface ScenarioQueue {
  readonly bdf: string;
  readonly contextId: number;
  readonly faultId: number;
  readonly devId: number;
  readonly ioasId: number;
  readonly parentHwptId: number;
  readonly hwptId: number;
}

interface Scenario {
  readonly description: string;
  /** The functions that fault, a context and a queue for each. */
  readonly faulting: readonly string[];
  /** The functions stand behind a modelled IOMMU. */
  readonly modelled: boolean;
}

const FIRST = '0000:01:00.0';
const SECOND = '0000:02:00.0';

export const SCENARIOS = {
  NESTED_FAULTS: {
    description:
      'The default functions; 0000:01:00.0 is on a nested hwpt whose faults go to a queue: pageRequest makes the first fault.',
    faulting: [FIRST],
    modelled: false,
  },
  TWO_QUEUES: {
    description:
      'As NESTED_FAULTS, twice: 0000:01:00.0 and 0000:02:00.0, each in a context of its own with its own queue.',
    faulting: [FIRST, SECOND],
    modelled: false,
  },
  HARDWARE_FAULTS: {
    description:
      '0000:01:00.0 with ATS and PRI behind a modelled IOMMU, on a nested hwpt whose table is empty, and 1 MiB of guest memory: dma makes the first fault.',
    faulting: [FIRST],
    modelled: true,
  },
} as const satisfies Readonly<Record<string, Scenario>>;

export type ScenarioName = keyof typeof SCENARIOS;

const FUNCTION: FunctionSpec = {
  iommuNo: 0,
  ats: { invalidateQueueDepth: 32, respondsToInvalidation: true, entries: 65_536, lru: false },
  priCapacity: 512,
  pasidWidth: 20,
  stall: false,
};

/** Where the guest's table begins, in its own memory. */
const ROOT = 0x1000n;
/** Guest memory that is mapped in the parent, from 0 on. */
const GUEST_BYTES = 1n << 20n;

/** What a scenario is made on. */
export interface ScenarioOptions {
  readonly baseline: BaselineName;
  readonly policies: Policies;
}

/**
 * Makes a machine of a scenario. If this kernel refuses a step, the machine is deleted. Errors:
 * ScenarioRefusedError, MachineExistsError, TooManyMachinesError.
 */
export async function makeScenario(
  engine: Engine,
  machineId: string,
  name: ScenarioName,
  { baseline, policies }: ScenarioOptions,
): Promise<{ readonly created: Operation; readonly queues: readonly ScenarioQueue[] }> {
  const { faulting, modelled }: Scenario = SCENARIOS[name];
  const created = await engine.create(machineId, {
    type: 'MachineCreate',
    baseline,
    policies,
    devices: modelled
      ? faulting.map(bdf => pciFunction(bdf, { hardware: FUNCTION }))
      : DEFAULT_TOPOLOGY,
    ...(modelled ? { iommus: [DEFAULT_IOMMU] } : {}),
  });
  const queues: ScenarioQueue[] = [];
  try {
    for (const bdf of faulting) queues.push(await makeFaulting(engine, machineId, bdf, name));
  } catch (error) {
    await engine.delete(machineId);
    throw error;
  }
  return { created, queues };
}

async function makeFaulting(
  engine: Engine,
  machineId: string,
  bdf: string,
  scenario: ScenarioName,
): Promise<ScenarioQueue> {
  const run = async <T extends CommandType>(command: Extract<Command, { readonly type: T }>) => {
    const operation = await engine.execute(machineId, command as Command);
    if (operation.errno === 0) return operation.reply as ReplyOf[T];
    throw new ScenarioRefusedError(scenario, operation.command.type, operation.errno);
  };
  const { contextId } = await run<'ContextOpen'>({ type: 'ContextOpen', process: TRACE_PROCESS });
  const ctx = { contextId } as const;
  const { outDevId: devId } = await run<'DeviceBind'>({ type: 'DeviceBind', ...ctx, bdf });
  const { outIoasId: ioasId } = await run<'IoasAlloc'>({ type: 'IoasAlloc', ...ctx, flags: 0 });
  const alloc = { type: 'HwptAlloc', ...ctx, devId } as const;
  const parent = await run<'HwptAlloc'>({
    ...alloc,
    ptId: ioasId,
    flags: IOMMU_HWPT_ALLOC_NEST_PARENT,
    dataType: 0,
    dataLen: 0,
    userData: null,
    faultId: 0,
  });
  const queue = await run<'FaultQueueAlloc'>({ type: 'FaultQueueAlloc', ...ctx, flags: 0 });
  const nested = await run<'HwptAlloc'>({
    ...alloc,
    ptId: parent.outHwptId,
    flags: IOMMU_HWPT_FAULT_ID_VALID,
    dataType: IOMMU_HWPT_DATA_VTD_S1,
    dataLen: HWPT_VTD_S1_SIZE,
    userData: { kind: 'VTD_S1', flags: 0n, pgtblAddr: ROOT, addrWidth: 48 },
    faultId: queue.outFaultId,
  });
  await run<'IoasMap'>({
    type: 'IoasMap',
    ...ctx,
    ioasId,
    flags: IOMMU_IOAS_MAP_FIXED_IOVA | IOMMU_IOAS_MAP_WRITEABLE | IOMMU_IOAS_MAP_READABLE,
    userVa: TRACE_PROCESS.memory[0]!.start,
    iova: 0n,
    length: GUEST_BYTES,
  });
  const { outHwptId: hwptId } = nested;
  await run<'DeviceAttach'>({ type: 'DeviceAttach', ...ctx, devId, ptId: hwptId });
  const { outHwptId: parentHwptId } = parent;
  return { bdf, contextId, faultId: queue.outFaultId, devId, ioasId, parentHwptId, hwptId };
}
