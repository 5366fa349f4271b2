"""Programs on VFIO device files: `vfio.py NAME`. Each prints what it saw as JSON."""
import ctypes
import fcntl
import mmap
import os
import select
import struct
import sys
import threading

import programs
from programs import (FAULT_ALLOC, FAULT_ID_VALID, HWPT_ALLOC, IOAS_MAP, NEST_PARENT, alloc, attempt,
                      call, libc, open_iommu, raw, saw)

GET_INFO, REGION_INFO, IRQ_INFO, SET_IRQS, RESET = 0x3B6B, 0x3B6C, 0x3B6D, 0x3B6E, 0x3B6F
HOT_RESET_INFO, FEATURE, BIND, ATTACH, DETACH = 0x3B70, 0x3B75, 0x3B76, 0x3B77, 0x3B78
CONFIG, BAR2 = 7 << 40, 2 << 40
VTD_S1 = 1
PAGE = 4096


def open_device(number=0, flags=0):
    return os.open("/dev/vfio/devices/vfio%d" % number, os.O_RDWR | flags)


def bind(device, iommu):
    answer = call(device, BIND, "IIiI", 0, iommu, 0)
    return answer if isinstance(answer, str) else answer[3]


def attach(device, pt):
    answer = call(device, ATTACH, "III", 0, pt)
    return answer if isinstance(answer, str) else answer[2]


def bound(number=0):
    iommu, device = open_iommu(), open_device(number)
    return iommu, device, bind(device, iommu)


def read32(device, offset):
    return struct.unpack("<I", os.pread(device, 4, offset))[0]


def write32(device, offset, value):
    assert os.pwrite(device, struct.pack("<I", value), offset) == 4


def master(device):
    os.pwrite(device, struct.pack("<H", 6), CONFIG + 4)


def memory(pages):
    area = mmap.mmap(-1, pages * PAGE)
    return area, ctypes.addressof(ctypes.c_char.from_buffer(area))


def map_at(iommu, ioas, address, length, iova):
    answer = call(iommu, IOAS_MAP, "IIIIQQQ", 7, ioas, 0, address, length, iova)
    assert not isinstance(answer, str), answer


def start(device, command, iova, length, channel=0, fill=0, window=0, pasid=None):
    base = 0x100 + 0x40 * channel
    has = 0 if pasid is None else 0x80000000 | pasid
    os.pwrite(device, struct.pack("<QIIII", iova, length, has, fill, window), base)
    write32(device, base + 0x1C, command)


def status(device, channel=0):
    return list(struct.unpack("<II", os.pread(device, 8, 0x120 + 0x40 * channel)))


def unbound():
    device = open_device()

    saw(number=device, info=call(device, GET_INFO, "IIIII", 0, 0, 0, 0),
        attach=attach(device, 1), unknown=raw(device, 0x3B00 + 0x7F, 0),
        read=attempt(lambda: len(os.pread(device, 4, CONFIG))),
        write=attempt(lambda: os.pwrite(device, b"x", 0)), lseek=attempt(lambda: os.lseek(device, 0, 0)),
        map=attempt(lambda: mmap.mmap(device, PAGE, offset=BAR2)),
        missing=attempt(lambda: open_device(99)), poll=poll_of(device))


def poll_of(file):
    poll = select.poll()
    poll.register(file, select.POLLIN | select.POLLOUT)
    return [event for _, event in poll.poll(0)]


def binds():
    iommu, device = open_iommu(), open_device()
    out = dict(
        short=raw(device, BIND, as_struct(15, 0, iommu, 0)), flags=call(device, BIND, "IIiI", 1, iommu, 0),
        negative=call(device, BIND, "IIiI", 0, -1, 0), closed=call(device, BIND, "IIiI", 0, 77, 0),
        other=call(device, BIND, "IIiI", 0, 0, 0), itself=call(device, BIND, "IIiI", 0, device, 0),
        nowhere=raw(device, BIND, 16))
    out["id"] = bind(device, os.dup(iommu))
    out["twice"] = bind(device, iommu)
    second = open_device()
    out["second"] = bind(second, iommu)
    out["numbers"] = [device, second]
    os.close(device)
    out["again"] = bind(second, iommu)
    saw(**out)


