/** PCI functions: they come and go, send page requests; a guest resets emulated PRI. */
import { IOMMU_PGFAULT_PERM_READ } from '../../abi/uapi.ts';
import {
  PAGE_REQUEST_OUTCOMES,
  type PageRequestReply,
} from '../../core/iommu/page-request-reply.ts';
import { builder } from '../builder/builder.ts';
import { described, Errno, PgfaultPerm, wordOf } from '../builder/enums.ts';
import { kernelMutation, MACHINE_ID_FIELD } from '../builder/kernel-mutation.ts';
import { IopfGroupType, PhysicalDeviceInterface } from '../builder/refs.ts';
import type { MachineView } from '../builder/view.ts';
import { physicalDeviceView } from '../builder/view.ts';
import { PciDeviceInput, pciDeviceSpec } from './device-input.ts';

const PageRequestOutcomeEnum = builder.enumType('PageRequestOutcome', {
  description: 'What became of a page request.',
  values: described(PAGE_REQUEST_OUTCOMES),
});

interface PageRequestParent {
  readonly machine: MachineView;
  readonly reply: PageRequestReply;
}

/** The payload fields of both operations that make a page request. */
export const PAGE_REQUEST_PAYLOAD = {
  outcome: {
    type: PageRequestOutcomeEnum,
    description: 'What became of it.',
    resolve: ({ reply }: PageRequestParent) => reply.outcome,
  },
  reportErrno: {
    type: Errno,
    nullable: true,
    description:
      'What iommu_report_device_fault answered the driver; null for success or if nothing was reported. EINVAL: nobody handles it, the device got INVALID at once.',
    resolve: ({ reply }: PageRequestParent) => reply.reportErrno || null,
  },
  iopfGroup: {
    type: IopfGroupType,
    nullable: true,
    description:
      'The group it completed, as it is now; null if it was not the last of one, was not queued, or is answered.',
    resolve: ({ machine, reply }: PageRequestParent) => {
      const iopfGroup = machine.state.iopfGroups.get(reply.iopfGroupId ?? 0);
      return iopfGroup === undefined ? null : { machine, iopfGroup };
    },
  },
} as const;

const PERM_DEFAULT = [IOMMU_PGFAULT_PERM_READ];

const pageRequestSend = kernelMutation({
  command: 'PageRequestSend',
  description:
    'A PCI function sends one page request (PCIe, Page Request Message). Requests of one group index are collected until lastPage. What became of it is in the payload. Errors: ENODEV, no such function.',
  input: builder.inputType('PageRequestInput', {
    description: 'Arguments of pageRequest.',
    fields: t => ({
      machineId: t.field(MACHINE_ID_FIELD),
      bdf: t.field({ type: 'PciAddress', required: true, description: 'Who sends it.' }),
      pasid: t.field({
        type: 'Pasid',
        description: 'The PASID prefix. Left out: a request without one.',
      }),
      grpid: t.field({
        type: 'PrgIndex',
        required: true,
        description: 'Page request group index.',
      }),
      perm: t.field({
        type: [PgfaultPerm],
        defaultValue: PERM_DEFAULT,
        description:
          'The access asked for. Left out: READ. None at all, `[]`, with a PASID and as the last page, is a stop marker.',
      }),
      addr: t.field({ type: 'PageAddress', required: true, description: 'The page.' }),
      lastPage: t.boolean({ defaultValue: true, description: 'The last request of its group.' }),
      hold: t.boolean({
        defaultValue: false,
        description:
          'Stop once the handler is found, so that other operations can come between; pageRequestResume goes on.',
      }),
    }),
  }),
  toCommand: ({ bdf, pasid, grpid, perm, addr, lastPage, hold }) => ({
    type: 'PageRequestSend',
    bdf,
    pasid: pasid ?? null,
    grpid,
    perm: wordOf(perm ?? PERM_DEFAULT, null),
    addr,
    lastPage: lastPage ?? true,
    ...(hold ? { hold } : {}),
  }),
  payload: t => ({
    outcome: t.field(PAGE_REQUEST_PAYLOAD.outcome),
    reportErrno: t.field(PAGE_REQUEST_PAYLOAD.reportErrno),
    iopfGroup: t.field(PAGE_REQUEST_PAYLOAD.iopfGroup),
    inFlightId: t.int({
      nullable: true,
      description: 'IN_FLIGHT: what pageRequestResume takes. Else null.',
      resolve: ({ reply }) => reply.inFlightId ?? null,
    }),
  }),
});

