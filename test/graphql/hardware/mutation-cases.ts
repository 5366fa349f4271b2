/** One good call and one refused call of every operation of modelled hardware. */
import { expect } from 'vitest';
import type { ErrnoName } from '../../../src/abi/errno.ts';
import type { Faultline } from '../../../src/server/faultline.ts';
import { ask, at, makeFaulting, succeed } from '../builder/testing.ts';

export const M = 'machineId: "hw"';
export const F = `${M}, bdf: "0000:01:00.0"`;
const NONE = `${M}, bdf: "0000:09:00.0"`;
export const C = `${M}, contextId: 1`;
const TABLES = 'tablesGpa: "0x2000", tablesLength: "0x8000"';
export const GUEST_MAP = `${C}, hwptId: 5, iova: "0x40000000", gpa: "0x20000", length: "0x1000", ${TABLES}`;

export interface HardwareCase {
  readonly good: readonly [input: string, fields: string, expected: object];
  readonly refused: readonly [input: string, errno: ErrnoName];
  readonly before?: (server: Faultline) => Promise<unknown>;
}

/** A machine with a modelled IOMMU, and a function of it on a fault-capable hwpt with memory. */
export async function makeHardware(
  server: Faultline,
  iommu = '',
  fn = '',
  device = '',
): Promise<void> {
  const data = await ask(
    server,
    `mutation { machineCreate(input: {${M}, iommus: [{${iommu}}], devices: [
      {bdf: "0000:01:00.0", hardware: {iommu: 0 ${fn}} ${device}}, {bdf: "0000:02:00.0"}]}) {
        ... on MachineCreatePayload { machine { iommus { iommuNo } } } } }`,
  );
  expect(at(data, 'machineCreate', 'machine', 'iommus')).toEqual([{ iommuNo: 0 }]);
  await makeFaulting(server, 'hw');
  const map = 'userVa: "0x10000000", iova: "0x0", length: "0x100000"';
  await succeed(
    server,
    'ioasMap',
    `${C}, ioasId: 2, ${map}, flags: [IOMMU_IOAS_MAP_FIXED_IOVA, IOMMU_IOAS_MAP_WRITEABLE, IOMMU_IOAS_MAP_READABLE]`,
  );
}

const READ = 'iova: "0x40000000", length: "0x1000"';
const mapped = (server: Faultline) => succeed(server, 'guestMap', GUEST_MAP);
const loaded = (server: Faultline) =>
  succeed(server, 'deviceProgramLoad', `${F}, ops: [{op: READ, ${READ}}]`);
const cached = async (server: Faultline) => {
  await mapped(server);
  await succeed(server, 'dma', `${F}, ${READ}`);
};

