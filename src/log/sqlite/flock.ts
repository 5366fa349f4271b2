/**
 * Locks of Linux that Node has no call for. Both belong to an open file, not to a process or a
 * name: they go when it is closed, however that comes about, and by every name it is the same file.
 */
import { constants } from 'node:os';
import koffi from 'koffi';

const libc = koffi.load(null);
const flock = libc.func('int flock(int fd, int operation)');
const fcntl = libc.func('int fcntl(int fd, int cmd, ...)');

/** flock(2): LOCK_EX | LOCK_NB. */
const LOCK_EXCLUSIVELY_OR_FAIL = 2 | 4;
/** fcntl(2): F_OFD_SETLK. */
const F_OFD_SETLK = 37;
/** sqlite.org/fileformat: SQLite's readers share these bytes; who has them alone is the last one. */
const SHARED_FIRST = 0x4000_0002n;
const SHARED_SIZE = 510n;

/** False if another open file has it. Throws what the system says else, as node:fs does. */
export function lockExclusively(fd: number): boolean {
  while (flock(fd, LOCK_EXCLUSIVELY_OR_FAIL) !== 0) {
    const errno = koffi.errno();
    if (errno === constants.errno.EWOULDBLOCK) return false;
    if (errno !== constants.errno.EINTR) throw systemError('flock', errno);
  }
  return true;
}

/**
 * Has SQLite believe that the database is still being read, so that the last connection to close
 * neither copies its write-ahead log into the file nor removes the log. `fd` is open for reading.
 */
export function readAsSqliteDoes(fd: number): void {
  // struct flock of 64-bit Linux: F_RDLCK, SEEK_SET, start, length, no process.
  const range = Buffer.alloc(32);
  range.writeBigInt64LE(SHARED_FIRST, 8);
  range.writeBigInt64LE(SHARED_SIZE, 16);
  if (fcntl(fd, F_OFD_SETLK, 'void *', range) !== 0) throw systemError('fcntl', koffi.errno());
}

function systemError(syscall: string, errno: number): NodeJS.ErrnoException {
  const code = Object.entries(constants.errno).find(([, number]) => number === errno)?.[0];
  return Object.assign(new Error(`${code ?? errno}: ${syscall}`), { errno, code, syscall });
}
