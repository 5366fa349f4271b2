"""Programs that the tests run under faultline: `programs.py NAME`. Each prints what it saw as JSON."""
import ctypes
import errno
import fcntl
import json
import mmap
import os
import select
import signal
import socket
import struct
import subprocess
import sys
import time
from concurrent.futures import ThreadPoolExecutor

IOMMU_DESTROY, IOAS_ALLOC, IOAS_ALLOW_IOVAS, IOAS_IOVA_RANGES = 0x3B80, 0x3B81, 0x3B82, 0x3B84
IOAS_MAP, OPTION, HWPT_ALLOC, GET_HW_INFO, FAULT_ALLOC = 0x3B85, 0x3B87, 0x3B89, 0x3B8A, 0x3B8E
TEST_CMD = 0x3BA0
MOCK_DOMAIN, CREATE_ACCESS, MOCK_DOMAIN_REPLACE, TRIGGER_IOPF = 2, 5, 10, 15
NEST_PARENT, FAULT_ID_VALID, DATA_SELFTEST = 1, 4, 0xDEAD

libc = ctypes.CDLL(None, use_errno=True)


def name_of(code):
    # Python's name of this number is ENOTSUP, which is the same errno.
    return "EOPNOTSUPP" if code == errno.EOPNOTSUPP else errno.errorcode[code]


def open_iommu(flags=0):
    return os.open("/dev/iommu", os.O_RDWR | flags)


def call(fd, request, layout, *values):
    """An ioctl; the structure's fields as they come back, or the errno's name."""
    buffer = bytearray(struct.pack("<" + layout, struct.calcsize("<" + layout), *values))
    try:
        fcntl.ioctl(fd, request, buffer)
    except OSError as error:
        return name_of(error.errno)
    return struct.unpack("<" + layout, buffer)


def raw(fd, request, pointer):
    """An ioctl with any pointer: 0, or the errno's name."""
    done = libc.ioctl(fd, ctypes.c_ulong(request), ctypes.c_void_p(pointer))
    return done if done >= 0 else name_of(ctypes.get_errno())


def alloc(fd):
    answer = call(fd, IOAS_ALLOC, "III", 0, 0)
    return answer if isinstance(answer, str) else answer[2]


def test(fd, op, ident, *words, layout="IIIIIIIIIIIIII"):
    words = list(words) + [0] * (14 - len(words))
    return call(fd, TEST_CMD, "III" + "I" + "IIIIIIIIIIIIII", op, ident, 0, *words)


def saw(**what):
    text = json.dumps(what)
    if len(sys.argv) > 2:
        with open(sys.argv[2], "w") as file:
            file.write(text)
    else:
        print(text)


def fault_setup(fd):
    """A mock device on a fault-capable nested hwpt: the device's id, the queue's id and file."""
    ioas = alloc(fd)
    domain = test(fd, MOCK_DOMAIN, ioas)
    stdev, device = domain[4], domain[6]
    _, _, fault, queue = call(fd, FAULT_ALLOC, "IIII", 0, 0, 0)
    parent = call(fd, HWPT_ALLOC, "IIIIIIIIQII", NEST_PARENT, device, ioas, 0, 0, 0, 0, 0, 0, 0)[4]
    data = ctypes.c_uint32(0xBADBEEF)
    nested = call(fd, HWPT_ALLOC, "IIIIIIIIQII", FAULT_ID_VALID, device, parent, 0, 0,
                  DATA_SELFTEST, 4, ctypes.addressof(data), fault, 0)[4]
    assert test(fd, MOCK_DOMAIN_REPLACE, stdev, nested)[4] == nested
    return device, fault, queue


def trigger(fd, device, group):
    answer = test(fd, TRIGGER_IOPF, 0, device, 0, group, 1, 0x5000, 0)
    assert not isinstance(answer, str), answer


def attempt(run):
    try:
        return run()
    except OSError as error:
        return name_of(error.errno)


def basic():
    fd = open_iommu()
    first, second = alloc(fd), alloc(fd)
    saw(fd=fd, ids=[first, second], destroyed=call(fd, IOMMU_DESTROY, "II", first)[1],
        again=call(fd, IOMMU_DESTROY, "II", first))


