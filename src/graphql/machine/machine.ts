/** Machines: the query's roots, and what a machine holds. */
import { GraphQLError } from 'graphql';
import { DEFAULT_MACHINE_ID } from '../../abi/limits.ts';
import type { Policies } from '../../abi/policies.ts';
import { checkInvariants } from '../../core/check/invariant.ts';
import type { InFlightRequest } from '../../core/iommu/state.ts';
import type { MachineState } from '../../core/machine/state.ts';
import { lifeHash, momentHash } from '../../engine/past/identity.ts';
import { operationAcross } from '../../engine/past/places.ts';
import { thingsIn } from '../../engine/past/snapshots.ts';
import { builder } from '../builder/builder.ts';
import {
  AutoResponsePolicy,
  Baseline,
  InFlightPolicy,
  VirtualFunctionPolicy,
} from '../builder/enums.ts';
import { OF_EVENTS, READS_LOG } from '../builder/expose-errors.ts';
import { forwardLimit, forwardPage } from '../builder/forward-page.ts';
import { checkFirst, FIRST_TEXT, LIST_DEFAULT } from '../builder/lists.ts';
import {
  AttachHandleType,
  ContextType,
  IommuGroupType,
  MachineType,
  PhysicalDeviceInterface,
} from '../builder/refs.ts';
import {
  ascending,
  attachHandleView,
  contextView,
  findMachine,
  iommuGroupView,
  type MachineView,
  physicalDeviceView,
} from '../builder/view.ts';
import { PageRequestType } from '../iommu/iopf.ts';
import { HASH_FIELD, MOMENT_FIELDS, momentOf, momentView } from '../past/moment.ts';
import { HazardType } from './hazard.ts';

/** Things in a state whose invariants are checked at once: their number counts in the square. */
const INVARIANT_THINGS_MAX = 500;

/** Errors: RESULT_LIMIT. */
function checkThings(state: MachineState): void {
  const things = thingsIn(state);
  if (things <= INVARIANT_THINGS_MAX) return;
  throw new GraphQLError(
    `"invariantViolations" is for at most ${INVARIANT_THINGS_MAX} objects, areas, iopf groups and` +
      ` devices, and this state has ${things}`,
    { extensions: { code: 'RESULT_LIMIT' } },
  );
}

const PoliciesType = builder.objectRef<Policies>('Policies').implement({
  description: 'Choices the review of the kernel patch discusses, made once for a machine.',
  fields: t => ({
    autoResponse: t.field({
      type: AutoResponsePolicy,
      description: 'What a replace away from a fault-capable hwpt answers.',
      resolve: policies => policies.autoResponse,
    }),
    inFlightRequests: t.field({
      type: InFlightPolicy,
      description: 'What the IOMMU driver does with page requests in flight.',
      resolve: policies => policies.inFlightRequests,
    }),
    virtualFunctions: t.field({
      type: VirtualFunctionPolicy,
      description: 'What becomes of virtual functions.',
      resolve: policies => policies.virtualFunctions,
    }),
  }),
});

export const InFlightType = builder
  .objectRef<{ machine: MachineView; request: InFlightRequest }>('InFlightRequest')
  .implement({
    description: 'A page request held between look-up and queue.',
    fields: t => ({
      inFlightId: t.int({
        description: 'What pageRequestResume takes.',
        resolve: ({ request }) => request.inFlightId,
      }),
      request: t.field({
        type: PageRequestType,
        description: 'The request.',
        resolve: ({ request }) => request.request,
      }),
      attachHandle: t.field({
        type: AttachHandleType,
        nullable: true,
        description: 'The handle it found; null if that was freed meanwhile.',
        resolve: ({ machine, request }) => attachHandleView(machine, request.attachHandleId),
      }),
    }),
  });

