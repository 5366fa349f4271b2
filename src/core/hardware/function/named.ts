/** The function that a command names. */
import type { Execution } from '../../machine/execution.ts';
import type { Refusal } from '../../machine/refusal.ts';
import { refuse } from '../refuse.ts';
import { isModelled, type ModelledDevice } from './lookup.ts';

/** Errors: ENODEV, no such function; EOPNOTSUPP, it is not behind a modelled IOMMU. */
export function modelledFunction(x: Execution, bdf: string): ModelledDevice | Refusal {
  const device = x.state.physicalDevices.get(x.state.bdfs.get(bdf) ?? -1);
  if (device === undefined) return refuse(x, 'bus', 'ENODEV', 'NO_SUCH_FUNCTION', { bdf });
  return isModelled(device) ? device : refuse(x, 'bus', 'EOPNOTSUPP', 'NOT_MODELLED', { bdf });
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
