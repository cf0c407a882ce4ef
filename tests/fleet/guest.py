#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0
"""guest.py [ROUTERS [all|CASE...]]: the cases, in the guest. All the while every source
sends mail through every router; of a source that a case has blocked none may come
through. In the end of each case every router has what the reflector announces.
TAP on standard output."""
import os
import re
import signal
import sys
import time

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
# pylint: disable=wrong-import-position
import net
from daemons import TOOL, Bird, Frr, Reflector
from net import sh, until
from tap import Tap

FRESH = 1.0     # seconds from the announcement until the last router blocks
LINGER = 4
BASE = {**{f"100.64.1.{i}/32": "block" for i in range(20)},
        **{f"2001:db8:64:1::{i:x}/128": "block" for i in range(1, 21)},
        **{f"100.64.2.{i}/32": "monitor" for i in range(5)},
        **{f"100.64.3.0/{i}": "exempt" for i in range(24, 29)},
        **{f"2001:db8:64:3::/{i}": "exempt" for i in range(64, 69)}}
VICTIMS = ["100.64.1.7", "2001:db8:64:1::7"]     # blocked all along
NEW = ["100.64.9.9", "2001:db8:64:9::9"]         # announced by the cases


class Fleet:
    def __init__(self, tap, count):
        self.tap = tap
        names = [f"r{i}" for i in range(count)]
        net.build(names)
        sh(f"insmod {os.environ['OP25B_KO']}")
        self.rr = Reflector(names)
        self.rr.announced = dict(BASE)
        self.rr.write()
        self.rr.bird.start()
        # The last one's buffer holds few notifications.
        self.routers = [(Bird, Frr)[i % 2](name, i, 4096 if i == count - 1 else 1 << 20)
                        for i, name in enumerate(names)]
        for router in self.routers:
            router.start()
            router.follow()
        self.mail = net.Mail(names)
        self.mail.sources = VICTIMS + NEW

    def host(self, address):
        return address + ("/128" if ":" in address else "/32")

    def equal(self, what, seconds=60):
        """Every router has what is announced, and nothing is missing or held."""
        def differ(router):
            have, want = router.entries(), self.rr.announced
            state = router.show()
            if have == want and not state.get("missing") and state["state"] == "in-force":
                return None
            return (router.name, state, {p: (want.get(p), have.get(p)) for p in {*have, *want}
                                         if want.get(p) != have.get(p)})
        wrong = until(lambda: not [d for d in map(differ, self.routers) if d], seconds, 0.2)
        self.tap.ok(wrong, f"{what}: every router equals its table",
                    *[d for d in map(differ, self.routers) if d])

    def guard(self):
        """From now on nothing of the victims may come through."""
        for victim in VICTIMS:
            self.mail.stops(victim, time.monotonic())
        self.mail.block(VICTIMS)

    def unguard(self, what):
        for victim in VICTIMS:
            self.mail.settled(victim)
        through = self.mail.allow()
        self.tap.ok(not through, f"{what}: no blocked mail came through", through[:10])

    def outage(self, what, down, up, stay=0.0):
        """Something is down for longer than it takes to notice, and is up again."""
        self.guard()
        down()
        time.sleep(stay)
        up()
        self.equal(what)
        self.unguard(what)


def first_sync(fleet):
    fleet.equal("from the start", 120)


def fast(fleet, source, what):
    """To blocked and to exempt, each in less than FRESH. The machine may be busy with
    something else: the best of five."""
    best = [float("inf")] * 2
    for _ in range(5):
        for n, (kind, wait) in enumerate((("block", fleet.mail.stops),
                                          ("exempt", fleet.mail.begins))):
            took = wait(source, fleet.rr.announce({fleet.host(source): kind}))
            best[n] = min(best[n], float("inf") if took is None else took)
        if max(best) < FRESH:
            break
    fleet.tap.note(f"{what}: announced to blocked in {best[0]:.2f} s, to exempt in {best[1]:.2f} s")
    fleet.tap.ok(max(best) < FRESH, f"{what}: announced to blocked, and to exempt, in less than "
                 f"{FRESH} s on the last router", best)


def announced(fleet):
    """Block, exempt, block, and gone after linger."""
    tap, rr, mail = fleet.tap, fleet.rr, fleet.mail
    for source in NEW:
        family = "IPv6" if ":" in source else "IPv4"
        host = fleet.host(source)
        begun = mail.begins(source, time.monotonic())
        tap.ok(begun is not None, f"{family}: mail passes at first")
        fast(fleet, source, family)
        rr.announce({host: "block"})
        fleet.equal(f"{family}: blocked")
        start = rr.announce({host: None})
        took = mail.begins(source, start)
        tap.ok(took is not None and took > LINGER - 0.1, f"{family}: withdrawn, it stays for linger",
               f"{took} s")
        fleet.equal(f"{family}: withdrawn")


