# SPDX-License-Identifier: GPL-2.0
"""Prefixes that expire: in force, staged, changed meanwhile, under a clock that
is set. What is awaited is a condition; a time limit only ends a failure.
"""
import ipaddress
import os
import random
import statistics
import struct
import time
from sys import byteorder

from events import Listener
from genl import Attr, K, pack, u8, u64, unpack
from lives import at_least, back_to, child, in_time, slabs, unshare, wait_for, wait_for_rest
from op25b import (
    all_prefixes, generation, net, number, prefix, prefix_rec, prefixes, state,
)
from txns import begin, txn

FOREVER = 0xFFFFFFFF
PROMISE = 1  # seconds: how late a prefix may expire,
EACH = 20e-6  # and for each one that is due before it
BATCH = 512  # so many expire at a time
LATE = 60  # ends a failure; what is promised is in_time()'s


def now():
    return int(time.time())


def expires(when, **kw):
    return u64(K.PREFIX_A_EXPIRES, when, **kw)


def timed(text, when, action="exempt", comment=None):
    return prefix(text, action, comment, extra=[expires(when)])


def read(data):
    """(text, expires or None)"""
    got = dict(unpack(data))
    when = got.get(K.PREFIX_A_EXPIRES)
    length = got[K.PREFIX_A_LEN][0]
    return (f"{ipaddress.ip_address(got[K.PREFIX_A_ADDR])}/{length}",
            when and int.from_bytes(when, byteorder))


def times(sock):
    """{prefix: expires} of the list."""
    answer = sock.dump(K.CMD_PREFIX_GET)
    return dict(read(d) for reply in answer.replies for k, d in reply
                if k == K.A_PREFIX)


def time_of(sock, text):
    """Of one prefix; False if it is not there."""
    answer = sock.do(K.CMD_PREFIX_GET, [prefix(text, None)])
    return False if answer.error else read(answer.first(K.A_PREFIX))[1]


def gone(sock, *texts):
    def check():
        there = [t for t in texts if time_of(sock, t) is not False]
        return f"still there: {there}" if there else None
    return check


def counter(sock, src):
    """The counter that a SYN from @src would move."""
    answer = sock.do(K.CMD_TEST, [
        Attr(K.A_SRC, ipaddress.ip_address(src).packed),
        Attr(K.A_DST, ipaddress.ip_address("198.51.100.1").packed)])
    name = K.number_to_name("OP25B_COUNTER_")[answer.number(K.A_COUNTER)]
    deciding = answer.first(K.A_PREFIX)
    return name.lower(), deciding and read(deciding)


def told(tap, sock):
    """Both forms, and where it is said again."""
    later = now() + 86400
    tap.accepted(sock.do(K.CMD_PREFIX_ADD, [
        timed("203.0.113.0/24", later, "block"),
        timed("2001:db8:5::/48", FOREVER, "block"),
        timed("203.0.113.7/32", 0, "block"),
        *prefixes(prefix_rec("198.51.100.0/24", expires=later + 1),
                  prefix_rec("198.51.100.0/25"))]),
        "prefixes that expire and others, nests and records")
    wanted = {"203.0.113.0/24": later, "2001:db8:5::/48": FOREVER,
              "203.0.113.7/32": None, "198.51.100.0/24": later + 1,
              "198.51.100.0/25": None, "100.64.0.0/10": None}
    listed = times(sock)
    tap.equal({t: listed.get(t, "absent") for t in wanted}, wanted,
              "the list tells when")
    tap.equal({t: time_of(sock, t) for t in wanted}, wanted, "so does GET")
    tap.equal(counter(sock, "203.0.113.9"),
              ("block", ("203.0.113.0/24", later)), "and TEST")
    tap.accepted(sock.do(K.CMD_PREFIX_REPLACE, [
        timed("203.0.113.0/24", later + 5, "block")]), "another time")
    tap.equal(time_of(sock, "203.0.113.0/24"), later + 5, "is in force")
    tap.accepted(sock.do(K.CMD_PREFIX_REPLACE, [
        prefix("203.0.113.0/24", "block"),
        *prefixes(prefix_rec("198.51.100.0/25", expires=later))]),
        "replaced without and with a time")
    tap.equal((time_of(sock, "203.0.113.0/24"), time_of(sock, "198.51.100.0/25")),
              (None, later), "it stays for good, or does not any more")
    tap.accepted(sock.do(K.CMD_PREFIX_REPLACE, [
        timed("203.0.113.0/24", later), timed("203.0.113.0/24", later + 2),
        prefix("203.0.113.7/32"), timed("203.0.113.7/32", later),
        prefix("203.0.113.7/32"), timed("203.0.113.8/32", later),
        prefix("203.0.113.8/32")]), "several times in a message")
    tap.equal([time_of(sock, f"203.0.113.{t}") for t in ("0/24", "7/32", "8/32")],
              [later + 2, None, None], "the last one holds")
    answer = sock.do(K.CMD_PREFIX_REPLACE, [
        timed("203.0.113.0/24", 1), timed("203.0.113.9/32", 1),
        prefix("203.0.113.1/24", bad=True)])
    tap.equal((answer.error != 0, time_of(sock, "203.0.113.0/24"),
               time_of(sock, "203.0.113.9/32")), (True, later + 2, False),
              "a message that is refused lets nothing expire")


