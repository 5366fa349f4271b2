/*
 * Stands between a process and the files of one folder (LD_PRELOAD).
 *
 * Every call that changes one of them, or flushes it, is written to a journal: a change before it
 * is made, a flush after it succeeded. What a disk may hold after a loss of power follows from the
 * journal (disk-model.ts). Through the control file calls are made to fail as on a full or broken
 * disk (control.ts).
 *
 * FAULTLINE_DISK_FOLDER   the folder, absolute, without symbolic links
 * FAULTLINE_DISK_JOURNAL  the journal, appended to
 * FAULTLINE_DISK_CONTROL  the control file, of 4096 bytes
 *
 * The shared memory of SQLite (-shm) is in no journal: it is mapped, and made anew after a crash.
 */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <unistd.h>

enum record_type {
  BEGIN = 1,
  OPEN = 2,
  CREATE = 3,
  WRITE = 4,
  TRUNCATE = 5,
  SYNC = 6,
  SYNC_FAILED = 7,
  SYNC_FOLDER = 8,
  UNLINK = 9,
  RENAME = 10,
  BEYOND_MODEL = 11,
};

/* As journal.ts reads it; name and data follow. */
struct record {
  uint32_t type;
  uint32_t name_bytes;
  uint32_t file;
  uint32_t data_bytes;
  int64_t offset;
};

/* As control.ts writes it. */
struct control {
  int64_t space;   /* bytes that files may still grow by; negative: no limit */
  int64_t failing; /* which calls fail, FAIL_* */
  int64_t skip;    /* such calls that still succeed */
  int64_t count;   /* such calls that then fail; negative: all */
  int64_t full;    /* calls that met ENOSPC so far */
  int64_t failed;  /* calls that met EIO so far */
};
enum { FAIL_WRITE = 1, FAIL_SYNC = 2, FAIL_READ = 4 };

#define DESCRIPTORS 4096
enum { NOT_OURS = 0, FILE_OURS = 1, SHM_OURS = 2, FOLDER_OURS = 3 };
static struct {
  int kind;
  uint32_t file; /* numbers the opening of a file */
  dev_t dev;
  ino_t ino;
} table[DESCRIPTORS];

static char folder[4096];
static size_t folder_bytes;
static int journal = -1;
static struct control *control;
static uint32_t files;
static pthread_mutex_t mutex = PTHREAD_MUTEX_INITIALIZER;

#define REAL(name) real_##name
#define DECLARE(ret, name, ...) static ret (*real_##name)(__VA_ARGS__)
DECLARE(int, open, const char *, int, ...);
DECLARE(int, openat, int, const char *, int, ...);
DECLARE(int, close, int);
DECLARE(ssize_t, write, int, const void *, size_t);
DECLARE(ssize_t, writev, int, const struct iovec *, int);
DECLARE(ssize_t, pwrite, int, const void *, size_t, off_t);
DECLARE(ssize_t, pread, int, void *, size_t, off_t);
DECLARE(int, ftruncate, int, off_t);
DECLARE(int, fsync, int);
DECLARE(int, fdatasync, int);
DECLARE(int, rename, const char *, const char *);
DECLARE(int, unlink, const char *);
DECLARE(int, unlinkat, int, const char *, int);
DECLARE(int, remove, const char *);

static void die(const char *what) {
  dprintf(2, "disk preload: %s: %s\n", what, strerror(errno));
  _exit(99);
}

static void put(enum record_type type, const char *name, uint32_t file, int64_t offset,
                const void *data, size_t data_bytes) {
  if (journal < 0) return;
  size_t name_bytes = name == NULL ? 0 : strlen(name);
  struct record record = {type, (uint32_t)name_bytes, file, (uint32_t)data_bytes, offset};
  struct iovec parts[3] = {
      {&record, sizeof record}, {(void *)name, name_bytes}, {(void *)data, data_bytes}};
  size_t bytes = sizeof record + name_bytes + data_bytes;
  if (syscall(SYS_writev, journal, parts, 3) != (ssize_t)bytes) die("the journal");
}

