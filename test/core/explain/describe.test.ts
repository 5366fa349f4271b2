/** A sentence of an event stands alone beside those of other contexts, queues and devices. */
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { describeEvent, devicesNamed } from '../../../src/core/explain/describe.ts';
import { EVENTS, type Event, type EventType } from '../../../src/core/machine/event.ts';
import { eventOfType } from '../../log/arbitraries.ts';

/** Fields that name something, and how a sentence says it. */
const SAID: Readonly<Record<string, (value: unknown) => string>> = {
  contextId: value => `context ${value}`,
  deviceNo: value => `physical device ${value}`,
  iopfGroupId: value => `iopf group ${value}`,
  faultId: value => `fault queue ${value}`,
  iommuGroupId: value => `IOMMU group ${value}`,
  ioasId: value => `IOAS ${value}`,
  hwptId: value => `hwpt ${value}`,
  accessId: value => `access ${value}`,
  attachHandleId: value => `attach handle ${value}`,
};

/** What a sentence leaves out because what it names leads there without doubt. */
const LEFT_OUT: Readonly<Partial<Record<EventType, readonly string[]>>> = {
  // The group is named, and is of one device, handle and queue.
  IopfGroupQueued: ['attachHandleId'],
  PageRequestCollected: ['attachHandleId'],
  PageRequestInFlight: ['attachHandleId'],
  PageResponseSent: [],
  // Its PCI address, or its mock number.
  PciDeviceAdded: ['deviceNo'],
  MockDeviceAdded: ['deviceNo'],
  // The device of the context, which is bound to one physical device.
  DeviceBound: ['deviceNo'],
  AttachHandleStored: ['contextId'],
};

const types = Object.keys(EVENTS) as EventType[];

test.each(types)('%s names what it is about', type => {
  fc.assert(
    fc.property(eventOfType(type), event => {
      const said = describeEvent(event);
      const fields: Readonly<Record<string, unknown>> = { ...event };
      for (const [field, text] of Object.entries(SAID)) {
        const value = fields[field];
        if (value === undefined || value === null) continue;
        if (LEFT_OUT[type]?.includes(field)) continue;
        expect(said, field).toContain(text(value));
      }
    }),
    { numRuns: 20 },
  );
});

test('a device is called by its name where that is known', () => {
  const event: Event = { type: 'PhysicalDeviceRemoved', deviceNo: 12 };
  expect(devicesNamed(event)).toEqual([12]);
  const bdf = (deviceNo: number) => (deviceNo === 12 ? '0000:01:00.0' : null);
  expect(describeEvent(event, bdf)).toBe('0000:01:00.0 is gone');
  expect(describeEvent(event)).toBe('physical device 12 is gone');
});