def enforced(tap, sock):
    """A hole in a pool closes."""
    end = now() + 2
    sock.do(K.CMD_PREFIX_ADD, [timed("100.64.1.1/32", end)])
    before = generation(sock)
    tap.equal(counter(sock, "100.64.1.1"),
              ("pass_exempt", ("100.64.1.1/32", end)), "exempt for two seconds")
    early = time.time() < end
    while counter(sock, "100.64.1.1")[0] == "pass_exempt" and time.time() < end + 60:
        early = time.time() < end
    seen = time.time()
    tap.equal(counter(sock, "100.64.1.1"), ("block", ("100.64.0.0/10", None)),
              "then the pool decides")
    # `early` was read before the last look that still found it
    tap.ok(seen >= end, "not a moment before", f"{seen - end:.3f} s after, {early}")
    tap.equal(generation(sock), before, "the generation has not moved")
    tap.equal(time_of(sock, "100.64.1.1/32"), False, "it is gone")

    sock.do(K.CMD_PREFIX_ADD, [
        timed("100.64.1.2/32", 1), timed("100.64.1.3/32", now()),
        timed("2001:db8::1/128", now() - 1, "exempt", "too late")])
    tap.equal(wait_for(gone(sock, "100.64.1.2/32", "100.64.1.3/32",
                            "2001:db8::1/128"), LATE), None,
              "a time that is past is accepted, and enforced")


def lateness(sock, name, end, clock=time.time):
    """Until @name is gone, how long after @end?"""
    wait_for(gone(sock, name), LATE)
    return clock() - end


def punctual(tap, sock):
    """Each way to expire, as soon as the header says."""
    def in_force():
        end = now() + 2
        sock.do(K.CMD_PREFIX_ADD, [timed("100.64.1.4/32", end)])
        return lateness(sock, "100.64.1.4/32", end)

    def past():
        start = time.time()
        sock.do(K.CMD_PREFIX_ADD, [timed("100.64.1.5/32", 1)])
        return lateness(sock, "100.64.1.5/32", start)

    def committed():
        end = now() + 2
        t = begin(sock)
        sock.do(K.CMD_FILL, [txn(t), prefix("100.64.0.0/10"),
                             timed("100.64.1.6/32", end)])
        sock.do(K.CMD_COMMIT, [txn(t), u8(K.A_MODE, K.MODE_ENFORCE)])
        return lateness(sock, "100.64.1.6/32", end)

    def sooner():
        end = now() + 2
        sock.do(K.CMD_PREFIX_ADD, [timed("100.64.1.7/32", end + 3600)])
        sock.do(K.CMD_PREFIX_REPLACE, [timed("100.64.1.7/32", end)])
        return lateness(sock, "100.64.1.7/32", end)

    in_time(tap, PROMISE, in_force, "a prefix expires")
    in_time(tap, PROMISE, past, "a time that is past is enforced")
    in_time(tap, PROMISE, committed, "so is one of a replacement")
    in_time(tap, PROMISE, sooner, "and one that was put forward")


