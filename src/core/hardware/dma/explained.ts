/**
 * A walk told step by step: each entry of the guest's table, each look into the second stage, and
 * what decided. Beside it what the caches hold, which a device would use instead.
 */
import type { Area } from '../../iommufd/state.ts';
import type { MachineState } from '../../machine/state.ts';
import type { Translation } from '../cache/columns.ts';
import { pageOf } from '../cache/translation-cache.ts';
import { iommuOfDevice, type ModelledDevice } from '../function/lookup.ts';
import type { DmaFaultReason, WalkStep } from '../tables/access.ts';
import type { NamedFault } from '../vendors/table-fault.ts';
import { type Tables, tablesOf } from './compared.ts';
import { faultRecordOf, isRecoverable } from './fault-record.ts';
import {
  atcTag,
  type DmaAccess,
  type DmaFault,
  type DmaPage,
  type DmaWalk,
  domainTag,
  walkDma,
} from './walk.ts';

/** One step: an entry of the guest's table, or a look into the second stage. */
export interface ExplainedStep {
  readonly stage: 1 | 2;
  /** Stage 1: level of the table, 0 the one whose entries are 4 KiB pages. Else null. */
  readonly level: number | null;
  /** Stage 1: guest address of the entry. Stage 2: what was asked for. */
  readonly address: bigint;
  /** Stage 1: the entry; null if it could not be read. */
  readonly entry: bigint | null;
  /** Stage 2: the area; null if there is none. */
  readonly area: Area | null;
  /** Stage 1: guest address of the next table or of the page. Stage 2: the user address. */
  readonly leadsTo: bigint | null;
  /** Why the walk ended here; null: it went on, or it is done. */
  readonly fault: DmaFaultReason | null;
}

export interface ExplainedWalk {
  readonly steps: readonly ExplainedStep[];
  readonly outcome: DmaPage | DmaFault;
  /** Where the first byte lies; null: nowhere. */
  readonly userVa: bigint | null;
  /** What the device has cached for the page, and what its IOMMU has. */
  readonly atc: Translation | null;
  readonly iotlb: Translation | null;
  /** A fault: how the vendor records it. */
  readonly record: NamedFault | null;
  /** A fault: whether the device would ask for the page. */
  readonly recoverable: boolean;
}

export function explainWalk(
  state: MachineState,
  device: ModelledDevice,
  access: DmaAccess,
): ExplainedWalk {
  const walked = walkDma(state, device, access);
  const { outcome } = walked;
  const tables = tablesOf(state, device, access.pasid);
  const { spec, iotlb } = iommuOfDevice(state, device);
  const page = pageOf(access.iova);
  const faulted = outcome.kind === 'FAULT' ? outcome : null;
  return {
    steps: tables === null ? [] : stepsOf(tables, access, walked),
    outcome,
    userVa: outcome.kind === 'PAGE' ? userVaIn(outcome, access.iova) : null,
    atc: tables && device.hardware.atc.find(atcTag(access.pasid, tables.contextId), page),
    iotlb: tables && iotlb.find(domainTag(tables.contextId, tables.hwpt.id, access.pasid), page),
    record: faulted && faultRecordOf(spec.vendor, faulted, access.write),
    recoverable: faulted !== null && isRecoverable(spec.vendor, faulted),
  };
}

function userVaIn({ target, page }: DmaPage, iova: bigint): bigint {
  return (BigInt(target + (pageOf(iova) - page)) << 12n) | (iova & 0xfffn);
}

function stepsOf(tables: Tables, { iova }: DmaAccess, walked: DmaWalk): ExplainedStep[] {
  const { steps, firstStage, outcome } = walked;
  const fault = outcome.kind === 'FAULT' ? outcome.reason : null;
  if (tables.hwpt.type === 'HWPT_PAGING') {
    return fault === 'NO_PASID_TABLE' ? [] : [secondStageStep(tables, iova, fault)];
  }
  const explained: ExplainedStep[] = [];
  for (const [i, step] of steps.entries()) {
    const unread = step.entry === null;
    explained.push(secondStageStep(tables, step.address, unread ? fault : null));
    if (!unread) explained.push(entryStep(step, steps[i + 1], walked));
  }
  if (firstStage?.kind === 'PAGE') {
    explained.push(secondStageStep(tables, firstStage.address, fault));
  }
  return explained;
}

/** An entry leads to the table whose entry was read next, or to the page, or it was the last. */
function entryStep(
  { level, address, entry }: WalkStep,
  next: WalkStep | undefined,
  { firstStage }: DmaWalk,
): ExplainedStep {
  const step = { stage: 1, level, address, entry, area: null } as const;
  if (next !== undefined) return { ...step, leadsTo: (next.address >> 12n) << 12n, fault: null };
  return firstStage?.kind === 'FAULT'
    ? { ...step, leadsTo: null, fault: firstStage.fault }
    : { ...step, leadsTo: firstStage?.address ?? null, fault: null };
}

function secondStageStep(
  { areas }: Tables,
  address: bigint,
  fault: DmaFaultReason | null,
): ExplainedStep {
  const area = areas.at(address);
  const leadsTo = area === null ? null : area.userVa + (address - area.start);
  return { stage: 2, level: null, address, entry: null, area, leadsTo, fault };
}
