# SPDX-License-Identifier: GPL-2.0
"""Entries of the origins session and bgp beside those of config: whose they are,
which of them decides, and that nothing that is about config touches them. The
verdicts are those of the model's table.
"""
import ipaddress
import itertools
import os
import random
import time
from errno import EBUSY, EEXIST, ENOENT, ENOSPC
from sys import byteorder

from confirm import BUSY, apply, confirm
from confirm import others as changes
from dumps import SlowDump
from events import Listener
from expiry import LATE, expires, now
from faults import router, send_syns
from genl import Attr, K, u8, u32, unpack
from hands import hands
from lives import child, in_time, unshare, wait_for
from model import LIMITS, ORIGINS, Entries, Ruleset
from op25b import (
    ACTION, base, generation, listed, number, prefix, prefix_rec, prefixes,
    read_prefix, relay, relay_rec, relays, whose,
)
from storm import ACTIONS, origin_of, parts, read_whole_prefix, said
from txns import begin, txn

NAMES = {K.ORIGIN_CONFIG: "config", K.ORIGIN_SESSION: "session", K.ORIGIN_BGP: "bgp"}
OTHERS = tuple(LIMITS)
NO_PREFIX = "there is no such prefix"
NO_RELAY = "there is no such relay"
NOT_SO = "the prefix has another comment"
RELAY_NOT_SO = "the relay has another comment"
THERE = "this prefix is there already"
FULL = "the limit of prefixes is reached"
NET, HOST = "203.0.113.0/24", "203.0.113.25"


def op(value):
    return u8(K.A_OP, value)


def have(sock, origin=None):
    """[(origin, network or address)] of a dump of prefixes and one of relays."""
    out = []
    for cmd, nest, first in ((K.CMD_PREFIX_GET, K.A_PREFIX, read_prefix),
                             (K.CMD_RELAY_GET, K.A_RELAY, read_address)):
        answer = sock.dump(cmd, [whose(origin)] if origin else [])
        assert answer.error == 0, str(answer)
        out += [(origin_of(nest, d), str(first(d)[0])) for reply in answer.replies
                for k, d in reply if k == nest]
    return out


def read_address(data):
    return [ipaddress.ip_address(dict(unpack(data))[K.RELAY_A_ADDR])]


def serials(sock):
    got = parts(sock.do(K.CMD_GET).replies[0])
    return {o: got[o][K.PART_A_SERIAL] for o in ORIGINS}


def must(sock, cmd, attrs):
    answer = sock.do(cmd, attrs)
    while answer.error == EBUSY:  # memory is not back yet
        answer = sock.do(cmd, attrs)
    assert answer.error == 0, str(answer)


def empty(sock):
    for origin in ORIGINS:
        for cmd in (K.CMD_PREFIX_FLUSH, K.CMD_RELAY_FLUSH):
            must(sock, cmd, [whose(origin)])


def apart(tap, sock):
    """The same entries, once of each."""
    empty(sock)
    start = generation(sock)
    for origin, action in zip(ORIGINS, ("exempt", "block", "monitor")):
        name = NAMES[origin]
        tap.accepted(sock.do(K.CMD_PREFIX_ADD, [
            prefix(NET, action, name), whose(origin), *prefixes(prefix_rec(
                "2001:db8:5::/48", action))]), f"prefixes of {name}")
        tap.accepted(sock.do(K.CMD_RELAY_ADD, [
            whose(origin), relay(HOST, name), *relays(relay_rec("2001:db8:25::25"))]),
            f"relays of {name}")
        tap.refused(sock.do(K.CMD_PREFIX_ADD, [
            whose(origin), prefix(NET, bad=True)]), EEXIST, THERE,
            f"the same of {name} once more")
    tap.equal(generation(sock), start + 2, "those of config alone are generations")
    entries = [NET, "2001:db8:5::/48"], [HOST, "2001:db8:25::25"]
    tap.equal(have(sock), [(o, e) for kind in entries for o in ORIGINS for e in kind],
              "a dump has all, origin by origin, IPv4 first")
    for origin in ORIGINS:
        tap.equal(have(sock, origin), [(origin, e) for kind in entries for e in kind],
                  f"or those of {NAMES[origin]}")
    tap.equal(hands(sock), [e for kind in entries for e in kind],
              "by hand are those of config")
    for origin in (None, *ORIGINS):
        asked = [whose(origin)] if origin else []
        answers = [sock.do(K.CMD_PREFIX_GET, [prefix(NET, None), *asked]),
                   sock.do(K.CMD_RELAY_GET, [relay(HOST), *asked])]
        comments = [listed(answers[0], K.A_PREFIX, read_prefix)[0][2],
                    said(answers[1], K.A_RELAY)[0][3]]
        tap.equal(comments, [NAMES[origin or K.ORIGIN_CONFIG]] * 2,
                  f"getting one of {NAMES[origin] if origin else 'any'}")
    sock.do(K.CMD_PREFIX_DEL, [prefix(NET, None)])
    answer = sock.do(K.CMD_PREFIX_GET, [prefix(NET, None)])
    tap.equal(said(answer, K.A_PREFIX)[0][0], K.ORIGIN_SESSION,
              "without config's, session's is the first")
    answer = sock.do(K.CMD_PREFIX_GET, [prefix(NET, None, bad=True),
                                        whose(K.ORIGIN_CONFIG)])
    tap.refused(answer, ENOENT, NO_PREFIX, "of config there is none")


