"""What a recording must hold exactly, to the last bit: `recorded.py NAME`."""
import ctypes
import mmap
import struct
import sys

from programs import fault_setup, libc, name_of, open_iommu, saw, trigger

libc.syscall.restype = ctypes.c_long
READ, WRITE, READV, WRITEV, PREADV2 = 0, 1, 19, 20, 327


def transfers():
    """Reads and writes of a fault queue, right and wrong: counts, pieces, and arrays of them."""
    iommu = open_iommu()
    device, _, queue = fault_setup(iommu)
    page = mmap.mmap(-1, 3 * 4096)
    at = ctypes.addressof(ctypes.c_char.from_buffer(page))
    libc.mprotect(ctypes.c_void_p(at + 4096), 4096, 0)
    array, out = at + 8192, []

    def does(number, pointer, count, *more):
        words = [ctypes.c_ulong(word & (1 << 64) - 1) for word in (queue, pointer, count, *more)]
        done = libc.syscall(ctypes.c_long(number), *words)
        out.append(done if done >= 0 else name_of(ctypes.get_errno()))

    def pieces(number, *given):
        page[8192:8192 + 16 * len(given)] = b"".join(struct.pack("<QQ", *piece) for piece in given)
        does(number, array, len(given))

    for group in range(1, 5):
        trigger(iommu, device, group)
    pieces(READV, (at, 2 ** 63))
    pieces(READV, (at, 8), (at, 2 ** 63 - 1))
    pieces(READV, (0x10, 40))
    does(READV, 0x10, 2)
    does(READV, at + 4096 - 16, 2)
    does(READV, array, 1025)
    does(READV, array, 2 ** 32 + 2)
    does(READ, at, 2 ** 63)
    does(READ, at, 2 ** 63 - 1)
    # From here on groups are read: one into two pieces that are one, one at the end of a page.
    pieces(READV, (at, 40), (at, 0))
    pieces(READV, (at + 8, 40), (at + 8, 40))
    does(READ, at + 4096 - 40, 80)
    page[0:8] = struct.pack("<II", 1, 0)
    page[8:16] = struct.pack("<II", 99, 0)
    does(WRITEV, 0x10, 1)
    does(WRITE, at, 2 ** 63 + 8)
    pieces(WRITEV, (at, 2 ** 63 + 8))
    pieces(WRITEV, (at, 8), (at + 8, 8))
    does(PREADV2, array, 0, 2 ** 64 - 1, 0, 0)
    does(PREADV2, array, 1, 0, 0, 0)
    saw(out=out)


if __name__ == "__main__":
    globals()[sys.argv[1]]()