builder.node(MachineType, {
  description:
    'One emulated machine: IOMMUs, devices, open /dev/iommu contexts. One stream of events.',
  id: { description: 'Global id.', resolve: ({ machineId }) => machineId },
  isTypeOf: value =>
    typeof value === 'object' && value !== null && 'state' in value && 'machineId' in value,
  loadOne: async (key, context) => {
    return findMachine(context, key);
  },
  fields: t => ({
    machineId: t.expose('machineId', { type: 'MachineId', description: 'Its name.' }),
    seq: t.exposeInt('seq', {
      description: 'The newest event this view shows. Give it as `at` to come back to this moment.',
    }),
    hash: t.string({
      description:
        'Which history this moment belongs to, 64 hex digits of the log’s chain: the hash of the operation that made the newest event of this view. It never changes for a seq, and after machineDelete and machineCreate it is another.',
      extensions: OF_EVENTS,
      resolve: ({ machineId, seq }, _, { engine }) => momentHash(engine, machineId, seq),
    }),
    life: t.string({
      description:
        'Tells the machine from others that had its name before, or have it later: 64 hex digits, the same from its creation to its deletion.',
      extensions: READS_LOG,
      resolve: ({ machineId }, _, { engine }) => lifeHash(engine, machineId),
    }),
    baseline: t.field({
      type: Baseline,
      description: 'The kernel whose behaviour it has.',
      resolve: ({ state }) => state.baseline,
    }),
    policies: t.field({
      type: PoliciesType,
      description: 'Choices made for it when it was created.',
      resolve: ({ state }) => state.policies,
    }),
    inFlightRequests: t.field({
      type: [InFlightType],
      description: 'Page requests held between look-up and queue.',
      args: { first: t.arg.int({ defaultValue: LIST_DEFAULT, description: FIRST_TEXT }) },
      resolve: (machine, { first }) =>
        [...machine.state.inFlight.values()]
          .slice(0, checkFirst(first))
          .map(request => ({ machine, request })),
    }),
    invariantViolations: t.stringList({
      description:
        'Checks what must hold after every operation, and names what does not: a bug of Faultline, not of the kernel. Empty in the middle of an operation, where it need not hold. ' +
        `At most ${INVARIANT_THINGS_MAX} objects, areas, iopf groups and devices.`,
      extensions: READS_LOG,
      resolve: async ({ machineId, state, seq }, _, { engine }) => {
        checkThings(state);
        const violations = checkInvariants(state);
        if (violations.length === 0) return [];
        return (await operationAcross(engine, machineId, seq)) === null ? violations : [];
      },
    }),
    contexts: t.field({
      type: [ContextType],
      description: 'Open contexts, by contextId.',
      args: { first: t.arg.int({ defaultValue: LIST_DEFAULT, description: FIRST_TEXT }) },
      resolve: (machine, { first }) =>
        [...machine.state.contexts.values()]
          .slice(0, checkFirst(first))
          .map(context => ({ machine, context })),
    }),
    context: t.field({
      type: ContextType,
      nullable: true,
      description: 'One context; null if it is not open.',
      args: { contextId: t.arg({ type: 'U32', required: true, description: 'Its id.' }) },
      resolve: (machine, { contextId }) => contextView(machine, contextId),
    }),
    iommuGroups: t.field({
      type: [IommuGroupType],
      description: 'IOMMU groups, by iommuGroupId.',
      args: { first: t.arg.int({ defaultValue: LIST_DEFAULT, description: FIRST_TEXT }) },
      resolve: (machine, { first }) =>
        [...machine.state.iommuGroups.values()]
          .slice(0, checkFirst(first))
          .map(group => ({ machine, group })),
    }),
    iommuGroup: t.field({
      type: IommuGroupType,
      nullable: true,
      description: 'One IOMMU group; null if there is none.',
      args: { iommuGroupId: t.arg({ type: 'U32', required: true, description: 'Its id.' }) },
      resolve: (machine, { iommuGroupId }) => iommuGroupView(machine, iommuGroupId),
    }),
    physicalDevices: t.field({
      type: [PhysicalDeviceInterface],
      description: 'PCI functions and mock devices, in order of appearance.',
      args: { first: t.arg.int({ defaultValue: LIST_DEFAULT, description: FIRST_TEXT }) },
      resolve: (machine, { first }) =>
        [...machine.state.physicalDevices.values()]
          .slice(0, checkFirst(first))
          .map(device => ({ machine, device })),
    }),
    pciDevice: t.field({
      type: PhysicalDeviceInterface,
      nullable: true,
      description: 'One PCI function; null if there is none.',
      args: { bdf: t.arg({ type: 'PciAddress', required: true, description: 'Its address.' }) },
      resolve: (machine, { bdf }) => physicalDeviceView(machine, machine.state.bdfs.get(bdf) ?? 0),
    }),
    attachHandles: t.field({
      type: [AttachHandleType],
      description: 'Attach handles, by attachHandleId, those that nothing refers to as well.',
      args: { first: t.arg.int({ defaultValue: LIST_DEFAULT, description: FIRST_TEXT }) },
      resolve: (machine, { first }) =>
        ascending(machine.state.attachHandles.keys())
          .slice(0, checkFirst(first))
          .map(id => attachHandleView(machine, id)!),
    }),
    hazards: t.field({
      type: [HazardType],
      description: 'Hazards met so far, the oldest first; at most the newest 1,000.',
      resolve: ({ machineId, state }) => state.hazards.map(hazard => ({ ...hazard, machineId })),
    }),
    hazardCount: t.int({
      description: 'Hazards met so far.',
      resolve: ({ state }) => state.hazardCount,
    }),
    unansweredIopfGroupCount: t.int({
      description: 'iopf groups queued or read and not yet answered, on all fault queues.',
      resolve: ({ state }) => state.iopfGroups.size,
    }),
  }),
});

builder.queryField('machine', t =>
  t.field({
    type: MachineType,
    description: 'One machine, now or in the past.',
    args: {
      machineId: t.arg({
        type: 'MachineId',
        defaultValue: DEFAULT_MACHINE_ID,
        description: 'Its name.',
      }),
      at: t.arg(MOMENT_FIELDS.at),
      atOperation: t.arg(MOMENT_FIELDS.atOperation),
      atBookmark: t.arg(MOMENT_FIELDS.atBookmark),
      atTime: t.arg(MOMENT_FIELDS.atTime),
      hash: t.arg(HASH_FIELD),
    },
    resolve: (_, { machineId, hash, ...moment }, context) =>
      momentView(context, machineId ?? DEFAULT_MACHINE_ID, momentOf(moment), hash),
  }),
);

builder.queryField('machines', t =>
  t.connection(
    {
      type: MachineType,
      description: 'All machines of this server by name. The cursor is the name; forward only.',
      resolve: async (_, args, context) => {
        const limit = forwardLimit('machines', args);
        const heads = await context.engine.log.machines({ after: args.after ?? null, limit });
        const { edges, pageInfo } = forwardPage(
          args,
          limit,
          heads,
          head => head.machineId,
          head => findMachine(context, head.machineId),
        );
        const views = await Promise.all(edges.map(({ node }) => node));
        // One deleted since its head was read is left out.
        const nodes = views.filter(view => view !== null);
        return { edges: nodes.map(node => ({ cursor: node.machineId, node })), pageInfo };
      },
    },
    { description: 'A page of machines.' },
    { description: 'One machine of a page.' },
  ),
);
