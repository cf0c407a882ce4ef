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
    a  blocked, and answered where
       the kernel's helper walks as
       many headers (7.3: no more)

A single letter is for all packets. To port 2525, all of these are A but M, X
and K. @lands: who gets what is accepted, where that is not the destination;
None: not compared, the router rewrites it.
"""
import struct
from collections import namedtuple

from wire import (ACK, AH, DST, ESP, FIN, FRAG, HOP, NONE, PSH, ROUTE, RST,
                  SCTP, SYN, TCP, UDP, Kit, checksum, packed, padded)

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


def frags(*cuts, port=None):
    """Fragments of one segment of 64 bytes: (from, to) in the order sent, the
    last one that which ends it."""
    def build(k):
        seg = k.tcp(port=port, data=b"x" * 44)
        return [k.ip(seg[a:b], off=a, mf=b < len(seg)) for a, b in cuts]
    return build


def chained(*chain, off=None, mf=False):
    """Extension headers, then a fragment header, if any, then TCP."""
    return lambda k: [k.ip(k.tcp(), ext=list(chain), off=off, mf=mf)]


def frag(off=0, more=0, reserved=0, ident=7):
    """A fragment header that stands anywhere in a chain."""
    return (FRAG, struct.pack(">BHI", reserved, off | more, ident))


def inner(proto, family):
    """What a tunnel would carry: a SYN to port 25 of its own."""
    return lambda k: [k.ip(Kit(family, "S", "M", 25).ip(k.tcp()).data, proto)]


def opts(*content):
    return lambda k: [k.ip(k.tcp(), opts=bytes(content))]


def evil(k):
    """RFC 3514."""
    packet = k.ip(k.tcp(), df=True)
    head = bytearray(packet.data[:20])
    head[6], head[10:12] = 0x80, b"\0\0"
    head[10:12] = struct.pack(">H", checksum(bytes(head)))
    packet.data = bytes(head) + packet.data[20:]
    return packet


def overlay(k):
    """The end of the options is said to be TCP to port 80; a later fragment
    would lay port 25 over it, if anybody took what RFC 5722 forbids."""
    first = bytes((TCP, 0, 1, 4, 0, 0, 0, 0)) + k.tcp(port=80)
    return [k.ip(first[:24], DST, off=0, mf=True),
            k.ip(k.tcp(), DST, off=8)]


def last_first(k):
    """The rest comes before its head."""
    seg = k.tcp(data=b"x" * 20)
    return [k.ip(seg[24:], off=24), k.ip(seg[:24], off=0, mf=True)]


FLAG_WANT = "".join("b" if value & RST else "B" for value in range(256))

# Those of packets.md, by its numbers.
FLOOR = [
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
    Case(13, V6, "destination options, longest chain", "S", "M", ext(*[DST] * 150), "a"),
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

# Derived from the rules; the number is that of the rule.
MORE = [
    # 2: fragments of IPv4, and what a first one may be
    Case(2, V4, "the evil bit", "S", "M", lambda k: [evil(k)], "B"),
    Case(2, V4, "DF on a first fragment", "S", "M", lambda k: [k.ip(k.tcp(), off=0, mf=True, df=True)], "b"),
    Case(2, V4, "4 bytes in the first fragment, behind 40 of options", "S", "M", lambda k: [k.ip(k.tcp()[:4] + b"rest", off=0, mf=True, opts=NOP * 40)], "b"),
    Case(2, V4, "offset 1 behind options", "S", "M", lambda k: [k.ip(k.tcp(), off=8, opts=NOP * 8)], "M"),
    Case(2, BOTH, "the last fragment first", "S", "M", last_first, "Ab"),
    Case(2, BOTH, "fragments of 8 bytes, in order", "S", "M", frags((0, 8), (8, 16), (16, 24), (24, 64)), "bMAA"),
    Case(2, BOTH, "fragments of 8 bytes, backwards", "S", "M", frags((24, 64), (16, 24), (8, 16), (0, 8)), "AAMb"),
    Case(2, BOTH, "fragments of 16 bytes, backwards", "S", "M", frags((16, 64), (0, 16)), "Ab"),
    Case(2, BOTH, "fragments that overlap", "S", "M", frags((0, 32), (16, 64)), "bA"),
    Case(2, BOTH, "the first fragment twice", "S", "M", frags((0, 32), (0, 32), (32, 64)), "bbA"),
    Case(2, BOTH, "a hole in the middle", "S", "M", frags((0, 24), (40, 64)), "bA"),
    Case(2, BOTH, "a later fragment without a byte", "S", "M", lambda k: [k.ip(b"", off=64)], "A"),
    Case(2, BOTH, "the highest offset", "S", "M", lambda k: [k.ip(b"", off=65528)], "A"),
    Case(2, BOTH, "fragments of submission", "S", "M", frags((0, 24), (24, 64), port=587), "A"),
    Case(2, BOTH, "fragments to the relay", "S", "P", frags((0, 24), (24, 64)), "RA"),
    Case(2, BOTH, "fragments of the unlisted", "U", "M", frags((0, 8), (8, 16), (16, 64)), "UUA"),
    Case(2, BOTH, "fragments of the exempt", "Exempt", "M", frags((0, 8), (8, 16), (16, 64)), "EEA"),
    Case(2, BOTH, "fragments of the watched", "Watched", "M", frags((0, 8), (8, 16), (16, 64)), "WXA"),
    Case(2, BOTH, "ICMP, ICMPv6 at fragment offset 1", "S", "M", lambda k: [k.ip(k.tcp(), 1 if k.family == 4 else 58, off=8)], "A"),

    # 3: chains of IPv6
    Case(3, V6, "no more than fits into 1500 bytes", "S", "F", lambda k: [k.ip(k.tcp()[:4], ext=[DST] * 182)], "b"),
    Case(3, V6, "AH, options, AH", "S", "M", chained(AH, DST, AH), "B"),
    Case(3, V6, "every kind of header", "S", "M", chained(HOP, DST, (ROUTE, bytes((0, 4, 0)) + bytes(4)), AH, DST), "B"),
    Case(3, V6, "hop-by-hop where it must not be", "S", "M", chained(DST, HOP), "B"),
    Case(3, V6, "options of 256 bytes", "S", "M", chained((DST, bytes((31, 1, 252)) + bytes(252))), "B"),
    Case(3, V6, "options nobody knows", "S", "M", chained((DST, bytes((0, 0x1e, 4)) + bytes(4))), "B"),
    Case(3, V6, "Pad1 only", "S", "M", chained((DST, bytes(7))), "B"),
    Case(3, V6, "AH of 8 bytes", "S", "M", chained((AH, bytes(7))), "B"),
    Case(3, V6, "AH of 1028 bytes", "S", "M", chained((AH, bytes((255,)) + bytes(1026))), "B"),
    Case(3, V6, "AH longer than the packet", "S", "M", chained((AH, bytes((200,)) + bytes(10))), "M"),
    Case(3, V6, "AH cut off", "S", "M", lambda k: [k.ip(b"\6", AH)], "M"),
    Case(3, V6, "a fragment header cut off", "S", "M", lambda k: [k.ip(bytes((TCP, 0, 0, 0, 0, 0, 0)), FRAG)], "M"),
    Case(3, V6, "a routing header cut off", "S", "M", lambda k: [k.ip(bytes((TCP, 0, 4)), ROUTE)], "M"),
    Case(3, V6, "atomic within atomic", "S", "M", chained(frag(), frag()), "B"),
    Case(3, V6, "first within atomic", "S", "M", chained(frag(), frag(more=1)), "b"),
    Case(3, V6, "later within first: its bytes are no ports", "S", "M", chained(frag(more=1), frag(off=64)), "A"),
    Case(3, V6, "TCP at byte offset 8 within atomic", "S", "M", chained(frag(), frag(off=8)), "M"),
    Case(3, V6, "TCP at byte offset 8, reserved bits set", "S", "M", chained(frag(off=8 | 6, reserved=255)), "M"),
    Case(3, V6, "atomic, all reserved bits set", "S", "M", chained(frag(more=6, reserved=255)), "B"),
    Case(3, V6, "first, all reserved bits set", "S", "M", chained(frag(more=7, reserved=255)), "b"),
    Case(3, V6, "options behind an atomic header", "S", "M", chained(frag(), DST), "B"),
    Case(3, V6, "options behind a first one", "S", "M", chained(frag(more=1), DST), "b"),
    Case(3, V6, "a first fragment of options alone", "S", "M", lambda k: [k.ip(bytes((TCP, 0, 1, 4, 0, 0, 0, 0)), DST, off=0, mf=True), k.ip(k.tcp(), DST, off=8)], "MA"),
    Case(3, V6, "a later fragment over the end of options", "S", "M", overlay, "AA"),
    Case(3, V6, "a later fragment of options", "S", "M", lambda k: [k.ip(k.tcp(), kind, off=8) for kind in (DST, HOP, ROUTE, AH, FRAG)], "A"),
    Case(3, V6, "options in front of a later fragment", "S", "M", chained(DST, off=16), "A"),
    Case(3, V6, "options in front of TCP at byte offset 8", "S", "M", chained(HOP, DST, off=8), "M"),
    Case(3, V6, "options in front of submission", "S", "M", lambda k: [k.ip(k.tcp(port=587), ext=[HOP, DST, AH])], "A"),
    Case(3, V6, "options in front of the relay's port", "S", "P", chained(HOP, DST, AH), "R"),
    Case(3, V6, "options past the end, to the relay", "S", "P", past_end, "R"),
    Case(3, V6, "options past the end, exempt", "Exempt", "M", past_end, "E"),
    Case(3, V6, "options past the end, watched", "Watched", "M", past_end, "X"),
    Case(3, V6, "options that end with the packet", "S", "M", lambda k: [k.ip(bytes((TCP, 0, 1, 4, 0, 0, 0, 0)), DST)], "M"),
    Case(3, V6, "options that end three bytes before", "S", "M", lambda k: [k.ip(bytes((TCP, 0, 1, 4, 0, 0, 0, 0)) + b"\0\0\0", DST)], "M"),
    Case(3, V6, "past the end there would be UDP", "S", "M", lambda k: [k.ip(k.udp(), UDP, ext=[(DST, bytes((200, 1, 4)) + bytes(4))])], "A"),
    Case(3, V6, "no next header behind options", "S", "M", lambda k: [k.ip(k.tcp(), NONE, ext=[DST])], "A"),
    Case(3, V6, "ESP behind options", "S", "M", lambda k: [k.ip(k.tcp(), ESP, ext=[HOP, DST])], "A"),

    # 4: what is not TCP, whatever it carries
    Case(4, BOTH, "a mail in IPIP, 4in6", "S", "M", inner(4, 4), "A"),
    Case(4, BOTH, "a mail in 6in4, 6in6", "S", "M", inner(41, 6), "A"),
    Case(4, BOTH, "a mail in GRE", "S", "M", lambda k: [k.ip(b"\0\0\x08\0" + Kit(4, "S", "M", 25).ip(k.tcp()).data, 47)], "A"),
    Case(4, BOTH, "a mail in UDP", "S", "M", lambda k: [k.ip(k.udp() + k.tcp(), UDP)], "A"),
    Case(4, BOTH, "UDP-Lite, DCCP, PIM, 254, 255", "S", "M", lambda k: [k.ip(k.tcp(), n) for n in (136, 33, 103, 254, 255)], "A"),
    Case(4, V4, "hop-by-hop, routing, options, mobility in IPv4", "S", "M", lambda k: [k.ip(k.tcp(), n) for n in (0, 43, 44, 60, 135)], "A"),

    # 5: options of IPv4 and what they mean for a relay
    Case(5, V4, "SSRR ahead of the relay", "S", "P", lsrr(137, 4), "K"),
    Case(5, V4, "SSRR used up, to the relay", "S", "P", lsrr(137, 8), "K"),
    Case(5, V4, "LSRR behind NOPs and a timestamp", "S", "P", lambda k: [k.ip(k.tcp(final="M"), opts=NOP + bytes((68, 4, 5, 0)) + bytes((131, 7, 4)) + packed("M", 4))], "c", None),
    Case(5, V4, "LSRR behind the end of the options", "S", "P", opts(0, 131, 7, 4, 198, 51, 100, 25), "R", None),
    Case(5, V4, "record route, to the relay", "S", "P", opts(7, 7, 8, 0, 0, 0, 0, 0), "R"),
    Case(5, V4, "router alert, to the relay", "S", "P", opts(148, 4, 0, 0), "R"),
    Case(5, V4, "router alert", "S", "M", opts(148, 4, 0, 0), "B"),
    Case(5, V4, "options that nobody knows", "S", "M", opts(130, 6, 0, 0, 0, 1, 94, 2), "B"),
    Case(5, V4, "LSRR, no exemption needed", "Exempt", "P", lsrr(131, 4), "E"),
    Case(5, V4, "LSRR from the unlisted", "U", "P", lsrr(131, 4), "U"),
    Case(5, V4, "LSRR and a cut header, to the relay", "S", "P", lambda k: [k.ip(k.tcp()[:2], opts=bytes((131, 7, 4)) + packed("M", 4) + b"\0")], "M"),
    Case(5, V6, "routing header, none left, then one left", "S", "P", lambda k: [k.ip(k.tcp(final="M"), ext=[(ROUTE, bytes((0, 4, 0)) + bytes(4)), (ROUTE, bytes((2, 4, 1, 0, 0, 0, 0)) + packed("M", 6))])], "c"),
    Case(5, V6, "routing header of a type nobody knows", "S", "P", lambda k: [k.ip(k.tcp(final="M"), ext=[(ROUTE, bytes((2, 253, 1, 0, 0, 0, 0)) + packed("M", 6))])], "c"),
    Case(5, V6, "routing header with 255 left", "S", "P", lambda k: [k.ip(k.tcp(final="M"), ext=[(ROUTE, bytes((2, 0, 255, 0, 0, 0, 0)) + packed("M", 6))])], "c"),
    Case(5, V6, "routing header behind options", "S", "P", lambda k: [k.ip(k.tcp(final="M"), ext=[DST, (ROUTE, bytes((2, 4, 1, 0, 0, 0, 0)) + packed("M", 6))])], "c"),
    Case(5, V6, "routing header in front of a first fragment", "S", "P", lambda k: [k.ip(k.tcp(), ext=[(ROUTE, bytes((2, 4, 1, 0, 0, 0, 0)) + packed("M", 6))], off=0, mf=True)], "b"),
    Case(5, V6, "routing header and options past the end", "S", "P", lambda k: [k.ip(k.tcp(), ext=[(ROUTE, bytes((2, 4, 1, 0, 0, 0, 0)) + packed("M", 6)), (DST, bytes((200, 1, 4)) + bytes(4))])], "M"),

    # 6: lengths, data, padding
    Case(6, BOTH, "TCP cut to each length", "S", "M", lambda k: [k.ip(k.tcp()[:size]) for size in range(20)], "MMMM" + "b" * 16),
    Case(6, BOTH, "data of odd lengths", "S", "M", lambda k: [k.ip(k.tcp(flags=ACK, data=b"x" * size)) for size in (1, 3, 7, 61, 999)], "B"),
    Case(6, BOTH, "options of TCP", "S", "M", lambda k: [k.ip(k.tcp(doff=10, data=bytes((2, 4, 5, 180, 4, 2, 8, 10)) + bytes(8) + bytes((1, 3, 3, 7))))], "B"),
    Case(6, BOTH, "data in a SYN", "S", "M", tcp(data=b"EHLO bot\r\n"), "B"),
    Case(6, BOTH, "source port 0", "S", "M", tcp(sport=0), "B"),
    Case(6, BOTH, "both ports 25", "S", "M", tcp(sport=25), "B"),
    Case(6, BOTH, "both ports 25, unlisted", "U", "M", tcp(sport=25), "U"),
    Case(6, V4, "padding that looks like ports", "S", "M", lambda k: [padded(k.ip(k.tcp(port=587)))], "A"),
    Case(6, V6, "frame padded behind 4 bytes of TCP", "S", "M", lambda k: [padded(k.ip(k.tcp()[:4]), 60)], "b"),
    Case(6, V6, "padding is no TCP header", "S", "M", lambda k: [padded(k.ip(k.tcp()[:2]), 60)], "M"),
    Case(6, BOTH, "the watched, with every kind of header", "Watched", "M", lambda k: [k.ip(k.tcp(), **({"opts": NOP * 12} if k.family == 4 else {"ext": [HOP, DST, AH]}))], "W"),
    Case(6, BOTH, "between subscribers, cut", "S", "F", cut(2), "M"),
    Case(6, BOTH, "from subscriber to subscriber, submission", "S", "F", ports(587, 465), "A"),
]
CASES = FLOOR + MORE

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
