# SPDX-License-Identifier: GPL-2.0
"""What is accepted, to its limits, and what comes back."""
import ipaddress
from errno import EEXIST, ENOSPC
from sys import byteorder

from genl import Attr, K, u8, unpack
from op25b import (
    all_prefixes, all_relays, base, generation, listed, net, prefix, prefix_rec,
    prefixes, read_prefix, read_relay, relay, relay_rec, relays, state, whose,
)


def entries(tap, sock):
    edges = ["0.0.0.0/0", "0.0.0.0/32", "255.255.255.255/32", "128.0.0.0/1",
             "::/0", "::/128", "ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff/128",
             "2001:db8::/57", "2001:db8::/58", "2001:db8::/59", "2001:db8::/63",
             "2001:db8::/64", "2001:db8::/65", "2001:db8::1/128"]
    before = set(all_prefixes(sock))
    start = generation(sock)
    tap.accepted(sock.do(K.CMD_PREFIX_ADD, [prefix(e, "exempt") for e in edges]),
                 "prefixes of all lengths, one message")
    tap.equal(generation(sock), start + 1, "one message is one generation")
    listing = all_prefixes(sock)
    tap.equal(set(listing), before | {(net(e), "exempt", None) for e in edges},
              "they are in the list")
    tap.equal(listing, sorted(listing, key=lambda p: (
        p[0].version, int(p[0].network_address), p[0].prefixlen)),
        "which is in the order of family, address, length")
    for edge in edges:
        answer = sock.do(K.CMD_PREFIX_GET, [prefix(edge, None)])
        tap.equal(listed(answer, K.A_PREFIX, read_prefix),
                  [(net(edge), "exempt", None)], f"getting {edge}")
    tap.accepted(sock.do(K.CMD_PREFIX_DEL, prefixes(
        *[prefix_rec(e, None) for e in edges])), "deleted again, packed")
    tap.equal(set(all_prefixes(sock)), before, "they are gone")

    tap.accepted(sock.do(K.CMD_PREFIX_REPLACE, [
        prefix("203.0.113.0/24", "block"), prefix("203.0.113.0/24", "monitor", "x"),
        *prefixes(prefix_rec("198.51.100.0/24")),
        prefix("198.51.100.0/24", "exempt", "last")]),
        "entries of a message apply in their order")
    got = dict((str(n), (a, c)) for n, a, c in all_prefixes(sock))
    tap.equal((got["203.0.113.0/24"], got["198.51.100.0/24"]),
              (("monitor", "x"), ("exempt", "last")), "and the last one holds")
    sock.do(K.CMD_PREFIX_REPLACE, [prefix("203.0.113.0/24", "monitor")])
    tap.equal(dict((str(n), c) for n, a, c in all_prefixes(sock))["203.0.113.0/24"],
              None, "a replacement without a comment has none")

    start = generation(sock)
    absent = [prefix("198.51.0.0/16", None), relay("203.0.113.77")]
    tap.accepted(sock.do(K.CMD_PREFIX_DEL, [absent[0], Attr(K.A_IF_PRESENT)]),
                 "deleting what is not there, IF_PRESENT")
    tap.accepted(sock.do(K.CMD_RELAY_DEL, [absent[1], Attr(K.A_IF_PRESENT)]),
                 "deleting a relay that is not there, IF_PRESENT")
    tap.equal(generation(sock), start, "which is no change")


def comments(tap, sock):
    for what, text in (
        ("255 bytes", "x" * 255),
        ("85 characters of three bytes", "あ" * 85),
        ("all lengths of UTF-8", "a\u00a0é\u07ff\u0800\ud7ff\ue000\uffff"
                                 "\U00010000\U0010ffff"),
        ("neighbours of bidirectional controls", "\u061b\u061d\u200d\u2010"
         "\u2029\u202f\u2065\u206a"),
        ("quotes and backslashes", '"\\\' #'),
    ):
        sock.do(K.CMD_PREFIX_REPLACE, [prefix("203.0.113.0/24", "block", text)])
        sock.do(K.CMD_RELAY_REPLACE, [relay("203.0.113.1", text)])
        got = (listed(sock.do(K.CMD_PREFIX_GET, [prefix("203.0.113.0/24", None)]),
                      K.A_PREFIX, read_prefix)[0][2],
               listed(sock.do(K.CMD_RELAY_GET, [relay("203.0.113.1")]),
                      K.A_RELAY, read_relay)[0][1])
        tap.equal(got, (text, text), f"a comment of {what}")
    tap.accepted(sock.do(K.CMD_PREFIX_REPLACE, [
        prefix("203.0.113.0/24", "block", "")]), "an empty comment")
    tap.equal(listed(sock.do(K.CMD_PREFIX_GET, [prefix("203.0.113.0/24", None)]),
                     K.A_PREFIX, read_prefix)[0][2], None, "which is none")


