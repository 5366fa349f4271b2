/** Machines: create, delete. */
import { DEFAULT_BASELINE } from '../../abi/baselines.ts';
import { IOMMUS_PER_MACHINE_MAX, MACHINE_CREATE_DEVICES_MAX } from '../../abi/limits.ts';
import { DEFAULT_POLICIES, type Policies } from '../../abi/policies.ts';
import type { IommuSpec } from '../../core/hardware/unit/state.ts';
import {
  makeScenario,
  SCENARIOS,
  type ScenarioName,
  type ScenarioQueue,
} from '../../engine/scenario/scenarios.ts';
import { badInput } from '../builder/bad-input.ts';
import { builder, type GraphqlContext } from '../builder/builder.ts';
import {
  AutoResponsePolicy,
  Baseline,
  InFlightPolicy,
  VirtualFunctionPolicy,
} from '../builder/enums.ts';
import { MachineType } from '../builder/refs.ts';
import { type MachineView, machineView, type OperationView } from '../builder/view.ts';
import { PciDeviceInput, pciDeviceSpec } from '../hardware/device-input.ts';
import { IommuInput, iommuSpec } from '../hardware/iommu-input.ts';
import { OperationResult, resultInterface } from '../log/operation.ts';
import { noteWrong } from '../log/refusals.ts';

const PoliciesInput = builder.inputType('PoliciesInput', {
  description: 'Choices the review of the kernel patch discusses.',
  fields: t => ({
    autoResponse: t.field({
      type: AutoResponsePolicy,
      defaultValue: DEFAULT_POLICIES.autoResponse,
      description: 'What a replace away from a fault-capable hwpt answers.',
    }),
    inFlightRequests: t.field({
      type: InFlightPolicy,
      defaultValue: DEFAULT_POLICIES.inFlightRequests,
      description: 'What the IOMMU driver does with page requests in flight.',
    }),
    virtualFunctions: t.field({
      type: VirtualFunctionPolicy,
      defaultValue: DEFAULT_POLICIES.virtualFunctions,
      description: 'What becomes of virtual functions.',
    }),
  }),
});

function policiesOf(input: typeof PoliciesInput.$inferInput | null | undefined): Policies {
  return {
    autoResponse: input?.autoResponse ?? DEFAULT_POLICIES.autoResponse,
    inFlightRequests: input?.inFlightRequests ?? DEFAULT_POLICIES.inFlightRequests,
    virtualFunctions: input?.virtualFunctions ?? DEFAULT_POLICIES.virtualFunctions,
  };
}

const ScenarioEnum = builder.enumType('Scenario', {
  description: 'Machines that are ready for a fault.',
  values: Object.fromEntries(
    Object.entries(SCENARIOS).map(([name, { description }]) => [
      name,
      { value: name as ScenarioName, description },
    ]),
  ) as Record<ScenarioName, { value: ScenarioName; description: string }>,
});

const ScenarioQueueType = builder.objectRef<ScenarioQueue>('ScenarioQueue').implement({
  description: 'A device that is ready to fault, and the ids that its handler needs.',
  fields: t => ({
    bdf: t.field({
      type: 'PciAddress',
      description: 'The function: pageRequest or dma takes it.',
      resolve: ({ bdf }) => bdf,
    }),
    contextId: t.exposeInt('contextId', { description: 'The context it is bound in.' }),
    faultId: t.exposeInt('faultId', { description: 'The fault queue: iopfGroups takes it.' }),
    devId: t.exposeInt('devId', { description: 'The device in the context.' }),
    ioasId: t.exposeInt('ioasId', { description: 'The IOAS: guest memory, 1 MiB from 0 on.' }),
    parentHwptId: t.exposeInt('parentHwptId', { description: 'The nest parent on the IOAS.' }),
    hwptId: t.exposeInt('hwptId', { description: 'The nested, fault-capable hwpt.' }),
  }),
});

const MachineCreateInput = builder.inputType('MachineCreateInput', {
  description: 'What machine to make.',
  fields: t => ({
    machineId: t.field({ type: 'MachineId', required: true, description: 'Its name.' }),
    baseline: t.field({
      type: Baseline,
      defaultValue: DEFAULT_BASELINE,
      description: 'The kernel whose behaviour it has.',
    }),
    policies: t.field({
      type: PoliciesInput,
      description: 'Choices for this machine. Left out: as Linux does it.',
    }),
    iommus: t.field({
      type: [IommuInput],
      description: `IOMMUs whose queues and caches are modelled, at most ${IOMMUS_PER_MACHINE_MAX}. Left out: page requests are declared by pageRequest.`,
    }),
    scenario: t.field({
      type: ScenarioEnum,
      description: 'Makes it ready for a fault; without `devices` and `iommus`, which it brings.',
    }),
    devices: t.field({
      type: [PciDeviceInput],
      description: `PCI functions it has from the start, at most ${MACHINE_CREATE_DEVICES_MAX}; a groupWith or physfn comes before its user.`,
    }),
  }),
});