kept = []


def as_struct(*words):
    buffer = (ctypes.c_uint32 * len(words))(*[word & 0xFFFFFFFF for word in words])
    kept.append(buffer)
    return ctypes.addressof(buffer)


def unwritable():
    """What is bound when its answer cannot be written is unbound."""
    iommu, device = open_iommu(), open_device()
    page = mmap.mmap(-1, PAGE)
    address = ctypes.addressof(ctypes.c_char.from_buffer(page))
    page[0:16] = struct.pack("<IIiI", 16, 0, iommu, 0)
    libc.mprotect(ctypes.c_void_p(address), PAGE, 1)
    lost = raw(device, BIND, address)
    saw(lost=lost, info=call(device, GET_INFO, "IIIII", 0, 0, 0, 0), again=bind(device, iommu))


def attaches():
    iommu, device, dev = bound()
    first, second = alloc(iommu), alloc(iommu)
    saw(absent=attach(device, 99), one=attach(device, first), two=attach(device, second),
        flags=call(device, ATTACH, "III", 1, first), short=raw(device, ATTACH, as_struct(11, 0, first)),
        detached=call(device, DETACH, "II", 0), twice=call(device, DETACH, "II", 0),
        detach_flags=call(device, DETACH, "II", 4))


def infos():
    _, device, _ = bound()
    regions = [call(device, REGION_INFO, "IIIIQQ", 0, index, 0, 0, 0) for index in range(10)]
    irqs = [call(device, IRQ_INFO, "IIII", 0, index, 0) for index in range(6)]
    room = (ctypes.c_uint32 * 8)(64, 0, 0, 0, 0, 7, 7, 7)
    libc.ioctl(device, ctypes.c_ulong(GET_INFO), room)
    saw(info=call(device, GET_INFO, "IIIII", 0, 0, 0, 0), least=call(device, GET_INFO, "IIII", 0, 0, 0),
        short=raw(device, GET_INFO, as_struct(15, 0, 0, 0)), room=list(room)[:6],
        regions=[region if isinstance(region, str) else [region[1], region[4], region[5] >> 40]
                 for region in regions],
        irqs=[irq if isinstance(irq, str) else [irq[1], irq[3]] for irq in irqs],
        feature=call(device, FEATURE, "II", 0), hot=call(device, HOT_RESET_INFO, "III", 0, 0),
        unknown=raw(device, 0x3B7F, 0), iommufd=raw(device, 0x3B81, 0))


def config():
    _, device, _ = bound()
    head = os.pread(device, 64, CONFIG)
    os.pwrite(device, b"\xff" * 8, CONFIG + 0x10)
    sizes = os.pread(device, 12, CONFIG + 0x10)
    write32(device, CONFIG, 0)
    capabilities, at = [], head[0x34]
    while at:
        identifier, at = os.pread(device, 2, CONFIG + at)
        capabilities.append(identifier)
    extended, at = [], 0x100
    while at:
        header = read32(device, CONFIG + at)
        extended.append(header & 0xFFFF)
        at = header >> 20
    os.pwrite(device, b"\0\0", CONFIG + 4)
    dark = attempt(lambda: os.pread(device, 4, 0))
    os.pwrite(device, b"\2\0", CONFIG + 4)
    saw(ids=struct.unpack("<HHHH", head[:8]), kind=struct.unpack("<I", head[8:12])[0],
        sizes=struct.unpack("<III", sizes), kept=read32(device, CONFIG) == 0x1FA17,
        capabilities=capabilities, extended=extended, dark=dark, light=read32(device, 0),
        behind=attempt(lambda: os.pread(device, 1, CONFIG + 4096)),
        over=attempt(lambda: os.pread(device, 8, CONFIG + 4092)))


