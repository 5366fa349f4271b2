/** Clients that run operations, as fast as they are answered. */
import type { Client, Step } from './client.ts';
import { MARKER_ID_MIN, type Marker } from './notes.ts';

/** The PCI function of every machine here that sends page requests. */
export const BDF = '0000:01:00.0';
const PAGE = 0x1000;
/** First address and size of the memory that is mapped: 4 GiB, enough for a page a command. */
const MEMORY = 0x1_0000_0000;
const hex = (value: number) => `0x${value.toString(16)}`;

/** What `makeFaulting` made: numbers are those that a new context gives. */
export const CONTEXT = 1;
export const FAULT_QUEUE = 4;
const DEVICE = 1;
const IOAS = 2;
const NEST_PARENT = 3;
const C = `contextId: ${CONTEXT}`;

const FAULTING: readonly Step[] = [
  {
    mutation: 'contextOpen',
    input: `process: {memory: [{start: "${hex(MEMORY)}", last: "${hex(2 * MEMORY - 1)}"}]}`,
  },
  { mutation: 'deviceBind', input: `${C}, bdf: "${BDF}"` },
  { mutation: 'ioasAlloc', input: C },
  { mutation: 'hwptAlloc', input: `${C}, devId: ${DEVICE}, ptId: ${IOAS}, rawFlags: 1` },
  { mutation: 'faultQueueAlloc', input: C },
  {
    mutation: 'hwptAlloc',
    input: `${C}, devId: ${DEVICE}, ptId: ${NEST_PARENT}, rawFlags: 4, faultId: ${FAULT_QUEUE}, vtdS1: {pgtblAddr: "0x1000"}`,
  },
  { mutation: 'deviceAttach', input: `${C}, devId: ${DEVICE}, ptId: 5` },
];

/** Whether all of it was acknowledged: a new machine's function is attached and can fault. */
export async function makeFaulting(client: Client, machineId: string): Promise<boolean> {
  const told = await client.run(machineId, FAULTING);
  return told !== 'GONE' && told.every(operation => operation?.errno === null);
}

function marked(mutation: string, rest: string, field: string, value: string | number): Step {
  const command = mutation.charAt(0).toUpperCase() + mutation.slice(1);
  const marker: Marker = { command, field, value };
  const text = typeof value === 'string' ? `"${value}"` : `${value}`;
  return { mutation, input: `${rest}, ${field}: ${text}`, marker };
}

/** There is no such object: ENOENT, and no event. Runs on every machine with a context 1, or not. */
export function refusedStep(client: Client): Step {
  return marked('destroy', C, 'id', MARKER_ID_MIN + client.notes.unique());
}

export function mapper(client: Client, machineId: string): Promise<void> {
  const on = `${C}, ioasId: ${IOAS}`;
  return client.repeat(async () => {
    const maps = Array.from({ length: 1 + client.prng.below(4) }, () => {
      const userVa = hex(MEMORY + client.notes.unique() * PAGE);
      const rest = `${on}, length: "0x1000", flags: [IOMMU_IOAS_MAP_WRITEABLE]`;
      return marked('ioasMap', rest, 'userVa', userVa);
    });
    const told = await client.run(machineId, maps);
    if (told === 'GONE') return told;
    for (const operation of told) {
      if (operation === null || operation.errno !== null || client.prng.chance(0.3)) continue;
      const { iova } = operation.reply as { iova: string };
      const input = `${on}, iova: "${iova}", length: "0x1000"`;
      if ((await client.run(machineId, [{ mutation: 'ioasUnmap', input }])) === 'GONE')
        return 'GONE';
    }
    return null;
  });
}

/** Makes an IOAS and a page table on it, and destroys both in the wrong and the right order. */
export function allocator(client: Client, machineId: string): Promise<void> {
  const made = async (step: Step, field: string) => {
    const told = await client.run(machineId, [step]);
    if (told === 'GONE') return 'GONE';
    const reply = told[0]?.reply as { [key: string]: number } | null | undefined;
    return reply?.[field] ?? null;
  };
  return client.repeat(async () => {
    const ioas = await made({ mutation: 'ioasAlloc', input: C }, 'outIoasId');
    if (ioas === 'GONE' || ioas === null) return ioas;
    const input = `${C}, devId: ${DEVICE}, ptId: ${ioas}`;
    const hwpt = await made({ mutation: 'hwptAlloc', input }, 'outHwptId');
    if (hwpt === 'GONE') return 'GONE';
    const ids = hwpt === null ? [ioas] : [ioas, hwpt, ioas];
    const destroy = ids.map(id => ({ mutation: 'destroy', input: `${C}, id: ${id}` }));
    return client.run(machineId, [...destroy, refusedStep(client)]);
  });
}

/** Groups of one to three page requests. */
export function requester(client: Client, machineId: string): Promise<void> {
  return client.repeat(async () => {
    const pages = 1 + client.prng.below(3);
    const grpid = client.prng.below(512);
    const steps = Array.from({ length: pages }, (_, page) => {
      const rest = `bdf: "${BDF}", grpid: ${grpid}, lastPage: ${page === pages - 1}`;
      const step = marked('pageRequest', rest, 'addr', hex(client.notes.unique() * PAGE));
      return { ...step, marker: { ...step.marker!, command: 'PageRequestSend' } };
    });
    return client.run(machineId, steps);
  });
}
