"""Whose memory devices reach, and what is left of it: `whose.py NAME`. Prints what it saw as JSON."""
import ctypes
import fcntl
import mmap
import os
import struct
import sys
import time

from memory import ANONYMOUS, BOTH, memory
from programs import CREATE_ACCESS, IOAS_MAP, MOCK_DOMAIN, TEST_CMD, alloc, call, libc, open_iommu, saw, test
from vfio import BAR2, attach, bound, map_at, master, nested, start, status

PAGE = 4096
ACCESS_RW = 8
SHARED = mmap.MAP_SHARED | mmap.MAP_ANONYMOUS
libc.memset.argtypes = [ctypes.c_void_p, ctypes.c_int, ctypes.c_size_t]


def set_up():
    iommu, device, _ = bound()
    ioas = alloc(iommu)
    attach(device, ioas)
    master(device)
    return iommu, device, ioas


def text(address, length=4):
    return ctypes.string_at(address, length).decode()


def write(device, iova, letter="Z", length=4):
    start(device, 2, iova, length, fill=ord(letter))
    return status(device)


def read(device, iova, length=4):
    """What it read; or how it failed."""
    os.pwrite(device, b"?" * length, BAR2)
    start(device, 1, iova, length, channel=1)
    end = status(device, 1)
    return os.pread(device, length, BAR2).decode() if end == [2, 0] else end


class Child:
    """A child that runs `work`, says what that returned, and lives on until it is asked what it `sees`."""

    def __init__(self, work, sees=lambda: ""):
        (self.down, up), (more, self.on) = os.pipe(), os.pipe()
        self.pid = os.fork()
        if self.pid == 0:
            os.close(self.on)
            os.write(up, str(work()).encode())
            os.read(more, 1)
            os.write(up, sees().encode())
            os._exit(0)
        os.close(up)
        os.close(more)
        self.said = os.read(self.down, 100).decode()

    def ends(self):
        os.close(self.on)
        seen = os.read(self.down, 100).decode()
        os.waitpid(self.pid, 0)
        return seen


def two():
    """A parent and its child map memory of their own at the same address; another child fails to."""
    iommu, device, ioas = set_up()
    page = memory(1)
    libc.memset(page, ord("p"), 8)
    map_at(iommu, ioas, page, PAGE, 0x10000)

    def own():
        libc.memset(page, ord("c"), 8)
        map_at(iommu, ioas, page, PAGE, 0x20000)
        return "mapped"

    child = Child(own, lambda: text(page, 8))
    other = Child(lambda: call(iommu, IOAS_MAP, "IIIIQQQ", 7, ioas, 0, 0x10000, PAGE, 0x30000))
    out = dict(child=child.said, other=other.said, both=[read(device, 0x10000), read(device, 0x20000)],
               written=[write(device, 0x10000, "P"), write(device, 0x20000, "C")], parents=text(page, 8))
    # The same translations, from the caches now.
    out["again"] = [write(device, 0x10000, "Q", 2), write(device, 0x20000, "D", 2)]
    other.ends()
    saw(**out, last=text(page, 8), childs=child.ends())


def over_the_border():
    """One DMA over pages of two processes, whose addresses follow each other."""
    iommu, device, ioas = set_up()
    pages = memory(2)
    map_at(iommu, ioas, pages, PAGE, 0x10000)

    def own():
        map_at(iommu, ioas, pages + PAGE, PAGE, 0x11000)
        return "mapped"

    border = pages + PAGE - 4
    child = Child(own, lambda: text(border, 8).replace("\0", "."))
    start(device, 2, 0x11000 - 4, 8, fill=ord("B"))
    saw(done=status(device), parents=text(border, 8).replace("\0", "."), childs=child.ends())


def child_gone():
    """A child that maps and exits: what it shares with its parent is found there, the rest nobody has."""
    iommu, device, ioas = set_up()
    shared = memory(1, flags=SHARED)

    def maps():
        own = memory(1)
        libc.memset(own, ord("o"), 8)
        map_at(iommu, ioas, shared, PAGE, 0x10000)
        map_at(iommu, ioas, own, PAGE, 0x20000)
        return "mapped"

    child = Child(maps)
    alive = read(device, 0x20000)
    child.ends()
    saw(alive=alive, shared=write(device, 0x10000), here=text(shared), back=read(device, 0x10000),
        own=read(device, 0x20000), lost=write(device, 0x20000))


def inherited():
    """A child that never called iommufd has the page when its parent gave it up; it reads and is written."""
    iommu, device, ioas = set_up()
    shared = memory(1, flags=SHARED)
    libc.memset(shared, ord("s"), 8)
    map_at(iommu, ioas, shared, PAGE, 0x10000)
    child = Child(lambda: "there", lambda: text(shared, 8))
    libc.munmap(shared, PAGE)
    saw(read=read(device, 0x10000), written=write(device, 0x10000), childs=child.ends())


def gap():
    """Of three pages the middle one is gone."""
    iommu, device, ioas = set_up()
    page = memory(3)
    map_at(iommu, ioas, page, 3 * PAGE, 0x10000)
    libc.munmap(page + PAGE, PAGE)
    saw(written=write(device, 0x10000, length=3 * PAGE), ends=[text(page), text(page + 3 * PAGE - 4)])


