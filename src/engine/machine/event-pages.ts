/** A machine's events for a replay, page by page. */
import type { Log, OperationEvents } from '../../log/log.ts';
import { Pace } from '../turn/pace.ts';

/** Operations read from the log at a time, at most. */
const PAGE_OPERATIONS = 1_000;

/**
 * What a machine's operations changed after operation `afterNumber`, oldest first, at most so many
 * operations at a time, with turns in between; hashes are checked unless `verify` is false.
 */
export async function* readEventPages(
  log: Log,
  machineId: string,
  afterNumber = 0,
  limit = PAGE_OPERATIONS,
  verify = true,
): AsyncGenerator<OperationEvents[]> {
  const pace = new Pace();
  for (let after = afterNumber; ; ) {
    const bounds = { afterNumber: after, verify };
    const { rows: page, isLast } = await pace.read(limit, limit =>
      log.readEvents(machineId, { ...bounds, limit }),
    );
    if (page.length > 0) yield page;
    if (isLast) return;
    after = page.at(-1)!.number;
  }
}
