/** A machine with one modelled PCI function on a nested hwpt, for measuring: the core alone. */
import { DEFAULT_BASELINE } from '../../src/abi/baselines.ts';
import { DEFAULT_POLICIES } from '../../src/abi/policies.ts';
import { ULONG_MAX } from '../../src/abi/uapi.ts';
import type { FunctionSpec } from '../../src/core/hardware/function/state.ts';
import { DEFAULT_IOMMU } from '../../src/core/hardware/unit/possible.ts';
import type { IommuSpec } from '../../src/core/hardware/unit/state.ts';
import type { Command, CommandOf, CommandType, ReplyOf } from '../../src/core/machine/command.ts';
import { execute } from '../../src/core/machine/execute.ts';
import type { Outcome } from '../../src/core/machine/operation.ts';
import { initialState, type MachineState } from '../../src/core/machine/state.ts';
import type { UserProcess } from '../../src/core/memory/user-process.ts';
import { pci } from '../../src/sim/machine.ts';

export const BDF = '0000:01:00.0';
export const PAGE = 4096n;
/** Where the guest's memory lies in its VMM. */
export const USER_VA = 0x1000_0000n;
const ROOT = 0x1000n;
const PAGES_A_STEP = 512;
/** Guest memory that is left to page tables: up to here. */
export const TABLES_END = 1n << 20n;

/** Whose pinned pages nobody counts. */
const PROCESS: UserProcess = {
  memory: [{ start: USER_VA, last: USER_VA + (1n << 46n) - 1n }],
  capIpcLock: true,
  capSysResource: true,
  rlimitMemlock: null,
  userId: 0,
};

const FUNCTION: FunctionSpec = {
  iommuNo: 0,
  ats: { invalidateQueueDepth: 32, respondsToInvalidation: true, entries: 65_536, lru: false },
  priCapacity: 512,
  pasidWidth: 20,
  stall: false,
};

/** Ids count from 1 in the order of making. */
const IDS = { devId: 1, ioasId: 2, parentId: 3, faultId: 4, hwptId: 5 } as const;

export type ModelledMachine = typeof IDS & { readonly state: MachineState };

export interface MachineOptions {
  readonly iommu?: Partial<IommuSpec>;
  readonly fn?: Partial<FunctionSpec>;
}

/** Runs a command, which must succeed. */
export function run<T extends CommandType>(
  state: MachineState,
  type: T,
  fields: Omit<CommandOf<T>, 'type'>,
): Outcome & { readonly reply: ReplyOf[T] } {
  const outcome = runCommand(state, { type, ...fields } as unknown as Command);
  return outcome as Outcome & { readonly reply: ReplyOf[T] };
}

function runCommand(state: MachineState, command: Command): Outcome {
  const outcome = execute(state, command);
  if (outcome.errno !== 0) throw new Error(`${command.type}: ${outcome.errno}`);
  return outcome;
}

/** The commands that make such a machine. Its ids are those of `makeModelled`. */
export function makingCommands({ iommu, fn }: MachineOptions = {}): readonly Command[] {
  const contextId = 1;
  const ctx = { contextId } as const;
  const alloc = { type: 'HwptAlloc', ...ctx, devId: IDS.devId } as const;
  const paging = { dataType: 0, dataLen: 0, userData: null, faultId: 0 } as const;
  const { ioasId, parentId, faultId, hwptId, devId } = IDS;
  return [
    {
      type: 'MachineCreate',
      baseline: DEFAULT_BASELINE,
      policies: DEFAULT_POLICIES,
      iommus: [{ ...DEFAULT_IOMMU, ...iommu }],
      devices: [pci(BDF, { pri: true, hardware: { ...FUNCTION, ...fn } })],
    },
    { type: 'ContextOpen', process: PROCESS },
    { type: 'DeviceBind', ...ctx, bdf: BDF },
    { type: 'IoasAlloc', ...ctx, flags: 0 },
    { ...alloc, ...paging, ptId: ioasId, flags: 1 },
    { type: 'FaultQueueAlloc', ...ctx, flags: 0 },
    {
      ...alloc,
      ptId: parentId,
      flags: 4,
      dataType: 1,
      dataLen: 24,
      userData: { kind: 'VTD_S1', flags: 0n, pgtblAddr: ROOT, addrWidth: 48 },
      faultId,
    },
    mapping(0n, TABLES_END),
    { type: 'DeviceAttach', ...ctx, devId, ptId: hwptId },
  ];
}

/** The first MiB of the guest's memory, for its tables, is one area. */
export function makeModelled(options: MachineOptions = {}): ModelledMachine {
  const state = initialState();
  for (const command of makingCommands(options)) runCommand(state, command);
  return { state, ...IDS };
}

function mapping(gpa: bigint, length: bigint): CommandOf<'IoasMap'> {
  const { ioasId } = IDS;
  return {
    type: 'IoasMap',
    contextId: 1,
    ioasId,
    flags: 7,
    userVa: USER_VA + gpa,
    iova: gpa,
    length,
  };
}

/** The nest parent maps guest memory, as one area. */
export function mapGuestMemory({ state }: ModelledMachine, gpa: bigint, length: bigint): void {
  runCommand(state, mapping(gpa, length));
}

/** The guest maps pages of a size in its own table, in steps that one operation can do. */
export function mapInGuest(
  { state }: ModelledMachine,
  iova: bigint,
  gpa: bigint,
  pages: number,
  pageSize = PAGE,
): void {
  for (let done = 0; done < pages; done += PAGES_A_STEP) {
    const offset = BigInt(done) * pageSize;
    const length = BigInt(Math.min(PAGES_A_STEP, pages - done)) * pageSize;
    runCommand(state, guestMapping(iova + offset, gpa + offset, length, pageSize));
  }
}

export function guestMapping(
  iova: bigint,
  gpa: bigint,
  length: bigint,
  pageSize = PAGE,
): CommandOf<'GuestMap'> {
  return {
    type: 'GuestMap',
    contextId: 1,
    hwptId: IDS.hwptId,
    iova,
    gpa,
    length,
    perm: 3,
    pageSize,
    tablesGpa: 0x2000n,
    tablesLength: TABLES_END - 0x2000n,
  };
}

/** IOTLB and ATC forget all of the guest's hwpt. */
export function invalidateAll({ state, hwptId }: ModelledMachine): void {
  const entries = [{ flags: 0, addr: 0n, npages: ULONG_MAX }];
  run(state, 'HwptInvalidate', { contextId: 1, hwptId, dataType: 0, entryLen: 24, entries });
}

/** A read that must be done at once. */
export function readBy(state: MachineState, iova: bigint, length = PAGE): void {
  dma(state, { iova, length, write: false, fill: 0 });
}

/** A write that must be done at once. */
export function writeBy(state: MachineState, iova: bigint, length: bigint, fill: number): void {
  dma(state, { iova, length, write: true, fill });
}

function dma(
  state: MachineState,
  fields: Pick<CommandOf<'Dma'>, 'iova' | 'length' | 'write' | 'fill'>,
): void {
  const { reply } = run(state, 'Dma', { bdf: BDF, pasid: null, ...fields });
  if (reply.state !== 'DONE') {
    throw new Error(`a DMA at 0x${fields.iova.toString(16)}: ${reply.state}`);
  }
}
