/** A PCI function's modelled part as it appears: part of evolve. */
import { TranslationCache } from '../cache/translation-cache.ts';
import type { PciDeviceSpec } from '../state.ts';
import type { FunctionHardware } from './state.ts';

/**
 * null: the function is not behind a modelled IOMMU. ATS is on, as Linux leaves it after probing. What
 * stalls does not ask: the SMMUv3 driver answers faults of such a function by CMD_RESUME alone
 * (arm_smmu_page_response).
 */
export function functionHardware(device: PciDeviceSpec): FunctionHardware | null {
  const spec = device.hardware;
  if (spec === undefined) return null;
  const { ats } = spec;
  return {
    spec,
    ats: ats && {
      enabled: true,
      invalidateQueueDepth: ats.invalidateQueueDepth,
      respondsToInvalidation: ats.respondsToInvalidation,
    },
    pri:
      device.pri && device.physfn === null && !spec.stall
        ? {
            capacity: spec.priCapacity,
            allocation: 0,
            enabled: false,
            stopped: true,
            responseFailure: false,
            unexpectedIndex: false,
            outstanding: new Map(),
            used: 0,
            nextIndex: 0,
            waiting: [],
            truncated: new Map(),
          }
        : null,
    atc: new TranslationCache({ entries: ats?.entries ?? 1, lru: ats?.lru ?? false }),
    program: null,
    dmas: new Map(),
    held: new Map(),
    shortInvalidations: [],
  };
}
