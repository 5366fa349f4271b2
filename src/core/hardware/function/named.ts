/** The function that a command names. */
import type { Execution } from '../../machine/execution.ts';
import type { Refusal } from '../../machine/refusal.ts';
import { noSuchFunction } from '../../refuse/absent.ts';
import { refuse } from '../refuse.ts';
import type { Iommu } from '../unit/state.ts';
import { isModelled, type ModelledDevice } from './lookup.ts';

/** Errors: ENODEV, no such function; EOPNOTSUPP, it is not behind a modelled IOMMU. */
export function modelledFunction(x: Execution, bdf: string): ModelledDevice | Refusal {
  const device = x.state.physicalDevices.get(x.state.bdfs.get(bdf) ?? -1);
  if (device === undefined) return x.refusedBy('bus', noSuchFunction(x.state, bdf));
  return isModelled(device) ? device : refuse(x, 'bus', 'EOPNOTSUPP', 'NOT_MODELLED', { bdf });
}

/** Errors: ENODEV, the machine has no IOMMU of this number. */
export function namedIommu(x: Execution, iommuNo: number): Iommu | Refusal {
  const { iommus } = x.state;
  const found = iommus.get(iommuNo);
  if (found !== undefined) return found;
  const most = iommus.size - 1;
  const has = most < 0 ? 'none' : most === 0 ? 'IOMMU 0 alone' : `IOMMUs 0 to ${most}`;
  return refuse(x, 'bus', 'ENODEV', 'IOMMU_ABSENT', { iommuNo, has });
}

/** null: the function can use the PASID, or there is none. */
export function wrongPasid(
  x: Execution,
  { hardware, bdf }: ModelledDevice,
  pasid: number | null,
): Refusal | null {
  const width = hardware.spec.pasidWidth;
  if (pasid === null || pasid < 2 ** width) return null;
  return refuse(x, 'device', 'EINVAL', 'PASID_TOO_WIDE', { pasid, bdf, width });
}
