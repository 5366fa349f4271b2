/** Events of the self-test's mock driver. */
import { MOCK_FAILING_PASID } from '../../abi/uapi.ts';
import type { EventEntries, InContext } from '../machine/event-entry.ts';
import { contextOf, objectOf, physicalDeviceOf } from '../machine/lookup.ts';

/**
 * Mock driver: whether its next call to set PASID 1024 fails (mock_domain_set_dev_pasid_nop). The
 * self-test sees by it what the core does where a driver fails.
 */
export interface MockPasidErrorSwitched {
  readonly type: 'MockPasidErrorSwitched';
  readonly deviceNo: number;
  readonly armed: boolean;
}

/** Mock driver: IOTLB words of a nested hwpt were zeroed by one invalidation entry. */
export interface MockIotlbInvalidated extends InContext {
  readonly type: 'MockIotlbInvalidated';
  readonly hwptId: number;
  /** null: all of them. */
  readonly iotlbId: number | null;
}

export type MockEvent = MockPasidErrorSwitched | MockIotlbInvalidated;

export const MOCK_EVENTS: EventEntries<MockEvent> = {
  MockPasidErrorSwitched: {
    version: 1,
    layer: 'HARDWARE',
    sentence: 'Mock driver: whether its next call to set PASID 1024 fails.',
    describe: event =>
      `physical device ${event.deviceNo}: the next call to set PASID ${MOCK_FAILING_PASID} ${event.armed ? 'fails' : 'succeeds'}`,
    evolve(state, event) {
      const device = physicalDeviceOf(state, event.deviceNo);
      if (device.kind === 'MOCK') device.pasidErrorArmed = event.armed;
    },
  },
  MockIotlbInvalidated: {
    version: 1,
    layer: 'HARDWARE',
    sentence: 'IOTLB words of a nested hwpt were zeroed (mock_domain_cache_invalidate_user).',
    describe: event => `hwpt ${event.hwptId}: IOTLB ${event.iotlbId ?? 'words all'} zeroed`,
    evolve(state, event) {
      const context = contextOf(state, event.contextId);
      const { iotlb } = objectOf(context, event.hwptId, 'HWPT_NESTED');
      if (event.iotlbId === null) iotlb.fill(0);
      else iotlb[event.iotlbId] = 0;
    },
  },
};