const pageRequestResume = kernelMutation({
  command: 'PageRequestResume',
  description:
    'The second half of a held page request: it is collected, or its group is queued, through the attach handle it found. A driver that drains has done so before its domain was gone. Errors: ENOENT, none of this id is in flight.',
  input: builder.inputType('PageRequestResumeInput', {
    description: 'Arguments of pageRequestResume.',
    fields: t => ({
      machineId: t.field(MACHINE_ID_FIELD),
      inFlightId: t.field({ type: 'U32', required: true, description: 'The request.' }),
    }),
  }),
  toCommand: ({ inFlightId }) => ({ type: 'PageRequestResume', inFlightId }),
  payload: t => ({
    outcome: t.field(PAGE_REQUEST_PAYLOAD.outcome),
    reportErrno: t.field(PAGE_REQUEST_PAYLOAD.reportErrno),
    iopfGroup: t.field(PAGE_REQUEST_PAYLOAD.iopfGroup),
  }),
});

const vpriResetSend = kernelMutation({
  command: 'VpriResetSend',
  description:
    'The guest resets the emulated PRI of a virtual function: unfinished groups are forgotten, and page requests are delivered again. Errors: ENODEV, no such function; EINVAL, not a virtual function or the policy is not EMULATED_PRI.',
  input: builder.inputType('VpriResetInput', {
    description: 'Arguments of vpriReset.',
    fields: t => ({
      machineId: t.field(MACHINE_ID_FIELD),
      bdf: t.field({ type: 'PciAddress', required: true, description: 'The virtual function.' }),
    }),
  }),
  toCommand: ({ bdf }) => ({ type: 'VpriResetSend', bdf }),
});

const pciDeviceAdd = kernelMutation({
  command: 'PciDeviceAdd',
  description:
    'Plugs in a PCI function. Errors: EEXIST, the address is taken; ENODEV, groupWith or physfn names no function; EINVAL, physfn is itself virtual or a region ends before it starts.',
  input: builder.inputType('PciDeviceAddInput', {
    description: 'Arguments of pciDeviceAdd.',
    fields: t => ({
      machineId: t.field(MACHINE_ID_FIELD),
      device: t.field({ type: PciDeviceInput, required: true, description: 'The function.' }),
    }),
  }),
  toCommand: ({ device }) => ({
    type: 'PciDeviceAdd',
    device: pciDeviceSpec(device, 'input.device'),
  }),
  payload: t => ({
    physicalDevice: t.field({
      type: PhysicalDeviceInterface,
      nullable: true,
      description: 'The new function, as it is now.',
      resolve: ({ machine, reply }) => physicalDeviceView(machine, reply.deviceNo),
    }),
  }),
});

const pciDeviceRemove = kernelMutation({
  command: 'PciDeviceRemove',
  description:
    'Unplugs a PCI function. Errors: ENODEV, there is none; EBUSY, it is bound or has virtual functions.',
  input: builder.inputType('PciDeviceRemoveInput', {
    description: 'Arguments of pciDeviceRemove.',
    fields: t => ({
      machineId: t.field(MACHINE_ID_FIELD),
      bdf: t.field({ type: 'PciAddress', required: true, description: 'Where it is.' }),
    }),
  }),
  toCommand: ({ bdf }) => ({ type: 'PciDeviceRemove', bdf }),
});

export const HARDWARE_MUTATIONS = {
  PageRequestSend: pageRequestSend,
  PageRequestResume: pageRequestResume,
  VpriResetSend: vpriResetSend,
  PciDeviceAdd: pciDeviceAdd,
  PciDeviceRemove: pciDeviceRemove,
};
