/** Devices: bind, attach, replace, detach, unbind; page requests that PCI functions send. */
import { IOMMU_PGFAULT_PERM_READ } from '../../../abi/uapi.ts';
import type { PageRequestReply } from '../../../core/iommu/page-request-reply.ts';
import { builder } from '../../builder/builder.ts';
import { Errno, PgfaultPerm, wordOf } from '../../builder/enums.ts';
import {
  CONTEXT_ID_FIELD,
  kernelMutation,
  MACHINE_ID_FIELD,
} from '../../builder/kernel-mutation.ts';
import { type PayloadPlace, payloadObject } from '../../builder/payload-object.ts';
import { DeviceType, HwptInterface, IopfGroupType } from '../../builder/refs.ts';
import type { MachineView } from '../../builder/view.ts';

const DEV_ID_FIELD = {
  type: 'U32',
  required: true,
  description: 'A PCI function bound to the context, by its object id.',
} as const;

const PT_ID_FIELD = {
  type: 'U32',
  required: true,
  description: 'A hwpt, or an IOAS: then an automatic hwpt on it is found or made.',
} as const;

interface MovedParent extends PayloadPlace {
  readonly command: { readonly contextId: number; readonly devId: number };
  readonly reply: { readonly outPtId: number };
}

/** The payload fields of what attaches, replaces and detaches. */
const DEVICE_NOW = {
  type: DeviceType,
  nullable: true,
  description: 'The device, as it is now.',
  resolve: (payload: Omit<MovedParent, 'reply'>) =>
    payloadObject(payload, payload.command.devId, 'DEVICE'),
} as const;
const HWPT_NOW = {
  type: HwptInterface,
  nullable: true,
  description: 'The hwpt, as it is now.',
  resolve: (payload: MovedParent) =>
    payloadObject(payload, payload.reply.outPtId, 'HWPT_PAGING', 'HWPT_NESTED'),
} as const;

kernelMutation({
  command: 'DeviceBind',
  description:
    'VFIO_DEVICE_BIND_IOMMUFD: the context takes DMA ownership of the device’s IOMMU group, which blocks until attached (iommufd_device_bind). Errors: ENODEV; EINVAL, bound already, not coherent, or 1:1 mapped by firmware; EPERM, another context owns the group or MSIs are not isolated.',
  input: builder.inputType('DeviceBindInput', {
    description: 'Arguments of deviceBind.',
    fields: t => ({
      machineId: t.field(MACHINE_ID_FIELD),
      contextId: t.field(CONTEXT_ID_FIELD),
      bdf: t.field({ type: 'PciAddress', required: true, description: 'The PCI function.' }),
    }),
  }),
  toCommand: ({ contextId, bdf }) => ({ type: 'DeviceBind', contextId, bdf }),
  payload: t => ({
    outDevId: t.int({
      description: 'The id of the DEVICE object.',
      resolve: ({ reply }) => reply.outDevId,
    }),
    device: t.field({
      type: DeviceType,
      nullable: true,
      description: 'The device, as it is now.',
      resolve: payload => payloadObject(payload, payload.reply.outDevId, 'DEVICE'),
    }),
  }),
});

kernelMutation({
  command: 'DeviceAttach',
  description:
    'VFIO_DEVICE_ATTACH_IOMMUFD_PT: attaches the device, or replaces if it is attached (iommufd_device_attach). Only the first device of a group touches the hardware. Errors: ENOENT; EINVAL, the group is on another hwpt, the type is wrong, or a virtual function meets a fault-capable hwpt; ENODEV, no IOPF; EADDRINUSE.',
  input: builder.inputType('DeviceAttachInput', {
    description: 'Arguments of deviceAttach.',
    fields: t => ({
      machineId: t.field(MACHINE_ID_FIELD),
      contextId: t.field(CONTEXT_ID_FIELD),
      devId: t.field(DEV_ID_FIELD),
      ptId: t.field(PT_ID_FIELD),
    }),
  }),
  toCommand: ({ contextId, devId, ptId }) => ({ type: 'DeviceAttach', contextId, devId, ptId }),
  payload: t => ({
    outPtId: t.int({
      description: 'The hwpt attached; an automatic one if an IOAS was given.',
      resolve: ({ reply }) => reply.outPtId,
    }),
    hwpt: t.field(HWPT_NOW),
    device: t.field(DEVICE_NOW),
  }),
});

