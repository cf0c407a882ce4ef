# SPDX-License-Identifier: GPL-2.0
"""Inject, capture, count."""
import collections
import os
import select
import socket
import struct
import time

import topo
from wire import bare, packed, pseudo, checksum, tag_of

ETH_P_ALL, ETH_IP, ETH_IPV6 = 3, 0x0800, 0x86dd
PACKET_OUTGOING = 4
SO_RCVBUFFORCE = 33
PATIENCE = 20.0		# seconds until a fence counts as lost
FENCE = b"op25b-fence"
PADDING = b"\xee"
TOOL = os.environ["OP25B_TOOL"]

Answer = collections.namedtuple("Answer", "kind good")


def tool(*args, check=True):
    """op25bctl in the router's namespace."""
    return topo.sh(TOOL, *args, check=check)


def counters():
    """What /proc/net/op25b says, numbers as such."""
    with open("/proc/self/net/op25b", encoding="ascii") as file:
        pairs = (line.split() for line in file)
        return {key: int(value) if value.isdigit() else value
                for key, value in pairs}


def moved(before, after):
    """Which counters moved by how much, of those that packets move: offenders
    are found by a worker, when it comes to it."""
    return {key: after[key] - value for key, value in before.items()
            if isinstance(value, int) and after[key] != value and
            key not in ("generation", "offenders", "offender_found")}


class Leg:
    """Packet sockets on a host's end of a wire, or of @dev, which runs over it.
    @bare: that has no Ethernet header."""

    def __init__(self, netns, router="R", dev="eth0", bare=False):
        self.net, self.dev, self.bare = netns[0], dev, bare
        topo.enter(netns)
        self.sock = self._socket(ETH_P_ALL)
        self.sock.setsockopt(socket.SOL_SOCKET, SO_RCVBUFFORCE, 32 << 20)
        self.sock.setblocking(False)
        # Where no header names the protocol, the socket does.
        self.senders = {4: self._socket(ETH_IP), 6: self._socket(ETH_IPV6)}
        topo.enter(router)
        self.got = []

    def _socket(self, kind):
        # DGRAM: PPP says it has a header, and refuses packets too short for it.
        sock = socket.socket(socket.AF_PACKET, socket.SOCK_DGRAM if self.bare
                             else socket.SOCK_RAW, 0)
        sock.bind((self.dev, kind))
        return sock

    def header(self, data):
        """What stands in front of the packet."""
        if self.bare:
            return b""
        kind = ETH_IP if data[0] >> 4 == 4 else ETH_IPV6
        return topo.mac(self.net, 1) + topo.mac(self.net, 0) + \
            struct.pack(">H", kind)

    def send(self, data, pad=0):
        self.senders[data[0] >> 4].send(self.header(data) + data +
                                        PADDING * pad)

    def drain(self):
        """Everything that has come in, without the Ethernet header."""
        front = 0 if self.bare else 14
        while True:
            try:
                frame, where = self.sock.recvfrom(1 << 18)
            except BlockingIOError:
                return
            if where[2] != PACKET_OUTGOING and len(frame) >= front + 20:
                self.got.append(frame[front:])

    def close(self):
        for sock in (self.sock, *self.senders.values()):
            sock.close()


class Lab:
    """@legs: those of @router on their plain wires, if not given."""

    def __init__(self, router="R", legs=None):
        self.legs = legs or {net: Leg(net + router[1:], router)
                             for net in topo.ROUTERS[router]}
        self.entry = {}		# whose packets come in by whose wire
        self.fences = 0

    def _fence(self, src, dst):
        """Everything sent before has been dealt with when this comes out."""
        self.fences += 1
        mark = FENCE + b"%08d" % self.fences
        body = struct.pack(">HHHH", 9, 9, 8 + len(mark), 0) + mark
        head = struct.pack(">BBHHHBBH4s4s", 0x45, 0, 20 + len(body), 0, 0, 64,
                           17, 0, packed(src, 4), packed(dst, 4))
        head = head[:10] + struct.pack(">H", checksum(head)) + head[12:]
        self.legs[src].send(head + body)
        leg, deadline = self.legs[dst], time.monotonic() + PATIENCE
        while True:
            leg.drain()
            if any(mark in data for data in leg.got):
                return
            left = deadline - time.monotonic()
            if left <= 0:
                raise RuntimeError(f"fence {src} to {dst} was lost")
            select.select([leg.sock], [], [], left)

    def settle(self, src):
        others = [name for name in self.legs if name != src]
        for dst in others:
            self._fence(src, dst)
        for dst in others:
            self._fence(dst, src)

    def shoot(self, who, packets):
        """Send as @who. Return: what arrived where, and the counters that
        moved."""
        src = topo.WHO[who][0]
        for leg in self.legs.values():
            leg.drain()
            leg.got.clear()
        before = counters()
        entry = self.entry.get(src, src)
        for packet in packets:
            self.legs[entry].send(packet.data, packet.pad)
        self.settle(entry)
        after = counters()
        got = {name: [data for data in leg.got if FENCE not in data]
               for name, leg in self.legs.items()}
        return got, moved(before, after)


def arrived(got, packet):
    """Where @packet came out: the names of legs. Only the same bytes count, and
    what a bridge has left behind them."""
    wanted = bare(packet.data)
    padded = wanted + PADDING * packet.pad
    return [name for name, frames in got.items() for data in frames
            if tag_of(data) == packet.tag and bare(data) in (wanted, padded)]


def tags(frames):
    return {tag_of(data) for data in frames}


def _reset(data, packet):
    """Is this the RST that answers @packet? None: it is something else."""
    family = data[0] >> 4
    hlen = 20 if family == 4 else 40
    proto = data[9] if family == 4 else data[6]
    tcp = data[hlen:]
    if proto != 6 or len(tcp) != 20 or not tcp[13] & 4:
        return None
    if tcp[:4] != packet.body[2:4] + packet.body[:2]:
        return None
    lo, hi = (12, 16) if family == 4 else (8, 24)
    size = hi - lo
    src, dst = data[lo:hi], data[hi:hi + size]
    seq, ack = packet.reset()
    got_seq, got_ack = struct.unpack(">II", tcp[4:12])
    good = (src == packet.data[hi:hi + size] and dst == packet.data[lo:hi] and
            checksum(pseudo(src, dst, 6, 20) + tcp) == 0 and got_seq == seq and
            (tcp[13] == 4 if ack is None else
             tcp[13] == 0x14 and got_ack == ack))
    return Answer("tcp-reset", good)


def _icmp(data, packet):
    family = data[0] >> 4
    hlen = 20 if family == 4 else 40
    proto = data[9] if family == 4 else data[6]
    if proto != (1 if family == 4 else 58) or \
            tag_of(data[hlen + 8:]) != packet.tag:
        return None
    if family == 4:
        good = (data[hlen:hlen + 2] == b"\3\15" and
                checksum(data[hlen:]) == 0 and
                data[16:20] == packet.data[12:16])
    else:
        body = data[hlen:]
        good = (body[:2] == b"\1\1" and data[24:40] == packet.data[8:24] and
                checksum(pseudo(data[8:24], data[24:40], 58, len(body)) +
                         body) == 0)
    return Answer("icmp", good)


def answers(frames, packet):
    """The answers to @packet among what came back."""
    found = []
    for data in frames:
        family = data[0] >> 4
        if family != packet.data[0] >> 4:
            continue
        for look in (_reset, _icmp):
            answer = look(data, packet)
            if answer:
                found.append(answer)
    return found
