/** What a supervisor asks about a machine: its PCI functions, and the page tables of guests. */
import { BEHAVIOUR } from '../abi/behaviour.ts';
import { processOfArea } from '../core/hardware/dma/walk.ts';
import { isModelled, type ModelledDevice } from '../core/hardware/function/lookup.ts';
import {
  atsCapability,
  atsControl,
  priControl,
  priStatus,
} from '../core/hardware/function/registers.ts';
import type { FunctionHardware } from '../core/hardware/function/state.ts';
import type { PciDevice, ReservedRegion } from '../core/hardware/state.ts';
import type { TableFormat } from '../core/hardware/tables/access.ts';
import type { GroupDomain } from '../core/iommu/state.ts';
import type { HwptUserData } from '../core/iommufd/state.ts';
import type { Event } from '../core/machine/event.ts';
import {
  contextOf,
  dmaDomain,
  findHwptPaging,
  groupOf,
  hwptOf,
  ioasOf,
} from '../core/machine/lookup.ts';
import type { MachineState } from '../core/machine/state.ts';
import type { IovaRange } from '../core/memory/iova-range.ts';
import type { OfProcess } from '../core/memory/user-process.ts';

/** A PCI function. */
export interface FunctionLook {
  readonly deviceNo: number;
  readonly bdf: string;
  /** The number of its VFIO device file. */
  readonly vfioNo: number;
  /** The kernel knows VFIO_DEVICE_ATTACH_PASID. */
  readonly knowsPasids: boolean;
  readonly iommuGroupId: number;
  /** Its physical function, if it is a virtual one. */
  readonly physfn: string | null;
  readonly reservedRegions: readonly ReservedRegion[];
  /** null: it is not behind a modelled IOMMU, so it starts no DMA. */
  readonly hardware: {
    /** Registers of its ATS capability; null: it has none. */
    readonly ats: { readonly capability: number; readonly control: number } | null;
    /** Registers of its Page Request capability. */
    readonly pri: {
      readonly control: number;
      readonly status: number;
      readonly capacity: number;
      readonly allocation: number;
    } | null;
  } | null;
}

/** Guest memory that an IOAS maps, and where it lies in the process. */
export interface AreaLook extends IovaRange, OfProcess {
  readonly userVa: bigint;
}

/** Where a DMA goes. */
export interface DmaLook {
  readonly deviceNo: number;
  /** null: without a PASID. */
  readonly pasid: number | null;
  readonly iova: bigint;
  readonly length: bigint;
}

/** A guest's page table that DMAs of a function go through, with its RID or a PASID. */
export interface GuestTableLook {
  readonly contextId: number;
  /** The nest parent's. */
  readonly ioasId: number;
  readonly userData: HwptUserData;
  /** The IOMMU's own format; null: by the user data. */
  readonly tableFormat: TableFormat | null;
  readonly areas: readonly AreaLook[];
  /** What they look up in it. */
  readonly ranges: readonly { readonly iova: bigint; readonly length: bigint }[];
}

/** In order of appearance. */
export function functionsOf(state: MachineState): FunctionLook[] {
  return [...state.physicalDevices.values()]
    .filter((device): device is PciDevice => device.kind === 'PCI')
    .map(({ deviceNo, bdf, iommuGroupId, physfn, reservedRegions, hardware }) => ({
      deviceNo,
      bdf,
      // Devices are numbered from 1, and mock devices of the self-test are among them.
      vfioNo: deviceNo - 1,
      knowsPasids: BEHAVIOUR[state.baseline].pasidHwpts,
      iommuGroupId,
      physfn,
      reservedRegions,
      hardware: hardware && registersOf(hardware),
    }));
}

function registersOf(hardware: FunctionHardware): FunctionLook['hardware'] {
  const { ats, pri } = hardware;
  return {
    ats: ats && { capability: atsCapability(ats), control: atsControl(ats) },
    pri: pri && {
      control: priControl(pri),
      status: priStatus(hardware, pri),
      capacity: pri.capacity,
      allocation: pri.allocation,
    },
  };
}

/**
 * The tables of the DMAs that wait, which look again when they are answered, and of `starting`, which is
 * about to start: those with an attached PASID go through its hwpt, others through the RID's.
 */
export function guestTablesOf(state: MachineState, starting: DmaLook | null): GuestTableLook[] {
  const tables: GuestTableLook[] = [];
  for (const device of state.physicalDevices.values()) {
    if (!isModelled(device)) continue;
    const group = groupOf(state, device.iommuGroupId);
    const dmas: Omit<DmaLook, 'deviceNo'>[] = [];
    for (const { request } of device.hardware.dmas.values()) dmas.push(request);
    if (starting?.deviceNo === device.deviceNo) dmas.push(starting);
    for (const [domain, through] of Map.groupBy(dmas, ({ pasid }) => dmaDomain(group, pasid))) {
      const table = tableOf(state, device, domain);
      const ranges = through.map(({ iova, length }) => ({ iova, length }));
      if (table !== null) tables.push({ ...table, ranges });
    }
  }
  return tables;
}

/** null: the domain is no nested hwpt with a page table. */
function tableOf(
  state: MachineState,
  { hardware }: ModelledDevice,
  domain: GroupDomain,
): Omit<GuestTableLook, 'ranges'> | null {
  if (domain.kind !== 'HWPT') return null;
  const { contextId } = domain;
  const context = contextOf(state, contextId);
  const hwpt = hwptOf(context, domain.hwptId);
  if (hwpt.type !== 'HWPT_NESTED' || hwpt.userData.kind !== 'VTD_S1') return null;
  const ioas = ioasOf(context, findHwptPaging(context, hwpt).ioasId);
  return {
    contextId,
    ioasId: ioas.id,
    userData: hwpt.userData,
    tableFormat: state.iommus.get(hardware.spec.iommuNo)?.spec.tableFormat ?? null,
    areas: Array.from(ioas.areas, area => {
      const { start, last, userVa } = area;
      return { start, last, userVa, ...processOfArea(context, area) };
    }),
  };
}

/** Events that a supervisor follows: those by which hardware or a guest writes user memory. */
const FOLLOWED: readonly Event['type'][] = [
  'DmaIssued',
  'DmaCompleted',
  'DmaAborted',
  'DmaTimedOut',
  'IotlbFilled',
  'GuestWordsWritten',
  'PciDeviceAdded',
  'PhysicalDeviceRemoved',
];

export function isFollowed({ type }: Event): boolean {
  return FOLLOWED.includes(type);
}