def changed(tap, sock):
    """What is replaced, deleted or added again in the last moment."""
    end = now() + 2
    names = [f"100.64.2.{i}/32" for i in range(6)]
    sock.do(K.CMD_PREFIX_ADD, [timed(n, end) for n in names])
    sock.do(K.CMD_PREFIX_REPLACE, [
        timed(names[0], end + 3600), prefix(names[1], "exempt"),
        timed(names[2], 1)])
    sock.do(K.CMD_PREFIX_DEL, [prefix(names[3], None), prefix(names[4], None)])
    sock.do(K.CMD_PREFIX_ADD, [prefix(names[4], "exempt")])
    tap.equal(wait_for(gone(sock, names[2], names[5]), 2 + LATE), None,
              "what was to expire has")
    tap.equal([time_of(sock, n) for n in names[:2] + names[3:5]],
              [end + 3600, None, False, None],
              "what was replaced, deleted, or added again, not")

    lost = []
    for i in range(500):
        name = f"100.64.3.{i % 50}/32"
        sock.do(K.CMD_PREFIX_REPLACE, [timed(name, 1)])
        # at times the worker is first, at times it is not
        for _ in range(i % 7):
            number(sock, K.A_MEMORY)
        answer = sock.do(K.CMD_PREFIX_REPLACE, [timed(name, end + 3600)])
        if answer.error or time_of(sock, name) != end + 3600:
            lost.append(name)
    tap.equal(lost, [], "500 are added again as they expire; none is lost")
    tap.equal([n for n, t in times(sock).items()
               if n.startswith("100.64.3.") and t != end + 3600], [],
              "nor is any later")


def staged(tap, sock):
    """A replacement in the making while what it has expires in force."""
    end = now() + 2
    names = [f"100.64.4.{i}/32" for i in range(8)]
    both, later, never, by_hand, back, new, late, fill = names
    sock.do(K.CMD_PREFIX_ADD, [timed(n, end) for n in names[:5]])
    sock.do(K.CMD_PREFIX_ADD, [prefix(late, "exempt")])
    t = begin(sock)
    tap.accepted(sock.do(K.CMD_FILL, [
        txn(t), timed(both, end), timed(later, end + 3600), prefix(never, "exempt"),
        timed(by_hand, end), timed(back, end), timed(new, end, "exempt", "c"),
        prefix("100.64.0.0/10")]), "FILL, with other times and the same")
    tap.accepted(sock.do(K.CMD_FILL, [
        txn(t), timed(late, 1), *prefixes(
            prefix_rec("100.64.5.0/24", expires=end + 7200))]), "and more")
    # What the replacement took over is changed by hand; it remembers.
    sock.do(K.CMD_PREFIX_REPLACE, [timed(by_hand, end + 60)])
    sock.do(K.CMD_PREFIX_REPLACE, [prefix(by_hand, "exempt")])
    tap.equal(wait_for(gone(sock, *names[:3], back), 2 + LATE), None,
              "in force they expire")
    tap.accepted(sock.do(K.CMD_FILL, [txn(t), timed(fill, end + 10)]),
                 "FILL goes on")
    tap.accepted(sock.do(K.CMD_FILL, [txn(t), timed(back, end + 20)]),
                 "with one that has expired in the staged ruleset too")
    before = generation(sock)
    tap.accepted(sock.do(K.CMD_COMMIT, [txn(t), u8(K.A_MODE, K.MODE_ENFORCE)]),
                 "COMMIT")
    tap.equal(generation(sock), before + 1, "is one generation")
    tap.equal(wait_for(gone(sock, both, new, late, by_hand), LATE), None,
              "what was due is gone from it")
    tap.equal(times(sock), {
        later: end + 3600, never: None, back: end + 20, fill: end + 10,
        "100.64.5.0/24": end + 7200, "100.64.0.0/10": None}, "the rest is there")


def aborted(tap, sock):
    """No trace of a replacement that was forgotten."""
    sock.do(K.CMD_PREFIX_FLUSH)
    later = now() + 3600
    sock.do(K.CMD_PREFIX_ADD, [timed(f"100.64.6.{i}/32", later) for i in range(4)])
    before = state(sock), times(sock)
    settled, objects = wait_for_rest(sock), slabs()
    for _ in range(3):
        t = begin(sock)
        sock.do(K.CMD_FILL, [txn(t), timed("100.64.6.0/32", later),
                             timed("100.64.6.1/32", 1),
                             prefix("100.64.6.2/32", "exempt"),
                             timed("100.64.6.9/32", later, "exempt", "c")])
        sock.do(K.CMD_ABORT, [txn(t)])
    tap.equal((state(sock), times(sock)), before, "ABORT leaves all times alone")
    tap.equal(wait_for(back_to(settled, objects, sock)), None,
              "and its memory comes back")


