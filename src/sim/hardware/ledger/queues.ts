/** Page request queues as counters: what was written, what was read, who turned it off. */
import type { EventOf } from '../../../core/machine/event.ts';
import type { Outcome } from '../../../core/machine/operation.ts';
import type { MachineState } from '../../../core/machine/state.ts';
import { allModelled, type LedgerPart, type Moment, modelled } from './part.ts';
import type { RequestLedger } from './requests.ts';
import { discardsPartials, roomOf } from './rules.ts';

interface Counted {
  written: number;
  read: number;
  overflow: boolean;
  enabled: boolean;
  /** Records the driver went through since it moved the head last. */
  through: number;
}

export class QueueLedger implements LedgerPart {
  private readonly requests: RequestLedger;
  private readonly queues = new Map<number, Counted>();

  /** `requests` follows each event first. */
  constructor(requests: RequestLedger) {
    this.requests = requests;
  }

  private at(iommuNo: number): Counted {
    const found = this.queues.get(iommuNo);
    if (found !== undefined) return found;
    const made = { written: 0, read: 0, overflow: false, enabled: true, through: 0 };
    this.queues.set(iommuNo, made);
    return made;
  }

  follow({ before, event }: Moment): string[] {
    switch (event.type) {
      case 'PageRequestQueued':
        return this.written(before, event);
      case 'PageRequestDropped':
        return this.dropped(before, event);
      case 'PrqOverflowed':
        return this.overflowed(before, event.iommuNo);
      case 'PageRequestReported': {
        const device = modelled(before, event.deviceNo);
        if (device !== null && !device.hardware.spec.stall) {
          this.at(device.hardware.spec.iommuNo).through++;
        }
        return [];
      }
      case 'PageRequestRefused':
        this.at(event.iommuNo).through++;
        return [];
      case 'PrqServed':
        return this.served(event);
      case 'PrqOverflowCleared':
        return this.cleared(before, event);
      case 'PrqSwitched':
        this.at(event.iommuNo).enabled = event.enabled;
        return [];
      default:
        return [];
    }
  }

  private isFull(before: MachineState, iommuNo: number): boolean {
    const { spec } = before.iommus.get(iommuNo)!;
    const { written, read } = this.at(iommuNo);
    return written - read >= roomOf(spec.vendor, spec.prqEntries);
  }

  private allowed(before: MachineState, iommuNo: number, deviceNo: number): boolean {
    if (before.iommus.get(iommuNo)!.spec.vendor === 'SMMUV3') return true;
    return before.physicalDevices.get(deviceNo)?.iopfFeature === true;
  }

  /** RISC-V: no valid device context. */
  private blocked({ iommus, physicalDevices, iommuGroups }: MachineState, no: number, dev: number) {
    const group = iommuGroups.get(physicalDevices.get(dev)?.iommuGroupId ?? -1);
    return iommus.get(no)!.spec.vendor === 'RISCV' && group?.domain.kind === 'BLOCKING';
  }

  private written(before: MachineState, event: EventOf<'PageRequestQueued'>): string[] {
    const { iommuNo, deviceNo, index } = event;
    const queue = this.at(iommuNo);
    const wrong: string[] = [];
    const what = `IOMMU ${iommuNo} queued a request`;
    if (!this.allowed(before, iommuNo, deviceNo)) wrong.push(`${what} that is not allowed`);
    if (!queue.enabled) wrong.push(`${what} though its queue is off`);
    if (queue.overflow) wrong.push(`${what} while an overflow stands`);
    if (this.isFull(before, iommuNo)) wrong.push(`${what} into a full queue`);
    const slot = queue.written % before.iommus.get(iommuNo)!.spec.prqEntries;
    if (index !== slot) wrong.push(`${what} as record ${index}, not ${slot}`);
    queue.written++;
    return wrong;
  }

  private dropped(before: MachineState, event: EventOf<'PageRequestDropped'>): string[] {
    const { iommuNo, deviceNo, why } = event;
    const queue = this.at(iommuNo);
    const expected = this.blocked(before, iommuNo, deviceNo)
      ? 'NO_CONTEXT'
      : !this.allowed(before, iommuNo, deviceNo)
        ? 'NOT_ALLOWED'
        : !queue.enabled
          ? 'QUEUE_OFF'
          : queue.overflow
            ? 'OVERFLOW'
            : 'none';
    return why === expected ? [] : [`IOMMU ${iommuNo} lost a request for ${why}, not ${expected}`];
  }

  private overflowed(before: MachineState, iommuNo: number): string[] {
    const queue = this.at(iommuNo);
    const right = this.isFull(before, iommuNo) && queue.enabled && !queue.overflow;
    queue.overflow = true;
    return right ? [] : [`IOMMU ${iommuNo}: an overflow of a queue that has room`];
  }

  private served({ iommuNo, count }: EventOf<'PrqServed'>): string[] {
    const queue = this.at(iommuNo);
    const { through } = queue;
    queue.read += count;
    queue.through = 0;
    return count === through ? [] : [`the head moved over ${count} records, ${through} were read`];
  }

  private cleared(before: MachineState, event: EventOf<'PrqOverflowCleared'>): string[] {
    const { iommuNo, discardedPartial } = event;
    const queue = this.at(iommuNo);
    const wrong: string[] = [];
    if (!queue.overflow) wrong.push('an overflow was cleared that did not stand');
    if (queue.written !== queue.read) wrong.push('an overflow was cleared with records unread');
    queue.overflow = false;
    const { spec } = before.iommus.get(iommuNo)!;
    const behind = allModelled(before).filter(({ hardware }) => hardware.spec.iommuNo === iommuNo);
    const left = behind.reduce((sum, { deviceNo }) => sum + this.requests.partialOf(deviceNo), 0);
    if (discardsPartials(spec) ? left > 0 : discardedPartial > 0) {
      wrong.push('an overflow was cleared and heads of cut groups are kept, or reverse');
    }
    return wrong;
  }

  settle(after: MachineState, _outcome: Outcome): string[] {
    const wrong: string[] = [];
    for (const [iommuNo, { spec, pageRequestQueue: queue }] of after.iommus) {
      const { written, read, overflow, enabled, through } = this.at(iommuNo);
      const indexes = spec.vendor === 'SMMUV3' ? 2 * spec.prqEntries : spec.prqEntries;
      const where = `IOMMU ${iommuNo}`;
      if (queue.tail !== written % indexes) wrong.push(`${where}: its tail is ${queue.tail}`);
      if (queue.head !== read % indexes) wrong.push(`${where}: its head is ${queue.head}`);
      if (queue.records.size !== written - read)
        wrong.push(`${where}: ${queue.records.size} records`);
      if (queue.overflow !== overflow) wrong.push(`${where}: overflow is ${queue.overflow}`);
      if (queue.enabled !== enabled) wrong.push(`${where}: its queue is not as it was switched`);
      if (overflow && written === read) wrong.push(`${where}: read to the end, overflow stands`);
      if (through !== 0) wrong.push(`${where}: ${through} records read, and the head stays`);
      if (this.requests.inQueue(iommuNo).length !== written - read) {
        wrong.push(`${where}: records and requests differ`);
      }
      if (spec.service === 'IMMEDIATE' && written !== read) wrong.push(`${where}: not served`);
    }
    return wrong;
  }
}
