# SPDX-License-Identifier: GPL-2.0
"""A replacement on trial: confirmed, rolled back by hand and by the clock, while
things expire, while its makers die.
"""
import contextlib
import glob
import os
import random
import subprocess
import threading
import time
from errno import EBUSY, EINVAL, ENOENT, ERANGE, ESTALE
from sys import byteorder

from events import Listener
from expiry import LATE, PROMISE, gone, now, time_of, timed, times
from faults import DEBUGFS, Operation, arm, attempt, router, send_syns, write
from genl import K, Socket, u8, u32, u64, unpack
from lives import back_to, child, in_time, slabs, unshare, wait_for, wait_for_rest
from op25b import base, generation, number, prefix, relay, state
from txns import begin, txn

BUSY = "the last change awaits its confirmation or rollback"
NOTHING = "nothing awaits its confirmation"
MOVED = "the generation has moved"
HOUR = 3600
WARNED = 1 << 9  # /proc/sys/kernel/tainted
ROUNDS, CROWD = 4, 30


def apply(sock, attrs, seconds=HOUR, mode=None):
    """A whole replacement, to be confirmed. Return: the new generation."""
    t = begin(sock)
    answer = sock.do(K.CMD_FILL, [txn(t)] + attrs)
    assert answer.error == 0, str(answer)
    answer = sock.do(K.CMD_COMMIT, [
        txn(t), u8(K.A_MODE, K.MODE_ENFORCE if mode is None else mode),
        u32(K.A_CONFIRM, seconds)])
    assert answer.error == 0, str(answer)
    return answer.number(K.A_GENERATION)


def left(sock):
    return number(sock, K.A_CONFIRM_LEFT)


def confirm(sock, bad=None):
    return sock.do(K.CMD_CONFIRM, [u64(K.A_GENERATION, generation(sock), bad=bad)])


def whole(sock):
    """All that a rollback brings back: all but generation and confirm_left."""
    knobs, prefixes, relays = state(sock)
    return ([k for k in knobs if k[0] not in (K.A_GENERATION, K.A_CONFIRM_LEFT)],
            prefixes, relays, times(sock))


def hooks(sock):
    answer = sock.do(K.CMD_GET)
    return [answer.number(k) for k in (K.A_MODE, K.A_HOOK_V4, K.A_HOOK_V6)]


def rolled_back(sock):
    stats = dict(unpack(sock.do(K.CMD_STATS_GET).first(K.A_STATS)))
    return int.from_bytes(stats[K.COUNTER_ROLLED_BACK], byteorder)


NEW = [prefix("100.64.0.0/10", "monitor", "new comment"), prefix("203.0.113.0/24"),
       relay("192.0.2.25", "another"), relay("192.0.2.26"), u8(K.A_REVERSE, 1)]


def refused(tap, sock):
    """What is wrong with the requests themselves."""
    for value in (0, K.MAX_CONFIRM + 1, 2**32 - 1):
        t = begin(sock)
        tap.refused(sock.do(K.CMD_COMMIT, [
            txn(t), u8(K.A_MODE, 0), u32(K.A_CONFIRM, value, bad=True)]),
            ERANGE, "integer out of range", f"COMMIT to be confirmed in {value} s")
        sock.do(K.CMD_ABORT, [txn(t)])
    tap.refused(confirm(sock), ENOENT, NOTHING, "CONFIRM of nothing")
    tap.refused(sock.do(K.CMD_ROLLBACK), ENOENT, NOTHING, "ROLLBACK of nothing")
    tap.refused(sock.do(K.CMD_CONFIRM), EINVAL, "no generation is given",
                "CONFIRM without a generation", K.A_GENERATION)
    tap.refused(sock.do(K.CMD_CONFIRM, [
        u64(K.A_GENERATION, 1), u64(K.A_GENERATION, 1, bad=True)]), EINVAL,
        "the attribute stands there twice", "CONFIRM with two")
    tap.refused(sock.do(K.CMD_CONFIRM, [u32(K.A_GENERATION, 1, bad=True)]), EINVAL,
                "invalid attribute length", "CONFIRM with a short one")
    tap.refused(sock.do(K.CMD_SET, [u32(K.A_CONFIRM, 5, bad=True)]), EINVAL,
                "Unsupported attribute", "SET to be confirmed")


