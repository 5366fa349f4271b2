/** A machine's events for a replay, page by page. */
import type { Log, OperationEvents } from '../../log/log.ts';

/** Operations read from the log at a time. */
const PAGE_OPERATIONS = 1_000;

/**
 * What a machine's operations changed after operation `afterNumber`, oldest first, so many
 * operations at a time; hashes are checked.
 */
export async function* readEventPages(
  log: Log,
  machineId: string,
  afterNumber = 0,
  limit = PAGE_OPERATIONS,
): AsyncGenerator<OperationEvents[]> {
  for (let after = afterNumber; ; ) {
    const page = await log.readEvents(machineId, { afterNumber: after, limit, verify: true });
    if (page.length > 0) yield page;
    if (page.length < limit) return;
    after = page.at(-1)!.number;
  }
}
