# SPDX-License-Identifier: GPL-2.0
"""What was added or replaced by hand since the last COMMIT: marked, and dumped
alone.
"""
import random

from confirm import apply, confirm
from dumps import SlowDump, fill
from expiry import gone, timed
from genl import Attr, K, u8, unpack
from lives import wait_for
from op25b import (
    all_prefixes, all_relays, listed, prefix, prefix_rec, prefixes, read_prefix,
    read_relay, relay, relay_rec, relays,
)
from txns import begin, txn

KINDS = ((K.CMD_PREFIX_GET, K.A_PREFIX, K.PREFIX_A_BY_HAND, read_prefix),
         (K.CMD_RELAY_GET, K.A_RELAY, K.RELAY_A_BY_HAND, read_relay))


def hands(sock):
    """What is marked, by full dumps; None if the dumps of those alone differ."""
    out = []
    for cmd, nest, flag, read in KINDS:
        answer = sock.dump(cmd)
        out += [str(read(data)[0]) for reply in answer.replies
                for k, data in reply if k == nest and flag in dict(unpack(data))]
    alone = []
    for cmd, nest, flag, read in KINDS:
        answer = sock.dump(cmd, [Attr(K.A_BY_HAND)])
        alone += [str(read(data)[0]) for reply in answer.replies
                  for k, data in reply if k == nest and flag in dict(unpack(data))]
        if len(listed(answer, nest, read)) > len(out) or answer.error:
            return None
    return out if out == alone else None


def commit(sock, attrs):
    t = begin(sock)
    assert sock.do(K.CMD_FILL, [txn(t)] + attrs).error == 0
    answer = sock.do(K.CMD_COMMIT, [txn(t), u8(K.A_MODE, K.MODE_ENFORCE)])
    assert answer.error == 0, str(answer)


CONFIG = [prefix("100.64.0.0/10", comment="pool"), prefix("100.64.7.9/32", "exempt"),
          prefix("2001:db8::/32"), relay("192.0.2.25", "smtp"), relay("2001:db8::25")]


def marks(tap, sock):
    commit(sock, CONFIG)
    tap.equal(hands(sock), [], "after a COMMIT nothing is by hand")
    sock.do(K.CMD_PREFIX_ADD, [prefix("203.0.113.0/24"), *prefixes(
        prefix_rec("2001:db8:1::/48"))])
    sock.do(K.CMD_RELAY_ADD, [relay("192.0.2.26"), *relays(relay_rec("192.0.2.27"))])
    added = ["203.0.113.0/24", "2001:db8:1::/48", "192.0.2.26", "192.0.2.27"]
    tap.equal(hands(sock), added, "what is added is, nests and records")
    sock.do(K.CMD_PREFIX_REPLACE, [prefix("100.64.7.9/32", "exempt")])
    sock.do(K.CMD_RELAY_REPLACE, [relay("192.0.2.25", "smtp")])
    tap.equal(sorted(hands(sock)), sorted(added + ["100.64.7.9/32", "192.0.2.25"]),
              "what is replaced too, be it by the same")
    answer = sock.do(K.CMD_PREFIX_GET, [prefix("100.64.7.9/32", None)])
    tap.ok(K.PREFIX_A_BY_HAND in dict(unpack(answer.first(K.A_PREFIX))), "GET says so")
    before = hands(sock)
    sock.do(K.CMD_PREFIX_REPLACE, [prefix("100.64.0.0/10"), prefix("1.2.3.4/24")])
    sock.do(K.CMD_PREFIX_ADD, [prefix("198.51.100.0/24"), prefix("203.0.113.0/24")])
    tap.equal(hands(sock), before, "a message that is refused marks nothing")
    sock.do(K.CMD_PREFIX_DEL, [prefix("203.0.113.0/24", None)])
    sock.do(K.CMD_PREFIX_DEL, [prefix("100.64.0.0/10", None)])
    sock.do(K.CMD_PREFIX_ADD, [prefix("100.64.0.0/10")])
    sock.do(K.CMD_PREFIX_ADD, [timed("203.0.113.8/32", 1)])
    wait_for(gone(sock, "203.0.113.8/32"))
    before.remove("203.0.113.0/24")
    tap.equal(sorted(hands(sock)), sorted(before + ["100.64.0.0/10"]),
              "deleted, added again, expired")
    t = begin(sock)
    sock.do(K.CMD_FILL, [txn(t), prefix("203.0.113.0/24")])
    sock.do(K.CMD_PREFIX_ADD, [prefix("203.0.113.0/24")])
    sock.do(K.CMD_ABORT, [txn(t)])
    tap.ok("203.0.113.0/24" in hands(sock), "added while staged, and that aborted")
    t = begin(sock)
    sock.do(K.CMD_FILL, [txn(t)] + CONFIG)
    sock.do(K.CMD_PREFIX_REPLACE, [prefix("100.64.7.9/32", "block")])
    sock.do(K.CMD_COMMIT, [txn(t), u8(K.A_MODE, K.MODE_ENFORCE)])
    tap.equal(hands(sock), [], "the next COMMIT forgets them all")


