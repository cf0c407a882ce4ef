# SPDX-License-Identifier: GPL-2.0
"""Is there one order of all changes that explains every answer?

Writers change prefixes and relays, one or several to a message, each only its own:
two those of config, of which the first also replaces all of them, while the other
holds still, and on trial now and then; one all of session, one all of bgp, whatever
config does. Meanwhile readers ask for verdicts, dump, and read /proc. Everybody
writes down when a request began and ended. Afterwards each answer must be what some
version says that may have been in force in between: with all changes that had ended
before, and of those under way a set that goes together, each after what it followed.
"""
import fcntl
import ipaddress
import itertools
import os
import pickle
import random
import subprocess
import tempfile
import time

from budget import Budget, count, dice
from genl import Attr, K, Socket, u8, u32
from lives import child, unshare
from model import LIMITS, Entries, Ruleset
from op25b import (
    prefix, prefix_rec, prefixes, read_prefix, read_relay, relay, relay_rec, relays,
    whose,
)
from storm import ACTIONS, origin_of
from txns import begin, txn

# whose entries each writer changes
WHOSE = (K.ORIGIN_CONFIG, K.ORIGIN_CONFIG, K.ORIGIN_SESSION, K.ORIGIN_BGP)
WRITERS = len(WHOSE)
LEAST = 50  # answers explained, however little time is left
EACH = 60  # changes or answers of each process, however long they take
TARGETS = [ipaddress.ip_address(a) for a in (
    "10.1.2.3", "10.1.2.130", "2001:db8:1::3", "2001:db8:1:8000::3")]
RELAYS = [ipaddress.ip_address(a) for a in (
    "192.0.2.1", "192.0.2.2", "192.0.2.3", "2001:db8:25::1", "2001:db8:25::2")]
# never changed: so many that a dump takes several messages, and between what does
STILL = [ipaddress.ip_network(f"100.{64 + (i >> 8)}.{i & 255}.0/24") for i in range(700)]


def keys():
    """What changes: [[network or address]] by writer."""
    nets = sorted({ipaddress.ip_network((t, n), strict=False)
                   for t in TARGETS for n in (
                       range(8, 33, 3) if t.version == 4 else range(20, 129, 9))},
                  key=str)
    everything = nets + RELAYS
    return [everything[0::2], everything[1::2], everything, everything]


def now():
    return time.clock_gettime_ns(time.CLOCK_MONOTONIC)


def timed(log, what, work):
    start = now()
    result = work()
    log.append((start, now(), what(result)))


def is_net(key):
    return isinstance(key, (ipaddress.IPv4Network, ipaddress.IPv6Network))


def change(rng, mine, origin):
    """(command, attributes, {(origin, key): action, None if gone})"""
    some = rng.sample(mine, rng.choice((1, 1, 2, 5)))
    nets = is_net(some[0])
    some = [k for k in some if is_net(k) == nets]
    names = list(ACTIONS)
    if rng.random() < 0.4:
        cmd = K.CMD_PREFIX_DEL if nets else K.CMD_RELAY_DEL
        attrs = [prefix(str(k), None) if nets else relay(str(k)) for k in some]
        return cmd, attrs + [Attr(K.A_IF_PRESENT), whose(origin)], dict.fromkeys(
            (origin, k) for k in some)
    new = {k: ACTIONS[rng.choice(names)] if nets else 0 for k in some}
    if nets:
        attrs = prefixes(*[prefix_rec(str(k), names[a - 1]) for k, a in new.items()])
        cmd = K.CMD_PREFIX_REPLACE
    else:
        attrs, cmd = [relay(str(k)) for k in some], K.CMD_RELAY_REPLACE
    return cmd, attrs + [whose(origin)], {(origin, k): a for k, a in new.items()}


def replace(sock, rng, log):
    """All of config, at once; now and then on trial, and taken back."""
    names = list(ACTIONS)
    new = {k: ACTIONS[rng.choice(names)] if is_net(k) else 0
           for mine in keys()[:2] for k in mine if rng.random() < 0.5}
    t = begin(sock)
    nets = [prefix_rec(str(k), names[a - 1]) for k, a in new.items() if a]
    nets += [prefix_rec(str(k)) for k in STILL]
    attrs = [txn(t), u8(K.A_MODE, K.MODE_ENFORCE)] + prefixes(*nets)
    hosts = [relay_rec(str(k)) for k in new if not is_net(k)]
    if hosts:
        attrs += relays(*hosts)[1:]
    answer = sock.do(K.CMD_FILL, attrs)
    assert answer.error == 0, str(answer)

    trial = bool(log) and rng.random() < 0.5
    after = {(K.ORIGIN_CONFIG, k): a for k, a in new.items()}

    def commit():
        answer = sock.do(K.CMD_COMMIT, [txn(t)] + [u32(K.A_CONFIRM, 3600)] * trial)
        assert answer.error == 0, str(answer)

    def rollback():
        answer = sock.do(K.CMD_ROLLBACK)
        assert answer.error == 0, str(answer)

    timed(log, lambda _: ("whole", after), commit)
    if trial:
        timed(log, lambda _: ("back", None), rollback)


