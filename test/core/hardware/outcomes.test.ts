/** Each outcome that hardware can name is one that a machine can be brought to. */
import { describe, expect, test } from 'vitest';
import type { AbortReason, Via } from '../../../src/core/hardware/dma/events.ts';
import { walkDma } from '../../../src/core/hardware/dma/walk.ts';
import type { DmaState, ProgramState } from '../../../src/core/hardware/function/state.ts';
import type { RefusedBecause } from '../../../src/core/hardware/prq/events.ts';
import type { DmaFaultReason } from '../../../src/core/hardware/tables/access.ts';
import type { LostBecause } from '../../../src/core/hardware/vendors/automatic-answer.ts';
import type { EventOf } from '../../../src/core/machine/event.ts';
import { BDF, op, PAGE, Rig, type RigOptions } from './rig.ts';

const IOVA = 0x4000_0000n;
const STALLS: RigOptions = { iommu: { vendor: 'SMMUV3' }, fn: { stall: true, ats: null } };
const LINUX = (vendor: 'VTD' | 'AMD_VI' | 'SMMUV3'): RigOptions => ({
  iommu: { vendor, driver: 'AS_LINUX' },
});

type Run = () => Rig;
const after =
  (options: RigOptions, run: (rig: Rig) => unknown): Run =>
  () => {
    const rig = new Rig(options);
    run(rig);
    return rig;
  };

/** What a run met must be what the outcome is called. */
function all<T extends string>(
  what: string,
  runs: Readonly<Record<T, Run>>,
  met: (rig: Rig) => readonly (string | null)[],
): void {
  describe(what, () => {
    test.each(Object.keys(runs) as T[])('%s', name => {
      const rig = runs[name]();
      expect(met(rig)).toContain(name);
      rig.checkReplay();
    });
  });
}

const pluck =
  <T extends Parameters<Rig['of']>[0], K extends keyof EventOf<T>>(type: T, key: K) =>
  (rig: Rig) =>
    rig.of(type).map(event => event[key] as string | null);

const MANUAL = { prqEntries: 2, service: 'MANUAL' } as const;
const overflow = (rig: Rig) => [0, 1].map(grpid => rig.request({ grpid }));
const allowPri = (rig: Rig) => rig.run('PriEnable', { bdf: BDF, allocation: 32 });

all<LostBecause>(
  'a page request is lost because of',
  {
    OVERFLOW: after({ iommu: MANUAL }, overflow),
    QUEUE_OFF: after({}, rig => {
      rig.run('PrqSwitch', { iommuNo: 0, enabled: false });
      rig.request({ grpid: 0 });
    }),
    QUEUE_BROKEN: after({ iommu: { prqBroken: true } }, rig => rig.request({ grpid: 0 })),
    NOT_ALLOWED: after({}, rig => {
      rig.run('DeviceDetach', { contextId: 1, devId: rig.devId });
      allowPri(rig);
      rig.request({ grpid: 0 });
    }),
    NO_CONTEXT: after({ iommu: { vendor: 'RISCV' } }, rig => {
      rig.run('DeviceDetach', { contextId: 1, devId: rig.devId });
      allowPri(rig);
      rig.request({ grpid: 0 });
    }),
  },
  pluck('PageRequestDropped', 'why'),
);

all<RefusedBecause>(
  'a driver does not report a request because of',
  {
    STOP_MARKER: after({}, rig => rig.request({ grpid: 0, pasid: 5, perm: 0 })),
    NO_PASID: after(LINUX('VTD'), rig => rig.request({ grpid: 0 })),
    PASID_TOO_WIDE: after({ ...LINUX('AMD_VI'), fn: { pasidWidth: 4 } }, rig =>
      rig.request({ grpid: 0, pasid: 16 }),
    ),
    NOT_CANONICAL: after(LINUX('VTD'), rig => rig.request({ grpid: 0, pasid: 5, addr: 1n << 60n })),
    PRIVILEGED: after(LINUX('VTD'), rig => rig.request({ grpid: 0, pasid: 5, perm: 9 })),
    DENIED: after(LINUX('SMMUV3'), rig => rig.request({ grpid: 0 })),
    NO_DEVICE: after({ iommu: { vendor: 'SMMUV3', service: 'MANUAL' } }, rig => {
      rig.request({ grpid: 0 });
      rig.run('DeviceDetach', { contextId: 1, devId: rig.devId });
      allowPri(rig);
      rig.request({ grpid: 1 });
      rig.run('DeviceUnbind', { contextId: 1, devId: rig.devId });
      rig.run('PciDeviceRemove', { bdf: BDF });
      rig.run('PrqServe', { iommuNo: 0, max: 9 });
    }),
  },
  pluck('PageRequestRefused', 'why'),
);

