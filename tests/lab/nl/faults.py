# SPDX-License-Identifier: GPL-2.0
"""No memory, at each allocation in turn: the first of an operation fails, then
the second, until it runs through without a failure. Each time the operation is
refused and nothing has changed, or it has happened whole.
"""
import ctypes
import errno
import fcntl
import ipaddress
import os
import re
import struct
import subprocess

from budget import Budget, count, dice
from genl import ACK, DUMP, REQUEST, Answer, Attr, K, Socket, u8, u32, u64, unpack
from grammar import Grammar
from lives import CLONE_NEWNET, back_to, child, slabs, unshare, wait_for, wait_for_rest
from op25b import (
    all_prefixes, all_relays, base, number, prefix, prefix_rec, prefixes, relay, relay_rec,
    relays, whose,
)
from policy import kernel_policies
from txns import txn

DEBUGFS = "/sys/kernel/debug"
PRINTK = "/proc/sys/kernel/printk"
LARGER = 2048  # bytes, where a table's index stays a size larger: see entry.c
MANY = 10**6  # allocations, more than anything here makes
TUNSETIFF, IFF_TUN, IFF_NO_PI = 0x400454CA, 0x1, 0x1000
KEPT = []
FAILURES = (errno.ENOMEM, errno.ENOBUFS)
SLUB_NAME = [
    "__kmem_cache_alloc_node", "__kmalloc_node_track_caller", "kstrdup_const",
    "kvasprintf_const", "kobject_set_name_vargs", "kobject_init_and_add",
    "sysfs_slab_add", "__kmem_cache_create", "kmem_cache_create_usercopy",
    "kmem_cache_create"]
WATCHED = [("100.64.7.9", "203.0.113.1"), ("100.64.7.10", "192.0.2.25"),
           ("100.64.7.10", "203.0.113.1"), ("2001:db8::1", "2001:db8:ffff::1"),
           ("203.0.113.1", "203.0.113.2")]


def write(path, text):
    with open(path, "w", encoding="ascii") as file:
        file.write(text)


def arm():
    """Let every allocation fail that may, and say nothing of it."""
    for name, value in (
        ("failslab/ignore-gfp-wait", "N"), ("failslab/verbose", "0"),
        ("fail_page_alloc/ignore-gfp-wait", "N"), ("fail_page_alloc/verbose", "0"),
        ("fail_page_alloc/min-order", "0"),
    ):
        write(f"{DEBUGFS}/{name}", value)


class Nth:
    """The nth allocation from here on fails, of this task."""

    def __init__(self, n):
        self.n, self.hit, self.left = n, False, 0
        self.fd = os.open("/proc/self/fail-nth", os.O_RDWR)

    def __enter__(self):
        os.pwrite(self.fd, str(self.n).encode(), 0)
        return self

    def __exit__(self, *_):
        self.left = int(os.pread(self.fd, 16, 0).split(b"\0")[0])
        os.pwrite(self.fd, b"0", 0)
        os.close(self.fd)
        self.hit = self.left == 0


def turns(rng, total, budget, few=None):
    """The numbers of all @total allocations, in any order as long as there is
    time, then those beyond, until the caller sees one that is none. Without a
    time given only @few of them.
    """
    if budget.until or not few:
        few = total
    for n in rng.sample(range(1, total + 1), min(few, total)):
        yield n
        if budget.out():
            return
    n = total
    while not budget.out():
        n += 1
        yield n


def drain(sock):
    """What a lost ACK has left behind."""
    sock.s.setblocking(False)
    for _ in range(100):
        try:
            sock.s.recv(1 << 16)
        except BlockingIOError:
            break
        except OSError:
            continue
    sock.s.settimeout(60)


def attempt(sock, n, op, given):
    """Return: (Nth, Answer, its error None if nobody knows what has happened)"""
    answer = Answer()
    attrs = op.attrs(given)
    if not sock.family:
        sock.resolve()
    with Nth(n) as nth:
        try:
            sock.send(sock.family, op.cmd, attrs, flags=op.flags)
        except OSError as error:
            answer.error = error.errno  # never arrived
            answer.sentence = ""
        else:
            try:
                while not sock.receive(answer):
                    pass
            except OSError as error:
                assert error.errno in FAILURES, error
                answer.error = None
    drain(sock)
    return nth, answer