def others(sock):
    """Every other change."""
    entry, host = [prefix("203.0.113.0/25")], [relay("203.0.113.1")]
    yield "PREFIX_ADD", entry
    yield "PREFIX_REPLACE", entry
    yield "PREFIX_DEL", [prefix("203.0.113.0/24", None)]
    yield "PREFIX_FLUSH", []
    yield "RELAY_ADD", host
    yield "RELAY_REPLACE", host
    yield "RELAY_DEL", [relay("192.0.2.25")]
    yield "RELAY_FLUSH", []
    yield "SET", [u8(K.A_MODE, K.MODE_MONITOR)]
    yield "SET", [u8(K.A_REVERSE, 0)]
    yield "SET", [u8(K.A_MODE, K.MODE_OFF), u8(K.A_REVERSE, 0)]
    yield "BEGIN", []


def confirmed(tap, sock):
    before = generation(sock)
    with Listener() as ear:
        start = time.monotonic()
        made = apply(sock, NEW)
        got, passed = left(sock), time.monotonic() - start
        heard = ear.hear()
        tap.equal((made, heard["EVENT"], heard["GENERATION"], heard["PID"]),
                  (before + 1, K.EVENT_REPLACED, made, os.getpid()),
                  "COMMIT on trial is the next generation, and told")
        tap.ok(HOUR - passed <= got <= HOUR, f"{got} of {HOUR} seconds are left")
        with open("/proc/net/op25b", encoding="ascii") as file:
            shown = dict(line.split() for line in file)
        passed = time.monotonic() - start
        tap.ok(HOUR - passed <= int(shown["confirm_left"]) <= got, "/proc says so",
               shown["confirm_left"])
        trial = state(sock)[1:]
        for name, attrs in others(sock):
            tap.refused(sock.do(getattr(K, "CMD_" + name), attrs), EBUSY, BUSY,
                        f"{name} while it is pending")
        tap.accepted(sock.do(K.CMD_STATS_RESET), "counters may be reset")
        tap.equal(state(sock)[1:], trial, "nothing has changed")
        tap.refused(sock.do(K.CMD_CONFIRM, [
            u64(K.A_GENERATION, made - 1, bad=True)]), ESTALE, MOVED,
            "CONFIRM of another generation")
        ear.all()
        answer = confirm(sock)
        tap.accepted(answer, "CONFIRM")
        tap.equal((answer.number(K.A_GENERATION), left(sock), state(sock)[1:]),
                  (made, 0, trial), "what was on trial stays, as it is")
        heard = ear.hear()
        tap.equal((heard["EVENT"], heard["GENERATION"], heard["PID"]),
                  (K.EVENT_CONFIRMED, made, os.getpid()), "it is told")
    tap.refused(confirm(sock), ENOENT, NOTHING, "CONFIRM twice")
    tap.refused(sock.do(K.CMD_ROLLBACK), ENOENT, NOTHING, "ROLLBACK after it")
    tap.accepted(sock.do(K.CMD_PREFIX_ADD, [prefix("203.0.113.0/25")]),
                 "changes are possible again")


def by_hand(tap, sock):
    before, made = whole(sock), generation(sock)
    apply(sock, NEW)
    tap.ok(whole(sock) != before, "something else is on trial")
    answer = sock.do(K.CMD_ROLLBACK)
    tap.accepted(answer, "ROLLBACK")
    tap.equal(whole(sock), before, "all is as before")
    tap.equal((answer.number(K.A_GENERATION), generation(sock)),
              (made + 2, made + 2), "but for the generation, which goes on")
    tap.refused(sock.do(K.CMD_ROLLBACK), ENOENT, NOTHING, "ROLLBACK twice")
    apply(sock, [])
    tap.equal(state(sock)[1:], ([], []), "nothing at all on trial")
    sock.do(K.CMD_ROLLBACK)
    tap.equal(whole(sock), before, "and all is as before")


