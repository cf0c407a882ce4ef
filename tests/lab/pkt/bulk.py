# SPDX-License-Identifier: GPL-2.0
"""Connections of the kernel's own that fill the pipe, so that what comes to
FORWARD is larger than any wire would carry: BIG TCP, and what GRO has put
together. A connection made in mode off is watched, then blocked in its midst.
"""
import contextlib
import socket
import time

import topo
from extra import AF
from lab import PATIENCE, counters, moved
from pieces import sniffers

SOME, PUSHES = 3 << 20, 12
DEVS = (("S", "eth0"), ("R", "s0"), ("R", "m0"), ("M", "eth0"))


@contextlib.contextmanager
def _big_tcp():
    # On a slow CPU TCP makes its packets small, so that one takes no more than a
    # millisecond: at least so many segments, and the default.
    for size, segments in ((200000, 60), (65536, 2)):
        for netns, dev in DEVS:
            topo.ip(netns, [f"link set {dev} gso_max_size {size} "
                            f"gro_max_size {size}"])
        topo.enter("S")
        topo.sysctl({"ipv4/tcp_min_tso_segs": segments})
        topo.enter("R")
        if size == 200000:
            yield


@contextlib.contextmanager
def _gro():
    def offload(netns, dev, *words):
        topo.sh("ip", "netns", "exec", netns, "ethtool", "-K", dev, *words)
    offload("S", "eth0", "tso", "off", "gso", "off")
    offload("R", "s0", "gro", "on")
    yield
    offload("R", "s0", "gro", "off")
    offload("S", "eth0", "tso", "on", "gso", "on")


class Stream:
    """A connection from S to M's port 25."""

    def __init__(self, family):
        topo.enter("M")
        listener = socket.socket(AF[family])
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listener.bind((topo.addr("M", family), 25))
        listener.listen()
        topo.enter("S")
        self.client = socket.socket(AF[family])
        self.client.bind((topo.addr("S", family), 0))
        self.client.settimeout(PATIENCE)
        self.client.connect((topo.addr("M", family), 25))
        self.server, _ = listener.accept()
        listener.close()
        topo.enter("R")
        for sock in (self.client, self.server):
            sock.setblocking(False)

    def push(self):
        """Send SOME bytes. Return: how many came; less after a reset."""
        left, came, deadline = SOME, 0, time.monotonic() + PATIENCE
        chunk = memoryview(bytes(1 << 20))
        try:
            while came < SOME and time.monotonic() < deadline:
                with contextlib.suppress(BlockingIOError):
                    left -= self.client.send(chunk[:left]) if left else 0
                with contextlib.suppress(BlockingIOError):
                    came += len(self.server.recv(1 << 22))
        except ConnectionResetError:
            pass
        return came

    def close(self):
        self.client.close()
        self.server.close()


def _largest(sock):
    """The longest of the frames that a sniffer has seen."""
    sizes = [0]
    with contextlib.suppress(BlockingIOError):
        while True:
            sizes.append(len(sock.recv(1 << 19)))
    return max(sizes)


def _judge(tap, configure, label, family, least):
    configure("off")
    stream = Stream(family)
    came = [stream.push()]
    configure("monitor")
    before = counters()
    with sniffers("R", "s0") as (sniffer,):
        size = 0
        # How large it gets is TCP's decision, which may take a while.
        while came[-1] == SOME and size <= least and len(came) < PUSHES:
            came.append(stream.push())
            size = max(size, _largest(sniffer))
    packets = moved(before, counters()).get("would_block", 0)
    tap.ok(set(came) == {SOME} and size > least and packets,
           f"{label}: 19 v{family} watched, up to {size} bytes a packet",
           [came, packets])
    configure("enforce", "tcp-reset")
    came = stream.push()
    tap.ok(came == 0, f"{label}: 19 v{family} blocked in its midst and reset",
           [f"{came} bytes came"])
    stream.close()


def bulk(tap, configure):
    for host in "SM":
        topo.quiet(host, False)
    # Kernel 6.1 has BIG TCP for IPv6 only.
    for how, label, least in ((_big_tcp, "BIG TCP", {4: 30000, 6: 66000}),
                              (_gro, "GRO", {4: 2700, 6: 2700})):
        with how():
            for family in (4, 6):
                _judge(tap, configure, label, family, least[family])
    for host in "SM":
        topo.quiet(host, True)
