/** What a run did, for its end: counts of calls, operations and refusals, hazards, files left open. */
import type { ErrnoName } from '../abi/errno.ts';
import type { HazardName } from '../abi/hazards.ts';
import type { ReachedPiece } from '../core/iommufd/selftest/access-rw.ts';
import type { Command, CommandType } from '../core/machine/command.ts';
import type { FileKind } from './files.ts';
import type { Kernel, Outcome, ReachingCommand } from './kernel.ts';

/** The summary as `--json` prints it. */
export interface RunSummary {
  /** System calls on files of ours that were answered. */
  readonly calls: number;
  /** Operations of the machine that the program made. */
  readonly operations: number;
  /** How many of each type. */
  readonly operationsByType: Readonly<Record<string, number>>;
  /** How many failed, by errno; CallRefused are those that failed before they were an operation. */
  readonly refusals: Readonly<Record<string, number>>;
  /** Places where the kernel itself would misbehave. */
  readonly hazards: Readonly<Record<string, number>>;
  /** Objects that went with their context, because the program had not destroyed them; by type. */
  readonly objectsLeft: Readonly<Record<string, number>>;
  /** Files that outlived every process that was watched. */
  readonly leftOpen: readonly FileKind[];
}

/** Closing a file destroys what is left when it was the last of its context. */
const RELEASES: readonly CommandType[] = [
  'ContextClose',
  'FaultClose',
  'TestAccessClose',
  'DeviceUnbind',
];

function count(counts: Map<string, number>, name: string): void {
  counts.set(name, (counts.get(name) ?? 0) + 1);
}

const sorted = (counts: ReadonlyMap<string, number>) =>
  Object.fromEntries([...counts].sort(([a], [b]) => (a < b ? -1 : 1)));

/** Whoever has something to do around operations. */
export interface Witness {
  /** null: nothing has to be waited for. */
  before(command: Command): Promise<void> | null;
  after(command: Command, succeeded: boolean): Promise<void> | null;
}

/** Counts; stands before the kernel that runs the operations. */
export class Summary implements Kernel {
  private readonly kernel: Kernel;
  private readonly types = new Map<string, number>();
  private readonly refusals = new Map<ErrnoName, number>();
  private readonly hazards = new Map<HazardName, number>();
  private readonly objectsLeft = new Map<string, number>();
  private left: readonly FileKind[] = [];
  private calls = 0;
  private ran = 0;
  /** Told of each operation. */
  witness: Witness | null = null;

  constructor(kernel: Kernel) {
    this.kernel = kernel;
  }

  execute<C extends Command>(command: C): Promise<Outcome<C['type']>> {
    return this.witnessed(command, () => this.kernel.execute(command));
  }

  executeReaching<C extends ReachingCommand>(
    command: C,
    complete: (pieces: readonly ReachedPiece[]) => C,
  ): Promise<Outcome<C['type']>> {
    return this.witnessed(command, () => this.kernel.executeReaching(command, complete));
  }

  private async witnessed<C extends Command>(
    command: C,
    run: () => Promise<Outcome<C['type']>>,
  ): Promise<Outcome<C['type']>> {
    const { type } = command;
    const waits = this.witness?.before(command) ?? null;
    if (waits !== null) await waits;
    const outcome = await run();
    this.ran++;
    count(this.types, type);
    if (outcome.errno !== 0) count(this.refusals, outcome.errno);
    for (const event of outcome.events) {
      if (event.type === 'HazardRecorded') count(this.hazards, event.name);
      else if (event.type === 'ObjectDestroyed' && RELEASES.includes(type)) {
        count(this.objectsLeft, event.objectType);
      }
    }
    const told = this.witness?.after(command, outcome.errno === 0) ?? null;
    if (told !== null) await told;
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

  guestTables(...looking: Parameters<Kernel['guestTables']>): ReturnType<Kernel['guestTables']> {
    return this.kernel.guestTables(...looking);
  }

  close(): Promise<void> {
    return this.kernel.close();
  }

  /** Operations so far. */
  get operations(): number {
    return this.ran;
  }

  /** A call of a program was answered. */
  answered(): void {
    this.calls++;
  }

  /** These files were open when the last process was gone. */
  leaves(files: readonly FileKind[]): void {
    this.left = files;
  }

  get result(): RunSummary {
    return {
      calls: this.calls,
      operations: this.ran,
      operationsByType: sorted(this.types),
      refusals: sorted(this.refusals),
      hazards: sorted(this.hazards),
      objectsLeft: sorted(this.objectsLeft),
      leftOpen: this.left,
    };
  }
}
