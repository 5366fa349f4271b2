/**
 * Answers the system calls that programs make on /dev/iommu and on what it gave out. One call after
 * the other, in the order in which they arrive: the machine behind is one writer, too.
 */
import { setTimeout } from 'node:timers/promises';
import { ERRNO } from '../abi/errno.ts';
import { onFile } from './calls/on-file.ts';
import { isOpen, openOurs, opensOurs } from './calls/open.ts';
import { ANSWERED, PASS, type Post, type Result } from './calls/post.ts';
import { type HandedFile, HandedFiles } from './files.ts';
import { GuestTables } from './guest/guest-tables.ts';
import { Processes } from './guest/processes.ts';
import { TableReader } from './guest/table-reader.ts';
import { UserBytes } from './guest/user-bytes.ts';
import type { Notification } from './native/listener.ts';
import type { Summary } from './summary.ts';
import { VfioDevices } from './vfio/devices.ts';

/** How long a process that has ended may take to close its files; what is open then is with others. */
const CLOSING_MS = 2_000;
const CLOSING_STEP_MS = 5;

export type SupervisorOptions = Pick<Post, 'listener' | 'range' | 'privileges' | 'warn'> & {
  readonly kernel: Summary;
};

export class Supervisor {
  private readonly post: Post;
  private readonly summary: Summary;
  private readonly bytes: UserBytes;
  private readonly warned = new Set<string>();
  private work: Promise<void> = Promise.resolve();
  private ended: () => void = () => {};
  private failed: unknown = null;

  constructor(options: SupervisorOptions) {
    const files = new HandedFiles(file => this.enqueue(() => this.close(file)));
    const summary = options.kernel;
    const warn = (message: string) => this.warnOnce(message, options.warn);
    const processes = new Processes();
    const devices = new VfioDevices();
    const tables = new GuestTables(summary, processes);
    const ended = devices.ended.bind(devices);
    this.bytes = new UserBytes(processes, tables, ended, warn);
    this.summary = summary;
    const kernel = new TableReader(summary, tables);
    this.post = { ...options, kernel, files, devices, processes, tables, warn };
  }

  /**
   * Serves until no process has the filter any more, and all that arrived is done. Errors: what went
   * wrong while a call was answered; the programs' further calls then fail with ENOSYS.
   */
  async serve(): Promise<void> {
    const { listener, files } = this.post;
    const unfollow = await this.summary.follow(events => {
      for (const event of events) this.bytes.happened(event);
    });
    await new Promise<void>(ended => {
      this.ended = ended;
      listener.start(notification => this.arrived(notification), ended);
    });
    listener.stop();
    await this.untilClosed();
    if (this.failed === null) {
      this.summary.leaves(files.open.map(({ kind }) => kind));
      for (const file of files.open) await this.close(file);
    }
    unfollow();
    files.remove();
    if (this.failed !== null) throw this.failed;
  }

  /** The last process leaves the filter before it closes its files. */
  private async untilClosed(): Promise<void> {
    const deadline = performance.now() + CLOSING_MS;
    do {
      this.post.files.drain();
      await this.settle();
      if (this.post.files.open.length === 0) return;
      await setTimeout(CLOSING_STEP_MS);
    } while (performance.now() < deadline);
  }

  private arrived(notification: Notification): void {
    if (isOpen(notification) && !opensOurs(notification)) {
      this.post.listener.pass(notification);
      return;
    }
    // What was closed before this call was made runs before it.
    this.post.files.drain();
    this.enqueue(() => this.handle(notification));
  }

  private enqueue(run: () => Promise<void>): void {
    this.work = this.work.then(run).catch(error => {
      this.failed ??= error;
      this.ended();
    });
  }

  /** Also what is added while waiting. */
  private async settle(): Promise<void> {
    for (let work: Promise<void> | null = null; work !== this.work; ) {
      work = this.work;
      await work;
    }
  }

  private warnOnce(message: string, tell: (message: string) => void): void {
    if (this.warned.has(message)) return;
    this.warned.add(message);
    tell(message);
  }

  private async handle(notification: Notification): Promise<void> {
    const { listener } = this.post;
    this.summary.begins();
    let result: Result;
    try {
      result = await (isOpen(notification)
        ? openOurs(this.post, notification)
        : onFile(this.post, notification));
    } catch (error) {
      // The thread must not wait for ever.
      listener.fail(notification, ERRNO.EIO);
      throw error;
    }
    if (result === PASS) return listener.pass(notification);
    this.summary.ends(result === ANSWERED ? 0 : result);
    if (result === ANSWERED) return;
    if (result < 0) listener.fail(notification, -result);
    else listener.answer(notification, result);
  }

  /** The last holder of a file has closed it. */
  private async close(file: HandedFile): Promise<void> {
    const { kind, release } = file;
    release?.();
    const { kernel, devices } = this.post;
    if (kind.type === 'VFIO') return devices.close(file, kernel);
    const { contextId } = kind;
    if (kind.type === 'CONTEXT') await kernel.execute({ type: 'ContextClose', contextId });
    else if (kind.type === 'FAULT') {
      await kernel.execute({ type: 'FaultClose', contextId, faultId: kind.faultId });
    } else {
      await kernel.execute({ type: 'TestAccessClose', contextId, accessId: kind.accessId });
    }
  }
}
