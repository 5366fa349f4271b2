/** Faults made as a device makes them: at a rate, with the indexes and credits that it has. */
import { setTimeout } from 'node:timers/promises';
import type { Client } from 'graphql-ws';
import { PRG_INDEX_MAX } from '../../abi/uapi.ts';
import { sleep } from '../../client/connection.ts';
import {
  DriveDeviceDocument,
  DriveDmaDocument,
  DriveEventsDocument,
  DrivePageRequestDocument,
} from '../../operations/operations.ts';
import type { GroupWanted } from './pages.ts';
import { askOnce, CannotDriveError, isExpectedOfServer, sendTo } from './server-client.ts';
import { type Counted, type DriveSummary, Tally } from './tally.ts';

export interface DriveOptions {
  readonly machineId: string;
  readonly bdf: string;
  /** Groups a second. */
  readonly rate: number;
  readonly groups: Iterator<GroupWanted, never>;
  /** Ends after so many groups; null: not by their number. */
  readonly groupsMax: number | null;
  /** Ends after so many milliseconds; null: not by the time. */
  readonly timeMs: number | null;
  /** How long the last answers are waited for. */
  readonly graceMs: number;
  /** Ends it before. */
  readonly signal: AbortSignal;
  readonly progress?: (summary: Counted) => void;
}

/** Milliseconds between two looks at what is due. */
const BEAT_MS = 5;
/** How long the events of the last requests are waited for, in milliseconds. */
const EVENTS_MS = 10_000;
/** Milliseconds between two calls of `progress`. */
const PROGRESS_MS = 500;
/** Groups under way at a time: a socket takes 256 operations. */
const UNDER_WAY_MAX = 128;

/**
 * Drives until it is told to end; then waits for the last answers. A server that goes away meanwhile
 * ends it, and the summary says so. Errors: CannotDriveError.
 */
export async function drive(client: Client, options: DriveOptions): Promise<DriveSummary> {
  const { machineId, bdf } = options;
  const { machine } = await askOnce(client, DriveDeviceDocument, { machineId, bdf });
  const device = machine.pciDevice;
  if (device === null || !('deviceNo' in device)) {
    throw new CannotDriveError(`machine "${machineId}" has no PCI function ${bdf}`);
  }
  if (!device.device?.hwpt || !('faultQueue' in device.device.hwpt)) {
    throw new CannotDriveError(
      `${bdf} is not attached to a nested hwpt with a fault queue; machineCreate(scenario: NESTED_FAULTS) makes one`,
    );
  }
  const credits = device.priState?.allocation ?? null;
  const driven = new Driven(client, options, device.deviceNo, credits);
  return driven.run(machine.seq);
}

class Driven {
  private readonly client: Client;
  private readonly options: DriveOptions;
  private readonly tally: Tally;
  /** Indexes that no group awaits an answer for; null: the device has them of its own. */
  private readonly free: number[] | null;
  private readonly credits: number | null;
  private underWay = 0;
  private failure: unknown = null;

  constructor(client: Client, options: DriveOptions, deviceNo: number, credits: number | null) {
    this.client = client;
    this.options = options;
    this.tally = new Tally(deviceNo, credits !== null);
    this.credits = credits;
    const indexes = Array.from({ length: PRG_INDEX_MAX + 1 }, (_, index) => index);
    this.free = credits === null ? indexes : null;
  }

