"""Programs on VFIO's ioctls, memory and dirty pages, run as programs.py is: `compat.py NAME`."""
import ctypes
import mmap
import os
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


WRITE, SLOW = 1, 4
RW_OP, PAGES_OP, DIRTY_OP, DESTROY_PAGES_OP, MOCK_DOMAIN = 8, 7, 13, 6, 2
MAP_FIXED_RW = 7


def test64(fd, op, ident, layout, *values):
    """IOMMU_TEST_CMD with words of 64 bits behind its head: the structure as it comes back, or an errno."""
    body = struct.pack("<" + layout, *values).ljust(56, b"\0")
    buffer = bytearray(struct.pack("<IIII", 72, op, ident & 0xFFFFFFFF, 0) + body)
    done = raw(fd, 0x3BA0, ctypes.addressof((ctypes.c_char * 72).from_buffer(buffer)))
    return done, bytes(buffer)


def map_at(fd, ioas, address, length, iova, flags=MAP_FIXED_RW):
    assert not isinstance(call(fd, 0x3B85, "IIIIQQQ", flags, ioas, 0, address, length, iova), str)


def rw(fd, access, iova, length, pointer, flags):
    return test64(fd, RW_OP, access, "QQQI", iova, length, pointer, flags)[0]


def reading(fd, access, iova, length, flags=0):
    buffer = (ctypes.c_char * length)()
    return [rw(fd, access, iova, length, ctypes.addressof(buffer), flags), bytes(buffer).hex()]


def access_rw():
    fd = open_iommu()
    ioas = alloc(fd)
    page, address = page_of(3 * 4096)
    map_at(fd, ioas, address, 2 * 4096, 0x10000)
    map_at(fd, ioas, address + 8192, 4096, 0x12000, 1 | 4)
    access = test(fd, CREATE_ACCESS, ioas, 0, 0)[4]
    page[100:106] = b"abcdef"
    page[4094:4097] = b"yyz"
    out = dict(read=reading(fd, access, 0x10064, 6), across=reading(fd, access, 0x10FFE, 3))
    page[200:207] = b"\xaa" * 7
    hello = ctypes.create_string_buffer(b"hello")
    pointer = ctypes.addressof(hello)
    out["written"] = [rw(fd, access, 0x100C9, 5, pointer, WRITE), page[200:207].hex()]
    out["slow"] = reading(fd, access, 0x100C9, 5, SLOW)
    out["refused"] = [rw(fd, access, 0x10000, 0x1000001, pointer, 0), rw(fd, access, 0x10000, 1, pointer, 2),
                      rw(fd, fd, 0x10000, 1, pointer, 0), rw(fd, access, 0x10000, 0, pointer, 0),
                      rw(fd, access, 0x50000, 1, pointer, 0), rw(fd, access, 0x12000, 1, pointer, WRITE)]
    out["no_buffer"] = [rw(fd, access, 0x10000, 1, 16, 0), rw(fd, access, 0x10000, 1, 16, WRITE)]
    # The buffer of a write is read before the IOVA is looked at; that of a read is written last.
    out["order"] = [rw(fd, access, 0x50000, 1, 16, WRITE), rw(fd, access, 0x50000, 1, 16, 0)]
    ctypes.CDLL(None).munmap(ctypes.c_void_p(address + 4096), 4096)
    two = ctypes.create_string_buffer(b"aaaa")
    out["partly"] = [rw(fd, access, 0x10FFE, 4, ctypes.addressof(two), WRITE), page[4094:4096].hex()]
    out["whole"] = rw(fd, access, 0x10FFE, 2, ctypes.addressof(two), WRITE)
    saw(**out)


