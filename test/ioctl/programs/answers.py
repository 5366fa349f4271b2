"""Answers that cannot be written: `answers.py NAME`, as programs.py."""
import ctypes
import mmap
import os
import resource
import struct
import sys

from compat import libc_mprotect, page_of, test64
from programs import (CREATE_ACCESS, DATA_SELFTEST, GET_HW_INFO, HWPT_ALLOC, IOAS_IOVA_RANGES, IOAS_MAP,
                      IOMMU_DESTROY, MOCK_DOMAIN, MOCK_DOMAIN_REPLACE, NEST_PARENT, OPTION, TEST_CMD, alloc,
                      call, open_iommu, raw, saw, test)

IOAS_COPY, IOAS_UNMAP, VFIO_IOAS = 0x3B83, 0x3B86, 0x3B88
SET_DIRTY, GET_DIRTY, INVALIDATE = 0x3B8B, 0x3B8C, 0x3B8D
ACCESS_PAGES, DIRTY, CHECK_IOTLB, DESTROY_PAGES = 7, 13, 14, 6
AREA, FIXED_RW, INVALIDATE_SELFTEST = 0x1000000, 7, 0xDEADBEEF
RANGES_LAYOUT, HW_INFO_LAYOUT, ALLOC_LAYOUT = "IIIIQQ", "IIIIQIIQ", "IIIIIIIIQII"

page, address = page_of()


def locked(fd, request, layout, *values):
    """An ioctl whose structure can be read and not written."""
    data = struct.pack("<" + layout, struct.calcsize("<" + layout), *values)
    page[:len(data)] = data
    libc_mprotect(address, mmap.PROT_READ)
    done = raw(fd, request, address)
    libc_mprotect(address, mmap.PROT_READ | mmap.PROT_WRITE)
    return done


def locked_test(fd, op, ident, layout="", *values):
    body = struct.pack("<" + layout, *values).ljust(56, b"\0")
    return locked(fd, TEST_CMD, "IIII14I", op, ident, 0, *struct.unpack("<14I", body))


def next_id(fd):
    """The lowest id that is free: what was taken back has left its id."""
    ident = alloc(fd)
    call(fd, IOMMU_DESTROY, "II", ident)
    return ident


def next_number():
    number = os.dup(0)
    os.close(number)
    return number


def errno_of(answer):
    return answer if isinstance(answer, str) else 0


def undone():
    """What is taken back: ids and numbers are free again."""
    fd = open_iommu()
    ioas = alloc(fd)
    device = test(fd, MOCK_DOMAIN, ioas)[6]
    memory, at = page_of()
    assert errno_of(call(fd, IOAS_MAP, "IIIIQQQ", FIXED_RW, ioas, 0, at, 4096, AREA)) == 0
    ident, number = next_id(fd), next_number()
    out = dict(
        hwpt=locked(fd, HWPT_ALLOC, ALLOC_LAYOUT, 0, device, ioas, 0, 0, 0, 0, 0, 0, 0),
        mock=locked_test(fd, MOCK_DOMAIN, ioas),
        access=locked_test(fd, CREATE_ACCESS, ioas, "II", 0, 1))
    out["free"] = [next_id(fd) == ident, next_number() == number]
    access = test(fd, CREATE_ACCESS, ioas, 0, 1)[4]
    out["pages"] = locked_test(fd, ACCESS_PAGES, access, "IIQQQ", 0, 0, AREA, 4096, 0)
    done, answer = test64(fd, ACCESS_PAGES, access, "IIQQQ", 0, 0, AREA, 4096, 0)
    item = struct.unpack_from("<I", answer, 20)[0]
    drop = lambda item: test64(fd, DESTROY_PAGES, access, "I", item)[0]
    # The number of pages that were given back is not used again.
    out["item"] = [done, item, drop(item), drop(0)]
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    ident = next_id(fd)
    resource.setrlimit(resource.RLIMIT_NOFILE, (next_number(), hard))
    out["no_number"] = test(fd, CREATE_ACCESS, ioas, 0, 1)
    resource.setrlimit(resource.RLIMIT_NOFILE, (soft, hard))
    saw(**out, again=next_id(fd) == ident)