def follower(fleet):
    def every(method, *args):
        for router in fleet.routers:
            getattr(router, method)(*args)
    for how in (signal.SIGKILL, signal.SIGTERM):
        # What changes while none runs is in force once one does.
        host = fleet.host(NEW[0])

        def up():
            fleet.rr.announce({host: "block"})
            every("follow")
        fleet.outage(f"followers end by {how.name}", lambda: every("unfollow", how), up, 1)
        fleet.rr.announce({host: None})
        fleet.equal(f"followers ended by {how.name}, a withdrawal")
    other = sh(f"{TOOL} -n r0 routes follow {fleet.routers[0].routes} 2>&1; echo $?", check=False)
    fleet.tap.ok(other.endswith("another one runs already\n1\n"), "a second follower is refused", other)


def linger(fleet, how_long):
    for router in fleet.routers:
        with open(router.routes, encoding="utf-8") as file:
            text = re.sub(r"^linger .*", f"linger {how_long}", file.read(), flags=re.M)
        with open(router.routes, "w", encoding="utf-8") as file:
            file.write(text)
        router.unfollow(signal.SIGTERM)
        router.follow()
    fleet.equal(f"linger {how_long}")


def restart(router, daemon):
    """As watchfrr does it, where zebra has ended: all others are stopped, for they may
    not give it all of their routes again."""
    again = router.daemons if daemon is router.daemons[0] else [daemon]
    for other in again:
        if other is not daemon:
            other.kill(signal.SIGTERM)
    for each in again:
        each.start()


def daemons(fleet):
    # What is back in time: those of one family may come seconds after the other's.
    linger(fleet, "1m")
    for router in fleet.routers[:2]:
        for daemon in router.daemons:
            name = os.path.basename(daemon.command.split()[0])
            for how in (signal.SIGKILL, signal.SIGTERM):
                fleet.outage(f"{router.name}: {name} ends by {how.name}",
                             lambda d=daemon, h=how: d.kill(h),
                             lambda r=router, d=daemon: restart(r, d), 1)
    linger(fleet, f"{LINGER}s")


def reflector(fleet):
    bird = fleet.rr.bird
    for how in (signal.SIGKILL, signal.SIGTERM):
        fleet.outage(f"the reflector ends by {how.name}", lambda h=how: bird.kill(h), bird.start, 1)
    # Longer than linger: most of all would go, and is held.
    fleet.guard()
    fleet.rr.graceful = False
    fleet.rr.announce({})
    fleet.equal("the reflector has no graceful restart")
    bird.kill()
    held = until(lambda: all(r.show()["state"] == "held" for r in fleet.routers), 60, 0.2)
    fleet.tap.ok(held, "no reflector for longer than linger: all is held",
                 *[r.show() for r in fleet.routers])
    doctor = fleet.routers[0].ctl("doctor", check=False)
    fleet.tap.ok("held: most routes" in doctor, "doctor says so", doctor)
    bird.start()
    fleet.equal("the reflector is back")
    fleet.rr.graceful = True
    fleet.rr.announce({})
    fleet.equal("the reflector has graceful restart")
    fleet.unguard("no reflector for longer than linger")


def partition(fleet):
    """Frames get lost, silently, for longer than the hold time and linger."""
    ports = [f"p{r.name}" for r in fleet.routers]

    def state(number):
        for port in ports:
            sh(f"bridge -n mesh link set dev {port} state {number}")
    fleet.outage("a silent partition", lambda: state(0), lambda: state(3), 3 + LINGER + 2)


def links(fleet):
    def every(state):
        for router in fleet.routers:
            sh(f"ip -n {router.name} link set bgp {state}")
            if state == "up":
                # The kernel drops it with the link.
                sh(f"ip -n {router.name} addr add fd00::{router.number + 2:x}/64 dev bgp nodad",
                   check=False)
    fleet.outage("links go down and up", lambda: every("down"), lambda: every("up"), 2)


def burst(fleet):
    """More than a buffer of 4 KiB holds, at once."""
    many = {f"100.65.{i // 250}.{i % 250}/32": "block" for i in range(2000)}
    last = fleet.routers[-1]
    before = last.show()["overruns"]
    fleet.guard()
    fleet.rr.announce(many)
    fleet.equal("a burst of 2000", 120)
    fleet.tap.ok(last.show()["overruns"] > before, "and notifications were lost", last.show())
    fleet.rr.announce({p: None for p in many})
    held = until(lambda: all(r.show()["state"] == "held" for r in fleet.routers), 60, 0.2)
    fleet.tap.ok(held, "most of a class is withdrawn: it is held",
                 *[r.show() for r in fleet.routers])
    for router in fleet.routers:
        router.ctl("routes accept")
    fleet.equal("accepted", 120)
    fleet.unguard("a burst")