def by_clock(tap, sock):
    before, made, count = whole(sock), generation(sock), rolled_back(sock)
    with Listener() as ear:
        start = time.monotonic()
        apply(sock, NEW, 2)
        ear.all()
        tap.equal(left(sock) in (1, 2), True, "two seconds")
        tap.equal(wait_for(lambda: left(sock) or None, 2 + LATE), None,
                  "nobody confirms")
        took = time.monotonic() - start
        tap.ok(2 <= took, "and no sooner it is over", took)
        heard = ear.hear()
        tap.equal((heard["EVENT"], heard["GENERATION"], "PID" in heard),
                  (K.EVENT_ROLLED_BACK, made + 2, False), "as is told, of nobody")
    tap.equal((whole(sock), generation(sock)), (before, made + 2), "all is as before")
    tap.equal(rolled_back(sock), count + 1, "it is counted")
    tap.refused(confirm(sock), ENOENT, NOTHING, "CONFIRM comes too late")
    # setting the clock is no way to roll back
    real = time.time() - time.monotonic()
    apply(sock, NEW, 60)
    try:
        time.clock_settime(time.CLOCK_REALTIME, real + time.monotonic() + 86400)
        time.sleep(1.5)
        tap.ok(0 < left(sock) <= 60, "the clock of the day is another one")
    finally:
        time.clock_settime(time.CLOCK_REALTIME, real + time.monotonic())
    sock.do(K.CMD_ROLLBACK)


def punctual(tap, sock):
    """A dropped ssh session costs the seconds that were said."""
    def trial():
        apply(sock, NEW, 1)
        end = time.monotonic() + 1  # the kernel's is a moment earlier
        wait_for(lambda: left(sock) or None, LATE)
        return max(time.monotonic() - end, 0)

    in_time(tap, PROMISE, trial, "a rollback comes")


def expiring(tap, sock):
    """Both rulesets, each with its own times."""
    end = now() + 3
    names = [f"100.64.4.{i}/32" for i in range(7)]
    same, sooner, later, never, old, new, word = names
    sock.do(K.CMD_PREFIX_ADD, [
        timed(same, end), timed(sooner, end + HOUR, comment="was"),
        timed(later, end), prefix(never, "exempt"), timed(old, end),
        timed(word, end, comment="was")])
    apply(sock, [
        timed(same, end), timed(sooner, end), timed(later, end + HOUR),
        timed(never, end), timed(new, end), timed(word, end, comment="is"),
        prefix("203.0.113.0/24")])
    tap.equal(wait_for(gone(sock, same, sooner, never, new, word), 3 + LATE), None,
              "on trial they expire")
    tap.equal(times(sock), {later: end + HOUR, "203.0.113.0/24": None},
              "what has more time stays")
    before = generation(sock)
    tap.accepted(sock.do(K.CMD_ROLLBACK), "ROLLBACK")
    tap.equal(generation(sock), before + 1, "one generation")
    tap.equal(wait_for(gone(sock, same, later, old, word), LATE), None,
              "what has expired does not come back")
    got = {n: t for n, t in times(sock).items() if n.startswith("100.64.4.")}
    tap.equal(got, {sooner: end + HOUR, never: None}, "the rest has its old times")
    comments = {str(p[0]): p[2] for p in state(sock)[1]}
    tap.equal(comments.get(sooner), "was", "and comments")

    # a time put off on trial stays so when confirmed
    end = now() + 2
    sock.do(K.CMD_PREFIX_REPLACE, [timed(same, end), timed(later, end)])
    apply(sock, [timed(same, end + HOUR), timed(later, end)])
    confirm(sock)
    tap.equal(wait_for(gone(sock, later), 2 + LATE), None, "confirmed, and expires")
    tap.equal(time_of(sock, same), end + HOUR, "or stays, as the new ruleset has it")


def modes(tap, sock):
    """Hooks: neither rollback nor confirmation leaves the wrong ones."""
    enforce, off = [K.MODE_ENFORCE, 1, 1], [K.MODE_OFF, 0, 0]
    apply(sock, NEW, mode=K.MODE_OFF)
    tap.equal(hooks(sock), off, "mode off on trial lets the hooks go")
    sock.do(K.CMD_ROLLBACK)
    tap.equal(hooks(sock), enforce, "and the rollback brings them back")
    apply(sock, NEW, mode=K.MODE_OFF)
    confirm(sock)
    tap.equal(hooks(sock), off, "confirmed, it lets them go")
    apply(sock, NEW)
    tap.equal(hooks(sock), enforce, "enforce on trial after off")
    sock.do(K.CMD_ROLLBACK)
    tap.equal(hooks(sock), off, "rolled back, hooks leave")

    base(sock)
    before = whole(sock)
    apply(sock, NEW)
    tap.accepted(sock.do(K.CMD_SET, [u8(K.A_MODE, K.MODE_OFF)]),
                 "SET mode off alone, while pending")
    tap.equal(hooks(sock), off, "is in force at once")
    sock.do(K.CMD_ROLLBACK)
    tap.equal(hooks(sock), off, "and survives the rollback")
    tap.equal(whole(sock)[1:], before[1:], "which brings back all else")


