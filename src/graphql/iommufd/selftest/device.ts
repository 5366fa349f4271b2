/** The self-test’s handle of a mock device. */
import { builder } from '../../builder/builder.ts';
import { DeviceType, ObjectInterface, SelftestDeviceType } from '../../builder/refs.ts';
import { objectView } from '../../builder/view.ts';
import { objectNode } from '../main/context.ts';

builder.node(SelftestDeviceType, {
  ...objectNode('SELFTEST'),
  description: 'The self-test’s handle of a mock device: destroying it detaches and unbinds.',
  interfaces: [ObjectInterface],
  fields: t => ({
    device: t.field({
      type: DeviceType,
      nullable: true,
      description: 'Its DEVICE object.',
      resolve: view => objectView(view, view.object.deviceId, 'DEVICE'),
    }),
  }),
});
