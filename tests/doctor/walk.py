#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0
"""walk.py TOOL SEED ROUNDS: what doctor says of random routes beside random
prefixes, against sets of single addresses. In a namespace of its own. TAP."""
import ipaddress
import json
import random
import subprocess
import sys

POOLS = [ipaddress.ip_network("10.0.0.0/26"), ipaddress.ip_network("2001:db8::/122")]
LINKS = ("ppp0", "lan")
ORIGINS = ("config", "session", "bgp")
tool, seed, rounds = sys.argv[1], int(sys.argv[2]), int(sys.argv[3])
rnd = random.Random(seed)


def run(*command, **more):
    """A command that must do."""
    return subprocess.run(command, check=True, text=True, **more)


def some(pool, most):
    """Up to so many different subnets of the pool."""
    longest = pool.max_prefixlen
    lengths = range(pool.prefixlen, longest + 1)
    nets = set()
    for _ in range(rnd.randint(0, most)):
        length = max(rnd.choices(lengths, k=2))
        place = rnd.randrange(pool.num_addresses) >> (longest - length) << (longest - length)
        nets.add(ipaddress.ip_network((int(pool.network_address) + place, length)))
    return sorted(nets)


def addresses(nets):
    """All that is in any of them."""
    return {address for net in nets for address in net}


def outermost(nets):
    """Those that are in no other."""
    return [net for net in nets if not any(net != other and net.subnet_of(other) for other in nets)]


def expected(pools):
    """Findings about the pools, by brute force."""
    bare, lost = [], []
    for prefixes, mine, others in pools:
        listed, routed = addresses(prefixes), addresses(mine + others)
        for net in mine:
            missing = [address for address in net if address not in listed]
            if len(missing) == net.num_addresses:
                bare.append(f"{net} dev ppp0 is in no prefix: a forgotten pool?")
            elif missing:
                bare.append(f"{net} dev ppp0 is listed only in part: {missing[0]} is in no prefix")
        lost += [str(net) for net in outermost(prefixes) if not routed.intersection(net)]
    return bare, lost


def compare(number, findings, bare, lost):
    """Is that what was found?"""
    texts = [f["text"] for f in findings if f["check"] == "pools" and f["severity"] != "ok"]
    routes = [t.removeprefix("subscribers' route ") for t in texts if t.startswith("subscribers'")]
    more = [int(t.split()[0]) for t in texts if " more of the" in t]
    gone = [t.split(" points to ")[1] for t in texts if " points to " in t]
    want = ", ".join(lost[:3]) + (" and others" if len(lost) > 3 else "")
    right = (sorted(set(routes) - set(bare)) == [] and len(routes) == min(len(bare), 10)
             and more == ([len(bare) - 10] if len(bare) > 10 else [])
             and gone == ([want] if lost else []))
    print("ok" if right else "not ok", number, f"- {len(bare)} bare routes, {len(lost)} lost prefixes")
    if not right:
        print("#", texts, "\n#", bare, "\n#", lost)
    return right


def play(number):
    """One round."""
    pools = [(some(pool, 12), some(pool, 12), some(pool, 6)) for pool in POOLS]
    pools = [(p, mine, [net for net in others if net not in mine]) for p, mine, others in pools]
    # An interface that goes down takes its routes along.
    routes = [f"link set {name} {state}" for name in LINKS for state in ("down", "up")]
    commands = [f"prefix flush origin {origin}" for origin in ORIGINS]
    for prefixes, mine, others in pools:
        routes += [f"route add {net} dev ppp0" for net in mine]
        routes += [f"route add {net} dev lan" for net in others]
        commands += [f"prefix add {net} {rnd.choice(('block', 'exempt'))} origin {origin}"
                     for net in prefixes
                     for origin in rnd.sample(ORIGINS, rnd.choice((1, 1, 2, 3)))]
    run("ip", "-n", "walk", "-batch", "-", input="\n".join(routes) + "\n")
    run(tool, "-n", "walk", "-b", "-", input="\n".join(commands) + "\n")
    answer = subprocess.run([tool, "-n", "walk", "-j", "doctor"], check=False, text=True,
                            stdout=subprocess.PIPE)
    return compare(number, json.loads(answer.stdout)["findings"], *expected(pools))


run("ip", "netns", "add", "walk")
for name in LINKS:
    run("ip", "-n", "walk", "link", "add", name, "type", "dummy")
good = [play(number + 1) for number in range(rounds)]
run("ip", "netns", "del", "walk")
sys.exit(not all(good))
