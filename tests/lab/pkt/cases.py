# SPDX-License-Identifier: GPL-2.0
"""The cases, one a line: number, families, reason, from, to, packets, and one
letter a packet for what becomes of it in mode enforce:

    A  accepted, not counted       U E R  passed: unlisted, exempt, relay
    B  blocked, and answered       M      malformed: dropped, never answered
    b  blocked, never answered     W X    would be blocked, malformed: watched
    V  the reverse guard, answered v      the reverse guard, watched
    c  blocked; the kernel's       K      the kernel drops it before the hook
       helper finds the checksum
       wrong and does not answer

A single letter is for all packets. To port 2525, all of these are A but M, X
and K. @lands: who gets what is accepted, where that is not the destination;
None: not compared, the router rewrites it.
"""
from collections import namedtuple

from wire import (ACK, AH, DST, ESP, FIN, HOP, NONE, PSH, ROUTE, RST, SCTP, SYN,
                  TCP, UDP, packed, padded)

Case = namedtuple("Case", "number families reason src dst build want lands",
                  defaults=("",))

V4, V6, BOTH = (4,), (6,), (4, 6)
NOP = b"\1"


def cut(size):
    return lambda k: [k.ip(k.tcp()[:size])]


def cut_first(size):
    return lambda k: [k.ip(k.tcp()[:size], off=0, mf=True)]


def flags(k):
    return [k.ip(k.tcp(flags=value)) for value in range(256)]


def never_syn(k):
    return [k.ip(k.tcp(flags=ACK)),
            k.ip(k.tcp(flags=ACK | PSH, data=b"EHLO bot\r\n")),
            k.ip(k.tcp(flags=ACK | FIN))]


def two_frags(k):
    seg = k.tcp(data=b"x" * 20)
    return [k.ip(seg[:24], off=0, mf=True), k.ip(seg[24:], off=24)]


def same_id(k):
    """The first is to be overlaid by the second."""
    return [k.ip(k.tcp(port=80), off=0, mf=True),
            k.ip(k.tcp(), off=0, mf=True)]


def later(k):
    """Bytes that only look like ports."""
    return [k.ip(k.tcp(), off=off, mf=mf)
            for off in (16, 24, 1480) for mf in (True, False)]


def route(left, kind=0, final="M"):
    def build(k):
        rest = bytes((2, kind, left, 0, 0, 0, 0)) + k.dst
        return [k.ip(k.tcp(final=final if left else None),
                     ext=[(ROUTE, rest)])]
    return build


def lsrr(kind, pointer, final="M"):
    def build(k):
        opts = bytes((kind, 7, pointer)) + packed(final, 4) + b"\0"
        return [k.ip(k.tcp(final=final if pointer <= 7 else None), opts=opts)]
    return build


def ext(*chain):
    return lambda k: [k.ip(k.tcp(), ext=list(chain))]


def proto(number):
    return lambda k: [k.ip(k.tcp(), proto=number)]


def past_end(k):
    return [k.ip(k.tcp(), ext=[(DST, bytes((200, 1, 4)) + bytes(4))])]


def tcp(**how):
    return lambda k: [k.ip(k.tcp(**how))]


def ports(*numbers):
    return lambda k: [k.ip(k.tcp(port=number)) for number in numbers]


FLAG_WANT = "".join("b" if value & RST else "B" for value in range(256))

