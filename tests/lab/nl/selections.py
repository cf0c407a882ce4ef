# SPDX-License-Identifier: GPL-2.0
"""What a dump selects: by action, by hand, of an origin, within a prefix, covering
an address, in any combination, beside the whole list and Python's ipaddress. In
reads small and large, so that a dump goes on anywhere; and refused where it makes
no sense.
"""
import ipaddress
import time
from errno import EINVAL, ERANGE

from budget import Budget, count, dice
from dumps import SlowDump
from genl import Attr, K, pack, u8, unpack
from op25b import (
    ACTION, ACTION_NAME, listed, net, prefix, prefix_rec, prefixes, read_prefix, state, whose,
)
from refusals import ADDRESS, HOST_BITS, RANGE, TWICE, UNSUPPORTED
from txns import begin, txn

TOPS = ("0.0.0.0/0", "10.0.0.0/8", "10.7.0.0/16", "10.7.7.0/24", "255.255.255.255/32",
        "::/0", "2001:db8::/32", "2001:db8:7::/48", "2001:db8:7:7::/64",
        "ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff/128")


def near(rng):
    """A network that other ones lie in, or that lies in them."""
    top = net(rng.choice(TOPS))
    bits = top.max_prefixlen
    length = min(bits, top.prefixlen + rng.choice((0, 0, 1, 2, 5, 6, 7, 8, 16, bits)))
    value = int(top[0]) | (rng.choice((0, 1, rng.getrandbits(bits))) & int(top.hostmask))
    return ipaddress.ip_network((top[0].__class__(value), length), strict=False)


def records_of(rng, nets):
    return [prefix_rec(str(n), rng.choice(list(ACTION)[2:])) for n in nets]


