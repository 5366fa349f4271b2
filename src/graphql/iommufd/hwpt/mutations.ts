/** Operations on hardware page tables: allocation, invalidation. */
import { INVALIDATE_ENTRIES_MAX } from '../../../abi/limits.ts';
import {
  HWPT_SELFTEST_SIZE,
  HWPT_VTD_S1_SIZE,
  INVALIDATE_SELFTEST_SIZE,
  INVALIDATE_VTD_S1_SIZE,
  IOMMU_HWPT_DATA_NONE,
  IOMMU_HWPT_DATA_SELFTEST,
  IOMMU_HWPT_DATA_VTD_S1,
  IOMMU_HWPT_INVALIDATE_DATA_SELFTEST,
} from '../../../abi/uapi.ts';
import type { InvalidateEntry } from '../../../core/hardware/iommu-driver.ts';
import type { HwptUserData } from '../../../core/iommufd/state.ts';
import { badInput } from '../../builder/bad-input.ts';
import { builder } from '../../builder/builder.ts';
import {
  HwptAllocFlag,
  HwptDataType,
  InvalidateDataType,
  RAW_TEXT,
  wordOf,
} from '../../builder/enums.ts';
import {
  CONTEXT_ID_FIELD,
  kernelMutation,
  MACHINE_ID_FIELD,
} from '../../builder/kernel-mutation.ts';
import { payloadObject } from '../../builder/payload-object.ts';
import { HwptInterface } from '../../builder/refs.ts';

const SelftestDataInput = builder.inputType('HwptSelftestInput', {
  description: 'struct iommu_hwpt_selftest, for mock devices.',
  fields: t => ({
    iotlb: t.field({
      type: 'U32',
      required: true,
      description: 'First value of the four IOTLB words.',
    }),
  }),
});

const VtdS1DataInput = builder.inputType('HwptVtdS1Input', {
  description: 'struct iommu_hwpt_vtd_s1: a guest’s first-stage table, for PCI devices.',
  fields: t => ({
    flags: t.field({
      type: 'HexU64',
      defaultValue: 0n,
      description: '0x1 supervisor requests, 0x2 extended access flag, 0x4 write protect.',
    }),
    pgtblAddr: t.field({
      type: 'HexU64',
      required: true,
      description: 'Guest-physical address of the table’s root.',
    }),
    addrWidth: t.field({
      type: 'U32',
      defaultValue: 48,
      description: 'Address width in bits: 48 or 57.',
    }),
  }),
});

const HwptAllocInput = builder.inputType('HwptAllocInput', {
  description: 'Arguments of hwptAlloc (struct iommu_hwpt_alloc).',
  fields: t => ({
    machineId: t.field(MACHINE_ID_FIELD),
    contextId: t.field(CONTEXT_ID_FIELD),
    flags: t.field({ type: [HwptAllocFlag], description: 'Flags by name.' }),
    rawFlags: t.field({ type: 'U32', description: RAW_TEXT }),
    devId: t.field({
      type: 'U32',
      required: true,
      description: 'A bound device: it names the IOMMU whose page table this is. Not attached.',
    }),
    ptId: t.field({
      type: 'U32',
      required: true,
      description: 'An IOAS for a paging hwpt, a nest-parent hwpt for a nested one.',
    }),
    selftest: t.field({
      type: SelftestDataInput,
      description: 'User data of a nested hwpt of a mock device.',
    }),
    vtdS1: t.field({
      type: VtdS1DataInput,
      description: 'User data of a nested hwpt of a PCI device.',
    }),
    dataType: t.field({
      type: HwptDataType,
      description: 'Kind of the user data; left out, it follows from what is given.',
    }),
    rawDataType: t.field({
      type: 'U32',
      description: 'The kind as a number, for kinds that have no name.',
    }),
    dataLen: t.field({
      type: 'U32',
      description: 'Bytes of user data, if other than its size: to see what a wrong length gets.',
    }),
    faultId: t.field({
      type: 'U32',
      defaultValue: 0,
      description: 'The fault queue; looked at only with IOMMU_HWPT_FAULT_ID_VALID.',
    }),
  }),
});

function userDataOf(input: typeof HwptAllocInput.$inferInput): {
  dataType: number;
  dataLen: number;
  userData: HwptUserData | null;
} {
  const { selftest, vtdS1 } = input;
  if (selftest && vtdS1) {
    throw badInput('"input" may have "selftest" or "vtdS1", not both');
  }
  let dataType = IOMMU_HWPT_DATA_NONE;
  let dataLen = 0;
  let userData: HwptUserData | null = null;
  if (selftest) {
    dataType = IOMMU_HWPT_DATA_SELFTEST;
    dataLen = HWPT_SELFTEST_SIZE;
    userData = { kind: 'SELFTEST', iotlb: selftest.iotlb };
  }
  if (vtdS1) {
    dataType = IOMMU_HWPT_DATA_VTD_S1;
    dataLen = HWPT_VTD_S1_SIZE;
    const { flags, pgtblAddr, addrWidth } = vtdS1;
    userData = { kind: 'VTD_S1', flags: flags ?? 0n, pgtblAddr, addrWidth: addrWidth ?? 48 };
  }
  return {
    dataType: input.rawDataType ?? input.dataType ?? dataType,
    dataLen: input.dataLen ?? dataLen,
    userData,
  };
}