def verdicts(sock):
    out = []
    for src, dst in WATCHED:
        answer = sock.do(K.CMD_TEST, [
            Attr(K.A_SRC, ipaddress.ip_address(src).packed),
            Attr(K.A_DST, ipaddress.ip_address(dst).packed)])
        out.append((answer.error, answer.number(K.A_OUTCOME), answer.number(K.A_COUNTER)))
    return out


def in_force(sock):
    """All but memory, and what each change moves: generation, serials, times."""
    answer = sock.do(K.CMD_GET)
    knobs = [(k, d) for k, d in answer.replies[0]
             if k not in (K.A_MEMORY, K.A_PAD, K.A_GENERATION, K.A_CONFIRM_LEFT, K.A_PART)]
    knobs += [{k: d for k, d in unpack(part)
               if k not in (K.PART_A_SERIAL, K.PART_A_CHANGED, K.PART_A_PAD)}
              for a, part in answer.replies[0] if a == K.A_PART]
    knobs.append(answer.number(K.A_CONFIRM_LEFT) > 0)
    return knobs, all_prefixes(sock), all_relays(sock), verdicts(sock)


def hundreds():
    """More than any table at hand has room for."""
    return prefixes(*[prefix_rec(f"10.{i >> 4}.{(i & 15) << 4}.0/{20 + i % 5}")
                      for i in range(100)],
                    *[prefix_rec(f"2001:db8:{i:x}::/{48 + i % 17}")
                      for i in range(1, 40)])


class Operation:
    """One operation, made anew for each try.

    @known: it is accepted when nothing fails
    @anew: in a new namespace each time, which has never been told anything
    @before: makes what is in force before it, beyond base(). Return: what @attrs
    needs to know
    """

    def __init__(self, name, cmd, attrs=lambda given: [], before=lambda sock: None,
                 dump=False, known=True, anew=False):
        self.name, self.cmd, self.attrs = name, cmd, attrs
        self.known, self.anew = known, anew
        self.before, self.flags = before, REQUEST | (DUMP if dump else ACK)


def begun(*fills):
    def before(sock):
        answer = sock.do(K.CMD_BEGIN)
        if answer.error:
            raise AssertionError(str(answer))
        t = answer.number(K.A_TXN)
        for attrs in fills:
            answer = sock.do(K.CMD_FILL, [txn(t)] + attrs)
            assert answer.error == 0, str(answer)
        return t
    return before


def trial(sock, *knobs):
    """Return: the generation that awaits its confirmation."""
    base(sock)
    answer = sock.do(K.CMD_COMMIT, [txn(begun(FULL)(sock)), u32(K.A_CONFIRM, 600),
                                    *knobs])
    assert answer.error == 0, str(answer)
    return answer.number(K.A_GENERATION)


def off(sock):
    assert sock.do(K.CMD_SET, [u8(K.A_MODE, K.MODE_OFF)]).error == 0


def router():
    """This namespace forwards what comes in by a tap device. Return: its file."""
    if not os.path.exists("/dev/net/tun"):
        subprocess.run(["modprobe", "tun"], check=True)
    fd = os.open("/dev/net/tun", os.O_RDWR)
    fcntl.ioctl(fd, TUNSETIFF, struct.pack("16sH", b"tun0", IFF_TUN | IFF_NO_PI))
    write("/proc/sys/net/ipv4/ip_forward", "1")
    write("/proc/sys/net/ipv4/conf/tun0/rp_filter", "0")
    subprocess.run(["ip", "link", "set", "tun0", "up"], check=True)
    subprocess.run(["ip", "route", "add", "default", "dev", "tun0"], check=True)
    return fd


def send_syns(fd, n):
    """One of each of @n subscribers."""
    for i in range(n):
        tcp = struct.pack(">HHIIBBHHH", 1025, 25, 1, 0, 0x50, 2, 1024, 0, 0)
        ip = struct.pack(">BBHHHBBH4s4s", 0x45, 0, 40, i, 0, 64, 6, 0,
                         bytes([100, 64, 1, i]), bytes([203, 0, 113, 1]))
        total = sum(struct.unpack(">10H", ip))
        total = (total & 0xffff) + (total >> 16)
        os.write(fd, ip[:10] + struct.pack(">H", ~total & 0xffff) + ip[12:] + tcp)


