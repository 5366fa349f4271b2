"""Programs of the tests of calls that go wrong, and of what a program is started with: `calls.py NAME`."""
import ctypes
import os
import resource
import sys
import time

from programs import FAULT_ALLOC, alloc, attempt, call, libc, name_of, open_iommu, saw


def odd_calls():
    """Arguments that are no sensible ones; what comes after them is answered as ever."""
    fd = open_iommu()
    queue = call(fd, FAULT_ALLOC, "IIII", 0, 0, 0)[3]
    device = os.open("/dev/vfio/devices/vfio0", os.O_RDWR)
    nth = os.open("/proc/self/fail-nth", os.O_RDWR)

    def tried(done):
        return done if done >= 0 else name_of(ctypes.get_errno())

    vectors = [tried(run(file, None, -1)) for run in (libc.readv, libc.writev) for file in (queue, device, nth)]
    placed = [tried(run(file, None, -1, ctypes.c_int64(0))) for run in (libc.preadv, libc.pwritev)
              for file in (queue, device, nth)]
    size = ctypes.create_string_buffer(4096)
    link = tried(libc.readlinkat(queue, b"", size, 4096))
    of_context = tried(libc.readlinkat(fd, b"", size, 4096))
    saw(vectors=vectors, placed=placed, link=link, of_context=of_context, after=alloc(fd),
        other=attempt(lambda: os.open("/etc/passwd", os.O_RDONLY) > 0))


def planted():
    """The machine fails by a mistake at the second IOAS_ALLOC, and when it is asked for its functions."""
    fd = open_iommu()
    ids = [alloc(fd), alloc(fd), alloc(fd)]
    saw(ids=ids, device=attempt(lambda: os.open("/dev/vfio/devices/vfio0", os.O_RDWR)), again=alloc(fd))


def files():
    """Numbers and links of the open files; the folder itself is none of them."""
    folder = os.open("/proc/self/fd", os.O_RDONLY)
    open_now = {}
    for number in sorted(map(int, os.listdir(folder))):
        if number != folder:
            open_now[number] = attempt(lambda: os.readlink("/proc/self/fd/%d" % number))
    os.close(folder)
    # That of listdir is closed by now.
    saw(files={number: link for number, link in open_now.items() if link != "ENOENT"})


def warned():
    """Warned of twice, which nobody reads."""
    fd = open_iommu()
    queue = call(fd, FAULT_ALLOC, "IIII", 0, 0, 0)[3]
    time.sleep(0.3)
    for number in (50, 51, 52):
        os.dup2(queue, number)
        time.sleep(0.1)
    saw(ioas=alloc(fd))


def file_size():
    device = attempt(lambda: os.open("/dev/vfio/devices/vfio0", os.O_RDWR) > 0)
    saw(device=device, limits=resource.getrlimit(resource.RLIMIT_FSIZE))


if __name__ == "__main__":
    globals()[sys.argv[1]]()