def regions():
    """read, write, their offsets, and the buffer that is mapped."""
    _, device, _ = bound()
    window = mmap.mmap(device, 0x10000, offset=BAR2)
    window[0:4] = b"here"
    os.pwritev(device, [b"and", b"there"], BAR2 + 8)
    parts = [bytearray(2), bytearray(2)]
    saw(first=os.read(device, 4).decode(), next=struct.unpack("<I", os.read(device, 4))[0],
        through=os.pread(device, 4, BAR2).decode(), back=window[8:16].decode(),
        vector=[os.preadv(device, parts, BAR2), bytes(parts[1]).decode()],
        end=len(os.pread(device, 100, BAR2 + 0xFFF0)), behind=attempt(lambda: len(os.pread(device, 1, BAR2 + 0x10000))),
        none=attempt(lambda: os.pread(device, 1, 1 << 40)), far=attempt(lambda: os.pread(device, 1, 9 << 40)),
        empty=os.pread(device, 0, 9 << 40).hex(),
        maps=[map_raw(device, length, flags, offset)
              for length, flags, offset in [(PAGE, mmap.MAP_SHARED, 0), (PAGE, mmap.MAP_PRIVATE, BAR2),
                                            (0x11000, mmap.MAP_SHARED, BAR2), (PAGE, mmap.MAP_SHARED, CONFIG)]],
        anonymous=mmap.mmap(-1, PAGE)[0], copied=struct.unpack("<I", os.pread(os.dup(device), 4, 0))[0])


def map_raw(file, length, flags, offset):
    libc.mmap.restype = ctypes.c_void_p
    at = libc.mmap(None, ctypes.c_size_t(length), 3, flags, file, ctypes.c_long(offset))
    return programs.name_of(ctypes.get_errno()) if at == 2**64 - 1 else "mapped"


def dma():
    """Reads and writes of memory that is mapped, by three channels."""
    iommu, device, _ = bound()
    ioas = alloc(iommu)
    area, address = memory(4)
    map_at(iommu, ioas, address, 4 * PAGE, 0x10000)
    out = dict(attached=attach(device, ioas) not in (0, ioas), alone=None)
    start(device, 2, 0x10000, 16, fill=0x5A)
    out["alone"] = status(device)
    master(device)
    start(device, 2, 0x10FF8, 16, fill=0x5A)
    out["written"] = [status(device), area[PAGE - 9:PAGE + 9].hex()]
    area[100:105] = b"hello"
    start(device, 1, 0x10000 + 100, 5, channel=1, window=64)
    window = mmap.mmap(device, 0x10000, offset=BAR2)
    out["read"] = [status(device, 1), window[64:69].decode()]
    start(device, 1, 0x90000, 5, channel=7)
    out["unmapped"] = status(device, 7)
    start(device, 1, 0x10000, 0, channel=2)
    out["empty"] = status(device, 2)
    window[100:107] = b"written"
    start(device, 3, 0x11000 - 3, 7, channel=3, window=100)
    out["copied"] = [status(device, 3), area[PAGE - 4:PAGE + 5].hex()]
    start(device, 3, 0x10000, 7, channel=3, window=0x10000 - 6)
    out["beyond"] = status(device, 3)
    start(device, 4, 0x10000, 1, channel=2)
    out["command"] = status(device, 2)
    out["ended"] = read32(device, 0x0C)
    write32(device, 0x0C, 0x02)
    out["left"] = read32(device, 0x0C)
    out["reset"] = [raw(device, RESET, 0), status(device), read32(device, CONFIG + 4) & 4]
    saw(**out)


def eventfd(number=0):
    libc.eventfd.restype = ctypes.c_int
    return libc.eventfd(number, os.O_NONBLOCK)


