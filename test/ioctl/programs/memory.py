"""Programs whose memory comes and goes while iommufd maps it: `memory.py NAME`, as programs.py."""
import ctypes
import fcntl
import mmap
import os
import resource
import struct
import sys
import tempfile

from programs import (HWPT_ALLOC, IOAS_MAP, IOMMU_DESTROY, MOCK_DOMAIN, OPTION, TEST_CMD, alloc, call,
                      libc, name_of, open_iommu, saw, test)

READ, WRITE, FIXED = 4, 2, 1
CHECK_REFS = 4
PAGE = 4096
libc.mmap.restype = ctypes.c_void_p
libc.mmap.argtypes = [ctypes.c_void_p, ctypes.c_size_t] + [ctypes.c_int] * 3 + [ctypes.c_long]
libc.munmap.argtypes = [ctypes.c_void_p, ctypes.c_size_t]
libc.mprotect.argtypes = [ctypes.c_void_p, ctypes.c_size_t, ctypes.c_int]
ANONYMOUS = mmap.MAP_PRIVATE | mmap.MAP_ANONYMOUS
BOTH = mmap.PROT_READ | mmap.PROT_WRITE


def memory(pages=4, prot=BOTH, flags=ANONYMOUS, fd=-1, at=None):
    return libc.mmap(at, pages * PAGE, prot, flags, fd, 0)


def map_pages(fd, ioas, address, pages=4, prot=READ | WRITE, iova=0x1000000):
    answer = call(fd, IOAS_MAP, "IIIIQQQ", prot | FIXED, ioas, 0, address, pages * PAGE, iova)
    return answer if isinstance(answer, str) else 0


def mock(fd, ioas):
    answer = test(fd, MOCK_DOMAIN, ioas)
    return answer if isinstance(answer, str) else answer[4]


def attach(fd, ioas):
    """0 or the errno's name; the domain goes again."""
    device = mock(fd, ioas)
    return device if isinstance(device, str) else min(0, call(fd, IOMMU_DESTROY, "II", device)[1] - device)


def check_refs(fd, address, pages, refs):
    answer = call(fd, TEST_CMD, "IIIIQQ" + "I" * 10, CHECK_REFS, 0, 0, pages * PAGE, address, refs,
                  *[0] * 9)
    return answer if isinstance(answer, str) else 0


def missing():
    """What is not there is found when it is to be pinned, and not before."""
    fd = open_iommu()
    address = memory()
    libc.munmap(address + PAGE, PAGE)
    lone, both = alloc(fd), alloc(fd)
    first = mock(fd, both)
    assert not isinstance(first, str), first
    answers = dict(mapped=map_pages(fd, lone, address), attached=attach(fd, lone),
                   domain=map_pages(fd, both, address), one_page=map_pages(fd, both, address, 1))
    memory(1, at=address + PAGE, flags=ANONYMOUS | 0x10)
    saw(**answers, healed=attach(fd, lone))


def read_only():
    fd = open_iommu()
    ioas = alloc(fd)
    address = memory()
    device = mock(fd, ioas)
    libc.mprotect(address, PAGE, mmap.PROT_READ)
    answers = dict(written=map_pages(fd, ioas, address), read=map_pages(fd, ioas, address, prot=READ))
    libc.mprotect(address, PAGE, 0)
    answers["none"] = map_pages(fd, ioas, address, prot=READ, iova=0x2000000)
    libc.mprotect(address, PAGE, BOTH)
    saw(**answers, again=map_pages(fd, ioas, address, iova=0x3000000), device=device)


def given_up():
    """Pages that are pinned stay so; the next who pins them looks for them."""
    fd = open_iommu()
    ioas, copy = alloc(fd), alloc(fd)
    address = memory()
    mapped = map_pages(fd, ioas, address)
    device = mock(fd, ioas)
    refs = check_refs(fd, address, 4, 1)
    libc.munmap(address, 2 * PAGE)
    other = mock(fd, ioas)
    gone = check_refs(fd, address, 1, 1)
    left = check_refs(fd, address + 2 * PAGE, 2, 1)
    for each in (other, device):
        call(fd, IOMMU_DESTROY, "II", each)
    saw(mapped=mapped, refs=refs, second_domain=isinstance(other, int), gone=gone, left=left,
        new_domain=attach(fd, ioas), unpinned=check_refs(fd, address + 2 * PAGE, 2, 0))


