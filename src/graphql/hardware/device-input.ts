/** A PCI function as an input. */
import { RESERVED_REGIONS_PER_DEVICE_MAX } from '../../abi/limits.ts';
import type { PciDeviceSpec } from '../../core/hardware/state.ts';
import { badInput } from '../builder/bad-input.ts';
import { builder } from '../builder/builder.ts';
import { ReservedRegionType } from '../builder/enums.ts';
import { FunctionInput, functionSpec } from './iommu-input.ts';

const ReservedRegionInput = builder.inputType('ReservedRegionInput', {
  description: 'A range of IOVAs the device cannot use for DMA, both ends inclusive.',
  fields: t => ({
    type: t.field({ type: ReservedRegionType, required: true, description: 'Its kind.' }),
    start: t.field({ type: 'HexU64', required: true, description: 'First IOVA.' }),
    last: t.field({ type: 'HexU64', required: true, description: 'Last IOVA, not below start.' }),
  }),
});

export const PciDeviceInput = builder.inputType('PciDeviceInput', {
  description: 'A PCI function to add, behind an IOMMU that keeps the whole contract of iommufd.',
  fields: t => ({
    bdf: t.field({ type: 'PciAddress', required: true, description: 'Where it is.' }),
    groupWith: t.field({
      type: 'PciAddress',
      description: 'A PCI function whose IOMMU group it joins. Left out: a group of its own.',
    }),
    physfn: t.field({
      type: 'PciAddress',
      description: 'Its physical function, if it is a virtual function.',
    }),
    pri: t.boolean({
      defaultValue: true,
      description:
        'It can send page requests (PRI). Without, attaching a fault-capable hwpt is ENODEV.',
    }),
    dirtyTracking: t.boolean({
      defaultValue: true,
      description: 'Its IOMMU can track dirty pages.',
    }),
    dmaCoherent: t.boolean({
      defaultValue: true,
      description: 'DMA is cache-coherent. Without, binding is EINVAL.',
    }),
    msiIsolated: t.boolean({
      defaultValue: true,
      description: 'Its IOMMU group isolates MSIs. Without, binding is EPERM.',
    }),
    reservedRegions: t.field({
      type: [ReservedRegionInput],
      description: `Ranges to keep free in every IOAS it is attached to, at most ${RESERVED_REGIONS_PER_DEVICE_MAX}.`,
    }),
    hardware: t.field({
      type: FunctionInput,
      description:
        'What it is behind a modelled IOMMU. Left out: its page requests are declared by pageRequest.',
    }),
  }),
});

/** `path` names the input in an error. */
export function pciDeviceSpec(
  input: typeof PciDeviceInput.$inferInput,
  path: string,
): PciDeviceSpec {
  const regions = input.reservedRegions?.length ?? 0;
  if (regions > RESERVED_REGIONS_PER_DEVICE_MAX) {
    throw badInput(
      `"${path}.reservedRegions" may have at most ${RESERVED_REGIONS_PER_DEVICE_MAX} entries, not ${regions}`,
    );
  }
  return {
    bdf: input.bdf,
    groupWith: input.groupWith ?? null,
    physfn: input.physfn ?? null,
    pri: input.pri ?? true,
    dirtyTracking: input.dirtyTracking ?? true,
    dmaCoherent: input.dmaCoherent ?? true,
    msiIsolated: input.msiIsolated ?? true,
    reservedRegions: input.reservedRegions ?? [],
    ...(input.hardware ? { hardware: functionSpec(input.hardware, `${path}.hardware`) } : {}),
  };
}