def replaced(tap, sock):
    """REPLACE, DEL and FLUSH are about one origin."""
    mine = K.ORIGIN_SESSION
    sock.do(K.CMD_PREFIX_REPLACE, [whose(mine), prefix(NET, "exempt", "new")])
    told = {o: listed(sock.do(K.CMD_PREFIX_GET, [prefix(NET, None), whose(o)]),
                      K.A_PREFIX, read_prefix)[0][1:] for o in OTHERS}
    tap.equal(told, {mine: ("exempt", "new"), K.ORIGIN_BGP: ("monitor", "bgp")},
              "a replacement leaves the other's")
    tap.accepted(sock.do(K.CMD_PREFIX_DEL, [
        whose(mine), *prefixes(prefix_rec("2001:db8:5::/48", None))]),
        "a record is deleted")
    tap.refused(sock.do(K.CMD_PREFIX_DEL, [
        prefix("2001:db8:5::/48", None, bad=True), whose(mine)]), ENOENT, NO_PREFIX,
        "and of this origin gone")
    before = have(sock)
    tap.accepted(sock.do(K.CMD_PREFIX_FLUSH, [whose(K.ORIGIN_BGP)]), "FLUSH of bgp")
    tap.accepted(sock.do(K.CMD_RELAY_FLUSH, [whose(mine)]), "of session's relays")
    hosts = {HOST, "2001:db8:25::25"}
    tap.equal(have(sock), [
        (o, e) for o, e in before if (o, e in hosts) not in (
            (K.ORIGIN_BGP, False), (mine, True))], "takes those and no others")
    sock.do(K.CMD_PREFIX_FLUSH)
    sock.do(K.CMD_RELAY_FLUSH)
    tap.equal({o for o, _ in have(sock)}, set(OTHERS), "without an origin: of config")


def steps(tap, sock):
    """CHANGE: all of one origin."""
    empty(sock)
    start = generation(sock)
    for origin in OTHERS:
        tap.accepted(sock.do(K.CMD_CHANGE, [
            op(K.OP_ADD), prefix(NET), prefix("203.0.113.7/32", "exempt", "x"),
            relay(HOST), op(K.OP_REPLACE), prefix(NET, "monitor"), whose(origin),
            op(K.OP_DEL), prefix("203.0.113.7/32", None), op(K.OP_DEL_IF_PRESENT),
            relay("203.0.113.77"), op(K.OP_ADD_IF_ABSENT), prefix(NET, "exempt")]),
            f"a CHANGE of {NAMES[origin]}")
    tap.equal((have(sock), generation(sock)), (
        [(o, NET) for o in OTHERS] + [(o, HOST) for o in OTHERS], start),
        "did what it says, and is no generation")
    before = serials(sock)
    tap.accepted(sock.do(K.CMD_CHANGE, [
        op(K.OP_ADD_IF_ABSENT), prefix(NET, "exempt"), whose(K.ORIGIN_BGP)]),
        "a CHANGE of what is so already")
    tap.refused(sock.do(K.CMD_CHANGE, [
        op(K.OP_ADD), prefix("203.0.113.8/32"), prefix(NET, bad=True),
        whose(K.ORIGIN_BGP)]), EEXIST, THERE, "one that is refused")
    tap.equal((serials(sock), ("203.0.113.8/32" in dict(map(reversed, have(sock))))),
              (before, False), "are none")


