/** The configuration space of a function, as VFIO shows it: registers, what of them can be written. */
import {
  BLOCK_BYTES,
  BLOCK_CLASS,
  BLOCK_DEVICE_ID,
  BLOCK_REVISION,
  BLOCK_VENDOR_ID,
  WINDOW_BYTES,
} from '../../abi/ioctl/dma-block.ts';
import {
  PCI_BASE_ADDRESS_0,
  PCI_BASE_ADDRESS_2,
  PCI_CAP_ID_EXP,
  PCI_CAP_ID_MSI,
  PCI_CAPABILITY_LIST,
  PCI_CFG_SPACE_EXP_SIZE,
  PCI_CLASS_REVISION,
  PCI_COMMAND,
  PCI_COMMAND_INTX_DISABLE,
  PCI_COMMAND_MASTER,
  PCI_COMMAND_MEMORY,
  PCI_DEVICE_ID,
  PCI_EXP_FLAGS_ENDPOINT_V2,
  PCI_EXT_CAP_ID_ATS,
  PCI_EXT_CAP_ID_PRI,
  PCI_INTERRUPT_LINE,
  PCI_MSI_FLAGS_64BIT,
  PCI_MSI_FLAGS_ENABLE,
  PCI_STATUS,
  PCI_STATUS_CAP_LIST,
  PCI_SUBSYSTEM_ID,
  PCI_SUBSYSTEM_VENDOR_ID,
  PCI_VENDOR_ID,
} from '../../abi/ioctl/vfio-pci.ts';
import type { FunctionLook } from '../look.ts';

const MSI = 0x40;
const EXPRESS = 0x50;
/** Extended capabilities begin here. */
export const EXTENDED = 0x100;
const ATS = EXTENDED;
const ATS_BYTES = 8;
/** PCI_EXP_DEVCAP_FLR: it can be reset by itself. */
const FUNCTION_LEVEL_RESET = 0x1000_0000;
/** Where BARs lie in the machine; nobody decodes them. */
const MEMORY_BASE = 0xe000_0000;

/** Where the firmware put BAR 0 and BAR 2 of a function. */
export function barsOf({ deviceNo }: FunctionLook): { readonly block: number; window: number } {
  const window = MEMORY_BASE + 2 * WINDOW_BYTES * (deviceNo % 0x400);
  return { window, block: window + WINDOW_BYTES };
}

export class ConfigSpace {
  private readonly bytes = Buffer.alloc(PCI_CFG_SPACE_EXP_SIZE);
  /** Bits that a write changes. */
  private readonly writable = Buffer.alloc(PCI_CFG_SPACE_EXP_SIZE);

  constructor(look: FunctionLook) {
    const { bytes, writable } = this;
    bytes.writeUInt16LE(BLOCK_VENDOR_ID, PCI_VENDOR_ID);
    bytes.writeUInt16LE(BLOCK_DEVICE_ID, PCI_DEVICE_ID);
    bytes.writeUInt16LE(BLOCK_VENDOR_ID, PCI_SUBSYSTEM_VENDOR_ID);
    bytes.writeUInt16LE(BLOCK_DEVICE_ID, PCI_SUBSYSTEM_ID);
    bytes.writeUInt32LE(((BLOCK_CLASS << 8) | BLOCK_REVISION) >>> 0, PCI_CLASS_REVISION);
    // VFIO enables the function, and turns bus mastering off (vfio_pci_core_enable).
    bytes.writeUInt16LE(PCI_COMMAND_MEMORY, PCI_COMMAND);
    const command = PCI_COMMAND_MEMORY | PCI_COMMAND_MASTER | PCI_COMMAND_INTX_DISABLE;
    writable.writeUInt16LE(command, PCI_COMMAND);
    bytes.writeUInt16LE(PCI_STATUS_CAP_LIST, PCI_STATUS);
    const { block, window } = barsOf(look);
    this.bar(PCI_BASE_ADDRESS_0, block, BLOCK_BYTES);
    this.bar(PCI_BASE_ADDRESS_2, window, WINDOW_BYTES);
    bytes[PCI_CAPABILITY_LIST] = MSI;
    writable[PCI_INTERRUPT_LINE] = 0xff;
    // One message, 64-bit addresses.
    bytes.writeUInt16LE(PCI_CAP_ID_MSI | (EXPRESS << 8), MSI);
    bytes.writeUInt16LE(PCI_MSI_FLAGS_64BIT, MSI + 2);
    writable.writeUInt16LE(PCI_MSI_FLAGS_ENABLE, MSI + 2);
    writable.fill(0xff, MSI + 4, MSI + 14);
    bytes.writeUInt16LE(PCI_CAP_ID_EXP, EXPRESS);
    bytes.writeUInt16LE(PCI_EXP_FLAGS_ENDPOINT_V2, EXPRESS + 2);
    bytes.writeUInt32LE(look.hardware === null ? 0 : FUNCTION_LEVEL_RESET, EXPRESS + 4);
    this.refresh(look);
  }

  private bar(offset: number, address: number, size: number): void {
    this.bytes.writeUInt32LE(address, offset);
    this.writable.writeInt32LE(-size, offset);
  }

  /** Capabilities that the machine changes. A PASID capability is hidden by VFIO. */
  refresh({ hardware }: FunctionLook): void {
    const { bytes } = this;
    const ats = hardware?.ats ?? null;
    const pri = hardware?.pri ?? null;
    const header = (id: number, next: number) => (id | (1 << 16) | (next << 20)) >>> 0;
    let at = ATS;
    if (ats !== null) {
      const next = pri === null ? 0 : ATS + ATS_BYTES;
      bytes.writeUInt32LE(header(PCI_EXT_CAP_ID_ATS, next), at);
      bytes.writeUInt16LE(ats.capability, at + 4);
      bytes.writeUInt16LE(ats.control, at + 6);
      at += ATS_BYTES;
    }
    if (pri === null) return;
    bytes.writeUInt32LE(header(PCI_EXT_CAP_ID_PRI, 0), at);
    bytes.writeUInt16LE(pri.control, at + 4);
    bytes.writeUInt16LE(pri.status, at + 6);
    bytes.writeUInt32LE(pri.capacity, at + 8);
    bytes.writeUInt32LE(pri.allocation, at + 12);
  }

  read(offset: number, length: number): Buffer {
    return this.bytes.subarray(offset, offset + length);
  }

  write(offset: number, written: Uint8Array): void {
    for (const [i, byte] of written.entries()) {
      const at = offset + i;
      const mask = this.writable[at]!;
      this.bytes[at] = (this.bytes[at]! & ~mask) | (byte & mask);
    }
  }

  private get command(): number {
    return this.bytes.readUInt16LE(PCI_COMMAND);
  }

  /** Whether its BARs are decoded. */
  get decodesMemory(): boolean {
    return (this.command & PCI_COMMAND_MEMORY) !== 0;
  }

  get isBusMaster(): boolean {
    return (this.command & PCI_COMMAND_MASTER) !== 0;
  }
}
