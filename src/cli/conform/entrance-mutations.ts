/** Every command that a kernel trace can hold as its mutation, and every reply from its payload. */
import { IOMMU_HW_INFO_TYPE_SELFTEST } from '../../abi/uapi.ts';
import type { Command, CommandOf, CommandType } from '../../core/machine/command.ts';

/** The fields of an input or of an answer. */
export type Fields = Record<string, unknown>;

/** How a command becomes a mutation, and its answer a reply. */
export interface Mutation<T extends CommandType> {
  readonly field: string;
  /** The input's fields; left out, they are the command's. */
  readonly input?: (command: CommandOf<T>) => Fields;
  /** What to select of the payload, under the names of the reply. */
  readonly select?: string;
  /** The reply where it is not just what was selected; also of what a refusal wrote back. */
  readonly reply?: (selected: Fields) => Fields;
}

export const hex = (value: bigint): string => `0x${value.toString(16)}`;
const u64 = (value: unknown): bigint => BigInt(value as string);

/** A command's arguments as an input: 64-bit numbers in hex. */
export function inputOf(command: object): Fields {
  return Object.fromEntries(
    Object.entries(command)
      .filter(([name]) => name !== 'type')
      .map(([name, value]) => [name, typeof value === 'bigint' ? hex(value) : value]),
  );
}

const ranges = (value: unknown): Fields[] =>
  (value as Fields[]).map(({ start, last }) => ({ start: u64(start), last: u64(last) }));

/** The input of a command whose flags are given as one word. */
function rawFlags({ flags, ...command }: Command & { readonly flags: number }): Fields {
  return { ...inputOf(command), rawFlags: flags };
}