def commented(tap, sock):
    """DEL with a comment: an old session's end does not end the next one."""
    empty(sock)
    for origin in ORIGINS:
        name, asked = NAMES[origin], [whose(origin)]
        sock.do(K.CMD_PREFIX_ADD, asked + [prefix(NET, comment="ppp1"),
                                           prefix("203.0.113.7/32")])
        sock.do(K.CMD_RELAY_ADD, asked + [relay(HOST, "smtp1")])
        before = have(sock), serials(sock)
        for text in ("ppp0", "ppp", "ppp10", "PPP1"):
            tap.refused(sock.do(K.CMD_PREFIX_DEL, asked + [
                prefix(NET, None, text, bad=True)]), ENOENT, NOT_SO,
                f"{name}: deleting it as {text}'s")
        tap.refused(sock.do(K.CMD_PREFIX_DEL, asked + [
            prefix("203.0.113.7/32", None, "ppp1", bad=True)]), ENOENT, NOT_SO,
            f"{name}: one that has no comment")
        tap.refused(sock.do(K.CMD_RELAY_DEL, asked + [
            relay(HOST, "smtp2", bad=True)]), ENOENT, RELAY_NOT_SO,
            f"{name}: a relay of another comment")
        tap.refused(sock.do(K.CMD_CHANGE, asked + [
            op(K.OP_DEL), prefix("203.0.113.7/32", None),
            prefix(NET, None, "ppp0", bad=True)]), ENOENT, NOT_SO,
            f"{name}: the same in a CHANGE")
        tap.accepted(sock.do(K.CMD_PREFIX_DEL, asked + [
            prefix(NET, None, "ppp0"), Attr(K.A_IF_PRESENT)]), f"{name}: IF_PRESENT")
        tap.accepted(sock.do(K.CMD_CHANGE, asked + [
            op(K.OP_DEL_IF_PRESENT), prefix(NET, None, "ppp0"), relay(HOST, "s")]),
            f"{name}: the same in a CHANGE")
        tap.equal((have(sock), serials(sock)), before, f"{name}: nothing has changed")
        tap.accepted(sock.do(K.CMD_PREFIX_DEL, asked + [prefix(NET, None, "ppp1")]),
                     f"{name}: deleting it as its own")
        tap.accepted(sock.do(K.CMD_RELAY_DEL, asked + [relay(HOST, "smtp1")]),
                     f"{name}: a relay too")
        tap.equal([e for o, e in have(sock) if o == origin], ["203.0.113.7/32"],
                  f"{name}: they are gone")
        before = have(sock), serials(sock)
        tap.refused(sock.do(K.CMD_CHANGE, asked + [
            op(K.OP_ADD), prefix(NET, "block", "one"),
            op(K.OP_DEL), prefix(NET, None, "one", bad=True)]), ENOENT, NOT_SO,
            f"{name}: a comment that it got in the same message")
        tap.equal((have(sock), serials(sock)), before, f"{name}: nothing of it applies")
        sock.do(K.CMD_PREFIX_ADD, asked + [prefix(NET, "block", "one")])
        tap.accepted(sock.do(K.CMD_CHANGE, asked + [
            op(K.OP_REPLACE), prefix(NET, "block", "two"),
            op(K.OP_DEL_IF_PRESENT), prefix(NET, None, "two"),
            op(K.OP_DEL), prefix(NET, None, "one")]),
            f"{name}: the comment that it had before")
        tap.equal([e for o, e in have(sock) if o == origin], ["203.0.113.7/32"],
                  f"{name}: and it is gone")
        sock.do(K.CMD_PREFIX_FLUSH, asked)