def bulk(tap, sock):
    most = 65532 // 24
    nets = [f"10.{i >> 8}.{i & 255}.0/24" for i in range(most)]
    addrs = [str(ipaddress.ip_address("10.0.0.0") + i) for i in range(most)]
    before = state(sock)[1:]
    tap.accepted(sock.do(K.CMD_PREFIX_ADD, prefixes(*map(prefix_rec, nets))),
                 f"{most} packed prefixes in one message")
    tap.accepted(sock.do(K.CMD_RELAY_ADD, relays(*map(relay_rec, addrs))),
                 f"{most} packed relays in one message")
    tap.equal((len(all_prefixes(sock)), len(all_relays(sock))),
              (len(before[0]) + most, len(before[1]) + most), "all are listed")
    many = [prefix(n.replace("10.", "11.", 1), "exempt", "n" * (i % 256))
            for i, n in enumerate(nets)]
    tap.accepted(sock.do(K.CMD_PREFIX_ADD, many), f"{most} nests in one message")
    tap.accepted(sock.do(K.CMD_PREFIX_DEL, [
        prefix(n.replace("10.", "11.", 1), None) for n in nets]), "deleted, as nests")
    tap.accepted(sock.do(K.CMD_PREFIX_DEL, prefixes(
        *[prefix_rec(n, None) for n in nets])), "deleted, packed")
    tap.accepted(sock.do(K.CMD_RELAY_DEL, relays(*map(relay_rec, addrs))),
                 "relays deleted, packed")
    tap.equal(state(sock)[1:], before, "and the rest is as before")
    tap.accepted(sock.do(K.CMD_RELAY_ADD, [
        relay("203.0.113.40", length=32), relay("2001:db8::40", length=128)]),
        "relays with their full length")


def op(value):
    return u8(K.A_OP, value)


def changes(tap, sock):
    """CHANGE: all of it is one step."""
    start, (nets, hosts) = generation(sock), state(sock)[1:]
    same = [op(K.OP_ADD_IF_ABSENT), prefix("100.64.0.0/10", "monitor", "new"),
            relay("192.0.2.25", "new"), op(K.OP_DEL_IF_PRESENT),
            prefix("203.0.113.0/24", None), relay("203.0.113.1")]
    tap.accepted(sock.do(K.CMD_CHANGE, same), "a CHANGE of what is so already")
    tap.equal((generation(sock), state(sock)[1:]), (start, (nets, hosts)),
              "is no change")
    tap.accepted(sock.do(K.CMD_CHANGE, [
        op(K.OP_ADD), prefix("203.0.113.0/24", "exempt", "one"),
        relay("203.0.113.1"), op(K.OP_REPLACE), prefix("203.0.113.0/24", "monitor"),
        op(K.OP_DEL), prefix("100.64.7.9/32", None), relay("192.0.2.25"),
        u8(K.A_MODE, 1), op(K.OP_ADD_IF_ABSENT), prefix("203.0.113.0/25"),
        prefix("203.0.113.0/25", "exempt")]), "one of entries, both kinds, and a knob")
    gone = {("100.64.7.9/32"), ("192.0.2.25")}
    tap.equal(set(all_prefixes(sock)),
              {p for p in nets if str(p[0]) not in gone} |
              {(net("203.0.113.0/24"), "monitor", None),
               (net("203.0.113.0/25"), "block", None)}, "each prefix is as it says")
    tap.equal({str(r[0]) for r in all_relays(sock)},
              {str(r[0]) for r in hosts} - gone | {"203.0.113.1"}, "and each relay")
    tap.equal((generation(sock), sock.do(K.CMD_GET).number(K.A_MODE)),
              (start + 1, 1), "and the knob, in one generation")


