# SPDX-License-Identifier: GPL-2.0
"""What is no single packet: connections, limits, entries, two namespaces."""
import errno
import json
import os
import socket
import time

import topo
from cases import FLOOR
from judge import Setting, run_case
from lab import PATIENCE, TOOL, Lab, answers, counters, tool
from wire import ACK, SYN, Kit

HELPERS = ("nf_reject_ipv4", "nf_reject_ipv6")
AF = {4: socket.AF_INET, 6: socket.AF_INET6}


def _socket(netns, family):
    topo.enter(netns)
    sock = socket.socket(AF[family], socket.SOCK_STREAM)
    topo.enter("R")
    return sock


def _listen(family):
    sock = _socket("M", family)
    sock.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    sock.bind((topo.addr("M", family), 25))
    sock.listen()
    return sock


def _connect(who, family):
    """Return: errno, 0 or "timeout", and the seconds it took."""
    sock = _socket(topo.WHO[who][0], family)
    sock.bind((topo.addr(who, family), 0))
    sock.settimeout(2)
    start = time.monotonic()
    try:
        sock.connect((topo.addr("M", family), 25))
        result = 0
    except TimeoutError:
        result = "timeout"
    except OSError as error:
        result = error.errno
    sock.close()
    return result, time.monotonic() - start


def connect(tap, configure):
    """Case 22: what a mail client sees."""
    icmp = {4: errno.EHOSTUNREACH, 6: errno.EACCES}
    listeners = [_listen(4), _listen(6)]
    for host in "SUM":
        topo.quiet(host, False)
    # A wire takes time. An answer that is there before connect() has let go of
    # its socket is one that Linux ignores if it is ICMP (LockDroppedIcmps).
    topo.sh("tc", "qdisc", "add", "dev", "s0", "root", "netem", "delay", "5ms")
    for mode, reject, who, want in (
            ("off", "drop", "S", {4: 0, 6: 0}),
            ("monitor", "tcp-reset", "S", {4: 0, 6: 0}),
            ("enforce", "tcp-reset", "U", {4: 0, 6: 0}),
            ("enforce", "tcp-reset", "Exempt", {4: 0, 6: 0}),
            ("enforce", "tcp-reset", "Watched", {4: 0, 6: 0}),
            ("enforce", "tcp-reset", "S", {4: errno.ECONNREFUSED,
                                           6: errno.ECONNREFUSED}),
            ("enforce", "icmp", "S", icmp),
            ("enforce", "drop", "S", {4: "timeout", 6: "timeout"})):
        configure(mode, reject)
        for family in (4, 6):
            got, seconds = _connect(who, family)
            good = got == want[family] and (got == "timeout" or seconds < 1)
            tap.ok(good, f"connect: 22 v{family} {who} in mode {mode}, reject "
                   f"{reject}: {errno.errorcode.get(got, got)}",
                   [f"wanted {want[family]}, {seconds:.2f} s"])
    topo.sh("tc", "qdisc", "del", "dev", "s0", "root")
    for host in "SUM":
        topo.quiet(host, True)
    for sock in listeners:
        sock.close()


def _flood(lab, family, who, dst, count, source=None, first=0, **how):
    """@count packets at once, @source(n) replacing the source's bytes; to
    ports from @first on, if given. Return: the answers, the counters that moved, the seconds it took."""
    kit = Kit(family, who, dst, 25)
    packets = []
    for n in range(count):
        if source:
            kit.src = source(n)
        packets.append(kit.ip(kit.tcp(port=first + n if first else 25, **how)))
    start = time.monotonic()
    got, moved = lab.shoot(who, packets)
    seconds = time.monotonic() - start
    back = got[topo.WHO[who][0]]
    found = [answer for packet in packets for answer in answers(back, packet)]
    return found, moved, seconds


def _bounded(tap, label, count, rate, flood):
    """Between @rate answers and what flowed in meanwhile; none lost count."""
    found, moved, seconds = flood
    sent = moved.get("reply_sent", 0)
    most = rate + rate * seconds + 1
    tap.ok(rate <= sent <= most and len(found) == sent and
           all(answer.good for answer in found) and
           sent + moved.get("reply_limited", 0) == count,
           f"limits: {label}", [f"{len(found)} answers in {seconds:.2f} s, "
                                f"counters {moved}"])