def writer(seed, number, until, lock, out):
    rng, log, mine = random.Random(seed), [None], keys()[number]
    origin = WHOSE[number]
    with Socket() as sock, open(lock, "w", encoding="ascii") as gate:
        while not until(len(log)):
            if number == 0 and rng.random() < 0.1:
                fcntl.flock(gate, fcntl.LOCK_EX)
                replace(sock, rng, log)
            else:
                if origin == K.ORIGIN_CONFIG:
                    fcntl.flock(gate, fcntl.LOCK_SH)
                cmd, attrs, new = change(rng, mine, origin)

                def ask(cmd=cmd, attrs=attrs):
                    answer = sock.do(cmd, attrs)
                    while answer.error == 16:  # memory is not back yet
                        answer = sock.do(cmd, attrs)
                    assert answer.error == 0, str(answer)
                timed(log, lambda _, new=new: ("some", new), ask)
            fcntl.flock(gate, fcntl.LOCK_UN)
    save(out, log[1:])


def save(path, log):
    with open(path, "wb") as file:
        pickle.dump(log, file)


def verdict(sock, src, dst):
    answer = sock.do(K.CMD_TEST, [Attr(K.A_SRC, src.packed), Attr(K.A_DST, dst.packed)])
    data = answer.first(K.A_PREFIX)
    found = data and (origin_of(K.A_PREFIX, data), read_prefix(data)[0])
    return ("verdict", src, dst, answer.number(K.A_OUTCOME), answer.number(K.A_COUNTER),
            found, answer.first(K.A_RELAY) is not None)


def dump(sock, cmd, kind, read):
    answer = sock.dump(cmd)
    assert answer.error == 0, str(answer)
    got = [(origin_of(kind, d), *read(d)[:2]) for reply in answer.replies
           for k, d in reply if k == kind]
    what = "prefixes" if kind == K.A_PREFIX else "relays"
    return what, answer.interrupted, got


def proc():
    with open("/proc/net/op25b", encoding="ascii") as file:
        got = dict(line.split() for line in file)
    return ("proc", *(int(got[k]) for k in (
        "generation", "prefixes_v4", "prefixes_v6", "relays")))


def reader(seed, until, out):
    rng, log = random.Random(seed), []
    with Socket() as sock:
        sock.size = 4096
        while not until(len(log)):
            what = rng.random()
            src = rng.choice(TARGETS)
            dst = rng.choice([r for r in RELAYS if r.version == src.version])
            if what < 0.85:
                timed(log, lambda r: r, lambda: verdict(sock, src, dst))
            elif what < 0.9:
                timed(log, lambda r: r, proc)
            elif what < 0.97:
                timed(log, lambda r: r, lambda: dump(
                    sock, K.CMD_PREFIX_GET, K.A_PREFIX, read_prefix))
            else:
                timed(log, lambda r: r, lambda: dump(
                    sock, K.CMD_RELAY_GET, K.A_RELAY, read_relay))
    save(out, log)