def kept():
    """What stays done although nobody was told."""
    fd = open_iommu()
    ioas, other = alloc(fd), alloc(fd)
    memory, at = page_of(2 * 4096)
    area = lambda run, iova: errno_of(run(fd, IOAS_MAP, "IIIIQQQ", FIXED_RW, ioas, 0, at, 4096, iova))
    out = dict(map=[area(locked, AREA), area(call, AREA)])
    copy = lambda run: errno_of(run(fd, IOAS_COPY, "IIIIQQQ", FIXED_RW, other, ioas, 4096, AREA, AREA))
    out["copy"] = [copy(locked), copy(call)]
    unmap = lambda run: errno_of(run(fd, IOAS_UNMAP, "IIQQ", other, AREA, 4096))
    out["unmap"] = [unmap(locked), unmap(call)]
    stdev, _, device = test(fd, MOCK_DOMAIN, ioas)[4:7]
    hwpt = call(fd, HWPT_ALLOC, ALLOC_LAYOUT, 0, device, ioas, 0, 0, 0, 0, 0, 0, 0)[4]
    out["replace"] = [locked_test(fd, MOCK_DOMAIN_REPLACE, stdev, "I", hwpt), call(fd, IOMMU_DESTROY, "II", hwpt)]
    # Of an IOAS with no domain that has something mapped.
    option = lambda run, op, value: run(fd, OPTION, "IIHHIQ", 1, op, 0, other, value)
    out["option_set"] = [option(locked, 0, 0), option(call, 1, 7)[5]]
    out["option_get"] = option(locked, 1, 0)
    # Nothing is written after a refusal, so it is the refusal that is seen.
    out["refused"] = [option(locked, 0, 2), area(locked, AREA), unmap(locked)]
    out["vfio"] = [errno_of(call(fd, VFIO_IOAS, "IIHH", ioas, 1, 0)), locked(fd, VFIO_IOAS, "IIHH", 0, 0, 0)]
    saw(**out)


def nested_and_dirty():
    fd = open_iommu()
    ioas = alloc(fd)
    memory, at = page_of()
    device = test(fd, MOCK_DOMAIN, ioas)[6]
    assert errno_of(call(fd, IOAS_MAP, "IIIIQQQ", FIXED_RW, ioas, 0, at, 4096, AREA)) == 0
    parent = call(fd, HWPT_ALLOC, ALLOC_LAYOUT, NEST_PARENT, device, ioas, 0, 0, 0, 0, 0, 0, 0)[4]
    iotlb = ctypes.c_uint32(0xBADBEEF)
    nested = call(fd, HWPT_ALLOC, ALLOC_LAYOUT, 0, device, parent, 0, 0, DATA_SELFTEST, 4,
                  ctypes.addressof(iotlb), 0, 0)[4]
    entry = struct.pack("<II", 0, 0)
    buffer = ctypes.create_string_buffer(entry, 8)
    flush = lambda reserved: locked(fd, INVALIDATE, "IIQIIII", nested, ctypes.addressof(buffer),
                                    INVALIDATE_SELFTEST, 8, 1, reserved)
    tag = lambda value: errno_of(test(fd, CHECK_IOTLB, nested, 0, value))
    out = dict(reserved=[flush(1), tag(0xBADBEEF)], invalidate=[flush(0), tag(0)])
    hwpt = call(fd, HWPT_ALLOC, ALLOC_LAYOUT, 2, device, ioas, 0, 0, 0, 0, 0, 0, 0)[4]
    assert errno_of(call(fd, SET_DIRTY, "IIII", 1, hwpt, 0)) == 0
    bits = ctypes.c_uint64(0b11)
    mark = lambda: locked_test(fd, DIRTY, hwpt, "IIQQQQ", 0, 0, AREA, 4096, 2048, ctypes.addressof(bits))
    bitmap = lambda run, pointer: errno_of(
        run(fd, GET_DIRTY, "IIIIQQQQ", hwpt, 0, 0, AREA, 4096, 2048, pointer))
    found = ctypes.c_uint64(0)
    out["dirty"] = [mark(), bitmap(locked, ctypes.addressof(found)), found.value]
    # A bitmap that cannot be written loses its bits, and nobody is told.
    found.value = 0
    out["lost"] = [mark(), bitmap(locked, address + 2048), bitmap(call, ctypes.addressof(found)), found.value]
    saw(**out)


def information():
    fd = open_iommu()
    ioas = alloc(fd)
    device = test(fd, MOCK_DOMAIN, ioas)[6]
    data = (ctypes.c_uint8 * 8)()
    info = lambda pointer: (0, device, 8, pointer, 0, 0, 0)
    about = lambda run, pointer: run(fd, GET_HW_INFO, HW_INFO_LAYOUT, *info(pointer))
    out = dict(info=[about(locked, ctypes.addressof(data)), bytes(data).hex()],
               info_data=about(locked, address + 2048))
    ranges = (ctypes.c_uint64 * 2)()
    listed = lambda run, room, pointer: run(fd, IOAS_IOVA_RANGES, RANGES_LAYOUT, ioas, room, 0, pointer, 0)
    out["ranges"] = [listed(locked, 1, ctypes.addressof(ranges)), ranges[1] > 0]
    out["small"] = [listed(call, 0, 0), listed(locked, 0, 0)]
    # The structure can be written, its array or its data cannot.
    libc_mprotect(address, mmap.PROT_READ)
    out["only_array"] = [listed(call, 1, address), about(call, address)]
    saw(**out)


if __name__ == "__main__":
    globals()[sys.argv[1]]()