def offenders(sock):
    """Twenty in the table, few enough that no vmalloc() helps out: their SYNs come
    in by a tap device, and nobody takes what is forwarded.
    """
    base(sock)
    fd = router()
    for old in KEPT:
        os.close(old)
    KEPT[:] = [fd]  # the namespace of the try before takes its own along
    send_syns(fd, 20)
    wrong = wait_for(lambda: None if number(sock, K.A_OFFENDERS) >= 20 else
                     number(sock, K.A_OFFENDERS))
    assert wrong is None, wrong


FULL = [prefix("203.0.113.0/24", "block", "staged"), relay("192.0.2.77", "r"),
        u8(K.A_MODE, K.MODE_ENFORCE)]


def operations():
    one = prefix("203.0.113.0/24", "block", "a comment")
    known = prefix("100.64.7.9/32", "block", "another")
    hosts = relays(*[relay_rec(f"198.18.0.{i}") for i in range(100)])
    soon = [u64(K.PREFIX_A_EXPIRES, 4 * 10**9)]
    later = prefix("203.0.113.0/24", "exempt", "expires", extra=soon)
    pool = [prefix("100.64.0.0/10", None), prefix("2001:db8::/32", None)]

    def always(*attrs):
        return lambda given: list(attrs)

    yield Operation("GET", K.CMD_GET)
    yield Operation("SET mode enforce", K.CMD_SET, always(u8(K.A_MODE, 2)), off)
    yield Operation("SET the first mode", K.CMD_SET, always(u8(K.A_MODE, 2)), anew=True)
    yield Operation("PREFIX_ADD, the first", K.CMD_PREFIX_ADD, always(one), anew=True)
    yield Operation("BEGIN, the first", K.CMD_BEGIN, anew=True)
    yield Operation("SET mode monitor", K.CMD_SET, always(u8(K.A_MODE, 1)), off)
    yield Operation("SET mode off", K.CMD_SET, always(u8(K.A_MODE, 0)))
    yield Operation("SET reject", K.CMD_SET, always(u8(K.A_REJECT, 2)))
    yield Operation("PREFIX_ADD", K.CMD_PREFIX_ADD, always(one))
    yield Operation("PREFIX_ADD of what expires", K.CMD_PREFIX_ADD, always(later),
                    anew=True)
    yield Operation("PREFIX_REPLACE by what expires", K.CMD_PREFIX_REPLACE,
                    always(later, prefix("100.64.0.0/10", extra=soon)))
    yield Operation("PREFIX_ADD of hundreds", K.CMD_PREFIX_ADD, always(*hundreds()))
    yield Operation("PREFIX_REPLACE", K.CMD_PREFIX_REPLACE, always(one, known))
    yield Operation("PREFIX_DEL", K.CMD_PREFIX_DEL, always(*pool))
    yield Operation("PREFIX_GET", K.CMD_PREFIX_GET, always(pool[0]))
    yield Operation("PREFIX_GET, a dump", K.CMD_PREFIX_GET, dump=True, before=lambda s:
                    s.do(K.CMD_PREFIX_ADD, hundreds()))
    yield Operation("PREFIX_FLUSH", K.CMD_PREFIX_FLUSH)
    yield Operation("RELAY_ADD", K.CMD_RELAY_ADD, always(relay("192.0.2.77", "r")))
    yield Operation("RELAY_ADD of hundreds", K.CMD_RELAY_ADD, always(*hosts))
    yield Operation("RELAY_REPLACE", K.CMD_RELAY_REPLACE, always(
        relay("192.0.2.25", "changed"), relay("192.0.2.77")))
    yield Operation("RELAY_DEL", K.CMD_RELAY_DEL, always(relay("192.0.2.25")))
    yield Operation("RELAY_GET", K.CMD_RELAY_GET, always(relay("192.0.2.25")))
    yield Operation("RELAY_GET, a dump", K.CMD_RELAY_GET, dump=True)
    yield Operation("RELAY_FLUSH", K.CMD_RELAY_FLUSH)
    mine, theirs = whose(K.ORIGIN_SESSION), whose(K.ORIGIN_BGP)

    def fed(sock):
        for origin in (mine, theirs):
            sock.do(K.CMD_PREFIX_ADD, [origin, later])
            sock.do(K.CMD_RELAY_ADD, [origin, relay("192.0.2.77", "r")])

    yield Operation("PREFIX_ADD, the first of a session", K.CMD_PREFIX_ADD,
                    always(mine, one, prefix("203.0.113.7/32", extra=soon)),
                    anew=True)
    yield Operation("PREFIX_ADD of hundreds of bgp", K.CMD_PREFIX_ADD,
                    always(theirs, *hundreds()), fed)
    yield Operation("PREFIX_REPLACE of a session", K.CMD_PREFIX_REPLACE,
                    always(mine, one, known), fed)
    yield Operation("PREFIX_DEL by its comment", K.CMD_PREFIX_DEL, always(
        mine, prefix("203.0.113.0/24", None, "expires")), fed)
    yield Operation("PREFIX_FLUSH of bgp", K.CMD_PREFIX_FLUSH, always(theirs), fed)
    yield Operation("RELAY_REPLACE of bgp", K.CMD_RELAY_REPLACE, always(
        theirs, relay("192.0.2.25", "x"), relay("192.0.2.77")), fed)
    yield Operation("CHANGE of a session", K.CMD_CHANGE, always(
        mine, u8(K.A_OP, K.OP_DEL), prefix("203.0.113.0/24", None),
        u8(K.A_OP, K.OP_ADD), known, relay("192.0.2.78", "s")), fed)
    yield Operation("BEGIN", K.CMD_BEGIN)
    yield Operation("FILL", K.CMD_FILL, lambda t: [txn(t)] + FULL, begun())
    yield Operation("FILL with hundreds", K.CMD_FILL, lambda t:
                    [txn(t)] + hundreds() + hosts[1:], begun(FULL))
    yield Operation("COMMIT", K.CMD_COMMIT, lambda t: [txn(t)],
                    begun(FULL, hundreds()))
    yield Operation("COMMIT from mode off", K.CMD_COMMIT, lambda t: [txn(t)],
                    lambda sock: off(sock) or begun(FULL)(sock))
    yield Operation("COMMIT on trial", K.CMD_COMMIT, lambda t:
                    [txn(t), u32(K.A_CONFIRM, 600)], anew=True,
                    before=lambda sock: base(sock) or begun(FULL)(sock))
    yield Operation("CONFIRM", K.CMD_CONFIRM, lambda now:
                    [u64(K.A_GENERATION, now)], trial, anew=True)
    yield Operation("ROLLBACK", K.CMD_ROLLBACK, before=trial, anew=True)
    yield Operation("ROLLBACK from mode off", K.CMD_ROLLBACK, anew=True,
                    before=lambda sock: trial(sock, u8(K.A_MODE, K.MODE_OFF)))
    yield Operation("ABORT", K.CMD_ABORT, lambda t: [txn(t)], begun(FULL))
    yield Operation("TEST", K.CMD_TEST, always(
        Attr(K.A_SRC, b"\x64\x40\x07\x09"), Attr(K.A_DST, b"\xc0\0\x02\x19")))
    yield Operation("STATS_GET", K.CMD_STATS_GET)
    yield Operation("OFFENDER_GET", K.CMD_OFFENDER_GET, before=offenders, dump=True,
                    anew=True)
    yield Operation("STATS_RESET", K.CMD_STATS_RESET)


