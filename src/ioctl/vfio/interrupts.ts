/** Interrupts of a function: what VFIO_DEVICE_SET_IRQS arranges (drivers/vfio/pci/vfio_pci_intrs.c). */
import { ERRNO } from '../../abi/errno.ts';
import {
  VFIO_IRQ_SET_ACTION_TRIGGER,
  VFIO_IRQ_SET_ACTION_TYPE_MASK,
  VFIO_IRQ_SET_DATA_BOOL,
  VFIO_IRQ_SET_DATA_EVENTFD,
  VFIO_IRQ_SET_DATA_NONE,
  VFIO_PCI_ERR_IRQ_INDEX,
  VFIO_PCI_INTX_IRQ_INDEX,
  VFIO_PCI_MSI_IRQ_INDEX,
  VFIO_PCI_REQ_IRQ_INDEX,
} from '../../abi/ioctl/vfio-pci.ts';
import { EventFile } from '../native/event-file.ts';
import { failure, type Returned } from '../uapi/caller.ts';

/** A struct vfio_irq_set that was checked, with its data. */
export interface IrqSet {
  readonly flags: number;
  readonly index: number;
  readonly count: number;
  readonly data: Buffer;
}

/** How many interrupts each index has: one message, one for errors, one to give the device back. */
export const IRQ_COUNTS: readonly number[] = [0, 1, 0, 1, 1];

/** Takes the eventfd that has a number in the caller, or says why not. */
export type TakeEvent = (number: number) => EventFile | Returned;

export class Interrupts {
  private readonly triggers = new Map<number, EventFile | null>();

  /** Source: vfio_pci_set_irqs_ioctl. `start` is 0: no index has two interrupts. */
  set(irq: IrqSet, take: TakeEvent): Returned {
    const { flags, index } = irq;
    const trigger = (flags & VFIO_IRQ_SET_ACTION_TYPE_MASK) === VFIO_IRQ_SET_ACTION_TRIGGER;
    // Of INTx, which there is none of, each action is refused, as its function is.
    if (index === VFIO_PCI_INTX_IRQ_INDEX) return failure('EINVAL');
    if (!trigger) return failure('ENOTTY');
    if (index === VFIO_PCI_MSI_IRQ_INDEX) return this.setMessages(irq, take);
    return index === VFIO_PCI_ERR_IRQ_INDEX || index === VFIO_PCI_REQ_IRQ_INDEX
      ? this.setSingle(irq, take)
      : failure('EINVAL');
  }

  /** Source: vfio_pci_set_msi_trigger. */
  private setMessages({ flags, index, count, data }: IrqSet, take: TakeEvent): Returned {
    const enabled = this.triggers.has(index);
    if (enabled && count === 0 && (flags & VFIO_IRQ_SET_DATA_NONE) !== 0) {
      return this.put(index, null, true);
    }
    if ((flags & VFIO_IRQ_SET_DATA_EVENTFD) !== 0) {
      if (count === 0) {
        if (!enabled) this.triggers.set(index, null);
        return 0;
      }
      return this.putNumber(index, data.readInt32LE(0), take);
    }
    if (!enabled) return failure('EINVAL');
    const asked = (flags & VFIO_IRQ_SET_DATA_BOOL) === 0 || data[0] !== 0;
    if (asked && count > 0) this.triggers.get(index)?.signal();
    return 0;
  }

  /** Source: vfio_pci_set_ctx_trigger_single. */
  private setSingle({ flags, index, count, data }: IrqSet, take: TakeEvent): Returned {
    const trigger = this.triggers.get(index) ?? null;
    if ((flags & VFIO_IRQ_SET_DATA_NONE) !== 0) {
      if (trigger === null) return failure('EINVAL');
      if (count === 0) return this.put(index, null, true);
      trigger.signal();
      return 0;
    }
    if (count === 0) return failure('EINVAL');
    if ((flags & VFIO_IRQ_SET_DATA_BOOL) !== 0) {
      if (data[0] !== 0) trigger?.signal();
      return 0;
    }
    const number = data.readInt32LE(0);
    return number < -1 ? failure('EINVAL') : this.putNumber(index, number, take);
  }

  private putNumber(index: number, number: number, take: TakeEvent): Returned {
    if (number < 0) return this.put(index, null, false);
    const taken = take(number);
    return typeof taken === 'number' ? taken : this.put(index, taken, false);
  }

  private put(index: number, trigger: EventFile | null, disables: boolean): Returned {
    this.triggers.get(index)?.close();
    if (disables) this.triggers.delete(index);
    else this.triggers.set(index, trigger);
    return 0;
  }

  /** The function sends its message. */
  send(): void {
    this.triggers.get(VFIO_PCI_MSI_IRQ_INDEX)?.signal();
  }

  release(): void {
    for (const trigger of this.triggers.values()) trigger?.close();
    this.triggers.clear();
  }
}

/** EMFILE and the like are this process' own: to the program it is an error of input and output. */
export function takeFrom(tid: number, warn: (message: string) => void): TakeEvent {
  return number => {
    const taken = EventFile.take(tid, number);
    if (typeof taken !== 'number') return taken;
    if (taken === ERRNO.EBADF || taken === ERRNO.EINVAL) return -taken;
    warn(
      `the program's eventfd ${number} cannot be taken (errno ${taken}): pidfd_getfd is not ` +
        'allowed here, so devices send no interrupts',
    );
    return failure('EIO');
  };
}
