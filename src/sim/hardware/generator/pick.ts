/** What commands to modelled hardware meet at: addresses, functions, hwpts. */
import type { ModelledDevice } from '../../../core/hardware/function/lookup.ts';
import type {
  FaultQueue,
  HwptNested,
  HwptPaging,
  Ioas,
  IommufdContext,
} from '../../../core/iommufd/state.ts';
import type { MachineState } from '../../../core/machine/state.ts';
import type { Prng } from '../../prng.ts';

export const PAGE = 4096n;
/** Guest memory: roots of two tables, data, tables. All of it in one IOAS of the VMM. */
export const ROOTS = [0x1000n, 0x2000n] as const;
export const TABLES = 0x4_0000n;
export const TABLES_LENGTH = 0xa_0000n;
export const DATA = 0x2_0000n;
export const DATA_PAGES = 24;
export const GUEST_LENGTH = 0x10_0000n;
export const USER_VA = 0x1000_0000n;
/** What devices use: twelve pages that one table of the lowest level maps. */
export const IOVAS = 0x4000_0000n;
export const IOVA_PAGES = 12;

export const iovaOf = (random: Prng) => IOVAS + BigInt(random.below(IOVA_PAGES)) * PAGE;
export const dataOf = (random: Prng) => DATA + BigInt(random.below(DATA_PAGES)) * PAGE;

/** The context that is used: the first whose file is open. */
export function contextOf({ contexts }: MachineState): IommufdContext | null {
  for (const context of contexts.values()) if (context.fileOpen) return context;
  return null;
}

export function functionsOf({ physicalDevices }: MachineState): ModelledDevice[] {
  return [...physicalDevices.values()].filter(
    (device): device is ModelledDevice => device.kind === 'PCI' && device.hardware !== null,
  );
}

export function attachedTo(state: MachineState, device: ModelledDevice): number | null {
  const { domain } = state.iommuGroups.get(device.iommuGroupId)!;
  return domain.kind === 'HWPT' ? domain.hwptId : null;
}

export function ioasOf(context: IommufdContext): Ioas | null {
  for (const object of context.objects.values()) if (object.type === 'IOAS') return object;
  return null;
}

export function parentOf(context: IommufdContext): HwptPaging | null {
  for (const object of context.objects.values()) {
    if (object.type === 'HWPT_PAGING' && object.nestParent) return object;
  }
  return null;
}

export function nestedOf(context: IommufdContext): HwptNested[] {
  return [...context.objects.values()].filter(
    (object): object is HwptNested => object.type === 'HWPT_NESTED',
  );
}

export function queuesOf(context: IommufdContext): FaultQueue[] {
  return [...context.objects.values()].filter(
    (object): object is FaultQueue => object.type === 'FAULT',
  );
}
