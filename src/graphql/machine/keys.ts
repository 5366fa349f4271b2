/** `key`: the name of an object in `diff` and `changes`, on every type that stands for one. */
import {
  areaKeyOf,
  contextKeyOf,
  globalKeyOf,
  inContextKeyOf,
  MACHINE_KEY,
} from '../../core/explain/object-key.ts';
import { builder } from '../builder/builder.ts';
import { ObjectKeyType } from '../builder/object-key.ts';
import {
  AreaType,
  AttachHandleType,
  ContextType,
  IommuGroupType,
  IopfGroupType,
  MachineType,
  ObjectInterface,
  PhysicalDeviceInterface,
} from '../builder/refs.ts';
import { IommuType } from '../hardware/iommu.ts';
import { IoptPagesType } from '../iommufd/ioas/ioas.ts';
import { HazardType } from './hazard.ts';
import { InFlightType } from './machine.ts';

const KEY = {
  type: ObjectKeyType,
  description: 'What names it in `diff`, `changes` and `graph`; the same at every moment.',
} as const;

builder.interfaceField(ObjectInterface, 'key', t =>
  t.field({
    ...KEY,
    resolve: ({ context: { contextId }, object: { type, id } }) =>
      inContextKeyOf(type, contextId, id),
  }),
);

builder.interfaceField(PhysicalDeviceInterface, 'key', t =>
  t.field({
    ...KEY,
    resolve: ({ device: { deviceNo } }) => globalKeyOf('PHYSICAL_DEVICE', deviceNo),
  }),
);

builder.objectField(MachineType, 'key', t => t.field({ ...KEY, resolve: () => MACHINE_KEY }));

builder.objectField(ContextType, 'key', t =>
  t.field({ ...KEY, resolve: ({ context }) => contextKeyOf(context.contextId) }),
);

builder.objectField(AreaType, 'key', t =>
  t.field({
    ...KEY,
    resolve: ({ ioas: { context, object }, area }) =>
      areaKeyOf(context.contextId, object.id, area.start),
  }),
);

builder.objectField(IoptPagesType, 'key', t =>
  t.field({
    ...KEY,
    resolve: ({ contextId, pagesId }) => inContextKeyOf('IOPT_PAGES', contextId, pagesId),
  }),
);

builder.objectField(IommuGroupType, 'key', t =>
  t.field({ ...KEY, resolve: ({ group }) => globalKeyOf('IOMMU_GROUP', group.iommuGroupId) }),
);

builder.objectField(AttachHandleType, 'key', t =>
  t.field({ ...KEY, resolve: ({ handle }) => globalKeyOf('ATTACH_HANDLE', handle.attachHandleId) }),
);

builder.objectField(IopfGroupType, 'key', t =>
  t.field({ ...KEY, resolve: ({ iopfGroup }) => globalKeyOf('IOPF_GROUP', iopfGroup.iopfGroupId) }),
);

builder.objectField(InFlightType, 'key', t =>
  t.field({
    ...KEY,
    resolve: ({ request }) => globalKeyOf('IN_FLIGHT_REQUEST', request.inFlightId),
  }),
);

builder.objectField(IommuType, 'key', t =>
  t.field({ ...KEY, resolve: ({ iommu }) => globalKeyOf('IOMMU', iommu.iommuNo) }),
);

builder.objectField(HazardType, 'key', t =>
  t.field({ ...KEY, resolve: ({ seq }) => globalKeyOf('HAZARD', seq) }),
);