def trials(tap, sock):
    sock.do(K.CMD_PREFIX_ADD, [prefix("203.0.113.0/24")])
    sock.do(K.CMD_RELAY_REPLACE, [relay("192.0.2.25")])
    before = hands(sock)
    tap.equal(before, ["203.0.113.0/24", "192.0.2.25"], "two by hand")
    apply(sock, CONFIG + [prefix("203.0.113.0/24")])
    tap.equal(hands(sock), [], "none on trial")
    sock.do(K.CMD_ROLLBACK)
    tap.equal(hands(sock), before, "a rollback brings them back")
    apply(sock, CONFIG + [prefix("203.0.113.0/24")])
    confirm(sock)
    tap.equal(hands(sock), [], "confirmed, none is")


def many(tap, sock):
    """Few among many: across the sections of a dump, and interrupted."""
    rng = random.Random(25)
    sock.do(K.CMD_PREFIX_FLUSH)
    sock.do(K.CMD_RELAY_FLUSH)
    fill(sock, rng, 6000)
    nets = [str(p[0]) for p in all_prefixes(sock)]
    hosts = [str(r[0]) for r in all_relays(sock)]
    tap.equal(len(hands(sock)), len(nets) + len(hosts), "all of thousands by hand")
    t = begin(sock)
    for i in range(0, len(nets), 2000):
        sock.do(K.CMD_FILL, [txn(t)] + prefixes(*map(prefix_rec, nets[i:i + 2000])))
    for i in range(0, len(hosts), 2000):
        sock.do(K.CMD_FILL, [txn(t)] + relays(*map(relay_rec, hosts[i:i + 2000])))
    sock.do(K.CMD_COMMIT, [txn(t), u8(K.A_MODE, K.MODE_ENFORCE)])
    tap.equal(hands(sock), [], "none of thousands")
    some = [nets[0], *rng.sample(nets[1:-1], 5), nets[-1]]
    sock.do(K.CMD_PREFIX_REPLACE, [prefix(n) for n in some])
    few = [hosts[0], hosts[-1], *rng.sample(hosts[1:-1], 5)]
    sock.do(K.CMD_RELAY_REPLACE, [relay(h) for h in few])
    got = hands(sock)
    tap.equal(sorted(got or []), sorted(some + few), "seven of each among thousands")
    dump = SlowDump(K.CMD_PREFIX_GET)
    dump.step()
    sock.do(K.CMD_PREFIX_REPLACE, [prefix("203.0.113.0/24")])
    tap.ok(dump.finish().interrupted, "a dump is interrupted as before")


def run(tap, sock):
    for group in (marks, trials, many):
        group(tap, sock)
