/** Orders to the library between a server and its disk, while the server runs: see preload.c. */
import { closeSync, openSync, readSync, writeFileSync, writeSync } from 'node:fs';

/** Calls that can be made to fail with EIO. */
export const FAILING = { WRITE: 1, SYNC: 2, READ: 4 } as const;
export type FailingCall = keyof typeof FAILING;

const BYTES = 4_096;
const PLACE = { space: 0, failing: 8, skip: 16, count: 24, full: 32, failed: 40 } as const;
const NO_LIMIT = -1;

/** A disk with room for everything and without a fault. */
export function createControl(file: string): void {
  const bytes = Buffer.alloc(BYTES);
  bytes.writeBigInt64LE(BigInt(NO_LIMIT), PLACE.space);
  writeFileSync(file, bytes);
}

/** The files may grow by so many bytes, then ENOSPC. null: no limit. */
export function limitSpace(file: string, bytes: number | null): void {
  put(file, PLACE.space, bytes ?? NO_LIMIT);
}

/** After `skip` calls of this kind that succeed, `count` fail with EIO; null: all do. */
export function failCalls(
  file: string,
  call: FailingCall,
  { skip, count }: { readonly skip: number; readonly count: number | null },
): void {
  put(file, PLACE.failing, 0);
  put(file, PLACE.skip, skip);
  put(file, PLACE.count, count ?? -1);
  put(file, PLACE.failing, FAILING[call]);
}

export function stopFailing(file: string): void {
  put(file, PLACE.failing, 0);
}

/** How many calls met ENOSPC and EIO so far. */
export function failuresMet(file: string): { readonly full: number; readonly failed: number } {
  return { full: get(file, PLACE.full), failed: get(file, PLACE.failed) };
}

function put(file: string, place: number, value: number): void {
  const bytes = Buffer.alloc(8);
  bytes.writeBigInt64LE(BigInt(value));
  const descriptor = openSync(file, 'r+');
  writeSync(descriptor, bytes, 0, 8, place);
  closeSync(descriptor);
}

function get(file: string, place: number): number {
  const bytes = Buffer.alloc(8);
  const descriptor = openSync(file, 'r');
  readSync(descriptor, bytes, 0, 8, place);
  closeSync(descriptor);
  return Number(bytes.readBigInt64LE());
}
