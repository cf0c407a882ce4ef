# SPDX-License-Identifier: GPL-2.0
"""Random packets, mostly well-formed, from sources of every kind, in batches. A
batch is sent in mode enforce and then, the same bytes, in mode off, which tells
what the kernel itself forwards. Of that

  - no datagram of a blocked source may be put together at M with port 25: M's
    own connection tracking says so (oracle "leak")
  - all of unlisted and exempt sources has to arrive
  - of blocked sources exactly that which a naive reading of packets.md accepts
  - the counters move by what that reading says

Then with the reverse guard on, and packets from M, U and P to subscribers among
them: none of IPv4 from port 25 may be put together at S, unless P's, the
relay's. (Of IPv6, a first fragment may hide the port; from an unlisted source it
passes.) Then with connection tracking on the router, which puts datagrams together before
they are judged: there the first two are what can be said.

OP25B_SEED repeats a storm, OP25B_SECONDS bounds it by time.
"""
import collections
import os
import random
import struct
import time

import topo
from naive import judge
from oracle import Oracle
from wire import (AH, DST, FRAG, HOP, ROUTE, TCP, UDP, checksum, packed,
                  tag_of)

DATAGRAMS = 400
SOURCES = ("S", "S", "S", "Bot2", "Exempt", "U")
TARGETS = ("M", "M", "M", "P")
SERVERS = ("U", "M", "M", "P")
CLIENTS = ("S", "S", "Bot2", "Exempt", "Watched")
PORTS = (25, 25, 25, 2525, 80, 0x1900)
BLOCKED = ("S", "Bot2")


class Sent:
    """What lab.shoot() sends; @ident: of the datagram that it is of."""
    pad = 0

    def __init__(self, who, dst, data, ident):
        self.who, self.dst, self.data = who, dst, data
        self.tag, self.ident = tag_of(data), ident & 0xffff


class Generator:
    """@back: packets to subscribers too."""

    def __init__(self, seed, back=False):
        self.rnd = random.Random(seed)
        self.ident = 0
        self.back = back

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
        if self.back and rnd.random() < 0.5:
            who, dst = rnd.choice(SERVERS), rnd.choice(CLIENTS)
        else:
            who, dst = rnd.choice(SOURCES), rnd.choice(TARGETS)
        proto = TCP if rnd.random() < 0.93 else rnd.choice((UDP, AH, 4, 47))
        body = self.segment()
        build = self.datagram_v4 if rnd.random() < 0.5 else self.datagram_v6
        return [Sent(who, dst, data, self.ident)
                for data in build(who, dst, proto, body)]

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

    def twice(self):
        """A batch, and once more the same with other fragment numbers."""
        state = self.rnd.getstate()
        first = self.batch()
        self.rnd.setstate(state)
        return first, self.batch()


def _net(who):
    return topo.WHO[who][0]


def _shoot(lab, packets):
    """All of them, in their order, each by its source's wire. Return: all that
    came, as (wire, bytes), and the counters that moved."""
    came, moved = [], collections.Counter()
    for net in sorted({_net(p.who) for p in packets}):
        got, counted = lab.shoot(net, [p for p in packets
                                       if _net(p.who) == net])
        moved.update(counted)
        came += [(name, data) for name in "SMP" for data in got[name]]
    return came, moved


def _tagged(came):
    return {(net, tag_of(data)) for net, data in came}


def _wanted_unlisted(packet, answers):
    """@answers: the reverse guard has a word to say."""
    if not answers or packet.who == "P":
        return True, "pass_unlisted"
    if packet.dst in BLOCKED:
        return False, "block_reverse"
    if packet.dst == "Watched":
        return True, "would_block_reverse"
    return True, "pass_unlisted"


def _wanted(packet, reverse):
    """(arrives, counter) in mode enforce."""
    verdict = judge(packet.data)
    if verdict.kind == "other" or (verdict.kind == "answer" and not reverse):
        return True, None
    if packet.who in SERVERS:
        return _wanted_unlisted(packet, reverse and verdict.answers)
    if packet.who == "Exempt":
        return True, "pass_exempt"
    if packet.dst == "P" and not verdict.routed:
        return True, "pass_relay"
    if verdict.kind == "lost":
        return False, "block_malformed"
    return (True, None) if verdict.kind == "answer" else (False, "block")


def _complaints(packets, enforced, plain, moved, reverse):
    count = collections.Counter()
    for packet in packets:
        where = (_net(packet.dst), packet.tag)
        # What the kernel drops by itself comes to no hook.
        if where not in plain:
            if where in enforced:
                yield f"only in mode enforce came {packet.data.hex()}"
            continue
        arrives, counter = _wanted(packet, reverse)
        count[counter] += counter is not None
        if arrives != (where in enforced):
            yield (f"{packet.who} to {packet.dst}: came {not arrives}, "
                   f"{packet.data.hex()}")
    moved = {key: n for key, n in moved.items() if key != "block_syn"}
    if moved != {key: n for key, n in count.items() if key}:
        yield f"counters moved {moved}, wanted {dict(count)}"