def totals(tap, sock):
    """PART, and what moves it."""
    empty(sock)
    began, before = int(time.time() - 0.1), serials(sock)
    for n, origin in enumerate(ORIGINS, 1):
        asked = [whose(origin)]
        sock.do(K.CMD_PREFIX_ADD, asked + [prefix(f"10.{i}.0.0/16") for i in range(n)])
        sock.do(K.CMD_PREFIX_ADD, asked + prefixes(
            *[prefix_rec(f"2001:db8:{i}::/48") for i in range(n + 3)]))
        sock.do(K.CMD_RELAY_ADD, asked + [relay(f"192.0.2.{i}") for i in range(n + 6)])
        sock.do(K.CMD_PREFIX_ADD, asked + [prefix("10.0.0.0/16")])  # refused
    answer = sock.do(K.CMD_GET)
    got = parts(answer.replies[0])
    changed = [part.pop(K.PART_A_CHANGED) for part in got.values()]
    tap.equal(list(got.values()), [{
        K.PART_A_ORIGIN: origin, K.PART_A_PREFIXES_V4: n, K.PART_A_PREFIXES_V6: n + 3,
        K.PART_A_RELAY_COUNT: n + 6, K.PART_A_SERIAL: before[origin] + 3,
        K.PART_A_MAX_PREFIXES: K.DEF_ORIGIN_PREFIXES if origin in LIMITS
        else K.MAX_PREFIXES,
    } for n, origin in enumerate(ORIGINS, 1)], "GET tells of each origin, in order")
    tap.ok(all(began <= c <= time.time() for c in changed), "and when it changed",
           changed)
    tap.equal([answer.number(k) for k in (
        K.A_PREFIXES_V4, K.A_PREFIXES_V6, K.A_RELAY_COUNT)], [6, 15, 24],
        "the totals are those of all")
    before = serials(sock)
    sock.do(K.CMD_PREFIX_DEL, [whose(K.ORIGIN_BGP), prefix("1.0.0.0/8", None),
                               Attr(K.A_IF_PRESENT)])
    tap.equal(serials(sock), before, "what is so already moves nothing")
    sock.do(K.CMD_RELAY_FLUSH, [whose(K.ORIGIN_BGP)])
    before[K.ORIGIN_BGP] += 1
    tap.equal(serials(sock), before, "a FLUSH does")


def interrupted(tap, sock):
    """A dump of one origin, by what changes that one."""
    empty(sock)
    many = prefixes(*[prefix_rec(f"10.{i >> 8}.{i & 255}.0/24") for i in range(2000)])
    hosts = relays(*[relay_rec(f"10.0.{i >> 8}.{i & 255}") for i in range(2000)])
    for origin in ORIGINS:
        sock.do(K.CMD_PREFIX_ADD, [whose(origin), *many])
        sock.do(K.CMD_RELAY_ADD, [whose(origin), *hosts])
    for cmd in (K.CMD_PREFIX_GET, K.CMD_RELAY_GET):
        for asked in (None, *ORIGINS):
            for mover in ORIGINS:
                dump = SlowDump(cmd, attrs=[whose(asked)] if asked else [])
                dump.step()
                sock.do(K.CMD_PREFIX_REPLACE, [whose(mover), prefix(NET)])
                answer = dump.finish()
                tap.equal((answer.error, answer.interrupted, answer.messages > 2),
                          (0, asked in (None, mover), True),
                          f"dump {cmd} of {NAMES[asked] if asked else 'all'} while"
                          f" {NAMES[mover]} changes")