def others(sock, rng):
    """What has no line above, as the policies have it."""
    ops, policies = kernel_policies(sock)
    grammar = Grammar(rng, ops, policies)
    known = {op.cmd for op in operations()}
    for cmd in grammar.commands:
        if cmd not in known:
            attrs = grammar.message(cmd)
            yield Operation(f"command {cmd}", cmd, lambda given, a=attrs: a, known=False)


def fresh(sock, op):
    """base(), and nothing else: the transaction of the try before dies with its
    socket.
    """
    sock.close()
    if op.anew:
        unshare()
    new = Socket()
    if not op.anew:
        base(new)
    return new, op.before(new)


class Silent:
    """Who is refused gets a sentence; but what the core allocates before it asks
    the module fails without one.
    """

    def __init__(self):
        self.silent, self.told = [], []

    def see(self, nth, answer):
        if answer.error in FAILURES:
            if answer.sentence is None:
                self.silent.append(nth.n)
            elif answer.sentence:
                self.told.append(nth.n)

    def wrong(self):
        late = [n for n in self.silent if self.told and n > min(self.told)]
        if len(set(self.silent)) > 2:
            late = self.silent
        return [f"allocations {late} failed without a sentence"] if late else []


def judge(nth, answer, right, before, after, now):
    """Return: what is wrong, or None."""
    if answer.error is None:
        good = now in (before, after)
    elif answer.error == 0:
        good = now == after and same_answer(answer, right) and not answer.sentence
    elif answer.error == right.error:
        good = now == before
    else:
        good = nth.hit and now == before and answer.error in FAILURES
    if good:
        return None
    return f"allocation {nth.n}: {answer}: {difference(before, after, now)}"


