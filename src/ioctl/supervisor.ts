/**
 * Answers the system calls that programs make on /dev/iommu and on what it gave out. One call after
 * the other, in the order in which they arrive: the machine behind is one writer, too.
 */
import { setTimeout } from 'node:timers/promises';
import { ERRNO } from '../abi/errno.ts';
import { SYSCALLS } from '../abi/ioctl/linux.ts';
import { onFile } from './calls/on-file.ts';
import {
  askedPath,
  asksAboutFile,
  onPath,
  type Question,
  questionOf,
  workingDirectory,
} from './calls/on-path.ts';
import { isOpen, openedPath, openOwn } from './calls/open.ts';
import { ANSWERED, PASS, type Post, type Result } from './calls/post.ts';
import { FailNth } from './fail-nth.ts';
import {
  closingCommand,
  type HandedFile,
  HandedFiles,
  isTransferred,
  nameOf,
  type Unseen,
} from './files.ts';
import { GuestTables } from './guest/guest-tables.ts';
import { guestWitness } from './guest/guest-witness.ts';
import { UserBytes } from './guest/user-bytes.ts';
import { Memories } from './memory/memories.ts';
import type { Notification } from './native/listener.ts';
import type { OwnPath } from './own-path.ts';
import { LostError } from './socket/wire.ts';
import type { Summary } from './summary.ts';
import { Tree } from './tree.ts';
import { type Closing, VfioDevices } from './vfio/devices.ts';

/** How long a process that has ended may take to close its files; what is open then is with others. */
const CLOSING_MS = 2_000;
const CLOSING_STEP_MS = 5;

const unseenMove = (verb: string) => (name: string, isSeen: boolean) =>
  isSeen
    ? `${name} was ${verb} at a number where that is not seen, and so not answered (it came there by` +
      ' SCM_RIGHTS, dup2 or splice, say): run it with --exact-fds'
    : `${name} was ${verb}, which a kernel refuses (EINVAL): with --exact-fds it is`;

/** What is said of what was not answered, though it should have been. */
const UNSEEN_TEXTS: Readonly<Record<Unseen, (name: string, isSeen: boolean) => string>> = {
  READ: unseenMove('read'),
  WRITTEN: unseenMove('written'),
  OPENED: name =>
    `${name} was opened by a link that is not followed here: it is the same file, and no new one`,
};

export type SupervisorOptions = Pick<Post, 'kernel' | 'listener' | 'range' | 'privileges' | 'warn'>;

/** What was looked up in /proc is there no more. */
function isOfGoneProcess(error: unknown): boolean {
  const { code, path } = error as NodeJS.ErrnoException;
  return (code === 'ENOENT' || code === 'ESRCH') && (path ?? '').startsWith('/proc/');
}

/** Errors: as Tree; then the files are removed. */
function treeBeside(files: HandedFiles): Tree {
  try {
    return new Tree();
  } catch (error) {
    files.remove();
    throw error;
  }
}

export class Supervisor {
  private readonly post: Post;
  private readonly summary: Summary;
  private readonly bytes: UserBytes;
  private readonly warned = new Set<string>();
  private work: Promise<void> = Promise.resolve();
  /** Files that are closed, of which the machine has not been told. */
  private unclosed = 0;
  private ended: () => void = () => {};
  private failed: unknown = null;

  /** Errors: those of making folders in the temp folder; SystemError, no inotify is left. */
  constructor(options: SupervisorOptions) {
    const warn = (message: string) => this.warnOnce(message, options.warn);
    const files = new HandedFiles(
      file => {
        this.unclosed++;
        this.enqueue(() => this.close(file, --this.unclosed + files.open.length === 0));
      },
      ({ kind }, how) => warn(UNSEEN_TEXTS[how](nameOf(kind), isTransferred(kind))),
    );
    const { kernel } = options;
    const memories = new Memories(options.privileges);
    const devices = new VfioDevices();
    const tables = new GuestTables(kernel, memories);
    this.bytes = new UserBytes(kernel, memories, tables, devices.ended.bind(devices), warn);
    kernel.witness = guestWitness(tables, this.bytes);
    this.summary = kernel;
    this.post = {
      ...options,
      files,
      devices,
      tables,
      tree: treeBeside(files),
      failNth: new FailNth(),
      memories,
      warn,
      noted: { refusal: null },
    };
  }

