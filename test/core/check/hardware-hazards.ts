/** The hazards of modelled hardware, each brought about once: where it is met and what planted it. */
import type { HazardName } from '../../../src/abi/hazards.ts';
import type { EventType } from '../../../src/core/machine/event.ts';
import { BDF, FUNCTION, PAGE, Rig } from '../hardware/rig.ts';

export interface HardwareCase {
  readonly run: () => Rig;
  readonly function: string;
  readonly objects: readonly string[];
  readonly planted: EventType | null;
  readonly others?: readonly HazardName[];
}

const IOVA = 0x4000_0000n;
const DATA = 0x2_0000n;
const PASID = 5;

function run(rig: Rig, steps: (rig: Rig) => void): Rig {
  steps(rig);
  return rig;
}

const mapped = (rig: Rig) => {
  rig.guestMap(IOVA, DATA);
  rig.dma({ iova: IOVA });
};

/** A queue of four that overflows: the head of group 1 is collected, its end was answered. */
function truncated(rig: Rig): void {
  for (let i = 0; i < 3; i++) rig.request({ grpid: 1, lastPage: false, pasid: PASID });
  rig.request({ grpid: 2, lastPage: false, pasid: PASID });
  rig.request({ grpid: 1, pasid: PASID });
  rig.run('PrqServe', { iommuNo: 0, max: 16 });
  rig.request({ grpid: 1, pasid: PASID });
  rig.run('PrqServe', { iommuNo: 0, max: 16 });
}

const LEAVES_PARTIALS = {
  iommu: { vendor: 'SMMUV3', driver: 'AS_LINUX', prqEntries: 4, service: 'MANUAL' },
} as const;
const STALLING = { iommu: { vendor: 'SMMUV3' }, fn: { stall: true, ats: null } } as const;

