/**
 * Kinds of arguments. An operation's entry names the kind of each of its arguments; readers of
 * traces and makers of random commands go by them.
 */
import type { BaselineName } from '../../abi/baselines.ts';
import type { CallFile, CallRefusalRule, SystemCall } from '../../abi/call-refusal-rules.ts';
import type { ErrnoName } from '../../abi/errno.ts';
import type { Policies } from '../../abi/policies.ts';
import type { DmaOptions, ProgramOp, ProgramOptions } from '../hardware/function/state.ts';
import type { GuestWordWrite } from '../hardware/guest/words.ts';
import type { InvalidateEntry } from '../hardware/iommu-driver.ts';
import type { PciDeviceSpec } from '../hardware/state.ts';
import type { IommuSpec } from '../hardware/unit/state.ts';
import type { FaultReader } from '../iommu/state.ts';
import type { PageResponse } from '../iommufd/fault/fault-file.ts';
import type { HwptUserData } from '../iommufd/state.ts';
import type { IovaRange } from '../memory/iova-range.ts';
import type { MemoryRange, UserProcess } from '../memory/user-process.ts';

/** Each kind with its type. Several kinds have one type and differ in what they name. */
export interface ArgumentTypes {
  /** The context whose file it is. */
  contextId: number;
  /** A fault queue's file, by the id of the queue. */
  faultFile: number;
  /** An access' file, by the id of the access. */
  accessFile: number;
  /** A word, or an object id. */
  u32: number;
  /** A size in bytes that a read asks for. */
  bytes: number;
  /** A word of 64 bits: an address, a length, a value. */
  u64: bigint;
  flag: boolean;
  /** Bytes as hex digits, the first byte first. */
  hexBytes: string;
  /** Domain, bus, device and function, as `0000:01:00.0`. */
  bdf: string;
  /** A PASID; null: none. */
  pasid: number | null;
  ranges: readonly IovaRange[];
  memoryRanges: readonly MemoryRange[];
  pageResponses: readonly PageResponse[];
  iopfGroupIds: readonly number[];
  invalidateEntries: readonly InvalidateEntry[];
  hwptUserData: HwptUserData | null;
  process: UserProcess;
  pciDevice: PciDeviceSpec;
  pciDevices: readonly PciDeviceSpec[];
  baseline: BaselineName;
  policies: Policies;
  faultReader: FaultReader;
  callFile: CallFile;
  systemCall: SystemCall;
  errno: ErrnoName;
  callRule: CallRefusalRule;
  iommus: readonly IommuSpec[];
  dmaOptions: DmaOptions;
  programOps: readonly ProgramOp[];
  programOptions: ProgramOptions;
  guestWords: readonly GuestWordWrite[];
}

export type ArgumentKind = keyof ArgumentTypes;

/** The kinds that have a type. */
type KindOf<T> = {
  [K in ArgumentKind]: [T, ArgumentTypes[K]] extends [ArgumentTypes[K], T] ? K : never;
}[ArgumentKind];

/** The kind of each argument of a command, with `?` if the argument may be left out. */
export type ArgumentsOf<C> = {
  readonly [A in Exclude<keyof C, 'type'>]-?: undefined extends C[A]
    ? `${KindOf<Exclude<C[A], undefined>>}?`
    : KindOf<C[A]>;
};
