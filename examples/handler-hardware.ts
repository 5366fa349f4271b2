/**
 * A handler for modelled hardware, as the scenario HARDWARE_FAULTS makes it: the device looks again
 * after SUCCESS, so the guest maps each page first, and only then says that it is there.
 *
 *     faultline test HARDWARE_FAULTS --handler 'node handler-hardware.ts'
 *
 * in a folder where `npm i faultline` ran. In a clone: `node --import ./examples/hardware/clone.ts
 * examples/handler-hardware.ts`. FAULTLINE_URL, _MACHINE and _QUEUES say where the queue is.
 */
import { handleFaults } from 'faultline/client';

const { env } = process;
const url = env['FAULTLINE_URL'] ?? 'http://127.0.0.1:4000';
const machineId = env['FAULTLINE_MACHINE'] ?? 'default';
const QUEUES = env['FAULTLINE_QUEUES'] ?? '[{ "contextId": 1, "faultId": 4, "hwptId": 5 }]';
const [{ contextId, faultId, hwptId }] = JSON.parse(QUEUES);

/** The guest has 1 MiB: its tables lie at 0x2000, and pages from 0x80000 on back what is asked for. */
const TABLES = { tablesGpa: '0x2000', tablesLength: '0x40000' };
const DATA = 0x8_0000n;
const DATA_PAGES = 128n;
const PAGE = 4096n;

const GUEST_MAP = `mutation ($input: GuestMapInput!) {
  guestMap(input: $input) { ... on KernelError { message } }
}`;

async function mapPage(addr: bigint): Promise<void> {
  const gpa = DATA + ((addr / PAGE) % DATA_PAGES) * PAGE;
  const range = { iova: hex(addr), gpa: hex(gpa), length: hex(PAGE) };
  const input = { machineId, contextId, hwptId, ...range, ...TABLES };
  const response = await fetch(`${url}/graphql`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ query: GUEST_MAP, variables: { input } }),
  });
  const { data, errors } = await response.json();
  const message = errors?.[0].message ?? data.guestMap.message;
  if (message !== undefined) throw new Error(message);
}

const hex = (value: bigint) => `0x${value.toString(16)}`;

const handler = handleFaults({ url, machineId, contextId, faultId }, async ({ messages }) => {
  for (const { addr } of messages) await mapPage(addr);
  return 'SUCCESS';
});
await handler.ended;
