"""Calls that change nothing of a machine, which the log holds all the same: `logged.py NAME`."""
import fcntl
import mmap
import os
import select
import struct
import sys
import termios

from programs import FAULT_ALLOC, attempt, call, libc, open_iommu, saw
from vfio import BAR2, CONFIG, GET_INFO, IRQ_INFO, PAGE, REGION_INFO, SET_IRQS, bound, open_device

FIONBIO = 0x5421


def device():
    iommu, file, _ = bound()
    call(file, GET_INFO, "IIIII", 0, 0, 0, 0)
    call(file, REGION_INFO, "IIIIQQ", 0, 7, 0, 0, 0)
    call(file, IRQ_INFO, "IIII", 0, 1, 0)
    event = os.eventfd(0)
    call(file, SET_IRQS, "IIIIIi", 36, 1, 0, 1, event)
    os.pwrite(file, struct.pack("<H", 6), CONFIG + 4)
    os.pwrite(file, b"\x02", CONFIG + 4)
    os.pwrite(file, b"\x21", CONFIG + 0x3C)
    os.pread(file, 4, 0)
    os.preadv(file, [bytearray(2), bytearray(2)], 0)
    os.pwrite(file, b"0123456789", BAR2 + 16)
    area = mmap.mmap(file, PAGE, offset=BAR2)
    os.read(file, 0)
    # About numbers and not about files: in no log.
    fcntl.ioctl(file, termios.FIOCLEX)
    os.fstat(file)
    copy = os.dup(file)
    os.close(copy)
    saw(absent=attempt(lambda: open_device(9)), window=area[16:18].decode())


def others():
    """What iommufd's files do not know is refused as by a kernel, whoever of Linux knows it."""
    iommu = open_iommu()
    _, _, _, queue = call(iommu, FAULT_ALLOC, "IIII", 0, 0, 0)
    size = lambda file: attempt(lambda: fcntl.ioctl(file, termios.FIONREAD, bytes(4)))
    read, write = os.pipe()
    os.write(write, b"abc")
    poll = select.poll()
    poll.register(queue, select.POLLIN)
    saw(iommu=size(iommu), queue=size(queue),
        terminal=attempt(lambda: fcntl.ioctl(queue, termios.TCGETS, bytearray(64))),
        bound=size(open_device()), pipe=fcntl.ioctl(read, termios.FIONREAD, bytes(4))[0],
        none=libc.readv(queue, None, 0), map=attempt(lambda: mmap.mmap(queue, PAGE)),
        seek=attempt(lambda: os.lseek(queue, 0, 0)), poll=len(poll.poll(0)),
        waits=fcntl.ioctl(queue, FIONBIO, struct.pack("<i", 1)) == struct.pack("<i", 1))


def opens():
    """Opens that a kernel refuses."""
    iommu = open_iommu()
    _, _, _, queue = call(iommu, FAULT_ALLOC, "IIII", 0, 0, 0)
    path = "/dev/iommu"
    tries = [(path, os.O_CREAT | os.O_EXCL), (path, os.O_DIRECTORY), (path + "/", 0),
             ("/dev/vfio/devices/vfio0", os.O_DIRECTORY), (f"/proc/self/fd/{queue}", os.O_RDWR)]
    seek = attempt(lambda: os.lseek(queue, 0, 0))
    saw(opens=[attempt(lambda: os.open(path, flags)) for path, flags in tries], seek=seek)


if __name__ == "__main__":
    globals()[sys.argv[1]]()
