/** The function that a command names. */
import type { Execution } from '../../machine/execution.ts';
import { Refusal } from '../../machine/refusal.ts';
import { isModelled, type ModelledDevice } from './lookup.ts';

/** Errors: ENODEV, no such function; EOPNOTSUPP, it is not behind a modelled IOMMU. */
export function modelledFunction(x: Execution, bdf: string): ModelledDevice | Refusal {
  const device = x.state.physicalDevices.get(x.state.bdfs.get(bdf) ?? -1);
  if (device === undefined) return new Refusal('ENODEV');
  return isModelled(device) ? device : new Refusal('EOPNOTSUPP');
}

/** Whether the function can use a PASID; null always. */
export function hasPasid({ hardware }: ModelledDevice, pasid: number | null): boolean {
  return pasid === null || pasid < 2 ** hardware.spec.pasidWidth;
}
