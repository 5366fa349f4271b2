/**
 * Processes that a program leaves behind become children of this one, not of init: where Yama lets a
 * process look into its descendants alone, their calls are answered still. They are waited for here,
 * because Node waits for none but those it started; the filter lives as long as any of them.
 */
import { readdirSync, readFileSync } from 'node:fs';
import { PR_SET_CHILD_SUBREAPER, WNOHANG } from '../../abi/ioctl/linux.ts';
import { prctl, waitpid } from './libc.ts';

/** By then Node has waited for those that it started. */
const SETTLED_MS = 20;

/** Adopts until what it returns is called. */
export function adoptOrphans(): () => void {
  const ended = () => {
    const seen = endedChildren();
    // Signals are dispatched between a timer and what is set to run immediately after it.
    const later = setTimeout(() => setImmediate(reap, seen), SETTLED_MS);
    later.unref();
  };
  prctl(PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0);
  process.on('SIGCHLD', ended);
  return () => {
    process.off('SIGCHLD', ended);
    prctl(PR_SET_CHILD_SUBREAPER, 0, 0, 0, 0);
  };
}

/** Those that had ended before, and that nobody has waited for since. */
function reap(seen: readonly number[]): void {
  const left = endedChildren();
  for (const pid of seen) if (left.includes(pid)) waitpid(pid, Buffer.alloc(4), WNOHANG);
}

function endedChildren(): readonly number[] {
  return readdirSync('/proc/self/task')
    .flatMap(tid => textOf(`/proc/self/task/${tid}/children`).split(' '))
    .filter(pid => pid !== '' && /^State:\s+Z/m.test(textOf(`/proc/${pid}/status`)))
    .map(Number);
}

/** Empty if it is gone. */
function textOf(path: string): string {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    return '';
  }
}