CASES = [
    Case(1, BOTH, "SYN to port 25", "S", "M", tcp(), "B"),
    Case(1, BOTH, "SYN to the relay", "S", "P", tcp(), "R"),
    Case(1, BOTH, "SYN from an unlisted source", "U", "M", tcp(), "U"),
    Case(1, BOTH, "SYN from an exempt source", "Exempt", "M", tcp(), "E"),
    Case(1, BOTH, "SYN from a watched source", "Watched", "M", tcp(), "W"),
    Case(1, BOTH, "submission and its neighbours", "S", "M", ports(587, 465, 24, 26, 2525), "A"),
    Case(1, BOTH, "25 in the other byte of the port", "S", "M", ports(0x1900, 0x1919), "A"),
    Case(2, BOTH, "UDP to 25", "S", "M", lambda k: [k.ip(k.udp(), UDP)], "A"),
    Case(2, BOTH, "SCTP to 25", "S", "M", lambda k: [k.ip(k.tcp(), SCTP)], "A"),
    Case(2, BOTH, "from port 25 to another", "S", "M", tcp(port=4000, sport=25), "A"),
    Case(2, BOTH, "the server's answer", "M", "S", tcp(port=4000, sport=25, flags=SYN | ACK), "A"),
    Case(3, BOTH, "to another subscriber", "S", "F", tcp(), "B"),
    Case(4, BOTH, "all 256 flag values", "S", "M", flags, FLAG_WANT),
    Case(4, BOTH, "no SYN ever seen", "S", "M", never_syn, "B"),
    Case(4, BOTH, "data offset 0, 4, 15", "S", "M", lambda k: [k.ip(k.tcp(doff=d, flags=ACK)) for d in (0, 4, 15)], "B"),
    Case(4, BOTH, "bad checksum", "S", "M", tcp(good=False), "c"),
    Case(5, BOTH, "TCP cut to 19 bytes", "S", "M", cut(19), "b"),
    Case(5, BOTH, "TCP cut to 8 bytes", "S", "M", cut(8), "b"),
    Case(5, BOTH, "TCP cut to 4 bytes", "S", "M", cut(4), "b"),
    Case(5, BOTH, "TCP cut to 3 bytes", "S", "M", cut(3), "M"),
    Case(5, BOTH, "TCP cut to 2 bytes", "S", "M", cut(2), "M"),
    Case(5, BOTH, "TCP cut to 0 bytes", "S", "M", cut(0), "M"),
    Case(5, BOTH, "first fragment of 8 bytes, no second", "S", "M", cut_first(8), "b"),
    Case(5, BOTH, "first fragment of 3 bytes", "S", "M", cut_first(3), "M"),
    Case(5, BOTH, "first fragment of 0 bytes", "S", "M", cut_first(0), "M"),
    Case(5, BOTH, "3 bytes, but unlisted", "U", "M", cut(3), "U"),
    Case(5, BOTH, "3 bytes, but exempt", "Exempt", "M", cut(3), "E"),
    Case(5, BOTH, "3 bytes, watched", "Watched", "M", cut(3), "X"),
    Case(5, BOTH, "3 bytes, to the relay", "S", "P", cut(3), "R"),
    Case(6, V4, "4 bytes of options", "S", "M", lambda k: [k.ip(k.tcp(), opts=NOP * 4)], "B"),
    Case(6, V4, "40 bytes of options", "S", "M", lambda k: [k.ip(k.tcp(), opts=NOP * 40)], "B"),
    Case(6, V4, "options end early, rest padding", "S", "M", lambda k: [k.ip(k.tcp(), opts=NOP * 3 + bytes(5))], "B"),
    Case(6, V4, "frame padded to 60 bytes", "S", "M", lambda k: [padded(k.ip(k.tcp()))], "B"),
    Case(6, V4, "padding is no TCP header", "S", "M", lambda k: [padded(k.ip(k.tcp()[:2]))], "M"),
    Case(7, V4, "LSRR through the router, a relay", "S", "R", lsrr(131, 4), "c", None),
    Case(7, V4, "LSRR ahead of the relay", "S", "P", lsrr(131, 4), "c"),
    Case(7, V4, "LSRR used up, to the relay", "S", "P", lsrr(131, 8), "R"),
    Case(8, BOTH, "first fragment of 8 bytes", "S", "M", cut_first(8), "b"),
    Case(8, BOTH, "first fragment of 24 bytes, then the rest", "S", "M", two_frags, "bA"),
    Case(9, BOTH, "TCP at fragment offset 1", "S", "M", lambda k: [k.ip(k.tcp(), off=8), k.ip(k.tcp(), off=8, mf=True)], "M"),
    Case(9, BOTH, "UDP at fragment offset 1", "S", "M", lambda k: [k.ip(k.tcp(), UDP, off=8)], "A"),
    Case(9, BOTH, "TCP further on only looks like ports", "S", "M", later, "A"),
    Case(9, BOTH, "TCP at fragment offset 1, unlisted", "U", "M", lambda k: [k.ip(k.tcp(), off=8)], "U"),
    Case(10, BOTH, "tiny fragments to the relay", "S", "P", lambda k: [k.ip(k.tcp()[:8], off=0, mf=True), k.ip(k.tcp(), off=8)], "R"),
    Case(10, BOTH, "UDP at fragment offset 1, to the relay", "S", "P", lambda k: [k.ip(k.tcp(), UDP, off=8)], "A"),
    Case(11, BOTH, "two first fragments, one id", "S", "M", same_id, "Ab"),
    Case(12, V6, "atomic fragment", "S", "M", lambda k: [k.ip(k.tcp(), off=0)], "B"),
    Case(12, V6, "reserved bits of a fragment header", "S", "M", lambda k: [k.ip(k.tcp(), ext=[(44, b"\xff\0\6" + bytes(4))])], "B"),
    Case(13, V6, "hop-by-hop options", "S", "M", ext(HOP), "B"),
    Case(13, V6, "destination options", "S", "M", ext(DST), "B"),
    Case(13, V6, "destination options x8", "S", "M", ext(*[DST] * 8), "B"),
    Case(13, V6, "destination options, longest chain", "S", "M", ext(*[DST] * 150), "B"),
    Case(13, V6, "hop-by-hop, fragment, options", "S", "M", lambda k: [k.ip(k.tcp(), ext=[HOP, (44, bytes((0, 0, 1)) + bytes(4)), DST])], "b"),
    Case(13, V6, "options in front of UDP", "S", "M", lambda k: [k.ip(k.udp(), UDP, ext=[DST])], "A"),
    Case(14, V6, "routing header, none left", "S", "M", route(0), "B"),
    Case(14, V6, "routing header, none left, relay", "S", "P", route(0), "R"),
    Case(14, V6, "routing header, one left, relay", "S", "P", route(1), "c"),
    Case(14, V6, "segment routing, one left, relay", "S", "P", route(1, 4), "c"),
    Case(15, V4, "AH in front of TCP", "S", "M", proto(AH), "A"),
    Case(15, V6, "AH in front of TCP", "S", "M", ext(AH), "B"),
    Case(15, V6, "AH of 24 bytes", "S", "M", lambda k: [k.ip(k.tcp(), ext=[(AH, bytes((4,)) + bytes(22))])], "B"),
    Case(15, BOTH, "ESP", "S", "M", proto(ESP), "A"),
    Case(15, V6, "no next header", "S", "M", proto(NONE), "A"),
    Case(15, V6, "mobility, HIP, shim6, experiment", "S", "M", lambda k: [k.ip(k.tcp(), proto=n) for n in (135, 139, 140, 253)], "A"),
    Case(15, BOTH, "GRE, IPIP", "S", "M", lambda k: [k.ip(k.tcp(), proto=n) for n in (47, 4)], "A"),
    Case(16, V6, "options run past the end", "S", "M", past_end, "M"),
    Case(16, V6, "options run past the end, unlisted", "U", "M", past_end, "U"),
    Case(16, V6, "options past the first fragment", "S", "M", lambda k: [k.ip(bytes((TCP, 3)) + bytes(6), DST, off=0, mf=True)], "M"),
    Case(16, V6, "a header of which nothing is there", "S", "M", lambda k: [k.ip(b"", DST)], "M"),
    Case(20, BOTH, "TTL 1", "S", "M", lambda k: [k.ip(k.tcp(), ttl=1)], "K"),
    Case(20, BOTH, "larger than the outgoing MTU, DF", "S", "M", lambda k: [k.ip(k.tcp(data=bytes(1420)), df=True)], "K"),
]

