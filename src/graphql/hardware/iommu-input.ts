/** A modelled IOMMU, and a function behind it, as inputs. */
import {
  CACHE_ENTRIES_MAX,
  INVALIDATION_TIMEOUT_DEFAULT,
  ITAGS_MAX,
  PRI_CAPACITY_DEFAULT,
  PRI_CAPACITY_MAX,
  PRQ_ENTRIES_DEFAULT,
  PRQ_ENTRIES_MAX,
  TICKS_MAX,
} from '../../abi/limits.ts';
import type { FunctionSpec } from '../../core/hardware/function/state.ts';
import { isQueueSize, notOfVendor } from '../../core/hardware/unit/possible.ts';
import type { IommuSpec } from '../../core/hardware/unit/state.ts';
import type { AnswerSettings } from '../../core/hardware/vendors/automatic-answer.ts';
import { badInput } from '../builder/bad-input.ts';
import { builder } from '../builder/builder.ts';
import { DriverEnum, ServiceEnum, TableFormatEnum, VendorEnum } from './enums.ts';

const PASID_BITS = 20;
/** A response code has 4 bits (PCIe, Page Request Group Response). */
const RESPONSE_CODE_MAX = 15;

const AmdAutoResponseInput = builder.inputType('AmdAutoResponseInput', {
  description: 'AMD-Vi’s register PPR Log Auto Response (2080h).',
  fields: t => ({
    code: t.int({
      required: true,
      description: `The code that it answers, from 0 to ${RESPONSE_CODE_MAX}; PCIe’s are 0, 1 and 15.`,
    }),
    withPasid: t.boolean({
      defaultValue: true,
      description: 'The answer carries the PASID of the request (its mask of GN is clear).',
    }),
  }),
});

export const IommuInput = builder.inputType('IommuInput', {
  description: 'An IOMMU whose queues and caches are modelled.',
  fields: t => ({
    vendor: t.field({ type: VendorEnum, defaultValue: 'CONFORMING', description: 'Whose it is.' }),
    driver: t.field({
      type: DriverEnum,
      defaultValue: 'CONFORMING',
      description: 'What its driver does. There is none of Linux for RISC-V.',
    }),
    pageRequestQueueEntries: t.int({
      defaultValue: PRQ_ENTRIES_DEFAULT,
      description: `Records of its page request queue: a power of two from 2 to ${PRQ_ENTRIES_MAX}.`,
    }),
    service: t.field({
      type: ServiceEnum,
      defaultValue: 'IMMEDIATE',
      description: 'Who reads the queue.',
    }),
    iotlbEntries: t.int({
      defaultValue: CACHE_ENTRIES_MAX,
      description: `Translations it caches, from 1 to ${CACHE_ENTRIES_MAX}.`,
    }),
    iotlbLru: t.boolean({
      defaultValue: false,
      description: 'The translation unused for longest makes room; else the one cached first.',
    }),
    invalidationTimeoutTicks: t.int({
      defaultValue: INVALIDATION_TIMEOUT_DEFAULT,
      description: `Ticks after which an invalidation that a device does not complete has timed out, from 1 to ${TICKS_MAX}.`,
    }),
    tableFormat: t.field({
      type: TableFormatEnum,
      description: 'The format of the guests’ tables. Left out: as the user data of the hwpt says.',
    }),
    answersWithPasid: t.boolean({
      defaultValue: true,
      description:
        'Its own answers carry the PASID of the request (RISC-V DC.tc.PRPR, SMMUv3 STE.PPAR).',
    }),
    alwaysWithPasid: t.boolean({
      defaultValue: false,
      description: 'SMMUv3 IDR3.PPS: its own answers always do.',
    }),
    contextReadable: t.boolean({
      defaultValue: true,
      description:
        'SMMUv3: the STE can be read and is valid when it answers by itself. Without, it answers a failure where it has to look there (IHI 0070, 8.1).',
    }),
    amdAutoResponse: t.field({
      type: AmdAutoResponseInput,
      description:
        'AMD-Vi PprAutoRspEn: it answers requests that its full log loses. Left out: it does not, as Linux leaves it.',
    }),
    faultCapableNested: t.boolean({
      defaultValue: false,
      description:
        'AS_LINUX behind SMMUV3 or AMD_VI: nested hwpts take IOMMU_HWPT_FAULT_ID_VALID, which the hardware could do and Linux’ driver refuses (EOPNOTSUPP).',
    }),
    pageRequestQueueWritable: t.boolean({
      defaultValue: true,
      description:
        'Memory takes the records of its page request queue. Without, the queue is broken: RISC-V pqmf, SMMUv3 PRIQ_ABT_ERR.',
    }),
  }),
});

function within(path: string, value: number, low: number, high: number): number {
  if (value < low || value > high) {
    throw badInput(`"${path}" must be from ${low} to ${high}, not ${value}`);
  }
  return value;
}

