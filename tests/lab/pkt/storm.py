# SPDX-License-Identifier: GPL-2.0
"""Random packets, mostly well-formed, from sources of every kind, in batches. A
batch is sent in mode enforce and then, the same bytes, in mode off, which tells
what the kernel itself forwards. Of that

  - no datagram of a blocked source may be put together at M with port 25: M's
    own connection tracking says so (oracle "leak")
  - all of unlisted and exempt sources has to arrive
  - of blocked sources exactly that which a naive reading of packets.md accepts
  - the counters move by what that reading says

OP25B_SEED repeats a storm, OP25B_SECONDS bounds it by time.
"""
import collections
import os
import random
import struct
import time

import topo
from naive import judge
from wire import (AH, DST, FRAG, HOP, ROUTE, TCP, UDP, checksum, packed,
                  tag_of)

BATCHES, DATAGRAMS = 12, 400
SOURCES = ("S", "S", "S", "Bot2", "Exempt", "U")
TARGETS = ("M", "M", "M", "P")
PORTS = (25, 25, 25, 2525, 80, 0x1900)
BLOCKED = ("S", "Bot2")

Datagram = collections.namedtuple("Datagram", "who dst packets")


class Sent:
    """What lab.shoot() sends."""
    pad = 0

    def __init__(self, who, dst, data):
        self.who, self.dst, self.data = who, dst, data
        self.tag = tag_of(data)


class Generator:
    def __init__(self, seed):
        self.rnd = random.Random(seed)
        self.ident = 0

    def segment(self):
        rnd = self.rnd
        body = struct.pack(">HHIIBBHHH", rnd.choice(PORTS + (40000,)),
                           rnd.choice(PORTS), rnd.getrandbits(32),
                           rnd.getrandbits(32), rnd.choice((80, 80, 80, 0,
                                                            240)),
                           rnd.getrandbits(8), 1024, rnd.getrandbits(16), 0)
        body += bytes(rnd.choice((0, 0, 4, 13, 40, 200, 700)))
        return body[:rnd.choice((0, 2, 3, 4, 8, 19))] \
            if rnd.random() < 0.1 else body

    def pieces(self, body):
        """(offset, more, bytes) of fragments: any sizes, orders and overlaps,
        some twice, some missing, some a lie."""
        rnd, cuts, at = self.rnd, [], 0
        step = rnd.choice((8, 8, 16, 24, 64, 256))
        while (at < len(body) and len(cuts) < 40) or not cuts:
            size = rnd.choice((8, 16, step, step))
            cuts.append((at, at + size < len(body), body[at:at + size]))
            at += size
        if rnd.random() < 0.3:
            start = rnd.choice((0, 0, 8, 16))
            cuts.append((start, rnd.random() < 0.5, self.segment()))
        if rnd.random() < 0.2:
            cuts.append(rnd.choice(cuts))
        if rnd.random() < 0.2:
            cuts.pop(rnd.randrange(len(cuts)))
        if rnd.random() < 0.4:
            rnd.shuffle(cuts)
        return cuts

    def options(self):
        rnd, opts = self.rnd, b""
        if rnd.random() < 0.7:
            return opts
        for _ in range(rnd.randrange(1, 5)):
            opts += rnd.choice((
                b"\1", b"\1\1\1", b"\x94\4\0\0", b"\7\7\4\0\0\0\0",
                b"\x83\7\4" + packed("M", 4), b"\x89\7\4" + packed("P", 4),
                b"\x83\7\x08" + packed("M", 4), b"\x99\3\7", b"\0"))
        opts = opts[:40]
        return opts + b"\1" * (-len(opts) % 4)

    def chain(self):
        """Extension headers: (type, bytes behind the next header field)."""
        rnd, found = self.rnd, []
        while rnd.random() < 0.45 and len(found) < 12:
            kind = rnd.choice((HOP, DST, DST, ROUTE, AH, FRAG))
            # Further on than first, hop-by-hop is for parsers only.
            if kind == HOP and found and rnd.random() < 0.7:
                kind = DST
            extra = rnd.choice((0, 0, 0, 1, 3))
            if kind == AH:
                rest = bytes((1 + 2 * extra, 0, 0)) + bytes(8 + 8 * extra)
            elif kind == FRAG:
                rest = bytes((0, 0, rnd.choice((0, 6)))) + rnd.randbytes(4)
            elif kind == ROUTE:
                extra = rnd.choice((0, 2))
                rest = bytes((extra, rnd.choice((0, 4, 253)),
                              rnd.choice((0, 0, 1)))) + bytes(4 + 8 * extra)
            else:
                rest = bytes((extra, 1, 4 + 8 * extra)) + bytes(4 + 8 * extra)
            if rnd.random() < 0.03:
                rest = bytes((200,)) + rest[1:]
            found.append((kind, rest))
        return found

    def ipv4(self, who, dst, proto, offset, more, body, index):
        opts = self.options()
        head = struct.pack(">BBHHHBBH", 0x45 + len(opts) // 4, index << 2,
                           20 + len(opts) + len(body), self.ident & 0xffff,
                           offset // 8 | more << 13 |
                           (self.rnd.random() < 0.1) << 14, 64, proto, 0) + \
            packed(who, 4) + packed(dst, 4) + opts
        return head[:10] + struct.pack(">H", checksum(head)) + head[12:] + body

    def ipv6(self, who, dst, proto, chain, body):
        for kind, rest in reversed(chain):
            body = bytes((proto,)) + rest + body
            proto = kind
        self.label += 1
        return struct.pack(">IHBB", 0x60000000 | self.label, len(body), proto,
                           64) + packed(who, 6) + packed(dst, 6) + body

    def datagram(self):
        rnd = self.rnd
        self.ident += 1
        who, dst = rnd.choice(SOURCES), rnd.choice(TARGETS)
        proto = TCP if rnd.random() < 0.93 else rnd.choice((UDP, AH, 4, 47))
        body = self.segment()
        build = self.datagram_v4 if rnd.random() < 0.5 else self.datagram_v6
        return [Sent(who, dst, data) for data in build(who, dst, proto, body)]

    def datagram_v4(self, who, dst, proto, body):
        if self.rnd.random() < 0.5:
            return [self.ipv4(who, dst, proto, 0, False, body, 0)]
        return [self.ipv4(who, dst, proto, *piece, index)
                for index, piece in enumerate(self.pieces(body))]

    def datagram_v6(self, who, dst, proto, body):
        chain = self.chain()
        if self.rnd.random() < 0.5:
            return [self.ipv6(who, dst, proto, chain, body)]
        # Of the chain, a part may lie in what is cut into fragments.
        inner = chain[self.rnd.randrange(len(chain) + 1):]
        chain = chain[:len(chain) - len(inner)]
        for kind, rest in reversed(inner):
            body = bytes((proto,)) + rest + body
            proto = kind
        return [self.ipv6(who, dst, proto, chain + [
            (FRAG, struct.pack(">BHI", 0, offset | more, self.ident))], piece)
            for offset, more, piece in self.pieces(body)]

    def batch(self):
        self.label = 0
        return [packet for _ in range(DATAGRAMS) for packet in self.datagram()]