def _kept(packets, came):
    """Of unlisted and exempt sources, by number in the batch, what came: what
    was put together and taken apart again has the first piece's header."""
    first = packets[0].ident
    named = {}
    for packet in packets:
        if packet.who in ("U", "Exempt"):
            named[packet.tag] = packet
    kept = collections.Counter()
    for net, data in came:
        tag = tag_of(data)
        if tag in named:
            number = (named[tag].ident - first) & 0xffff
            kept[net, number, tag[0], len(data)] += 1
    return kept


def _tracked_complaints(first, enforced, again, plain):
    enforced, plain = _kept(first, enforced), _kept(again, plain)
    if enforced != plain:
        yield (f"unlisted and exempt: lost {dict(plain - enforced)}, "
               f"only in mode enforce {dict(enforced - plain)}")


def _round(lab, generator, variant, totals):
    first, again = generator.twice() if variant.tracked else \
        (generator.batch(),) * 2
    variant.configure("enforce")
    leaks = variant.leaks()
    enforced, moved = _shoot(lab, first)
    if variant.leaks() != leaks:
        yield f"{variant.leaks() - leaks} datagrams were put together, " \
              f"{variant.told()}"
    variant.configure("off")
    leaks = variant.leaks()
    plain, _ = _shoot(lab, again)
    totals.update(packets=len(first), forwarded=len(plain),
                  enforced=len(enforced), mail=variant.leaks() - leaks)
    if variant.tracked:
        yield from _tracked_complaints(first, enforced, again, plain)
    else:
        yield from _complaints(first, _tagged(enforced), _tagged(plain), moved,
                               variant.reverse)


def _unclog(netns, seconds):
    """Half a datagram is not to wait for the rest for half a minute, or others
    find no room; nor are two to share a number meanwhile."""
    topo.enter(netns)
    topo.sysctl({"ipv4/ipfrag_time": seconds,
                 "ipv4/ipfrag_high_thresh": 64 << 20,
                 "netfilter/nf_conntrack_frag6_timeout": seconds,
                 "netfilter/nf_conntrack_frag6_high_thresh": 64 << 20})
    topo.enter("R")


class Variant:
    """@batches: without a bound in time"""

    def __init__(self, name, lab, configure, batches, reverse=False,
                 tracked=False):
        self.name, self.batches = name, batches
        self.reverse, self.tracked = reverse, tracked
        self.oracles = [(lab.oracle, "leak")]
        self.how = {"reverse": "on"} if reverse else {}
        self._configure = configure

    def configure(self, mode):
        self._configure(mode, **self.how)

    def leaks(self):
        return sum(oracle.packets(name) for oracle, name in self.oracles)

    def told(self):
        return {name: oracle.packets(name) for oracle, name in self.oracles}

    def __enter__(self):
        if self.reverse:
            _nft("S", """
                table inet oracle {
                    counter answer { }
                    chain pre {
                        type filter hook prerouting priority 0;
                        ip saddr 192.0.2.0/24 return
                        ip daddr { 100.64.1.1, 100.64.1.77 } tcp sport 25 \
                            tcp dport != 0 counter name answer
                        ct state invalid accept
                    }
                }""")
            self.oracles.append((Oracle("S"), "answer"))
            _unclog("S", 2)
        if self.tracked:
            _nft("R", """
                table inet track {
                    chain forward {
                        type filter hook forward priority 0;
                        ct state established accept
                    }
                }""")
            _unclog("R", 10)
        return self

    def __exit__(self, *_):
        if self.reverse:
            _nft("S", "delete table inet oracle")
        if self.tracked:
            _nft("R", "delete table inet track")


def _nft(netns, text):
    topo.enter(netns)
    topo.sh("nft", "-f", "-", stdin=text)
    topo.enter("R")


def _storm(tap, lab, generator, variant, seconds):
    totals, rounds, wrong = collections.Counter(), 0, []
    least, start = 1 if seconds else variant.batches, time.monotonic()
    while not wrong and (rounds < least or time.monotonic() - start < seconds):
        wrong += _round(lab, generator, variant, totals)
        rounds += 1
    tap.ok(not wrong, f"{variant.name}: {rounds} batches, packets for packet",
           wrong)
    tap.ok(totals["mail"] > 10 * rounds and
           0 < totals["enforced"] < totals["forwarded"] < totals["packets"],
           f"{variant.name}: a good part of it is mail, and some of it no "
           "packet", [totals])
    print(f"# count {totals['packets']} random packets through the lab")
    print(f"# {variant.name}: {dict(totals)} in "
          f"{time.monotonic() - start:.0f} s")


def storm(tap, lab, configure):
    seed = int(os.environ.get("OP25B_SEED") or time.time_ns())
    seconds = float(os.environ.get("OP25B_SECONDS") or 0)
    variants = (
        Variant("storm", lab, configure, 8),
        Variant("storm, reverse", lab, configure, 4, reverse=True),
        Variant("storm, conntrack", lab, configure, 4, tracked=True),
    )
    _unclog("M", 2)
    print(f"# OP25B_SEED={seed}")
    for variant in variants:
        generator = Generator(seed, variant.reverse)
        with variant:
            _storm(tap, lab, generator, variant, seconds / len(variants))
