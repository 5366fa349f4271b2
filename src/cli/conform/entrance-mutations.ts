/** Every command that a kernel trace can hold as its mutation, and every reply from its payload. */
import {
  IOMMU_HW_INFO_TYPE_INTEL_VTD,
  IOMMU_HW_INFO_TYPE_NONE,
  IOMMU_HW_INFO_TYPE_SELFTEST,
} from '../../abi/uapi.ts';
import type { CommandType } from '../../core/machine/command.ts';
import type { IovaRange } from '../../core/memory/iova-range.ts';
import type { UserProcess } from '../../core/memory/user-process.ts';
import * as operations from '../../operations/operations.ts';
import type { Hex } from '../../operations/typed-document.ts';
import { hex, inputOf, type Mutation, rawFlags, selected, through } from './entrance-mutation.ts';

interface HexRange {
  readonly start: Hex;
  readonly last: Hex;
}

const rangesOf = (ranges: readonly HexRange[]): IovaRange[] =>
  ranges.map(({ start, last }) => ({ start: BigInt(start), last: BigInt(last) }));

const HW_INFO_TYPES: Readonly<Record<operations.IommuHwInfoType, number>> = {
  IOMMU_HW_INFO_TYPE_NONE,
  IOMMU_HW_INFO_TYPE_INTEL_VTD,
  IOMMU_HW_INFO_TYPE_SELFTEST,
};

/** A process as an input: 64-bit numbers in hex, also in its memory. */
function processInput({ memory, rlimitMemlock, ...process }: UserProcess) {
  return {
    ...process,
    memory: memory.map(({ start, last }) => ({ start: hex(start), last: hex(last) })),
    ...(rlimitMemlock === null ? {} : { rlimitMemlock: hex(rlimitMemlock) }),
  };
}

