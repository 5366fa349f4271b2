/** The table of automatic answers and the queue arithmetic say of RISC-V what its whole model does. */
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { receivePageRequest } from '../../../../src/core/hardware/riscv/page-request.ts';
import {
  automaticAnswer,
  DEFAULT_ANSWER_SETTINGS,
  LOST_BECAUSE,
} from '../../../../src/core/hardware/vendors/automatic-answer.ts';
import { PAGE_REQUEST_FORMATS } from '../../../../src/core/hardware/vendors/formats.ts';
import type { QueuedPageRequest } from '../../../../src/core/hardware/vendors/page-request.ts';
import { isFull, nextIndex } from '../../../../src/core/hardware/vendors/request-queue.ts';
import { DEVICE_ID, REQUESTS_AT, testIommu } from '../riscv/iommu.ts';

const request: fc.Arbitrary<QueuedPageRequest> = fc
  .record({
    requesterId: fc.constant(DEVICE_ID),
    pasid: fc.option(fc.nat({ max: 0xf_ffff })),
    read: fc.boolean(),
    write: fc.boolean(),
    execute: fc.boolean(),
    privileged: fc.boolean(),
    last: fc.boolean(),
    prgIndex: fc.nat({ max: 511 }),
    address: fc.bigInt({ min: 0n, max: (1n << 52n) - 1n }).map(page => page << 12n),
  })
  .map(made => (made.pasid === null ? { ...made, execute: false, privileged: false } : made));

const send = ({ iommu, memory }: ReturnType<typeof testIommu>, sent: QueuedPageRequest) =>
  receivePageRequest(iommu, memory, {
    ...sent,
    rid: sent.requesterId,
    segment: null,
    pasidValid: sent.pasid !== null,
    processId: sent.pasid ?? 0,
  });

describe('the tables and the model of the RISC-V IOMMU', () => {
  test.each(LOST_BECAUSE)('answer alike: %s', because => {
    fc.assert(
      fc.property(request, fc.boolean(), (sent, prpr) => {
        const device = because === 'NOT_ALLOWED' ? { enPri: false } : { prpr };
        // PRPR without PRI would be a configuration that is wrong.
        const machine = testIommu(device);
        const queue = machine.iommu.pageRequestQueue;
        if (because === 'OVERFLOW') queue.overflow = true;
        if (because === 'QUEUE_OFF') queue.on = false;
        if (because === 'QUEUE_BROKEN') queue.memoryFault = true;
        const requesterId = because === 'NO_CONTEXT' ? DEVICE_ID + 1 : DEVICE_ID;
        const { queued, response } = send(machine, { ...sent, requesterId });
        const answersWithPasid = because === 'NOT_ALLOWED' ? false : prpr;
        const settings = { ...DEFAULT_ANSWER_SETTINGS, answersWithPasid };
        const expected = automaticAnswer('RISCV', because, sent, settings);
        const pasid = response?.pasidValid === true ? response.processId : null;
        expect(queued).toBe(false);
        expect(response === null ? null : { code: response.code, pasid }).toEqual(expected);
      }),
      { numRuns: 200 },
    );
  });

  test('are full at the same request, and write the same words', () => {
    fc.assert(
      fc.property(fc.array(request, { minLength: 1, maxLength: 8 }), fc.nat(3), (all, start) => {
        const machine = testIommu();
        const { iommu, memory } = machine;
        iommu.pageRequestQueue.head = start;
        iommu.pageRequestQueue.tail = start;
        let places = { entries: 4, head: start, tail: start };
        for (const sent of all) {
          const full = isFull('RISCV', places);
          expect(send(machine, sent).queued).toBe(!full);
          if (full) break;
          const at = (REQUESTS_AT << 12n) + BigInt(places.tail * 16);
          const words = [memory.words.get(at) ?? 0n, memory.words.get(at + 8n) ?? 0n];
          expect(words).toEqual(PAGE_REQUEST_FORMATS.RISCV.encode(sent));
          places = { ...places, tail: nextIndex('RISCV', places.tail, 4) };
        }
        expect(iommu.pageRequestQueue.tail).toBe(places.tail);
      }),
    );
  });
});