__attribute__((constructor)) static void begin(void) {
#define FIND(name) \
  if ((*(void **)&real_##name = dlsym(RTLD_NEXT, #name)) == NULL) die(#name)
  FIND(open);
  FIND(openat);
  FIND(close);
  FIND(write);
  FIND(writev);
  FIND(pwrite);
  FIND(pread);
  FIND(ftruncate);
  FIND(fsync);
  FIND(fdatasync);
  FIND(rename);
  FIND(unlink);
  FIND(unlinkat);
  FIND(remove);
  const char *where = getenv("FAULTLINE_DISK_FOLDER");
  const char *log = getenv("FAULTLINE_DISK_JOURNAL");
  const char *orders = getenv("FAULTLINE_DISK_CONTROL");
  if (where == NULL || log == NULL || orders == NULL) die("FAULTLINE_DISK_* is not set");
  snprintf(folder, sizeof folder, "%s", where);
  folder_bytes = strlen(folder);
  int fd = (int)syscall(SYS_openat, AT_FDCWD, log, O_WRONLY | O_APPEND | O_CREAT | O_CLOEXEC, 0600);
  if (fd < 0) die(log);
  journal = (int)syscall(SYS_fcntl, fd, F_DUPFD_CLOEXEC, 1000);
  if (journal < 0) die("fcntl");
  syscall(SYS_close, fd);
  fd = (int)syscall(SYS_openat, AT_FDCWD, orders, O_RDWR | O_CLOEXEC);
  control = mmap(NULL, 4096, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
  if (control == MAP_FAILED) die(orders);
  syscall(SYS_close, fd);
  put(BEGIN, NULL, 0, 0, NULL, 0);
}

/* The name in the folder; NULL if it is elsewhere. The folder itself is "". */
static const char *name_of(const char *path) {
  if (folder_bytes == 0 || strncmp(path, folder, folder_bytes) != 0) return NULL;
  if (path[folder_bytes] == 0) return path + folder_bytes;
  return path[folder_bytes] == '/' ? path + folder_bytes + 1 : NULL;
}

static int is_shm(const char *name) {
  size_t bytes = strlen(name);
  return bytes > 4 && strcmp(name + bytes - 4, "-shm") == 0;
}

/* What the descriptor is; one that was closed behind our back is not taken for what it was. */
static int kind_of(int fd, struct stat *now) {
  if (fd < 0 || fd >= DESCRIPTORS || table[fd].kind == NOT_OURS) return NOT_OURS;
  if (fstat(fd, now) != 0 || now->st_ino != table[fd].ino || now->st_dev != table[fd].dev) {
    table[fd].kind = NOT_OURS;
  }
  return table[fd].kind;
}

static int fails(int64_t call) {
  if ((control->failing & call) == 0 || control->count == 0) return 0;
  if (control->skip > 0) return control->skip--, 0;
  if (control->count > 0) control->count--;
  control->failed++;
  return 1;
}

/* Bytes of the write that fit on the disk; they are taken. */
static size_t fitting(int64_t size, int64_t offset, size_t bytes) {
  int64_t grown = offset + (int64_t)bytes - size;
  if (control->space < 0 || grown <= 0) return bytes;
  if (grown <= control->space) return control->space -= grown, bytes;
  control->full++;
  int64_t fit = size + control->space - offset;
  if (fit <= 0) return 0;
  control->space = 0;
  return (size_t)fit;
}

static int opened(int fd, const char *name, int flags, int was_there) {
  if (fd < 0) return fd;
  if (fd >= DESCRIPTORS) die("too many descriptors");
  struct stat now;
  if (fstat(fd, &now) != 0) die("fstat");
  table[fd].dev = now.st_dev;
  table[fd].ino = now.st_ino;
  table[fd].file = ++files;
  table[fd].kind = S_ISDIR(now.st_mode) ? FOLDER_OURS : is_shm(name) ? SHM_OURS : FILE_OURS;
  if (table[fd].kind == FOLDER_OURS && *name != 0) put(BEYOND_MODEL, name, 0, 0, NULL, 0);
  if (table[fd].kind != FILE_OURS) return fd;
  if (was_there) put(OPEN, name, files, 0, NULL, 0);
  if (was_there && (flags & O_TRUNC)) put(TRUNCATE, NULL, files, 0, NULL, 0);
  return fd;
}

static int do_open(int at, const char *path, int flags, mode_t mode) {
  const char *name = *path == '/' ? name_of(path) : NULL;
  if (name == NULL) {
    int fd = REAL(openat)(at, path, flags, mode);
    if (fd >= 0 && fd < DESCRIPTORS) table[fd].kind = NOT_OURS;
    return fd;
  }
  pthread_mutex_lock(&mutex);
  struct stat before;
  int was_there = lstat(path, &before) == 0;
  int creates = !was_there && (flags & O_CREAT);
  int fd;
  if (creates && control->space == 0) {
    control->full++;
    errno = ENOSPC;
    fd = -1;
  } else {
    if (creates && !is_shm(name)) put(CREATE, name, files + 1, 0, NULL, 0);
    fd = REAL(openat)(at, path, flags, mode);
    if (creates && fd < 0) die(path);
    fd = opened(fd, name, flags, was_there);
  }
  pthread_mutex_unlock(&mutex);
  return fd;
}

#define MODE_OF(flags) \
  mode_t mode = 0; \
  if ((flags) & (O_CREAT | O_TMPFILE)) { \
    va_list list; \
    va_start(list, flags); \
    mode = va_arg(list, mode_t); \
    va_end(list); \
  }

int open(const char *path, int flags, ...) {
  MODE_OF(flags)
  return do_open(AT_FDCWD, path, flags, mode);
}
int open64(const char *path, int flags, ...) {
  MODE_OF(flags)
  return do_open(AT_FDCWD, path, flags | O_LARGEFILE, mode);
}
int openat(int at, const char *path, int flags, ...) {
  MODE_OF(flags)
  return do_open(at, path, flags, mode);
}
int openat64(int at, const char *path, int flags, ...) {
  MODE_OF(flags)
  return do_open(at, path, flags | O_LARGEFILE, mode);
}

int close(int fd) {
  if (fd >= 0 && fd < DESCRIPTORS) table[fd].kind = NOT_OURS;
  return REAL(close)(fd);
}

static ssize_t change(int fd, const struct stat *now, const void *data, size_t bytes,
                      off_t offset) {
  if (fails(FAIL_WRITE)) return errno = EIO, -1;
  size_t fit = fitting(now->st_size, offset, bytes);
  if (fit == 0 && bytes > 0) return errno = ENOSPC, -1;
  if (table[fd].kind == FILE_OURS) put(WRITE, NULL, table[fd].file, offset, data, fit);
  ssize_t done = REAL(pwrite)(fd, data, fit, offset);
  if (done != (ssize_t)fit) die("the disk below");
  return done;
}

ssize_t pwrite(int fd, const void *data, size_t bytes, off_t offset) {
  struct stat now;
  pthread_mutex_lock(&mutex);
  ssize_t done = kind_of(fd, &now) == NOT_OURS ? REAL(pwrite)(fd, data, bytes, offset)
                                               : change(fd, &now, data, bytes, offset);
  pthread_mutex_unlock(&mutex);
  return done;
}
ssize_t pwrite64(int fd, const void *data, size_t bytes, off64_t offset) {
  return pwrite(fd, data, bytes, offset);
}

ssize_t write(int fd, const void *data, size_t bytes) {
  struct stat now;
  /* Sockets and pipes may block: not under the mutex. */
  if (fd < 0 || fd >= DESCRIPTORS || table[fd].kind == NOT_OURS) {
    return REAL(write)(fd, data, bytes);
  }
  pthread_mutex_lock(&mutex);
  int ours = kind_of(fd, &now) != NOT_OURS;
  ssize_t done = -1;
  if (ours) {
    int appends = (fcntl(fd, F_GETFL) & O_APPEND) != 0;
    off_t offset = appends ? now.st_size : lseek(fd, 0, SEEK_CUR);
    done = change(fd, &now, data, bytes, offset);
    if (done > 0) lseek(fd, offset + done, SEEK_SET);
  }
  pthread_mutex_unlock(&mutex);
  return ours ? done : REAL(write)(fd, data, bytes);
}

ssize_t writev(int fd, const struct iovec *parts, int count) {
  if (fd >= 0 && fd < DESCRIPTORS && table[fd].kind == FILE_OURS) {
    put(BEYOND_MODEL, "writev", 0, 0, NULL, 0);
  }
  return REAL(writev)(fd, parts, count);
}

ssize_t pread(int fd, void *data, size_t bytes, off_t offset) {
  struct stat now;
  pthread_mutex_lock(&mutex);
  int failing = kind_of(fd, &now) == FILE_OURS && fails(FAIL_READ);
  pthread_mutex_unlock(&mutex);
  if (failing) return errno = EIO, -1;
  return REAL(pread)(fd, data, bytes, offset);
}
ssize_t pread64(int fd, void *data, size_t bytes, off64_t offset) {
  return pread(fd, data, bytes, offset);
}

int ftruncate(int fd, off_t size) {
  struct stat now;
  pthread_mutex_lock(&mutex);
  int kind = kind_of(fd, &now), done = -1;
  if (kind != NOT_OURS && fails(FAIL_WRITE)) {
    errno = EIO;
  } else if (kind != NOT_OURS && control->space >= 0 && size - now.st_size > control->space) {
    control->full++;
    errno = ENOSPC;
  } else {
    if (kind != NOT_OURS && control->space >= 0) control->space -= size - now.st_size;
    if (kind == FILE_OURS) put(TRUNCATE, NULL, table[fd].file, size, NULL, 0);
    done = REAL(ftruncate)(fd, size);
  }
  pthread_mutex_unlock(&mutex);
  return done;
}
int ftruncate64(int fd, off64_t size) { return ftruncate(fd, size); }

static int flush(int fd, int (*real)(int)) {
  struct stat now;
  pthread_mutex_lock(&mutex);
  int kind = kind_of(fd, &now);
  int failing = (kind == FILE_OURS || kind == FOLDER_OURS) && fails(FAIL_SYNC);
  pthread_mutex_unlock(&mutex);
  int done = failing ? (errno = EIO, -1) : real(fd);
  int error = errno;
  pthread_mutex_lock(&mutex);
  if (kind == FILE_OURS) put(done == 0 ? SYNC : SYNC_FAILED, NULL, table[fd].file, 0, NULL, 0);
  if (kind == FOLDER_OURS && done == 0) put(SYNC_FOLDER, NULL, 0, 0, NULL, 0);
  pthread_mutex_unlock(&mutex);
  errno = error;
  return done;
}
int fsync(int fd) { return flush(fd, REAL(fsync)); }
int fdatasync(int fd) { return flush(fd, REAL(fdatasync)); }

static int drop(const char *path, int at, int flags) {
  const char *name = *path == '/' ? name_of(path) : NULL;
  struct stat before;
  pthread_mutex_lock(&mutex);
  /* A socket, by which programs come to the machines, is nothing that a disk holds. */
  if (name != NULL && !is_shm(name) && lstat(path, &before) == 0 && !S_ISSOCK(before.st_mode)) {
    if (control->space >= 0 && before.st_nlink == 1) control->space += before.st_size;
    put(S_ISREG(before.st_mode) ? UNLINK : BEYOND_MODEL, name, 0, 0, NULL, 0);
  }
  int done = at == AT_FDCWD && flags == 0 ? REAL(unlink)(path) : REAL(unlinkat)(at, path, flags);
  pthread_mutex_unlock(&mutex);
  return done;
}
int unlink(const char *path) { return drop(path, AT_FDCWD, 0); }
int unlinkat(int at, const char *path, int flags) { return drop(path, at, flags); }

/* glibc's own would not pass through the functions above. */
int remove(const char *path) {
  return name_of(path) == NULL ? REAL(remove)(path) : unlink(path);
}

int rename(const char *from, const char *to) {
  const char *old = name_of(from), *new = name_of(to);
  pthread_mutex_lock(&mutex);
  if (old != NULL && new != NULL) {
    put(RENAME, old, 0, 0, new, strlen(new));
  } else if (old != NULL || new != NULL) {
    put(BEYOND_MODEL, old != NULL ? old : new, 0, 0, NULL, 0);
  }
  int done = REAL(rename)(from, to);
  pthread_mutex_unlock(&mutex);
  return done;
}