def fill(sock, rng, some):
    """Entries of a COMMIT, some by hand, and some of sessions. Return: those by hand."""
    nets = sorted({near(rng) for _ in range(some)}, key=str)
    rng.shuffle(nets)
    records = records_of(rng, nets)
    t = begin(sock)
    for i in range(0, len(records), 2000):
        sock.do(K.CMD_FILL, [txn(t), *prefixes(*records[i : i + 2000])])
    answer = sock.do(K.CMD_COMMIT, [txn(t), u8(K.A_MODE, K.MODE_OFF)])
    assert answer.error == 0, str(answer)
    sessions = whose(K.ORIGIN_SESSION)
    sock.do(K.CMD_PREFIX_FLUSH, [sessions])  # a COMMIT leaves them
    hands, others = rng.sample(nets, len(nets) // 8), rng.sample(nets, len(nets) // 3)
    if hands:
        sock.do(K.CMD_PREFIX_REPLACE, prefixes(*records_of(rng, hands)))
        sock.do(K.CMD_PREFIX_ADD, [sessions, *prefixes(*records_of(rng, others))])
    return set(hands)


def flush(sock):
    for origin in (K.ORIGIN_CONFIG, K.ORIGIN_SESSION):
        sock.do(K.CMD_PREFIX_FLUSH, [whose(origin)])


def read(data):
    """(network, action, origin)"""
    got = dict(unpack(data))
    return *read_prefix(data)[:2], got[K.PREFIX_A_ORIGIN][0]


def within(network, **kw):
    """A key's nest under another name."""
    return Attr(K.A_WITHIN, prefix(str(network), None).data, **kw)


def selection(rng, hands):
    """[attributes], what each of them selects"""
    action, outer = rng.choice((1, 2, 3)), near(rng)
    address, origin = near(rng)[rng.choice((0, -1))], rng.choice((1, 2, 3))
    some = [pair for pair in (
        (u8(K.A_ACTION, action), lambda e: e[1] == ACTION_NAME[action]),
        (within(outer), lambda e: e[0].version == outer.version and
         e[0].subnet_of(outer)),
        (Attr(K.A_COVERING, address.packed), lambda e: address in e[0]),
        (Attr(K.A_BY_HAND), lambda e: e[0] in hands and e[2] == K.ORIGIN_CONFIG),
        (whose(origin), lambda e: e[2] == origin),
    ) if rng.random() < 0.4]
    rng.shuffle(some)
    return [attr for attr, _ in some], [test for _, test in some]


def dump(attrs, size):
    answer = SlowDump(K.CMD_PREFIX_GET, size, attrs).finish()
    assert answer.error == 0 and not answer.interrupted, str(answer)
    return listed(answer, K.A_PREFIX, read), answer.messages


def compare(tap, sock, rng, some):
    """Many selections from one list."""
    hands = fill(sock, rng, some)
    everything, messages = dump([], 1 << 12)
    wrong, found = [], 0
    for _ in range(120):
        attrs, tests = selection(rng, hands)
        wanted = [e for e in everything if all(test(e) for test in tests)]
        got, _ = dump(attrs, rng.choice((1 << 12, 1 << 16)))
        if got != wanted:
            wrong.append(f"{pack(attrs)[0].hex()}: got {got}, wanted {wanted}")
        found += 0 < len(wanted) < len(everything)
    tap.equal(wrong[:3], [], f"120 selections from {len(everything)} prefixes"
              f" in {messages} messages")
    tap.ok(found > 9 or some < 100, f"{found} of them are of some")
    count(120, "selections")


def edges(tap, sock):
    """The whole of a family, and of what is in the list a part without a prefix."""
    nets = [net(n) for n in (*TOPS, "10.7.7.7/32", "10.7.8.0/24", "2001:db8:7:7::9/128")]
    nets.sort(key=lambda n: (n.version, int(n[0]), n.prefixlen))
    flush(sock)
    sock.do(K.CMD_PREFIX_ADD, prefixes(*[prefix_rec(str(n)) for n in nets]))
    for outer in ("0.0.0.0/0", "::/0", "10.0.0.0/9", "10.7.7.7/32", "10.7.7.8/32",
                  "10.7.8.0/21", "128.0.0.0/1", "255.255.255.254/31", "::/128"):
        wanted = [n for n in nets if n.version == net(outer).version
                  and n.subnet_of(net(outer))]
        tap.equal([e[0] for e in dump([within(outer)], 1 << 16)[0]], wanted,
                  f"within {outer}")
    for text in ("0.0.0.0", "255.255.255.255", "10.7.7.7", "10.7.7.8", "::", "2001:db8::",
                 "ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff"):
        address = ipaddress.ip_address(text)
        got, _ = dump([Attr(K.A_COVERING, address.packed)], 1 << 16)
        tap.equal([e[0] for e in got], [n for n in nets if address in n],
                  f"covering {text}")


def interrupted(tap, sock, rng):
    """A list that changes is told, though the change be of what is not selected."""
    fill(sock, rng, 4000)
    slow = SlowDump(K.CMD_PREFIX_GET, 1 << 12, [within("0.0.0.0/0")])
    slow.step()
    sock.do(K.CMD_PREFIX_REPLACE, [prefix("2001:db8:ffff::/48")])
    tap.ok(slow.finish().interrupted, "a change elsewhere is told, too")


def least(work):
    """Seconds of the fastest of some rounds."""
    took = []
    for _ in range(7):
        start = time.perf_counter()
        work()
        took.append(time.perf_counter() - start)
    return min(took)


def costs(tap, sock):
    """What is looked up does not walk the rest."""
    flush(sock)
    hosts = [f"10.{i >> 16}.{i >> 8 & 255}.{i & 255}/32" for i in range(100000)]
    for i in range(0, len(hosts), 2000):
        sock.do(K.CMD_PREFIX_ADD, prefixes(*map(prefix_rec, hosts[i : i + 2000])))
    few = [within("10.1.2.0/29")], [within("2001:db8::/32")], [
        within("10.1.2.3/32"), u8(K.A_ACTION, K.ACTION_BLOCK)], [
        Attr(K.A_COVERING, ipaddress.ip_address("10.1.2.3").packed)]
    every = least(lambda: sock.dump(K.CMD_PREFIX_GET))
    for attrs in few:
        one = least(lambda attrs=attrs: sock.dump(K.CMD_PREFIX_GET, attrs))
        tap.ok(every > 50 * one, f"{len(hosts)} prefixes: all take at least 50 times as"
               f" long as {pack(attrs)[0].hex()}", f"{every:.5f} and {one:.5f} s")
        count(round(every / one), "times as long")


def refusals(tap, sock):
    """In a dump: sentence, and offset where the kernel tells it."""
    def no_len(**kw):
        return Attr(K.A_WITHIN, prefix("10.0.0.0/8", None).data[:1], **kw)

    key = prefix("10.0.0.1/8", None).data
    key[0].bad = True
    cases = [
        ("an address of 5 bytes", [Attr(K.A_COVERING, b"12345", bad=True)], ADDRESS),
        ("action 0", [u8(K.A_ACTION, 0, bad=True)], RANGE),
        ("action 4", [u8(K.A_ACTION, 4, bad=True)], RANGE),
        ("within, twice", [within("10.0.0.0/8"), within("::/0", bad=True)], TWICE),
        ("host bits within", [Attr(K.A_WITHIN, key)], HOST_BITS),
        ("within an action", [Attr(K.A_WITHIN, prefix("10.0.0.0/8").data[:2] + [
            u8(K.PREFIX_A_ACTION, 1, bad=True)])], UNSUPPORTED),
        ("within no length", [no_len(bad=True)], "the prefix has no length"),
    ]
    before = state(sock)
    for what, attrs, sentence in cases:
        answer = sock.dump(K.CMD_PREFIX_GET, attrs)
        tap.equal((answer.error in (EINVAL, ERANGE), answer.sentence), (True, sentence),
                  f"a dump of prefixes: {what}")
        tap.ok(answer.offset in (None, answer.expected), f"{what}: the offset",
               str(answer))
    for attr in (u8(K.A_ACTION, 1, bad=True), within("10.0.0.0/8", bad=True),
                 Attr(K.A_COVERING, b"1234", bad=True)):
        answer = sock.dump(K.CMD_RELAY_GET, [attr])
        tap.equal((answer.error, answer.sentence), (EINVAL, UNSUPPORTED),
                  f"a dump of relays has no attribute {attr.kind}")
        answer = sock.do(K.CMD_PREFIX_GET, [prefix("10.0.0.0/8", None), attr])
        tap.refused(answer, EINVAL, "only a dump selects",
                    f"getting one prefix takes no attribute {attr.kind}")
    tap.equal(state(sock), before, "nothing has changed")


def run(tap, sock):
    rng = dice("selections")
    edges(tap, sock)
    for _ in Budget(2):
        compare(tap, sock, rng, rng.choice((0, 40, 300)))
    compare(tap, sock, rng, 4000)
    interrupted(tap, sock, rng)
    costs(tap, sock)
    refusals(tap, sock)
    flush(sock)
