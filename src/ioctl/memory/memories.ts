/**
 * What an operation is to know of processes and their memory before it runs: who calls, and what
 * changed since the machine was told last. Operations that do not look at memory cost nothing.
 */
import { type Command, type CommandOf, OPERATIONS } from '../../core/machine/command.ts';
import type { Outside, ToldMemory } from '../../core/machine/outside.ts';
import { WHOLE_MEMORY } from '../../core/memory/told.ts';
import type { CallingProcess, OfProcess, UserProcess } from '../../core/memory/user-process.ts';
import { type Privileges, processFacts, tgidOf } from '../process-facts.ts';
import { memoriesBelow } from './below.ts';
import { changeOf } from './maps.ts';
import { ReachedMemory, type SeenMemory } from './reached.ts';
import { WatchedProcess } from './watched-process.ts';

/** Beyond all pids (PID_MAX_LIMIT): one for each memory that came after another under its pid. */
const PIDS = 1 << 22;

export class Memories {
  private readonly privileges: Privileges;
  private readonly watched = new Map<number, WatchedProcess>();
  /** Processes whose memory is gone and was told of, until that is told; and those of which it is. */
  private readonly ended = new Set<number>();
  private readonly gone: number[] = [];
  /** Of memories that are gone and may be reached still, what they were. */
  private readonly remembered: SeenMemory[] = [];
  /** How many memories there were under a pid. */
  private readonly generations = new Map<number, number>();
  /** Who opened each context. */
  private readonly openers = new Map<number, UserProcess>();

  constructor(privileges: Privileges) {
    this.privileges = privileges;
  }

  /** The process of a thread, as contextOpen is told of it. Errors: it is gone. */
  opener(tid: number): UserProcess {
    const facts = processFacts(tid, this.privileges);
    const { processId } = this.watch(facts.processId);
    return { ...facts, memory: [], processId, sharesMemory: true };
  }

  /** The process of a thread, as machines know it. Errors: it is gone. */
  processIdOf(tid: number): number {
    return this.watch(tgidOf(tid)).processId;
  }

  opened(contextId: number, process: UserProcess): void {
    this.openers.set(contextId, process);
  }

  /** The command with what it is to know. */
  before<C extends Command>(tid: number, command: C): C {
    const { type } = command;
    const { asks: wanted = [] } = OPERATIONS[type];
    const asks = wanted.includes('RIGHTS');
    const looks = wanted.includes('MEMORY');
    if ((!asks && !looks) || !('contextId' in command)) return command;
    const caller = this.watch(tgidOf(tid));
    // What asks for both maps memory, so that others come to look at it.
    if (asks && looks) caller.mapped = true;
    const process = this.callingProcess(tid, caller, command.contextId, asks);
    const isAsked = (process: WatchedProcess) => process === caller || process.mapped;
    const memory = looks ? this.changes([...this.ended], isAsked) : [];
    if (command.type === 'IoasMap') caller.give(command.userVa, command.length);
    if (command.type === 'VfioMapDma') caller.give(command.vaddr, command.size);
    const outside: Outside = {
      ...command.outside,
      ...(process === null ? {} : { process }),
      ...(memory.length === 0 ? {} : { memory }),
    };
    return Object.keys(outside).length === 0 ? command : { ...command, outside };
  }

  /**
   * The last holder of a file has closed it. `last`: no file is open any more, so that nobody needs
   * to know of any process. Until then it is not told that one has ended: a process gives up its
   * memory before its files, and that these are being closed is no mistake of it.
   */
  closing<C extends Command>(command: C, last: boolean): C {
    if (command.type === 'ContextClose') this.openers.delete(command.contextId);
    for (const process of [...this.watched.values()]) {
      if (last || !process.isThere()) this.forget(process);
    }
    if (!last) return command;
    this.remembered.length = 0;
    const gone = [...this.gone.splice(0), ...this.ended];
    this.ended.clear();
    return gone.length === 0 ? command : { ...command, outside: { ...command.outside, gone } };
  }

  /** The process whose memory a context has there; null: the context is no program's of these. */
  ownerOf(contextId: number, { processId }: OfProcess): number | null {
    const opener = this.openers.get(contextId);
    return opener === undefined ? null : (processId ?? opener.processId ?? null);
  }

