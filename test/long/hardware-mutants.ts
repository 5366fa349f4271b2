/** Bugs planted in a copy of the core's hardware, each found by the simulation of hardware. */
import type { HardwareVariant } from '../../src/sim/hardware/profile.ts';

export interface HardwareMutant {
  readonly name: string;
  /** Below src/core. */
  readonly file: string;
  readonly there: string;
  readonly instead: string;
  /** Where it can be seen; left out: seeds go through all. */
  readonly variant?: HardwareVariant;
}

export const HARDWARE_MUTANTS: readonly HardwareMutant[] = [
  {
    name: 'a queue takes one record more than it has room for',
    file: 'hardware/vendors/request-queue.ts',
    there: 'wraps ? entries : entries - 1',
    instead: 'wraps ? entries + 1 : entries - 1',
    variant: 'SMMUV3',
  },
  {
    name: 'the tail moves by two',
    file: 'hardware/prq/events.ts',
    there: 'pageRequestQueue.tail = nextIndex(spec.vendor, pageRequestQueue.tail, spec.prqEntries)',
    instead:
      'pageRequestQueue.tail = nextIndex(spec.vendor, pageRequestQueue.tail + 1, spec.prqEntries)',
  },
  {
    name: 'a response names another group index',
    file: 'iommu/iopf.ts',
    there: 'x.responses.push({ deviceNo, grpid, code: sent,',
    instead: 'x.responses.push({ deviceNo, grpid: grpid ^ 1, code: sent,',
  },
  {
    name: 'no device looks again after SUCCESS',
    file: 'hardware/pri/receive.ts',
    there: 'lookAgain(x, device, waiting, response);\n      break;',
    instead: 'break;',
  },
  {
    name: 'a group gives back one credit',
    file: 'hardware/pri/events.ts',
    there: 'pri.used -= group.requests;\n  for',
    instead: 'pri.used -= 1;\n  for',
  },
  {
    name: 'an invalidation of VT-d stops short of the ATC',
    file: 'hardware/ats/flush.ts',
    there: 'VTD: true',
    instead: 'VTD: false',
    variant: 'VTD',
  },
  {
    name: 'what is nested on a changed parent is not flushed',
    file: 'hardware/ats/flush.ts',
    there: 'for (const childId of hwpt.childIds) flush(x, contextId, childId, ALL_PAGES);',
    instead: '',
  },
  {
    name: 'a function that leaves a domain keeps what it cached',
    file: 'iommu/domain-switch.ts',
    there: 'flushDeviceDomain(x, physical, contextId, oldHwpt);',
    instead: '',
  },
  {
    name: 'the IOTLB does not tell PASIDs apart',
    file: 'hardware/dma/walk.ts',
    // biome-ignore lint/suspicious/noTemplateCurlyInString: text of a source file.
    there: '${domainTagStart(contextId, hwptId)}${pasidKey(pasid)}',
    // biome-ignore lint/suspicious/noTemplateCurlyInString: text of a source file.
    instead: '${domainTagStart(contextId, hwptId)}${pasidKey(pasid === null ? null : 5)}',
  },
  {
    name: 'an overflow is not flagged',
    file: 'hardware/prq/receive.ts',
    there: "x.emit({ type: 'PrqOverflowed', iommuNo });",
    instead: '',
  },
  {
    name: 'room alone ends an overflow',
    file: 'hardware/prq/receive.ts',
    there: "if (queue.overflow) return 'OVERFLOW';",
    instead: '',
  },
  {
    name: 'an overflow that is cleared leaves the heads of cut groups',
    file: 'hardware/prq/serve.ts',
    there: "x.emit({ type: 'PartialRequestsDropped', deviceNo, grpid });",
    instead: '',
  },
  {
    name: 'the last flag of a group is lost',
    file: 'hardware/pri/send.ts',
    there: 'const last = i === pages.length - 1;',
    instead: 'const last = i === pages.length - 1 && i === 0;',
  },
  {
    name: 'the walk of a first stage does not look at the right to write',
    file: 'hardware/tables/vtd.ts',
    there: "if (access.write && !write) return { kind: 'FAULT', fault: 'NOT_WRITABLE' };",
    instead: '',
    variant: 'VTD',
  },
  {
    name: 'the second stage does not look at rights',
    file: 'hardware/dma/walk.ts',
    there: 'if (write ? !writable : !read)',
    instead: 'if (false)',
  },
  {
    name: 'a stop marker counts as a request',
    file: 'hardware/pri/request.ts',
    there: 'return looksLikeStopMarker(request) && pasidOf(request) !== null;',
    instead: 'return looksLikeStopMarker(request) && pasidOf(request) === 0x1234;',
  },
  {
    name: 'no DMA ever times out',
    file: 'hardware/unit/time.ts',
    there: 'deadline !== null && deadline <= tick',
    instead: 'deadline !== null && deadline < 0',
  },
  {
    name: 'no invalidation ever times out',
    file: 'hardware/unit/time.ts',
    there: 'deadlineTick <= tick',
    instead: 'deadlineTick < 0',
  },
  {
    name: 'the IOMMU answers requests that are not the last',
    file: 'hardware/vendors/automatic-answer.ts',
    there: '  if (!last) return null;\n  return because',
    instead: '  return because',
    variant: 'VTD',
  },
  {
    name: 'RF does not hold',
    file: 'hardware/pri/receive.ts',
    there: 'if (pri.responseFailure) {',
    instead: 'if (pri.responseFailure && !pri.stopped) {',
  },
  {
    name: 'UPRGI is not set',
    file: 'hardware/pri/events.ts',
    there: 'pri.unexpectedIndex = true;',
    instead: '',
  },
  {
    name: 'Linux’ FAILURE, 2 on the wire, is taken for success',
    file: 'hardware/vendors/formats.ts',
    there: "if (code === PCIE_RESPONSE.SUCCESS) return 'SUCCESS';",
    instead: "if (code === PCIE_RESPONSE.SUCCESS || code === 2) return 'SUCCESS';",
    variant: 'AMD_VI',
  },
  {
    name: 'a stale translation is used in silence',
    file: 'hardware/dma/pass.ts',
    there: 'noteStale(this.x, this.device, {',
    instead: 'void ({',
  },
  {
    name: 'a resumed transaction is tried again whatever the answer',
    file: 'hardware/dma/resume.ts',
    there: "resumeAction(code) === 'RETRY' ? 'RETRY' : 'ABORT'",
    instead: "'RETRY' as 'RETRY' | 'ABORT'",
    variant: 'SMMUV3_STALL',
  },
  {
    name: 'a stalled transaction keeps its tag when it has ended',
    file: 'hardware/dma/events.ts',
    there: 'if (found.stag !== null) iommuOfDevice(state, device).stalls.delete(found.stag);',
    instead: '',
    variant: 'SMMUV3_STALL',
  },
  {
    name: 'what stood in line while PRI was off is forgotten',
    file: 'hardware/settle.ts',
    there: "    case 'PriEnabled':\n      askWhatWaited",
    instead: "    case 'PriEnabled':\n      return;\n      askWhatWaited",
  },
  {
    name: 'what an overflow lost is asked again at once',
    file: 'hardware/dma/dma.ts',
    there: "if (lost || backsOff) noteWaits(x, device, dmaId, 'BACKED_OFF');\n  else waitForPages",
    instead: 'waitForPages',
  },
  {
    name: 'who backed off does not ask when the overflow is cleared',
    file: 'hardware/settle.ts',
    there:
      "case 'PrqOverflowCleared':\n      askWhatWaited(x, devicesBehind(x.state, event.iommuNo));",
    instead: "case 'PrqOverflowCleared':",
  },
  {
    name: 'a DMA that crosses pages goes on where the first one leads',
    file: 'hardware/dma/pass.ts',
    there: 'last = Math.min(end, outcome.page + 2 ** outcome.log2Pages - 1)',
    instead: 'last = Math.max(end, outcome.page + 2 ** outcome.log2Pages)',
  },
  {
    name: 'an answer that brings nothing is not called wrong',
    file: 'hardware/pri/receive.ts',
    there: 'noted = noteWrongAnswer(x, device, dma, pages, pass, response, before);',
    instead: 'noted = true;',
  },
];
