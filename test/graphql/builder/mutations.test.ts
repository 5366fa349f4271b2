/** Every mutation once in success and once refused by the kernel. */
import { isUnionType } from 'graphql';
import { describe, expect, test } from 'vitest';
import { ERRNO } from '../../../src/abi/errno.ts';
import { schema } from '../../../src/graphql/schema.ts';
import type { Faultline } from '../../../src/server/faultline.ts';
import { HARDWARE_CASES } from '../hardware/mutation-cases.ts';
import { IOAS_CASES } from '../iommufd/mutation-cases.ts';
import { CASES as FAULT_CASES } from './mutation-cases.ts';
import { ask, at, makeFaulting, mutate, placeOf, start, succeed } from './testing.ts';

/** In tests of their own. */
const HARDWARE_ALONE = ['hardwareAdvance', 'queueErrorClear', 'stallResume', 'stallTerminate'];

const isKernelError = ({ name }: { name: string }) => name === 'KernelError';
const CASES = { ...FAULT_CASES, ...IOAS_CASES };

test('the table has every kernel operation', () => {
  // A kernel operation is one that the kernel can refuse.
  const names = Object.values(schema.getMutationType()!.getFields())
    .filter(({ type }) => isUnionType(type) && type.getTypes().some(isKernelError))
    .map(({ name }) => name);
  // vpriReset wants a machine with another policy: policies.test.ts has it.
  // Those of modelled hardware want a machine that has some: test/graphql/hardware.
  const ofHardware = [...Object.keys(HARDWARE_CASES), ...HARDWARE_ALONE];
  const others = ['machineCreate', 'vpriReset', ...ofHardware];
  expect(names.filter(name => !others.includes(name)).sort()).toEqual(Object.keys(CASES).sort());
});

describe.each(Object.entries(CASES))(
  '%s',
  (name, { good, refused, before, beforeRefusal, output }) => {
    async function prepared(): Promise<Faultline> {
      const server = await start();
      await makeFaulting(server);
      await before?.(server);
      return server;
    }

    test('succeeds', async () => {
      const server = await prepared();
      const { number, state } = await server.engine.settled('default');
      const seqBefore = state.seq;
      const [input, fields, expected] = good;
      const payload = await succeed(
        server,
        name,
        input,
        `seq operation { number seqBefore seq errno command } made: events { seq } machine { seq } ${fields}`,
      );
      expect(payload).toMatchObject(expected);
      const seq = payload['seq'] as number;
      expect(payload).toMatchObject({
        operation: { number: number + 1, seqBefore, seq, errno: null },
        made: Array.from({ length: seq - seqBefore }, (_, i) => ({ seq: seqBefore + 1 + i })),
        machine: { seq },
      });
    });

    test('is refused', async () => {
      const server = await prepared();
      await beforeRefusal?.(server);
      const { number, state } = await server.engine.settled('default');
      const seqBefore = state.seq;
      const [input, errno, by] = refused;
      const error = await mutate(server, name, input);
      expect(error).toMatchObject({
        __typename: 'KernelError',
        errno,
        code: ERRNO[errno],
        operation: { number: number + 1, seqBefore, errno },
        output: output ?? null,
      });
      if (by !== null) expect(error['function']).toBe(by);
      const steps = error['trace'] as { function: string; depth: number; returned: string }[];
      const last = steps.filter(({ returned }) => returned === errno).at(-1);
      expect(error['function']).toBe(last?.function ?? null);
      expect(String(error['message']).length).toBeGreaterThan(10);
      for (const { depth } of steps) expect(depth).toBeGreaterThanOrEqual(0);
    });
  },
);

test('machineCreate and machineDelete', async () => {
  const server = await start();
  const create = (
    devices: string,
  ) => `mutation { machineCreate(input: {machineId: "m", devices: [${devices}]}) {
    __typename 
    ... on MachineCreatePayload { machine { machineId seq baseline physicalDevices { name } } }
    ... on KernelError { errno code operation { command } } } }`;
  const twice = '{bdf: "0000:01:00.0"}, {bdf: "0000:01:00.0"}';
  expect(at(await ask(server, create(twice)), 'machineCreate')).toMatchObject({
    __typename: 'KernelError',
    errno: 'EEXIST',
    operation: { command: 'MachineCreate' },
  });
  expect(await ask(server, '{ machines { edges { node { machineId } } } }')).toEqual({
    machines: { edges: [{ node: { machineId: 'default' } }] },
  });
  expect(at(await ask(server, create('{bdf: "0000:01:00.0"}')), 'machineCreate')).toMatchObject({
    machine: { machineId: 'm', seq: 3, physicalDevices: [{ name: '0000:01:00.0' }] },
  });
  const place = await placeOf(server);
  const remove = 'mutation { machineDelete(input: {machineId: "m"}) }';
  expect(await ask(server, remove)).toEqual({ machineDelete: true });
  expect(await ask(server, remove)).toEqual({ machineDelete: false });
  expect(await placeOf(server)).toBe(place);
});
