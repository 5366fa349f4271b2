/** A kernel that is told of page tables in programs' memory before its hardware looks into them. */
import type { Command, CommandType } from '../../core/machine/command.ts';
import type { Kernel, Outcome } from '../kernel.ts';
import type { GuestTables } from './guest-tables.ts';

/** Operations after which DMAs that wait may look again. */
const LOOKS: readonly CommandType[] = [
  'FaultWrite',
  'DeviceAttach',
  'DeviceDetach',
  'DeviceUnbind',
];

export class TableReader implements Kernel {
  private readonly kernel: Kernel;
  private readonly tables: GuestTables;

  constructor(kernel: Kernel, tables: GuestTables) {
    this.kernel = kernel;
    this.tables = tables;
  }

  async execute<C extends Command>(command: C): Promise<Outcome<C['type']>> {
    if (LOOKS.includes(command.type)) await this.tables.read();
    const outcome = await this.kernel.execute(command);
    const made = command.type === 'HwptAlloc' && outcome.errno === 0;
    if (made && command.userData?.kind === 'VTD_S1') this.tables.use();
    return outcome;
  }

  watchQueue(...watch: Parameters<Kernel['watchQueue']>): () => void {
    return this.kernel.watchQueue(...watch);
  }

  follow(...follow: Parameters<Kernel['follow']>): ReturnType<Kernel['follow']> {
    return this.kernel.follow(...follow);
  }

  functions(): ReturnType<Kernel['functions']> {
    return this.kernel.functions();
  }

  guestTables(): ReturnType<Kernel['guestTables']> {
    return this.kernel.guestTables();
  }

  close(): Promise<void> {
    return this.kernel.close();
  }
}
