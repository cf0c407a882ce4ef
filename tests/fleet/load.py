#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0
"""load.py ALONE: a million routes that `routes follow` finds, then 10,000 updates a second
for a minute, each of which changes the class of a prefix. In a network namespace of this
machine's kernel, whose system calls are fast; ALONE is the tool with a kernel that agrees
to everything (alone.c). TAP."""
import json
import os
import socket
import struct
import subprocess
import sys
import time

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
# pylint: disable=wrong-import-position
from daemons import TOOL
from net import sh, until
from tap import Tap

MANY = {4: 800_000, 6: 200_000}
RATE, SECONDS, TICK = 10_000, 60, 0.01
FIRST = 3       # seconds of the follower, and of the kernel for it
MEMORY = 64     # MiB
CLASSES = ("block", "exempt")
ALONE = sys.argv[1]
FORCE = "/run/alone"  # of each prefix the class, 1 and 2
TYPES = (6, 8)  # RTN_BLACKHOLE, RTN_PROHIBIT
NEWROUTE, REQUEST, REPLACE, CREATE = 24, 0x1, 0x100, 0x400
ROUTES = "/run/load.conf"


def message(version, number, kind, flags):
    """RTM_NEWROUTE of the route of this number, in table 25."""
    if version == 4:
        dst, bits, family = struct.pack("!I", 10 << 24 | number), 32, socket.AF_INET
    else:
        dst, bits, family = struct.pack("!IIQ", 0x20010db8, number, 0), 64, socket.AF_INET6
    dst = struct.pack("HH", 4 + len(dst), 1) + dst
    return struct.pack("IHHIIBBBBBBBBI", 28 + len(dst), NEWROUTE, REQUEST | flags, 0, 0,
                       family, bits, 0, 0, 25, 4, 0, TYPES[kind], 0) + dst


class Table:
    """Table 25, and what it says."""

    def __init__(self):
        self.kind = {v: bytearray(n) for v, n in MANY.items()}
        self.nl = socket.socket(socket.AF_NETLINK, socket.SOCK_RAW, socket.NETLINK_ROUTE)
        self.nl.setblocking(False)

    def send(self, messages):
        """What is refused, is answered."""
        self.nl.send(b"".join(messages))
        try:
            answer = self.nl.recv(4096)
        except BlockingIOError:
            return
        raise RuntimeError(f"a route is refused: {answer}")

    def fill(self):
        for version, n in MANY.items():
            for i in range(0, n, 500):
                self.send([message(version, j, 0, CREATE) for j in range(i, min(i + 500, n))])

    def update(self, turn):
        """The class of RATE * TICK prefixes becomes the other."""
        messages = []
        for i in range(turn * int(RATE * TICK), (turn + 1) * int(RATE * TICK)):
            version = 6 if i % 5 == 4 else 4
            # In no order, and each again and again.
            j = i * 0x9E3779B1 % (MANY[version] // 10)
            self.kind[version][j] ^= 1
            messages.append(message(version, j, self.kind[version][j], REPLACE))
        self.send(messages)

    def wrong(self):
        """[number of a prefix of another class than announced]"""
        with open(FORCE, "rb") as force:
            got = force.read()
        want = bytes(1 + kind for v in sorted(MANY) for kind in self.kind[v])
        return [i for i, (a, b) in enumerate(zip(got, want)) if a != b]


class Follower:
    def __init__(self):
        with open(ROUTES, "w", encoding="ascii") as conf:
            conf.write("table 25 type blackhole block\ntable 25 type prohibit exempt\n")
        self.start = time.monotonic()
        self.process = subprocess.Popen([ALONE, "routes", "follow", ROUTES], env={
            **os.environ, "OP25B_STATE_DIR": "/run", "ALONE": FORCE})

    def show(self):
        try:
            return json.loads(sh(f"{TOOL} -j routes show", check=False))
        except json.JSONDecodeError:
            return {}

    def memory(self):
        """MiB at most so far."""
        with open(f"/proc/{self.process.pid}/status", encoding="ascii") as status:
            return next(int(line.split()[1]) / 1024 for line in status
                        if line.startswith("VmHWM"))

    def cpu(self):
        """Seconds so far."""
        with open(f"/proc/{self.process.pid}/stat", encoding="ascii") as stat:
            return sum(map(int, stat.read().split(")")[1].split()[11:13])) / os.sysconf("SC_CLK_TCK")


def everything(show):
    return sum(show.get(f"{c}_ipv{v}", 0) for c in CLASSES for v in MANY)


def main():
    tap, table = Tap(), Table()
    with open(FORCE, "wb") as force:
        force.truncate(sum(MANY.values()))
    start = time.monotonic()
    table.fill()
    tap.note(f"a million routes are in the kernel after {time.monotonic() - start:.1f} s")

    follower = Follower()
    whole = until(lambda: everything(follower.show()) == sum(MANY.values()), 60, 0.1)
    took = time.monotonic() - follower.start
    tap.note(f"they are in force after {took:.2f} s, {follower.cpu():.2f} s of CPU, "
             f"{follower.memory():.0f} MiB")
    tap.ok(whole and follower.cpu() < FIRST, f"a million routes take {FIRST} s of CPU at most")
    wrong = table.wrong()
    tap.ok(not wrong, "each with its class", wrong[:5])

    before, late, begun = follower.cpu(), 0.0, time.monotonic()
    for turn in range(int(SECONDS / TICK)):
        due = begun + turn * TICK
        now = time.monotonic()
        late = max(late, now - due)
        time.sleep(max(0, due - now))
        table.update(turn)
    end = time.monotonic()
    tap.ok(end - begun < 1.05 * SECONDS, f"{RATE} updates a second were made for {SECONDS} s",
           f"{end - begun} s")
    until(lambda: follower.show().get("updates", 0) >= RATE * SECONDS, 30, 0.1)
    behind = time.monotonic() - end
    show = follower.show()
    tap.note(f"{show['updates']} updates taken {behind:.2f} s after the last; "
             f"{follower.cpu() - before:.1f} s of CPU, {follower.memory():.0f} MiB, "
             f"{show['overruns']} overruns; the sender was {late:.2f} s late at worst")
    tap.ok(show["updates"] >= RATE * SECONDS and not show["overruns"] and behind < 1,
           "all of them were taken, a second after the last at most", behind, show)
    wrong = until(lambda: not table.wrong(), 5) or table.wrong()
    tap.ok(wrong is True, "each with its class", wrong)
    tap.ok(follower.memory() < MEMORY, f"`routes follow` has less than {MEMORY} MiB",
           follower.memory())
    follower.process.kill()
    print(f"1..{tap.count}", flush=True)
    return tap.bad > 0


sys.exit(main())
