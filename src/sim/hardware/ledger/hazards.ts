/** What an answer got wrong is said, and nothing is said of an answer that was right. */
import type { Outcome } from '../../../core/machine/operation.ts';
import type { MachineState } from '../../../core/machine/state.ts';
import { grantOf } from './page-walk.ts';
import { allModelled, type LedgerPart, type Moment, modelled, ownerOf } from './part.ts';

const WRONG_ANSWERS: ReadonlySet<string> = new Set([
  'SUCCESS_WITHOUT_MAPPING',
  'SUCCESS_WITHOUT_PERMISSION',
  'STAGE2_FAULT_PASSED_TO_GUEST',
]);

export class HazardLedger implements LedgerPart {
  follow({ before, event, rest }: Moment): string[] {
    if (event.type !== 'PrgResponseReceived' || event.code !== 0) return [];
    const device = modelled(before, event.deviceNo);
    const pri = device && modelled(before, ownerOf(before, device))?.hardware.pri;
    const group = pri?.outstanding.get(event.grpid);
    if (device === null || group === undefined) return [];
    // What the answer brings about ends where the next one comes.
    const end = rest.findIndex(({ type }) => ENDS.has(type));
    const effects = end < 0 ? rest : rest.slice(0, end);
    const noted = effects.some(
      other => other.type === 'HazardRecorded' && WRONG_ANSWERS.has(other.name),
    );
    const missedAgain = effects.some(effect => {
      if (effect.type !== 'DmaRetried' || !group.dmaIds.includes(effect.dmaId)) return false;
      const dma = modelled(before, effect.deviceNo)?.hardware.dmas.get(effect.dmaId);
      const asked = dma?.groups.get(event.grpid) ?? [];
      return effect.missed.some(({ page }) => asked.some(other => other.page === page));
    });
    if (missedAgain && event.iopfGroupId !== null && !noted) {
      return [`software answered index ${event.grpid} SUCCESS without its pages: nothing says so`];
    }
    const absent = group.dmaIds.some(dmaId => {
      // Functions that share PRI may have used one index.
      const owner = allModelled(before).find(({ hardware }) => hardware.dmas.has(dmaId));
      const dma = owner?.hardware.dmas.get(dmaId);
      return dma?.groups.get(event.grpid)?.some(({ page }) => {
        const { pasid, iova, write } = dma.request;
        const grant = grantOf(before, owner!.deviceNo, pasid, (iova >> 12n) + BigInt(page));
        return grant === null || !(write ? grant.write : grant.read);
      });
    });
    if (noted && event.iopfGroupId === null)
      return ['an answer of the kernel or the IOMMU is called wrong'];
    if (noted && !absent) return ['an answer is called wrong, and the pages are there'];
    return [];
  }

  settle(_after: MachineState, _outcome: Outcome): string[] {
    return [];
  }
}

const ENDS: ReadonlySet<string> = new Set([
  'PrgResponseReceived',
  'PrgResponseUnexpected',
  'PrgResponseIgnored',
]);
