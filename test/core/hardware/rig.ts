/**
 * A machine with modelled hardware for tests: one PCI function on a fault-capable nested hwpt, guest
 * memory at guest address 0, its page table at the start of it. Every operation leaves a machine that
 * the checks find nothing wrong with.
 */
import { expect } from 'vitest';
import { type BaselineName, DEFAULT_BASELINE } from '../../../src/abi/baselines.ts';
import type { HazardName } from '../../../src/abi/hazards.ts';
import { DEFAULT_POLICIES, type Policies } from '../../../src/abi/policies.ts';
import { checkInvariants } from '../../../src/core/check/invariant.ts';
import {
  DEFAULT_DMA_OPTIONS,
  DEFAULT_PROGRAM_OPTIONS,
} from '../../../src/core/hardware/dma/operations.ts';
import { modelledDeviceOf } from '../../../src/core/hardware/function/lookup.ts';
import type {
  DmaOptions,
  FunctionSpec,
  ProgramOp,
  ProgramOptions,
} from '../../../src/core/hardware/function/state.ts';
import { DEFAULT_IOMMU } from '../../../src/core/hardware/unit/possible.ts';
import type { IommuSpec } from '../../../src/core/hardware/unit/state.ts';
import type {
  Command,
  CommandOf,
  CommandType,
  ReplyOf,
} from '../../../src/core/machine/command.ts';
import type { Event, EventOf, EventType } from '../../../src/core/machine/event.ts';
import { evolve } from '../../../src/core/machine/evolve.ts';
import { execute } from '../../../src/core/machine/execute.ts';
import type { Outcome } from '../../../src/core/machine/operation.ts';
import { canonicalText } from '../../../src/core/machine/snapshot.ts';
import { initialState, type MachineState } from '../../../src/core/machine/state.ts';
import { pci } from '../../../src/sim/machine.ts';

export const BDF = '0000:01:00.0';
/** Where the guest's memory lies in its VMM. */
export const USER_VA = 0x1000_0000n;
/** Guest memory: the root table at 0x1000, tables up to 0x10000, data above. */
export const ROOT = 0x1000n;
export const PAGE = 4096n;

export const FUNCTION: FunctionSpec = {
  iommuNo: 0,
  ats: { invalidateQueueDepth: 32, respondsToInvalidation: true, entries: 65_536, lru: false },
  priCapacity: 32,
  pasidWidth: 20,
  stall: false,
};

export interface RigOptions {
  readonly iommu?: Partial<IommuSpec>;
  readonly fn?: Partial<FunctionSpec>;
  readonly baseline?: BaselineName;
  /** Bytes of guest memory that the nest parent maps; left out: 1 MiB. */
  readonly mapped?: bigint;
  readonly functions?: number;
  /** Every function but the first is virtual, of the first; needs the policy EMULATED_PRI. */
  readonly virtual?: boolean;
  readonly policies?: Partial<Policies>;
}

/** A DMA of one page to read, unless said otherwise. */
export interface DmaWish {
  readonly iova: bigint;
  readonly length?: bigint;
  readonly write?: boolean;
  readonly fill?: number;
  readonly pasid?: number | null;
  readonly bdf?: string;
  readonly options?: Partial<DmaOptions>;
}

/** What waits for pages has a fault queue, also where Linux' driver refuses that. */
const beyondLinux = ({ vendor, driver }: Partial<IommuSpec> = {}): Partial<IommuSpec> =>
  driver === 'AS_LINUX' && (vendor === 'SMMUV3' || vendor === 'AMD_VI')
    ? { faultCapableNested: true }
    : {};

export class Rig {
  readonly state: MachineState = initialState();
  readonly events: Event[] = [];
  private readonly commands: Command[] = [];
  readonly devId: number;
  readonly ioasId: number;
  readonly parentId: number;
  readonly hwptId: number;
  readonly faultId: number;

