#!/usr/bin/env python3
"""A program that answers the page faults of its own device: `faultline run -- python3 faults.py`.

It nests a page table of its own under an IOAS, lets a device write three pages that the table does not
have, and maps each one when the device asks for it. Nothing but the standard library is used."""
import ctypes
import fcntl
import mmap
import os
import select
import struct
import sys

# ioctls of /dev/iommu (linux/iommufd.h) and of a VFIO device file (linux/vfio.h)
IOAS_ALLOC, IOAS_MAP, HWPT_ALLOC, FAULT_QUEUE_ALLOC = 0x3B81, 0x3B85, 0x3B89, 0x3B8E
SET_IRQS, BIND_IOMMUFD, ATTACH_IOMMUFD_PT = 0x3B6E, 0x3B76, 0x3B77
NEST_PARENT, FAULT_ID_VALID, DATA_VTD_S1 = 1, 4, 1
FIXED_WRITEABLE_READABLE = 7
MSI, EVENTFD_TRIGGER = 1, 4 | 32
CONFIG = 7 << 40
# The device's registers in BAR 0 (docs/PROGRAMS.md)
IRQ_ENABLE, CHANNEL, COMMAND, STATUS = 0x10, 0x100, 0x11C, 0x120
WRITE, DONE = 2, 2

PAGE = 4096
IOVA = 0x40000000
PAGES = 3
FILL = 0x5A
PRESENT_WRITABLE_USER = 7
FIRST_DATA_PAGE = 16


def ioctl(file, request, layout, *words):
    """The structure behind its size, as it comes back."""
    data = bytearray(struct.pack("<I" + layout, struct.calcsize("<I" + layout), *words))
    fcntl.ioctl(file, request, data)
    return struct.unpack("<I" + layout, data)


class Guest:
    """Memory of a guest, from guest physical address 0 on, with its page table in pages 1 to 4."""

    def __init__(self):
        self.memory = mmap.mmap(-1, 64 * PAGE)
        self.address = ctypes.addressof(ctypes.c_char.from_buffer(self.memory))
        for level in (3, 2, 1):
            table = 4 - level
            self.set(table, IOVA >> (12 + 9 * level) & 511, (table + 1) * PAGE)

    def set(self, table, index, target):
        entry = struct.pack("<Q", target | PRESENT_WRITABLE_USER)
        self.memory[table * PAGE + 8 * index:table * PAGE + 8 * index + 8] = entry

    def map(self, iova):
        page = FIRST_DATA_PAGE + (iova - IOVA) // PAGE
        self.set(4, iova >> 12 & 511, page * PAGE)


iommu = os.open("/dev/iommu", os.O_RDWR)
device = os.open("/dev/vfio/devices/vfio0", os.O_RDWR)
dev_id = ioctl(device, BIND_IOMMUFD, "IiI", 0, iommu, 0)[3]

# The guest's memory, under a hwpt that others can nest in.
guest = Guest()
ioas = ioctl(iommu, IOAS_ALLOC, "II", 0, 0)[2]
ioctl(iommu, IOAS_MAP, "IIIQQQ", FIXED_WRITEABLE_READABLE, ioas, 0, guest.address, 64 * PAGE, 0)
parent = ioctl(iommu, HWPT_ALLOC, "IIIIIIIQII", NEST_PARENT, dev_id, ioas, 0, 0, 0, 0, 0, 0, 0)[4]

# The guest's own table in it; faults of the device come to the queue.
fault_id, queue = ioctl(iommu, FAULT_QUEUE_ALLOC, "III", 0, 0, 0)[2:]
root = ctypes.create_string_buffer(struct.pack("<QQII", 0, 1 * PAGE, 48, 0))
nested = ioctl(iommu, HWPT_ALLOC, "IIIIIIIQII", FAULT_ID_VALID, dev_id, parent, 0, 0, DATA_VTD_S1, 24,
               ctypes.addressof(root), fault_id, 0)[4]
ioctl(device, ATTACH_IOMMUFD_PT, "II", 0, nested)

# Bus mastering on; an interrupt when the DMA has ended; the DMA.
os.pwrite(device, struct.pack("<H", 2 | 4), CONFIG + 4)
ended = os.eventfd(0)
ioctl(device, SET_IRQS, "IIIIi", EVENTFD_TRIGGER, MSI, 0, 1, ended)
os.pwrite(device, struct.pack("<I", 1), IRQ_ENABLE)
os.pwrite(device, struct.pack("<QIII", IOVA, PAGES * PAGE, 0, FILL), CHANNEL)
os.pwrite(device, struct.pack("<I", WRITE), COMMAND)

poll = select.poll()
poll.register(queue, select.POLLIN)
poll.register(ended, select.POLLIN)
waits = True
while waits:
    for file, _ in poll.poll():
        if file == ended:
            waits = False
            continue
        for message in struct.iter_unpack("<IIIIIIQII", os.read(queue, 40 * PAGES)):
            _, _, _, _, _, _, address, _, cookie = message
            print("page %#x" % address)
            guest.map(address)
            os.write(queue, struct.pack("<II", cookie, 0))

status, error = struct.unpack("<II", os.pread(device, 8, STATUS))
start = FIRST_DATA_PAGE * PAGE
written = guest.memory[start:start + PAGES * PAGE]
if (status, error) != (DONE, 0):
    sys.exit("the DMA failed: status %u, error %u" % (status, error))
if written != bytes([FILL]) * len(written):
    sys.exit("the DMA wrote something else")
print("done: %d bytes of %#x" % (len(written), FILL))
