/** What iommufd would ask the kernel about a process, from /proc. */
import { readFileSync } from 'node:fs';
import { CAP_IPC_LOCK, CAP_SYS_RESOURCE } from '../abi/ioctl/linux.ts';
import type { CallingProcess } from '../core/memory/user-process.ts';
import { leadsProcess } from './native/libc.ts';

/** Who the emulated kernel takes the program for, whatever it is outside. */
export type Privileges = 'OWN' | 'ROOT';

const fieldOf = (text: string, name: string) =>
  new RegExp(`^${name}:?\\s+(\\S+)`, 'm').exec(text)?.[1] ?? null;

/** RLIMIT_NOFILE of a thread's process: its numbers are below. Errors: it is gone. */
export function openFilesOf(tid: number): number {
  const soft = fieldOf(readFileSync(`/proc/${tid}/limits`, 'utf8'), 'Max open files');
  return soft === null || soft === 'unlimited' ? Number.POSITIVE_INFINITY : Number(soft);
}

/** What the process of a thread may do, as it is now. Errors: it is gone. */
export function processFacts(tid: number, privileges: Privileges): CallingProcess {
  const status = readFileSync(`/proc/${tid}/status`, 'utf8');
  const limits = readFileSync(`/proc/${tid}/limits`, 'utf8');
  const capabilities = BigInt(`0x${fieldOf(status, 'CapEff') ?? '0'}`);
  const has = (bit: bigint) => privileges === 'ROOT' || ((capabilities >> bit) & 1n) === 1n;
  const locked = fieldOf(limits, 'Max locked memory');
  return {
    capIpcLock: has(CAP_IPC_LOCK),
    capSysResource: has(CAP_SYS_RESOURCE),
    rlimitMemlock: locked === null || locked === 'unlimited' ? null : BigInt(locked),
    userId: Number(fieldOf(status, 'Uid') ?? 0),
    processId: Number(fieldOf(status, 'Tgid') ?? tid),
  };
}

/** The process that a thread belongs to, by its first thread. Errors: it is gone. */
export function tgidOf(tid: number): number {
  if (leadsProcess(tid)) return tid;
  return Number(fieldOf(readFileSync(`/proc/${tid}/status`, 'utf8'), 'Tgid') ?? tid);
}
