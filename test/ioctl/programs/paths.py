"""Programs of the tests of paths that are answered in a special way: `paths.py NAME`."""
import ctypes
import json
import os
import socket
import stat
import struct
import sys

from programs import alloc, attempt, call, fault_setup, libc, name_of, open_iommu, saw, trigger

FUNCTION = "/sys/bus/pci/devices/0000:01:00.0"
OPENAT2 = 437
BENEATH, NO_MAGICLINKS = 8, 2


def reopened():
    """The link of an open file opens what it was opened from; the file itself stays as it is."""
    fd = open_iommu()
    first = alloc(fd)
    device, _, queue = fault_setup(fd)
    ids = []
    links = ["/proc/self/fd/%d" % fd, "/dev/fd/%d" % fd, "/proc/%d/task/%d/fd/%d" % (os.getpid(), os.getpid(), fd)]
    for link in links:
        again = os.open(link, os.O_RDWR)
        ids.append(alloc(again))
        os.close(again)
    folder = os.open("/proc/self/fd", os.O_RDONLY)
    again = os.open(str(fd), os.O_RDWR, dir_fd=folder)
    ids.append(alloc(again))
    os.close(again)
    of_queue = attempt(lambda: os.open("/proc/self/fd/%d" % queue, os.O_RDWR))
    vfio = os.open("/dev/vfio/devices/vfio0", os.O_RDWR)
    second = os.open("/proc/self/fd/%d" % vfio, os.O_RDWR)
    apart = vfio != second
    os.close(second)
    asked = os.stat("/proc/self/fd/%d" % fd)
    os.symlink("/proc/self/fd/%d" % fd, sys.argv[2])
    unseen = os.open(sys.argv[2], os.O_RDWR)
    os.close(unseen)
    os.unlink(sys.argv[2])
    trigger(fd, device, 7)
    print(json.dumps(dict(
        first=first, ids=ids, of_queue=of_queue, apart=apart, old=alloc(fd) > first, read=len(os.read(queue, 40)),
        character=stat.S_ISCHR(asked.st_mode), number=[os.major(asked.st_rdev), os.minor(asked.st_rdev)],
        vfio=attempt(lambda: os.fstat(vfio).st_rdev > 0))))


def folders():
    """A path that ends in a slash is what the link leads to."""
    whole = os.lstat(FUNCTION + "/")
    dot = os.lstat(FUNCTION + "/.")
    folder = os.open(FUNCTION + "/", os.O_RDONLY | os.O_DIRECTORY)
    os.fchdir(folder)
    with open("vendor") as file:
        vendor = file.read().strip()
    small = ctypes.create_string_buffer(4)
    size = libc.getcwd(small, 4)
    saw(link=stat.S_ISLNK(os.lstat(FUNCTION).st_mode), whole=stat.S_ISDIR(whole.st_mode), dot=stat.S_ISDIR(dot.st_mode),
        vendor=vendor, cwd=os.getcwd(), small=[size, name_of(ctypes.get_errno())],
        links=[os.readlink("/proc/self/cwd"), os.readlink("/proc/self/fd/%d" % folder)],
        through=attempt(lambda: os.readlink(FUNCTION + "/")),
        device=attempt(lambda: os.open("/dev/iommu/", os.O_RDWR)))


def ways():
    """How a file can be opened, and how not."""
    def openat2(path, resolve, size=24):
        how = struct.pack("<QQQ", os.O_RDWR, 0, resolve)
        done = libc.syscall(OPENAT2, -100, path, how, ctypes.c_size_t(size))
        return done > 0 if done >= 0 else name_of(ctypes.get_errno())

    def opened(flags, path="/dev/iommu"):
        return attempt(lambda: os.open(path, flags) > 0)

    fd = open_iommu()
    saw(exclusive=opened(os.O_RDWR | os.O_CREAT | os.O_EXCL), create=opened(os.O_RDWR | os.O_CREAT),
        folder=[opened(os.O_DIRECTORY), opened(os.O_DIRECTORY, "/dev/vfio/devices/vfio0")],
        root=opened(os.O_RDWR, "/proc/self/root/dev/iommu"), cwd=opened(os.O_RDWR, "/proc/self/cwd/dev/iommu"),
        how=openat2(b"/dev/iommu", 0), beneath=openat2(b"/dev/iommu", BENEATH), small=openat2(b"/dev/iommu", 0, 0),
        magic=openat2(b"/proc/self/fd/%d" % fd, NO_MAGICLINKS), again=openat2(b"/proc/self/fd/%d" % fd, 0))


def received():
    """A VFIO device's file at a number that is not looked at."""
    device = os.open("/dev/vfio/devices/vfio0", os.O_RDWR)
    fd = open_iommu()
    call(device, 0x3B76, "IIiI", 0, fd, 0)
    ours, theirs = socket.socketpair()
    socket.send_fds(ours, [b"x"], [device])
    other = socket.recv_fds(theirs, 1, 1)[1][0]
    seen = os.pread(device, 4, 0).decode()
    saw(low=other < 768, seen=seen, unseen=os.pread(other, 4, 0).decode(), ioas=alloc(fd))


def moved():
    """Numbers that are not looked at, and some that no file can have."""
    _, _, queue = fault_setup(open_iommu())
    saw(wrong=[attempt(lambda: os.dup2(queue, number)) for number in (1 << 20, 1 << 30)])


if __name__ == "__main__":
    globals()[sys.argv[1]]()
