# SPDX-License-Identifier: GPL-2.0
"""How hooks, and the module, come and go."""
import errno
import os
import time

import topo
from lab import counters, tool
from nfqueue import Queue
from wire import Kit

MOST_HOOKS = 1024   # at one place: net/netfilter/core.c, MAX_HOOK_COUNT


def _mail(lab, who, family):
    """Does a mail of @who come out at M?"""
    kit = Kit(family, who, "M", 25)
    packet = kit.ip(kit.tcp())
    got, _ = lab.shoot(who, [packet])
    return any(packet.body in data for data in got["M"])


def _hooks():
    now = counters()
    return now["mode"], now["hook_v4"], now["hook_v6"]


def _crowd(table, n):
    """As many chains in FORWARD, each of them a hook, all behind op25b."""
    topo.sh("nft", "-f", "-", stdin=f"table {table} crowd {{\n" + "".join(
        f"chain c{i} {{ type filter hook forward priority 10; }}\n"
        for i in range(n)) + "}\n")


def half(tap, lab, configure):
    """The second family's hook cannot be registered when the first one's is."""
    for table, family in (("ip6", "v6"), ("ip", "v4")):
        configure("off", "drop")
        _crowd(table, MOST_HOOKS)
        for what, done in (
                ("set", tool("set", "mode", "enforce", check=False)),
                ("apply", configure("enforce", "drop", check=False))):
            tap.ok(done.returncode == 1 and "hooks" in done.stderr,
                   f"half: {what}: no room for the {family} hook, refused",
                   [done.stderr])
            tap.ok(_hooks() == ("off", 0, 0),
                   "half: off stays in force, no hook is left", [_hooks()])
            tap.ok(_mail(lab, "S", 4) and _mail(lab, "S", 6),
                   "half: and mail passes")
        topo.sh("nft", "delete", "table", table, "crowd")
        tool("set", "mode", "enforce")
        tap.ok(_hooks() == ("enforce", 1, 1) and not _mail(lab, "S", 4) and
               not _mail(lab, "S", 6), "half: with room again, it enforces")


def _held(tap, lab, queue, who, family, say):
    """Sends mail of @who, which ends in the queue. Return: the packet"""
    kit = Kit(family, who, "M", 25)
    packet = kit.ip(kit.tcp())
    before = queue.seen
    lab.shoot(who, [packet])
    end = time.monotonic() + 20
    while queue.seen == before and time.monotonic() < end:
        time.sleep(0.01)
    tap.ok(queue.seen == before + 1, f"held: v{family} mail of {who} {say}")
    return packet


def _came(lab, packet):
    lab.settle("S")
    lab.legs["M"].drain()
    return any(packet.body in data for data in lab.legs["M"].got)


def held(tap, lab, configure):
    """Packets wait in NFQUEUE ahead of the hook while that comes or goes."""
    topo.sh("nft", "-f", "-", stdin="""
        table inet nfq {
            chain forward {
                type filter hook forward priority -150;
                tcp dport 25 queue num 0
            }
        }""")
    queue = Queue(hold=True)
    for family in (4, 6):
        configure("off", "drop")
        packet = _held(tap, lab, queue, "S", family, "waits ahead of no hook")
        configure("enforce", "drop")
        queue.release()
        tap.ok(not _came(lab, packet) and counters()["block"],
               f"held: v{family} and is judged by the one that came")

        packet = _held(tap, lab, queue, "S", family, "waits ahead of the hook")
        tool("set", "mode", "off")
        queue.release()
        _came(lab, packet)      # the kernel drops it, or it passes
        configure("enforce", "drop")
        packet = _held(tap, lab, queue, "S", family, "waits ahead of it again")
        tap.ok(not topo.sh("rmmod", "op25b", check=False).returncode,
               f"held: v{family} the module unloads meanwhile")
        queue.release()
        _came(lab, packet)
        topo.sh("insmod", os.environ["OP25B_KO"])
    queue.stop()
    topo.sh("nft", "delete table inet nfq")
    configure("enforce", "drop")
    tap.ok(_mail(lab, "U", 4) and not _mail(lab, "S", 4) and
           _mail(lab, "U", 6) and not _mail(lab, "S", 6),
           "held: loaded anew, it blocks S and nobody else")


def opened(tap):
    """/proc/net/op25b is open while the module leaves."""
    with open("/proc/self/net/op25b", "rb", buffering=0) as file:
        tap.ok(file.read(4) == b"mode", "opened: the file can be read")
        done = topo.sh("rmmod", "op25b", check=False)
        tap.ok(not done.returncode, "opened: the module unloads all the same",
               [done.stderr])
        try:
            rest = file.read(4)
        except OSError as error:
            rest = error.errno
        tap.ok(rest in (errno.EIO, b""), "opened: and the file ends", [rest])
    tap.ok(not os.path.exists("/proc/self/net/op25b"), "opened: it is gone")
    topo.sh("insmod", os.environ["OP25B_KO"])
    tap.ok(counters()["mode"] == "off", "opened: loaded anew, it is there")