# With the reverse guard on.
REVERSE = [
    Case(22, BOTH, "a server answers a spoofed source", "M", "S", tcp(port=4000, sport=25, flags=SYN | ACK), "V"),
    Case(22, BOTH, "a server's data to a spoofed source", "M", "S", tcp(port=4000, sport=25, flags=ACK | PSH, data=b"220 mx\r\n"), "V"),
    Case(22, BOTH, "a server answers the watched", "M", "Watched", tcp(port=4000, sport=25, flags=SYN | ACK), "v"),
    Case(22, BOTH, "a server answers the exempt", "M", "Exempt", tcp(port=4000, sport=25, flags=SYN | ACK), "U"),
    Case(22, BOTH, "a server answers the unlisted", "M", "U", tcp(port=4000, sport=25, flags=SYN | ACK), "U"),
    Case(22, BOTH, "the relay answers", "P", "S", tcp(port=4000, sport=25, flags=SYN | ACK), "U"),
    Case(22, BOTH, "a subscriber from port 25", "S", "M", tcp(port=4000, sport=25), "A"),
    Case(22, BOTH, "other ports of a server", "M", "S", tcp(port=4000, sport=587, flags=SYN | ACK), "A"),
    Case(22, BOTH, "3 bytes from outside", "M", "S", cut(3), "U"),
    Case(22, BOTH, "forward as ever", "S", "M", tcp(), "B"),
]