def count_of(event):
    return attempt(lambda: struct.unpack("<Q", os.read(event, 8))[0])


def set_irqs(device, flags, index, first, count, *data):
    return raw(device, SET_IRQS, as_struct(20 + 4 * len(data), flags, index, first, count, *data))


def irqs():
    iommu, device, _ = bound()
    event, other = eventfd(), eventfd()
    trigger, none, fds, mask = 32, 1, 4, 8
    out = dict(
        intx=set_irqs(device, trigger | fds, 0, 0, 1, event), early=set_irqs(device, trigger | none, 1, 0, 1),
        closed=set_irqs(device, trigger | fds, 1, 0, 1, 99), pipe=set_irqs(device, trigger | fds, 1, 0, 1, 1),
        many=set_irqs(device, trigger | fds, 1, 0, 2, event, other),
        short=raw(device, SET_IRQS, as_struct(20, trigger | fds, 1, 0, 1, event)),
        masked=set_irqs(device, mask | none, 1, 0, 1), set=set_irqs(device, trigger | fds, 1, 0, 1, event))
    out["looped"] = [set_irqs(device, trigger | none, 1, 0, 1), count_of(event), count_of(event)]
    ioas = alloc(iommu)
    _, address = memory(1)
    map_at(iommu, ioas, address, PAGE, 0)
    attach(device, ioas)
    master(device)
    start(device, 2, 0, 8)
    out["quiet"] = count_of(event)
    write32(device, 0x10, 1)
    start(device, 2, 0, 8)
    out["done"] = count_of(event)
    out["moved"] = set_irqs(device, trigger | fds, 1, 0, 1, other)
    start(device, 2, 0, 8)
    out["to"] = [count_of(event), count_of(other)]
    out["off"] = [set_irqs(device, trigger | none, 1, 0, 0), set_irqs(device, trigger | none, 1, 0, 1)]
    out["error"] = [set_irqs(device, trigger | fds, 3, 0, 1, event), set_irqs(device, trigger | none, 3, 0, 1),
                    count_of(event)]
    saw(**out)


def nested(iommu, dev, ioas, root, fault=None):
    parent = call(iommu, HWPT_ALLOC, "IIIIIIIIQII", NEST_PARENT, dev, ioas, 0, 0, 0, 0, 0, 0, 0)[4]
    data = (ctypes.c_uint64 * 3)(0, root, 48)
    flags = 0 if fault is None else FAULT_ID_VALID
    answer = call(iommu, HWPT_ALLOC, "IIIIIIIIQII", flags, dev, parent, 0, 0, VTD_S1, 24,
                  ctypes.addressof(data), fault or 0, 0)
    assert not isinstance(answer, str), answer
    return answer[4]


def entry_lengths():
    """HWPT_INVALIDATE: an entry shorter or longer than the driver's structure is refused, also of zeros."""
    iommu, device, dev = bound()
    ioas = alloc(iommu)
    vtd = nested(iommu, dev, ioas, 0)
    mock_dev = programs.test(iommu, programs.MOCK_DOMAIN, ioas)[6]
    parent = call(iommu, HWPT_ALLOC, "IIIIIIIIQII", NEST_PARENT, mock_dev, ioas, 0, 0, 0, 0, 0, 0, 0)[4]
    tag = ctypes.c_uint32(7)
    mock = call(iommu, HWPT_ALLOC, "IIIIIIIIQII", 0, mock_dev, parent, 0, 0, programs.DATA_SELFTEST, 4,
                ctypes.addressof(tag), 0, 0)[4]
    area, address = memory(3)

    def invalidate(hwpt, kind, length, count=1, pointer=address):
        """What it returns, and how many entries it says were handled."""
        command = bytearray(struct.pack("<IIQIIII", 32, hwpt, pointer, kind, length, count, 0))
        done = raw(iommu, 0x3B8D, ctypes.addressof((ctypes.c_char * 32).from_buffer(command)))
        return [done, struct.unpack_from("<I", command, 24)[0]]

    lengths = lambda hwpt, kind, *all_of: [invalidate(hwpt, kind, length) for length in all_of]
    out = dict(vtd=lengths(vtd, 0, 0, 8, 23, 24, 25, 32, 4096, 4097),
               mock=lengths(mock, 0xDEADBEEF, 0, 4, 7, 8, 9, 16, 4096, 4097),
               none=[invalidate(vtd, 0, 25, 0), invalidate(mock, 0xDEADBEEF, 9, 0)],
               nowhere=[invalidate(vtd, 0, 25, 1, 16), invalidate(vtd, 0, 24, 1, 16)])
    # Two good entries, then one with a flag, then one whose reserved word is not zero.
    struct.pack_into("<QQII", area, 48, 0, 1, 2, 0)
    out["flag"] = invalidate(vtd, 0, 24, 3)
    struct.pack_into("<QQII", area, 48, 0, 1, 0, 1)
    out["reserved"] = invalidate(vtd, 0, 24, 3)
    saw(**out)