const hwptAlloc = kernelMutation({
  command: 'HwptAlloc',
  description:
    'IOMMU_HWPT_ALLOC: a paging hwpt on an IOAS, or a nested hwpt on a nest parent; with IOMMU_HWPT_FAULT_ID_VALID a nested one is fault-capable (iommufd_hwpt_alloc). Errors: ENOENT, EINVAL, EOPNOTSUPP; the trace tells which check.',
  input: HwptAllocInput,
  toCommand: input => ({
    type: 'HwptAlloc',
    contextId: input.contextId,
    flags: wordOf(input.flags, input.rawFlags),
    devId: input.devId,
    ptId: input.ptId,
    ...userDataOf(input),
    faultId: input.faultId ?? 0,
  }),
  payload: t => ({
    outHwptId: t.int({
      description: 'The id of the hwpt.',
      resolve: ({ reply }) => reply.outHwptId,
    }),
    hwpt: t.field({
      type: HwptInterface,
      nullable: true,
      description: 'The hwpt, as it is now.',
      resolve: payload =>
        payloadObject(payload, payload.reply.outHwptId, 'HWPT_PAGING', 'HWPT_NESTED'),
    }),
  }),
});

const InvalidateEntryInput = builder.inputType('HwptInvalidateEntryInput', {
  description: 'One entry. Which fields count depends on the type of the array.',
  fields: t => ({
    flags: t.field({
      type: 'U32',
      defaultValue: 0,
      description: 'Self-test: 1 all words. VT-d: 1 leaf entries only.',
    }),
    iotlbId: t.field({ type: 'U32', description: 'Self-test: the IOTLB word, 0 to 3.' }),
    addr: t.field({ type: 'HexU64', description: 'VT-d: first address, page aligned.' }),
    npages: t.field({
      type: 'HexU64',
      description: 'VT-d: 4 KiB pages; 0xffffffffffffffff with addr 0x0 is everything.',
    }),
  }),
});

function entryOf(input: typeof InvalidateEntryInput.$inferInput): InvalidateEntry {
  const { flags, iotlbId, addr, npages } = input;
  return {
    flags: flags ?? 0,
    ...(iotlbId === null || iotlbId === undefined ? {} : { iotlbId }),
    ...(addr === null || addr === undefined ? {} : { addr }),
    ...(npages === null || npages === undefined ? {} : { npages }),
  };
}

const hwptInvalidate = kernelMutation({
  command: 'HwptInvalidate',
  description:
    'IOMMU_HWPT_INVALIDATE: a guest changed its table; entries are handled one by one until the first error, and how many were is written back either way (iommufd_hwpt_invalidate). Errors: EINVAL, ENOENT, EOPNOTSUPP.',
  input: builder.inputType('HwptInvalidateInput', {
    description: 'Arguments of hwptInvalidate (struct iommu_hwpt_invalidate).',
    fields: t => ({
      machineId: t.field(MACHINE_ID_FIELD),
      contextId: t.field(CONTEXT_ID_FIELD),
      hwptId: t.field({ type: 'U32', required: true, description: 'A nested hwpt.' }),
      dataType: t.field({ type: InvalidateDataType, description: 'Kind of the entries.' }),
      rawDataType: t.field({
        type: 'U32',
        description: 'The kind as a number, for kinds that have no name.',
      }),
      entryLen: t.field({
        type: 'U32',
        description: 'Bytes of one entry, if other than its size.',
      }),
      entries: t.field({
        type: [InvalidateEntryInput],
        required: true,
        description: `The entries, at most ${INVALIDATE_ENTRIES_MAX}.`,
      }),
    }),
  }),
  toCommand: input => {
    const { contextId, hwptId, entries } = input;
    if (entries.length > INVALIDATE_ENTRIES_MAX) {
      throw badInput(
        `"input.entries" may have at most ${INVALIDATE_ENTRIES_MAX} entries, not ${entries.length}`,
      );
    }
    const dataType = input.rawDataType ?? input.dataType ?? IOMMU_HWPT_INVALIDATE_DATA_SELFTEST;
    const size =
      dataType === IOMMU_HWPT_INVALIDATE_DATA_SELFTEST
        ? INVALIDATE_SELFTEST_SIZE
        : INVALIDATE_VTD_S1_SIZE;
    return {
      type: 'HwptInvalidate',
      contextId,
      hwptId,
      dataType,
      entryLen: input.entryLen ?? size,
      entries: entries.map(entryOf),
    };
  },
  payload: t => ({
    entryNum: t.int({
      description: 'Entries handled: all of them.',
      resolve: ({ reply }) => reply.entryNum,
    }),
  }),
});

export const HWPT_MUTATIONS = {
  HwptAlloc: hwptAlloc,
  HwptInvalidate: hwptInvalidate,
};
