/** What a supervisor asks about a machine: its PCI functions, and the page tables of guests. */
import { BEHAVIOUR } from '../abi/behaviour.ts';
import { isModelled } from '../core/hardware/function/lookup.ts';
import {
  atsCapability,
  atsControl,
  priControl,
  priStatus,
} from '../core/hardware/function/registers.ts';
import type { FunctionHardware } from '../core/hardware/function/state.ts';
import type { PciDevice, ReservedRegion } from '../core/hardware/state.ts';
import type { TableFormat } from '../core/hardware/tables/access.ts';
import type { HwptUserData } from '../core/iommufd/state.ts';
import type { Event } from '../core/machine/event.ts';
import { contextOf, findHwptPaging, groupOf, hwptOf, ioasOf } from '../core/machine/lookup.ts';
import type { MachineState } from '../core/machine/state.ts';
import type { IovaRange } from '../core/memory/iova-range.ts';

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
export interface AreaLook extends IovaRange {
  readonly userVa: bigint;
}

/** The guest's page table that the DMA of a function goes through. */
export interface GuestTableLook {
  readonly deviceNo: number;
  readonly contextId: number;
  /** The nest parent's. */
  readonly ioasId: number;
  readonly userData: HwptUserData;
  /** The IOMMU's own format; null: by the user data. */
  readonly tableFormat: TableFormat | null;
  readonly areas: readonly AreaLook[];
  /** What DMAs wait for: they look again when they are answered. */
  readonly waiting: readonly { readonly iova: bigint; readonly length: bigint }[];
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

/** Of each modelled function whose group is on a nested hwpt with a page table. */
export function guestTablesOf(state: MachineState): GuestTableLook[] {
  const tables: GuestTableLook[] = [];
  for (const device of state.physicalDevices.values()) {
    if (!isModelled(device)) continue;
    const { domain } = groupOf(state, device.iommuGroupId);
    if (domain.kind !== 'HWPT') continue;
    const context = contextOf(state, domain.contextId);
    const hwpt = hwptOf(context, domain.hwptId);
    if (hwpt.type !== 'HWPT_NESTED' || hwpt.userData.kind !== 'VTD_S1') continue;
    const ioas = ioasOf(context, findHwptPaging(context, hwpt).ioasId);
    const { deviceNo, hardware } = device;
    tables.push({
      deviceNo,
      contextId: domain.contextId,
      ioasId: ioas.id,
      userData: hwpt.userData,
      tableFormat: state.iommus.get(hardware.spec.iommuNo)?.spec.tableFormat ?? null,
      areas: Array.from(ioas.areas, ({ start, last, userVa }) => ({
        start,
        last,
        userVa,
      })),
      waiting: Array.from(hardware.dmas.values(), ({ request: { iova, length } }) => ({
        iova,
        length,
      })),
    });
  }
  return tables;
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
