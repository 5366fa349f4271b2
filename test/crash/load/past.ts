/** A client that makes machines, forks, bookmarks and reruns, and deletes some of them again. */
import type { Client } from './client.ts';
import { BDF, refusedStep } from './mutations.ts';
import type { Json } from './notes.ts';

const MACHINE = 'machine { machineId seq }';

/** What it made itself and nobody else needs: it may be deleted. */
interface Own {
  readonly machines: string[];
  readonly bookmarks: string[];
}

export function timeTraveller(client: Client, machineId: string): Promise<void> {
  const own: Own = { machines: [], bookmarks: [] };
  const kinds = [fork, whatIf, create, bookmark, forget, remove, use] as const;
  const weights = [3, 2, 1, 3, 1, 2, 3];
  const choices = kinds.map((kind, place) => [weights[place]!, kind] as const);
  return client.repeat(() => client.prng.weighted(choices)(client, machineId, own));
}

const newName = (client: Client, kind: string) => `${kind}-${client.notes.unique()}`;

/** The field's value; null if it was refused. */
async function askOne(client: Client, field: string): Promise<'GONE' | Json> {
  const answer = await client.ask(`mutation { it: ${field} }`);
  return answer === 'GONE' ? 'GONE' : (answer.data?.['it'] ?? null);
}

/** A number of an operation that was acknowledged; the machine's first one at least was. */
function someOperation(client: Client, machineId: string): number {
  const { acknowledged } = client.notes;
  for (let tries = 0; tries < 8 && acknowledged.length > 0; tries++) {
    const told = client.prng.pick(acknowledged);
    if (told.machineId === machineId) return told.number;
  }
  return 1;
}

async function fork(client: Client, parentId: string, own: Own) {
  const machineId = newName(client, 'fork');
  const number = someOperation(client, parentId);
  const from = `{machineId: "${parentId}", atOperation: ${number}}`;
  const input = `{machineId: "${machineId}", from: ${from}}`;
  const made = await askOne(client, `machineFork(input: ${input}) { ${MACHINE} }`);
  if (made === 'GONE' || made === null) return made;
  client.notes.forks.push({ machineId, parentId, number });
  own.machines.push(machineId);
  return null;
}

async function whatIf(client: Client, recordedId: string, own: Own) {
  const machineId = newName(client, 'rerun');
  const to = someOperation(client, recordedId);
  const from = client.prng.chance(0.5) ? Math.max(1, to - client.prng.below(300)) : 0;
  const at = from === 0 ? '' : `, atOperation: ${from}`;
  const input = `{newMachineId: "${machineId}", machineId: "${recordedId}"${at}, toOperation: ${to}}`;
  const rerun = 'rerun { fromOperation toOperation }';
  const made = await askOne(client, `whatIf(input: ${input}) { ${rerun} ${MACHINE} }`);
  if (made === 'GONE' || made === null) return made;
  const told = (made as { rerun: { fromOperation: number; toOperation: number } }).rerun;
  client.notes.reruns.push({ machineId, recordedId, ...told });
  own.machines.push(machineId);
  return null;
}

async function create(client: Client, _: string, own: Own) {
  const machineId = newName(client, 'machine');
  const devices = `[{bdf: "${BDF}"}]`;
  const input = `{machineId: "${machineId}", devices: ${devices}}`;
  const payload = `... on MachineCreatePayload { ${MACHINE} }`;
  const made = await askOne(client, `machineCreate(input: ${input}) { ${payload} }`);
  if (made === 'GONE' || made === null) return made;
  client.notes.created.add(machineId);
  own.machines.push(machineId);
  return null;
}

async function bookmark(client: Client, machineId: string, own: Own) {
  const name = newName(client, 'mark');
  const note = `after ${client.notes.acknowledged.length} answers`;
  const at = `atOperation: ${someOperation(client, machineId)}`;
  const input = `{machineId: "${machineId}", name: "${name}", note: "${note}", ${at}}`;
  const made = await askOne(client, `bookmarkAdd(input: ${input}) { seq }`);
  if (made === 'GONE' || made === null) return made;
  client.notes.bookmarks.push({ machineId, name, note, seq: (made as { seq: number }).seq });
  own.bookmarks.push(name);
  return null;
}

async function forget(client: Client, machineId: string, own: Own) {
  const name = own.bookmarks.shift();
  if (name === undefined) return null;
  const key = `${machineId}/${name}`;
  client.notes.bookmarksGoing.add(key);
  const input = `{machineId: "${machineId}", name: "${name}"}`;
  const gone = await askOne(client, `bookmarkDelete(input: ${input})`);
  if (gone === true) client.notes.bookmarksGone.add(key);
  return gone;
}

async function remove(client: Client, _: string, own: Own) {
  const machineId = own.machines.shift();
  if (machineId === undefined) return null;
  client.notes.going.add(machineId);
  const gone = await askOne(client, `machineDelete(input: {machineId: "${machineId}"})`);
  if (gone === true) client.notes.gone.add(machineId);
  return gone;
}

/** Operations of its own, after the past it shares. */
async function use(client: Client, _: string, { machines }: Own) {
  if (machines.length === 0) return null;
  const steps = [refusedStep(client), { mutation: 'contextOpen', input: '' }, refusedStep(client)];
  return client.run(client.prng.pick(machines), steps);
}