def leaks(fleet):
    short = {"0.0.0.0/0": "exempt", "100.0.0.0/7": "exempt", "::/0": "exempt",
             "2001::/18": "exempt"}
    config = fleet.routers[0].ctl("conf show")
    fleet.guard()
    fleet.rr.announce(short)
    refused = until(lambda: all(r.show().get("refused", 0) >= 3 for r in fleet.routers), 30, 0.2)
    fleet.tap.ok(refused, "0/0 and short prefixes are refused, and counted",
                 *[r.show() for r in fleet.routers])
    for prefix in short:
        fleet.rr.announced.pop(prefix)
    fleet.equal("short prefixes are announced")
    fleet.rr.announce({})
    limit = len(BASE) + 10
    for router in fleet.routers:
        router.ctl(f"set max-bgp-prefixes {limit}")
    leak = {f"100.66.0.{i}/32": "exempt" for i in range(200)}
    fleet.rr.announce(leak)
    refused = until(lambda: all(r.show().get("refused", 0) == 190 for r in fleet.routers), 30, 0.2)
    fleet.tap.ok(refused, "what is beyond the limit is refused, and counted",
                 *[r.show() for r in fleet.routers])
    told = [[r.ctl("doctor", check=False), r.said()] for r in fleet.routers]
    fleet.tap.ok(all("190 routes were refused" in d and "refused: too short" in s
                     for d, s in told), "doctor and the log say so", *told)
    fleet.tap.ok(all({p: k for p, k in r.entries().items() if p in BASE} == BASE and
                     len(r.entries()) == limit for r in fleet.routers),
                 "all that was in force stays, and what fits comes")
    fleet.rr.announce({p: None for p in leak})
    for router in fleet.routers:
        router.ctl("set max-bgp-prefixes 1048576")
    until(lambda: all(r.show().get("held") for r in fleet.routers), 30, 0.2)
    for router in fleet.routers:
        router.ctl("routes accept")
    fleet.equal("the leak is over")
    now = fleet.routers[0].ctl("conf show")
    fleet.tap.ok(now == config, "the configuration is untouched", config, now)
    fleet.unguard("leaks")


def reload(fleet):
    """The module goes and comes, while one route lingers: that is in force, too."""
    victim = fleet.host(VICTIMS[0])
    linger(fleet, "1h")
    fleet.rr.announce({victim: None})
    until(lambda: all(r.show().get("missing") == 1 for r in fleet.routers), 30, 0.2)
    resyncs = [r.show()["resyncs"] for r in fleet.routers]
    sh("rmmod op25b")
    gone = until(lambda: all(r.show()["state"] != "in-force" for r in fleet.routers), 30, 0.2)
    fleet.tap.ok(gone, "without the module it says so", *[r.show() for r in fleet.routers])
    sh(f"insmod {os.environ['OP25B_KO']}")
    for router in fleet.routers:
        router.configure()
    start = time.monotonic()
    back = until(lambda: all(len(r.entries()) == len(BASE) for r in fleet.routers), 60)
    fleet.tap.ok(back, "the module is loaded anew: all is in force again",
                 *[sorted(r.entries()) for r in fleet.routers])
    fleet.tap.note(f"after {time.monotonic() - start} s")
    fleet.tap.ok(all(r.show()["resyncs"] > n for r, n in zip(fleet.routers, resyncs)),
                 "that is counted", *[r.show() for r in fleet.routers])
    took = fleet.mail.stops(VICTIMS[0], start)
    fleet.tap.ok(took is not None, "what lingers is blocked, too", took)
    fleet.rr.announce({victim: "block"})
    fleet.equal("announced again")


def others(fleet):
    """Somebody else writes what is routes'."""
    fleet.routers[0].ctl("prefix del 100.64.1.3/32 origin bgp")
    fleet.routers[0].ctl("prefix replace 100.64.1.4/32 exempt origin bgp")
    fleet.equal("another writer")


# Those of `make check`; the rest is asked for, by name or as `all`.
SHORT = (first_sync, announced, others, burst)
CASES = SHORT + (leaks, follower, reflector, partition, links, daemons, reload)


def main():
    tap = Tap()
    count = int(sys.argv[1]) if len(sys.argv) > 1 else 2
    fleet = Fleet(tap, count)
    asked = sys.argv[2:] or [case.__name__ for case in SHORT]
    for case in CASES:
        if case is first_sync or "all" in asked or case.__name__ in asked:
            start = time.monotonic()
            case(fleet)
            tap.note(f"{case.__name__}: {time.monotonic() - start:.1f} s")
    print(f"1..{tap.count}", flush=True)
    if tap.bad:
        for router in fleet.routers:
            tap.note(router.name + ":\n" + router.said()[-1500:])
    sys.stdout.flush()
    os._exit(tap.bad > 0)


main()
