#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0
"""races.py HOOKS [SESSIONS]: hooks that overtake each other. Each is started at its time, is
stopped before it runs a line of its own, and goes on when its turn comes: in each
order, and all at once, SESSIONS (40) of them by dice, that of OP25B_SEED. The oracle takes
the events one by one, as they happened. TAP."""
import itertools
import os
import random
import signal
import subprocess
import sys
import tempfile
import time

HOOKS = sys.argv[1]
SESSIONS = int(sys.argv[2]) if len(sys.argv) > 2 else 40
SEED = int(os.environ.get("OP25B_SEED") or random.randrange(1 << 30))
STUB = os.path.join(os.path.dirname(os.path.abspath(__file__)), "op25bctl")

A, B = "100.64.7.9", "100.64.7.10"
ROUTE = "192.0.2.8/29"

# What happens in its order: event, interface, address, class, route.
SCENES = {
    "a line dials in anew by another interface": [
        ("up", "ppp0", A, "exempt", ""), ("down", "ppp0", A, "", ""),
        ("up", "ppp1", A, "block", "")],
    "and by the same, with the same address": [
        ("up", "ppp0", A, "exempt", ROUTE), ("down", "ppp0", A, "", ""),
        ("up", "ppp0", A, "exempt", "")],
    "and by the same, with another address": [
        ("up", "ppp0", A, "exempt", ""), ("down", "ppp0", A, "", ""),
        ("up", "ppp0", B, "block", ROUTE)],
    "the next one has no class": [
        ("up", "ppp0", A, "exempt", ""), ("up", "ppp1", A, "", ""),
        ("down", "ppp0", A, "", "")],
    "the old session ends after the new one began": [
        ("up", "ppp0", A, "exempt", ""), ("up", "ppp1", A, "monitor", ""),
        ("change", "ppp1", A, "block", ""), ("down", "ppp0", A, "", "")],
    "a change, and the end": [
        ("up", "ppp0", A, "exempt", ""), ("change", "ppp0", A, "block", ""),
        ("down", "ppp0", A, "", "")],
    "a change, with routes that only the beginning has": [
        ("up", "ppp1", A, "", ""), ("up", "ppp0", A, "exempt", ROUTE),
        ("change", "ppp0", A, "block", "")],
    "a change of a session whose address another one has": [
        ("up", "ppp1", A, "block", ""), ("up", "ppp0", A, "exempt", ""),
        ("change", "ppp1", A, "monitor", "")],
    "of which the other one has no class": [
        ("up", "ppp1", A, "block", ""), ("up", "ppp0", A, "", ""),
        ("change", "ppp1", A, "monitor", "")],
    "by the same interface, with the route that the former had": [
        ("up", "ppp0", A, "exempt", ROUTE), ("down", "ppp0", A, "", ""),
        ("up", "ppp0", B, "block", ROUTE)],
    "a route of another one, which the former had, and the next one has not": [
        ("up", "ppp0", B, "exempt", ROUTE), ("up", "ppp1", A, "block", ROUTE),
        ("down", "ppp1", A, "", ""), ("up", "ppp1", A, "block", "")],
    "a change of no class is none": [
        ("up", "ppp0", A, "exempt", ""), ("change", "ppp0", A, "", ""),
        ("change", "ppp0", A, "monitor", "")],
}


def oracle(scene):
    """In force in the end: {prefix: (class, comment)}."""
    force = {}
    sessions = {}
    owner = {}  # of each prefix, the session that began last
    for event, name, address, cls, route in scene:
        mine = [address + "/32"] + ([route] if route else [])
        key = name, address
        if event == "up":
            for prefix in set(sessions.get(key, [])) - set(mine):
                if owner[prefix] == key:
                    force.pop(prefix, None)
            sessions[key] = mine
            for prefix in mine:
                owner[prefix] = key
                force.pop(prefix, None)
                if cls:
                    force[prefix] = cls, name
        elif event == "change" and cls:
            for prefix in sessions.get(key, mine):
                if owner.get(prefix, key) == key:
                    force[prefix] = cls, name
        elif event == "down":
            for prefix in sessions.pop(key, mine):
                if owner.get(prefix, key) == key:
                    force.pop(prefix, None)
    return force


def start(event, name, address, cls, route, env):
    """A hook that waits. What RADIUS says is in its environment."""
    env = dict(env)
    if cls:
        env["FILTER_ID"] = "op25b-" + cls
    if route:
        env["FRAMED_ROUTE"] = f"{route} {address} 1"
    argv = [f"{HOOKS}/session-{event}", name, "none", "0", "100.64.0.1", address]
    pid = os.fork()
    if not pid:
        os.kill(os.getpid(), signal.SIGSTOP)
        os.execve(argv[0], argv, env)
    os.waitpid(pid, os.WUNTRACED)
    return pid


def play(scene, turns):
    """All at once if there are no turns. What is in force, and the worst status."""
    with tempfile.TemporaryDirectory(prefix="op25b-races.") as stub:
        open(stub + "/db", "w").close()
        env = {"STUB": stub, "OP25BCTL": STUB, "OP25B_SESSION_DIR": stub + "/state",
               "OP25B_SESSION_CONF": stub + "/none"}
        pids = [start(*event, env) for event in scene]
        worst = 0
        for turn in turns or range(len(pids)):
            os.kill(pids[turn], signal.SIGCONT)
            if turns:
                worst |= os.waitpid(pids[turn], 0)[1]
        for pid in () if turns else pids:
            worst |= os.waitpid(pid, 0)[1]
        with open(stub + "/db", encoding="utf-8") as db:
            lines = [line.split() for line in db]
        return {p: (c, comment) for p, c, comment in lines}, worst


def storm(dice):
    """Sessions of two lines on three interfaces, one after the other on each."""
    scene, busy = [], {}
    for _ in range(8):
        name, address = f"ppp{dice.randrange(3)}", dice.choice([A, B])
        if name not in busy:
            busy[name] = address
            scene.append(("up", name, address, dice.choice(["exempt", "block", ""]),
                          dice.choice(["", ROUTE])))
        elif dice.random() < 0.3:
            scene.append(("change", name, busy[name], dice.choice(["monitor", ""]), ""))
        else:
            scene.append(("down", name, busy.pop(name), "", ""))
    return scene


def main():
    n = bad = 0
    dice = random.Random(SEED)
    began = time.process_time()
    for what, scene in SCENES.items():
        want, wrong = oracle(scene), []
        orders = [*itertools.permutations(range(len(scene))), None, None]
        for turns in orders:
            got = play(scene, turns)
            if got != (want, 0):
                wrong.append(f"{turns or 'at once'}: {got}")
        n += 1
        bad |= bool(wrong)
        print(f"{'not ' if wrong else ''}ok {n} - {what}: {len(orders)} orders", flush=True)
        for line in wrong[:8]:
            print(f"# wanted {want}, got {line}")
    wrong, sessions, events = [], 0, 0
    while sessions < SESSIONS:
        scene = storm(dice)
        sessions += sum(event[0] == "up" for event in scene)
        events += len(scene)
        got = play(scene, None)
        if got != (oracle(scene), 0):
            wrong.append(f"{scene}: wanted {oracle(scene)}, got {got}")
    n += 1
    bad |= bool(wrong)
    print(f"{'not ' if wrong else ''}ok {n} - {events} hooks of {sessions} sessions, eight at once "
          f"(seed {SEED})")
    for line in wrong:
        print("#", line)
    print(f"# {time.process_time() - began:.1f} s of its own")
    print(f"1..{n}")
    return bad


sys.exit(main())
