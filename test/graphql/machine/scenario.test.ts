/** machineCreate(scenario: …): the first fault is one mutation away. */
import { expect, test } from 'vitest';
import { SCENARIOS, type ScenarioName } from '../../../src/engine/scenario/scenarios.ts';
import { ask, at, type Json, post, start } from '../builder/testing.ts';

const CREATE = `mutation($input: MachineCreateInput!) {
  machineCreate(input: $input) {
    errno
    ... on MachineCreatePayload {
      machine { hazardCount }
      queues { bdf contextId faultId devId ioasId parentHwptId hwptId }
    }
  }
}`;

const names = Object.keys(SCENARIOS) as ScenarioName[];

test.each(names)('%s: each device faults into its queue', async scenario => {
  const server = await start();
  const made = await ask(server, CREATE, { input: { machineId: 'm', scenario } });
  const queues = at(made, 'machineCreate', 'queues') as Json[];
  expect(queues.map(queue => at(queue, 'bdf'))).toEqual(SCENARIOS[scenario].faulting);
  for (const queue of queues) {
    const bdf = at(queue, 'bdf');
    const fault = SCENARIOS[scenario].modelled
      ? `dma(input: {machineId: "m", bdf: "${bdf}", iova: "0x40000000", length: "0x1000", write: true}) { errno }`
      : `pageRequest(input: {machineId: "m", bdf: "${bdf}", grpid: 1, addr: "0x30000"}) { errno }`;
    await ask(server, `mutation { ${fault} }`);
    const data = await ask(
      server,
      `{ machine(machineId: "m") { iopfGroups(where: {bdf: "${bdf}"}) { edges { node { contextId faultId outcome } } } } }`,
    );
    expect(at(data, 'machine', 'iopfGroups', 'edges')).toEqual([
      {
        node: {
          contextId: at(queue, 'contextId'),
          faultId: at(queue, 'faultId'),
          outcome: 'QUEUED',
        },
      },
    ]);
  }
});

test('it brings its own topology, takes a kernel, and a name once', async () => {
  const server = await start();
  const input = { machineId: 'm', scenario: 'NESTED_FAULTS' };
  const both = await post(server, CREATE, { input: { ...input, devices: [] } });
  expect(both.errors[0]!.message).toBe('"input.scenario" and "input.devices": give one of them');
  const newer = await ask(server, CREATE, { input: { ...input, baseline: 'LINUX_7_3_4' } });
  expect(at(newer, 'machineCreate', 'errno')).toBeNull();
  const again = await post(server, CREATE, { input });
  expect(again.errors[0]!.extensions?.code).toBe('MACHINE_EXISTS');
});

test('without a scenario there is none to tell of', async () => {
  const server = await start();
  const made = await ask(server, CREATE, { input: { machineId: 'm' } });
  expect(at(made, 'machineCreate', 'queues')).toEqual([]);
});
