/** The process to translate an IOVA: the specification's section of that name. */
import {
  denial,
  type RiscvCompletion,
  type RiscvTransaction,
  type RiscvTranslation,
  ttypOf,
} from './completion.ts';
import type { DeviceContext, Iosatp, RiscvCached } from './contexts.ts';
import { deviceIdTooWide, locateDeviceContext } from './device-directory.ts';
import {
  accessFault,
  CAUSE,
  guestPageFault,
  type RiscvAccess,
  type RiscvFault,
  reportFault,
} from './fault.ts';
import { type FirstStagePage, firstStage } from './first-stage.ts';
import { blockStart, lookUp, type RiscvTag, tagText } from './iotlb.ts';
import type { RiscvMemory } from './memory.ts';
import { type Mrif, shiftWithoutMsi, translateMsi } from './msi.ts';
import { locateProcessContext, PROCESS_ID_BITS } from './process-directory.ts';
import { type SecondStagePage, secondStage } from './second-stage.ts';
import type { RiscvIommu } from './state.ts';

type Outcome = RiscvTranslation | { readonly status: 'FAULT'; readonly fault: RiscvFault };

const failed = (fault: RiscvFault): Outcome => ({ status: 'FAULT', fault });
const stopped = (cause: number): Outcome => failed({ cause, iotval2: 0n });

/** Translates one transaction; writes accessed and dirty bits and, if it fails, a fault record. */
export function translate(
  iommu: RiscvIommu,
  memory: RiscvMemory,
  transaction: RiscvTransaction,
): RiscvCompletion {
  const run = new Translation(iommu, memory, transaction);
  const outcome = run.outcome();
  if (outcome.status !== 'FAULT') return outcome;
  const { cause, iotval2 } = outcome.fault;
  if (transaction.addressType === 'TRANSLATION_REQUEST') return denial(cause, run.privileged);
  const { deviceId, iova } = transaction;
  const { processId, privileged, ttyp, dtf } = run;
  const record = { cause, ttyp, deviceId, processId, privileged, iotval: iova, iotval2 };
  reportFault(iommu, memory, record, dtf);
  return { status: 'UNSUPPORTED_REQUEST' };
}

/** The first stage as device or process context give it. */
interface Space {
  readonly device: DeviceContext;
  readonly iosatp: Iosatp;
  readonly pscid: number;
  readonly sum: boolean;
}

const NO_FIRST_STAGE: Iosatp = { mode: 'BARE', ppn: 0n };

class Translation {
  readonly ttyp: number;
  /** Set to 0 where the device context says so. */
  processId: number | null;
  privileged: boolean;
  dtf = false;
  private readonly access: RiscvAccess;
  private readonly request: boolean;
  private readonly iommu: RiscvIommu;
  private readonly memory: RiscvMemory;
  private readonly transaction: RiscvTransaction;

  constructor(iommu: RiscvIommu, memory: RiscvMemory, transaction: RiscvTransaction) {
    const { addressType, write, noWrite, processId } = transaction;
    this.iommu = iommu;
    this.memory = memory;
    this.transaction = transaction;
    this.processId = processId;
    this.request = addressType === 'TRANSLATION_REQUEST';
    this.privileged = processId !== null && transaction.privileged;
    const execute = processId !== null && transaction.execute && !write && !this.request;
    this.access = {
      read: this.request || !write,
      write: this.request ? !noWrite : write,
      execute,
      privileged: this.privileged,
    };
    this.ttyp = ttypOf(addressType, write, execute);
  }