def limits(tap, sock):
    """Each has a limit of its own."""
    for origin, knob in LIMITS.items():
        name, asked = NAMES[origin], [whose(origin)]
        empty(sock)
        sock.do(K.CMD_SET, [u32(knob, 3)])
        part = parts(sock.do(K.CMD_GET).replies[0])[origin]
        tap.equal((number(sock, knob), part[K.PART_A_MAX_PREFIXES]), (3, 3),
                  f"{name}: three prefixes")
        some = [prefix(f"10.{i}.0.0/16") for i in range(3)]
        some[2] = prefix("2001:db8::/32")
        tap.refused(sock.do(K.CMD_PREFIX_ADD, asked + some + [
            prefix("10.9.0.0/16", bad=True)]), ENOSPC, FULL, f"{name}: four are refused")
        tap.equal(have(sock), [], f"{name}: whole")
        tap.accepted(sock.do(K.CMD_PREFIX_ADD, asked + some), f"{name}: three are not")
        tap.refused(sock.do(K.CMD_PREFIX_REPLACE, asked + prefixes(
            prefix_rec("10.0.0.0/16"), prefix_rec("10.9.0.0/16"), bad=24)),
            ENOSPC, FULL, f"{name}: nor is there room for a record")
        tap.accepted(sock.do(K.CMD_CHANGE, asked + [
            op(K.OP_DEL), prefix("10.0.0.0/16", None), op(K.OP_REPLACE),
            prefix("10.1.0.0/16", "exempt"), prefix("10.9.0.0/16")]),
            f"{name}: one in the place of another")
        tap.accepted(sock.do(K.CMD_RELAY_ADD, asked + [
            relay(f"192.0.2.{i}") for i in range(9)]), f"{name}: relays do not count")
        for other in ORIGINS:
            if other != origin:
                tap.accepted(sock.do(K.CMD_PREFIX_ADD, [whose(other)] + [
                    prefix(f"10.{i}.0.0/16") for i in range(9)]),
                    f"{name}: {NAMES[other]} has room")
        tap.accepted(sock.do(K.CMD_SET, [u32(knob, 1)]), f"{name}: a lower limit")
        tap.equal(len([e for o, e in have(sock, origin) if "/" in e]), 3,
                  f"{name}: takes nothing away")
        tap.refused(sock.do(K.CMD_PREFIX_ADD, asked + [
            prefix("10.10.0.0/16", bad=True)]), ENOSPC, FULL, f"{name}: lets nothing in")
        tap.accepted(sock.do(K.CMD_PREFIX_REPLACE, asked + [
            prefix("10.1.0.0/16", "block")]), f"{name}: but for a change")
        t = begin(sock)
        sock.do(K.CMD_COMMIT, [txn(t), u8(K.A_MODE, K.MODE_ENFORCE)])
        tap.equal(number(sock, knob), K.DEF_ORIGIN_PREFIXES,
                  f"{name}: a COMMIT without it gives the default")


def ask(sock, src, dst):
    answer = sock.do(K.CMD_TEST, [
        Attr(K.A_SRC, ipaddress.ip_address(src).packed),
        Attr(K.A_DST, ipaddress.ip_address(dst).packed)])
    assert answer.error == 0, str(answer)
    return {k: said(answer, k) for k in (
        K.A_OUTCOME, K.A_COUNTER, K.A_PREFIX, K.A_OTHER, K.A_RELAY)}


class Table:
    """The model's answer."""

    def __init__(self):
        self.rs = Ruleset()
        self.rs.knobs[K.A_MODE] = K.MODE_ENFORCE
        self.others = {origin: Entries() for origin in OTHERS}

    def add(self, origin, net, action):
        n = ipaddress.ip_network(net)
        part = self.others.get(origin, self.rs)
        part.sets["prefix"][n.max_prefixlen, int(n.network_address), n.prefixlen] = (
            ACTIONS[action], None, 0)

    def permit(self, origin, host):
        a = ipaddress.ip_address(host)
        self.others.get(origin, self.rs).sets["relay"][a.max_prefixlen, int(a)] = (
            None, None, 0)

    def ask(self, src, dst):
        src, dst = map(ipaddress.ip_address, (src, dst))
        bits = src.max_prefixlen
        outcome, counter, _, _ = self.rs.verdict(bits, int(src), int(dst), self.others)
        found, decides = self.rs.find(bits, int(src), self.others)
        there = {o: (o, key, action, None, 0) for o, (key, action) in found.items()}
        permits = [o for o in ORIGINS if (bits, int(dst)) in self.others.get(
            o, self.rs).sets["relay"]]
        return {K.A_OUTCOME: outcome, K.A_COUNTER: counter,
                K.A_PREFIX: [there.pop(decides)] if there else [],
                K.A_OTHER: list(there.values()),
                K.A_RELAY: [(o, (bits, int(dst)), None, None, 0) for o in permits[:1]]}