def freed():
    iommu, device, ioas = set_up()
    page = memory(2)
    map_at(iommu, ioas, page, 2 * PAGE, 0x10000)
    before = write(device, 0x10000, length=8)
    libc.munmap(page, PAGE)
    saw(before=before, written=write(device, 0x10000), read=read(device, 0x10000),
        border=read(device, 0x11000 - 2), left=[write(device, 0x11000), read(device, 0x11000)])


def others_dma():
    """Frees a page, and goes on when somebody else's DMA has met that."""
    iommu, _, ioas = set_up()
    page = memory(1)
    map_at(iommu, ioas, page, PAGE, 0x10000)
    libc.munmap(page, PAGE)
    folder = os.path.dirname(sys.argv[2])
    open(folder + "/freed", "w").close()
    while not os.path.exists(folder + "/met"):
        time.sleep(0.01)
    saw(next=alloc(iommu) != 0)


def memory_file(pages):
    file = os.memfd_create("guest")
    os.ftruncate(file, pages * PAGE)
    return file, memory(pages, flags=mmap.MAP_SHARED, fd=file)


def open_file():
    """Memory of a file that is unmapped, in the middle too, is found in the file that is open."""
    iommu, device, ioas = set_up()
    file, pages = memory_file(3)
    map_at(iommu, ioas, pages, 3 * PAGE, 0x10000)
    libc.munmap(pages + PAGE, PAGE)
    middle = write(device, 0x11000 - 4, "M", PAGE + 8)
    around = [os.pread(file, 8, at).decode().replace("\0", ".") for at in (PAGE - 8, PAGE, 2 * PAGE - 4, 2 * PAGE)]
    libc.munmap(pages, PAGE)
    libc.munmap(pages + 2 * PAGE, PAGE)
    os.pwrite(file, b"file", PAGE)
    out = dict(middle=middle, around=around, all=write(device, 0x10000, "A"), first=os.pread(file, 4, 0).decode(),
               read=read(device, 0x11000))
    os.ftruncate(file, PAGE)
    saw(**out, cut=read(device, 0x11000), lost=write(device, 0x11000), size=os.fstat(file).st_size)


def other_mapping():
    """The file is closed; it is mapped elsewhere, to be read alone, then to be written to."""
    iommu, device, ioas = set_up()
    file, pages = memory_file(2)
    map_at(iommu, ioas, pages, 2 * PAGE, 0x10000)
    libc.memset(pages + PAGE, ord("f"), 4)
    other = memory(2, prot=mmap.PROT_READ, flags=mmap.MAP_SHARED, fd=file)
    os.close(file)
    libc.munmap(pages, 2 * PAGE)
    out = dict(read=read(device, 0x11000), refused=write(device, 0x11000), kept=text(other + PAGE))
    libc.mprotect(other, 2 * PAGE, BOTH)
    saw(**out, written=write(device, 0x11000), seen=text(other + PAGE))


def read_only():
    """What may not be written to any more: a device's bytes are lost, an access' write is EFAULT."""
    iommu, device, ioas = set_up()
    page = memory(1)
    libc.memset(page, ord("k"), 4)
    map_at(iommu, ioas, page, PAGE, 0x10000)
    libc.mprotect(page, PAGE, mmap.PROT_READ)
    out = dict(read=read(device, 0x10000), written=write(device, 0x10000), kept=text(page))
    libc.mprotect(page, PAGE, BOTH)
    saw(**out, again=write(device, 0x10000), seen=text(page))


def access():
    iommu = open_iommu()
    ioas = alloc(iommu)
    page = memory(1)
    test(iommu, MOCK_DOMAIN, ioas)
    map_at(iommu, ioas, page, PAGE, 0x1000000)
    file = test(iommu, CREATE_ACCESS, ioas)[4]
    buffer = ctypes.create_string_buffer(b"bytes", 8)

    def rw(flags):
        command = struct.pack("<IIIIQQQIIQ", 72, ACCESS_RW, file, 0, 0x1000000, 5, ctypes.addressof(buffer), flags, 0, 0)
        try:
            fcntl.ioctl(iommu, TEST_CMD, bytearray(command.ljust(72, b"\0")))
            return 0
        except OSError as error:
            return error.errno

    before = rw(1)
    libc.mprotect(page, PAGE, mmap.PROT_READ)
    saw(before=before, written=rw(1), read=rw(0))


def tables():
    """The child maps the guest's memory, its page table in it; the parent starts the DMA."""
    iommu, device, dev = bound()
    ioas = alloc(iommu)
    guest = memory(8)

    def maps():
        for level in range(4):
            entry = struct.pack("<Q", (2 + level) * PAGE | 7)
            ctypes.memmove(guest + (1 + level) * PAGE, entry, 8)
        map_at(iommu, ioas, guest, 8 * PAGE, 0)
        return "mapped"

    marked = lambda: "%s %#x" % (text(guest + 5 * PAGE), ctypes.c_uint64.from_address(guest + 4 * PAGE).value)
    child = Child(maps, marked)
    attach(device, nested(iommu, dev, ioas, PAGE))
    master(device)
    saw(done=write(device, 0), childs=child.ends(), parents=text(guest + 5 * PAGE).replace("\0", "."))


if __name__ == "__main__":
    globals()[sys.argv[1]]()