def refused():
    """The dispatch: each way in which a structure can be wrong."""
    fd = open_iommu()
    page = mmap.mmap(-1, 8192)
    address = ctypes.addressof(ctypes.c_char.from_buffer(page))
    libc.munmap(ctypes.c_void_p(address + 4096), 4096)
    edge = address + 4096

    def at(pointer, size, *words):
        data = struct.pack("<I", size) + struct.pack("<%dI" % len(words), *words)
        page[pointer - address:pointer - address + len(data)] = data
        return raw(fd, IOAS_ALLOC, pointer)

    saw(unknown=raw(fd, 0x3B7F, address), hole=raw(fd, 0x3B9F, address),
        direction=call(fd, 0xC0003B81, "III", 0, 0), null=raw(fd, IOAS_ALLOC, 0),
        unknown_null=raw(fd, 0x3B9F, 0), short=at(address, 11, 0, 0),
        exact=at(address, 12, 0, 0), longer=at(address, 16, 0, 0, 0),
        trailing=at(address, 16, 0, 0, 7), flags=at(address, 12, 1, 0),
        cut=at(edge - 8, 12, 0), tail_missing=at(edge - 12, 16, 0, 0),
        size_missing=raw(fd, IOAS_ALLOC, edge - 2),
        reserved=call(fd, IOAS_MAP, "IIIIQQQ", 6, 1, 1, 0, 0, 0),
        on_other_file=attempt(lambda: fcntl.ioctl(0, IOAS_ALLOC, bytearray(12))))


def unwritable():
    """An answer that cannot be written takes the operation back."""
    fd = open_iommu()
    page = mmap.mmap(-1, 4096)
    address = ctypes.addressof(ctypes.c_char.from_buffer(page))
    page[0:16] = struct.pack("<IIII", 12, 0, 0, 0)
    page[64:80] = struct.pack("<IIII", 16, 0, 0, 0)
    libc.mprotect(ctypes.c_void_p(address), 4096, 1)
    lost = raw(fd, IOAS_ALLOC, address)
    queue = raw(fd, 0x3B8E, address + 64)
    saw(lost=lost, queue=queue, next=alloc(fd),
        open=[fd for fd in map(int, os.listdir("/proc/self/fd")) if fd >= 768])


def arrays():
    fd = open_iommu()
    ioas = alloc(fd)
    ranges = (ctypes.c_uint64 * 4)()
    holes = call(fd, IOAS_IOVA_RANGES, "IIIIQQ", ioas, 2, 0, ctypes.addressof(ranges), 0)
    small = call(fd, IOAS_IOVA_RANGES, "IIIIQQ", ioas, 0, 0, 0, 0)
    nowhere = call(fd, IOAS_IOVA_RANGES, "IIIIQQ", ioas, 1, 0, 16, 0)
    ranges[0], ranges[1] = 0x1000, 0x1FFF
    allowed = call(fd, IOAS_ALLOW_IOVAS, "IIIIQ", ioas, 1, 0, ctypes.addressof(ranges))
    missing = call(fd, IOAS_ALLOW_IOVAS, "IIIIQ", ioas, 1, 0, 16)
    wrong = call(fd, IOAS_ALLOW_IOVAS, "IIIIQ", 99, 1, 0, 16)
    saw(holes=[holes[2], holes[5]], first=[0, 2**64 - 1], small=small, nowhere=nowhere,
        allowed=allowed[1], missing=missing, wrong=wrong)


def hw_info():
    fd = open_iommu()
    device = test(fd, MOCK_DOMAIN, alloc(fd))[6]
    data = (ctypes.c_uint8 * 16)(*[0xFF] * 16)
    answer = call(fd, GET_HW_INFO, "IIIIQIIQ", 0, device, 16, ctypes.addressof(data), 0, 0, 0)
    missing = call(fd, GET_HW_INFO, "IIIIQIIQ", 0, device, 16, 16, 0, 0, 0)
    saw(length=answer[3], type=answer[5], data=bytes(data).hex(), missing=missing)


