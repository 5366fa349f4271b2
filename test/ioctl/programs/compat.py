"""Programs on VFIO's ioctls, memory and dirty pages, run as programs.py is: `compat.py NAME`."""
import ctypes
import mmap
import struct
import sys

from programs import alloc, attempt, call, open_iommu, raw, saw, test, CREATE_ACCESS, IOMMU_DESTROY

VFIO_IOAS = 0x3B88
API_VERSION, CHECK_EXTENSION, SET_IOMMU = 0x3B64, 0x3B65, 0x3B66
GET_INFO, MAP_DMA, UNMAP_DMA = 0x3B70, 0x3B71, 0x3B72


def page_of(length=4096):
    """Memory that is there, and its address."""
    page = mmap.mmap(-1, length)
    return page, ctypes.addressof(ctypes.c_char.from_buffer(page))


def vfio_ioas(fd):
    ioas = alloc(fd)
    assert call(fd, VFIO_IOAS, "IIHH", ioas, 1, 0)[1] == ioas
    return ioas


def at(page, address, request, fd, layout, *values):
    """An ioctl on a structure at the start of a page: what it returns, the structure after it."""
    data = struct.pack("<" + layout, *values)
    page[:len(data)] = data
    done = raw(fd, request, address)
    return done, struct.unpack("<" + layout, page[:len(data)])


def vfio_numbers():
    fd = open_iommu()
    out = dict(version=raw(fd, API_VERSION, 0))
    out["extensions"] = [raw(fd, CHECK_EXTENSION, number) for number in (1, 3, 9, 6, 8, 10)]
    out["coherency"] = [raw(fd, CHECK_EXTENSION, 4)]
    out["none"] = [raw(fd, SET_IOMMU, number) for number in (1, 3, 8)]
    vfio_ioas(fd)
    out["coherency"].append(raw(fd, CHECK_EXTENSION, 4))
    out["set"] = [raw(fd, SET_IOMMU, number) for number in (1, 3, 8)]
    out["unknown"] = [raw(fd, 0x3B73, 0), raw(fd, 0x3B75, 0)]
    saw(**out)


def vfio_refused():
    fd = open_iommu()
    page, address = page_of()
    out = dict(nowhere=[raw(fd, request, 16) for request in (GET_INFO, MAP_DMA, UNMAP_DMA)])
    out["short"] = [at(page, address, GET_INFO, fd, "IIQ", 15, 0, 0)[0],
                    at(page, address, MAP_DMA, fd, "IIQQQ", 31, 3, address, 0, 4096)[0],
                    at(page, address, UNMAP_DMA, fd, "IIQQ", 23, 0, 0, 4096)[0]]
    out["flags"] = [at(page, address, MAP_DMA, fd, "IIQQQ", 32, 4, address, 0, 4096)[0],
                    at(page, address, UNMAP_DMA, fd, "IIQQ", 24, 1, 0, 4096)[0]]
    out["no_ioas"] = [at(page, address, GET_INFO, fd, "IIQ", 16, 0, 0)[0],
                      at(page, address, MAP_DMA, fd, "IIQQQ", 32, 3, address, 0, 4096)[0],
                      at(page, address, UNMAP_DMA, fd, "IIQQ", 24, 0, 0, 4096)[0]]
    saw(**out)


def vfio_dma():
    """Type 1 cuts what it unmaps; what was unmapped is written back also where it is refused."""
    fd = open_iommu()
    vfio_ioas(fd)
    page, address = page_of(8 * 4096)
    area = lambda iova, pages: at(page, address, MAP_DMA, fd, "IIQQQ", 40, 3, address, iova, pages << 12)[0]
    gone = lambda iova, size, flags=0: (lambda done, cmd: [done, cmd[3]])(
        *at(page, address, UNMAP_DMA, fd, "IIQQ", 24, flags, iova, size))
    out = dict(mapped=[area(0x10000, 8), area(0x10000, 8)], nothing=gone(0x90000, 0x1000))
    out["sticks_out"] = gone(0x11000, 0x1000)
    out["one_and_a_half"] = [area(0x18000, 2), gone(0x10000, 0x9000)]
    assert raw(fd, SET_IOMMU, 1) == 0
    out["cut"] = gone(0x18000, 0x1000)
    out["zero"] = gone(0x19000, 0)
    out["all"] = [gone(0, 0x1000, 2), gone(0, 0, 2)]
    # Read-only: what was unmapped is gone, and nobody is told how much.
    assert area(0x20000, 1) == 0
    struct.pack_into("<IIQQ", page, 0, 24, 0, 0x20000, 0x1000)
    libc_mprotect(address, 1)
    out["unwritable"] = raw(fd, UNMAP_DMA, address)
    libc_mprotect(address, 3)
    out["left"] = gone(0, 0, 2)
    saw(**out)


def libc_mprotect(address, prot):
    assert ctypes.CDLL(None).mprotect(ctypes.c_void_p(address), 4096, prot) == 0


def vfio_info():
    """The chain of two capabilities, for every length that a program may give."""
    fd = open_iommu()
    ioas = vfio_ioas(fd)
    assert not isinstance(test(fd, 1, ioas, 0x5000, 0, 0x1000, 0), str)
    page, address = page_of()
    answers = {}
    for argsz in (15, 16, 20, 24, 32, 36, 40, 44, 72, 87, 88, 200):
        page[:256] = b"\xaa" * 256
        page[:8] = struct.pack("<II", argsz, 0xFFFFFFFF)
        page[8:16] = b"\0" * 8
        done = raw(fd, GET_INFO, address)
        answers[argsz] = [done, page[:104].hex()]
    out = {}
    for argsz, (done, text) in answers.items():
        head = struct.unpack_from("<IIQII", bytes.fromhex(text))
        out[argsz] = [done, head[0], head[1], hex(head[2]), hex(head[3]), text[48:]]
    struct.pack_into("<II", page, 0, 16, 0)
    libc_mprotect(address, 1)
    saw(read_only=raw(fd, GET_INFO, address), info=out)


if __name__ == "__main__":
    globals()[sys.argv[1]]()