def fail_each(sock, op, rng, budget):
    """Return: (socket, allocations that have failed, what was wrong)"""
    sock, given = fresh(sock, op)
    before = in_force(sock)
    nth, right = attempt(sock, MANY, op, given)
    after = in_force(sock)
    wrong, failed, silent = [], 0, Silent()
    if right.error and op.known:
        wrong.append(f"without a failure: {right}")
    total = MANY - nth.left
    for n in turns(rng, total, budget):
        sock, given = fresh(sock, op)
        nth, answer = attempt(sock, n, op, given)
        now = in_force(sock)
        failed += nth.hit
        if not nth.hit and n > total:
            break
        silent.see(nth, answer)
        wrong += filter(None, [judge(nth, answer, right, before, after, now)])
    return sock, failed, wrong + silent.wrong()


def same_answer(answer, right):
    """A dump may come in other messages when there is little memory."""
    return [k for r in answer.replies for k, _ in r] == [
        k for r in right.replies for k, _ in r]


def difference(before, after, now):
    return "as before" if now == before else "as after" if now == after else (
        f"in force is {now}")


def each_operation(tap, sock, rng, budget):
    """In a namespace of its own for each."""
    everything = list(operations()) + list(others(sock, rng))
    rng.shuffle(everything)
    for i, op in enumerate(everything):
        if i and budget.out():
            print(f"# out of time before {len(everything) - i} operations")
            break
        mine = Budget(share=1 / (len(everything) - i), within=budget)
        pid = child(in_namespace, tap, op, rng, mine)
        good = os.waitpid(pid, 0)[1] == 0
        tap.count += 1
        tap.failed += not good


def at_rest(sock):
    """A socket anew, in a namespace with no entry; its memory, and op25b's objects."""
    sock.close()
    new = Socket()
    new.do(K.CMD_ROLLBACK)
    base(new)
    new.do(K.CMD_PREFIX_FLUSH)
    new.do(K.CMD_RELAY_FLUSH)
    wait_for_rest(new)
    base(new)
    new.do(K.CMD_PREFIX_FLUSH)
    new.do(K.CMD_RELAY_FLUSH)
    return new, wait_for_rest(new), slabs()


def in_namespace(tap, op, rng, budget):
    unshare()
    sock, given = fresh(Socket(), op)
    attempt(sock, MANY, op, given)
    sock, memory, objects = at_rest(sock)
    sock, failed, wrong = fail_each(sock, op, rng, budget)
    sock, _, _ = at_rest(sock)
    wrong += filter(None, [wait_for(back_to(memory + LARGER, objects, sock))])
    count(failed, "allocations failed in operations")
    tap.equal(wrong[:5], [], f"{op.name}: {failed} allocations failed")
    return bool(wrong)


def load(n):
    """Return: (Nth, error of finit_module)"""
    libc = ctypes.CDLL(None, use_errno=True)
    with open(os.environ["OP25B_KO"], "rb") as file:
        with Nth(n) as nth:
            failed = libc.syscall(313, file.fileno(), b"", 0)
            error = ctypes.get_errno() if failed else 0
    return nth, error


def left_over():
    """What a module that did not load has left."""
    with Socket() as sock:
        out = ["the family"] if sock.resolve() is not None else []
    out += [f"cache {name}" for name in slabs()]
    out += [p for p in ("/proc/net/op25b", "/sys/module/op25b") if os.path.exists(p)]
    with open("/proc/modules", encoding="ascii") as file:
        out += [line for line in file if line.startswith("op25b ")]
    return out


