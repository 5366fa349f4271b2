/** Replies: what an operation writes back to its caller. Types only. */
import type { Errno } from '../../abi/errno.ts';
import type { IovaRange } from '../memory/iova-range.ts';
import type { CommandType } from './command.ts';

/** struct iommu_hwpt_pgfault: one message read from a fault queue's file. */
export interface PgfaultMessage {
  readonly flags: number;
  readonly devId: number;
  readonly pasid: number;
  readonly grpid: number;
  readonly perm: number;
  readonly addr: bigint;
  readonly length: number;
  readonly cookie: number;
  /** The reserved word: 0, or null where the kernel gives whatever was on its stack. */
  readonly reserved?: 0 | null;
}

/** What became of a request a PCI function wanted to send. */
export type PageRequestOutcome =
  /** Given to the page-fault core; `reportErrno` is what it answered. */
  | 'REPORTED'
  /** A stop marker (last page, no read, no write, with PASID): the IOMMU driver drops it. */
  | 'STOP_MARKER_DROPPED'
  /** Held between look-up and queue; `inFlightId` names it. */
  | 'IN_FLIGHT'
  /** Emulated PRI of a virtual function: held back after a failure, answered INVALID. */
  | 'VPRI_FAILED'
  /** The function did not send it: PRI is off until a fault-capable hwpt is attached. */
  | 'PRI_DISABLED';

export interface PageRequestReply {
  readonly outcome: PageRequestOutcome;
  /** Return value of iommu_report_device_fault; null if nothing was reported. */
  readonly reportErrno: Errno | null;
  /** The iopf group this request completed and that was queued, if any. */
  readonly iopfGroupId: number | null;
  /** IN_FLIGHT: what PageRequestResume takes. */
  readonly inFlightId?: number;
}

export interface ReplyOf {
  MachineCreate: Record<string, never>;
  PciDeviceAdd: { readonly deviceNo: number; readonly iommuGroupId: number };
  PciDeviceRemove: Record<string, never>;
  KernelReplace: Record<string, never>;
  ContextOpen: { readonly contextId: number };
  ContextClose: { readonly released: boolean };
  IoasAlloc: { readonly outIoasId: number };
  HwptAlloc: { readonly outHwptId: number };
  /** Also written back on an error: the entries handled before it. */
  HwptInvalidate: { readonly entryNum: number };
  GetHwInfo: {
    readonly outDataType: number;
    /** Bytes the kernel has, which may be more than were asked for. */
    readonly dataLen: number;
    readonly outMaxPasidLog2: number;
    readonly outCapabilities: bigint;
    /** The driver's structure as little-endian bytes in hex, at most as many as were asked for. */
    readonly data: string;
  };
  Destroy: Record<string, never>;
  FaultQueueAlloc: { readonly outFaultId: number };
  FaultRead: { readonly bytes: number; readonly faults: readonly PgfaultMessage[] };
  FaultWrite: { readonly bytes: number };
  FaultPoll: { readonly readable: boolean; readonly writable: boolean };
  FaultClose: { readonly contextReleased: boolean };
  DeviceBind: { readonly outDevId: number };
  DeviceAttach: { readonly outPtId: number };
  DeviceReplace: { readonly outPtId: number };
  DeviceDetach: Record<string, never>;
  DeviceUnbind: { readonly contextReleased: boolean };
  PageRequestSend: PageRequestReply;
  PageRequestResume: PageRequestReply;
  VpriResetSend: Record<string, never>;
  TestMockDomain: {
    readonly outStdevId: number;
    readonly outHwptId: number;
    readonly outIdevId: number;
  };
  TestMockDomainReplace: { readonly ptId: number };
  TestTriggerIopf: PageRequestReply;
  TestMdCheckIotlb: Record<string, never>;
  IoasMap: { readonly iova: bigint };
  IoasCopy: { readonly dstIova: bigint };
  /** Bytes unmapped. */
  IoasUnmap: { readonly length: bigint };
  /** Also written back with EMSGSIZE; `allowedIovas` has at most as many as there was room for. */
  IoasIovaRanges: {
    readonly numIovas: number;
    readonly outIovaAlignment: bigint;
    readonly allowedIovas: readonly IovaRange[];
  };
  IoasAllowIovas: Record<string, never>;
  Option: { readonly val64: bigint };
  VfioIoas: { readonly ioasId: number };
  HwptSetDirtyTracking: Record<string, never>;
  /** Dirty bits by page from `iova`, as ranges of page numbers, both ends inclusive. */
  HwptGetDirtyBitmap: { readonly dirtyPages: readonly IovaRange[] };
  TestAddReserved: Record<string, never>;
  TestMdCheckMap: Record<string, never>;
  TestDirty: { readonly outNrDirty: bigint };
  TestCreateAccess: { readonly outAccessId: number };
  TestAccessClose: { readonly contextReleased: boolean };
  TestAccessReplaceIoas: Record<string, never>;
  TestAccessPages: { readonly outItemId: number };
  TestDestroyAccessPages: Record<string, never>;
  /** What was read, in hex; empty for a write. */
  TestAccessRw: { readonly data: string };
}

/** Compile-time proof that every command has a reply. */
export type AnyReply = ReplyOf[CommandType];