  constructor({
    iommu,
    fn,
    baseline,
    mapped = 1n << 20n,
    functions = 1,
    virtual = false,
    policies,
  }: RigOptions = {}) {
    const device = (i: number) =>
      pci(`0000:0${i + 1}:00.0`, {
        pri: fn?.stall !== true,
        physfn: virtual && i > 0 ? BDF : null,
        hardware: { ...FUNCTION, ...fn },
      });
    this.run('MachineCreate', {
      baseline: baseline ?? DEFAULT_BASELINE,
      policies: { ...DEFAULT_POLICIES, ...policies },
      iommus: [{ ...DEFAULT_IOMMU, ...beyondLinux(iommu), ...iommu }],
      devices: Array.from({ length: functions }, (_, i) => device(i)),
    });
    this.run('ContextOpen', {});
    const ctx = { contextId: 1 };
    this.devId = this.run('DeviceBind', { ...ctx, bdf: BDF }).outDevId;
    this.ioasId = this.run('IoasAlloc', { ...ctx, flags: 0 }).outIoasId;
    const alloc = { ...ctx, devId: this.devId, flags: 0, dataType: 0, dataLen: 0, faultId: 0 };
    this.parentId = this.run('HwptAlloc', {
      ...alloc,
      ptId: this.ioasId,
      flags: 1,
      userData: null,
    }).outHwptId;
    this.ioasMap(0n, mapped);
    this.faultId = this.run('FaultQueueAlloc', { ...ctx, flags: 0 }).outFaultId;
    this.hwptId = this.run('HwptAlloc', {
      ...alloc,
      ptId: this.parentId,
      flags: 4,
      dataType: 1,
      dataLen: 24,
      userData: { kind: 'VTD_S1', flags: 0n, pgtblAddr: ROOT, addrWidth: 48 },
      faultId: this.faultId,
    }).outHwptId;
    this.attach(this.devId);
    for (let i = 1; i < functions; i++) {
      const bdf = `0000:0${i + 1}:00.0`;
      this.attach(this.run('DeviceBind', { ...ctx, bdf }).outDevId);
    }
  }

  /** Another fault-capable nested hwpt, with its own fault queue. */
  secondHwpt(): number {
    const contextId = 1;
    const faultId = this.run('FaultQueueAlloc', { contextId, flags: 0 }).outFaultId;
    return this.run('HwptAlloc', {
      contextId,
      devId: this.devId,
      ptId: this.parentId,
      flags: 4,
      dataType: 1,
      dataLen: 24,
      userData: { kind: 'VTD_S1', flags: 0n, pgtblAddr: ROOT, addrWidth: 48 },
      faultId,
    }).outHwptId;
  }

  attach(devId: number): void {
    this.run('DeviceAttach', { contextId: 1, devId, ptId: this.hwptId });
  }

  /** Runs a command whatever it answers. */
  try(command: Command): Outcome {
    this.commands.push(command);
    const outcome = execute(this.state, command);
    this.events.push(...outcome.events);
    expect(checkInvariants(this.state), command.type).toEqual([]);
    return outcome;
  }

  /** Runs a command, which must succeed. */
  run<T extends CommandType>(type: T, fields: Omit<CommandOf<T>, 'type'>): ReplyOf[T] {
    const outcome = this.try({ type, ...fields } as unknown as Command);
    expect(outcome.errno, type).toBe(0);
    return outcome.reply as ReplyOf[T];
  }

  /** What was run, the machine’s making first. */
  steps(): { readonly command: Command }[] {
    return this.commands.map(command => ({ command }));
  }

  /** The same events make the same state. */
  checkReplay(): void {
    const replayed = initialState();
    for (const event of this.events) evolve(replayed, event);
    expect(canonicalText(replayed)).toBe(canonicalText(this.state));
  }

  ioasMap(iova: bigint, length: bigint, writeable = true): void {
    this.run('IoasMap', {
      contextId: 1,
      ioasId: this.ioasId,
      flags: 1 | 4 | (writeable ? 2 : 0),
      userVa: USER_VA + iova,
      iova,
      length,
    });
  }

  ioasUnmap(iova: bigint, length: bigint): void {
    this.run('IoasUnmap', { contextId: 1, ioasId: this.ioasId, iova, length });
  }

