/** What a trace says about an iopf group beside its name, in words that its viewer can look for. */
import { IOMMU_PGFAULT_FLAGS_PASID_VALID } from '../../abi/uapi.ts';
import { permissions } from '../../core/explain/words.ts';
import type { IopfGroup } from '../../core/iommu/state.ts';
import { deviceName } from '../../core/machine/lookup.ts';
import type { MachineState } from '../../core/machine/state.ts';

export interface GroupNotes {
  readonly contextId: number;
  readonly faultId: number;
  readonly deviceId: number;
  /** PCI address of the function that faulted, or the mock device's name. */
  readonly bdf: string;
  /** null: without a PASID. */
  readonly pasid: number | null;
  readonly grpid: number;
  readonly requests: number;
  /** Addresses, not page numbers, in the order of the requests. */
  readonly addr: string;
  /** Of each address, such as `read+write (0x3)`; said once if it is the same for all. */
  readonly access: string;
}

export function notesOfGroup(group: IopfGroup, { physicalDevices }: MachineState): GroupNotes {
  const { contextId, faultId, deviceId, deviceNo, requests } = group;
  const { flags, pasid, grpid } = requests[0]!;
  const device = physicalDevices.get(deviceNo);
  const accesses = requests.map(({ perm }) => permissions(perm));
  return {
    ...{ contextId, faultId, deviceId },
    bdf: device === undefined ? `device ${deviceNo}` : deviceName(device),
    pasid: (flags & IOMMU_PGFAULT_FLAGS_PASID_VALID) === 0 ? null : pasid,
    grpid,
    requests: requests.length,
    addr: requests.map(({ addr }) => `0x${addr.toString(16)}`).join(' '),
    access: (new Set(accesses).size === 1 ? accesses.slice(0, 1) : accesses).join(', '),
  };
}

/** The same in a line of text. */
export function notesText({ bdf, pasid, grpid, addr, access }: GroupNotes): string {
  const withPasid = pasid === null ? '' : ` with PASID ${pasid}`;
  return `${bdf}${withPasid}, group index ${grpid}: ${access} at ${addr}`;
}