def counted(sock):
    """Packets that were judged to be a blocked subscriber's."""
    stats = dict(unpack(sock.do(K.CMD_STATS_GET).first(K.A_STATS)))
    return [int.from_bytes(stats[c], byteorder)
            for c in (K.COUNTER_BLOCK, K.COUNTER_WOULD_BLOCK)]


def forwarded():
    """Packets that the kernel itself says it has forwarded."""
    with open("/proc/net/snmp", encoding="ascii") as file:
        names, values = [line.split() for line in file if line.startswith("Ip:")]
    return int(dict(zip(names, values))["ForwDatagrams"])


def unhooked():
    """Mode off on trial: the kernel forwards packets, none of which comes by."""
    def seen(wanted):
        return wait_for(lambda: None if counted(sock) == wanted else counted(sock))

    unshare()
    with Socket() as sock:
        base(sock)
        fd = router()
        blocked, passed = counted(sock)
        send_syns(fd, 3)
        assert seen([blocked + 3, passed]) is None, "in mode enforce 3 are blocked"
        apply(sock, [prefix("100.64.0.0/10")], mode=K.MODE_OFF)
        gone = forwarded() + 5
        send_syns(fd, 5)
        assert wait_for(lambda: None if forwarded() >= gone else 1) is None, "5 pass"
        assert counted(sock) == [blocked + 3, passed], "and are not looked at"
        sock.do(K.CMD_ROLLBACK)
        send_syns(fd, 2)
        assert seen([blocked + 5, passed]) is None, "rolled back, 2 are blocked"
    return 0


def faulty(tap, what):
    """Can allocations be made to fail here? From here on they may."""
    if not os.path.exists("/proc/self/fail-nth"):
        tap.skip(what, "no fault injection in this kernel")
        return False
    if not os.path.isdir(f"{DEBUGFS}/failslab"):
        subprocess.run(["mount", "-t", "debugfs", "none", DEBUGFS], check=True)
    arm()
    return True


def no_hooks(tap, sock):
    """A rollback that cannot have its hooks: each allocation fails in turn."""
    if not faulty(tap, "a rollback that cannot have its hooks"):
        return
    before, wrong, refused = whole(sock), [], 0
    for n in range(1, 100):
        if not left(sock):
            apply(sock, NEW, mode=K.MODE_OFF)
        trial, made = whole(sock), generation(sock)
        with Socket() as poor:
            nth, answer = attempt(poor, n, Operation("", K.CMD_ROLLBACK), None)
        refused += answer.sentence == "the hooks could not be registered"
        now = whole(sock), generation(sock), hooks(sock)
        if now != ((trial, made, [K.MODE_OFF, 0, 0]) if left(sock) else
                   (before, made + 1, [K.MODE_ENFORCE, 1, 1])):
            wrong.append((n, str(answer), now))
        if not nth.hit:
            break
    tap.equal(wrong, [], "it is as on trial, or as before, and whole")
    tap.ok(refused >= 2, f"{refused} times it is refused for want of hooks", str(answer))
    tap.equal(left(sock), 0, "without a failure it is done")


def no_hooks_in_time(tap, sock):
    """The same when nobody confirms: allocations fail of each kernel thread that
    works for all, again and again: the first may be of another's work. If one was
    just before, once more.
    """
    if not faulty(tap, "a late rollback that cannot have its hooks"):
        return
    before = whole(sock)
    with Listener() as ear:
        for _ in range(10):
            apply(sock, NEW, 1, mode=K.MODE_OFF)
            made = generation(sock)
            with poor_workers() as armed:
                heard = hear_end(ear)
            if heard["EVENT"] == K.EVENT_ROLLBACK_FAILED:
                break
        failed = time.monotonic()
        tap.equal((heard["EVENT"], heard["GENERATION"], "PID" in heard),
                  (K.EVENT_ROLLBACK_FAILED, made, False),
                  f"it is told, {max(armed)} threads were without memory")
        tap.equal((generation(sock), hooks(sock), left(sock)),
                  (made, [K.MODE_OFF, 0, 0], 1), "what is on trial stays, still pending")
        heard = hear_end(ear)
        took = time.monotonic() - failed
        tap.equal((heard["EVENT"], heard["GENERATION"], whole(sock), hooks(sock)),
                  (K.EVENT_ROLLED_BACK, made + 1, before, [K.MODE_ENFORCE, 1, 1]),
                  "it is tried again, and all is as before")
        tap.ok(took <= 1 + LATE, "a second later", took)