def by_hand(sock, records):
    """Seconds to delete one, as many at a time as expire. It is the same work: on a
    CPU where this takes long the worker cannot be faster.
    """
    took = []
    for i in range(0, len(records), 2500):
        sock.do(K.CMD_PREFIX_ADD, prefixes(*records[i:i + 2500]))
    for i in range(0, len(records), BATCH):
        keys = pack(prefixes(*[r[:18] + bytes(6) for r in records[i:i + BATCH]]))
        start = time.monotonic()
        assert sock.do(K.CMD_PREFIX_DEL, keys).error == 0
        took.append(time.monotonic() - start)
    return statistics.median(took) / BATCH


def many(tap, sock):
    """A crowd expires at once."""
    sock.do(K.CMD_PREFIX_FLUSH)
    end = now() + 4
    rng = random.Random(25)
    rest = wait_for_rest(sock)
    nets = rng.sample(range(1 << 20), 20000)
    records = [prefix_rec(f"100.{64 + (i >> 16)}.{i >> 8 & 255}.{i & 255}/32", "exempt",
                          expires=end + n % 2) for n, i in enumerate(nets)]
    for i in range(0, len(records), 2500):
        assert sock.do(K.CMD_PREFIX_ADD, prefixes(*records[i:i + 2500])).error == 0
    sock.do(K.CMD_PREFIX_ADD, [prefix("100.64.0.0/10")])
    before = generation(sock)

    def left():
        n = number(sock, K.A_PREFIXES_V4)
        return None if n == 1 else f"{n} prefixes"

    def again():
        due = now() + 3
        for i in range(0, len(records), 2500):
            sock.do(K.CMD_PREFIX_ADD, prefixes(*[
                r[:-4] + struct.pack("=I", due) for r in records[i:i + 2500]]))
        filled = time.time()
        wait_for(left, 60)
        return time.time() - max(due, filled)

    tap.equal(wait_for(left, 60), None, f"{len(nets)} expire in two seconds")
    tap.equal((all_prefixes(sock)[0][1], len(all_prefixes(sock)), generation(sock)),
              ("block", 1, before), "all but the one that does not")
    each = by_hand(sock, [r[:-4] + bytes(4) for r in records])
    print(f"# {each * 1e6:.1f} us to delete one by hand")
    # twice: who looks whether they are gone takes some time, too
    in_time(tap, round(PROMISE + at_least(EACH, 2 * each) * len(nets), 1), again,
            f"{len(nets)} at once")
    sock.do(K.CMD_PREFIX_FLUSH)
    # An index and a directory that grew once are all that may stay.
    tap.equal(wait_for(lambda: None if number(sock, K.A_MEMORY) <= rest + (1 << 16)
                       else number(sock, K.A_MEMORY) - rest), None,
              "their memory comes back")


def clock(tap, sock):
    """The clock is set. At the end it is right again."""
    offset = time.clock_gettime(time.CLOCK_REALTIME) - time.monotonic()

    def step(seconds):
        time.clock_settime(time.CLOCK_REALTIME,
                           time.monotonic() + offset + seconds)

    sock.do(K.CMD_PREFIX_FLUSH)
    end = now() + 3600
    try:
        sock.do(K.CMD_PREFIX_ADD, [timed("100.64.7.1/32", end),
                                   timed("100.64.7.2/32", end + 86400)])
        step(-86400 * 365)
        tap.equal(time_of(sock, "100.64.7.1/32"), end,
                  "a clock that is set back a year changes no time")
        soon = now() + 2
        sock.do(K.CMD_PREFIX_ADD, [timed("100.64.7.3/32", soon)])
        tap.equal(wait_for(gone(sock, "100.64.7.3/32"), 2 + LATE), None,
                  "expiry goes by the new clock")
        step(3500)
        tap.equal(time_of(sock, "100.64.7.1/32"), end,
                  "set forward, but not far enough")
        step(3600 + 1)
        tap.equal(wait_for(gone(sock, "100.64.7.1/32"), LATE), None,
                  "set forward an hour, and what was due within it is gone")

        def forward():
            step(0)
            sock.do(K.CMD_PREFIX_ADD, [timed("100.64.7.4/32", now() + 3600)])
            start = time.monotonic()
            step(3600 + 1)
            return lateness(sock, "100.64.7.4/32", start, time.monotonic)

        in_time(tap, PROMISE, forward, "after the step")
        tap.equal(time_of(sock, "100.64.7.2/32"), end + 86400, "the next is not")
    finally:
        step(0)