class Guest:
    """16 pages of guest memory at guest physical 0: a table of 4 levels for one page each."""

    def __init__(self, iommu, ioas):
        # Memory that is freed while it is mapped is a hazard.
        kept.append(self)
        self.area, self.address = memory(16)
        map_at(iommu, ioas, self.address, 16 * PAGE, 0)
        for level in range(3):
            self.entry(1 + level, 0, (2 + level) * PAGE | 7)

    def entry(self, page, index, value=None):
        at = page * PAGE + 8 * index
        if value is not None:
            self.area[at:at + 8] = struct.pack("<Q", value)
        return struct.unpack("<Q", self.area[at:at + 8])[0]

    def map(self, iova, page):
        self.entry(4, iova // PAGE, page * PAGE | 7)


def faults():
    """A DMA misses, its request comes to the queue, the guest maps the page, the DMA goes on."""
    iommu, device, dev = bound()
    ioas = alloc(iommu)
    guest = Guest(iommu, ioas)
    _, _, fault, queue = call(iommu, FAULT_ALLOC, "IIII", 0, 0, 0)
    assert attach(device, nested(iommu, dev, ioas, PAGE, fault)) != 0
    master(device)
    event = eventfd()
    set_irqs(device, 36, 1, 0, 1, event)
    write32(device, 0x10, 0xFF)
    start(device, 2, 0x5000, 32, fill=0x77, pasid=9)
    out = dict(busy=status(device), silent=count_of(event), ready=poll_of(queue) != [])
    _, of, pasid, _, perm, address, _, cookie = message(os.read(queue, 40))
    out["asked"] = [of == dev, pasid, perm, address]
    guest.map(0x5000, 7)
    os.write(queue, struct.pack("<II", cookie, 0))
    out["done"] = [status(device), count_of(event), guest.area[7 * PAGE:7 * PAGE + 33].hex()]
    out["marked"] = guest.entry(4, 5) & 0x60
    start(device, 1, 0x6000, 1, channel=1)
    cookie = message(os.read(queue, 40))[7]
    os.write(queue, struct.pack("<II", cookie, 1))
    out["refused"] = status(device, 1)
    start(device, 1, 0x7000, 1, channel=1)
    out["closes"] = [message(os.read(queue, 40))[5], status(device, 1)]
    os.close(device)
    out["again"] = bind(open_device(), iommu) == dev
    saw(**out)


def channels():
    """All channels at once, over two pages each; a thread answers, another process sees the interrupts."""
    iommu, device, dev = bound()
    ioas = alloc(iommu)
    guest = Guest(iommu, ioas)
    _, _, fault, queue = call(iommu, FAULT_ALLOC, "IIII", 0, 0, 0)
    attach(device, nested(iommu, dev, ioas, PAGE, fault))
    master(device)
    event = libc.eventfd(0, 0)
    set_irqs(device, 36, 1, 0, 1, event)
    write32(device, 0x10, 0xFF)
    groups = []

    def answer():
        left = 16
        while left > 0:
            select.select([queue], [], [])
            pages = list(struct.iter_unpack("<IIIIIIQII", os.read(queue, 4000)))
            for page in pages:
                guest.map(page[6], 8 + page[6] // PAGE % 8)
            last = [page for page in pages if page[0] & 2]
            os.write(queue, b"".join(struct.pack("<II", page[8], 0) for page in last))
            groups.append(len(last))
            left -= len(pages)

    thread = threading.Thread(target=answer)
    thread.start()
    for channel in range(8):
        base = 0x100 + 0x40 * channel
        write32(device, base + 0x18, 2)
        start(device, 2, (1 + 2 * channel) * PAGE + 4000, 200, channel=channel, fill=channel + 1)
    thread.join()
    count = 0
    while count < 8:
        count += struct.unpack("<Q", os.read(event, 8))[0]
    saw(count=count, ended=read32(device, 0x0C), states=[status(device, channel) for channel in range(8)],
        groups=sum(groups), numbers=len({read32(device, 0x128 + 0x40 * channel) for channel in range(8)}),
        last=guest.area[8 * PAGE + 104 - 1], first=guest.area[(8 + 15 % 8) * PAGE + 4000])


def text(path):
    with open(path) as file:
        return file.read().strip()


def sysfs():
    """What VMMs look up of a function, by its address."""
    device = "/sys/bus/pci/devices/0000:01:00.0"
    group = os.path.realpath(device + "/iommu_group")
    [node] = os.listdir(device + "/vfio-dev")
    fd = open_device()
    major, minor = map(int, text(device + "/vfio-dev/" + node + "/dev").split(":"))
    stat = os.fstat(fd)
    folder = os.open("/dev/vfio/devices", os.O_RDONLY | os.O_DIRECTORY)
    resources = [line.split() for line in text(device + "/resource").split("\n")]
    window = [int(word, 16) for word in resources[2]]
    saw(all=sorted(os.listdir("/sys/bus/pci/devices")), ids=[text(device + "/" + name) for name in
                                                             ("vendor", "device", "class", "revision")],
        link=os.readlink("/sys/bus/pci/devices/0000:01:00.0"), driver=os.path.basename(os.readlink(device + "/driver")),
        group=group, members=sorted(os.listdir("/sys/kernel/iommu_groups/2/devices")),
        through=text("/sys/kernel/iommu_groups/1/devices/0000:01:00.0/vendor"),
        regions=text(group + "/reserved_regions"), node=node, nodes=sorted(os.listdir("/dev/vfio/devices")),
        same=[stat.st_mode & 0o170777, os.major(stat.st_rdev) == major, os.minor(stat.st_rdev) == minor],
        named=os.stat("/dev/vfio/devices/vfio0").st_rdev == stat.st_rdev,
        by_folder=os.fstat(os.open("vfio1", os.O_RDWR, dir_fd=folder)).st_rdev - stat.st_rdev,
        at_folder=os.stat("vfio1", dir_fd=folder).st_size, physfn=os.readlink("/sys/bus/pci/devices/0000:01:00.1/physfn"),
        config=open(device + "/config", "rb").read(4).hex(), bar=window[1] - window[0] + 1, lines=len(resources),
        classes=sorted(os.listdir("/sys/class/vfio-dev"))[:2], missing=os.path.exists("/sys/bus/pci/devices/0000:01:00.7"),
        attributes=[os.listxattr(device), attempt(lambda: os.getxattr("/dev/iommu", "user.name"))],
        absent=[os.path.exists("/dev/vfio/devices/vfio%d" % number) for number in (4, 5)])


def files():
    """How the files look by their paths and numbers."""
    iommu, device = open_iommu(), open_device()
    _, _, _, queue = call(iommu, FAULT_ALLOC, "IIII", 0, 0, 0)
    stat = os.stat("/dev/iommu")
    buffer = ctypes.create_string_buffer(256)
    done = libc.syscall(332, -100, b"/dev/iommu", 0, 0x7FF, buffer)
    statx = struct.unpack_from("<H", buffer, 28) + struct.unpack_from("<II", buffer, 128)
    saw(mode=oct(stat.st_mode), number=[os.major(stat.st_rdev), stat.st_size], lstat=oct(os.lstat("/dev/iommu").st_mode),
        statx=[done, oct(statx[0]), statx[1]], exists=os.path.exists("/dev/iommu"),
        access=[os.access("/dev/iommu", os.R_OK | os.W_OK), os.access("/dev/iommu", os.X_OK)],
        links=[os.readlink("/proc/self/fd/%d" % file) for file in (iommu, device, queue)],
        other=os.readlink("/proc/%d/fd/%d" % (os.getpid(), iommu)),
        link=attempt(lambda: os.readlink("/dev/iommu")), queue=oct(os.fstat(queue).st_mode),
        device=oct(os.fstat(device).st_mode), pipe=os.readlink("/proc/self/fd/%d" % os.pipe()[0])[:5],
        host=os.path.exists("/etc/passwd"), none=os.path.exists("/etc/none"), length=short_link(iommu),
        path=os.path.realpath("/dev/../dev/iommu"))


def short_link(file):
    buffer = ctypes.create_string_buffer(8)
    return [libc.readlink(b"/proc/self/fd/%d" % file, buffer, 4), buffer.value.decode()]


def resets():
    """A reset leaves the configuration space as it was; who binds finds it as VFIO enables it."""
    iommu, device, _ = bound()
    os.pwrite(device, struct.pack("<H", 0x406), CONFIG + 4)
    os.pwrite(device, b"\x21", CONFIG + 0x3C)
    os.pwrite(device, b"message!", CONFIG + 0x44)
    os.pwrite(device, struct.pack("<QII", 0x1234, 8, 0), 0x100)
    before, channel = os.pread(device, PAGE, CONFIG), os.pread(device, 16, 0x100)
    done = raw(device, RESET, 0)
    after = os.pread(device, PAGE, CONFIG)
    cleared = os.pread(device, 16, 0x100)
    os.close(device)
    device = open_device()
    bind(device, iommu)
    fresh = os.pread(device, PAGE, CONFIG)
    saw(done=done, kept=after == before, command=after[4:6].hex(), line=after[0x3C],
        channel=[any(channel), any(cleared)], fresh=[fresh[4:6].hex(), fresh[0x3C], any(fresh[0x44:0x4C])])


def answered_by_others():
    """Another client maps the page and answers; this program only waits for the interrupt."""
    iommu, device, dev = bound()
    ioas = alloc(iommu)
    guest = Guest(iommu, ioas)
    _, _, fault, _ = call(iommu, FAULT_ALLOC, "IIII", 0, 0, 0)
    attach(device, nested(iommu, dev, ioas, PAGE, fault))
    master(device)
    event = libc.eventfd(0, 0)
    set_irqs(device, 36, 1, 0, 1, event)
    write32(device, 0x10, 1)
    start(device, 2, 0x5000, 8, fill=0x33)
    poll = select.poll()
    poll.register(event, select.POLLIN)
    woken = len(poll.poll(60000))
    saw(woken=woken, status=status(device), bytes=guest.area[7 * PAGE:7 * PAGE + 9].hex(),
        entry=hex(guest.entry(4, 5)))


def message(data):
    flags, dev, pasid, group, perm, _, address, length, cookie = struct.unpack("<IIIIIIQII", data)
    return flags, dev, pasid, group, perm, address, length, cookie


if __name__ == "__main__":
    globals()[sys.argv[1]]()