export const HARDWARE_CASES = {
  SUCCESS_WITHOUT_MAPPING: {
    run: () =>
      run(new Rig(), rig => {
        rig.dma({ iova: IOVA });
        rig.answer(rig.read()[0]!, 0);
      }),
    function: 'page response',
    objects: ['iopf group 1', BDF, 'DMA 1'],
    planted: 'PageResponseWritten',
  },
  SUCCESS_WITHOUT_PERMISSION: {
    run: () =>
      run(new Rig(), rig => {
        rig.dma({ iova: IOVA, write: true });
        rig.guestMap(IOVA, DATA, PAGE, 1);
        rig.answer(rig.read()[0]!, 0);
      }),
    function: 'page response',
    objects: ['iopf group 1', BDF, 'DMA 1'],
    planted: 'PageResponseWritten',
  },
  STAGE2_FAULT_PASSED_TO_GUEST: {
    run: () =>
      run(new Rig({ mapped: 0x1_0000n }), rig => {
        rig.guestMap(IOVA, DATA);
        rig.dma({ iova: IOVA });
        rig.guestMap(IOVA, DATA + PAGE);
        rig.answer(rig.read()[0]!, 0);
      }),
    function: 'page response',
    objects: ['iopf group 1', BDF, 'DMA 1'],
    planted: 'PageResponseWritten',
  },
  STALE_TRANSLATION_USED: {
    run: () =>
      run(new Rig(), rig => {
        mapped(rig);
        rig.guestUnmap(IOVA);
        rig.dma({ iova: IOVA });
      }),
    function: 'translation cache',
    objects: [BDF],
    planted: 'GuestWordsWritten',
  },
  ATC_NOT_INVALIDATED: {
    run: () =>
      run(new Rig({ iommu: { vendor: 'SMMUV3' } }), rig => {
        mapped(rig);
        rig.guestUnmap(IOVA);
        rig.invalidate(IOVA, 1n);
        rig.dma({ iova: IOVA });
      }),
    function: 'translation cache',
    objects: [BDF],
    planted: 'IotlbInvalidated',
  },
  ATC_INVALIDATION_TIMED_OUT: {
    run: () =>
      run(new Rig({ fn: { ats: { ...FUNCTION.ats!, respondsToInvalidation: false } } }), rig => {
        mapped(rig);
        rig.invalidate(IOVA, 1n);
        rig.run('HardwareAdvance', { ticks: 100 });
      }),
    function: 'invalidation queue',
    objects: [BDF],
    planted: 'InvalidationRequested',
  },
  PRI_DISABLED_BY_FAILURE: {
    // The kernels that do not check the code pass FAILURE on.
    run: () =>
      run(new Rig({ baseline: 'V6_PATCH' }), rig => {
        rig.dma({ iova: IOVA });
        rig.answer(rig.read()[0]!, 2);
      }),
    function: 'page response',
    objects: [BDF, 'DMA 1'],
    planted: 'PageResponseWritten',
  },
  PRQ_OVERFLOWED: {
    run: () =>
      run(new Rig({ iommu: { vendor: 'RISCV', prqEntries: 4, service: 'MANUAL' } }), rig => {
        for (let grpid = 0; grpid < 4; grpid++) rig.request({ grpid });
      }),
    function: 'page request queue',
    objects: ['IOMMU 0'],
    planted: 'PageRequestQueued',
  },
  TRUNCATED_GROUP_ANSWERED: {
    run: () =>
      run(new Rig(LEAVES_PARTIALS), rig => {
        truncated(rig);
        rig.run('DeviceReset', { bdf: BDF });
        rig.answer(rig.read()[0]!, 0);
      }),
    function: 'page response',
    objects: ['iopf group 1', BDF],
    planted: 'PageRequestAutoResponded',
    others: ['PRQ_OVERFLOWED', 'PARTIALS_MIXED'],
  },
  ANSWER_HIT_NEWER_GROUP: {
    run: () =>
      run(new Rig(LEAVES_PARTIALS), rig => {
        truncated(rig);
        rig.answer(rig.read()[0]!, 0);
      }),
    function: 'page response',
    objects: ['iopf group 1', BDF],
    planted: 'PageRequestAutoResponded',
    others: ['PRQ_OVERFLOWED', 'PARTIALS_MIXED'],
  },
  GROUP_INDEX_REUSED: {
    run: () =>
      run(new Rig(), rig => {
        const options = { prgIndex: { kind: 'FIXED', index: 7 } } as const;
        rig.dma({ iova: IOVA, options });
        rig.dma({ iova: IOVA + PAGE, options });
      }),
    function: 'page request',
    objects: [BDF],
    planted: 'PageRequestIssued',
  },
  REQUESTS_WITHOUT_CREDIT: {
    run: () =>
      run(new Rig({ fn: { priCapacity: 1 } }), rig => {
        rig.request({ grpid: 1 });
        rig.request({ grpid: 2 });
      }),
    function: 'page request',
    objects: [BDF],
    planted: null,
  },
  STOP_MARKER_UNANSWERED: {
    run: () =>
      run(new Rig({ baseline: 'LINUX_7_3_4', iommu: { vendor: 'VTD', driver: 'AS_LINUX' } }), rig =>
        rig.request({ grpid: 3, perm: 0 }),
      ),
    function: 'prq_event_thread',
    objects: [BDF],
    planted: 'PageRequestQueued',
  },
  STALL_NEVER_RESUMED: {
    // The groups of the old attachment stay behind, so that detach does not find them.
    run: () =>
      run(new Rig({ ...STALLING, policies: { autoResponse: 'ONLY_TO_PLAIN' } }), rig => {
        rig.dma({ iova: IOVA });
        const ptId = rig.secondHwpt();
        rig.run('DeviceReplace', { contextId: 1, devId: rig.devId, ptId });
        rig.run('DeviceDetach', { contextId: 1, devId: rig.devId });
      }),
    function: 'arm_smmu_disable_iopf',
    objects: [BDF, 'IOMMU 0'],
    planted: 'TransactionStalled',
    others: ['POLICY_LEFT_GROUPS'],
  },
  STALE_STAG_RESUMED: {
    run: () =>
      run(new Rig(STALLING), rig => {
        rig.dma({ iova: IOVA });
        rig.answer(rig.read()[0]!, 1);
        rig.run('StallResume', { bdf: BDF, stag: 0, retry: true });
      }),
    function: 'CMD_RESUME',
    objects: [BDF, 'IOMMU 0'],
    planted: 'StallResumed',
  },
  DMA_TIMED_OUT: {
    run: () =>
      run(new Rig(), rig => {
        rig.dma({ iova: IOVA, options: { timeoutTicks: 5 } });
        rig.run('HardwareAdvance', { ticks: 5 });
      }),
    function: 'device',
    objects: [BDF, 'DMA 1'],
    planted: 'PageRequestIssued',
  },
} as const satisfies Partial<Record<HazardName, HardwareCase>>;

export type HardwareHazard = keyof typeof HARDWARE_CASES;