/** Errors: BAD_USER_INPUT, too many, or one that cannot be. */
function iommuSpecs(inputs: readonly (typeof IommuInput.$inferInput)[]): IommuSpec[] {
  if (inputs.length > IOMMUS_PER_MACHINE_MAX) {
    throw badInput(
      `"input.iommus" may have at most ${IOMMUS_PER_MACHINE_MAX} entries, not ${inputs.length}`,
    );
  }
  return inputs.map((iommu, i) => iommuSpec(iommu, `input.iommus[${i}]`));
}

interface MachinePayload extends OperationView {
  readonly machine: MachineView;
  readonly queues: readonly ScenarioQueue[];
}

const MachineCreateResult = resultInterface('MachineCreate');

builder.objectRef<MachinePayload>('MachineCreatePayload').implement({
  description: 'What machineCreate answers when it succeeds.',
  interfaces: [OperationResult, MachineCreateResult],
  fields: t => ({
    machine: t.field({
      type: MachineType,
      description: 'The new machine.',
      resolve: ({ machine }) => machine,
    }),
    queues: t.field({
      type: [ScenarioQueueType],
      description: 'What the scenario made ready, in order; empty without one.',
      resolve: ({ queues }) => [...queues],
    }),
  }),
});

/** Errors: BAD_USER_INPUT, those of makeScenario. */
async function createScenario(
  context: GraphqlContext,
  input: typeof MachineCreateInput.$inferInput,
  scenario: ScenarioName,
): Promise<MachinePayload> {
  for (const name of ['devices', 'iommus'] as const) {
    if (input[name]) throw badInput(`"input.scenario" and "input.${name}": give one of them`);
  }
  const { machineId } = input;
  const { created, queues } = await makeScenario(context.engine, machineId, scenario, {
    baseline: input.baseline ?? DEFAULT_BASELINE,
    policies: policiesOf(input.policies),
  });
  const machine = await machineView(context, machineId);
  return { machineId, operation: created, machine, queues };
}

builder.mutationField('machineCreate', t =>
  t.field({
    type: MachineCreateResult,
    nullable: true,
    description:
      'Makes a machine with its PCI functions, or one that a scenario makes ready. A name that is taken is a GraphQL error; a topology that cannot be is a KernelError, and nothing is made.',
    args: {
      input: t.arg({ type: MachineCreateInput, required: true, description: 'What to make.' }),
    },
    resolve: async (_, { input }, context, info) => {
      if (input.scenario) return createScenario(context, input, input.scenario);
      const inputs = input.devices ?? [];
      if (inputs.length > MACHINE_CREATE_DEVICES_MAX) {
        throw badInput(
          `"input.devices" may have at most ${MACHINE_CREATE_DEVICES_MAX} entries, not ${inputs.length}; pciDeviceAdd adds more`,
        );
      }
      const iommus = iommuSpecs(input.iommus ?? []);
      const devices = inputs.map((device, i) => pciDeviceSpec(device, `input.devices[${i}]`));
      const { machineId } = input;
      const operation = await context.engine.create(machineId, {
        type: 'MachineCreate',
        baseline: input.baseline ?? DEFAULT_BASELINE,
        policies: policiesOf(input.policies),
        devices,
        ...(iommus.length > 0 ? { iommus } : {}),
      });
      noteWrong(context, info, operation);
      if (operation.errno !== 0) return { machineId, operation };
      const machine = await machineView(context, machineId);
      return { machineId, operation, machine, queues: [] } satisfies MachinePayload;
    },
  }),
);

const MachineDeleteInput = builder.inputType('MachineDeleteInput', {
  description: 'Which machine to forget.',
  fields: t => ({
    machineId: t.field({ type: 'MachineId', required: true, description: 'Its name.' }),
  }),
});

builder.mutationField('machineDelete', t =>
  t.boolean({
    nullable: true,
    description:
      'Deletes a machine and its whole log; its subscriptions end. true if there was one. It cannot be undone. Refused while forks share its past, or whatIf made other machines of it.',
    args: {
      input: t.arg({ type: MachineDeleteInput, required: true, description: 'Which one.' }),
    },
    resolve: (_, { input }, { engine }) => engine.delete(input.machineId),
  }),
);