@contextlib.contextmanager
def poor_workers():
    """Gives a list that grows: how many threads there were each time."""
    def arm_all():
        while not over.wait(0.02):
            armed.append(arm_workers(1))

    armed, over = [], threading.Event()
    thread = threading.Thread(target=arm_all)
    thread.start()
    try:
        yield armed
    finally:
        over.set()
        thread.join()
        arm_workers(0)


def hear_end(ear):
    """Of a trial that nobody confirms."""
    while True:
        heard = ear.hear()
        if heard is None or heard["EVENT"] in (K.EVENT_ROLLBACK_FAILED,
                                               K.EVENT_ROLLED_BACK):
            return heard


def arm_workers(nth):
    """Return: how many threads there are."""
    armed = 0
    for path in glob.glob("/proc/[0-9]*/comm"):
        with contextlib.suppress(OSError):
            with open(path, encoding="ascii") as file:
                unbound = file.read().startswith("kworker/u")
            if unbound:
                write(path.replace("comm", "fail-nth"), str(nth))
                armed += 1
    return armed


def races(tap, sock):
    """CONFIRM as the time runs out: one of the two wins, whole."""
    seed = random.getrandbits(32)
    print(f"# seed {seed}")
    rng = random.Random(seed)
    wrong, won = [], 0
    for i in range(12):
        old = whole(sock)
        made = apply(sock, [prefix(f"203.0.113.{i}/32"), relay("192.0.2.25", str(i))], 1)
        end = time.monotonic() + 1
        trial = whole(sock)
        while time.monotonic() < end + rng.uniform(-0.02, 0.1):
            pass
        answer = sock.do(K.CMD_CONFIRM, [u64(K.A_GENERATION, made)])
        won += answer.error == 0
        wanted = {0: (trial, made), ENOENT: (old, made + 1)}.get(answer.error)
        if (whole(sock), generation(sock)) != wanted or left(sock):
            wrong.append((i, str(answer)))
    tap.equal(wrong, [], f"12 times CONFIRM in the last moment, {won} in time")


class FailNth:
    """The allocation of this thread with that number fails. Its files are open
    before, since opening them takes memory.
    """

    def __init__(self, nth):
        path = "/proc/thread-self/fail-nth"
        self.read, self.write = os.open(path, os.O_RDONLY), os.open(path, os.O_WRONLY)
        os.write(self.write, str(nth).encode())

    def end(self):
        """Return: did it come to that?"""
        left_over = os.read(self.read, 32)
        os.write(self.write, b"0")
        os.close(self.read)
        os.close(self.write)
        return int(left_over) == 0


def ends(tap, sock):
    """Namespaces that die in the second in which their trials end: who rolls back
    takes the hooks away, or brings them back, and who tears down takes them away.
    The kernel's log is the judge, here and at the end of the run.
    """
    def trial(gate, ready, delay, before, mode):
        os.close(gate[1])
        unshare()
        with Socket() as there:
            base(there)
            there.do(K.CMD_SET, [u8(K.A_MODE, before)])
            t = begin(there)
            there.do(K.CMD_FILL, [txn(t)] + NEW)
            os.write(ready, b"1")
            os.read(gate[0], 1)
            end = time.monotonic() + 1 + delay
            answer = there.do(K.CMD_COMMIT, [
                txn(t), u8(K.A_MODE, mode), u32(K.A_CONFIRM, 1)])
            time.sleep(max(end - time.monotonic(), 0))
        return answer.error

    sock.do(K.CMD_PREFIX_FLUSH)
    sock.do(K.CMD_RELAY_FLUSH)
    settled, objects = wait_for_rest(sock), slabs()
    rng, died = random.Random(25), 0
    for _ in range(ROUNDS):
        (receive, ready), gate = os.pipe(), os.pipe()
        modes = [K.MODE_OFF, K.MODE_ENFORCE]
        pids = [child(trial, gate, ready, rng.uniform(0, 0.03), *modes[::(-1) ** i])
                for i in range(CROWD)]
        for _ in pids:
            os.read(receive, 1)
        os.close(gate[1])
        died += sum(os.waitpid(pid, 0)[1] == 0 for pid in pids)
        for fd in (receive, ready, gate[0]):
            os.close(fd)
    tap.equal(died, ROUNDS * CROWD, "namespaces die as their trials end")
    tap.equal(wait_for(back_to(settled, objects, sock)), None,
              "their memory comes back")
    with open("/proc/sys/kernel/tainted", encoding="ascii") as file:
        tap.equal(int(file.read()) & WARNED, 0, "without a warning of the kernel")


