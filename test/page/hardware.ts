/** A machine whose hardware has something to show in every view. */
import {
  IOVA,
  makeMachine,
  mapPage,
  readPage,
  unmapPage,
} from '../../examples/hardware/machine.ts';
import type { Faultline } from '../../src/server/faultline.ts';
import { ask } from '../graphql/builder/testing.ts';

const PAGE = 0x1000n;

/**
 * The machine `dma`: of three pages that were read one was unmapped and left in the caches, and used;
 * a DMA was answered too early and asks again, one failed, a program waits.
 */
export async function makeStale(server: Faultline): Promise<void> {
  const { url } = server;
  await makeMachine(url);
  for (const page of [0n, 1n, 2n]) {
    await mapPage(url, IOVA + page * PAGE);
    await readPage(url, IOVA + page * PAGE);
  }
  await unmapPage(url, IOVA);
  await readPage(url, IOVA);
  await readPage(url, IOVA + 4n * PAGE);
  await readPage(url, IOVA + 5n * PAGE, 1);
  await ask(
    server,
    `mutation { faultRead(input: { machineId: "dma", contextId: 1, faultId: 4 }) { errno }
      faultWrite(input: { machineId: "dma", contextId: 1, faultId: 4, responses: [
        { cookie: 1, code: IOMMUFD_PAGE_RESP_SUCCESS }
        { cookie: 2, code: IOMMUFD_PAGE_RESP_INVALID }] }) { errno }
      deviceProgramLoad(input: { machineId: "dma", bdf: "0000:02:00.0", ops: [
        { op: READ, iova: "0x40001000", length: "0x2000" }
        { op: COPY, iova: "0x40001000", length: "0x1000", toIova: "0x40008000" }
        { op: BARRIER }] }) { errno }
      deviceRun(input: { machineId: "dma", bdf: "0000:02:00.0" }) { errno } }`,
  );
}
