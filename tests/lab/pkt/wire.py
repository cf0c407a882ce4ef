# SPDX-License-Identifier: GPL-2.0
"""Packets, byte by byte. A Kit makes those of one case and family."""
import ipaddress
import struct

from topo import addr

TCP, UDP, SCTP = 6, 17, 132
FIN, SYN, RST, PSH, ACK = 1, 2, 4, 8, 16
HOP, ROUTE, FRAG, ESP, AH, NONE, DST = 0, 43, 44, 50, 51, 59, 60


# How many packets of one id a TOS byte tells apart: below 0xc0, which the
# kernel's ICMP errors bear, and without the two bits of ECN.
SLOTS = 40


def checksum(data):
    data += b"\0" * (len(data) % 2)
    total = sum(struct.unpack(f">{len(data) // 2}H", data))
    while total >> 16:
        total = (total & 0xffff) + (total >> 16)
    return total ^ 0xffff


def packed(who, family):
    return ipaddress.ip_address(addr(who, family)).packed


def pseudo(src, dst, proto, length):
    """@src, @dst: bytes."""
    if len(src) == 4:
        return src + dst + struct.pack(">HH", proto, length)
    return src + dst + struct.pack(">II", length, proto)


class Packet:
    """@data: from the IP header on; @body: what lies behind the IP headers. The
    tag tells it from all others on its way."""

    def __init__(self, data, body):
        self.data, self.body = data, body
        self.tag = tag_of(data)
        self.pad = 0

    def reset(self):
        """(seq, ack or None) of the RST that answers it: RFC 9293, 3.10.7."""
        seq, ack = struct.unpack(">II", self.body[4:12])
        flags, doff = self.body[13], self.body[12] >> 4
        if flags & ACK:
            return ack, None
        length = len(self.body) - doff * 4 + bool(flags & SYN) + \
            bool(flags & FIN)
        return 0, (seq + length) & 0xffffffff


def padded(packet, size=46):
    """As short frames arrive: filled up behind the end of the packet."""
    packet.pad = max(0, size - len(packet.data))
    return packet


def tag_of(data):
    """What forwarding leaves alone: id and TOS, or the flow label."""
    if data[0] >> 4 == 4:
        return (4, data[4:6], data[1])
    return (6, int.from_bytes(data[0:4], "big") & 0xfffff)


def bare(data):
    """Without what forwarding changes: TTL and header checksum, hop limit."""
    if data[0] >> 4 == 4:
        return data[:8] + b"\0" + data[9:10] + b"\0\0" + data[12:]
    return data[:7] + b"\0" + data[8:]


def v6ext(kind, following, extra=0):
    """An extension header of 8 + 8 * @extra bytes."""
    if kind == AH:
        return bytes((following, 1 + 2 * extra, 0, 0)) + \
            struct.pack(">II", 7, 1) + bytes(8 * extra)
    return bytes((following, extra, 1, 4 + 8 * extra)) + bytes(4 + 8 * extra)


class Kit:
    """Builds packets from @src to @dst (names of topo.WHO); @port is where mail
    goes, 25 or for the comparison 2525."""
    serial = 0

    def __init__(self, family, src, dst, port):
        self.family, self.port = family, port
        self.src, self.dst = packed(src, family), packed(dst, family)
        self.ident = Kit.serial // SLOTS + 1
        self.first = Kit.serial

    def tcp(self, port=None, flags=SYN, doff=5, sport=None, data=b"", good=True,
            final=None):
        """@final: whose address the checksum covers where a route leads on."""
        sport = 20000 + Kit.serial % 40000 if sport is None else sport
        port = self.port if port is None else port
        head = struct.pack(">HHIIBBHHH", sport, port, 1000 + Kit.serial,
                           2000 + Kit.serial if flags & ACK else 0, doff << 4,
                           flags, 8192, 0, 0) + data
        dst = packed(final, self.family) if final else self.dst
        total = checksum(pseudo(self.src, dst, TCP, len(head)) + head)
        if not good:
            total ^= 0x5555
        return head[:16] + struct.pack(">H", total) + head[18:]

    def udp(self, port=None):
        port = self.port if port is None else port
        return struct.pack(">HHHH", 20000, port, 16, 0) + b"datagram"

    def ip(self, body, proto=TCP, **how):
        """One packet, of the family at hand."""
        serial = Kit.serial
        Kit.serial += 1
        make = self._v4 if self.family == 4 else self._v6
        return Packet(make(serial, body, proto, **how), body)

    def _v4(self, serial, body, proto, off=0, mf=False, df=False, opts=b"",
            ttl=64):
        assert len(opts) % 4 == 0 and off % 8 == 0
        index = serial - self.first
        head = struct.pack(">BBHHHBBH4s4s", 0x45 + len(opts) // 4,
                           index % SLOTS << 2, 20 + len(opts) + len(body),
                           (self.ident + self.first + index // SLOTS) & 0xffff,
                           off // 8 | mf << 13 | df << 14, ttl, proto, 0,
                           self.src, self.dst) + opts
        return head[:10] + struct.pack(">H", checksum(head)) + head[12:] + body

    def _v6(self, serial, body, proto, off=None, mf=False, df=False, ext=(),
            ttl=64):
        """@ext: extension headers in front, (kind, bytes behind the next
        header field) or kinds. @off, @mf: a fragment header in the end."""
        del df
        chain = [(e, v6ext(e, 0)[1:]) if isinstance(e, int) else e for e in ext]
        if off is not None or mf:
            chain.append((FRAG, struct.pack(">BHI", 0, (off or 0) | mf,
                                            self.first)))
        for kind, rest in reversed(chain):
            body = bytes((proto,)) + rest + body
            proto = kind
        return struct.pack(">IHBB16s16s", 0x60000000 | serial & 0xfffff,
                           len(body), proto, ttl, self.src, self.dst) + body
