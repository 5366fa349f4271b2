/**
 * The machine is told of page tables in programs' memory before its hardware looks into them, and of
 * memory that programs gave up when devices have met it.
 */
import type { CommandType } from '../../core/machine/command.ts';
import type { Witness } from '../summary.ts';
import type { GuestTables } from './guest-tables.ts';
import type { UserBytes } from './user-bytes.ts';

/** Operations after which DMAs that wait may look again. */
const LOOKS: readonly CommandType[] = [
  'FaultWrite',
  'DeviceAttach',
  'DeviceDetach',
  'DeviceUnbind',
];

export function guestWitness(tables: GuestTables, bytes: UserBytes): Witness {
  return {
    before({ type }) {
      // What others did may have met some.
      const told = bytes.tell();
      if (!LOOKS.includes(type)) return told;
      return told === null ? tables.read() : told.then(() => tables.read());
    },
    after(command, succeeded) {
      const made = succeeded && command.type === 'HwptAlloc';
      if (made && command.userData?.kind === 'VTD_S1') tables.use();
      return bytes.tell();
    },
  };
}
