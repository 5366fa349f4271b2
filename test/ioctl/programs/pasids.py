"""Programs that attach PASIDs: `pasids.py NAME`. Each prints what it saw as JSON."""
import ctypes
import fcntl
import mmap
import os
import struct
import sys

import programs
from programs import (FAULT_ALLOC, HWPT_ALLOC, IOMMU_DESTROY, NEST_PARENT, alloc, call, libc, open_iommu, raw,
                      saw, test)
from vfio import (ATTACH, BIND, DETACH, PAGE, VTD_S1, Guest, attach, bound, kept, map_at, master, memory, message,
                  open_device, poll_of, start, status)

FAULT_ID_VALID, FOR_PASIDS = programs.FAULT_ID_VALID, 8
MOCK_DOMAIN_FLAGS, MOCK_PASID = 12, 4
PASID_ATTACH, PASID_REPLACE, PASID_DETACH, PASID_CHECK = 18, 19, 20, 21


def hwpt(iommu, dev, pt, flags=FOR_PASIDS, root=None, fault=0):
    """A hwpt for PASIDs: of an IOAS, or with a page table over a nest parent."""
    data = () if root is None else (ctypes.c_uint64 * 3)(0, root, 48)
    kept.append(data)
    uptr = 0 if root is None else ctypes.addressof(data)
    flags |= FAULT_ID_VALID if fault else 0
    answer = call(iommu, HWPT_ALLOC, "IIIIIIIIQII", flags, dev, pt, 0, 0, 0 if root is None else VTD_S1,
                  0 if root is None else 24, uptr, fault, 0)
    return answer if isinstance(answer, str) else answer[4]


def attach_pasid(device, pasid, pt):
    answer = call(device, ATTACH, "IIII", 1, pt, pasid)
    return answer if isinstance(answer, str) else answer[2]


def detach_pasid(device, pasid):
    answer = call(device, DETACH, "III", 1, pasid)
    return answer if isinstance(answer, str) else 0


def queue_of(iommu):
    _, _, fault, queue = call(iommu, FAULT_ALLOC, "IIII", 0, 0, 0)
    return fault, queue


def destroy(iommu, ident):
    answer = call(iommu, IOMMU_DESTROY, "II", ident)
    return answer if isinstance(answer, str) else 0


def edge(*words):
    """A structure after which there is no memory."""
    page = mmap.mmap(-1, 2 * PAGE)
    kept.append(page)
    address = ctypes.addressof(ctypes.c_char.from_buffer(page))
    libc.munmap(ctypes.c_void_p(address + PAGE), PAGE)
    at = PAGE - 4 * len(words)
    page[at:PAGE] = struct.pack("<%dI" % len(words), *words)
    return address + at


def refused():
    """What is refused, in the kernel's order. Every structure ends where memory does."""
    iommu, device, dev = bound()
    pt = alloc(iommu)
    attached = lambda *words: raw(device, ATTACH, edge(*words))
    detached = lambda *words: raw(device, DETACH, edge(*words))
    saw(attach=dict(
            nowhere=attached(16, 1), short=attached(11, 3, pt), other=attached(16, 2, pt, 5),
            both=attached(16, 3, pt, 5), ends=attached(15, 1, pt), cut=attached(16, 1, pt),
            rid=attached(12, 0, pt), longer=attached(4096, 0, pt)),
        detach=dict(
            nowhere=detached(12), short=detached(7, 3), other=detached(12, 2, 5), both=detached(12, 3, 5),
            ends=detached(11, 1), cut=detached(12, 1), absent=detached(12, 1, 5), huge=detached(12, 1, 0xFFFFFFFF),
            rid=detached(8, 0), twice=detached(8, 0)))


def rules():
    """Which hwpts go with which PASIDs, and what each is refused with."""
    iommu, device, dev = bound()
    ioas = alloc(iommu)
    plain, first, second = (hwpt(iommu, dev, ioas, flags) for flags in (0, FOR_PASIDS, FOR_PASIDS))
    fault, _ = queue_of(iommu)
    out = dict(absent=attach_pasid(device, 5, 99), type=attach_pasid(device, 5, fault),
               ioas=attach_pasid(device, 5, ioas), plain=attach_pasid(device, 5, plain),
               one=attach_pasid(device, 5, first) == first, replaced=attach_pasid(device, 5, second) == second,
               by_plain=attach_pasid(device, 5, plain), by_ioas=attach_pasid(device, 5, ioas),
               freed=destroy(iommu, first), held=destroy(iommu, second))
    out["beside"] = [attach(device, plain), attach(device, ioas)]
    out["rid"] = [attach(device, second) == second, attach_pasid(device, 0, second)]
    out["last"] = attach_pasid(device, 0xFFFFF, second) == second
    out["wide"] = [attach_pasid(device, pasid, second) for pasid in (1 << 20, 0x7FFFFFFF, 1 << 31, 0xFFFFFFFF)]
    out["detached"] = [detach_pasid(device, 5), detach_pasid(device, 0xFFFFF), detach_pasid(device, 5)]
    # PASID 0 is no PASID that VFIO has attached, though the RID is.
    out["zero"] = [detach_pasid(device, 0), attach_pasid(device, 0, second)]
    call(device, DETACH, "II", 0)
    out["own"] = [attach_pasid(device, 0, second) == second, call(device, DETACH, "II", 0)[1], attach(device, second),
                  destroy(iommu, second), detach_pasid(device, 0), destroy(iommu, second)]
    saw(**out)


