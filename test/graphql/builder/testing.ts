/** A whole Faultline on a free port, and clients of it. */
import { expect, onTestFinished } from 'vitest';
import { type Faultline, startFaultline } from '../../../src/server/faultline.ts';

/** What a test reads of an answer. */
export interface Answer {
  readonly status: number;
  readonly data: Json;
  readonly errors: readonly { message: string; path?: unknown[]; extensions?: { code?: string } }[];
}

/** JSON whose shape the test knows: `at(answer, 'machine', 'seq')` reads it. */
export type Json = string | number | boolean | null | Json[] | { [key: string]: Json };

export function at(json: Json, ...path: (string | number)[]): Json {
  let value = json;
  for (const step of path) {
    const inner = (value as { [key: string]: Json } | null)?.[step];
    if (inner === undefined) {
      throw new Error(`no ${path.join('.')} in ${JSON.stringify(json).slice(0, 2_000)}`);
    }
    value = inner;
  }
  return value;
}

/** Starts on memory or on a file; stops when the test is over. */
export async function start(database = ':memory:', port = 0): Promise<Faultline> {
  const faultline = await startFaultline({
    host: '127.0.0.1',
    port,
    database,
    durability: 'normal',
    token: null,
  });
  onTestFinished(() => faultline.stop());
  return faultline;
}

/** Posts one operation as a GraphQL client does. */
export async function post(
  { url }: { url: string },
  query: string,
  variables: Record<string, unknown> = {},
): Promise<Answer> {
  const response = await fetch(`${url}/graphql`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ query, variables }),
  });
  const body = (await response.json()) as { data?: Json; errors?: Answer['errors'] };
  return { status: response.status, data: body.data ?? null, errors: body.errors ?? [] };
}

/** As `post`, and there must be no errors. */
export async function ask(
  server: { url: string },
  query: string,
  variables: Record<string, unknown> = {},
): Promise<Json> {
  const { status, data, errors } = await post(server, query, variables);
  expect(errors, query).toEqual([]);
  expect(status).toBe(200);
  return data;
}

export const REFUSAL = `... on KernelError {
  errno code message function trace { function depth returned } output { entryNum size }
  operation { id number seqBefore seq command arguments errno events { seq } }
}`;

/**
 * Runs one kernel mutation. `input` is GraphQL text, `fields` those of the payload. Gives the
 * payload or the refusal.
 */
export async function mutate(
  server: { url: string },
  name: string,
  input: string,
  fields = 'seq',
): Promise<{ [key: string]: Json }> {
  const type = `${name.charAt(0).toUpperCase()}${name.slice(1)}Payload`;
  const data = await ask(
    server,
    `mutation { ${name}(input: {${input}}) { __typename ... on ${type} { ${fields} } ${REFUSAL} } }`,
  );
  return at(data, name) as { [key: string]: Json };
}

/** As `mutate`, and the kernel must not refuse. */
export async function succeed(
  server: { url: string },
  name: string,
  input: string,
  fields = 'seq',
): Promise<{ [key: string]: Json }> {
  const member = await mutate(server, name, input, fields);
  expect(member['__typename'], JSON.stringify(member)).not.toBe('KernelError');
  return member;
}

/** Where a machine's log is. */
export async function placeOf({ engine }: Faultline, machineId = 'default'): Promise<string> {
  const { number, seq } = (await engine.log.head(machineId))!;
  return `operation ${number}, seq ${seq}`;
}

export const PCI = '0000:01:00.0';
const VTD = 'vtdS1: {pgtblAddr: "0x1000"}';

/**
 * A PCI function attached to a fault-capable hwpt of the machine's first context: context 1, device
 * 1, IOAS 2, nest parent 3, fault queue 4, nested hwpt 5.
 */
export async function makeFaulting(server: { url: string }, machineId = 'default'): Promise<void> {
  const m = `machineId: "${machineId}"`;
  const c = `${m}, contextId: 1`;
  await ask(
    server,
    `mutation {
      a: contextOpen(input: {${m}}) { __typename }
      b: deviceBind(input: {${c}, bdf: "${PCI}"}) { __typename }
      c: ioasAlloc(input: {${c}}) { __typename }
      d: hwptAlloc(input: {${c}, devId: 1, ptId: 2, rawFlags: 1}) { __typename }
      e: faultQueueAlloc(input: {${c}}) { __typename }
      f: hwptAlloc(input: {${c}, devId: 1, ptId: 3, rawFlags: 4, faultId: 4, ${VTD}}) { __typename }
      g: deviceAttach(input: {${c}, devId: 1, ptId: 5}) { ... on DeviceAttachPayload { outPtId } }
    }`,
  ).then(data => expect(at(data, 'g', 'outPtId')).toBe(5));
}

/** The function sends groups, each of `pages` requests; `grpid` counts up from `first`. */
export async function sendGroups(
  server: { url: string },
  count: number,
  { first = 0, pages = 1, machineId = 'default' } = {},
): Promise<void> {
  const sends: string[] = [];
  for (let group = 0; group < count; group++) {
    for (let page = 1; page <= pages; page++) {
      const addr = `0x${(0x1000 * (group * pages + page)).toString(16)}`;
      sends.push(
        `g${group}p${page}: pageRequest(input: {machineId: "${machineId}", bdf: "${PCI}", grpid: ${first + group}, perm: [IOMMU_PGFAULT_PERM_READ], addr: "${addr}", lastPage: ${page === pages}}) { ... on PageRequestPayload { outcome } }`,
      );
    }
  }
  const data = await ask(server, `mutation { ${sends.join('\n')} }`);
  for (const sent of Object.values(data as { [key: string]: Json })) {
    expect(sent).toEqual({ outcome: 'REPORTED' });
  }
}