def long_change(tap, sock):
    """More than an attribute could hold."""
    nets = [f"10.{i >> 8}.{i & 255}.0/24" for i in range(4000)]
    many = [op(K.OP_ADD), *map(prefix, nets), prefix("10.0.0.0/24", bad=True)]
    before, start = state(sock), generation(sock)
    tap.refused(sock.do(K.CMD_CHANGE, many), EEXIST, "this prefix is there already",
                f"{len(nets)} entries and one that is there")
    tap.equal(state(sock), before, "none of them is there")
    tap.accepted(sock.do(K.CMD_CHANGE, many[:-1]), f"{len(nets)} entries")
    tap.equal((generation(sock), len(all_prefixes(sock))),
              (start + 1, len(before[1]) + len(nets)), "are there, in one step")


def limits(tap, sock):
    """As many relays as there may be, and one more. (16M prefixes take a machine
    of their own.)
    """
    sock.do(K.CMD_RELAY_FLUSH)
    addrs = [relay_rec(str(ipaddress.ip_address("10.0.0.0") + i))
             for i in range(K.MAX_RELAYS + 1)]
    for i in range(0, K.MAX_RELAYS - 1, 2520):
        last = min(i + 2520, K.MAX_RELAYS - 1)
        answer = sock.do(K.CMD_RELAY_ADD, relays(*addrs[i:last]))
        assert answer.error == 0, str(answer)
    tap.refused(sock.do(K.CMD_RELAY_ADD, relays(*addrs[-2:], bad=24)), ENOSPC,
                "the limit of relays is reached", "one relay beyond the limit")
    tap.accepted(sock.do(K.CMD_RELAY_ADD, relays(addrs[-2])), "the last relay")
    tap.equal(len(all_relays(sock)), K.MAX_RELAYS, "all are listed")
    tap.refused(sock.do(K.CMD_RELAY_ADD, [relay("192.0.2.1", bad=True)]), ENOSPC,
                "the limit of relays is reached", "no room for another")
    tap.accepted(sock.do(K.CMD_RELAY_REPLACE, [relay("10.0.0.1", "first")]),
                 "but for a new comment")


def knobs(tap, sock):
    values = ((K.A_MODE, 1, 1), (K.A_REJECT, 2, 1), (K.A_REVERSE, 1, 1),
              (K.A_COUNTERS, 0, 1), (K.A_REJECT_RATE, K.MAX_RATE, 4),
              (K.A_REJECT_SOURCE_RATE, 0, 4), (K.A_WATCH_OFFENDERS, 0, 1))
    tap.accepted(sock.do(K.CMD_SET, [Attr(k, v, size=n) for k, v, n in values]),
                 "all knobs in one message")
    answer = sock.do(K.CMD_GET)
    tap.equal([answer.number(k) for k, _, _ in values], [v for _, v, _ in values],
              "they are in force")
    tap.equal([answer.number(k) for k in (
        K.A_HOOK_V4, K.A_HOOK_V6, K.A_MAX_PREFIXES, K.A_MAX_RELAYS)],
        [1, 1, K.MAX_PREFIXES, K.MAX_RELAYS], "hooks and limits")
    tap.ok(0 < answer.number(K.A_MEMORY) < answer.number(K.A_MAX_MEMORY),
           "memory is held, within its limit")
    tap.accepted(sock.do(K.CMD_SET, [u8(K.A_MODE, 0)]), "one knob alone")
    answer = sock.do(K.CMD_GET)
    tap.equal([answer.number(k) for k in (
        K.A_MODE, K.A_HOOK_V4, K.A_HOOK_V6, K.A_REJECT)], [0, 0, 0, 2],
        "mode off unhooks and leaves the other knobs")


def verdict(sock, src, dst):
    answer = sock.do(K.CMD_TEST, [
        Attr(K.A_SRC, ipaddress.ip_address(src).packed),
        Attr(K.A_DST, ipaddress.ip_address(dst).packed)])
    assert answer.error == 0, str(answer)
    names = K.number_to_name("OP25B_COUNTER_")
    return (
        ("accept", "reject", "drop")[answer.number(K.A_OUTCOME)],
        names[answer.number(K.A_COUNTER)].lower(),
        [str(p[0]) for p in listed(answer, K.A_PREFIX, read_prefix)],
        [str(r[0]) for r in listed(answer, K.A_RELAY, read_relay)],
    )