def loading(tap, rng, budget):
    """With two namespaces more, so that some have their state already when it
    fails in the next.
    """
    subprocess.run(["rmmod", "op25b"], check=True)
    for name in ("fault-a", "fault-b"):
        subprocess.run(["ip", "netns", "add", name], check=True)
    wrong, failed = [], 0
    nth, error = load(MANY)
    assert not error, errno.errorcode[error]
    subprocess.run(["rmmod", "op25b"], check=True)
    total = MANY - nth.left
    for n in turns(rng, total, budget, 150):
        nth, error = load(n)
        failed += nth.hit
        if not error:
            subprocess.run(["rmmod", "op25b"], check=True)
        left = left_over()
        if left or error not in (0, *FAILURES):
            wrong.append(f"allocation {n}: {errno.errorcode.get(error)}, left {left}")
        if not nth.hit and n > total:
            break
    for name in ("fault-a", "fault-b"):
        subprocess.run(["ip", "netns", "del", name], check=True)
    count(failed, "allocations failed in loading the module")
    tap.equal(wrong[:5], [], f"{failed} allocations failed in loading the module")
    subprocess.run(["insmod", os.environ["OP25B_KO"]], check=True)


def new_namespace(n, report):
    libc = ctypes.CDLL(None, use_errno=True)
    with Nth(n) as nth:
        failed = libc.unshare(CLONE_NEWNET)
        error = ctypes.get_errno() if failed else 0
    good = True
    if not error:
        with open("/proc/net/op25b", encoding="ascii") as file:
            good = "mode off" in file.read()
    os.write(report, struct.pack("=IB?", nth.left, error, good))
    return 0


def try_namespace(n):
    """Return: (allocations left to n, error, has it its state)"""
    read, write = os.pipe()
    os.waitpid(child(new_namespace, n, write), 0)
    os.close(write)
    data = os.read(read, 16)
    os.close(read)
    return struct.unpack("=IB?", data) if data else (0, 0, False)


def namespaces(tap, rng, budget):
    """The module's part of a new namespace is small; that of the others fails
    along with it.
    """
    wrong, failed = [], 0
    total = MANY - try_namespace(MANY)[0]
    for n in turns(rng, total, budget, 100):
        left, error, good = try_namespace(n)
        failed += left == 0
        if not good:
            wrong.append(f"allocation {n}: a namespace without its state")
        if left and n > total:
            break
    count(failed, "allocations failed in making a namespace")
    tap.equal(wrong[:5], [], f"{failed} allocations failed in making a namespace")


def of_the_kernel(report):
    """Is it the one leak that is not ours? When sysfs_slab_add() of kernel 6.1
    (mm/slub.c) fails behind kobject_set_name_vargs(), nobody puts the kobject of
    the new cache, and its name is lost. Any other stack fails the test, with or
    without our names in it: a module that is gone has none.
    """
    return re.findall(r"\] (\w+)\+", report)[:len(SLUB_NAME)] == SLUB_NAME


def leaks(tap):
    """kmemleak, where the kernel has it. It looks twice: what is young may be
    found later.
    """
    path = f"{DEBUGFS}/kmemleak"
    if not os.path.exists(path):
        return
    # That there are some, kmemleak says on the console, which must be clean:
    # KERN_INFO stays away from it while this here is the judge.
    write(PRINTK, "6")
    for _ in range(2):
        write(path, "scan")
    write(PRINTK, "8")
    with open(path, encoding="utf-8", errors="replace") as file:
        reports = file.read().split("unreferenced object ")[1:]
    others = [r for r in reports if not of_the_kernel(r)]
    print(f"# kmemleak: {len(reports)} reports in all, {len(reports) - len(others)}"
          " of them of sysfs_slab_add()")
    tap.equal(others[:3], [], "kmemleak finds nothing of the module")


def run(tap, sock):
    rng, budget = dice("faults"), Budget(share=0.9)
    arm()
    sock.close()
    with Socket() as mine:
        each_operation(tap, mine, rng, Budget(share=0.6, within=budget))
    loading(tap, rng, Budget(share=0.7, within=budget))
    namespaces(tap, rng, budget)
    leaks(tap)