/** The operations a kernel trace can hold. */
export const MUTATIONS: { readonly [T in CommandType]?: Mutation<T> } = {
  ContextOpen: { field: 'contextOpen', select: 'contextId' },
  ContextClose: { field: 'contextClose', select: 'released' },
  IoasAlloc: { field: 'ioasAlloc', select: 'outIoasId' },
  HwptAlloc: {
    field: 'hwptAlloc',
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
    select: 'outHwptId',
  },
  HwptInvalidate: {
    field: 'hwptInvalidate',
    input: ({ type: _, dataType, ...command }) => ({ ...command, rawDataType: dataType }),
    select: 'entryNum',
    reply: ({ entryNum }) => ({ entryNum }),
  },
  GetHwInfo: {
    field: 'getHwInfo',
    select: 'outDataType dataLen data outMaxPasidLog2 outCapabilities',
    reply: ({ outDataType, outCapabilities, ...reply }) => ({
      ...reply,
      outDataType:
        outDataType === 'IOMMU_HW_INFO_TYPE_SELFTEST' ? IOMMU_HW_INFO_TYPE_SELFTEST : outDataType,
      outCapabilities: u64(outCapabilities),
    }),
  },
  Destroy: { field: 'destroy' },
  FaultQueueAlloc: { field: 'faultQueueAlloc', select: 'outFaultId' },
  FaultRead: {
    field: 'faultRead',
    input: ({ contextId, faultId, count }) => ({ contextId, faultId, count }),
    select: `bytes faults {
      flags: rawFlags devId pasid grpid perm: rawPerm addr length cookie
    }`,
    reply: ({ bytes, faults }) => ({
      bytes,
      faults: (faults as Fields[]).map(fault => ({ ...fault, addr: u64(fault['addr']) })),
    }),
  },
  FaultWrite: {
    field: 'faultWrite',
    input: ({ type: _, responses, ...command }) => ({
      ...command,
      responses: responses.map(({ cookie, code }) => ({ cookie, rawCode: code })),
    }),
    select: 'bytes',
  },
  FaultPoll: { field: 'faultPoll', select: 'readable writable' },
  FaultClose: { field: 'faultClose', select: 'contextReleased' },
  TestMockDomain: {
    field: 'testMockDomain',
    input: ({ contextId, ptId, devFlags }) => ({ contextId, ptId, rawDevFlags: devFlags }),
    select: 'outStdevId outHwptId outIdevId',
  },
  TestMockDomainReplace: { field: 'testMockDomainReplace', select: 'ptId' },
  TestTriggerIopf: {
    field: 'testTriggerIopf',
    input: ({ type: _, perm, addr, ...command }) => ({
      ...command,
      rawPerm: perm,
      addr: hex(addr),
    }),
    select: 'outcome reportErrno iopfGroup { iopfGroupId }',
    reply: ({ outcome, reportErrno, iopfGroup }) => ({
      outcome,
      reportErrno: reportErrno ?? 0,
      iopfGroupId: (iopfGroup as { iopfGroupId: number } | null)?.iopfGroupId ?? null,
    }),
  },
  TestMdCheckIotlb: { field: 'testMdCheckIotlb' },
  IoasMap: {
    field: 'ioasMap',
    input: rawFlags,
    select: 'iova',
    reply: ({ iova }) => ({ iova: u64(iova) }),
  },
  IoasCopy: {
    field: 'ioasCopy',
    input: rawFlags,
    select: 'dstIova',
    reply: ({ dstIova }) => ({ dstIova: u64(dstIova) }),
  },
  IoasUnmap: {
    field: 'ioasUnmap',
    select: 'length',
    reply: ({ length }) => ({ length: u64(length) }),
  },
  IoasIovaRanges: {
    field: 'ioasIovaRanges',
    select: 'numIovas outIovaAlignment allowedIovas { start last }',
    reply: ({ numIovas, outIovaAlignment, allowedIovas }) => ({
      numIovas,
      outIovaAlignment: u64(outIovaAlignment),
      allowedIovas: ranges(allowedIovas),
    }),
  },
  IoasAllowIovas: {
    field: 'ioasAllowIovas',
    input: ({ contextId, ioasId, allowedIovas }) => ({
      contextId,
      ioasId,
      allowedIovas: allowedIovas.map(({ start, last }) => ({ start: hex(start), last: hex(last) })),
    }),
  },
  Option: {
    field: 'option',
    input: ({ contextId, optionId, op, objectId, val64 }) => ({
      contextId,
      rawOptionId: optionId,
      rawOp: op,
      objectId,
      val64: hex(val64),
    }),
    select: 'val64',
    reply: ({ val64 }) => ({ val64: u64(val64) }),
  },
  VfioIoas: {
    field: 'vfioIoas',
    input: ({ contextId, ioasId, op }) => ({ contextId, ioasId, rawOp: op }),
    select: 'ioasId',
  },
  HwptSetDirtyTracking: { field: 'hwptSetDirtyTracking', input: rawFlags },
  HwptGetDirtyBitmap: {
    field: 'hwptGetDirtyBitmap',
    input: rawFlags,
    select: 'dirtyPages(first: 1000) { start last }',
    reply: ({ dirtyPages }) => ({ dirtyPages: ranges(dirtyPages) }),
  },
  TestAddReserved: { field: 'testAddReserved' },
  TestMdCheckMap: { field: 'testMdCheckMap' },
  TestDirty: {
    field: 'testDirty',
    select: 'outNrDirty',
    reply: ({ outNrDirty }) => ({ outNrDirty: u64(outNrDirty) }),
  },
  TestCreateAccess: { field: 'testCreateAccess', input: rawFlags, select: 'outAccessId' },
  TestAccessClose: { field: 'testAccessClose', select: 'contextReleased' },
  TestAccessReplaceIoas: { field: 'testAccessReplaceIoas' },
  TestAccessPages: { field: 'testAccessPages', input: rawFlags, select: 'outItemId' },
  TestDestroyAccessPages: { field: 'testDestroyAccessPages' },
  TestAccessRw: { field: 'testAccessRw', input: rawFlags, select: 'data' },
};
