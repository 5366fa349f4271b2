/** Random commands to PCI functions: on and off the bus, page requests. */
import { SIMULATED_DEVICES } from '../../machine.ts';
import type { Makers } from '../maker.ts';
import { bdf, emulatedPri, VIRTFN } from '../pick.ts';

export const PCI_MAKERS = {
  PciDeviceAdd: (random, state) => ({
    type: 'PciDeviceAdd',
    device: {
      ...(SIMULATED_DEVICES.find(({ bdf }) => !state.bdfs.has(bdf)) ??
        random.pick(SIMULATED_DEVICES)),
      ...(random.chance(0.1) ? { groupWith: '0000:0f:00.0' } : {}),
    },
  }),
  PciDeviceRemove: random => ({ type: 'PciDeviceRemove', bdf: bdf(random) }),
  PageRequestSend: (random, state) => {
    const sending = [...state.physicalDevices.values()]
      .filter(device => device.kind === 'PCI' && device.iopfFeature)
      .map(device => (device.kind === 'PCI' ? device.bdf : ''));
    const virtfn = emulatedPri(state) && random.chance(0.4) && sending.includes(VIRTFN);
    const likely = sending.length > 0 && random.chance(0.95) ? random.pick(sending) : bdf(random);
    const drained = state.policies.inFlightRequests === 'DRAINED';
    return {
      type: 'PageRequestSend',
      bdf: virtfn ? VIRTFN : likely,
      pasid: random.pick([null, null, 0, 5]),
      grpid: random.below(4),
      perm: random.pick([0, 1, 2, 3, 5]),
      addr: BigInt(random.below(1000)) << 12n,
      lastPage: random.chance(0.6),
      ...(random.chance(drained ? 0.1 : 0.4) ? { hold: true } : {}),
    };
  },
  PageRequestResume: (random, { inFlight }) => ({
    type: 'PageRequestResume',
    inFlightId: inFlight.size > 0 ? random.pick([...inFlight.keys()]) : random.below(3),
  }),
  VpriResetSend: (random, state) => ({
    type: 'VpriResetSend',
    bdf: emulatedPri(state) && random.chance(0.8) ? VIRTFN : bdf(random),
  }),
} as const satisfies Makers;
