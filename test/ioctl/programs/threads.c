/*
 * Threads that allocate at once while a timer interrupts them: each call runs once, or not at all with
 * EINTR. With an argument the handler is SA_RESTART, and none is EINTR.
 */
#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdint.h>
#include <stdio.h>
#include <sys/ioctl.h>
#include <sys/time.h>

enum { THREADS = 4, CALLS = 250, IOAS_ALLOC = 0x3b81 };

struct alloc {
  uint32_t size, flags, id;
};

static int fd;
static atomic_int interrupted, failed, signals;
static atomic_int seen[THREADS * CALLS + 2];

static void count(int number) {
  (void)number;
  signals++;
}

static void *run(void *unused) {
  (void)unused;
  for (int i = 0; i < CALLS; i++) {
    struct alloc a = {.size = sizeof(a)};
    if (ioctl(fd, IOAS_ALLOC, &a)) {
      if (errno == EINTR)
        interrupted++;
      else
        failed++;
    } else if (a.id < THREADS * CALLS + 2) {
      seen[a.id]++;
    }
  }
  return NULL;
}

int main(int argc, char **argv) {
  struct sigaction action = {.sa_handler = count, .sa_flags = argc > 1 ? SA_RESTART : 0};
  struct itimerval timer = {{0, 700}, {0, 700}};
  pthread_t threads[THREADS];
  int once = 0;

  (void)argv;
  fd = open("/dev/iommu", O_RDWR);
  sigaction(SIGALRM, &action, NULL);
  setitimer(ITIMER_REAL, &timer, NULL);
  for (int i = 0; i < THREADS; i++) pthread_create(&threads[i], NULL, run, NULL);
  for (int i = 0; i < THREADS; i++) pthread_join(threads[i], NULL);
  for (int i = 1; i <= THREADS * CALLS; i++) once += seen[i] == 1;
  printf("{\"fd\": %d, \"once\": %d, \"interrupted\": %d, \"failed\": %d, \"signalled\": %d}\n", fd,
         once, interrupted, failed, signals > 0);
  return 0;
}
