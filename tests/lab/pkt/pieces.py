# SPDX-License-Identifier: GPL-2.0
"""Packets that are no plain, linear, single buffer: a tap writes them in odd
pieces, a network card's offloads make one of many, a sniffer holds clones."""
import contextlib
import fcntl
import os
import socket
import struct

import topo
from judge import Setting
from lab import ETH_P_ALL, SO_RCVBUFFORCE, Lab, Leg, answers
from links import DEV
from paths import BASICS, basics
from wire import ACK, PSH, TCP, Kit, checksum, pseudo

TUNSETIFF = 0x400454ca
IFF_TAP, IFF_NAPI, IFF_NAPI_FRAGS, IFF_NO_PI = 2, 0x10, 0x20, 0x1000
PIECES = (1, 3, 8, 13, 22, 41)	# bytes, packet by packet
MOST = 17			# pieces behind the first
SOL_PACKET, PACKET_VNET_HDR = 263, 15
NEEDS_CSUM, GSO_TCPV4, GSO_TCPV6 = 1, 1, 4
MSS = 1300


class TapLeg(Leg):
    """A tap of the router, seen from the end that a process holds. The first
    piece is the Ethernet header; the rest of a packet lies in page fragments
    (IFF_NAPI_FRAGS)."""

    def __init__(self, net):
        # pylint: disable=super-init-not-called
        self.net, self.bare, self.got, self.sent = net, False, [], 0
        topo.sh("modprobe", "tun", check=False)
        self.fd = os.open("/dev/net/tun", os.O_RDWR | os.O_NONBLOCK)
        fcntl.ioctl(self.fd, TUNSETIFF, struct.pack(
            "16sH22x", DEV.encode(),
            IFF_TAP | IFF_NAPI | IFF_NAPI_FRAGS | IFF_NO_PI))
        self.sock = self

    def fileno(self):
        return self.fd

    def send(self, data, pad=0):
        rest = data + b"\xee" * pad
        size = max(PIECES[self.sent % len(PIECES)], -(-len(rest) // MOST))
        self.sent += 1
        os.writev(self.fd, [self.header(data)] +
                  [rest[i:i + size] for i in range(0, len(rest), size)])

    def drain(self):
        while True:
            try:
                frame = os.read(self.fd, 1 << 18)
            except BlockingIOError:
                return
            if len(frame) >= 34:
                self.got.append(frame[14:])

    def close(self):
        os.close(self.fd)


def tap_device(tap, lab, configure):
    leg = TapLeg("S")
    mac = topo.text(topo.mac("S", 1))
    topo.ip("R", [f"link set {DEV} address {mac}", f"link set {DEV} up"])
    for v in topo.NETS["S"]:
        for n in topo.HOSTS["S"]:
            topo.ip("R", [f"neigh add {v}{n} dev {DEV} nud permanent lladdr " +
                          topo.text(topo.mac("S", 0)),
                          f"route add {v}{n} dev {DEV}"])
    behind = Lab(legs={**lab.legs, "S": leg})
    for reject in ("tcp-reset", "icmp"):
        configure("enforce", reject)
        basics(tap, behind, Setting("enforce", reject), f"pieces, {reject}",
               numbers=BASICS + (13, 15, 16))
    leg.close()


@contextlib.contextmanager
def sniffers(router, *devs):
    """As many as tcpdump would be."""
    topo.enter(router)
    socks = []
    for dev in devs:
        sock = socket.socket(socket.AF_PACKET, socket.SOCK_RAW, 0)
        sock.bind((dev, ETH_P_ALL))
        sock.setsockopt(socket.SOL_SOCKET, SO_RCVBUFFORCE, 32 << 20)
        sock.setblocking(False)
        socks.append(sock)
    yield socks
    for sock in socks:
        sock.close()


def clones(tap, lab, configure):
    with sniffers("R", "s0", "m0", "p0") as socks:
        for reject in ("drop", "tcp-reset", "icmp"):
            configure("enforce", reject)
            basics(tap, lab, Setting("enforce", reject), f"clones, {reject}")
        seen = len(socks[0].recv(65536))
        tap.ok(seen > 0, "clones: a sniffer held what came in")


class GsoLeg(Leg):
    """Its packets come with the header by which a hypervisor or a network card
    says "this is one big segment": its TCP checksum is yet to be made."""

    def __init__(self, netns):
        super().__init__(netns)
        for sock in self.senders.values():
            sock.setsockopt(SOL_PACKET, PACKET_VNET_HDR, 1)

    def send(self, data, pad=0):
        family = data[0] >> 4
        about = bytes(10)
        if len(data) > 1500:
            about, data = self._unfinished(family, data)
        self.senders[family].send(about + self.header(data) + data)

    @staticmethod
    def _unfinished(family, data):
        hlen, addrs = (20, 12) if family == 4 else (40, 8)
        mid = (addrs + hlen) // 2
        partial = checksum(pseudo(data[addrs:mid], data[mid:hlen], TCP,
                                  len(data) - hlen)) ^ 0xffff
        about = struct.pack("=BBHHHH", NEEDS_CSUM,
                            GSO_TCPV4 if family == 4 else GSO_TCPV6,
                            14 + hlen, MSS, 14 + hlen, 16)
        return about, data[:hlen + 16] + struct.pack(">H", partial) + \
            data[hlen + 18:]


def gso(tap, lab, configure):
    """One packet of nearly 64 KiB counts once and is blocked as a whole."""
    leg = GsoLeg("S")
    big = Lab(legs={**lab.legs, "S": leg})
    configure("enforce", "tcp-reset")
    for family in (4, 6):
        for who, port, counter, comes in (
                ("S", 25, "block", False), ("S", 2525, None, True),
                ("Exempt", 25, "pass_exempt", True)):
            kit = Kit(family, who, "M", port)
            packet = kit.ip(kit.tcp(flags=ACK | PSH, data=bytes(64000)))
            got, moved = big.shoot(who, [packet])
            payload = sum(len(data) - (40 if family == 4 else 60)
                          for data in got["M"] if len(data) > 100)
            want = {counter: 1} if counter else {}
            if counter == "block":
                want["reply_sent"] = 1
            found = answers(got["S"], packet)
            tap.ok(moved == want and payload == (64000 if comes else 0) and
                   [a.good for a in found] == [True] * (counter == "block"),
                   f"gso: 19 v{family} 64000 bytes at once, {who} to port "
                   f"{port}", [moved, payload, found])
    leg.close()
