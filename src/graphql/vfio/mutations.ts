/** What VFIO’s device files do: bind, attach, replace, detach, unbind. */
import { builder } from '../builder/builder.ts';
import { CONTEXT_ID_FIELD, kernelMutation, MACHINE_ID_FIELD } from '../builder/kernel-mutation.ts';
import { type PayloadPlace, payloadObject } from '../builder/payload-object.ts';
import { DeviceType, HwptInterface } from '../builder/refs.ts';

const DEV_ID_FIELD = {
  type: 'U32',
  required: true,
  description: 'A PCI function bound to the context, by its object id.',
} as const;

const PT_ID_FIELD = {
  type: 'U32',
  required: true,
  description:
    'A hwpt, or an IOAS: then an automatic hwpt on it is found or made, which is not for PASIDs.',
} as const;

const PASID_FIELD = {
  type: 'U32',
  description:
    'From Linux 6.15 on: this PASID of the device in place of its RID (VFIO_DEVICE_ATTACH_PASID, VFIO_DEVICE_DETACH_PASID). 0 is the RID as well, but VFIO keeps it apart from one attached without a PASID: attaching it beside that is EBUSY, detaching it then does nothing. Left out: the RID.',
} as const;

/** The argument of commands; none of the RID. */
function ofPasid(pasid: number | null | undefined): { readonly pasid?: number } {
  return pasid === null || pasid === undefined ? {} : { pasid };
}

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

const deviceBind = kernelMutation({
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

const deviceAttach = kernelMutation({
  command: 'DeviceAttach',
  description:
    'VFIO_DEVICE_ATTACH_IOMMUFD_PT: attaches the device, or replaces if it is attached (iommufd_device_attach). Only the first device of a group touches the hardware. With a PASID each DMA and page request that carries it takes that hwpt. Errors: ENOENT; EINVAL, the group is on another hwpt, the type is wrong, or a virtual function meets a fault-capable hwpt; ENODEV, no IOPF; EADDRINUSE. Of PASIDs: EINVAL, a kernel before 6.15, a PASID that a device of the group has not, an IOAS, or a hwpt or the RID’s made without IOMMU_HWPT_ALLOC_PASID; of the RID, a hwpt without it beside PASIDs; EBUSY, attached already; ENOSPC, 2147483648 and more.',
  input: builder.inputType('DeviceAttachInput', {
    description: 'Arguments of deviceAttach.',
    fields: t => ({
      machineId: t.field(MACHINE_ID_FIELD),
      contextId: t.field(CONTEXT_ID_FIELD),
      devId: t.field(DEV_ID_FIELD),
      ptId: t.field(PT_ID_FIELD),
      pasid: t.field(PASID_FIELD),
    }),
  }),
  toCommand: ({ contextId, devId, ptId, pasid }) => ({
    type: 'DeviceAttach',
    contextId,
    devId,
    ptId,
    ...ofPasid(pasid),
  }),
  payload: t => ({
    outPtId: t.int({
      description: 'The hwpt attached; an automatic one if an IOAS was given.',
      resolve: ({ reply }) => reply.outPtId,
    }),
    hwpt: t.field(HWPT_NOW),
    device: t.field(DEVICE_NOW),
  }),
});

const deviceReplace = kernelMutation({
  command: 'DeviceReplace',
  description:
    'Moves the device’s whole group to another hwpt without a gap (iommufd_device_replace). Leaving a fault-capable hwpt answers INVALID for every group that came through the old attach handle. With a PASID the group’s PASID moves, and the groups that came by its handle are answered. Errors: as deviceAttach, but EBUSY and ENOSPC; EINVAL, the device is not attached, or not by this PASID.',
  input: builder.inputType('DeviceReplaceInput', {
    description: 'Arguments of deviceReplace.',
    fields: t => ({
      machineId: t.field(MACHINE_ID_FIELD),
      contextId: t.field(CONTEXT_ID_FIELD),
      devId: t.field(DEV_ID_FIELD),
      ptId: t.field(PT_ID_FIELD),
      pasid: t.field(PASID_FIELD),
    }),
  }),
  toCommand: ({ contextId, devId, ptId, pasid }) => ({
    type: 'DeviceReplace',
    contextId,
    devId,
    ptId,
    ...ofPasid(pasid),
  }),
  payload: t => ({
    outPtId: t.int({
      description: 'The hwpt now attached; an automatic one if an IOAS was given.',
      resolve: ({ reply }) => reply.outPtId,
    }),
    hwpt: t.field(HWPT_NOW),
    device: t.field(DEVICE_NOW),
  }),
});

const deviceDetach = kernelMutation({
  command: 'DeviceDetach',
  description:
    'VFIO_DEVICE_DETACH_IOMMUFD_PT: detaches the device; the last of its group leaves the hardware blocking and has every outstanding group answered INVALID (iommufd_device_detach). With a PASID that PASID alone, and its groups. A device or a PASID that is not attached: success. Errors: ENOENT; EINVAL, a PASID before Linux 6.15.',
  input: builder.inputType('DeviceDetachInput', {
    description: 'Arguments of deviceDetach.',
    fields: t => ({
      machineId: t.field(MACHINE_ID_FIELD),
      contextId: t.field(CONTEXT_ID_FIELD),
      devId: t.field(DEV_ID_FIELD),
      pasid: t.field(PASID_FIELD),
    }),
  }),
  toCommand: ({ contextId, devId, pasid }) => ({
    type: 'DeviceDetach',
    contextId,
    devId,
    ...ofPasid(pasid),
  }),
  payload: t => ({
    device: t.field(DEVICE_NOW),
  }),
});

const deviceUnbind = kernelMutation({
  command: 'DeviceUnbind',
  description:
    'Closes the device’s VFIO file: detaches its PASIDs, the lowest first, and its RID if attached, then gives up DMA ownership (iommufd_device_unbind). Errors: ENOENT.',
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

export const VFIO_MUTATIONS = {
  DeviceBind: deviceBind,
  DeviceAttach: deviceAttach,
  DeviceReplace: deviceReplace,
  DeviceDetach: deviceDetach,
  DeviceUnbind: deviceUnbind,
};