const answered = (code: number) => (rig: Rig) => {
  rig.dma({ iova: IOVA });
  rig.answer(rig.read()[0]!, code);
};

all<AbortReason>(
  'a DMA fails by',
  {
    INVALID_REQUEST: after({}, answered(1)),
    RESPONSE_FAILURE: after({ baseline: 'V6_PATCH' }, answered(2)),
    RETRY_LIMIT: after({}, rig => {
      rig.dma({ iova: IOVA, options: { retryLimit: 1 } });
      rig.answer(rig.read()[0]!, 0);
    }),
    NO_PRI: after({}, rig => {
      rig.run('PriDisable', { bdf: BDF });
      rig.dma({ iova: IOVA });
    }),
    REFUSED: after({}, rig => rig.dma({ iova: 1n << 60n })),
    TERMINATED: after(STALLS, answered(1)),
    DEVICE_RESET: after({}, rig => {
      rig.dma({ iova: IOVA });
      rig.run('DeviceReset', { bdf: BDF });
    }),
  },
  pluck('DmaAborted', 'reason'),
);

all<DmaState>(
  'a DMA waits as',
  {
    WAITING_PRG: after({}, rig => rig.dma({ iova: IOVA })),
    NO_CREDIT: after({ fn: { priCapacity: 1 } }, rig => {
      rig.dma({ iova: IOVA });
      rig.dma({ iova: IOVA + PAGE });
    }),
    STALLED: after(STALLS, rig => rig.dma({ iova: IOVA })),
    BACKED_OFF: after({ iommu: MANUAL }, rig => {
      rig.request({ grpid: 9 });
      rig.dma({ iova: IOVA });
    }),
  },
  rig => [...rig.device.hardware.dmas.values()].map(({ state }) => state),
);

const mapped = (times: number) => (rig: Rig) => {
  rig.guestMap(IOVA, 0x2_0000n);
  for (let i = 0; i < times; i++) rig.dma({ iova: IOVA });
};

all<Via>(
  'a DMA completes by',
  {
    WALK: after({}, mapped(1)),
    ATC: after({}, mapped(2)),
    IOTLB: after({ fn: { ats: null } }, mapped(2)),
  },
  pluck('DmaCompleted', 'via'),
);

const translate =
  (iova: bigint, before: (rig: Rig) => unknown = () => {}) =>
  (rig: Rig) => {
    before(rig);
    rig.load([op({ op: 'TRANSLATE', iova, length: PAGE })]);
    rig.runProgram();
  };

all<EventOf<'AtsTranslationCompleted'>['status']>(
  'a translation request is completed as',
  {
    SUCCESS: after({}, translate(IOVA)),
    UR: after(
      {},
      translate(IOVA, rig => rig.run('DeviceDetach', { contextId: 1, devId: rig.devId })),
    ),
    CA: after({}, translate(1n << 60n)),
  },
  pluck('AtsTranslationCompleted', 'status'),
);

const READS = [op({ op: 'READ', iova: IOVA, length: PAGE }), op({ op: 'REPEAT', count: 3 })];