def refill():
    """What was empty is full again after a second, at any rate; the kernel's
    coarse clock is a tick behind."""
    time.sleep(1.05)


def _host(family, n):
    """Host @n of the network behind S: for IPv6, its /64."""
    if family == 4:
        return socket.inet_pton(AF[4], f"100.64.3.{n}")
    return socket.inet_pton(AF[6], f"2001:db8:1:3{n:02x}::1")


def limits(tap, lab, configure):
    for reject in ("tcp-reset", "icmp"):
        for family in (4, 6):
            label = f"v{family} {reject}"
            configure("enforce", reject, "on")
            refill()
            tool("set", "reject-source-rate", "10")
            _bounded(tap, f"{label}, a flood of one source", 300, 10,
                     _flood(lab, family, "Bot2", "M", 300))
            found, _, _ = _flood(lab, family, "S", "M", 1,
                                 source=lambda n, f=family: _host(f, 250))
            tap.ok(len(found) == 1, f"limits: {label}, another source is "
                   "answered meanwhile")
            found, _, _ = _flood(lab, family, "M", "Bot2", 1, first=4000,
                                 sport=25, flags=SYN | ACK)
            tap.ok(len(found) == 1, f"limits: {label}, reverse hits too")

            _bounded(tap, f"{label}, a flood of reverse hits", 100, 10,
                     _flood(lab, family, "U", "Bot2", 100, first=4000,
                            sport=25, flags=SYN | ACK))
            found, _, _ = _flood(lab, family, "S", "M", 1,
                                 source=lambda n, f=family: _host(f, 251))
            tap.ok(len(found) == 1, f"limits: {label}, and leaves the rest "
                   "its answers")
            tool("set", "reject-rate", "20")
            _bounded(tap, f"{label}, a crowd under the ceiling", 200, 20,
                     _flood(lab, family, "S", "M", 200,
                            source=lambda n, f=family: _host(f, n)))
            tool("set", "reject-rate", "0")
            found, moved, _ = _flood(lab, family, "S", "M", 5)
            tap.ok(not found and moved.get("block") == 5 and
                   "reply_sent" not in moved,
                   f"limits: {label}, rate 0: no answers", [moved])
    configure("enforce", "tcp-reset")
    refill()
    tool("set", "reject-source-rate", "10")
    _bounded(tap, "v6, one /64 is one source", 100, 10,
             _flood(lab, 6, "S", "M", 100,
                    source=lambda n: socket.inet_pton(
                        AF[6], f"2001:db8:1:3ff::{n + 1:x}")))


def entry_counters(kind, key):
    """The counters of one entry, as the tool prints them."""
    found = json.loads(tool("-j", kind, "show", key).stdout)
    found = found if isinstance(found, list) else [found]
    return {name: found[0].get(name, 0) for name in ("packets", "bytes",
                                                     "syns")}


def entries(tap, lab, configure):
    """Which entry counts what."""
    for family, block, host, relay in (
            (4, "100.64.0.0/10", "100.64.1.9/32", "192.0.2.25"),
            (6, "2001:db8:1::/48", "2001:db8:1:1::9/128", "2001:db8:a::25")):
        configure("enforce", "drop")
        tool("stats", "reset")
        size = 40 if family == 4 else 60
        lab.shoot("S", [(k := Kit(family, "S", "M", 25)).ip(k.tcp()),
                        k.ip(k.tcp(flags=ACK, data=b"x" * 100))])
        k = Kit(family, "S", "P", 25)
        lab.shoot("S", [k.ip(k.tcp())])
        k = Kit(family, "Exempt", "M", 25)
        lab.shoot("Exempt", [k.ip(k.tcp())])
        for kind, key, want in (
                ("prefix", block, (3, 3 * size + 100, 2)),
                ("prefix", host, (1, size, 1)),
                ("relay", relay, (1, size, None))):
            got = entry_counters(kind, key)
            good = (got["packets"], got["bytes"]) == want[:2] and \
                want[2] in (None, got["syns"])
            tap.ok(good, f"entries: v{family} {kind} {key}", [got, want])
        tool("set", "counters", "off")
        k = Kit(family, "S", "M", 25)
        _, moved = lab.shoot("S", [k.ip(k.tcp())])
        tap.ok(entry_counters("prefix", block)["packets"] == 3 and
               moved.get("block") == 1,
               f"entries: v{family} counters off: only the namespace counts",
               [moved])
        tool("stats", "reset")
        tap.ok(entry_counters("prefix", block)["packets"] == 0 and
               not counters()["block"], f"entries: v{family} reset")


