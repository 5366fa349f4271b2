/** The machine is told of page tables in programs' memory before its hardware looks into them. */
import type { CommandType } from '../../core/machine/command.ts';
import type { Witness } from '../summary.ts';
import type { GuestTables } from './guest-tables.ts';

/** Operations after which DMAs that wait may look again. */
const LOOKS: readonly CommandType[] = [
  'FaultWrite',
  'DeviceAttach',
  'DeviceDetach',
  'DeviceUnbind',
];

export function tableWitness(tables: GuestTables): Witness {
  return {
    before: ({ type }) => (LOOKS.includes(type) ? tables.read() : null),
    after(command, succeeded) {
      const made = succeeded && command.type === 'HwptAlloc';
      if (made && command.userData?.kind === 'VTD_S1') tables.use();
    },
  };
}
