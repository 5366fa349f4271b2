/** A second reading of which domains a device can have. */
import type { Errno } from '../../../abi/errno.ts';
import type { PhysicalDevice } from '../../../core/hardware/state.ts';
import type { Device, Ioas, IommufdContext } from '../../../core/iommufd/state.ts';
import type { MachineState } from '../../../core/machine/state.ts';
import { fillErrno, reserveErrno } from './ioas.ts';

export function physicalOf(state: MachineState, device: Device): PhysicalDevice {
  return state.physicalDevices.get(device.deviceNo)!;
}

/** What a new domain of a device's driver finds in its way in an IOAS. */
export function domainErrno(
  state: MachineState,
  context: IommufdContext,
  ioas: Ioas,
  { kind }: PhysicalDevice,
): Errno {
  const unit = kind === 'MOCK' ? 2048n : 4096n;
  const unaligned = [...ioas.areas].some(
    area => area.start % unit !== 0n || (area.last + 1n) % unit !== 0n || area.userVa % unit !== 0n,
  );
  if (unaligned) return 'EADDRINUSE';
  const last = 2n ** 64n - 1n;
  const outside =
    kind === 'MOCK'
      ? [reserveErrno(ioas, 0n, 0xff_ffffn), reserveErrno(ioas, 0x8000_0000n, last)]
      : [reserveErrno(ioas, 1n << 48n, last)];
  return outside.find(rc => rc !== 0) ?? fillErrno(state, context, ioas);
}
