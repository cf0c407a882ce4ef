# SPDX-License-Identifier: GPL-2.0
"""Replies under bad conditions: spoofed floods, no way back, no memory.
Whatever becomes of the reply, the packet that it is about does not pass."""
import errno
import os
import socket
import time

import topo
from extra import AF, refill
from lab import FENCE, PATIENCE, answers, moved, counters
from nfqueue import Queue
from wire import ACK, Kit

FLOOD = 10000
# What the module allows by default, a second.
CEILING = 1000
# An error quotes what it is about behind headers of its own.
QUOTING = {4: 28, 6: 48}
FAILSLAB = "/sys/kernel/debug/failslab"
ROUNDS = 200


def _spoofed(family, n):
    """One of many sources all over what is blocked."""
    if family == 4:
        return socket.inet_pton(AF[4], f"100.{64 + n % 50}.{n // 250 + 2}."
                                f"{n % 250 + 1}")
    return socket.inet_pton(AF[6], f"2001:db8:1:{n + 0x1000:x}::1")


def _back(verb, kind=""):
    """Routes to the spoofed sources: to S, or of a @kind that refuses."""
    for nets, way in (("100.64.0.0/10", "100.64.1.1"),
                      ("2001:db8:1::/48", "2001:db8:1:1::1")):
        to = nets if kind else f"{nets} via {way}"
        topo.ip("R", [f"route {verb} {kind} {to}"])


def _flood(lab, family):
    """(replies, their bytes, bytes sent, counters, seconds)"""
    kit = Kit(family, "S", "M", 25)
    packets = []
    for n in range(FLOOD):
        kit.src = _spoofed(family, n)
        packets.append(kit.ip(kit.tcp()))
    start = counters()
    clock = time.monotonic()
    got, _ = lab.shoot("S", packets)
    seconds = time.monotonic() - clock
    proto = 9 if family == 4 else 6
    back = [data for data in got["S"] if FENCE not in data and
            data[0] >> 4 == family and data[proto] in (1, 6, 58) and
            not (data[proto] == 58 and data[40] > 127)]
    return back, sum(map(len, back)), sum(len(p.data) for p in packets), \
        moved(start, counters()), seconds


def flood(tap, lab, configure):
    """Nobody is flooded by reflection."""
    _back("add")
    for reject in ("tcp-reset", "icmp"):
        for family in (4, 6):
            configure("enforce", reject, limits=False)
            refill()
            back, size, sent, count, seconds = _flood(lab, family)
            answer = 6 if reject == "tcp-reset" else 1 if family == 4 else 58
            other = [data.hex() for data in back
                     if data[9 if family == 4 else 6] != answer]
            most = CEILING * (seconds + 1) + 1
            extra = QUOTING[family] * len(back) if reject == "icmp" else 0
            tap.ok(CEILING <= len(back) <= most and size <= sent + extra and
                   len(back) - len(other) <= count["reply_sent"] and
                   count["block"] == FLOOD and
                   count["reply_sent"] + count.get("reply_limited", 0) == FLOOD,
                   f"replies: v{family} {reject}, {FLOOD} spoofed sources get "
                   f"{len(back)} of at most {most:.0f}",
                   [f"{size} bytes for {sent} in {seconds:.1f} s", count,
                    f"{len(other)} that are none", *other[:3]])
    _back("del")


def no_route(tap, lab, configure):
    """Of a reply that finds no way, nothing is seen, nor of the packet."""
    for kind in ("blackhole", "unreachable", "prohibit", "throw"):
        _back("add", kind)
        for reject in ("tcp-reset", "icmp"):
            configure("enforce", reject)
            for family in (4, 6):
                kit = Kit(family, "S", "M", 25)
                kit.src = _spoofed(family, 1)
                packet = kit.ip(kit.tcp())
                got, count = lab.shoot("S", [packet])
                came = [net for net, frames in got.items()
                        for data in frames if packet.body in data]
                tap.ok(not came and count.get("block") == 1 and
                       not count.get("reply_sent"),
                       f"replies: v{family} {reject}, {kind} on the way back",
                       [came, count])
        _back("del", kind)


OUTPUT = """table inet out {
    chain output {
        type filter hook output priority 0; policy drop;
        %s
        ip6 nexthdr icmpv6 icmpv6 type { nd-neighbor-solicit, nd-neighbor-advert } accept
    }
}"""


def swallowed(tap, lab, configure):
    """What OUTPUT or the kernel's limit on ICMP swallows has not been sent."""
    for reject in ("tcp-reset", "icmp"):
        configure("enforce", reject)
        for family in (4, 6):
            for rule, leaves in (("", 0), ("meta l4proto { tcp, icmp, icmpv6 } "
                                           "accept", 1)):
                topo.sh("nft", "-f", "-", stdin=OUTPUT % rule)
                kit = Kit(family, "S", "M", 25)
                packet = kit.ip(kit.tcp())
                got, count = lab.shoot("S", [packet])
                topo.sh("nft", "delete table inet out")
                tap.ok(len(answers(got["S"], packet)) == leaves and
                       count.get("block") == 1 and
                       count.get("reply_sent", 0) == leaves,
                       f"replies: v{family} {reject}, OUTPUT lets {leaves} of 1 "
                       "leave, as counted", [count])
    for family, name in ((4, "net.ipv4.icmp_ratelimit"),
                         (6, "net.ipv6.icmp.ratelimit")):
        before = topo.sh("sysctl", "-n", name).stdout.strip()
        topo.sh("sysctl", "-qw", f"{name}=1000")
        kit = Kit(family, "S", "M", 25)
        # What the kernel has to give to S is little or nothing while S has
        # just had answers without a limit: a second brings one more.
        deadline = time.monotonic() + PATIENCE
        while True:
            packets = [kit.ip(kit.tcp()) for _ in range(30)]
            got, count = lab.shoot("S", packets)
            came = sum(len(answers(got["S"], packet)) for packet in packets)
            if (came or count.get("block") != 30 or count.get("reply_sent") or
                    time.monotonic() > deadline):
                break
        topo.sh("sysctl", "-qw", f"{name}={before}")
        tap.ok(count.get("block") == 30 and 0 < came < 30 and
               count.get("reply_sent", 0) == came,
               f"replies: v{family}, of 30 errors {came} leave, as counted",
               [count])