export const HARDWARE_CASES: Readonly<Record<string, HardwareCase>> = {
  dma: {
    good: [
      `${F}, ${READ}`,
      'dmaId state reason pages { contextId userVa length }',
      {
        dmaId: 1,
        state: 'DONE',
        reason: null,
        pages: [{ contextId: 1, userVa: '0x10020000', length: '0x1000' }],
      },
    ],
    refused: [`${M}, bdf: "0000:02:00.0", ${READ}`, 'EOPNOTSUPP'],
    before: mapped,
  },
  deviceProgramLoad: {
    good: [
      `${F}, ops: [{op: ECHO, ${READ}}, {op: BARRIER}, {op: REPEAT, count: 2}]`,
      'machine { pciDevice(bdf: "0000:01:00.0") { ... on PciDevice { program { state length ops { op iova count } } } } }',
      {
        machine: {
          pciDevice: {
            program: {
              ...{ state: 'IDLE', length: 3 },
              ops: [
                { op: 'ECHO', iova: '0x40000000', count: null },
                { op: 'BARRIER', iova: null, count: null },
                { op: 'REPEAT', iova: null, count: 2 },
              ],
            },
          },
        },
      },
    ],
    refused: [`${NONE}, ops: [{op: BARRIER}]`, 'ENODEV'],
  },
  deviceRun: {
    good: [`${F}`, 'state next steps', { state: 'WAITING', next: 1, steps: 1 }],
    refused: [`${M}, bdf: "0000:02:00.0"`, 'EOPNOTSUPP'],
    before: loaded,
  },
  prqServe: {
    good: [`${M}, iommu: 0`, 'count iopfGroups { iopfGroupId }', { count: 0, iopfGroups: [] }],
    refused: [`${M}, iommu: 1`, 'ENODEV'],
  },
  prqSwitch: {
    good: [
      `${M}, iommu: 0, enabled: false`,
      'machine { iommu(no: 0) { pageRequestQueue { enabled } } }',
      { machine: { iommu: { pageRequestQueue: { enabled: false } } } },
    ],
    refused: [`${M}, iommu: 0, enabled: true`, 'EBUSY'],
  },
  guestWrite: {
    good: [`${C}, ioasId: 2, words: [{gpa: "0x8000", value: "0x7"}]`, 'seq', {}],
    refused: [`${C}, ioasId: 2, words: [{gpa: "0x7000000", value: "0x7"}]`, 'EFAULT'],
  },
  guestMap: {
    good: [GUEST_MAP, 'pages words tables', { pages: 1, words: 4, tables: 3 }],
    refused: [GUEST_MAP.replace('hwptId: 5', 'hwptId: 3'), 'EINVAL'],
  },
  guestUnmap: {
    good: [
      `${C}, hwptId: 5, iova: "0x40000000", length: "0x1000"`,
      'pages words tables',
      { pages: 1, words: 1, tables: 0 },
    ],
    refused: [`${C}, hwptId: 99, iova: "0x40000000", length: "0x1000"`, 'ENOENT'],
    before: mapped,
  },
  atcInvalidate: {
    good: [
      `${F}, addr: "0x40000000", size: "0x1000"`,
      'physicalDevice { ... on PciDevice { atc { edges { node { iova } } } } }',
      { physicalDevice: { atc: { edges: [] } } },
    ],
    refused: [`${F}, addr: "0x40000000", size: "0x0"`, 'EINVAL'],
    before: cached,
  },
  priEnable: {
    good: [
      `${F}, allocation: 4`,
      'machine { pciDevice(bdf: "0000:01:00.0") { ... on PciDevice { priState { allocation } } } }',
      { machine: { pciDevice: { priState: { allocation: 4 } } } },
    ],
    refused: [NONE, 'ENODEV'],
    before: server => succeed(server, 'priDisable', F),
  },
  priDisable: {
    good: [
      F,
      'machine { pciDevice(bdf: "0000:01:00.0") { ... on PciDevice { priState { enabled stopped } } } }',
      { machine: { pciDevice: { priState: { enabled: false, stopped: true } } } },
    ],
    refused: [NONE, 'ENODEV'],
  },
  priReset: {
    good: [F, 'seq', {}],
    refused: [NONE, 'ENODEV'],
    before: server => succeed(server, 'priDisable', F),
  },
  atsEnable: {
    good: [
      F,
      'machine { pciDevice(bdf: "0000:01:00.0") { ... on PciDevice { ats { enabled } } } }',
      { machine: { pciDevice: { ats: { enabled: true } } } },
    ],
    refused: [NONE, 'ENODEV'],
    before: server => succeed(server, 'atsDisable', F),
  },
  atsDisable: {
    good: [
      F,
      'machine { pciDevice(bdf: "0000:01:00.0") { ... on PciDevice { ats { enabled } } } }',
      { machine: { pciDevice: { ats: { enabled: false } } } },
    ],
    refused: [NONE, 'ENODEV'],
  },
  deviceReset: {
    good: [
      F,
      'machine { pciDevice(bdf: "0000:01:00.0") { ... on PciDevice { dmas { dmaId } } } }',
      { machine: { pciDevice: { dmas: [] } } },
    ],
    refused: [NONE, 'ENODEV'],
    before: server => succeed(server, 'dma', `${F}, ${READ}`),
  },
};
