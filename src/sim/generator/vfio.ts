/** Random commands of a VFIO driver: binding, attaching, replacing. */
import type { Makers } from './maker.ts';
import { bdf, contextIdOf, devIdOf, emulatedPri, ptIdFor, VIRTFN } from './pick.ts';

export const VFIO_MAKERS = {
  DeviceBind: (random, state, context) => ({
    type: 'DeviceBind',
    contextId: contextIdOf(random, context),
    bdf: emulatedPri(state) && random.chance(0.3) ? VIRTFN : bdf(random),
  }),
  DeviceAttach: (random, state, context) => {
    const devId = devIdOf(random, state, context, 'PCI');
    const device = context?.objects.get(devId);
    const group = state.iommuGroups.get(device?.type === 'DEVICE' ? device.iommuGroupId : 0);
    // Where others of its group are it can be attached at once.
    const joined = random.chance(0.3) ? group?.hwptId : null;
    const ptId = joined ?? ptIdFor(random, context, 'PCI');
    return { type: 'DeviceAttach', contextId: contextIdOf(random, context), devId, ptId };
  },
  DeviceReplace: (random, state, context) => ({
    type: 'DeviceReplace',
    contextId: contextIdOf(random, context),
    devId: devIdOf(random, state, context, 'PCI'),
    // Now and then one that its driver refuses.
    ptId: ptIdFor(random, context, random.chance(0.1) ? 'MOCK' : 'PCI'),
  }),
  DeviceDetach: (random, state, context) => ({
    type: 'DeviceDetach',
    contextId: contextIdOf(random, context),
    devId: devIdOf(random, state, context, 'PCI'),
  }),
  DeviceUnbind: (random, state, context) => ({
    type: 'DeviceUnbind',
    contextId: contextIdOf(random, context),
    devId: devIdOf(random, state, context, 'PCI'),
  }),
} as const satisfies Makers;
