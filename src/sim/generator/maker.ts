/** What makes random commands of one type. */
import type { IommufdContext } from '../../core/iommufd/state.ts';
import type { Command, CommandType } from '../../core/machine/command.ts';
import type { MachineState } from '../../core/machine/state.ts';
import type { Prng } from '../prng.ts';

/** `context`: the one a command is likely to name, or null: a command on none that exists. */
export type Maker = (random: Prng, state: MachineState, context: IommufdContext | null) => Command;

/** Machines are made, and their kernels replaced, by who runs the simulation. */
export type Generated = Exclude<
  CommandType,
  'MachineCreate' | 'KernelReplace' | 'CallRefused' | 'CallAnswered'
>;

/** Those of one kernel object. */
export type Makers = Partial<Readonly<Record<Generated, Maker>>>;