def unwritable():
    """Where the answer cannot be written the RID is detached; the PASID stays."""
    iommu, device, dev = bound()
    ioas = alloc(iommu)
    of_rid, of_pasid = hwpt(iommu, dev, ioas), hwpt(iommu, dev, ioas)
    attach(device, of_rid)
    page = mmap.mmap(-1, PAGE)
    address = ctypes.addressof(ctypes.c_char.from_buffer(page))
    page[0:16] = struct.pack("<IIII", 16, 1, of_pasid, 5)
    held = destroy(iommu, of_rid)
    libc.mprotect(ctypes.c_void_p(address), PAGE, 1)
    saw(held=held, lost=raw(device, ATTACH, address), rid=destroy(iommu, of_rid), pasid=destroy(iommu, of_pasid))


def faults():
    """Each of RID and PASIDs has its own table, queue and memory; the program answers for all."""
    iommu, device, dev = bound()
    ioas = alloc(iommu)
    guest = Guest(iommu, ioas)
    parent = hwpt(iommu, dev, ioas, NEST_PARENT)
    (rid_fault, rid_queue), (fault, queue) = queue_of(iommu), queue_of(iommu)
    # Another table of 4 levels, from page 8 on.
    for level in range(3):
        guest.entry(8 + level, 0, (9 + level) * PAGE | 7)
    attach(device, hwpt(iommu, dev, parent, root=PAGE, fault=rid_fault))
    attach_pasid(device, 9, hwpt(iommu, dev, parent, root=8 * PAGE, fault=fault))
    flat = alloc(iommu)
    area, address = memory(1)
    map_at(iommu, flat, address, PAGE, 0x5000)
    attach_pasid(device, 7, hwpt(iommu, dev, flat))
    master(device)
    start(device, 2, 0x5000, 32, channel=0, fill=0x77, pasid=9)
    start(device, 2, 0x5000, 16, channel=1, fill=0x55, pasid=3)
    start(device, 2, 0x5000, 8, channel=2, fill=0x44)
    start(device, 2, 0x5000, 4, channel=3, fill=0x33, pasid=7)
    out = dict(states=[status(device, channel) for channel in range(4)], flat=area[0:5].hex())
    _, of, pasid, _, perm, address, _, cookie = message(os.read(queue, 40))
    out["asked"] = [of == dev, pasid, perm, hex(address)]
    groups = [os.read(rid_queue, 40) for _ in range(2)]
    out["of_rid"] = [message(group)[2] for group in groups]
    out["quiet"] = [poll_of(queue), os.read(queue, 40).hex()]
    # Page 7 for the RID, page 6 for PASID 9.
    guest.map(0x5000, 7)
    guest.entry(11, 5, 6 * PAGE | 7)
    os.write(queue, struct.pack("<II", cookie, 0))
    out["one"] = [status(device, channel) for channel in range(3)]
    out["written"] = [guest.area[page * PAGE:page * PAGE + 33].hex() for page in (6, 7)]
    for group in groups:
        os.write(rid_queue, struct.pack("<II", message(group)[7], 0))
    out["all"] = [status(device, channel)[0] for channel in range(3)]
    out["rid"] = guest.area[7 * PAGE:7 * PAGE + 17].hex()
    out["marked"] = [guest.entry(page, 5) & 0x60 for page in (4, 11)]
    # The table of PASID 9 is read again where a DMA starts.
    guest.entry(11, 6, 5 * PAGE | 7)
    start(device, 2, 0x6000, 3, fill=0x66, pasid=9)
    out["again"] = [status(device), guest.area[5 * PAGE:5 * PAGE + 4].hex()]
    saw(**out)