def warned(tap, sock):
    """A week and a day before an exemption ends, once, and only then."""
    offset = time.clock_gettime(time.CLOCK_REALTIME) - time.monotonic()
    day, start = 86400, now()

    def step(seconds):
        time.clock_settime(time.CLOCK_REALTIME,
                           time.monotonic() + offset + seconds)

    def hear(ear):
        """The next but LOST: (event, prefix)"""
        event = ear.hear()
        return event and (event["EVENT"], str(event["PREFIX"][0]), event["PREFIX"][2])

    ends = {"100.64.10.1/32": 8 * day, "100.64.10.2/32": 6 * day,
            "100.64.10.3/32": 3600}
    sock.do(K.CMD_PREFIX_FLUSH)
    try:
        sock.do(K.CMD_PREFIX_ADD, [
            *[timed(n, start + t, "exempt", "ticket") for n, t in ends.items()],
            timed("100.64.10.4/32", start + 8 * day, "block")])
        # until the worker has looked at the clock, so that a step is seen
        step(120)
        time.sleep(1.5)
        with Listener() as ear:
            step(day + 600)
            tap.equal({hear(ear), hear(ear)}, {
                (K.EVENT_EXPIRING, "100.64.10.1/32", "ticket"),
                (K.EVENT_EXPIRED, "100.64.10.3/32", "ticket")},
                "a week before; what is due on the way is gone")
            step(5 * day + 600)
            tap.equal(hear(ear), (K.EVENT_EXPIRING, "100.64.10.2/32", "ticket"),
                      "a day before")
            step(7 * day + 600)
            tap.equal({hear(ear), hear(ear)}, {
                (K.EVENT_EXPIRING, "100.64.10.1/32", "ticket"),
                (K.EVENT_EXPIRED, "100.64.10.2/32", "ticket")}, "the other one")
            step(7 * day + 1200)
            time.sleep(1.5)
            tap.equal(ear.hear(0), None, "once, and not of what blocks")
    finally:
        step(0)
    sock.do(K.CMD_PREFIX_FLUSH)


def told_of(tap, sock):
    """Events and the counter: the first of a batch by name, then a number."""
    def total():
        stats = dict(unpack(sock.do(K.CMD_STATS_GET).first(K.A_STATS)))
        return int.from_bytes(stats[K.COUNTER_EXPIRED], byteorder)

    def event(**kw):
        return {"EVENT": K.EVENT_EXPIRED, "TIME": "now", "COUNT": 1,
                "ORIGIN": K.ORIGIN_CONFIG, "GENERATION": generation(sock), **kw}

    before = total()
    with Listener() as ear:
        sock.do(K.CMD_PREFIX_ADD, [timed("100.64.9.1/32", 1, "exempt", "ticket 4711")])
        tap.equal(ear.hear(), event(PREFIX=(
            net("100.64.9.1/32"), "exempt", "ticket 4711")),
            "the end of an exemption is told, with its comment")
        names = [f"100.64.9.{i}/32" for i in range(100)]
        sock.do(K.CMD_PREFIX_ADD, [timed(n, 1, "monitor") for n in names])
        heard, count = [], 0
        while count < len(names):
            heard.append(ear.hear())
            if heard[-1] is None:
                break
            count += heard[-1]["COUNT"]
        named = [str(e["PREFIX"][0]) for e in heard[:-1]]
        tap.ok(len(set(named)) == 16 and set(named) <= set(names),
               "of a hundred, 16 are named", named)
        tap.equal(heard[-1], event(COUNT=84), "and the others are a number")
        tap.equal(ear.hear(0), None, "that is all")
    tap.equal(total() - before, 101, "the counter has them all")
    sock.do(K.CMD_PREFIX_ADD, [timed("100.64.9.1/32", 1)])
    tap.equal(wait_for(lambda: None if total() - before == 102 else total()), None,
              "and counts on with nobody listening")


def deaths(tap, sock):
    """A namespace, and the module, go while something is due all the time."""
    def busy():
        unshare()
        from genl import Socket
        with Socket() as there:
            for i in range(200):
                there.do(K.CMD_PREFIX_REPLACE, [
                    timed(f"10.0.{i}.{j}/32", now() + j % 2) for j in range(50)])
        return 0

    pids = [child(busy) for _ in range(3)]
    tap.ok(all(os.waitpid(pid, 0)[1] == 0 for pid in pids),
           "namespaces die while their prefixes expire")
    # for run.py, which unloads the module
    sock.do(K.CMD_PREFIX_ADD, [timed("100.64.8.1/32", now() + 3600)])


def run(tap, sock):
    for group in (told, enforced, punctual, changed, staged, aborted, many, clock, warned,
                  told_of, deaths):
        group(tap, sock)