def forked():
    """A child maps its own memory; it can be pinned as long as the child lives."""
    fd = open_iommu()
    ioas = alloc(fd)
    address = memory(flags=mmap.MAP_SHARED | mmap.MAP_ANONYMOUS)
    ready, done = os.pipe(), os.pipe()
    child = os.fork()
    if child == 0:
        own = memory()
        answer = map_pages(fd, ioas, own)
        answer = answer or map_pages(fd, ioas, address, iova=0x2000000)
        os.write(ready[1], struct.pack("Q", 0 if answer else own))
        os.close(done[1])
        os.read(done[0], 1)
        os._exit(0)
    os.close(done[0])
    os.close(ready[1])
    own = struct.unpack("Q", os.read(ready[0], 8))[0]
    here = memory(1, at=own, flags=ANONYMOUS | 0x100000)
    alive = attach(fd, ioas)
    device = mock(fd, ioas)
    os.close(done[1])
    os.waitpid(child, 0)
    second = attach(fd, ioas)
    call(fd, IOMMU_DESTROY, "II", device)
    saw(mapped=own != 0, alive=alive, second=second, gone=attach(fd, ioas), here=here is not None)


def file_end():
    """Beyond the end of a file there is nothing, until the file grows."""
    fd = open_iommu()
    ioas = alloc(fd)
    mock(fd, ioas)
    memory_file = os.memfd_create("guest")
    os.ftruncate(memory_file, 2 * PAGE)
    address = memory(flags=mmap.MAP_SHARED, fd=memory_file)
    short = map_pages(fd, ioas, address)
    whole = map_pages(fd, ioas, address, 2)
    os.ftruncate(memory_file, 4 * PAGE)
    grown = map_pages(fd, ioas, address, iova=0x2000000)
    os.ftruncate(memory_file, PAGE)
    shrunk = map_pages(fd, ioas, address, 2, iova=0x3000000)
    saw(short=short, whole=whole, grown=grown, shrunk=shrunk)


def written_back():
    """Pages of a file on a disk cannot be pinned for long to be written to."""
    fd = open_iommu()
    ioas = alloc(fd)
    mock(fd, ioas)
    with tempfile.NamedTemporaryFile(dir=os.environ["FOLDER"]) as file:
        file.truncate(4 * PAGE)
        shared = memory(flags=mmap.MAP_SHARED, fd=file.fileno())
        private = memory(flags=mmap.MAP_PRIVATE, fd=file.fileno())
        saw(shared=map_pages(fd, ioas, shared), read=map_pages(fd, ioas, shared, prot=READ),
            private=map_pages(fd, ioas, private, iova=0x2000000))


def limited():
    """What a process may lock is asked when it maps: it may have lowered it since it opened the file."""
    fd = open_iommu()
    ioas = alloc(fd)
    mock(fd, ioas)
    address = memory(8)
    before = map_pages(fd, ioas, address, 2)
    resource.setrlimit(resource.RLIMIT_MEMLOCK, (4 * PAGE, 4 * PAGE))
    saw(before=before, less=map_pages(fd, ioas, address, 2, iova=0x2000000),
        more=map_pages(fd, ioas, address, 1, iova=0x3000000))


def executed():
    """The memory of a program that was replaced by another is gone, and so is what it had not pinned."""
    fd = open_iommu()
    os.set_inheritable(fd, True)
    ioas = alloc(fd)
    mapped = map_pages(fd, ioas, memory())
    os.execv(sys.executable, [sys.executable, __file__, "after_exec", str(fd), str(ioas), str(mapped)])


def after_exec():
    fd, ioas, mapped = (int(word) for word in sys.argv[2:])
    address = memory()
    new = map_pages(fd, ioas, address, iova=0x2000000)
    old = attach(fd, ioas)
    del sys.argv[2:]
    saw(mapped=mapped, new=new, old=old)


if __name__ == "__main__":
    globals()[sys.argv[1]]()