  /**
   * Serves until no process has the filter any more, and all that arrived is done. A call that cannot be
   * answered for a mistake of ours is EIO, which is said, and no reason to end. Errors: LostError, there is
   * no machine any more; the programs' further calls then fail with ENOSYS.
   */
  async serve(): Promise<void> {
    const { listener, files, tree, memories } = this.post;
    try {
      const unfollow = await this.summary.follow(events => {
        for (const event of events) this.guarded(() => this.bytes.happened(event));
      });
      await new Promise<void>(ended => {
        this.ended = ended;
        listener.start(notification => this.arrived(notification), ended);
      });
      listener.stop();
      await this.untilClosed();
      const left = this.failed === null ? files.open : [];
      this.summary.leaves(left.map(({ kind }) => kind));
      for (const file of left) this.enqueue(() => this.close(file, file === left.at(-1)));
      await this.settle();
      unfollow();
    } finally {
      listener.stop();
      files.remove();
      tree.remove();
      memories.close();
    }
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
    try {
      this.sort(notification);
    } catch (error) {
      // The thread must not wait for ever.
      this.post.listener.fail(notification, ERRNO.EIO);
      this.failure(error);
    }
  }

  /** Whose call it is: what is none of ours goes on at once. */
  private sort(notification: Notification): void {
    // Most calls are ioctls, and name a file by its number.
    if (notification.syscall === SYSCALLS.ioctl) return this.take(notification, null, null);
    if (notification.syscall === SYSCALLS.getcwd) {
      return this.reply(notification, workingDirectory(this.post, notification));
    }
    const question = questionOf(notification);
    const byPath =
      question === null ? isOpen(notification) : !asksAboutFile(notification, question);
    const own =
      question !== null && byPath
        ? askedPath(this.post, notification, question)
        : openedPath(this.post, notification);
    if (byPath && own === null) {
      this.post.listener.pass(notification);
      return;
    }
    this.take(notification, own, question);
  }

  private take(notification: Notification, own: OwnPath | null, question: Question | null): void {
    // What was closed before this call was made runs before it.
    this.post.files.drain();
    this.enqueue(() => this.handle(notification, own, question));
  }

  private enqueue(run: () => Promise<void>): void {
    this.work = this.work.then(run).catch(error => this.failure(error));
  }

  private guarded(run: () => void): void {
    try {
      run();
    } catch (error) {
      this.failure(error);
    }
  }

  /** One call less is answered; the others are, as long as there is a machine. */
  private failure(error: unknown): void {
    // Whoever called was killed meanwhile.
    if (isOfGoneProcess(error)) return;
    if (error instanceof LostError) {
      this.failed ??= error;
      this.ended();
      return;
    }
    const what = error instanceof Error ? (error.stack ?? error.message) : String(error);
    this.post.warn(`a call could not be answered (EIO), which is a mistake of Faultline: ${what}`);
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

  private async handle(
    notification: Notification,
    own: OwnPath | null,
    question: Question | null,
  ): Promise<void> {
    const { listener } = this.post;
    let result: Result;
    try {
      if (own === null) result = await onFile(this.post, notification);
      else if (question !== null) result = await onPath(this.post, notification, question, own);
      else result = await openOwn(this.post, notification, own);
    } catch (error) {
      // The thread must not wait for ever.
      listener.fail(notification, ERRNO.EIO);
      throw error;
    }
    if (result !== PASS) this.summary.answered();
    this.reply(notification, result);
  }

  private reply(notification: Notification, result: Result): void {
    const { listener } = this.post;
    if (result === PASS) return listener.pass(notification);
    if (result === ANSWERED) return;
    if (result < 0) listener.fail(notification, -result);
    else listener.answer(notification, result);
  }

  /** The last holder of a file has closed it; `last`: no other is left. */
  private async close(file: HandedFile, last: boolean): Promise<void> {
    const { kind, release } = file;
    release?.();
    const { kernel, devices, memories } = this.post;
    const closing: Closing = command => memories.closing(command, last);
    if (kind.type === 'DEVICE') return devices.close(file, kernel, closing);
    const command = closingCommand(kind);
    if (command === null) return;
    await kernel.execute(closing(command));
  }
}
