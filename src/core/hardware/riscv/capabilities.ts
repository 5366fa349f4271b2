/** What a RISC-V IOMMU can do: its `capabilities` register. */

/** `capabilities`, as far as it decides anything here. */
export interface RiscvCapabilities {
  readonly sv39: boolean;
  readonly sv48: boolean;
  readonly sv57: boolean;
  readonly svpbmt: boolean;
  readonly svrsw60t59b: boolean;
  readonly sv39x4: boolean;
  readonly sv48x4: boolean;
  readonly sv57x4: boolean;
  readonly ats: boolean;
  readonly t2gpa: boolean;
  readonly pd8: boolean;
  readonly pd17: boolean;
  readonly pd20: boolean;
  /** Device contexts have the extended format, with MSI page tables. */
  readonly msiFlat: boolean;
  readonly msiMrif: boolean;
  /** Accessed and dirty bits can be updated (AMO_HWAD). */
  readonly hardwareAccessedDirty: boolean;
  /** Physical addresses have this many bits, 12 to 56. */
  readonly pas: number;
}

/** All that is modelled, with 46 bits of physical address as the reference model has. */
export const RISCV_CAPABILITIES: RiscvCapabilities = {
  sv39: true,
  sv48: true,
  sv57: true,
  svpbmt: true,
  svrsw60t59b: false,
  sv39x4: true,
  sv48x4: true,
  sv57x4: true,
  ats: true,
  t2gpa: true,
  pd8: true,
  pd17: true,
  pd20: true,
  msiFlat: true,
  msiMrif: true,
  hardwareAccessedDirty: true,
  pas: 46,
};