class Version:
    """What is in force after some changes."""

    def __init__(self, generation):
        self.generation, self.there, self.before = generation, {}, {}

    def copy(self):
        new = Version(self.generation)
        new.there, new.before = dict(self.there), self.before
        return new

    def replace(self, new):
        """All of config by @new."""
        mine = {k: a for k, a in self.there.items() if k[0] == K.ORIGIN_CONFIG}
        self.there = {k: a for k, a in self.there.items() if k not in mine}
        self.there.update(new)
        self.before = mine
        self.generation += 1

    def apply(self, what):
        kind, new = what
        if kind != "some":
            self.replace(new if kind == "whole" else self.before)
            return
        moves = False
        for key, action in new.items():
            moves |= key[0] == K.ORIGIN_CONFIG and (
                action is not None or key in self.there)
            if action is None:
                self.there.pop(key, None)
            else:
                self.there[key] = action
        self.generation += moves

    def says(self, seen):
        """Is @seen what this version answers?"""
        if seen[0] == "verdict":
            return seen[3:] == self.verdict(*seen[1:3])
        if seen[0] == "proc":
            nets = [k for _, k in self.there if is_net(k)]
            four = sum(k.version == 4 for k in nets)
            return seen[1:] == (self.generation, four + len(STILL),
                                len(nets) - four, len(self.there) - len(nets))
        if seen[0] == "relays":
            return [e[:2] for e in seen[2]] == sorted(
                (e for e in self.there if not is_net(e[1])),
                key=lambda e: (e[0], e[1].version, e[1]))
        wanted = {**{k: a for k, a in self.there.items() if is_net(k[1])},
                  **{(K.ORIGIN_CONFIG, n): 1 for n in STILL}}
        return len(seen[2]) == len(wanted) and wanted == {
            (o, k): ACTIONS[a] for o, k, a in seen[2]}

    def verdict(self, src, dst):
        rs, others = Ruleset(), {origin: Entries() for origin in LIMITS}
        rs.knobs[K.A_MODE] = K.MODE_ENFORCE
        for (origin, key), action in self.there.items():
            sets = others.get(origin, rs).sets
            if is_net(key):
                sets["prefix"][key.max_prefixlen, int(key.network_address),
                               key.prefixlen] = (action, None, 0)
            else:
                sets["relay"][key.max_prefixlen, int(key)] = (None, None, 0)
        bits = src.max_prefixlen
        outcome, counter, best, relayed = rs.verdict(bits, int(src), int(dst), others)
        found = best and (rs.find(bits, int(src), others)[1], ipaddress.ip_network(
            (best[1].to_bytes(best[0] // 8, "big"), best[2])))
        return outcome, counter, found, relayed


def closed(chosen, under_way):
    """With each change, whatever had ended before it began."""
    left = [e for e in under_way if e not in chosen]
    return all(e[0] < o[1] for e in chosen for o in left)


def versions(base, under_way):
    """All that may have been in force, given who was under way, by writer."""
    rows = [[e for e in under_way if e[3] == w] for w in range(WRITERS)]
    for counts in itertools.product(*(range(len(r) + 1) for r in rows)):
        chosen = [e for row, n in zip(rows, counts) for e in row[:n]]
        if closed(chosen, under_way):
            version = base.copy()
            for event in sorted(chosen, key=lambda e: e[1]):
                version.apply(event[2])
            yield version


def explain(generation, events, seen, budget):
    """[answers that no version gives], how many were looked at"""
    wrong, looked = [], 0
    events.sort(key=lambda e: e[1])
    seen.sort(key=lambda s: s[0])
    base, at = Version(generation), 0
    for start, end, what in seen:
        if budget.out() and looked >= LEAST:
            break
        while at < len(events) and events[at][1] < start:
            base.apply(events[at][2])
            at += 1
        if what[0] in ("prefixes", "relays"):
            if what[1]:
                continue  # flagged
            if len({e[:2] for e in what[2]}) != len(what[2]):
                wrong.append(f"twice in a dump: {what}")
        under_way = [e for e in events[at : at + 200] if e[0] < end]
        if len(under_way) > 24:
            continue  # too many orders to try
        if not any(v.says(what) for v in versions(base, under_way)):
            wrong.append(f"{what}, with {base.there} and {under_way}")
        looked += 1
    return wrong, looked


def storm(rng, seconds):
    """All of them at once. Return: (generation before, changes, answers)"""
    where = tempfile.mkdtemp()
    start = time.monotonic()

    def until(done):
        return time.monotonic() - start > seconds and done > EACH

    with Socket() as sock:
        log = []
        replace(sock, rng, log)
        generation = sock.do(K.CMD_GET).number(K.A_GENERATION)
    work = [(writer, rng.getrandbits(32), i, until, f"{where}/gate", f"{where}/w{i}")
            for i in range(WRITERS)]
    work += [(reader, rng.getrandbits(32), until, f"{where}/r{i}") for i in range(2)]
    pids = [child(*w) for w in work]
    good = all([os.waitpid(pid, 0)[1] == 0 for pid in pids])
    events, seen = [(0, 0, log[0][2], 0)], []
    for i in range(WRITERS):
        events += [(*e, i) for e in read(f"{where}/w{i}")]
    for i in range(2):
        seen += read(f"{where}/r{i}")
    subprocess.run(["rm", "-r", where], check=True)
    return good, generation - 1, events, seen


def read(path):
    if not os.path.exists(path):
        return []
    with open(path, "rb") as file:
        return pickle.load(file)


def run(tap, sock):
    rng, whole = dice("linear"), Budget()
    for i in Budget(1):
        unshare()  # no writer takes away what session and bgp have left behind
        good, generation, events, seen = storm(rng, 5)
        wrong, looked = explain(generation, events, seen, Budget(within=whole))
        flagged = sum(s[2][0] in ("prefixes", "relays") and s[2][1] for s in seen)
        dumps = sum(s[2][0] in ("prefixes", "relays") for s in seen)
        count(len(events), "changes by four writers at once, of three origins")
        count(looked, "answers between them explained")
        tap.ok(good, f"round {i}: writers and readers came to their end")
        tap.ok(looked >= LEAST, f"{LEAST} answers at least were looked at", looked)
        tap.equal(wrong[:3], [], f"{looked} answers amid {len(events)} changes are"
                  f" of some version ({flagged} of {dumps} dumps were flagged)")
