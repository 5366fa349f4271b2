/** One good call and one refused call of a kernel operation, and what has to be there before. */
import { describe, expect, test } from 'vitest';
import { ERRNO, type ErrnoName } from '../../../src/abi/errno.ts';
import type { Faultline } from '../../../src/server/faultline.ts';
import { ask, makeFaulting, mutate, sendGroups, start, succeed } from './testing.ts';

export interface Case {
  /** The input that succeeds, the payload's fields asked for, and what they must be. */
  readonly good: readonly [input: string, fields: string, expected: object];
  /** The input that is refused, with what, and by which kernel function. */
  readonly refused: readonly [input: string, errno: ErrnoName, by: string | null];
  /** What has to be there beside the function that can fault. */
  readonly before?: (server: Faultline) => Promise<unknown>;
  /** Only before the refusal. */
  readonly beforeRefusal?: (server: Faultline) => Promise<unknown>;
  /** What is written back in spite of the refusal. */
  readonly output?: object;
}

export const C = 'contextId: 1';

export const Q = 'contextId: 1, faultId: 4';

export const hold = (server: Faultline) =>
  succeed(server, 'pageRequest', 'bdf: "0000:01:00.0", grpid: 9, addr: "0x9000", hold: true');

export const readOne = async (server: Faultline) => {
  await sendGroups(server, 1);
  await succeed(server, 'faultRead', Q);
};

/** stdev 6, device 7, an automatic hwpt 8; nest parent 9, nested hwpt 10. */
export const mock = async (server: Faultline) => {
  await succeed(server, 'testMockDomain', `${C}, ptId: 2`);
  const flags = 'flags: [IOMMU_HWPT_ALLOC_NEST_PARENT]';
  await succeed(server, 'hwptAlloc', `${C}, devId: 7, ptId: 2, ${flags}`);
  const nested = `${C}, devId: 7, ptId: 9, selftest: {iotlb: 5}`;
  const { outHwptId } = await succeed(server, 'hwptAlloc', nested, 'outHwptId');
  expect(outHwptId).toBe(10);
};

export const RW = 'flags: [IOMMU_IOAS_MAP_READABLE, IOMMU_IOAS_MAP_WRITEABLE]';

export const FIXED =
  'flags: [IOMMU_IOAS_MAP_FIXED_IOVA, IOMMU_IOAS_MAP_READABLE, IOMMU_IOAS_MAP_WRITEABLE]';

export const AREA = 'userVa: "0x10000000", length: "0x2000"';

export const RANGE = 'iova: "0x1000000", length: "0x2000"';

/** IOAS 6 maps 0x2000 bytes at 0x1000000. */
export const mapped = async (server: Faultline) => {
  await succeed(server, 'ioasAlloc', C);
  await succeed(server, 'ioasMap', `${C}, ioasId: 6, ${FIXED}, ${AREA}, iova: "0x1000000"`);
};

/** As `mapped`, with mock device 7 (device 8), and hwpt 10, whose dirty tracking is on. */
export const tracked = async (server: Faultline) => {
  await mapped(server);
  await succeed(server, 'testMockDomain', `${C}, ptId: 6`);
  const flags = 'flags: [IOMMU_HWPT_ALLOC_DIRTY_TRACKING]';
  await succeed(server, 'hwptAlloc', `${C}, devId: 8, ptId: 6, ${flags}`);
  await succeed(server, 'hwptSetDirtyTracking', `${C}, hwptId: 10`);
};

/** As `mapped`, with access 7 on IOAS 6, which has pinned all of it as item 0. */
export const pinned = async (server: Faultline) => {
  await mapped(server);
  await succeed(server, 'testCreateAccess', `${C}, ioasId: 6, rawFlags: 1`);
  await succeed(server, 'testAccessPages', `${C}, accessId: 7, ${RANGE}`);
};

/**
 * In place of the machine one of Linux 7.3.4: IOAS 1, stdev 2, device 3, whose PASID 7 and RID are on
 * hwpt 5, and hwpt 4, both made for PASIDs.
 */
export const withPasid = async (server: Faultline) => {
  await ask(server, 'mutation { machineDelete(input: {machineId: "default"}) }');
  await succeed(server, 'machineCreate', 'machineId: "default", baseline: LINUX_7_3_4');
  await succeed(server, 'contextOpen', '');
  await succeed(server, 'ioasAlloc', C);
  const mockDevice = `${C}, ptId: 1, devFlags: [MOCK_FLAGS_DEVICE_PASID]`;
  await succeed(server, 'testMockDomain', mockDevice);
  const forPasids = `${C}, devId: 3, ptId: 1, flags: [IOMMU_HWPT_ALLOC_PASID]`;
  await succeed(server, 'hwptAlloc', forPasids);
  await succeed(server, 'testMockDomainReplace', `${C}, stdevId: 2, ptId: 5`);
  await succeed(server, 'hwptAlloc', forPasids);
  await succeed(server, 'testPasidAttach', `${C}, stdevId: 2, pasid: 7, ptId: 5`);
};

/** Each mutation once in success and once refused by the kernel. */
export function describeMutations(cases: Readonly<Record<string, Case>>): void {
  describe.each(Object.entries(cases))(
    '%s',
    (name, { good, refused, before, beforeRefusal, output }) => {
      async function prepared(): Promise<Faultline> {
        const server = await start();
        await makeFaulting(server);
        await before?.(server);
        return server;
      }

      test('succeeds', async () => {
        const server = await prepared();
        const { number, state } = await server.engine.settled('default');
        const seqBefore = state.seq;
        const [input, fields, expected] = good;
        const payload = await succeed(
          server,
          name,
          input,
          `seq operation { number seqBefore seq errno command } made: events { seq } machine { seq } ${fields}`,
        );
        expect(payload).toMatchObject(expected);
        const seq = payload['seq'] as number;
        expect(payload).toMatchObject({
          operation: { number: number + 1, seqBefore, seq, errno: null },
          made: Array.from({ length: seq - seqBefore }, (_, i) => ({ seq: seqBefore + 1 + i })),
          machine: { seq },
        });
      });

      test('is refused', async () => {
        const server = await prepared();
        await beforeRefusal?.(server);
        const { number, state } = await server.engine.settled('default');
        const seqBefore = state.seq;
        const [input, errno, by] = refused;
        const error = await mutate(server, name, input);
        expect(error).toMatchObject({
          __typename: 'KernelError',
          errno,
          code: ERRNO[errno],
          operation: { number: number + 1, seqBefore, errno },
          output: output ?? null,
        });
        if (by !== null) expect(error['function']).toBe(by);
        const steps = error['trace'] as { function: string; depth: number; returned: string }[];
        const last = steps.filter(({ returned }) => returned === errno).at(-1);
        expect(error['function']).toBe(last?.function ?? null);
        expect(String(error['message']).length).toBeGreaterThan(10);
        for (const { depth } of steps) expect(depth).toBeGreaterThanOrEqual(0);
      });
    },
  );
}