def fault_file():
    fd = open_iommu()
    device, fault, queue = fault_setup(fd)
    poll = select.poll()
    poll.register(queue, select.POLLIN)
    out = dict(number=queue, empty=len(os.read(queue, 40)), ready=len(poll.poll(0)))
    out["odd"] = attempt(lambda: os.read(queue, 39))
    out["pread"] = attempt(lambda: os.pread(queue, 40, 0))
    out["lseek"] = attempt(lambda: os.lseek(queue, 0, os.SEEK_CUR))
    out["ioctl"] = raw(queue, IOAS_ALLOC, 0)
    trigger(fd, device, 3)
    out["queued"] = len(poll.poll(0))
    libc.read.restype = ctypes.c_ssize_t
    libc.read(queue, ctypes.c_void_p(16), ctypes.c_size_t(40))
    out["nowhere"] = errno.errorcode[ctypes.get_errno()]
    first, second = bytearray(40), bytearray(40)
    out["readv"] = os.readv(queue, [first, second])
    message = struct.unpack("<IIIIIIQII", first)
    out["message"] = [message[1] == device, message[3], message[4], message[6]]
    out["taken"] = len(poll.poll(0))
    answer = struct.pack("<II", message[8], 0)
    out["unknown"] = attempt(lambda: os.write(queue, struct.pack("<II", 77, 0)))
    out["answered"] = os.write(queue, answer)
    out["twice"] = attempt(lambda: os.write(queue, answer))
    saw(**out)


def fault_read_only():
    """A group that cannot be copied stays in the queue, also where the buffer can be read."""
    fd = open_iommu()
    device, fault, queue = fault_setup(fd)
    page = mmap.mmap(-1, 8192)
    address = ctypes.addressof(ctypes.c_char.from_buffer(page))
    page[:] = b"\xaa" * 8192
    libc.mprotect(ctypes.c_void_p(address + 4096), 4096, 1)
    libc.read.restype = ctypes.c_ssize_t

    def read(offset, length):
        done = libc.read(queue, ctypes.c_void_p(address + offset), ctypes.c_size_t(length))
        return done if done >= 0 else name_of(ctypes.get_errno())

    empty = read(4096, 40)
    for group in (1, 2, 3, 4):
        trigger(fd, device, group)
    group_at = lambda offset: struct.unpack_from("<IIIIIIQII", page, offset)[3]
    out = dict(empty=empty, refused=read(4096, 40), split=read(4076, 40), first=[read(4056, 120), group_at(4056)],
               two=[read(4016, 120), group_at(4016), group_at(4056)], last=[read(0, 400), group_at(0)],
               none=read(4096, 40))
    saw(**out, kept=page[40:80] == b"\xaa" * 40 and page[4096:] == b"\xaa" * 4096)


def fault_dup():
    """dup of a fault queue's file: each reads, and the file is open until the last is closed."""
    fd = open_iommu()
    device, fault, queue = fault_setup(fd)
    copies = [libc.dup(queue), fcntl.fcntl(queue, fcntl.F_DUPFD, 0),
              fcntl.fcntl(queue, fcntl.F_DUPFD_CLOEXEC, 900)]
    inheritable = [os.get_inheritable(copy) for copy in copies]
    os.close(queue)
    read = []
    for group, copy in enumerate(copies):
        trigger(fd, device, group)
        read.append(len(os.read(copy, 400)))
        busy = call(fd, IOMMU_DESTROY, "II", fault)
        os.close(copy)
    saw(numbers=[queue, *copies], inheritable=inheritable, read=read, busy=busy)


def fault_dup2():
    fd = open_iommu()
    _, _, queue = fault_setup(fd)
    os.dup2(queue, 50)
    os.dup2(queue, 800)
    saw(seen=len(os.read(800, 40)))


def fault_threadless_poll():
    """Sleeps in poll until a request comes: from another process that has the files."""
    fd = open_iommu()
    device, _, queue = fault_setup(fd)
    child = os.fork()
    if child == 0:
        time.sleep(0.2)
        trigger(fd, device, 9)
        os._exit(0)
    epoll = select.epoll()
    epoll.register(queue, select.EPOLLIN | select.EPOLLET)
    events = epoll.poll(60)
    again = epoll.poll(0)
    got = os.read(queue, 400)
    os.waitpid(child, 0)
    saw(events=len(events), again=len(again), group=struct.unpack("<IIIIIIQII", got)[3])


def fault_others():
    """Others report a request and take it: both are seen in poll."""
    fd = open_iommu()
    fault_setup(fd)
    queue = 768
    poll = select.poll()
    poll.register(queue, select.POLLIN)
    came = len(poll.poll(60000))
    deadline = time.monotonic() + 60
    while poll.poll(0) and time.monotonic() < deadline:
        time.sleep(0.001)
    saw(came=came, left=len(poll.poll(0)), read=len(os.read(queue, 400)))


