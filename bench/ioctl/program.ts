/** What the benchmark runs, under a filter and without: `program.ts FILE PATH`, times in µs into FILE. */
import { writeFileSync } from 'node:fs';
import { AT_FDCWD, STAT, SYSCALLS } from '../../src/abi/ioctl/linux.ts';
import { closeFile, fstatat, ioctl, openFile, readBytes } from '../../src/ioctl/native/libc.ts';
import { quantile } from '../measure.ts';

const ROUNDS = 30;
const REPEATS = 300;
const IOAS_ALLOC = 0x3b81;
const IOMMU_DESTROY = 0x3b80;

export interface ProgramTimes {
  /** One ioctl, of pairs of IOAS_ALLOC and DESTROY. */
  readonly ioctl: number;
  /** A read of /dev/zero, one byte. */
  readonly read: number;
  /** stat of /dev/null. */
  readonly stat: number;
  /** open and close of /dev/null. */
  readonly open: number;
}

function each(calls: number, run: () => void): number {
  const times: number[] = [];
  for (let round = 0; round < ROUNDS; round++) {
    const started = performance.now();
    for (let i = 0; i < REPEATS; i++) run();
    times.push(((performance.now() - started) * 1_000) / REPEATS / calls);
  }
  // The best of them: a wake-up of another CPU costs more than everything that is compared here.
  return quantile(times, 0.1);
}

function measure(path: string): ProgramTimes {
  const iommu = openFile(path, 2);
  const alloc = Buffer.alloc(12);
  const destroy = Buffer.alloc(8);
  const zero = openFile('/dev/zero', 0);
  const byte = Buffer.alloc(1);
  const status = Buffer.alloc(STAT.size);
  alloc.writeUInt32LE(12, 0);
  destroy.writeUInt32LE(8, 0);
  return {
    ioctl: each(2, () => {
      ioctl(iommu, IOAS_ALLOC, alloc);
      destroy.writeUInt32LE(alloc.readUInt32LE(8), 4);
      ioctl(iommu, IOMMU_DESTROY, destroy);
    }),
    read: each(1, () => readBytes(zero, byte, 1)),
    stat: each(1, () => fstatat(SYSCALLS.newfstatat, AT_FDCWD, '/dev/null', status, 0)),
    open: each(1, () => closeFile(openFile('/dev/null', 0))),
  };
}

const [, , file, path] = process.argv;
writeFileSync(file!, JSON.stringify(measure(path!)));
