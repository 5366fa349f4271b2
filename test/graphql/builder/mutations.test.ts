/** Every kernel operation has a case in the folder of its kernel object; machines by themselves. */
import { isInterfaceType } from 'graphql';
import { expect, test } from 'vitest';
import { schema } from '../../../src/graphql/schema.ts';
import { HARDWARE_CASES as HARDWARE } from '../hardware/mutation-cases.ts';
import { CASES as PCI } from '../hardware/pci-mutation-cases.ts';
import { CASES as IOMMUFD_DEVICE } from '../iommufd/device/mutation-cases.ts';
import { CASES as IOMMUFD_FAULT } from '../iommufd/fault/mutation-cases.ts';
import { CASES as IOMMUFD_HWPT } from '../iommufd/hwpt/mutation-cases.ts';
import { CASES as IOMMUFD_IOAS } from '../iommufd/ioas/mutation-cases.ts';
import { CASES as IOMMUFD_MAIN } from '../iommufd/main/mutation-cases.ts';
import { CASES as IOMMUFD_SELFTEST } from '../iommufd/selftest/mutation-cases.ts';
import { CASES as VFIO } from '../vfio/mutation-cases.ts';
import { ask, at, placeOf, start } from './testing.ts';

/** In tests of their own. */
const HARDWARE_ALONE = ['hardwareAdvance', 'queueErrorClear', 'stallResume', 'stallTerminate'];

const isKernelError = ({ name }: { name: string }) => name === 'KernelError';
const CASES = {
  ...PCI,
  ...IOMMUFD_MAIN,
  ...IOMMUFD_IOAS,
  ...IOMMUFD_HWPT,
  ...IOMMUFD_DEVICE,
  ...IOMMUFD_FAULT,
  ...VFIO,
  ...IOMMUFD_SELFTEST,
};

test('the table has every kernel operation', () => {
  // A kernel operation is one that the kernel can refuse.
  const names = Object.values(schema.getMutationType()!.getFields())
    .filter(
      ({ type }) => isInterfaceType(type) && schema.getPossibleTypes(type).some(isKernelError),
    )
    .map(({ name }) => name);
  // vpriReset wants a machine with another policy: policies.test.ts has it.
  // Those of modelled hardware want a machine that has some: test/graphql/hardware.
  const ofHardware = [...Object.keys(HARDWARE), ...HARDWARE_ALONE];
  const others = ['machineCreate', 'vpriReset', ...ofHardware];
  expect(names.filter(name => !others.includes(name)).sort()).toEqual(Object.keys(CASES).sort());
});

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