def numbers():
    """Whatever number a file has, it is the same context."""
    fd = open_iommu()
    ids = [alloc(fd)]
    copy = os.dup(fd)
    os.close(fd)
    ids.append(alloc(copy))
    os.dup2(copy, 40)
    os.close(copy)
    ids.append(alloc(40))
    other = fcntl.fcntl(40, fcntl.F_DUPFD_CLOEXEC, 60)
    os.close(40)
    ids.append(alloc(other))
    ours, theirs = socket.socketpair()
    socket.send_fds(ours, [b"x"], [other])
    os.close(other)
    received = socket.recv_fds(theirs, 1, 1)[1][0]
    ids.append(alloc(received))
    again = open_iommu()
    ids.append(alloc(again))
    os.close(received)
    ids.append(alloc(again))
    closed = attempt(lambda: fcntl.ioctl(received, IOAS_ALLOC, bytearray(12)))
    saw(ids=ids, closed=closed)


def forked():
    """The context lives as long as the child has it."""
    fd = open_iommu()
    alloc(fd)
    reads, writes = os.pipe()
    if os.fork() == 0:
        os.read(reads, 1)
        os.write(1, json.dumps(dict(child=alloc(fd))).encode() + b"\n")
        os._exit(0)
    os.close(fd)
    os.write(writes, b"x")
    os.wait()


def executed():
    fd = open_iommu()
    ids = [alloc(fd)]
    program = "import fcntl,sys;b=bytearray([12]+[0]*11);fcntl.ioctl(%d,0x3b81,b);print(b[8])"
    run = lambda number, **more: subprocess.run(
        [sys.executable, "-c", program % number], stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, **more)
    passed = run(fd, pass_fds=[fd])
    kept = run(open_iommu(os.O_CLOEXEC), close_fds=False)
    shell = subprocess.run("true", shell=True).returncode
    saw(ids=ids, passed=passed.stdout.decode().strip(), closed=kept.returncode, shell=shell)


def relative():
    os.chdir("/dev")
    dev = os.open("/dev", os.O_RDONLY)
    fds = [os.open("iommu", os.O_RDWR), os.open("iommu", os.O_RDWR, dir_fd=dev),
           os.open("../dev//./iommu", os.O_RDWR)]
    saw(ids=[alloc(fd) for fd in fds], other=attempt(lambda: os.open("/tmp/iommu", os.O_RDWR)))


def ready():
    poll = select.poll()
    fd = open_iommu()
    access = test(fd, CREATE_ACCESS, alloc(fd), 0, 0)[4]
    for file in (fd, access):
        poll.register(file, select.POLLIN | select.POLLOUT)
    saw(events=[event == select.POLLIN | select.POLLOUT for _, event in poll.poll(0)],
        access=access == fd + 1, inheritable=os.get_inheritable(access))


def link_of(number):
    try:
        return os.readlink("/proc/self/fd/" + number)
    except OSError:
        return ""


def put_back():
    import resource
    status = open("/proc/self/status").read()
    saw(limit=resource.getrlimit(resource.RLIMIT_NOFILE)[0],
        left=[link for link in map(link_of, os.listdir("/proc/self/fd")) if "seccomp" in link],
        closing=[not os.get_inheritable(fd) for fd in (0, 1, 2)],
        no_new_privs=[line.split()[1] for line in status.split("\n") if line.startswith("NoNewPrivs")])


def killed():
    alloc(open_iommu())
    os.kill(os.getpid(), signal.SIGKILL)


def sleeper():
    alloc(open_iommu())
    os.write(1, b"%d" % os.getpid())
    time.sleep(600)


def daemon():
    """Goes on after the program has ended."""
    if os.fork() == 0:
        os.setsid()
        time.sleep(0.5)
        fd = open_iommu()
        alloc(fd)
        os.write(1, json.dumps(dict(daemon=alloc(fd))).encode() + b"\n")
        os._exit(0)
    os._exit(4)


