/** A whole Faultline on a free port, and how the tests here talk to it. */
import { expect, onTestFinished } from 'vitest';
import { type Faultline, startFaultline } from '../../../src/server/faultline.ts';

/** JSON whose shape the test knows. */
export type Json = string | number | boolean | null | Json[] | { [key: string]: Json };
export type Fields = { [key: string]: Json };

export interface Answer {
  readonly data: Fields | null;
  readonly errors: readonly string[];
}

/** Starts on memory or on a file; stops when the test is over. */
export async function start(database = ':memory:'): Promise<Faultline> {
  const faultline = await startFaultline({
    host: '127.0.0.1',
    port: 0,
    database,
    durability: 'normal',
    token: null,
  });
  onTestFinished(() => faultline.stop());
  return faultline;
}

/** Posts one operation as a GraphQL client does. */
export async function post(server: { url: string }, query: string): Promise<Answer> {
  const response = await fetch(`${server.url}/graphql`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ query }),
  });
  const body = (await response.json()) as { data?: Fields; errors?: { message: string }[] };
  return { data: body.data ?? null, errors: (body.errors ?? []).map(({ message }) => message) };
}

/** As `post`, and there must be no errors. */
export async function ask(server: { url: string }, query: string): Promise<Fields> {
  const { data, errors } = await post(server, query);
  expect(errors, query).toEqual([]);
  return data!;
}

/** What context 1 says to a selection, now or at a seq. */
export async function inContext(
  server: { url: string },
  selection: string,
  at: number | null = null,
): Promise<Fields> {
  const data = await ask(server, `{ machine(at: ${at}) { context(contextId: 1) ${selection} } }`);
  return (data['machine'] as Fields)['context'] as Fields;
}

function document(name: string, input: string, fields: string): string {
  const type = `${name.charAt(0).toUpperCase()}${name.slice(1)}`;
  const context = name === 'contextOpen' ? '' : 'contextId: 1, ';
  return `mutation { result: ${name}(input: { ${context}${input} }) {
    ... on ${type}Payload { ${fields} }
    ... on KernelError {
      errno function operation { events { type } }
      output { entryNum numIovas outIovaAlignment allowedIovas { start last } }
    }
  } }`;
}

/** Runs one kernel mutation in context 1. Gives the selection, which must be the payload's. */
export async function succeed(
  server: { url: string },
  name: string,
  input = '',
  fields = 'seq',
): Promise<Fields> {
  const result = (await ask(server, document(name, input, fields)))['result'] as Fields;
  expect(result['errno'], `${name}(${input})`).toBeUndefined();
  return result;
}

export interface Refused {
  readonly errno: string;
  readonly function: string | null;
  readonly output: Fields | null;
  readonly events: string[];
}

/** Runs one kernel mutation in context 1, which the kernel must refuse. */
export async function refuse(server: { url: string }, name: string, input = ''): Promise<Refused> {
  const result = (await ask(server, document(name, input, 'seq')))['result'] as Fields;
  expect(result['errno'], `${name}(${input}) is not refused`).toBeDefined();
  const events = (result['operation'] as { events: { type: string }[] }).events;
  return { ...(result as unknown as Refused), events: events.map(({ type }) => type) };
}

/** The errors of a mutation that never reaches the kernel. */
export async function malformed(
  server: { url: string },
  name: string,
  input: string,
  fields = 'seq',
): Promise<readonly string[]> {
  const { errors } = await post(server, document(name, input, fields));
  return errors;
}

export const RW = 'flags: [IOMMU_IOAS_MAP_READABLE, IOMMU_IOAS_MAP_WRITEABLE]';
export const FIXED_RW =
  'flags: [IOMMU_IOAS_MAP_FIXED_IOVA, IOMMU_IOAS_MAP_READABLE, IOMMU_IOAS_MAP_WRITEABLE]';
export const FIXED_READ = 'flags: [IOMMU_IOAS_MAP_FIXED_IOVA, IOMMU_IOAS_MAP_READABLE]';

/** Context 1 with IOAS 1; its process has 16 MiB at 0x10000000. */
export async function startWithIoas(database = ':memory:'): Promise<Faultline> {
  const server = await start(database);
  await succeed(server, 'contextOpen');
  await succeed(server, 'ioasAlloc');
  return server;
}

/** As `startWithIoas`, with a mock device: self-test handle 2, device 3, automatic hwpt 4. */
export async function startWithMock(): Promise<Faultline> {
  const server = await startWithIoas();
  const ids = await succeed(server, 'testMockDomain', 'ptId: 1', 'outStdevId outIdevId outHwptId');
  expect(ids).toEqual({ outStdevId: 2, outIdevId: 3, outHwptId: 4 });
  return server;
}
