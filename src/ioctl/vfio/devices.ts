/** The VFIO device files that programs have open. */
import type { Command } from '../../core/machine/command.ts';
import type { HandedFile } from '../files.ts';
import type { Kernel } from '../kernel.ts';
import type { DmaEnd, VfioDevice } from './device.ts';

/** What is known when a file closes goes with the operation that closes it. */
export type Closing = <C extends Command>(command: C) => C;

export class VfioDevices {
  private readonly byFile = new Map<HandedFile, VfioDevice>();

  add(file: HandedFile, device: VfioDevice): void {
    device.setFile(file.signal);
    this.byFile.set(file, device);
  }

  of(file: HandedFile): VfioDevice | null {
    return this.byFile.get(file) ?? null;
  }

  /** A DMA of a function ended. */
  ended(deviceNo: number, dmaId: number, end: DmaEnd): void {
    for (const device of this.byFile.values()) {
      if (device.deviceNo === deviceNo && device.bound !== null) device.ended(dmaId, end);
    }
  }

  /** Source: vfio_df_unbind_iommufd: the function is reset, then detached and unbound. */
  async close(file: HandedFile, kernel: Kernel, closing: Closing): Promise<void> {
    const device = this.byFile.get(file);
    this.byFile.delete(file);
    if (device === undefined) return;
    device.interrupts.release();
    if (device.bound === null) return;
    const { bdf, bound } = device;
    if (device.isModelled) await kernel.execute({ type: 'DeviceReset', bdf });
    await kernel.execute(closing({ type: 'DeviceUnbind', ...bound }));
  }
}