def fail_nth():
    """The kernel's fault injection: which allocation of a thread's calls fails."""
    fd = open_iommu()
    me = f"/proc/self/task/{os.getpid()}/fail-nth"
    nth = os.open(me, os.O_RDWR)

    def left():
        return os.pread(nth, 64, 0).decode()

    off = left()
    os.pwrite(nth, b"1", 0)
    failed, spent, after = alloc(fd), left(), alloc(fd)
    os.write(nth, b"0x10\n")
    passed, counted = alloc(fd), left()
    os.pwrite(nth, b"0", 0)

    def other():
        # Of this thread, and of no other.
        with open("/proc/thread-self/fail-nth", "r+b", buffering=0) as file:
            file.write(b"1")
            return [alloc(fd), file.read(8).decode(), file.read(8).decode()]

    with ThreadPoolExecutor(1) as pool:
        thread = pool.submit(other).result()
    debug = sorted(name for name in os.listdir("/sys/kernel/debug") if name.startswith("fail"))
    with open("/sys/kernel/debug/failslab/ignore-gfp-wait", "w") as file:
        file.write("Y")
    folder = os.open("/sys/kernel/debug", os.O_RDONLY | os.O_DIRECTORY)
    inside = os.open("failslab/ignore-gfp-wait", os.O_RDONLY, dir_fd=folder)
    saw(off=off, failed=failed, spent=spent, after=after, passed=passed, counted=int(counted) < 16,
        thread=thread, mine=alloc(fd), word=attempt(lambda: os.pwrite(nth, b"many", 0)),
        large=attempt(lambda: os.pwrite(nth, b"4294967296", 0)), debug=debug,
        noted=os.read(inside, 8).decode(), absent=attempt(lambda: os.open("/proc/1/task/2/fail-nth", 0)),
        missing=attempt(lambda: os.open("/sys/kernel/debug/failslab/nothing", os.O_RDONLY)))


def orphan():
    """Leaves a process behind, whose parent is then the supervisor."""
    reads, writes = os.pipe()
    if os.fork() == 0:
        if os.fork() == 0:
            os.read(reads, 1)
            fd = open_iommu()
            with open("/proc/%d/comm" % os.getppid()) as file:
                out = dict(ids=alloc(fd), parent=file.read().strip() not in ("systemd", "init"), init=os.getppid() == 1)
            os.write(1, json.dumps(out).encode() + b"\n")
        os._exit(0)
    os.wait()
    os.write(writes, b"x")
    os._exit(0)


def spawned():
    """What is started without fork has what it is given, at the number it is given it at."""
    fd = open_iommu()
    program = "import fcntl,sys;b=bytearray([12]+[0]*11);fcntl.ioctl(50,0x3b81,b);sys.exit(b[8])"
    give = [(os.POSIX_SPAWN_DUP2, fd, 50)]
    pid = os.posix_spawn(sys.executable, [sys.executable, "-c", program], os.environ, file_actions=give)
    given = os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1])
    os.dup2(fd, 50)
    os.set_inheritable(50, False)
    pid = os.posix_spawn(sys.executable, [sys.executable, "-c", program], os.environ)
    closed = os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1])
    saw(given=given, closed=closed, shell=os.system("exit 3") >> 8)


def terminated():
    alloc(open_iommu())
    os.kill(os.getpid(), signal.SIGTERM)


def few_files():
    """RLIMIT_NOFILE below the numbers that are looked at."""
    import resource
    fd = open_iommu()
    resource.setrlimit(resource.RLIMIT_NOFILE, (100, 100))
    queue = call(fd, FAULT_ALLOC, "IIII", 0, 0, 0)[3]
    resource.setrlimit(resource.RLIMIT_NOFILE, (queue + 1, queue + 1))
    full = call(fd, FAULT_ALLOC, "IIII", 0, 0, 0)
    os.set_blocking(queue, False)
    saw(queue=queue, full=full, copied=attempt(lambda: os.dup(queue)), read=attempt(lambda: os.read(queue, 39)))


def not_dumpable():
    """Its memory is nobody's business but root's."""
    libc.prctl(4, 0, 0, 0, 0)
    saw(opened=attempt(lambda: open_iommu() >= 0))


def privileges():
    fd = open_iommu()
    saw(set=call(fd, OPTION, "IIHHIQ", 0, 0, 0, 0, 1))


if __name__ == "__main__":
    globals()[sys.argv[1]]()