def access_rw_forked():
    fd = open_iommu()
    ioas = alloc(fd)
    page, address = page_of(4096)
    map_at(fd, ioas, address, 4096, 0x1000000)
    domain = test(fd, MOCK_DOMAIN, ioas)
    assert not isinstance(domain, str)
    access = test(fd, CREATE_ACCESS, ioas, 0, 0)[4]
    page[0:6] = b"parent"
    reads, writes = os.pipe()
    if os.fork() == 0:
        answer = reading(fd, access, 0x1000000, 6)
        text = ctypes.create_string_buffer(b"child!")
        answer.append(rw(fd, access, 0x1000000, 6, ctypes.addressof(text), WRITE))
        # What the child maps stays pinned when it is gone; the memory is shared with the parent.
        map_at(fd, ioas, address, 4096, 0x2000000)
        os.write(writes, repr(answer).encode())
        os._exit(0)
    os.wait()
    child = eval(os.read(reads, 400).decode())
    parent = page[0:6].decode()
    page[0:6] = b"order!"
    gone = reading(fd, access, 0x2000000, 6)
    text = ctypes.create_string_buffer(b"mother")
    gone.append(rw(fd, access, 0x2000000, 6, ctypes.addressof(text), WRITE))
    saw(child=child, parent=parent, gone=gone, shared=page[0:6].decode())


def access_pages():
    fd = open_iommu()
    ioas = alloc(fd)
    page, address = page_of(2 * 4096)
    other, other_address = page_of(2 * 4096)
    map_at(fd, ioas, address, 2 * 4096, 0x10000)
    access = test(fd, CREATE_ACCESS, ioas, 0, 1)[4]
    pin = lambda iova, length, pointer: test64(fd, PAGES_OP, access, "IIQQQ", 0, 0, iova, length, pointer)
    out = dict(same=pin(0x10000, 8192, address)[0], other=pin(0x10000, 4096, other_address)[0],
               next=pin(0x11000, 4096, address)[0])
    # The same pages at another address.
    libc = ctypes.CDLL(None)
    libc.mremap.restype = ctypes.c_void_p
    alias = libc.mremap(ctypes.c_void_p(address), ctypes.c_size_t(0), ctypes.c_size_t(8192), 1)
    out["alias"] = pin(0x10000, 8192, alias)[0]
    out["none"] = pin(0x10000, 4096, 16)[0]
    done, answer = pin(0x10000, 4096, 0)
    out["not_compared"] = done
    item = struct.unpack_from("<I", answer, 20)[0]
    out["destroyed"] = test64(fd, DESTROY_PAGES_OP, access, "I", item)[0]
    out["unaligned"] = pin(0x10000, 100, address)[0]
    saw(**out)


def dirty():
    fd = open_iommu()
    ioas = alloc(fd)
    length = 4 << 20
    page, address = page_of(length)
    map_at(fd, ioas, address, length, 0x1000000)
    device = test(fd, MOCK_DOMAIN, ioas)[6]
    hwpt = call(fd, 0x3B89, "IIIIIIIIQII", 2, device, ioas, 0, 0, 0, 0, 0, 0, 0)[4]
    assert call(fd, 0x3B8B, "IIII", 1, hwpt, 0)[1] == 1
    count = length // 2048
    bits = (ctypes.c_uint8 * (count // 8))()
    for bit in (0, 63, 64, 1000, count - 1):
        bits[bit // 8] |= 1 << (bit % 8)
    mark = lambda pointer: test64(fd, DIRTY_OP, hwpt, "IIQQQQ", 0, 0, 0x1000000, length, 2048, pointer)
    done, answer = mark(ctypes.addressof(bits))
    assert done == 0, done
    out = dict(marked=struct.unpack_from("<Q", answer, 56)[0])

    def bitmap(pointer, flags=0):
        got = call(fd, 0x3B8C, "IIIIQQQQ", hwpt, flags, 0, 0x1000000, length, 2048, pointer)
        return got if isinstance(got, str) else 0

    def shown():
        found = (ctypes.c_uint8 * (count // 8))()
        done = bitmap(ctypes.addressof(found))
        return [[8 * at + bit for at, byte in enumerate(found) for bit in range(8) if byte >> bit & 1], done]

    out["read"] = shown()
    out["again"] = shown()[0]
    ctypes.memset(bits, 0, len(bits))
    bits[0] = 0x80
    mark(ctypes.addressof(bits))
    out["lost"] = [bitmap(16), shown()[0]]
    out["no_bits"] = mark(16)[0]
    out["none"] = mark(0)[0]
    saw(**out)


if __name__ == "__main__":
    globals()[sys.argv[1]]()