def set_up(sock, there, permitted=()):
    """Puts [(origin, prefix, action)] into kernel and table."""
    table = Table()
    empty(sock)
    for origin, net, action in there:
        must(sock, K.CMD_PREFIX_ADD, [whose(origin), prefix(net, action)])
        table.add(origin, net, action)
    for origin, host in permitted:
        must(sock, K.CMD_RELAY_ADD, [whose(origin), relay(host)])
        table.permit(origin, host)
    return table


def ties(tap, sock):
    """Which one decides: each origin has one prefix of two lengths or none, of each
    action, IPv4 and IPv6.
    """
    far = {4: "198.51.100.1", 6: "2001:db9::1"}
    sock.do(K.CMD_SET, [u8(K.A_MODE, K.MODE_ENFORCE)])
    wrong, asked = [], 0
    for version, src, nets in (
            (4, "10.1.2.3", ("10.0.0.0/8", "10.1.2.3/32")),
            (6, "2001:db8:1::3", ("2001:db8::/32", "2001:db8:1::3/128"))):
        choices = [None, *itertools.product(nets, ACTIONS)]
        for chosen in itertools.product(choices, repeat=3):
            there = [(o, *c) for o, c in zip(ORIGINS, chosen) if c]
            table = set_up(sock, there)
            got, wanted = ask(sock, src, far[version]), table.ask(src, far[version])
            asked += 1
            if got != wanted:
                wrong.append(f"{there}: {got}, not {wanted}")
    tap.equal(wrong[:5], [], f"who decides, in {asked} cases")
    tap.equal(asked, 2 * 7 ** 3, "which are all")


def random_tables(tap, sock):
    seed = int(os.environ.get("OP25B_SEED") or random.getrandbits(32))
    rng = random.Random(seed)
    hosts = [f"10.{a}.{b}.9" for a in (0, 1) for b in (0, 128)]
    nets = sorted({ipaddress.ip_network(f"{h}/{n}", strict=False) for h in hosts
                   for n in (0, 7, 8, 15, 16, 17, 24, 31, 32)}, key=str)
    wrong, asked = [], 0
    for _ in range(40):
        there = [(o, str(n), rng.choice([*ACTIONS])) for o in ORIGINS
                 for n in rng.sample(nets, rng.choice((0, 1, 4, 9)))]
        permitted = [(o, h) for o in ORIGINS for h in hosts if rng.random() < 0.2]
        table = set_up(sock, there, permitted)
        for src, dst in itertools.product(hosts, repeat=2):
            got, wanted = ask(sock, src, dst), table.ask(src, dst)
            asked += 1
            if got != wanted:
                wrong.append(f"{src} to {dst}, {there}, {permitted}: {got}, not {wanted}")
    tap.equal(wrong[:3], [], f"{asked} answers of random tables, seed {seed}")