/** The operations a kernel trace can hold. */
export const MUTATIONS: { readonly [T in CommandType]?: Mutation<T> } = {
  ContextOpen: through(operations.ContextOpenDocument, {
    input: ({ process }) => (process === undefined ? {} : { process: processInput(process) }),
    reply: selected,
  }),
  ContextClose: through(operations.ContextCloseDocument, { input: inputOf, reply: selected }),
  IoasAlloc: through(operations.IoasAllocDocument, { input: inputOf, reply: selected }),
  HwptAlloc: through(operations.HwptAllocDocument, {
    input: ({ contextId, flags, devId, ptId, dataType, dataLen, userData, faultId }) => ({
      contextId,
      rawFlags: flags,
      devId,
      ptId,
      rawDataType: dataType,
      dataLen,
      faultId,
      ...(userData?.kind === 'SELFTEST' ? { selftest: { iotlb: userData.iotlb } } : {}),
    }),
    reply: selected,
  }),
  HwptInvalidate: through(operations.HwptInvalidateDocument, {
    input: ({ contextId, hwptId, dataType, entryLen, entries }) => ({
      contextId,
      hwptId,
      rawDataType: dataType,
      entryLen,
      entries: entries.map(inputOf),
    }),
    reply: selected,
    written: ({ entryNum }) => ({ entryNum: entryNum! }),
  }),
  GetHwInfo: through(operations.GetHwInfoDocument, {
    input: ({ inDataType, ...command }) => ({
      ...inputOf(command),
      ...(inDataType === undefined ? {} : { rawInDataType: inDataType }),
    }),
    reply: ({ outDataType, dataLen, data, outMaxPasidLog2, outCapabilities }) => ({
      outDataType: HW_INFO_TYPES[outDataType],
      dataLen,
      data,
      outMaxPasidLog2,
      outCapabilities: BigInt(outCapabilities),
    }),
  }),
  Destroy: through(operations.DestroyDocument, { input: inputOf, reply: selected }),
  FaultQueueAlloc: through(operations.FaultQueueAllocDocument, { input: inputOf, reply: selected }),
  FaultRead: through(operations.FaultReadDocument, {
    input: ({ contextId, faultId, count }) => ({ contextId, faultId, count }),
    reply: ({ bytes, faults }) => ({
      bytes,
      faults: faults.map(fault => ({ ...fault, addr: BigInt(fault.addr) })),
    }),
  }),
  FaultWrite: through(operations.FaultWriteDocument, {
    input: ({ contextId, faultId, count, responses }) => ({
      contextId,
      faultId,
      count,
      responses: responses.map(({ cookie, code }) => ({ cookie, rawCode: code })),
    }),
    reply: selected,
  }),
  FaultPoll: through(operations.FaultPollDocument, { input: inputOf, reply: selected }),
  FaultClose: through(operations.FaultCloseDocument, { input: inputOf, reply: selected }),
  TestMockDomain: through(operations.TestMockDomainDocument, {
    input: ({ contextId, ptId, devFlags }) => ({ contextId, ptId, rawDevFlags: devFlags }),
    reply: selected,
  }),
  TestMockDomainReplace: through(operations.TestMockDomainReplaceDocument, {
    input: inputOf,
    reply: selected,
  }),
  TestTriggerIopf: through(operations.TestTriggerIopfDocument, {
    input: ({ type: _, perm, addr, ...command }) => ({
      ...command,
      rawPerm: perm,
      addr: hex(addr),
    }),
    reply: ({ outcome, reportErrno, iopfGroup }) => ({
      outcome,
      reportErrno: reportErrno ?? 0,
      iopfGroupId: iopfGroup?.iopfGroupId ?? null,
    }),
  }),
  TestMdCheckIotlb: through(operations.TestMdCheckIotlbDocument, {
    input: inputOf,
    reply: selected,
  }),
  TestPasidAttach: through(operations.TestPasidAttachDocument, { input: inputOf, reply: selected }),
  TestPasidReplace: through(operations.TestPasidReplaceDocument, {
    input: inputOf,
    reply: selected,
  }),
  TestPasidDetach: through(operations.TestPasidDetachDocument, { input: inputOf, reply: selected }),
  TestPasidCheckHwpt: through(operations.TestPasidCheckHwptDocument, {
    input: inputOf,
    reply: selected,
  }),
  IoasMap: through(operations.IoasMapDocument, {
    input: rawFlags,
    reply: ({ iova }) => ({ iova: BigInt(iova) }),
  }),
  IoasCopy: through(operations.IoasCopyDocument, {
    input: rawFlags,
    reply: ({ dstIova }) => ({ dstIova: BigInt(dstIova) }),
  }),
  IoasUnmap: through(operations.IoasUnmapDocument, {
    input: inputOf,
    reply: ({ length }) => ({ length: BigInt(length) }),
  }),
  IoasIovaRanges: through(operations.IoasIovaRangesDocument, {
    input: inputOf,
    reply: ({ numIovas, outIovaAlignment, allowedIovas }) => ({
      numIovas,
      outIovaAlignment: BigInt(outIovaAlignment),
      allowedIovas: rangesOf(allowedIovas),
    }),
    written: ({ numIovas, outIovaAlignment, allowedIovas }) => ({
      numIovas: numIovas!,
      outIovaAlignment: BigInt(outIovaAlignment!),
      allowedIovas: rangesOf(allowedIovas!),
    }),
  }),
  IoasAllowIovas: through(operations.IoasAllowIovasDocument, {
    input: ({ contextId, ioasId, allowedIovas }) => ({
      contextId,
      ioasId,
      allowedIovas: allowedIovas.map(inputOf),
    }),
    reply: selected,
  }),
  Option: through(operations.OptionDocument, {
    input: ({ contextId, optionId, op, objectId, val64 }) => ({
      contextId,
      rawOptionId: optionId,
      rawOp: op,
      objectId,
      val64: hex(val64),
    }),
    reply: ({ val64 }) => ({ val64: BigInt(val64) }),
  }),
  VfioIoas: through(operations.VfioIoasDocument, {
    input: ({ contextId, ioasId, op }) => ({ contextId, ioasId, rawOp: op }),
    reply: selected,
  }),
  HwptSetDirtyTracking: through(operations.HwptSetDirtyTrackingDocument, {
    input: rawFlags,
    reply: selected,
  }),
  HwptGetDirtyBitmap: through(operations.HwptGetDirtyBitmapDocument, {
    input: rawFlags,
    reply: ({ dirtyPages }) => ({ dirtyPages: rangesOf(dirtyPages) }),
  }),
  TestAddReserved: through(operations.TestAddReservedDocument, { input: inputOf, reply: selected }),
  TestMdCheckMap: through(operations.TestMdCheckMapDocument, { input: inputOf, reply: selected }),
  TestMdCheckRefs: through(operations.TestMdCheckRefsDocument, {
    input: inputOf,
    reply: selected,
  }),
  TestSetTempMemoryLimit: through(operations.TestSetTempMemoryLimitDocument, {
    input: inputOf,
    reply: selected,
  }),
  TestDirty: through(operations.TestDirtyDocument, {
    input: inputOf,
    reply: ({ outNrDirty }) => ({ outNrDirty: BigInt(outNrDirty) }),
  }),
  TestCreateAccess: through(operations.TestCreateAccessDocument, {
    input: rawFlags,
    reply: selected,
  }),
  TestAccessClose: through(operations.TestAccessCloseDocument, { input: inputOf, reply: selected }),
  TestAccessReplaceIoas: through(operations.TestAccessReplaceIoasDocument, {
    input: inputOf,
    reply: selected,
  }),
  TestAccessPages: through(operations.TestAccessPagesDocument, {
    input: rawFlags,
    reply: selected,
  }),
  TestDestroyAccessPages: through(operations.TestDestroyAccessPagesDocument, {
    input: inputOf,
    reply: selected,
  }),
  TestAccessRw: through(operations.TestAccessRwDocument, { input: rawFlags, reply: selected }),
};