def starved(tap, sock):
    """A rollback that finds no memory is a rollback."""
    if not faulty(tap, "allocations of a rollback fail"):
        return
    wrong, done = [], 0
    for nth in range(1, 100):
        old = whole(sock)
        apply(sock, NEW)
        with Socket() as poor:
            poor.resolve()
            fault = FailNth(nth)
            try:
                poor.send(poor.family, K.CMD_ROLLBACK, [])
            except OSError:
                pass  # the message did not get out
            untouched = not fault.end()
        if not left(sock):
            done += 1
        elif untouched or sock.do(K.CMD_ROLLBACK).error:
            wrong.append((nth, "pending"))  # or the core had no memory for it
        if whole(sock) != old:
            wrong.append((nth, "not as before"))
        if untouched:
            break
    tap.equal(wrong, [], f"{nth - 1} allocations of a rollback fail")
    tap.ok(nth > 3 and done > 1, f"{done} times it had begun", nth)


def deaths(tap, sock):
    base(sock)
    before = whole(sock)
    with Socket() as dying:
        made = apply(dying, NEW)
    tap.ok(left(sock) > 0, "the socket that committed dies, the trial goes on")
    tap.accepted(sock.do(K.CMD_ROLLBACK), "and another ends it")
    tap.equal(whole(sock), before, "all is as before")

    sock.do(K.CMD_PREFIX_FLUSH)
    sock.do(K.CMD_RELAY_FLUSH)
    settled, objects = wait_for_rest(sock), slabs()
    many = [timed(f"10.1.{i}.{j}/32", now() + HOUR, comment="c")
            for i in range(10) for j in range(100)]
    for end in (confirm, lambda s: s.do(K.CMD_ROLLBACK)):
        for _ in range(2):
            apply(sock, many + [relay("192.0.2.25", "x")])
            end(sock)
            apply(sock, many[::2] + [relay("192.0.2.25", "y")])
            end(sock)
            wait_for_rest(sock)
        sock.do(K.CMD_PREFIX_FLUSH)
        sock.do(K.CMD_RELAY_FLUSH)
        tap.equal(wait_for(back_to(settled, objects, sock)), None,
                  "memory comes back after both ends of a trial")

    def trial():
        unshare()
        with Socket() as there:
            apply(there, many[:300])
            confirm(there)
            apply(there, many[200:500])
        return 0

    pids = [child(trial) for _ in range(4)]
    tap.ok(all(os.waitpid(p, 0)[1] == 0 for p in pids), "namespaces die on trial")
    tap.equal(wait_for(back_to(settled, objects, sock)), None,
              "their memory comes back")
    made = apply(sock, many)
    done = subprocess.run(["rmmod", "op25b"], capture_output=True, check=False)
    tap.ok(done.returncode == 0, "the module unloads while a trial is pending",
           done.stderr.decode())
    subprocess.run(["insmod", os.environ["OP25B_KO"]], check=True)
    sock.family = None
    tap.ok(sock.resolve() is not None and not left(sock) and made,
           "and begins anew")


def run(tap, sock):
    tap.ok(os.waitpid(child(unhooked), 0)[1] == 0,
           "in mode off on trial no packet is looked at")
    for group in (refused, confirmed, by_hand, by_clock, punctual, expiring, modes, races,
                  ends, starved, no_hooks, no_hooks_in_time, deaths):
        base(sock)
        group(tap, sock)
