/** Whose IOMMU it is: formats, queue arithmetic, what hardware answers by itself. */
export const IOMMU_VENDORS = ['CONFORMING', 'VTD', 'SMMUV3', 'AMD_VI', 'RISCV'] as const;

/** CONFORMING keeps the whole contract, in VT-d's formats: it is no product. */
export type IommuVendor = (typeof IOMMU_VENDORS)[number];

export const VENDOR_TEXT: Readonly<Record<IommuVendor, string>> = {
  CONFORMING: 'No product: it keeps the whole contract of the fault path, in VT-d formats.',
  VTD: 'Intel VT-d: page request queue, page group response.',
  SMMUV3: 'Arm SMMUv3: PRI queue and CMD_PRI_RESP; stalls, event queue and CMD_RESUME.',
  AMD_VI: 'AMD-Vi: PPR log, COMPLETE_PPR_REQUEST.',
  RISCV: 'RISC-V IOMMU: page-request queue, ATS.PRGR.',
};