/** `path` names the input in an error. */
export function iommuSpec(input: typeof IommuInput.$inferInput, path: string): IommuSpec {
  const entries = input.pageRequestQueueEntries ?? PRQ_ENTRIES_DEFAULT;
  if (!isQueueSize(entries)) {
    throw badInput(
      `"${path}.pageRequestQueueEntries" must be a power of two from 2 to ${PRQ_ENTRIES_MAX}, not ${entries}`,
    );
  }
  const spec: IommuSpec = {
    vendor: input.vendor ?? 'CONFORMING',
    driver: input.driver ?? 'CONFORMING',
    prqEntries: entries,
    service: input.service ?? 'IMMEDIATE',
    iotlb: {
      entries: within(
        `${path}.iotlbEntries`,
        input.iotlbEntries ?? CACHE_ENTRIES_MAX,
        1,
        CACHE_ENTRIES_MAX,
      ),
      lru: input.iotlbLru ?? false,
    },
    invalidationTimeoutTicks: within(
      `${path}.invalidationTimeoutTicks`,
      input.invalidationTimeoutTicks ?? INVALIDATION_TIMEOUT_DEFAULT,
      1,
      TICKS_MAX,
    ),
    tableFormat: input.tableFormat ?? null,
    answers: {
      answersWithPasid: input.answersWithPasid ?? true,
      alwaysWithPasid: input.alwaysWithPasid ?? false,
      contextReadable: input.contextReadable ?? true,
      amdAutoResponse: amdAutoResponse(input.amdAutoResponse, `${path}.amdAutoResponse`),
    },
    ...(input.faultCapableNested ? { faultCapableNested: true } : {}),
    ...(input.pageRequestQueueWritable === false ? { prqBroken: true } : {}),
  };
  const not = notOfVendor(spec);
  if (not === null) return spec;
  throw badInput(`"${path}.${not.field}" of ${spec.vendor} must be ${not.wanted}`);
}

function amdAutoResponse(
  input: typeof AmdAutoResponseInput.$inferInput | null | undefined,
  path: string,
): AnswerSettings['amdAutoResponse'] {
  if (!input) return null;
  const code = within(`${path}.code`, input.code, 0, RESPONSE_CODE_MAX);
  return { code, withPasid: input.withPasid ?? true };
}

const AtsInput = builder.inputType('AtsInput', {
  description: 'Address Translation Services of a function, and its cache.',
  fields: t => ({
    invalidateQueueDepth: t.int({
      defaultValue: ITAGS_MAX,
      description: `Invalidations it can have pending, from 1 to ${ITAGS_MAX}.`,
    }),
    respondsToInvalidation: t.boolean({
      defaultValue: true,
      description: 'Whether it completes invalidations. One that does not is broken.',
    }),
    entries: t.int({
      defaultValue: CACHE_ENTRIES_MAX,
      description: `Translations its cache holds, from 1 to ${CACHE_ENTRIES_MAX}.`,
    }),
    lru: t.boolean({
      defaultValue: false,
      description: 'The translation unused for longest makes room; else the one cached first.',
    }),
  }),
});

export const FunctionInput = builder.inputType('PciFunctionHardwareInput', {
  description: 'What a PCI function is behind a modelled IOMMU.',
  fields: t => ({
    iommu: t.field({
      type: 'U32',
      required: true,
      description: 'The IOMMU it is behind: its place in machineCreate’s list, from 0.',
    }),
    hasAts: t.boolean({ defaultValue: true, description: 'It has ATS, which is then on.' }),
    ats: t.field({ type: AtsInput, description: 'Its ATS. Left out: as the defaults have it.' }),
    priCapacity: t.int({
      defaultValue: PRI_CAPACITY_DEFAULT,
      description: `Outstanding Page Request Capacity, from 1 to ${PRI_CAPACITY_MAX}.`,
    }),
    pasidWidth: t.int({
      defaultValue: PASID_BITS,
      description: `log2 of how many PASIDs it has, from 0 (none) to ${PASID_BITS}.`,
    }),
    stall: t.boolean({
      defaultValue: false,
      description: 'Its transactions stall in the IOMMU (SMMUv3); it sends no page requests.',
    }),
  }),
});

/** `path` names the input in an error. */
export function functionSpec(input: typeof FunctionInput.$inferInput, path: string): FunctionSpec {
  const { ats } = input;
  const left = input.hasAts === false ? 'hasAts: false' : input.stall === true ? 'stall' : null;
  if (ats && left !== null) throw badInput(`"${path}.ats" must be left out with ${left}`);
  return {
    iommuNo: input.iommu,
    ats:
      left !== null
        ? null
        : {
            invalidateQueueDepth: within(
              `${path}.ats.invalidateQueueDepth`,
              ats?.invalidateQueueDepth ?? ITAGS_MAX,
              1,
              ITAGS_MAX,
            ),
            respondsToInvalidation: ats?.respondsToInvalidation ?? true,
            entries: within(
              `${path}.ats.entries`,
              ats?.entries ?? CACHE_ENTRIES_MAX,
              1,
              CACHE_ENTRIES_MAX,
            ),
            lru: ats?.lru ?? false,
          },
    priCapacity: within(
      `${path}.priCapacity`,
      input.priCapacity ?? PRI_CAPACITY_DEFAULT,
      1,
      PRI_CAPACITY_MAX,
    ),
    pasidWidth: within(`${path}.pasidWidth`, input.pasidWidth ?? PASID_BITS, 0, PASID_BITS),
    stall: input.stall ?? false,
  };
}