def forbidden(tap, lab, configure):
    """RFC 1122, section 3.2.2: nothing to or about what is no single host."""
    for reject in ("tcp-reset", "icmp"):
        configure("enforce", reject, more="prefix 240.0.0.0/4 block\n")
        topo.ip("R", ["route add 240.0.0.0/4 via 198.51.100.25"])
        for src, dst in (("240.1.2.3", topo.addr("M", 4)),
                         (topo.addr("S", 4), "240.1.2.3")):
            kit = Kit(4, "S", "M", 25)
            kit.src = socket.inet_pton(AF[4], src)
            kit.dst = socket.inet_pton(AF[4], dst)
            packet = kit.ip(kit.tcp())
            got, count = lab.shoot("S", [packet])
            back = [a for net in got for a in answers(got[net], packet)]
            tap.ok(not back and count == {"block": 1, "block_syn": 1},
                   f"replies: {reject}, none from {src} to {dst}",
                   [back, count])
        topo.ip("R", ["route del 240.0.0.0/4"])


def _failslab(**values):
    for name, value in values.items():
        with open(f"{FAILSLAB}/{name.replace('_', '-')}", "w",
                  encoding="ascii") as file:
            file.write(str(value))


class FailingQueue(Queue):
    """Its verdicts run the hook in this thread, where the nth allocation that
    may not sleep fails."""
    nth = 0
    fired = False

    def _verdict(self, ident, payload=None):
        if not self.nth:
            super()._verdict(ident, payload)
            return
        fd = os.open("/proc/thread-self/fail-nth", os.O_RDWR)
        os.pwrite(fd, str(self.nth).encode(), 0)
        failed = None
        try:
            super()._verdict(ident, payload)
        except OSError as error:
            failed = error
        self.fired = int(os.pread(fd, 16, 0)) == 0
        os.pwrite(fd, b"0", 0)
        os.close(fd)
        if failed and failed.errno not in (errno.ENOMEM, errno.ENOBUFS):
            raise failed
        if failed:
            super()._verdict(ident, payload)


def _nth(lab, queue, family):
    """Let each allocation behind the verdict fail once. Return: how many did,
    how many packets came to M."""
    kit = Kit(family, "S", "M", 25)
    came = 0
    for nth in range(1, ROUNDS):
        queue.nth = nth
        packet = kit.ip(kit.tcp(flags=ACK))
        before = queue.seen
        lab.shoot("S", [packet])
        deadline = time.monotonic() + PATIENCE
        while queue.seen == before and time.monotonic() < deadline:
            time.sleep(0.001)
        lab.settle("S")
        came += sum(packet.body in data for data in lab.legs["M"].got)
        if not queue.fired:
            return nth - 1, came
    raise RuntimeError("allocations without end")


def no_memory(tap, lab, configure):
    if not os.path.exists("/proc/self/fail-nth"):
        tap.skip("replies: without memory", "no fault injection in this kernel")
        return
    topo.sh("mount", "-t", "debugfs", "debugfs", "/sys/kernel/debug",
            check=False)
    _failslab(verbose=0, probability=0, times=-1)
    topo.sh("nft", "-f", "-", stdin="""
        table inet nfq {
            chain forward {
                type filter hook forward priority -150;
                tcp dport 25 queue num 0
            }
        }""")
    queue = FailingQueue()
    for reject in ("tcp-reset", "icmp"):
        configure("enforce", reject)
        for family in (4, 6):
            failed, came = _nth(lab, queue, family)
            tap.ok(failed and not came, f"replies: v{family} {reject}, each of "
                   f"{failed} allocations fails once", [failed, came])
    queue.stop()
    topo.sh("nft", "delete table inet nfq")
    _under_pressure(tap, lab, configure)


def _under_pressure(tap, lab, configure):
    """A third of all allocations in softirq fail. What captures may fail, too,
    but not the counter at M."""
    for mode, reject in (("off", "drop"), ("enforce", "tcp-reset"),
                         ("enforce", "icmp")):
        configure(mode, reject)
        for family in (4, 6):
            kit = Kit(family, "S", "M", 25)
            packets = [kit.ip(kit.tcp()) for _ in range(ROUNDS)]
            before = lab.oracle.packets("first")
            _failslab(probability=33, task_filter=0)
            for packet in packets:
                try:
                    lab.legs["S"].send(packet.data)
                except OSError as error:
                    if error.errno not in (errno.ENOMEM, errno.ENOBUFS):
                        raise
            _failslab(probability=0)
            lab.shoot("S", [])
            came = lab.oracle.packets("first") - before
            tap.ok((came > 0) == (mode == "off"), f"replies: v{family} without "
                   f"memory, mode {mode}, {reject}: {came} of {ROUNDS} pass")


def replies(tap, lab, configure):
    flood(tap, lab, configure)
    no_route(tap, lab, configure)
    swallowed(tap, lab, configure)
    forbidden(tap, lab, configure)
    no_memory(tap, lab, configure)
