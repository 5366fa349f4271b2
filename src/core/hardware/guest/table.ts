/** The page table of a guest: which hwpt has it, in which format, over which memory. */
import type { HwptNested, Ioas, IommufdContext } from '../../iommufd/state.ts';
import type { Execution } from '../../machine/execution.ts';
import { findHwptPaging, ioasOf } from '../../machine/lookup.ts';
import type { Refusal } from '../../machine/refusal.ts';
import type { MachineState } from '../../machine/state.ts';
import { noSuchObject } from '../../refuse/absent.ts';
import { type FirstStage, tableFormatOf } from '../dma/table-format.ts';
import { isModelled } from '../function/lookup.ts';
import { refuse } from '../refuse.ts';
import type { TableFormat } from '../tables/access.ts';

/** A nested hwpt with its table, and the guest's memory. */
export interface GuestTable extends FirstStage {
  readonly hwpt: HwptNested;
  readonly ioas: Ioas;
}

/** Errors: ENOENT, no hwpt of this id; EINVAL, it is not nested or has no page table. */
export function guestTable(
  x: Execution,
  context: IommufdContext,
  hwptId: number,
): GuestTable | Refusal {
  const hwpt = context.objects.get(hwptId);
  if (hwpt?.type !== 'HWPT_NESTED') {
    return hwpt?.type === 'HWPT_PAGING'
      ? refuse(x, 'guest', 'EINVAL', 'NO_GUEST_TABLE', { hwptId })
      : x.refusedBy('guest', noSuchObject(context, 'hwptId', hwptId, 'HWPT_NESTED'));
  }
  return (
    tableOfHwpt(x.state, context, hwpt) ??
    refuse(x, 'guest', 'EINVAL', 'NO_GUEST_TABLE', { hwptId })
  );
}

/** null: it has no page table. */
export function tableOfHwpt(
  state: MachineState,
  context: IommufdContext,
  hwpt: HwptNested,
): GuestTable | null {
  const found = tableFormatOf(hwpt.userData, namedFormat(state, context.contextId, hwpt.id));
  return found && { ...found, hwpt, ioas: ioasOf(context, findHwptPaging(context, hwpt).ioasId) };
}

/** The format of the IOMMU in front of a device on the hwpt; of the first IOMMU if there is none. */
function namedFormat(
  { iommus, iommuGroups, physicalDevices }: MachineState,
  contextId: number,
  hwptId: number,
): TableFormat | null {
  for (const { domain, deviceNos } of iommuGroups.values()) {
    const on = domain.kind === 'HWPT' && domain.contextId === contextId && domain.hwptId === hwptId;
    const device = on ? physicalDevices.get(deviceNos[0]!) : undefined;
    if (isModelled(device)) return iommus.get(device.hardware.spec.iommuNo)!.spec.tableFormat;
  }
  return iommus.get(0)?.spec.tableFormat ?? null;
}
