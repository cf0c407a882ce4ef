# SPDX-License-Identifier: GPL-2.0
"""Multicast forwarding: TCP to a group makes no sense, but whoever routes
groups would hand it out to all. One copy for each outgoing wire comes to FORWARD."""
import socket
import struct

import topo
from lab import Lab, Leg, answers, arrived
from wire import UDP, Kit

GROUP = {4: "239.1.2.3", 6: "ff05::123"}
AF = {4: socket.AF_INET, 6: socket.AF_INET6}
INIT, ADD_VIF, ADD_MFC = 200, 202, 204
USE_IFINDEX = 8
# The daemon's numbers for the wires. Group packets of S and U go to M and P.
VIFS = {"S": 0, "U": 1, "M": 2, "P": 3}
OUT = "MP"


class GroupLeg(Leg):
    """Frames to a group bear a group's hardware address."""

    def header(self, data):
        first = data[16] if data[0] >> 4 == 4 else data[24]
        if data[0] >> 4 == 4 and first >> 4 == 14:
            mac = b"\x01\x00\x5e" + bytes((data[17] & 127,)) + data[18:20]
        elif data[0] >> 4 == 6 and first == 255:
            mac = b"\x33\x33" + data[36:40]
        else:
            return super().header(data)
        return mac + super().header(data)[6:]


def _index(net):
    return socket.if_nametoindex(net.lower() + "0")


def _route_v4():
    sock = socket.socket(AF[4], socket.SOCK_RAW, socket.IPPROTO_IGMP)
    sock.setsockopt(socket.IPPROTO_IP, INIT, 1)
    group = socket.inet_pton(AF[4], GROUP[4])
    for net, vif in VIFS.items():
        sock.setsockopt(socket.IPPROTO_IP, ADD_VIF, struct.pack(
            "=HBBIi4x", vif, USE_IFINDEX, 1, 0, _index(net)))
    for who in "SU":
        ttls = bytes(1 if v in (VIFS[n] for n in OUT) else 0
                     for v in range(32))
        sock.setsockopt(socket.IPPROTO_IP, ADD_MFC, struct.pack(
            "=4s4sH32s2xIIIi", socket.inet_pton(AF[4], topo.addr(who, 4)),
            group, VIFS[who], ttls, 0, 0, 0, 0))
    return sock


def _sockaddr6(address):
    return struct.pack("=HHI16sI", AF[6], 0, 0,
                       socket.inet_pton(AF[6], address), 0)


def _route_v6():
    sock = socket.socket(AF[6], socket.SOCK_RAW, socket.IPPROTO_ICMPV6)
    sock.setsockopt(socket.IPPROTO_IPV6, INIT, 1)
    for net, vif in VIFS.items():
        sock.setsockopt(socket.IPPROTO_IPV6, ADD_VIF, struct.pack(
            "=HBBHxxI", vif, 0, 1, _index(net), 0))
    for who in "SU":
        outs = sum(1 << VIFS[net] for net in OUT)
        sock.setsockopt(socket.IPPROTO_IPV6, ADD_MFC,
                        _sockaddr6(topo.addr(who, 6)) + _sockaddr6(GROUP[6]) +
                        struct.pack("=Hxx8I", VIFS[who], outs, *[0] * 7))
    return sock


def multicast(tap, lab, configure):
    legs = {net: GroupLeg(net) for net in lab.legs}
    groups = Lab(legs=legs)
    daemons = [_route_v4(), _route_v6()]
    rows = (("S", 25, "block", ""), ("S", 2525, None, OUT),
            ("U", 25, "pass_unlisted", OUT), ("S", "UDP", None, OUT))
    for reject in ("tcp-reset", "icmp"):
        configure("enforce", reject)
        for family in (4, 6):
            for who, port, counter, where in rows:
                kit = Kit(family, who, "M", 25)
                kit.dst = socket.inet_pton(AF[family], GROUP[family])
                packet = kit.ip(kit.udp(), UDP) if port == "UDP" else \
                    kit.ip(kit.tcp(port=port))
                got, moved = groups.shoot(who, [packet])
                want = {counter: len(OUT)} if counter else {}
                if counter == "block":
                    want["block_syn"] = len(OUT)
                came = "".join(sorted(arrived(got, packet)))
                tap.ok(moved == want and came == where and
                       not answers(got[who], packet),
                       f"multicast: v{family} {reject}, {who} to port {port} "
                       "of a group", [moved, came, answers(got[who], packet)])
    for daemon in daemons:
        daemon.close()
    for leg in legs.values():
        leg.close()