  /** The pid that a process has, or had. */
  pidOf(processId: number): number {
    return processId % PIDS;
  }

  /**
   * What tells a machine that these processes do not have what a device looked for in their memory;
   * null: it knows.
   */
  telling(
    contextId: number,
    processIds: ReadonlySet<number>,
  ): CommandOf<'UserMemoryChange'> | null {
    const opener = this.openers.get(contextId);
    // What is taken for told must be told.
    if (opener === undefined) return null;
    const ended = [...this.ended].filter(processId => processIds.has(processId));
    const told = this.changes(ended, ({ processId }) => processIds.has(processId));
    if (told.length === 0) return null;
    // The command has place for what changed of the process that opened the context.
    const own = told.find(({ processId }) => processId === opener.processId);
    const memory = told.filter(change => change !== own);
    return {
      type: 'UserMemoryChange',
      contextId,
      removed: own?.removed ?? [],
      added: own?.added ?? [],
      ...(memory.length === 0 ? {} : { outside: { memory } }),
    };
  }

  /** What accesses and devices reach of processes. */
  reached(): ReachedMemory {
    const known = [...this.watched.values(), ...this.remembered];
    return new ReachedMemory(known, () => memoriesBelow(process.pid));
  }

  close(): void {
    for (const process of this.watched.values()) process.close();
    this.watched.clear();
  }

  private forget(process: WatchedProcess): void {
    process.close();
    this.watched.delete(process.pid);
    if (process.told !== null) this.ended.add(process.processId);
    if (!process.mapped) return;
    const { pid, processId, mappings } = process;
    const given = process.given.bind(process);
    this.remembered.push({ pid, processId, mappings, isThere: () => false, look: () => {}, given });
  }

  /** The memory that a process has now. */
  private watch(pid: number): WatchedProcess {
    const known = this.watched.get(pid);
    if (known?.isThere()) return known;
    if (known !== undefined) this.forget(known);
    const generation = this.generations.get(pid) ?? 0;
    this.generations.set(pid, generation + 1);
    const process = new WatchedProcess(pid, pid + (generation % PIDS_OF_U32) * PIDS);
    this.watched.set(pid, process);
    return process;
  }

  /** null: as the process that opened the context was. */
  private callingProcess(
    tid: number,
    { processId }: WatchedProcess,
    contextId: number,
    asks: boolean,
  ): CallingProcess | null {
    const opener = this.openers.get(contextId);
    if (!asks && processId === opener?.processId) return null;
    const facts =
      this.privileges === 'ROOT' && opener !== undefined
        ? opener
        : processFacts(tid, this.privileges);
    const { capIpcLock, capSysResource, rlimitMemlock, userId } = facts;
    const same =
      opener !== undefined &&
      processId === opener.processId &&
      capIpcLock === opener.capIpcLock &&
      capSysResource === opener.capSysResource &&
      rlimitMemlock === opener.rlimitMemlock &&
      userId === opener.userId;
    return same ? null : { capIpcLock, capSysResource, rlimitMemlock, userId, processId };
  }

  /** Of processes that have ended, and of others that are asked. */
  private changes(
    ended: readonly number[],
    isAsked: (process: WatchedProcess) => boolean,
  ): ToldMemory[] {
    const told: ToldMemory[] = ended.map(processId => ({
      processId,
      removed: [WHOLE_MEMORY],
      added: [],
    }));
    this.gone.push(...ended);
    for (const processId of ended) this.ended.delete(processId);
    for (const process of this.watched.values()) {
      if (!isAsked(process)) continue;
      const { processId } = process;
      const now = process.look();
      if (now === null) {
        if ((process.told ?? []).length > 0) {
          told.push({ processId, removed: [WHOLE_MEMORY], added: [] });
          process.told = [];
        }
        continue;
      }
      if (now === process.told) continue;
      const change = changeOf(process.told ?? [], now);
      if (process.told === null || change.removed.length + change.added.length > 0) {
        told.push({ processId, ...change });
      }
      process.told = now;
    }
    return told;
  }
}

/** How often a pid can come again before the numbers of processes do. */
const PIDS_OF_U32 = 2 ** 32 / PIDS;
