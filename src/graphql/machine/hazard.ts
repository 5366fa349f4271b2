/** Hazards, with the operations that planted and met them. */
import { HAZARDS } from '../../abi/hazards.ts';
import type { Hazard } from '../../core/machine/state.ts';
import { Past } from '../../engine/past/past.ts';
import { builder, type GraphqlContext } from '../builder/builder.ts';
import { HazardKindEnum, HazardNameEnum } from '../builder/enums.ts';
import { OF_EVENTS } from '../builder/expose-errors.ts';
import type { OperationView } from '../builder/view.ts';
import { OperationType } from '../log/operation.ts';

interface HazardView extends Hazard {
  readonly machineId: string;
}

/** The operation whose event this is. A state may hold events that still wait for their commit. */
async function operationOfEvent(
  { engine, history }: GraphqlContext,
  machineId: string,
  seq: number,
): Promise<OperationView> {
  await engine.settled(machineId);
  const past = await Past.of(engine, history, machineId);
  return { machineId, operation: await past.operationOf(seq) };
}

export const HazardType = builder.objectRef<HazardView>('Hazard').implement({
  description: 'A place where the kernel itself misbehaves. The machine goes on.',
  fields: t => ({
    name: t.field({ type: HazardNameEnum, description: 'Which one.', resolve: h => h.name }),
    kind: t.field({
      type: HazardKindEnum,
      description: 'How it misbehaves.',
      resolve: ({ name }) => HAZARDS[name].kind,
    }),
    title: t.string({
      description: 'What it is, in general.',
      resolve: ({ name }) => HAZARDS[name].title,
    }),
    kernels: t.string({
      description: 'The kernels that have it, and the policies that alone bring it about.',
      resolve: ({ name }) => HAZARDS[name].kernels,
    }),
    function: t.exposeString('function', { description: 'The kernel function.' }),
    detail: t.exposeString('detail', { description: 'What happened here, in one sentence.' }),
    objects: t.stringList({
      description: 'What it is about, such as "device 3" or "iopf group 7".',
      resolve: ({ objects }) => [...objects],
    }),
    plantedSeq: t.exposeInt('plantedSeq', {
      nullable: true,
      description:
        'The event that planted it, such as the one that queued the iopf group it is about; null if it was planted and met at once.',
    }),
    plantedBy: t.field({
      type: OperationType,
      nullable: true,
      description: 'The operation that planted it, of plantedSeq; null if that is null.',
      extensions: OF_EVENTS,
      resolve: ({ machineId, plantedSeq }, _, context) =>
        plantedSeq === null ? null : operationOfEvent(context, machineId, plantedSeq),
    }),
    seq: t.exposeInt('seq', { description: 'The event that records it.' }),
    operation: t.field({
      type: OperationType,
      description: 'The operation that met it.',
      extensions: OF_EVENTS,
      resolve: ({ machineId, seq }, _, context) => operationOfEvent(context, machineId, seq),
    }),
  }),
});