  guestMap(iova: bigint, gpa: bigint, length = PAGE, perm = 3): void {
    this.run('GuestMap', {
      contextId: 1,
      hwptId: this.hwptId,
      iova,
      gpa,
      length,
      perm,
      pageSize: PAGE,
      tablesGpa: 0x2000n,
      tablesLength: 0xe000n,
    });
  }

  guestUnmap(iova: bigint, length = PAGE): void {
    this.run('GuestUnmap', { contextId: 1, hwptId: this.hwptId, iova, length });
  }

  invalidate(addr = 0n, npages = 0xffff_ffff_ffff_ffffn): Outcome {
    return this.try({
      type: 'HwptInvalidate',
      contextId: 1,
      hwptId: this.hwptId,
      dataType: 0,
      entryLen: 24,
      entries: [{ flags: 0, addr, npages }],
    });
  }

  dma({ iova, length = PAGE, write = false, fill = 0, pasid = null, bdf = BDF, options }: DmaWish) {
    return this.run('Dma', {
      bdf,
      pasid,
      iova,
      length,
      write,
      fill,
      ...(options === undefined ? {} : { options: { ...DEFAULT_DMA_OPTIONS, ...options } }),
    });
  }

  load(ops: readonly ProgramOp[], options: Partial<ProgramOptions> = {}, bdf = BDF): void {
    this.run('DeviceProgramLoad', {
      bdf,
      ops,
      options: { ...DEFAULT_PROGRAM_OPTIONS, ...options },
    });
  }

  runProgram(steps = 1_000, bdf = BDF) {
    return this.run('DeviceRun', { bdf, steps });
  }

  /** Reads every group that waits; the cookies, in order. */
  read(): number[] {
    const { faults } = this.run('FaultRead', {
      contextId: 1,
      faultId: this.faultId,
      count: 40 * 4_096,
      reader: 'READ',
    });
    return [...new Set(faults.map(({ cookie }) => cookie))];
  }

  /** Cookies of groups that were read and are not answered. */
  cookies(): number[] {
    const queue = this.state.contexts.get(1)!.objects.get(this.faultId);
    return queue?.type === 'FAULT' ? [...queue.awaitingResponse.keys()] : [];
  }

  answer(cookie: number, code: number): void {
    this.run('FaultWrite', {
      contextId: 1,
      faultId: this.faultId,
      count: 8,
      responses: [{ cookie, code }],
    });
  }

  request(fields: {
    readonly grpid: number;
    readonly lastPage?: boolean;
    readonly pasid?: number | null;
    readonly perm?: number;
    readonly addr?: bigint;
    readonly bdf?: string;
  }) {
    const { grpid, lastPage = true, pasid = null, perm = 1, addr = 0x5000n, bdf = BDF } = fields;
    return this.run('PageRequestSend', { bdf, pasid, grpid, perm, addr, lastPage });
  }

  get device() {
    return modelledDeviceOf(this.state, 1);
  }

  get iommu() {
    return this.state.iommus.get(0)!;
  }

  hazards(): HazardName[] {
    return this.state.hazards.map(({ name }) => name);
  }

  of<T extends EventType>(type: T): EventOf<T>[] {
    return this.events.filter((event): event is EventOf<T> => event.type === type);
  }

  /** The event that a seq names. */
  eventAt(seq: number | null): EventType | null {
    return seq === null ? null : this.events[seq - 1]!.type;
  }

  /** What planted the hazards of a name, by the event's type. */
  planted(name: HazardName): (EventType | null)[] {
    const met = this.state.hazards.filter(hazard => hazard.name === name);
    return met.map(({ plantedSeq }) => this.eventAt(plantedSeq));
  }
}

/** An operation of a program; what is not said is null. */
export function op(fields: Partial<ProgramOp> & Pick<ProgramOp, 'op'>): ProgramOp {
  return {
    iova: null,
    toIova: null,
    length: null,
    fill: null,
    write: false,
    pasid: null,
    count: null,
    ...fields,
  };
}
