/** Wrong: SUCCESS says that the pages are there, and nobody mapped them. The device asks again. */
import { type FaultHandler, handleFaults } from 'faultline/client';

export function hastyHandler(url: string): FaultHandler {
  const queue = { url, machineId: 'dma', contextId: 1, faultId: 4 };
  return handleFaults(queue, async () => 'SUCCESS');
}
