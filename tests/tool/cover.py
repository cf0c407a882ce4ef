#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0
"""cover.py TOOL SEED COUNT: random large prefixes, nested and in pieces, with every
action: does `conf check` say how much of a family is blocked, and of whom else? The
oracle looks up each of 1024 cells that are handed out. Prints what differs."""
import ipaddress
import random
import re
import subprocess
import sys

FAMILIES = (
    # name, bits of a cell, cells that mail may come from
    ("IPv4", 10, [c for c in range(1 << 10) if 1 <= c >> 2 <= 223 and c >> 2 != 127]),
    ("IPv6", 13, range(1 << 10, 2 << 10)),
)


def draw(rnd, name, cell_bits):
    """Prefixes as {(length, value of the cell bits): action}."""
    low = 0 if name == "IPv4" else rnd.choice((0, 3))
    near = rnd.randint(low, cell_bits)
    found = {}
    for _ in range(rnd.choice((1, 2, 4, 300))):
        length = rnd.choice((near, rnd.randint(low, cell_bits)))
        value = rnd.getrandbits(length) if length else 0
        if name == "IPv6" and length >= 3 and rnd.random() < .9:
            value = 1 << length - 3 | value & (1 << length - 3) - 1
        found[length, value] = rnd.choices(("block", "exempt", "monitor"), (6, 1, 1))[0]
    if rnd.random() < .3:       # in pieces of one length, but for a few
        length = rnd.randint(1 if name == "IPv4" else 4, cell_bits)
        first, last = (0, 1 << length) if name == "IPv4" else \
            (1 << length - 3, 2 << length - 3)
        for value in range(first, last):
            if rnd.random() < .97:
                found.setdefault((length, value), "block")
    return found


def blocked(found, cell, cell_bits):
    for length in range(cell_bits, -1, -1):
        action = found.get((length, cell >> cell_bits - length))
        if action:
            return action == "block"
    return False


def text(name, length, value, action):
    bits = 32 if name == "IPv4" else 128
    net = ipaddress.ip_network((value << bits - length, length)) if bits == 32 else \
        ipaddress.IPv6Network((value << bits - length, length))
    return f"prefix {net} {action}\n"


rnd = random.Random(int(sys.argv[2]))
warned = 0
for _ in range(int(sys.argv[3])):
    lines, want = ["mode off\n"], []
    for name, cell_bits, cells in FAMILIES:
        found = draw(rnd, name, cell_bits)
        lines += [text(name, *key, action) for key, action in found.items()]
        n = sum(blocked(found, cell, cell_bits) for cell in cells)
        if 2 * n >= len(cells):
            want.append(f"all of {name} is blocked" if n == len(cells) else
                        f"{100 * n // len(cells)}% of all of {name} is blocked")
    rnd.shuffle(lines)
    done = subprocess.run([sys.argv[1], "conf", "check", "-"], input="".join(lines),
                          capture_output=True, text=True, check=False)
    got = re.findall(r"warning: stdin:\d+: (.* is blocked), other", done.stderr)
    warned += len(got)
    if done.returncode or got != want:
        print(f"want {want}, got {got}: {done.stderr}{''.join(lines)}"[:2000])
        break
if not warned:
    print("no file was warned of")