def trials(tap, sock):
    """BEGIN, COMMIT, a trial and its end are about config."""
    empty(sock)
    for origin in OTHERS:
        sock.do(K.CMD_PREFIX_ADD, [whose(origin), prefix(NET, "exempt", "mine")])
        sock.do(K.CMD_RELAY_ADD, [whose(origin), relay(HOST)])
    mine = [e for e in have(sock) if e[0] != K.ORIGIN_CONFIG]
    t, start = begin(sock), generation(sock)
    sock.do(K.CMD_FILL, [txn(t), prefix("100.64.0.0/10")])
    for origin in OTHERS:
        tap.accepted(sock.do(K.CMD_PREFIX_ADD, [
            whose(origin), prefix("203.0.113.9/32")]),
            f"{NAMES[origin]} changes while a replacement is staged")
    tap.accepted(sock.do(K.CMD_COMMIT, [
        txn(t), Attr(K.A_GENERATION, start, size=8), u8(K.A_MODE, K.MODE_ENFORCE)]),
        "COMMIT, of the generation before that")
    more = [(o, n) for o in OTHERS for n in (NET, "203.0.113.9/32")] + [
        (o, HOST) for o in OTHERS]
    tap.equal(have(sock), [(K.ORIGIN_CONFIG, "100.64.0.0/10")] + more,
              "leaves what others have")
    apply(sock, [prefix("10.0.0.0/8"), relay("192.0.2.25")])
    before = serials(sock)
    for origin in OTHERS:
        asked, name = [whose(origin)], NAMES[origin]
        for cmd, attrs in (
            ("PREFIX_DEL", [prefix("203.0.113.9/32", None)]),
            ("PREFIX_REPLACE", [prefix("203.0.113.8/32", "exempt", "on trial")]),
            ("RELAY_ADD", [relay("203.0.113.1")]),
            ("RELAY_DEL", [relay(HOST)]),
            ("CHANGE", [op(K.OP_ADD), prefix("203.0.113.10/32"), relay(HOST)]),
        ):
            tap.accepted(sock.do(getattr(K, "CMD_" + cmd), asked + attrs),
                         f"{cmd} of {name} on trial")
        tap.equal(serials(sock)[origin], before[origin] + 5, f"five changes of {name}")
    for name, attrs in changes(sock):
        for head in ([], [whose(K.ORIGIN_CONFIG)]):
            if head and name in ("SET", "BEGIN"):
                continue
            tap.refused(sock.do(getattr(K, "CMD_" + name), head + attrs), EBUSY, BUSY,
                        f"{name} of config{' by name' * bool(head)} is not")
    on_trial = [e for e in have(sock) if e[0] != K.ORIGIN_CONFIG]
    tap.ok(on_trial != mine and (K.ORIGIN_BGP, "203.0.113.8/32") in on_trial,
           "they have changed", on_trial)
    tap.accepted(sock.do(K.CMD_ROLLBACK), "ROLLBACK")
    tap.equal(have(sock), [(K.ORIGIN_CONFIG, "100.64.0.0/10")] + on_trial,
              "brings back what config had, and nothing else")
    tap.equal({o: serials(sock)[o] - before[o] for o in OTHERS},
              dict.fromkeys(OTHERS, 5), "and is no change of the others")
    apply(sock, [prefix("10.0.0.0/8")])
    sock.do(K.CMD_PREFIX_FLUSH, [whose(K.ORIGIN_SESSION)])
    tap.accepted(confirm(sock), "CONFIRM")
    gone = [e for e in on_trial if e[0] == K.ORIGIN_BGP or "/" not in e[1]]
    tap.equal(have(sock), [(K.ORIGIN_CONFIG, "10.0.0.0/8")] + gone, "nor does that")
    apply(sock, [prefix("10.0.0.0/8", "exempt")], seconds=1)
    sock.do(K.CMD_PREFIX_ADD, [whose(K.ORIGIN_SESSION), prefix("203.0.113.8/32")])
    wait_for(lambda: number(sock, K.A_CONFIRM_LEFT) or None)
    tap.ok((K.ORIGIN_SESSION, "203.0.113.8/32") in have(sock),
           "nor a rollback by the clock")


def endings(tap, sock):
    """Entries of a session that expire, and who hears of it."""
    empty(sock)
    host = "203.0.113.50/32"
    for origin in ORIGINS:
        sock.do(K.CMD_PREFIX_ADD, [whose(origin), prefix(
            host, "exempt", NAMES[origin], extra=[expires(now() + 3600)])])

    def late():
        end = now() + 2
        sock.do(K.CMD_PREFIX_REPLACE, [whose(K.ORIGIN_SESSION), prefix(
            host, "exempt", "ppp0", extra=[expires(end)])])
        wait_for(lambda: "there" if (K.ORIGIN_SESSION, host) in have(sock) else None,
                 LATE)
        return time.time() - end

    in_time(tap, 1, late, "a session's prefix expires")
    tap.equal(have(sock), [(o, host) for o in ORIGINS if o != K.ORIGIN_SESSION],
              "those of others do not")
    start, before = generation(sock), serials(sock)
    with Listener() as ear:
        for origin in OTHERS:
            sock.do(K.CMD_PREFIX_REPLACE, [whose(origin), prefix(
                host, "monitor", NAMES[origin], extra=[expires(1)])])
            event = ear.hear()
            tap.equal(event, {
                "EVENT": K.EVENT_EXPIRED, "TIME": "now", "ORIGIN": origin, "COUNT": 1,
                "GENERATION": start,
                "PREFIX": (ipaddress.ip_network(host), "monitor", NAMES[origin])},
                f"an event tells of one of {NAMES[origin]}")
        tap.equal(have(sock), [(K.ORIGIN_CONFIG, host)], "both are gone")
        tap.equal((generation(sock), serials(sock)[K.ORIGIN_CONFIG]),
                  (start, before[K.ORIGIN_CONFIG]), "config has not changed")
        tap.equal({o: serials(sock)[o] - before[o] for o in OTHERS},
                  dict.fromkeys(OTHERS, 2), "the others have: they came, they went")
        tap.equal(ear.all(), [], "nothing else is told")


