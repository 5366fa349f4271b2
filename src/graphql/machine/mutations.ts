/** Machines: create, delete. */
import { DEFAULT_BASELINE } from '../../abi/baselines.ts';
import { IOMMUS_PER_MACHINE_MAX, MACHINE_CREATE_DEVICES_MAX } from '../../abi/limits.ts';
import { DEFAULT_POLICIES, type Policies } from '../../abi/policies.ts';
import type { IommuSpec } from '../../core/hardware/unit/state.ts';
import { badInput } from '../builder/bad-input.ts';
import { builder } from '../builder/builder.ts';
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
import { noteRefusal } from '../log/refusals.ts';

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
  }),
});

builder.mutationField('machineCreate', t =>
  t.field({
    type: MachineCreateResult,
    nullable: true,
    description:
      'Makes a machine with its PCI functions. A name that is taken is a GraphQL error; a topology that cannot be is a KernelError, and nothing is made.',
    args: {
      input: t.arg({ type: MachineCreateInput, required: true, description: 'What to make.' }),
    },
    resolve: async (_, { input }, context, info) => {
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
      noteRefusal(context, info, operation);
      if (operation.errno !== 0) return { machineId, operation };
      const machine = await machineView(context, machineId);
      return { machineId, operation, machine } satisfies MachinePayload;
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
