# SPDX-License-Identifier: GPL-2.0
"""Dumps of many messages, cut short, and changed in between."""
import random
import socket

from genl import DUMP, REQUEST, Answer, K, Socket
from op25b import (
    all_prefixes, all_relays, listed, net, prefix, prefix_rec, prefixes,
    read_prefix, read_relay, relay_rec, relays,
)


class SlowDump:
    """A dump that is read datagram by datagram."""

    def __init__(self, cmd, size=4096, attrs=()):
        self.sock = Socket()
        self.sock.size = size
        self.sock.resolve()
        self.answer = Answer()
        self.sock.send(self.sock.family, cmd, list(attrs), flags=REQUEST | DUMP)

    def step(self):
        """Return: is it over?"""
        return self.sock.receive(self.answer)

    def finish(self):
        while not self.step():
            pass
        self.sock.close()
        return self.answer


def fill(sock, rng, count):
    """Random prefixes and relays of both families. Return: the prefixes."""
    nets = set()
    while len(nets) < count:
        if rng.random() < 0.5:
            length = rng.randint(8, 32)
            addr = rng.getrandbits(32) >> (32 - length) << (32 - length)
            nets.add(net((addr, length)))
        else:
            length = rng.randint(20, 128)
            addr = (0x20010DB8 << 96 | rng.getrandbits(96)) >> (128 - length)
            nets.add(net((addr << (128 - length), length)))
    nets = sorted(nets, key=lambda n: (
        n.version, int(n.network_address), n.prefixlen))
    records = [prefix_rec(str(n)) for n in nets]
    rng.shuffle(records)
    for i in range(0, len(records), 2000):
        answer = sock.do(K.CMD_PREFIX_ADD, prefixes(*records[i : i + 2000]))
        assert answer.error == 0, str(answer)
    hosts = [n.network_address for n in nets if n.prefixlen == n.max_prefixlen]
    hosts += [n.network_address + 1 for n in nets if n.prefixlen < 30]
    hosts = sorted(set(hosts), key=lambda h: (h.version, int(h)))
    for i in range(0, len(hosts), 2000):
        answer = sock.do(K.CMD_RELAY_ADD, relays(
            *[relay_rec(str(h)) for h in hosts[i : i + 2000]]))
        assert answer.error == 0, str(answer)
    return nets, hosts


def whole(tap, nets, hosts):
    for size in (1 << 12, 1 << 14, 1 << 15, 1 << 16):
        dump = SlowDump(K.CMD_PREFIX_GET, size)
        answer = dump.finish()
        tap.equal([p[0] for p in listed(answer, K.A_PREFIX, read_prefix)], nets,
                  f"{len(nets)} prefixes in {answer.messages} messages, reads of {size}")
        tap.ok(answer.error == 0 and not answer.interrupted, "not interrupted")
        answer = SlowDump(K.CMD_RELAY_GET, size).finish()
        tap.equal([r[0] for r in listed(answer, K.A_RELAY, read_relay)], hosts,
                  f"{len(hosts)} relays in {answer.messages} messages")


def interrupted(tap, sock, nets):
    change = K.CMD_PREFIX_REPLACE, [prefix("203.0.113.0/24")]
    for cmd in (K.CMD_PREFIX_GET, K.CMD_RELAY_GET):
        dump = SlowDump(cmd)
        dump.step()
        sock.do(*change)
        answer = dump.finish()
        tap.ok(answer.error == 0 and answer.interrupted,
               f"a change in the middle of dump {cmd} is told", str(answer))

    # the change falls between any two datagrams, up to the very last
    dump = SlowDump(K.CMD_PREFIX_GET)
    steps = 1
    while not dump.step():
        steps += 1
    missed = []
    for at in range(1, steps):
        dump = SlowDump(K.CMD_PREFIX_GET)
        for _ in range(at):
            dump.step()
        # What is deleted was sent or not: a list that lacks it, or has it but
        # lacks what was added, is of no one version.
        victim = nets[0]
        sock.do(K.CMD_PREFIX_DEL, [prefix(str(victim), None)])
        answer = dump.finish()
        sock.do(K.CMD_PREFIX_ADD, [prefix(str(victim))])
        got = [p[0] for p in listed(answer, K.A_PREFIX, read_prefix)]
        one_version = victim in got and len(got) == len(nets) + 1
        if not answer.interrupted and not one_version:
            missed.append(at)
    tap.equal(missed, [], f"a change before each of {steps} datagrams is told")


def vanished(tap, sock, nets):
    """Everything goes away, or all changes, while a dump stands still."""
    dump = SlowDump(K.CMD_PREFIX_GET)
    other = SlowDump(K.CMD_RELAY_GET)
    dump.step()
    other.step()
    sock.do(K.CMD_PREFIX_FLUSH)
    sock.do(K.CMD_RELAY_FLUSH)
    first = len(listed(dump.answer, K.A_PREFIX, read_prefix))
    answer = dump.finish()
    tap.ok(answer.interrupted and answer.error == 0,
           "a dump survives that its prefixes are flushed")
    got = listed(answer, K.A_PREFIX, read_prefix)
    # The core fills one datagram ahead of the reader.
    tap.ok(first <= len(got) < len(nets), "and ends early",
           f"{first} read, {len(got)} in all, {len(nets)} flushed")
    tap.ok(other.finish().interrupted, "so does a dump of relays")
    tap.equal((all_prefixes(sock), all_relays(sock)), ([], []), "all are gone")


def cut_short(tap, sock):
    for cmd in (K.CMD_PREFIX_GET, K.CMD_RELAY_GET):
        for steps in (0, 1, 2):
            dump = SlowDump(cmd)
            for _ in range(steps):
                dump.step()
            dump.sock.close()
    many = [SlowDump(K.CMD_PREFIX_GET) for _ in range(50)]
    for dump in many:
        dump.step()
    for dump in many[::2]:
        dump.sock.close()
    good = all(d.finish().error == 0 for d in many[1::2])
    tap.ok(good, "fifty dumps at once, half of them never read to the end")
    small = SlowDump(K.CMD_PREFIX_GET)
    small.sock.s.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 1)
    tap.ok(small.finish().error == 0, "a dump through the smallest buffer")
    dump = SlowDump(K.CMD_PREFIX_GET)
    dump.step()
    busy = Answer()
    dump.sock.send(dump.sock.family, K.CMD_PREFIX_GET, [], flags=REQUEST | DUMP)
    while busy.error is None:
        if dump.sock.receive(busy):
            break
    tap.ok(busy.error == 16, "a second dump on a socket is refused (EBUSY)", str(busy))
    dump.sock.close()


def run(tap, sock):
    seed = random.getrandbits(32)
    print(f"# seed {seed}")
    sock.do(K.CMD_PREFIX_FLUSH)
    sock.do(K.CMD_RELAY_FLUSH)
    nets, hosts = fill(sock, random.Random(seed), 3000)
    whole(tap, nets, hosts)
    cut_short(tap, sock)
    interrupted(tap, sock, nets)
    vanished(tap, sock, nets)
