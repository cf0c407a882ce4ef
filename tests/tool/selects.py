#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0
"""selects.py TOOL SEED ROUNDS: what `prefix show` and `relay show` select, beside the
whole list that they show and Python's ipaddress. Random entries, random words. Prints
what differs."""
import ipaddress
import json
import random
import subprocess
import sys

TOOL, SEED, ROUNDS = sys.argv[1], sys.argv[2], int(sys.argv[3])
rng = random.Random(SEED)
COMMENTS = ["", "ticket 4711", "Ticket 4712", "a \\ b", 'say "x"', "日本語", "within"]
ORIGINS = ("config", "session", "bgp")
UNITS = {"h": 3600, "d": 86400}


def run(*words, text=""):
    done = subprocess.run([TOOL, *words], input=text, capture_output=True, text=True,
                          check=False)
    if done.returncode:  # that no packet matches is only warned of
        sys.exit(f"{words}: status {done.returncode}: {done.stderr}")
    return done.stdout


def network():
    """Few addresses, so that they lie in each other."""
    six = rng.random() < 0.4
    bits = 128 if six else 32
    base = 0x20010DB8 << 96 if six else 0x64400000
    length = rng.choice((0, 8, 10, 16, 24, 31, 32, bits - 1, bits))
    value = base | rng.choice((0, 1, 2, 1 << 8, 3 << 8, 1 << bits - 12))
    return ipaddress.ip_network((value >> bits - length << bits - length, length))


def quoted(text):
    return text.replace("\\", "\\\\").replace('"', '\\"')


def line(net):
    words = [str(net), rng.choice(("block", "exempt", "monitor"))]
    if rng.random() < 0.4:
        words += ["timeout", rng.choice(("12h", "3d", "9d"))]
    note = rng.choice(COMMENTS)
    return " ".join(words + [f'comment "{quoted(note)}"'] * bool(note))


def criterion(kind):
    """Words, and what they select of what JSON has."""
    net = network()
    address = str(net.network_address + rng.choice((0, 0, 1)) % net.num_addresses)
    text = rng.choice(("4711", "icket", "T", "\\", '"', "日", "within", "none such"))
    count, unit = rng.choice((1, 4, 24, 30)), rng.choice("hd")
    action = rng.choice(("block", "exempt", "monitor"))

    def has(e):
        return text in e.get("comment", "")

    def of(e):
        return ipaddress.ip_network(e["prefix"])

    def same(e):
        return of(e).version == net.version
    if rng.random() < 0.15:
        origin = rng.choice(ORIGINS)
        return ["origin", origin], lambda e: e["origin"] == origin
    if kind == "relay" or rng.random() < 0.2:
        return ["comment", text], has
    return rng.choice((
        ([action], lambda e: e["action"] == action),
        (["within", str(net)], lambda e: same(e) and of(e).subnet_of(net)),
        (["covering", address],
         lambda e: ipaddress.ip_address(address) in of(e)),
        (["expiring", f"{count}{unit}"],
         lambda e: "until" in e and e["left"] <= count * UNITS[unit]),
        (["seen", f"{count}{unit}"], lambda e: "last_seen" in e)))


def check(kind):
    whole = json.loads(run("-j", kind, "show"))
    words, wanted = [], whole
    for _ in range(rng.choice((1, 1, 2, 3))):
        more, test = criterion(kind)
        if more[0] in words or (len(more) == 1 and set(words) & {
                "block", "exempt", "monitor"}):
            continue
        words += more
        wanted = [e for e in wanted if test(e)]
    keys = [(next(iter(e.values())), e["origin"]) for e in wanted]
    got = [(next(iter(e.values())), e["origin"])
           for e in json.loads(run("-j", kind, "show", *words))]
    number = int(run(kind, "show", *words, "count"))
    if got != keys or number != len(keys):
        print(f"{kind} show {words}: wanted {keys}, got {got}, count {number}")
    return bool(keys) and len(keys) < len(whole)


def flush(origin):
    for kind in ("prefix", "relay"):
        run(kind, "flush", "origin", origin)


def fill(origin):
    flush(origin)
    of = f" origin {origin}"
    nets = {network() for _ in range(rng.randrange(20))}
    run("prefix", "add", "-", text="\n".join(line(n) + of for n in nets))
    hosts = {str(network().network_address) for _ in range(5)}
    run("relay", "add", "-", text="\n".join(
        host + (f' comment "{quoted(note)}"' if (note := rng.choice(COMMENTS)) else "")
        + of for host in hosts))


hits = 0
for _ in range(ROUNDS):
    for origin in ORIGINS:
        fill(origin)
    for _ in range(12):
        hits += check(rng.choice(("prefix", "prefix", "prefix", "relay")))
for origin in ORIGINS:
    flush(origin)
if hits < ROUNDS:
    print(f"only {hits} selections of something")