kernelMutation({
  command: 'DeviceReplace',
  description:
    'Moves the device’s whole group to another hwpt without a gap (iommufd_device_replace). Leaving a fault-capable hwpt answers INVALID for every group that came through the old attach handle. Errors: as deviceAttach; EINVAL, the device is not attached.',
  input: builder.inputType('DeviceReplaceInput', {
    description: 'Arguments of deviceReplace.',
    fields: t => ({
      machineId: t.field(MACHINE_ID_FIELD),
      contextId: t.field(CONTEXT_ID_FIELD),
      devId: t.field(DEV_ID_FIELD),
      ptId: t.field(PT_ID_FIELD),
    }),
  }),
  toCommand: ({ contextId, devId, ptId }) => ({ type: 'DeviceReplace', contextId, devId, ptId }),
  payload: t => ({
    outPtId: t.int({
      description: 'The hwpt now attached; an automatic one if an IOAS was given.',
      resolve: ({ reply }) => reply.outPtId,
    }),
    hwpt: t.field(HWPT_NOW),
    device: t.field(DEVICE_NOW),
  }),
});

kernelMutation({
  command: 'DeviceDetach',
  description:
    'VFIO_DEVICE_DETACH_IOMMUFD_PT: detaches the device; the last of its group leaves the hardware blocking and has every outstanding group answered INVALID (iommufd_device_detach). A device that is not attached: success. Errors: ENOENT.',
  input: builder.inputType('DeviceDetachInput', {
    description: 'Arguments of deviceDetach.',
    fields: t => ({
      machineId: t.field(MACHINE_ID_FIELD),
      contextId: t.field(CONTEXT_ID_FIELD),
      devId: t.field(DEV_ID_FIELD),
    }),
  }),
  toCommand: ({ contextId, devId }) => ({ type: 'DeviceDetach', contextId, devId }),
  payload: t => ({
    device: t.field(DEVICE_NOW),
  }),
});

kernelMutation({
  command: 'DeviceUnbind',
  description:
    'Closes the device’s VFIO file: detaches it if attached, then gives up DMA ownership (iommufd_device_unbind). Errors: ENOENT.',
  input: builder.inputType('DeviceUnbindInput', {
    description: 'Arguments of deviceUnbind.',
    fields: t => ({
      machineId: t.field(MACHINE_ID_FIELD),
      contextId: t.field(CONTEXT_ID_FIELD),
      devId: t.field(DEV_ID_FIELD),
    }),
  }),
  toCommand: ({ contextId, devId }) => ({ type: 'DeviceUnbind', contextId, devId }),
  payload: t => ({
    contextReleased: t.boolean({
      description: 'The context’s file was closed before and this was its last holder.',
      resolve: ({ reply }) => reply.contextReleased,
    }),
  }),
});

const PageRequestOutcomeEnum = builder.enumType('PageRequestOutcome', {
  description: 'What became of a page request.',
  values: {
    REPORTED: { description: 'It reached the page-fault core; reportErrno is what that answered.' },
    STOP_MARKER_DROPPED: {
      description:
        'A stop marker (last page, no read, no write, with PASID): dropped, no response.',
    },
    IN_FLIGHT: {
      description: 'Held between look-up and queue, as asked for: pageRequestResume goes on.',
    },
    VPRI_FAILED: {
      description:
        'Policy EMULATED_PRI: the function’s PRI failed before. Not delivered, answered INVALID; vpriReset lets requests through again.',
    },
    PRI_DISABLED: {
      description:
        'Not sent: PRI is off until a fault-capable hwpt is attached through this device.',
    },
  } as const,
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

kernelMutation({
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

kernelMutation({
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

kernelMutation({
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