all<ProgramState>(
  'a program is',
  {
    IDLE: after({}, rig => rig.load(READS)),
    RUNNING: after({}, rig => {
      rig.load(READS, { maxOutstanding: 9 });
      rig.runProgram(1);
    }),
    WAITING: after({}, rig => {
      rig.load(READS);
      rig.runProgram();
    }),
    DONE: after({}, rig => {
      rig.guestMap(IOVA, 0x2_0000n);
      rig.load(READS);
      rig.runProgram();
    }),
    FAILED: after({}, rig => {
      rig.load([op({ op: 'READ', iova: 1n << 60n, length: PAGE })]);
      rig.runProgram();
    }),
  },
  rig => [rig.device.hardware.program!.state],
);

/** Writes the guest's table by hand: an entry at the root leads to a table, and so on. */
function entries(rig: Rig, leaf: bigint, levels = 3, table = 7n): void {
  let at = 0x1000n;
  for (let level = levels; level > 0; level--) {
    const next = 0x2000n + BigInt(level) * PAGE;
    const index = (IOVA >> BigInt(12 + 9 * level)) & 0x1ffn;
    rig.run('GuestWrite', {
      ...{ contextId: 1, ioasId: rig.ioasId },
      words: [{ gpa: at + index * 8n, value: next | table }],
    });
    at = next;
  }
  rig.run('GuestWrite', {
    ...{ contextId: 1, ioasId: rig.ioasId },
    words: [{ gpa: at, value: leaf }],
  });
}

const leaf = (value: bigint, options: RigOptions = {}) =>
  after(options, rig => entries(rig, value));
/** RISC-V Sv39: a pointer has V alone; PPN from bit 10. */
const riscv = (value: bigint) =>
  after({ iommu: { vendor: 'RISCV', tableFormat: 'RISCV_SV39' } }, rig => {
    const words = [
      { gpa: 0x1000n + ((IOVA >> 30n) & 0x1ffn) * 8n, value: ((0x3000n >> 12n) << 10n) | 1n },
      { gpa: 0x3000n, value },
    ];
    rig.run('GuestWrite', { contextId: 1, ioasId: rig.ioasId, words });
  });
const MEGAPAGE = 0xdfn;

const WALKS: Readonly<Record<DmaFaultReason, readonly [run: Run, iova?: bigint, pasid?: number]>> =
  {
    NOT_CANONICAL: [after({}, () => {}), 1n << 60n],
    TABLE_UNREADABLE: [after({ mapped: 0x1000n }, () => {})],
    NOT_PRESENT: [after({}, () => {})],
    RESERVED: [riscv(0x5n)],
    MISALIGNED: [riscv((1n << 10n) | MEGAPAGE)],
    NOT_READABLE: [riscv(0xd9n)],
    NOT_WRITABLE: [leaf(0x2_0005n)],
    PRIVILEGE: [leaf(0x2_0003n)],
    DEFAULT_DOMAIN: [
      after({}, rig => {
        rig.run('DeviceDetach', { contextId: 1, devId: rig.devId });
        rig.run('DeviceUnbind', { contextId: 1, devId: rig.devId });
      }),
    ],
    BLOCKED: [after({}, rig => rig.run('DeviceDetach', { contextId: 1, devId: rig.devId }))],
    NO_PASID_TABLE: [
      after({}, rig =>
        rig.run('DeviceReplace', { contextId: 1, devId: rig.devId, ptId: rig.parentId }),
      ),
      IOVA,
      5,
    ],
    STAGE2_NOT_PRESENT: [leaf(0x800_0007n)],
    STAGE2_PERMISSION: [
      after({ mapped: 0x1_0000n }, rig => {
        rig.ioasMap(0x2_0000n, PAGE, false);
        entries(rig, 0x2_0007n);
      }),
    ],
  };

describe('a walk ends with', () => {
  test.each(Object.entries(WALKS))('%s', (reason, [run, iova = IOVA, pasid = null]) => {
    const rig = run();
    const write = reason !== 'NOT_READABLE';
    const { outcome } = walkDma(rig.state, rig.device, { pasid, iova, write });
    expect(outcome.kind === 'FAULT' ? outcome.reason : 'PAGE').toBe(reason);
  });
});