def _settled():
    """Waits until the kernel's memory has not moved for a while of many grace
    periods. Return: did it settle?"""
    last, same = None, 0
    for _ in range(600):
        now = json.loads(tool("-j", "stats").stdout)["memory"]
        same = same + 1 if now == last else 0
        last = now
        if same == 10:
            return True
        time.sleep(0.05)
    return False


def forgotten(tap, lab, configure):
    """An entry that was deleted is on a list of those to be used again. Packets
    of its time may be counted on it later than that, when others need the place
    where a CPU holds their counts, and must not touch the list."""
    configure("enforce", "drop")
    crowd = [bytes((100, 65, n >> 8, n & 255)) for n in range(1024)]
    bots = [bytes((100, 66, 0, n)) for n in range(8)]

    def change(verb, sources, *rest):
        topo.sh(TOOL, "-b", "-", stdin="".join(
            f"prefix {verb} {'.'.join(map(str, source))}/32 {' '.join(rest)}\n"
            for source in sources))

    def mail(sources, times):
        _flood(lab, 4, "S", "M", times * len(sources),
               source=lambda n: sources[n // times])

    change("add", crowd, "block")
    for _ in range(3):
        change("add", bots, "block")
        mail(bots, 6)       # enough for counters of their own
        change("del", bots)
        tap.ok(_settled(), "forgotten: the kernel is through with the deleted")
        mail(crowd, 2)      # enough to take every place
        change("add", bots, "block")
        mail(bots, 1)
        wrong = [got for source in bots if (got := entry_counters(
            "prefix", ".".join(map(str, source)) + "/32"))["packets"] != 1]
        tap.ok(not wrong, "forgotten: what is added again counts from nought",
               wrong)
        change("del", bots)


def _modules():
    """{module: how many use it}"""
    with open("/proc/modules", encoding="ascii") as file:
        return {line.split()[0]: int(line.split()[2]) for line in file}


def _reload(modprobe, first=()):
    """op25b anew, without its helpers in the kernel at first, but @first."""
    tool("set", "mode", "off")
    topo.sh("rmmod", "op25b")
    for name in HELPERS:
        if name in _modules():
            topo.sh("rmmod", name)
    for name in first:
        topo.sh("modprobe", name)
    topo.sysctl_kernel("modprobe", modprobe)
    topo.sh("insmod", os.environ["OP25B_KO"])


def _given_up(family):
    """How often M has given up half a datagram."""
    topo.enter("M")
    if family == 6:
        with open("/proc/self/net/snmp6", encoding="ascii") as file:
            pairs = dict(line.split() for line in file)
        count = pairs["Ip6ReasmTimeout"]
    else:
        with open("/proc/self/net/snmp", encoding="ascii") as file:
            names, values = [line.split() for line in file][:2]
        count = values[names.index("ReasmTimeout")]
    topo.enter("R")
    return int(count)


def silence(tap, lab, configure):
    """Hosts never answer by themselves, later either: an error about half a
    datagram would count as another pass's."""
    times = {4: "ipv4/ipfrag_time", 6: "netfilter/nf_conntrack_frag6_timeout"}
    configure("off")
    for family in (4, 6):
        topo.enter("M")
        usual = topo.sysctl_of(times[family])
        topo.sysctl({times[family]: 1})
        topo.enter("R")
        before = _given_up(family)
        kit = Kit(family, "S", "M", 25)
        arrived, _ = lab.shoot("S", [kit.ip(kit.tcp(data=bytes(4)),
                                             off=0, mf=True)])
        deadline = time.monotonic() + PATIENCE
        while _given_up(family) == before and time.monotonic() < deadline:
            time.sleep(0.05)
        answer, _ = lab.shoot("S", [])
        tap.ok(len(arrived["M"]) == 1 and _given_up(family) > before and
               not answer["S"], f"silence: v{family}, of half a datagram "
               "nothing is said when M gives it up", [arrived, answer])
        topo.enter("M")
        topo.sysctl({times[family]: usual})
        topo.enter("R")


def helpers(tap, lab, configure):
    """insmod alone gets the helpers of nf_reject, and does without."""
    modprobe = topo.sysctl_kernel("modprobe")
    _reload(modprobe)
    tap.ok(all(_modules().get(name) for name in HELPERS),
           "helpers: insmod has them loaded and holds them")
    tap.ok(all(topo.sh("rmmod", name, check=False).returncode
               for name in HELPERS), "helpers: they cannot go meanwhile")
    _reload("/nowhere/modprobe")
    tap.ok(not any(name in _modules() for name in HELPERS),
           "helpers: op25b lets go of them, and loads without modprobe")
    for reject in ("tcp-reset", "icmp"):
        refused = configure("enforce", reject, check=False)
        tap.ok(refused.returncode == 1 and "reject drop" in refused.stderr,
               f"helpers: enforce with {reject} is refused without them",
               [refused])
    for mode, reject in (("monitor", "icmp"), ("enforce", "drop")):
        done = configure(mode, reject, check=False)
        tap.ok(done.returncode == 0,
               f"helpers: {mode} with {reject} does without", [done])
    k = Kit(4, "S", "M", 25)
    _, moved = lab.shoot("S", [k.ip(k.tcp())])
    tap.ok(moved == {"block": 1, "block_syn": 1}, "helpers: and blocks",
           [moved])
    for family, name in ((4, HELPERS[0]), (6, HELPERS[1])):
        _one_helper(tap, lab, configure, family, name)
    _reload(modprobe)
    configure("enforce", "tcp-reset")
    found, _, _ = _flood(lab, 4, "S", "M", 1)
    tap.ok(len(found) == 1, "helpers: loaded anew, they answer")


def _one_helper(tap, lab, configure, family, name):
    """Only what has prefixes needs its helper."""
    _reload("/nowhere/modprobe", [name])
    prefixes = {4: "100.64.0.0/10", 6: "2001:db8:1::/48"}
    mine, other = prefixes[family], prefixes[10 - family]
    for reject in ("tcp-reset", "icmp"):
        refused = configure("enforce", reject, check=False)
        tap.ok(refused.returncode == 1 and
               f"nf_reject_ipv{10 - family}" in refused.stderr,
               f"helpers: {name} alone, {reject} for both families is refused",
               [refused])
        tool("prefix", "flush", "force")
        tool("prefix", "add", mine, "block")
        done = tool("set", "mode", "enforce", "reject", reject, check=False)
        found, moved, _ = _flood(lab, family, "S", "M", 1)
        tap.ok(done.returncode == 0 and len(found) == 1 and
               moved.get("block") == 1,
               f"helpers: {name} alone, {reject} for v{family} answers",
               [done, found, moved])
        refused = tool("prefix", "add", other, "block", check=False)
        tap.ok(refused.returncode == 1 and
               f"nf_reject_ipv{10 - family}" in refused.stderr,
               f"helpers: {name} alone, {reject}: a prefix of the other family "
               "is refused", [refused])
        tool("set", "mode", "off")


def namespaces(tap, lab, configure):
    """Case 21: R2 has the module, but nothing is configured there."""
    configure("enforce")
    there = Lab("R2")
    for case in FLOOR:
        if case.number not in (1, 5) or {case.src, case.dst} - {"S", "M"}:
            continue
        for family in (4, 6):
            topo.enter("R2")
            run_case(tap, there, case, family, Setting("off"),
                     "21 the other namespace")
            topo.enter("R")
            run_case(tap, lab, case, family, Setting("enforce"),
                     "21 this namespace")