def _shoot(lab, packets):
    """All of them, in their order, each by its source's wire. Return: the tags
    that came to M or P, and the counters that moved."""
    by_wire = {"S": [p for p in packets if p.who != "U"],
               "U": [p for p in packets if p.who == "U"]}
    came, moved = set(), collections.Counter()
    for net, some in by_wire.items():
        got, counted = lab.shoot(net, some)
        moved.update(counted)
        came |= {(net, tag_of(data)) for net in "MP" for data in got[net]}
    return came, moved


def _wanted(packet):
    """(arrives, counter) in mode enforce."""
    verdict = judge(packet.data)
    if verdict.kind == "other":
        return True, None
    if packet.who == "U":
        return True, "pass_unlisted"
    if packet.who == "Exempt":
        return True, "pass_exempt"
    if packet.dst == "P" and not verdict.routed:
        return True, "pass_relay"
    if verdict.kind == "lost":
        return False, "block_malformed"
    return False, "block"


def _complaints(packets, enforced, plain, moved):
    count = collections.Counter()
    for packet in packets:
        where = (packet.dst, packet.tag)
        # What the kernel drops by itself comes to no hook.
        if where not in plain:
            if where in enforced:
                yield f"only in mode enforce came {packet.data.hex()}"
            continue
        arrives, counter = _wanted(packet)
        count[counter] += counter is not None
        if arrives != (where in enforced):
            yield (f"{packet.who} to {packet.dst}: came {not arrives}, "
                   f"{packet.data.hex()}")
    moved = {key: n for key, n in moved.items() if key != "block_syn"}
    if moved != {key: n for key, n in count.items() if key}:
        yield f"counters moved {moved}, wanted {dict(count)}"


def _round(lab, generator, configure, totals, judged=True):
    packets = generator.batch()
    configure("enforce")
    leaks = lab.oracle.packets("leak")
    enforced, moved = _shoot(lab, packets)
    if lab.oracle.packets("leak") != leaks:
        yield (f"{lab.oracle.packets('leak') - leaks} datagrams of blocked "
               "sources came to port 25")
    configure("off")
    leaks = lab.oracle.packets("leak")
    plain, _ = _shoot(lab, packets)
    totals.update(packets=len(packets), forwarded=len(plain),
                  enforced=len(enforced),
                  mail=lab.oracle.packets("leak") - leaks)
    if judged:
        yield from _complaints(packets, enforced, plain, moved)


def _unclog():
    """Half a datagram is not to wait for the rest for half a minute, or others
    find no room; nor are two to share a number meanwhile."""
    topo.enter("M")
    topo.sysctl({"ipv4/ipfrag_time": 2, "ipv4/ipfrag_high_thresh": 64 << 20,
                 "netfilter/nf_conntrack_frag6_timeout": 2,
                 "netfilter/nf_conntrack_frag6_high_thresh": 64 << 20})
    topo.enter("R")


def storm(tap, lab, configure):
    seed = int(os.environ.get("OP25B_SEED") or time.time_ns())
    seconds = float(os.environ.get("OP25B_SECONDS") or 0)
    least = 1 if seconds else BATCHES
    generator, totals = Generator(seed), collections.Counter()
    start, rounds, wrong = time.monotonic(), 0, []
    _unclog()
    print(f"# OP25B_SEED={seed}")
    while not wrong and (rounds < least or time.monotonic() - start < seconds):
        wrong += _round(lab, generator, configure, totals)
        rounds += 1
    tap.ok(not wrong, f"storm: {rounds} batches, packets for packet", wrong)
    tap.ok(totals["mail"] > 10 * rounds and
           0 < totals["enforced"] < totals["forwarded"] < totals["packets"],
           "storm: a good part of it is mail, and some of it no packet",
           [totals])
    print(f"# count {totals['packets']} random packets through the lab")
    print(f"# {dict(totals)} in {time.monotonic() - start:.0f} s")
