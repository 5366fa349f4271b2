/** Where BAR 2 lies in the file that stands for a device: where VFIO says it does, so it can be mapped. */
import { WINDOW_BYTES } from '../../abi/ioctl/dma-block.ts';
import { VFIO_PCI_BAR2_REGION_INDEX, VFIO_PCI_OFFSET_SHIFT } from '../../abi/ioctl/vfio-pci.ts';

export const WINDOW_OFFSET = Number(BigInt(VFIO_PCI_BAR2_REGION_INDEX) << VFIO_PCI_OFFSET_SHIFT);
/** All before it is a hole. */
export const DEVICE_FILE_BYTES = WINDOW_OFFSET + WINDOW_BYTES;