  async run(after: number): Promise<DriveSummary> {
    const { machineId, graceMs, signal } = this.options;
    const events = sendTo(
      this.client,
      DriveEventsDocument,
      { machineId, after },
      ({ events: event }) => {
        const index = this.tally.take(event);
        if (index !== null) this.free?.push(index);
      },
    );
    events.done.catch(error => {
      this.failure ??= error;
    });
    await this.sendAll();
    // What is begun is sent to its end: the next drive would go on with half a group.
    while (this.underWay > 0 && this.failure === null) await setTimeout(BEAT_MS);
    this.tally.stop();
    const toldMs = performance.now() + EVENTS_MS;
    const isTold = () => this.tally.isQueued || this.failure !== null;
    while (!isTold() && performance.now() < toldMs) await setTimeout(BEAT_MS);
    const untilMs = performance.now() + graceMs;
    const goesOn = () => this.failure === null && !signal.aborted && !this.tally.isOver;
    while (performance.now() < untilMs && goesOn()) await sleep(BEAT_MS, signal);
    events.end();
    const { failure } = this;
    if (failure !== null && !isExpectedOfServer(failure)) throw failure;
    const stopped = failure === null ? null : (failure as Error).message;
    return { device: this.options.bdf, ...this.tally.summary(), stopped };
  }

  private async sendAll(): Promise<void> {
    const { rate, groupsMax, timeMs, signal, progress } = this.options;
    const beganMs = performance.now();
    let shownMs = beganMs;
    let asked = 0;
    while (!signal.aborted && this.failure === null) {
      const ms = performance.now() - beganMs;
      if (timeMs !== null && ms >= timeMs) return;
      const due = Math.floor((ms * rate) / 1_000) + 1;
      while (asked < due) {
        if (groupsMax !== null && asked >= groupsMax) return;
        if (!this.hasRoom()) {
          this.tally.heldBack++;
          break;
        }
        asked++;
        this.begin(this.options.groups.next().value);
      }
      if (progress !== undefined && performance.now() - shownMs >= PROGRESS_MS) {
        shownMs = performance.now();
        progress(this.tally.summary());
      }
      await sleep(BEAT_MS, signal);
    }
  }

  private hasRoom(): boolean {
    if (this.underWay >= UNDER_WAY_MAX) return false;
    if (this.free !== null) return this.free.length > 0;
    return this.underWay + this.tally.unanswered < this.credits!;
  }

  private begin(group: GroupWanted): void {
    this.underWay++;
    const sent = this.free === null ? this.sendDma(group) : this.sendRequests(group);
    sent
      .catch(error => {
        this.failure ??= error;
      })
      .finally(() => this.underWay--);
  }

  /** Its pages one after the other, the last of which completes it. */
  private async sendRequests({ pasid, pages }: GroupWanted): Promise<void> {
    const { machineId, bdf } = this.options;
    const grpid = this.free!.shift()!;
    for (const [place, addr] of pages.entries()) {
      const lastPage = place === pages.length - 1;
      const input = { machineId, bdf, pasid, grpid, addr: hex(addr), lastPage };
      const { result } = await askOnce(this.client, DrivePageRequestDocument, { input });
      const why = result?.errno ?? (result && 'outcome' in result ? whyNot(result) : null);
      if (why === null) continue;
      this.tally.sent++;
      this.tally.refuse(why);
      // Nobody is going to answer it, unless the kernel did at once.
      if (why !== 'EINVAL') this.free!.push(grpid);
      return;
    }
    this.tally.sent++;
  }

  /** A DMA over as many pages as the group has, which asks for those that are missing. */
  private async sendDma({ pasid, pages }: GroupWanted): Promise<void> {
    const { machineId, bdf } = this.options;
    const length = hex(BigInt(pages.length) * 4096n);
    const where = { machineId, bdf, pasid, iova: hex(pages[0]!), length };
    const input = { ...where, options: { pagesPerGroup: pages.length } };
    const { result } = await askOnce(this.client, DriveDmaDocument, { input });
    this.tally.sent++;
    if (result?.errno) this.tally.refuse(result.errno);
  }
}

/** Why a request that the kernel took did not reach the fault queue; null: it did. */
function whyNot(result: { readonly outcome: string; readonly reportErrno: string | null }) {
  if (result.outcome !== 'REPORTED' && result.outcome !== 'QUEUED') return result.outcome;
  return result.reportErrno;
}

const hex = (value: bigint): `0x${string}` => `0x${value.toString(16)}`;