  outcome(): Outcome {
    const { iommu, memory } = this;
    const { addressType, deviceId, iova, processId } = this.transaction;
    if (iommu.ddtMode === 'OFF') return stopped(CAUSE.ALL_DISALLOWED);
    if (iommu.ddtMode === 'BARE') {
      return addressType === 'UNTRANSLATED' ? this.asIs(iova) : stopped(CAUSE.TYPE_DISALLOWED);
    }
    if (deviceIdTooWide(iommu, deviceId)) return stopped(CAUSE.TYPE_DISALLOWED);
    const device = locateDeviceContext(iommu, memory, deviceId);
    if (typeof device === 'number') return stopped(device);
    this.dtf = device.dtf;
    if (addressType !== 'UNTRANSLATED' && !device.enAts) return stopped(CAUSE.TYPE_DISALLOWED);
    if (processId !== null && !takesProcess(device, processId)) {
      return stopped(CAUSE.TYPE_DISALLOWED);
    }
    if (addressType === 'TRANSLATED') {
      if (!device.t2gpa) return this.asIs(iova);
      return this.throughStages({ device, iosatp: NO_FIRST_STAGE, pscid: 0, sum: false });
    }
    const space = this.space(device);
    return 'cause' in space ? failed(space) : this.throughStages(space);
  }

  private space(device: DeviceContext): Space | RiscvFault {
    const { iommu, memory } = this;
    if (!device.pdtv) return { device, iosatp: device.iosatp, pscid: device.pscid, sum: false };
    if (device.dpe && this.processId === null) {
      this.processId = 0;
      this.privileged = false;
    }
    if (this.processId === null || device.pdtp.mode === 'BARE') {
      return { device, iosatp: NO_FIRST_STAGE, pscid: 0, sum: false };
    }
    const { deviceId } = this.transaction;
    const found = locateProcessContext(iommu, memory, device, deviceId, this.processId);
    if (found.kind === 'FAULT') return found.fault;
    const { ens, sum, pscid, iosatp } = found.context;
    if (!ens && this.privileged) return { cause: CAUSE.TYPE_DISALLOWED, iotval2: 0n };
    return { device, iosatp, pscid, sum };
  }

  /** From "Two-Stage Address Translation" on, or from the cache. */
  private throughStages({ device, iosatp, pscid, sum }: Space): Outcome {
    const { iommu, memory, access, request } = this;
    const { iova } = this.transaction;
    const { iohgatp, gade, sade } = device;
    const tag: RiscvTag = {
      gscid: iohgatp.mode === 'BARE' ? null : iohgatp.gscid,
      pscid: iosatp.mode === 'BARE' ? null : pscid,
    };
    const cached = lookUp(iommu, tag, iova, access, sum, request);
    if (cached.kind === 'FAULT') return failed(cached.fault);
    if (cached.kind === 'HIT') return this.fromCache(device, cached.translation);
    const { capabilities } = iommu;
    const walk = { capabilities, memory, iohgatp, gade };
    const stage = { ...walk, iosatp, sade, sum, translationRequest: request };
    const first = firstStage(stage, iova, access);
    if (first.kind === 'FAULT') return failed(first.fault);
    const msi = translateMsi(capabilities, memory, device, first.gpa, access, request);
    if (msi.kind === 'FAULT') return failed(msi.fault);
    if (msi.kind === 'MSI') {
      const page: SecondStagePage = { ...MSI_PAGE, address: msi.address };
      return this.completed(device, tag, first, page, true, msi.mrif);
    }
    const second = secondStage(walk, first.gpa, { ...access, checked: !request });
    if (second.kind === 'PAGE') return this.completed(device, tag, first, second, false, null);
    if (second.kind === 'PAGE_FAULT') return failed(guestPageFault(access, first.gpa, 'NO'));
    if (second.kind === 'ACCESS_FAULT') return failed(accessFault(access));
    return stopped(CAUSE.PT_CORRUPT);
  }

