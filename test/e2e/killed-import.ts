/** A process that is killed in the middle of an import. Arguments: database, export, operations. */
import { readExport } from '../../src/log/export/export-file.ts';
import { openSqliteLog } from '../../src/log/sqlite/sqlite.ts';

const [database, file, operations] = process.argv.slice(2) as [string, string, string];

function* killedAfter(count: number) {
  for (const part of readExport(file)) {
    if (part.kind !== 'OPERATION') continue;
    if (part.stored.number > count) process.kill(process.pid, 'SIGKILL');
    yield part.stored;
  }
}

const log = await openSqliteLog({ file: database, durability: 'full' });
await log.appendStored('m', killedAfter(Number(operations)));