def verdicts(tap, sock):
    """OP25B_CMD_TEST; the base has mode enforce."""
    relay4, relay6, far = "192.0.2.25", "2001:db8:ffff::25", "198.51.100.1"
    pool = ["100.64.0.0/10"]
    for mode, src, dst, wanted in (
        (2, "100.64.1.1", far, ("reject", "block", pool, [])),
        (2, "100.64.1.1", relay4, ("accept", "pass_relay", pool, [relay4])),
        (2, "100.64.7.9", far, ("accept", "pass_exempt", ["100.64.7.9/32"], [])),
        (2, "100.64.7.9", relay4,
         ("accept", "pass_exempt", ["100.64.7.9/32"], [relay4])),
        (2, "198.51.100.9", far, ("accept", "pass_unlisted", [], [])),
        (2, "198.51.100.9", relay4, ("accept", "pass_unlisted", [], [relay4])),
        (2, "2001:db8::9", "2001:db9::1",
         ("accept", "would_block", ["2001:db8::/32"], [])),
        (2, "2001:db8::9", relay6,
         ("accept", "pass_relay", ["2001:db8::/32"], [relay6])),
        (1, "100.64.1.1", far, ("accept", "would_block", pool, [])),
        (0, "100.64.1.1", far, ("accept", "would_block", pool, [])),
        (0, "100.64.7.9", far, ("accept", "pass_exempt", ["100.64.7.9/32"], [])),
    ):
        sock.do(K.CMD_SET, [u8(K.A_MODE, mode)])
        tap.equal(verdict(sock, src, dst), wanted, f"mode {mode}: {src} to {dst}")
    answer = sock.do(K.CMD_TEST, [
        Attr(K.A_SRC, b"\1\2\3\4"), Attr(K.A_DST, b"\1\2\3\4")])
    tap.equal((answer.number(K.A_MODE), answer.number(K.A_REJECT)),
              (0, K.REJECT_TCP_RESET), "a test tells mode and reject")
    before = sock.do(K.CMD_STATS_GET).first(K.A_STATS)
    sock.do(K.CMD_SET, [u8(K.A_MODE, 2)])
    verdict(sock, "100.64.1.1", far)
    tap.equal(sock.do(K.CMD_STATS_GET).first(K.A_STATS), before,
              "a test counts nothing")


def proc(tap, sock):
    """/proc/net/op25b says what GET says."""
    sock.do(K.CMD_RELAY_ADD, [whose(K.ORIGIN_BGP), relay("192.0.2.99")])
    sock.do(K.CMD_SET, [u8(K.A_MODE, 1), u8(K.A_REJECT, 2), u8(K.A_REVERSE, 1)])
    with open("/proc/net/op25b", encoding="ascii") as file:
        lines = file.read().splitlines()
    got = sock.do(K.CMD_GET)
    parts = [dict(unpack(d)) for k, d in got.replies[0] if k == K.A_PART]
    stats = dict(unpack(sock.do(K.CMD_STATS_GET).first(K.A_STATS)))
    names = K.number_to_name("OP25B_COUNTER_")
    wanted = [
        "mode monitor", "reject icmp", "reverse on",
        f"generation {got.number(K.A_GENERATION)}", "confirm_left 0",
        "hook_v4 1", "hook_v6 1",
        f"prefixes_v4 {got.number(K.A_PREFIXES_V4)}",
        f"prefixes_v6 {got.number(K.A_PREFIXES_V6)}",
        f"relays {got.number(K.A_RELAY_COUNT)}",
    ] + [
        f"{name}_{key} {int.from_bytes(part.get(kind, b''), byteorder)}"
        for name, part in zip(("config", "session", "bgp"), parts)
        for key, kind in (
            ("prefixes_v4", K.PART_A_PREFIXES_V4), ("prefixes_v6", K.PART_A_PREFIXES_V6),
            ("relays", K.PART_A_RELAY_COUNT), ("serial", K.PART_A_SERIAL),
            ("changed", K.PART_A_CHANGED))
    ] + [
        f"{names[k].lower()} {int.from_bytes(v, byteorder)}"
        for k, v in sorted(stats.items()) if k
    ] + [f"offenders {got.number(K.A_OFFENDERS)}"]
    tap.equal(lines, wanted, "/proc/net/op25b, line by line")
    tap.equal(len(stats), K.all["__OP25B_COUNTER_MAX"] - 1 + (0 in stats),
              "every counter is there")
    tap.accepted(sock.do(K.CMD_STATS_RESET), "counters are reset")


def run(tap, sock):
    for group in (entries, comments, bulk, changes, long_change, limits, knobs, verdicts, proc):
        group(tap, sock)
        base(sock)
