/** A handler that is right: it maps what the guest has, and only then says that it is there. */
import { type FaultHandler, handleFaults } from 'faultline/client';
import { invalidatePage, isOfGuest, mapPage, unmapPage } from './machine.ts';

export function rightHandler(url: string): FaultHandler {
  const queue = { url, machineId: 'dma', contextId: 1, faultId: 4 };
  return handleFaults(queue, async ({ messages }) => {
    if (!messages.every(({ addr }) => isOfGuest(addr))) return 'INVALID';
    for (const { addr } of messages) await mapPage(url, addr);
    return 'SUCCESS';
  });
}

/** The page is the guest's again: first out of the table, then out of the caches. */
export async function evict(url: string, iova: bigint): Promise<void> {
  await unmapPage(url, iova);
  await invalidatePage(url, iova);
}
