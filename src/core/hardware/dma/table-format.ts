/** Which page table a guest's first stage has, by the user data of its hwpt or as the IOMMU says. */
import { IOMMU_VTD_S1_EAFE, IOMMU_VTD_S1_SRE, IOMMU_VTD_S1_WPE } from '../../../abi/uapi.ts';
import type { HwptUserData } from '../../iommufd/state.ts';
import type { TableFormat } from '../tables/access.ts';
import { armFormat } from '../tables/arm.ts';
import type { EntryFormat } from '../tables/entry.ts';
import { riscvFormat } from '../tables/riscv.ts';
import { vtdFormat } from '../tables/vtd.ts';

export interface FirstStage {
  readonly format: EntryFormat;
  /** Guest physical address of the root table. */
  readonly root: bigint;
}

/** `named`: the IOMMU's own format, of one that has no uAPI. null: the hwpt has no table. */
export function tableFormatOf(data: HwptUserData, named: TableFormat | null): FirstStage | null {
  if (data.kind !== 'VTD_S1') return null;
  const { flags, pgtblAddr: root, addrWidth } = data;
  switch (named) {
    case 'RISCV_SV39':
    case 'RISCV_SV48':
    case 'RISCV_SV57': {
      const mode = named === 'RISCV_SV39' ? 'SV39' : named === 'RISCV_SV48' ? 'SV48' : 'SV57';
      return { format: riscvFormat({ mode, updatesAccessedDirty: true, sum: false }), root };
    }
    case 'ARM_4K': {
      const stage = { inputBits: 48, outputBits: 48, setsAccessFlag: true, setsDirty: true };
      return { format: armFormat(stage), root };
    }
    default:
      return {
        root,
        format: vtdFormat({
          levels: named === 'VTD_5_LEVELS' || (named === null && addrWidth === 57) ? 5 : 4,
          supervisorRequests: (flags & IOMMU_VTD_S1_SRE) !== 0n,
          writeProtect: (flags & IOMMU_VTD_S1_WPE) !== 0n,
          extendedAccess: (flags & IOMMU_VTD_S1_EAFE) !== 0n,
        }),
      };
  }
}