def packets(tap):
    """Real ones: who decides is what counts."""
    cases = (("config exempts what bgp blocks", [
        (K.ORIGIN_CONFIG, "100.64.0.0/10", "exempt"),
        (K.ORIGIN_BGP, "100.64.0.0/10", "block")], K.COUNTER_PASS_EXEMPT),
             ("bgp blocks a host that config and session exempt", [
                 (K.ORIGIN_CONFIG, "100.64.0.0/10", "exempt"),
                 (K.ORIGIN_SESSION, "100.64.1.0/32", "exempt"),
                 (K.ORIGIN_BGP, "100.64.1.0/32", "block")], K.COUNTER_BLOCK),
             ("a session exempts a host of a pool", [
                 (K.ORIGIN_CONFIG, "100.64.0.0/10", "block"),
                 (K.ORIGIN_SESSION, "100.64.1.0/32", "exempt")],
              K.COUNTER_PASS_EXEMPT),
             ("a session alone blocks", [
                 (K.ORIGIN_SESSION, "100.64.0.0/10", "block")], K.COUNTER_BLOCK),
             ("bgp watches what a session exempts", [
                 (K.ORIGIN_SESSION, "100.64.1.0/32", "exempt"),
                 (K.ORIGIN_BGP, "100.64.1.0/32", "monitor")],
              K.COUNTER_WOULD_BLOCK))

    def count(sock, counter):
        stats = dict(unpack(sock.do(K.CMD_STATS_GET).first(K.A_STATS)))
        return int.from_bytes(stats[counter], byteorder)

    def work():
        from genl import Socket  # pylint: disable=import-outside-toplevel
        unshare()
        with Socket() as sock:
            base(sock)
            fd = router()
            sock.do(K.CMD_SET, [u8(K.A_REJECT, K.REJECT_DROP)])
            wrong = []
            for what, there, counter in cases:
                table = set_up(sock, there)
                sock.do(K.CMD_STATS_RESET)
                send_syns(fd, 1)
                seen = wait_for(lambda c=counter: None if count(sock, c) == 1 else
                                count(sock, c), 20)
                if seen is not None:
                    wrong.append(f"{what}: {seen}")
                deciding = table.ask("100.64.1.0", "203.0.113.1")[K.A_PREFIX][0]
                wrong += counted(sock, what, deciding[:2])
            # a relay of another origin lets it through
            set_up(sock, [(K.ORIGIN_CONFIG, "100.64.0.0/10", "block")],
                   [(K.ORIGIN_BGP, "203.0.113.1")])
            send_syns(fd, 1)
            if wait_for(lambda: None if count(sock, K.COUNTER_PASS_RELAY) == 1 else
                        "no"):
                wrong.append("a relay of bgp does not let it through")
            for line in wrong:
                print("#", line, flush=True)
            return bool(wrong)
    pid = child(work)
    tap.equal(os.waitpid(pid, 0)[1], 0, f"real packets in {len(cases) + 1} cases")


def counted(sock, what, deciding):
    """Entries that a packet was counted by: the deciding one alone."""
    answer = sock.dump(K.CMD_PREFIX_GET)
    got = [(origin_of(k, d), read_whole_prefix(d)[0]) for reply in answer.replies
           for k, d in reply if k == K.A_PREFIX and K.PREFIX_A_PACKETS in dict(unpack(d))]
    return [] if got == [deciding] else [f"{what}: counted by {got}, not {deciding}"]


def run(tap, sock):
    assert set(ACTIONS) == {a for a in ACTION if a not in (None, "none")}
    for group in (apart, replaced, steps, commented, totals, interrupted, limits, ties,
                  random_tables, trials, endings):
        group(tap, sock)
    empty(sock)
    packets(tap)
