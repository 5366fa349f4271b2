/** The PRI capability of each physical function: registers, groups that are outstanding, credits. */
import type { EventOf } from '../../../core/machine/event.ts';
import type { MachineState } from '../../../core/machine/state.ts';
import { allModelled, type LedgerPart, type Moment, modelled, ownerOf } from './part.ts';
import type { Asked, RequestLedger } from './requests.ts';
import { isLast } from './rules.ts';

interface Capability {
  enabled: boolean;
  stopped: boolean;
  failed: boolean;
  unexpected: boolean;
  allocation: number;
  /** By index: what was asked under it and has no answer. */
  outstanding: Map<number, Asked[]>;
}

const off = (): Capability => ({
  enabled: false,
  stopped: true,
  failed: false,
  unexpected: false,
  allocation: 0,
  outstanding: new Map(),
});

/** What a driver asks for, in requests (intel/iommu.h, PRQ_DEPTH). */
const DRIVER_WANTS = 32;

export class CreditLedger implements LedgerPart {
  private readonly requests: RequestLedger;
  private readonly capabilities = new Map<number, Capability>();

  /** `requests` follows each event first. */
  constructor(requests: RequestLedger) {
    this.requests = requests;
  }

  private of(before: MachineState, deviceNo: number): Capability | null {
    const device = modelled(before, deviceNo);
    if (device === null) return null;
    const owner = ownerOf(before, device);
    if (modelled(before, owner)?.hardware.pri === null) return null;
    const found = this.capabilities.get(owner) ?? off();
    this.capabilities.set(owner, found);
    return found;
  }

  follow(moment: Moment): string[] {
    const { before, event } = moment;
    switch (event.type) {
      case 'PageRequestIssued':
        return this.issued(before, event);
      case 'PrgResponseReceived':
      case 'PrgResponseUnexpected':
      case 'PrgResponseIgnored':
        return this.answered(before, event);
      case 'PriEnabled':
      case 'PriDisabled':
      case 'PriStopped':
      case 'PriReset':
        return this.register(before, event);
      case 'IopfFeatureEnabled':
      case 'IopfFeatureDisabled':
        this.driver(before, event);
        return [];
      case 'PhysicalDeviceRemoved':
        this.removed(before, event.deviceNo);
        return [];
      default:
        return [];
    }
  }

  private issued(before: MachineState, event: EventOf<'PageRequestIssued'>): string[] {
    const { deviceNo, request, dmaId } = event;
    const pri = this.of(before, deviceNo);
    const asked = this.requests.wire;
    if (pri === null || asked === null) return ['a function without PRI sent a page request'];
    const { grpid } = request;
    const group = pri.outstanding.get(grpid) ?? [];
    const wrong: string[] = [];
    if (!pri.enabled) wrong.push(`device ${deviceNo} sent a page request with PRI off`);
    if (dmaId !== null) {
      if (used(pri) >= pri.allocation) wrong.push(`device ${deviceNo} sent one without a credit`);
      const dma = modelled(before, deviceNo)!.hardware.dmas.get(dmaId);
      const fixed = dma?.options.prgIndex.kind === 'FIXED';
      const closed = group.length > 0 && isLast(group.at(-1)!.request);
      if (closed && !fixed) wrong.push(`index ${grpid} is outstanding and was used again`);
      if (dma === undefined || !isMissing(dma, request.addr)) {
        wrong.push(`DMA ${dmaId} asks for a page that it does not miss`);
      }
    }
    pri.outstanding.set(grpid, [...group, asked]);
    return wrong;
  }

  /** A function gets an answer that left for it, in order, with the code it left with. */
  private answered(
    before: MachineState,
    event: EventOf<'PrgResponseReceived' | 'PrgResponseUnexpected' | 'PrgResponseIgnored'>,
  ): string[] {
    const { deviceNo, grpid, code, type } = event;
    const pri = this.of(before, deviceNo);
    if (pri === null) return ['a response to a function without PRI'];
    const { coming } = this.requests;
    const place = coming.findIndex(other => other.deviceNo === deviceNo);
    const [came] = place < 0 ? [] : coming.splice(place, 1);
    const wrong: string[] = [];
    if (came?.grpid !== grpid || came.code !== code) {
      wrong.push(`device ${deviceNo} got ${code} for index ${grpid}, which nobody sent`);
    }
    const known = pri.outstanding.has(grpid);
    const expected = pri.failed
      ? 'PrgResponseIgnored'
      : known || code > 1
        ? 'PrgResponseReceived'
        : 'PrgResponseUnexpected';
    if (type !== expected) wrong.push(`a response to index ${grpid} is ${type}, not ${expected}`);
    if (expected === 'PrgResponseUnexpected') pri.unexpected = true;
    if (pri.failed) {
      for (const asked of pri.outstanding.get(grpid) ?? []) asked.place = 'LOST';
      return wrong;
    }
    pri.outstanding.delete(grpid);
    return wrong;
  }