def replaced():
    """A replace by PASID answers what waits in the old queue, of this PASID alone."""
    iommu, device, dev = bound()
    ioas = alloc(iommu)
    guest = Guest(iommu, ioas)
    parent = hwpt(iommu, dev, ioas, NEST_PARENT)
    fault, queue = queue_of(iommu)
    old, other = (hwpt(iommu, dev, parent, root=PAGE, fault=fault) for _ in range(2))
    attach_pasid(device, 9, old)
    attach_pasid(device, 8, old)
    master(device)
    for channel, (pasid, iova) in enumerate([(9, 0x5000), (9, 0x6000), (8, 0x7000)]):
        start(device, 2, iova, 8, channel=channel, fill=1, pasid=pasid)
    read = message(os.read(queue, 40))
    out = dict(asked=[read[2], hex(read[5])], moved=attach_pasid(device, 9, other) == other)
    out["states"] = [status(device, channel) for channel in range(3)]
    # What was read is answered already; of the others only that of PASID 8 is left.
    out["late"] = programs.attempt(lambda: os.write(queue, struct.pack("<II", read[7], 0)))
    left = os.read(queue, 4000)
    out["left"] = [len(left) // 40, message(left[:40])[2]]
    out["same"] = [attach_pasid(device, 9, other) == other, status(device, 2)]
    out["detached"] = [detach_pasid(device, 8), status(device, 2)]
    out["empty"] = os.read(queue, 40).hex()
    start(device, 2, 0x5000, 8, fill=1, pasid=9)
    out["new"] = [status(device), message(os.read(queue, 40))[2]]
    os.close(device)
    saw(**out)


def closes():
    """The device is closed with two PASIDs and its RID attached, and one DMA that waits for each."""
    iommu, device, dev = bound()
    ioas = alloc(iommu)
    kept.append(Guest(iommu, ioas))
    parent = hwpt(iommu, dev, ioas, NEST_PARENT)
    fault, _ = queue_of(iommu)
    nested = hwpt(iommu, dev, parent, root=PAGE, fault=fault)
    for pasid in (700, 5, 12):
        attach_pasid(device, pasid, nested)
    attach(device, nested)
    master(device)
    for channel, pasid in enumerate([12, None, 700, 5]):
        start(device, 1, 0x5000, 8, channel=channel, pasid=pasid)
    held = destroy(iommu, nested)
    os.close(device)
    saw(held=held, freed=destroy(iommu, nested), again=call(open_device(), BIND, "IIiI", 0, iommu, 0)[3] == dev)


def tests():
    """Operations 18 to 21 of the self-test's ioctl, on a mock device with PASIDs."""
    iommu = open_iommu()
    ioas = alloc(iommu)
    domain = test(iommu, MOCK_DOMAIN_FLAGS, ioas, 0, 0, 0, MOCK_PASID)
    if isinstance(domain, str):
        domain = test(iommu, programs.MOCK_DOMAIN, ioas)
    stdev, dev = domain[4], domain[6]
    first, second = hwpt(iommu, dev, ioas), hwpt(iommu, dev, ioas)
    rid = test(iommu, programs.MOCK_DOMAIN_REPLACE, stdev, first if isinstance(first, int) else ioas)
    words = lambda answer: answer if isinstance(answer, str) else list(answer[4:6])
    op = lambda op, *given: words(test(iommu, op, stdev, *given))
    number = lambda value: value if isinstance(value, int) else 0
    out = dict(check=[op(PASID_CHECK, 5, 0), op(PASID_CHECK, 5, number(first))],
               attach=[op(PASID_ATTACH, 5, number(first)), op(PASID_ATTACH, 5, number(first)), op(PASID_ATTACH, 0, 1)],
               checked=[op(PASID_CHECK, 5, number(first)), op(PASID_CHECK, 5, number(second)), op(PASID_CHECK, 5, 0),
                        op(PASID_CHECK, 5, 99), op(PASID_CHECK, 5, ioas)],
               replace=[op(PASID_REPLACE, 5, number(second)), op(PASID_REPLACE, 6, number(second))],
               detach=[op(PASID_DETACH, 5), op(PASID_DETACH, 5)], gone=op(PASID_CHECK, 5, 0),
               absent=[words(test(iommu, op, 99, 5, 1)) for op in (18, 19, 20, 21)])
    page = mmap.mmap(-1, PAGE)
    address = ctypes.addressof(ctypes.c_char.from_buffer(page))

    def unwritable(op, pt):
        libc.mprotect(ctypes.c_void_p(address), PAGE, 3)
        page[0:72] = struct.pack("<18I", 72, op, stdev, 0, 5, pt, *[0] * 12)
        libc.mprotect(ctypes.c_void_p(address), PAGE, 1)
        return raw(iommu, programs.TEST_CMD, address)

    # An attach is taken back, a replace is not.
    out["lost"] = [unwritable(PASID_ATTACH, number(first)), op(PASID_CHECK, 5, 0)]
    op(PASID_ATTACH, 5, number(first))
    out["stays"] = [unwritable(PASID_REPLACE, number(second)), op(PASID_CHECK, 5, number(second))]
    op(PASID_DETACH, 5)
    out["ids"] = [ioas, stdev, first, second, words(rid)]
    saw(**out)


if __name__ == "__main__":
    globals()[sys.argv[1]]()
