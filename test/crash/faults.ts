/** What befalls a server under load, before it is killed. */
import { failCalls, failuresMet, limitSpace, stopFailing } from './disk/control.ts';
import type { WatchedDisk } from './disk/preload.ts';
import type { Client, Life } from './load/client.ts';
import { pause } from './load/client.ts';
import { refusedStep } from './load/mutations.ts';
import type { LifePlan, Mode } from './plan.ts';
import { ServerProcess } from './server-process.ts';
import { knowsStorageCodes } from './storage-codes.ts';

/** A disk that works again is used again within so many milliseconds. */
const RECOVERY_MS = 30_000;
/** A server that refuses and calls itself ready so many times one after the other is wrong. */
const READY_LOOKS = 10;

export interface Victim {
  readonly root: string;
  readonly database: string;
  readonly server: ServerProcess;
  /** Watched, if the mode needs it. */
  readonly disk: WatchedDisk | null;
  readonly life: Life;
  readonly client: Client;
  /** For the line of the round. */
  readonly say: (text: string) => void;
}

export function faultOf(mode: Mode, plan: LifePlan, victim: Victim): () => Promise<void> {
  switch (mode) {
    case 'KILL':
    case 'POWER_LOSS':
      return async () => {};
    case 'STOP':
      return () => stop(plan, victim);
    case 'DISK_FULL':
      return () =>
        failDisk(plan, victim, {
          begin: file => limitSpace(file, plan.spaceBytes),
          end: file => limitSpace(file, null),
        });
    case 'DISK_FAILING':
      return () =>
        failDisk(plan, victim, {
          begin: file => failCalls(file, plan.call, plan),
          end: stopFailing,
        });
  }
}

/** A stopped server still has its file: no other may take it. */
async function stop(plan: LifePlan, { root, database, server, life, client }: Victim) {
  server.signal('SIGSTOP');
  const second = new ServerProcess(root, database, 'normal');
  const [url] = await Promise.all([second.listening, pause(plan.faultMs)]);
  if (url !== null) life.notes.find('a second server has the file of one that is stopped');
  const { code, stderr } = await second.end('SIGKILL');
  if (code !== 1 || !stderr.includes('another Faultline server has it open')) {
    life.notes.find(`a second server ends with ${code}: ${stderr}`);
  }
  if (plan.againMs === null) return;
  server.signal('SIGCONT');
  if (!(await worksAgain(client))) life.notes.find('it does not go on after SIGCONT');
  await pause(plan.againMs);
}

interface DiskFault {
  begin(control: string): void;
  end(control: string): void;
}

async function failDisk(plan: LifePlan, victim: Victim, fault: DiskFault): Promise<void> {
  const { life, client, say } = victim;
  const { control } = victim.disk!;
  const before = failuresMet(control);
  life.mayRefuse = true;
  fault.begin(control);
  await pause(plan.faultMs);
  const saysSo = knowsStorageCodes(victim.root);
  if (saysSo && (await refusesThoughReady(client, life))) {
    life.notes.find('it refuses for its disk, and /ready says 200');
  }
  if (plan.againMs !== null) {
    fault.end(control);
    if (!(await worksAgain(client))) life.notes.find('the disk works again, and it still refuses');
    if (saysSo && !(await isReady(life))) life.notes.find('it works again, and is not /ready');
    await pause(plan.againMs);
  }
  const { full, failed } = failuresMet(control);
  say(`${full - before.full + failed - before.failed} calls failed`);
}

/**
 * Whether it goes on refusing while /ready says 200. Once is no fault: what stood in the way may have
 * been a large commit of others, or gone when the write-ahead log began again, and what /ready writes fits.
 */
async function refusesThoughReady(client: Client, life: Life): Promise<boolean> {
  for (let look = 0; look < READY_LOOKS; look++) {
    if (!(await refuses(client)) || !(await isReady(life))) return false;
    await pause(20);
  }
  return true;
}

/** Whether an operation is refused for what befell the disk. */
async function refuses(client: Client): Promise<boolean> {
  const told = await client.run('default', [refusedStep(client)]);
  return told !== 'GONE' && told[0] === null;
}

async function isReady({ url }: Life): Promise<boolean> {
  return (await fetch(`${url}/ready`)).status === 200;
}

/** Whether an operation is acknowledged again. */
async function worksAgain(client: Client): Promise<boolean> {
  for (const deadline = Date.now() + RECOVERY_MS; Date.now() < deadline; await pause(20)) {
    const told = await client.run('default', [refusedStep(client)]);
    if (told !== 'GONE' && told[0] !== null) return true;
  }
  return false;
}