  private register(
    before: MachineState,
    event: EventOf<'PriEnabled' | 'PriDisabled' | 'PriStopped' | 'PriReset'>,
  ): string[] {
    const pri = this.of(before, event.deviceNo);
    if (pri === null) return [`${event.type} of a function without PRI`];
    switch (event.type) {
      case 'PriEnabled': {
        const right = !pri.enabled && pri.stopped && event.allocation > 0;
        enable(pri, event.allocation);
        return right ? [] : ['PRI was enabled while it was, or before it stopped'];
      }
      case 'PriDisabled':
        if (event.why === 'RESPONSE_FAILURE') pri.failed = true;
        pri.enabled = false;
        pri.stopped = pri.outstanding.size === 0;
        return [];
      case 'PriStopped': {
        const right = !pri.enabled && pri.outstanding.size === 0;
        pri.stopped = true;
        return right ? [] : ['PRI stopped with requests outstanding'];
      }
      case 'PriReset': {
        const right = !pri.enabled;
        pri.outstanding = new Map();
        pri.stopped = true;
        return right ? [] : ['PRI was reset while it was enabled'];
      }
    }
  }

  /** pci_reset_pri and pci_enable_pri, or pci_disable_pri, by who owns the capability. */
  private driver(
    before: MachineState,
    { deviceNo, type }: EventOf<'IopfFeatureEnabled' | 'IopfFeatureDisabled'>,
  ): void {
    const device = modelled(before, deviceNo);
    const pri = this.of(before, deviceNo);
    if (device === null || pri === null || ownerOf(before, device) !== deviceNo) return;
    if (type === 'IopfFeatureEnabled') {
      pri.outstanding = new Map();
      enable(pri, Math.min(device.hardware.pri!.capacity, DRIVER_WANTS));
      return;
    }
    pri.enabled = false;
    pri.stopped = pri.outstanding.size === 0;
  }

  /** What a function that is gone had asked for is nobody's any more. */
  private removed(before: MachineState, deviceNo: number): void {
    const pri = this.of(before, deviceNo);
    if (pri === null) return;
    for (const [grpid, group] of pri.outstanding) {
      if (group[0]?.deviceNo === deviceNo) pri.outstanding.delete(grpid);
    }
    if (!pri.enabled && pri.outstanding.size === 0) pri.stopped = true;
  }

  settle(after: MachineState): string[] {
    const wrong: string[] = [];
    for (const device of allModelled(after)) {
      const { pri } = device.hardware;
      const own = this.of(after, device.deviceNo);
      if (pri === null || own === null || ownerOf(after, device) !== device.deviceNo) continue;
      const say = (what: string) => wrong.push(`${device.bdf}: ${what}`);
      if (pri.enabled !== own.enabled) say(`PRI enabled is ${pri.enabled}`);
      if (pri.responseFailure !== own.failed) say(`RF is ${pri.responseFailure}`);
      if (pri.unexpectedIndex !== own.unexpected) say(`UPRGI is ${pri.unexpectedIndex}`);
      if (!own.enabled && pri.stopped !== own.stopped) say(`Stopped is ${pri.stopped}`);
      if (own.enabled && pri.allocation !== own.allocation) say(`allocation ${pri.allocation}`);
      if (pri.used !== used(own)) say(`${pri.used} credits used, ${used(own)} requests unanswered`);
      for (const [grpid, group] of own.outstanding) {
        if (!pri.outstanding.has(grpid)) say(`index ${grpid} has no answer and is forgotten`);
        if (group.every(({ place }) => place === 'ANSWERED')) {
          say(`index ${grpid} was answered and waits still`);
        }
        if (group.every(({ ofDma }) => ofDma) && !isLast(group.at(-1)!.request)) {
          say(`index ${grpid} never ends: no request of it is the last`);
        }
      }
    }
    return wrong;
  }
}

function enable(pri: Capability, allocation: number): void {
  pri.enabled = true;
  pri.stopped = false;
  pri.failed = false;
  pri.unexpected = false;
  pri.allocation = allocation;
}

function used({ outstanding }: Capability): number {
  let count = 0;
  for (const group of outstanding.values()) count += group.length;
  return count;
}

interface Missing {
  readonly request: { readonly iova: bigint };
  readonly unrequested: readonly { readonly page: number }[];
}

function isMissing({ request, unrequested }: Missing, addr: bigint): boolean {
  const page = Number((addr >> 12n) - (request.iova >> 12n));
  return addr % 4096n === 0n && unrequested.some(missed => missed.page === page);
}