  private completed(
    device: DeviceContext,
    tag: RiscvTag,
    first: FirstStagePage,
    second: SecondStagePage,
    msi: boolean,
    mrif: Mrif | null,
  ): Outcome {
    const { iova } = this.transaction;
    const both = Math.min(first.pageShift, second.pageShift);
    const pageShift = shiftWithoutMsi(device, first.gpa, both);
    const inPage = (1n << BigInt(pageShift)) - 1n;
    const address = (second.address & ~inPage) | (iova & inPage);
    // A memory type of the first stage overrides the second stage's.
    const memoryType = first.memoryType !== 0 ? first.memoryType : second.memoryType;
    const cached: RiscvCached = {
      tag: tagText(tag),
      page: blockStart(iova, pageShift),
      log2Pages: pageShift - 12,
      target: address & ~inPage,
      guest: first.gpa & ~inPage,
      read: first.read,
      write: first.write,
      execute: first.execute,
      user: first.user,
      global: first.global,
      dirty: first.dirty,
      guestRead: second.read,
      guestWrite: second.write,
      guestExecute: second.execute,
      guestDirty: second.dirty,
      memoryType,
      msi,
    };
    // Where an interrupt goes to memory, the file's address is no page that could be cached.
    if (mrif === null) this.cache(device, tag, first.gpa, cached);
    const toGuest = this.request && device.t2gpa;
    return {
      status: 'SUCCESS',
      address: toGuest ? first.gpa : address,
      pageShift,
      read: first.read && second.read,
      // A device that may write does so without asking again, so the pages must be dirty by now.
      write: first.write && second.write && first.dirty && second.dirty,
      execute: first.execute && second.execute && first.read && second.read,
      global: first.global,
      untranslatedOnly: mrif !== null,
      privileged: this.privileged,
      memoryType,
      msi,
      mrif,
    };
  }

  /** What a translation request is answered, devices cache; of guest addresses the IOMMU keeps the rest. */
  private cache(device: DeviceContext, tag: RiscvTag, gpa: bigint, cached: RiscvCached): void {
    if (!this.request || (this.iommu.cachesTranslationRequests && !device.t2gpa)) {
      this.iommu.iotlb.fill(cached);
      return;
    }
    if (!device.t2gpa) return;
    const guest = tagText({ gscid: tag.gscid, pscid: null });
    const page = blockStart(gpa, cached.log2Pages + 12);
    this.iommu.iotlb.fill({ ...cached, tag: guest, page });
  }

  private fromCache(device: DeviceContext, cached: RiscvCached): Outcome {
    const { iova } = this.transaction;
    const { cachedGrantsWrite: grantsWrite } = this.iommu;
    const pageShift = cached.log2Pages + 12;
    const inPage = (1n << BigInt(pageShift)) - 1n;
    return {
      status: 'SUCCESS',
      address: (this.request && device.t2gpa ? cached.guest : cached.target) | (iova & inPage),
      pageShift,
      read: cached.read && cached.guestRead,
      write: grantsWrite && cached.write && cached.guestWrite && cached.dirty && cached.guestDirty,
      execute: cached.execute && cached.guestExecute && cached.read && cached.guestRead,
      global: cached.global,
      untranslatedOnly: false,
      privileged: this.privileged,
      memoryType: cached.memoryType,
      msi: cached.msi,
      mrif: null,
    };
  }

  /** Nothing to translate: the address is what memory gets. */
  private asIs(address: bigint): Outcome {
    return {
      status: 'SUCCESS',
      address,
      pageShift: 12,
      read: true,
      write: true,
      execute: true,
      global: false,
      untranslatedOnly: false,
      privileged: this.privileged,
      memoryType: 0,
      msi: false,
      mrif: null,
    };
  }
}

/** An MSI page table grants what a second-stage entry with R, W, U and without X would. */
const MSI_PAGE: SecondStagePage = {
  kind: 'PAGE',
  address: 0n,
  pageShift: 12,
  read: true,
  write: true,
  execute: false,
  dirty: true,
  memoryType: 0,
};

function takesProcess(device: DeviceContext, processId: number): boolean {
  return device.pdtv && processId < 2 ** PROCESS_ID_BITS[device.pdtp.mode];
}
