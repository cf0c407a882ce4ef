# SPDX-License-Identifier: GPL-2.0
"""What passes by design: what never comes to FORWARD as a packet of its own.
The manual has a line for each of these. Bridges are in bridge.py, tunnels that
only pass through among the cases."""
import contextlib
import ctypes
import os
import socket
import struct
import sys

import topo
from lab import Lab
from wire import ACK, SYN, Kit

# bpf(2)'s number on each CPU that this runs on.
SYS_BPF = {"x86_64": 321, "aarch64": 280, "s390x": 351}
PROG_LOAD, LINK_CREATE = 5, 28	# enum bpf_cmd
PROG_TYPE_XDP, ATTACH_XDP, SKB_MODE = 6, 37, 2
REDIRECT = 23			# the helper bpf_redirect()
ETH_MPLS = 0x8847
LABEL = 100


def _bpf(command, attr):
    libc = ctypes.CDLL(None, use_errno=True)
    attr = ctypes.create_string_buffer(attr.ljust(128, b"\0"), 128)
    fd = libc.syscall(SYS_BPF[os.uname().machine], command, attr, 128)
    if fd < 0:
        raise OSError(ctypes.get_errno(), f"bpf {command}")
    return fd


@contextlib.contextmanager
def _xdp():
    """r1 = index of m0; r2 = 0; return bpf_redirect(r1, r2), on s0"""
    def insn(code, dst, imm):
        # Two bit fields of four bits, in the CPU's order: dst, src.
        regs = dst if sys.byteorder == "little" else dst << 4
        return struct.pack("=BBhi", code, regs, 0, imm)
    code = ctypes.create_string_buffer(
        insn(0xb7, 1, socket.if_nametoindex("m0")) + insn(0xb7, 2, 0) +
        insn(0x85, 0, REDIRECT) + insn(0x95, 0, 0))
    licence = ctypes.create_string_buffer(b"GPL")
    prog = _bpf(PROG_LOAD, struct.pack("=IIQQ", PROG_TYPE_XDP, 4,
                                       ctypes.addressof(code),
                                       ctypes.addressof(licence)))
    link = _bpf(LINK_CREATE, struct.pack(
        "=IIII", prog, socket.if_nametoindex("s0"), ATTACH_XDP, SKB_MODE))
    yield
    os.close(link)
    os.close(prog)


@contextlib.contextmanager
def _redirect():
    topo.sh("tc", "qdisc", "add", "dev", "s0", "ingress")
    topo.sh("tc", "filter", "add", "dev", "s0", "ingress", "matchall",
            "action", "mirred", "egress", "redirect", "dev", "m0")
    yield
    topo.sh("tc", "qdisc", "del", "dev", "s0", "ingress")


@contextlib.contextmanager
def _srv6():
    """The route takes the packet into a tunnel where it would be forwarded, and
    FORWARD sees the tunnel's."""
    mail = topo.addr("M", 6)
    topo.ip("R", [f"route add {mail} encap seg6 mode encap segs "
                  f"{topo.NETS['M'][1]}26 dev m0"])
    yield
    topo.ip("R", [f"route del {mail}"])


@contextlib.contextmanager
def _mpls():
    """Labels are switched, not routed."""
    topo.sysctl({"mpls/platform_labels": 1000, "mpls/conf/s0/input": 1})
    route = ("ip", "-n", "R", "-f", "mpls", "route")
    topo.sh(*route, "add", str(LABEL), "via", "inet", topo.addr("M", 4), "dev",
            "m0")
    yield
    topo.sh(*route, "del", str(LABEL))


def _came(lab, body):
    return [net for net, leg in lab.legs.items() for data in leg.got
            if body in data]


def _passes(tap, lab, label, families=(4, 6)):
    """S's SYN to port 25 comes to M all the same, and no counter moves."""
    for family in families:
        kit = Kit(family, "S", "M", 25)
        packet = kit.ip(kit.tcp())
        _, moved = lab.shoot("S", [packet])
        came = _came(lab, packet.body)
        tap.ok(came == ["M"] and not moved,
               f"unseen by design: v{family} {label}", [came, moved])


def _labelled(tap, lab):
    kit = Kit(4, "S", "M", 25)
    packet = kit.ip(kit.tcp())
    leg = lab.legs["S"]
    frame = leg.header(packet.data)[:12] + struct.pack(
        ">HI", ETH_MPLS, LABEL << 12 | 0x100 | 64) + packet.data
    lab.shoot("S", [])
    leg.senders[4].send(frame)
    lab.settle("S")
    tap.ok(_came(lab, packet.body) == ["M"],
           "unseen by design: v4 packets under a label",
           [_came(lab, packet.body)])


def unseen(tap, lab, configure):
    configure("enforce", "tcp-reset")
    # Fences, too, go where all goes.
    wire = Lab(legs={net: lab.legs[net] for net in "SM"})
    for way, label in ((_xdp, "redirected by XDP"),
                       (_redirect, "redirected by tc")):
        with way():
            _passes(tap, wire, label)
    with _srv6():
        _passes(tap, lab, "taken into an SRv6 tunnel by its route", (6,))
    topo.sh("modprobe", "mpls_router")
    with _mpls():
        _labelled(tap, lab)
    flowtable(tap, lab, configure)


FLOWTABLE = """
table inet fast {
    flowtable ft {
        hook ingress priority 0; devices = { s0, m0 };
    }
    chain forward {
        type filter hook forward priority 0;
        ct state established meta l4proto tcp flow add @ft
    }
}
"""


def _talk(lab, family, sport):
    """A connection between S and M, as far as the router sees. Return: a
    function that sends some more of it."""
    there, back = Kit(family, "S", "M", 25), Kit(family, "M", "S", sport)

    def send(kit, who, body):
        packet = kit.ip(body)
        return lab.shoot(who, [packet])[1], _came(lab, packet.body)

    def more():
        return send(there, "S", there.tcp(sport=sport, flags=ACK, data=b"x"))

    send(there, "S", there.tcp(sport=sport))
    send(back, "M", back.tcp(sport=25, flags=SYN | ACK))
    for _ in range(3):
        more()
    return more


def flowtable(tap, lab, configure):
    """A flow that was accepted and offloaded before it would be blocked; none
    that begins afterwards."""
    configure("off")
    topo.sh("nft", "-f", "-", stdin=FLOWTABLE)
    # Sequence numbers here tell packets apart, no more.
    topo.sysctl({"netfilter/nf_conntrack_tcp_be_liberal": 1})
    old = [_talk(lab, family, 30000 + family) for family in (4, 6)]
    configure("enforce")
    for family, more in zip((4, 6), old):
        moved, came = more()
        tap.ok(came == ["M"] and not moved, f"unseen by design: v{family} a "
               "flow offloaded before", [came, moved])
        moved, came = _talk(lab, family, 31000 + family)()
        tap.ok(not came and moved.get("block") == 1,
               f"flowtable: v{family} no new flow gets into it", [came, moved])
    topo.sh("nft", "delete table inet fast")
