#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0
"""lists.py FOLDER NAME=SPEC...: prefix lists, as every filter wants them, and
the sources of the packets.

SPEC is dense4:COUNT, dense6:COUNT (disjoint pools, three prefix lengths),
holes4:COUNT, holes6:COUNT (pairs in random places, with much room between),
nested4:COUNT, nested6:COUNT (the same with an exempt host inside every fourth
prefix), hosts4:COUNT (lone /32s, up to 16 million), worst6:COUNT (what costs
op25b's trie the most memory), or file:PATH (one prefix a line, one family, any
nesting; .xz too). hosts4 and worst6 are for op25b alone.

For each NAME the folder gets
    NAME.conf     op25b: the whole list
    NAME.nft NAME.nftc          nftables without and with counters
    NAME.ipset NAME.ipsetc      ipset likewise
    NAME.blocked NAME.exempt NAME.unlisted   packed source addresses
    NAME.json     what it holds
The peers' files hold the disjoint part: prefixes that contain no other one.
"""
import bisect
import json
import lzma
import random
import socket
import struct
import sys

SOURCES = 1 << 20
RELAYS = {4: [f"192.0.2.{i}" for i in range(1, 11)],
          6: [f"2001:db8:ffff::{i:x}" for i in range(1, 11)]}
BITS = {4: 32, 6: 128}
# Pools: 10.0.0.0/8 by /24, /28, /32; 2001:db8::/32 by /48, /56, /64. Nobody
# sends to these; they are keys.
BASE = {4: 10 << 24, 6: 0x20010db8 << 96}
LENGTHS = {4: (24, 28, 32), 6: (48, 56, 64)}


def text(family, addr, length):
    if family == 4:
        host = "%d.%d.%d.%d" % (addr >> 24, addr >> 16 & 255, addr >> 8 & 255,
                                addr & 255)
    else:
        host = socket.inet_ntop(socket.AF_INET6, addr.to_bytes(16, "big"))
    return f"{host}/{length}"


def dense(family, count):
    """Blocks side by side: of four, two are whole, one is split into 16, one
    into 48 still smaller ones. 65536 blocks make 1.08 million prefixes."""
    bits, (wide, middle, narrow) = BITS[family], LENGTHS[family]
    prefixes = []
    for block in range(65536):
        base = BASE[family] + (block << (bits - wide))
        if block % 4 < 2:
            prefixes.append((base, wide))
        elif block % 4 == 2:
            prefixes += [(base + (i << (bits - middle)), middle)
                         for i in range(16)]
        else:
            prefixes += [(base + (i << (bits - narrow)), narrow)
                         for i in range(48)]
        if len(prefixes) >= count:
            return prefixes[:count]
    raise SystemExit(f"no more than {len(prefixes)} dense prefixes")


def holes(family, count):
    """Two random /29 in each of COUNT / 2 random /24 of two pools, one of them
    of 2 to the 22 addresses, as a provider has that gives out what comes; for
    IPv6 two /64 in each of as many /48."""
    bits, (wide, _, _) = BITS[family], LENGTHS[family]
    narrow = 29 if family == 4 else 64
    pools = {4: [(10 << 24, 8), (100 << 24 | 64 << 16, 10)],
             6: [(0x20010db8 << 96, 32), (0x20010db9 << 96, 34)]}[family]
    blocks = [base + (i << (bits - wide)) for base, length in pools
              for i in range(1 << (wide - length))]
    return sorted((block + (i << (bits - narrow)), narrow)
                  for block in random.sample(blocks, count // 2)
                  for i in random.sample(range(1 << (narrow - wide)), 2))


def hosts(count):
    """Every host of 10.0.0.0/8 but each eighth, as far as wanted."""
    if count > 7 << 21:
        raise SystemExit(f"no more than {7 << 21} hosts")
    return [(BASE[4] + i // 7 * 8 + i % 7, 32) for i in range(count)]


def worst(count):
    """Hosts, 16 below each of 65536 heads of 18 bits, told apart in twos: four
    times six bits that all below share (a skip), then six of which two values
    are in use. With 62 bits left a host is no leaf of its slot. So there are 15
    nodes of 48 bytes and 16 hosts of 16 bytes below each head: 61 bytes a
    prefix of the 64 that trie.c promises."""
    if count > 1 << 20:
        raise SystemExit(f"no more than {1 << 20} of the worst prefixes")
    found = []
    for i in range(count):
        head, leaf = i >> 4, i & 15
        bits = head << 2
        for level in range(4):
            bits = bits << 12 | (63 if leaf >> level & 1 else 0)
        found.append((bits << 62 | random.getrandbits(61) | 1, 128))
    return sorted(found)


def read(path):
    opener = lzma.open if path.endswith(".xz") else open
    prefixes, families = set(), set()
    with opener(path, "rt") as lines:
        for number, line in enumerate(lines, 1):
            line = line.split("#")[0].strip()
            if not line:
                continue
            host, _, length = line.partition("/")
            family = 6 if ":" in host else 4
            af = socket.AF_INET6 if family == 6 else socket.AF_INET
            try:
                addr = int.from_bytes(socket.inet_pton(af, host), "big")
                length = int(length or BITS[family])
                if not 0 <= length <= BITS[family]:
                    raise ValueError
            except (OSError, ValueError):
                raise SystemExit(f"{path}:{number}: no prefix: {line}")
            shift = BITS[family] - length
            prefixes.add((addr >> shift << shift, length))
            families.add(family)
    if len(families) != 1:
        raise SystemExit(f"{path}: one family to a file, please")
    return families.pop(), sorted(prefixes)


def disjoint(family, prefixes):
    """Those of the sorted @prefixes that contain none of the others."""
    bits = BITS[family]
    return [(addr, length) for i, (addr, length) in enumerate(prefixes)
            if i + 1 == len(prefixes) or
            prefixes[i + 1][0] >> (bits - length) != addr >> (bits - length)
            ] if prefixes else []


def pack(family, addrs):
    if family == 4:
        return struct.pack(f">{len(addrs)}I", *addrs)
    return b"".join(a.to_bytes(16, "big") for a in addrs)


def hosts_in(family, prefixes, count):
    """Random prefix, random host in it."""
    bits = BITS[family]
    return [addr | random.getrandbits(bits - length) if length < bits else addr
            for addr, length in random.choices(prefixes, k=count)]


def near_misses(family, prefixes, count):
    """Addresses in no prefix that share many bits with a listed one."""
    bits, spread = BITS[family], 12 if family == 4 else 72
    outer, end = [], -1
    for addr, length in prefixes:
        if addr > end:
            end = addr + (1 << (bits - length)) - 1
            outer.append((addr, end))
    starts = [o[0] for o in outer]
    found, tries = [], 0
    while len(found) < count and tries < 400 * count:
        for addr in hosts_in(family, prefixes, 4096):
            addr ^= random.getrandbits(spread)
            if tries > 16 * count:      # hardly a gap: look further away
                addr = random.getrandbits(bits)
            at = bisect.bisect(starts, addr) - 1
            if at < 0 or addr > outer[at][1]:
                found.append(addr)
            tries += 1
    return found[:count]


ALONE = {"hosts4": hosts, "worst6": worst}


def write_conf(path, family, entries):
    with open(path, "w") as out:
        out.write("mode enforce\nreject drop\ncounters off\nwatch-offenders off\n")
        out.writelines(f"relay {r}\n" for r in RELAYS[family])
        out.writelines(f"prefix {text(family, a, n)} {action}\n"
                       for a, n, action in entries)


def write_nft(path, family, prefixes, counter):
    kind = "ip" if family == 4 else "ip6"
    with open(path, "w") as out:
        out.write(f"table {kind} bench {{\n\tset relays {{\n"
                  f"\t\ttype ipv{family}_addr\n\t\telements = {{ "
                  + ", ".join(RELAYS[family]) + " }\n\t}\n"
                  f"\tset subs {{\n\t\ttype ipv{family}_addr\n"
                  f"\t\tflags interval\n{counter}\t\telements = {{\n")
        out.write(",\n".join(text(family, a, n) for a, n in prefixes))
        out.write("\n\t\t}\n\t}\n\tchain forward {\n"
                  "\t\ttype filter hook forward priority filter\n"
                  f"\t\ttcp dport 25 {kind} saddr @subs {kind} daddr != "
                  "@relays drop\n\t}\n}\n")


def write_ipset(path, family, prefixes, exempt, options):
    inet = "inet" if family == 4 else "inet6"
    room = max(65536, 2 * (len(prefixes) + len(exempt)))
    with open(path, "w") as out:
        out.write(f"create relays hash:ip family {inet}\n")
        out.writelines(f"add relays {r}\n" for r in RELAYS[family])
        out.write(f"create subs hash:net family {inet} maxelem {room}"
                  f"{options}\n")
        out.writelines(f"add subs {text(family, a, n)}\n" for a, n in prefixes)
        out.writelines(f"add subs {text(family, a, n)} nomatch\n"
                       for a, n in exempt)


def make(folder, name, spec):
    kind, _, rest = spec.partition(":")
    random.seed(name)
    exempt = []
    if kind == "file":
        family, prefixes = read(rest)
    elif kind in ALONE:
        family = int(kind[-1])
        prefixes = ALONE[kind](int(rest))
    else:
        family = int(kind[-1])
        prefixes = (holes if kind.startswith("holes") else
                    dense)(family, int(rest))
    leaves = disjoint(family, prefixes) if kind == "file" else prefixes
    # ipset and nft know no prefix of length 0.
    leaves = [p for p in leaves if p[1] > 0]
    if kind.startswith("nested"):
        exempt = [(a | random.getrandbits(BITS[family] - n) | 1, BITS[family])
                  for a, n in prefixes[::4] if n < BITS[family]]
    base = f"{folder}/{name}"
    entries = [(a, n, "block") for a, n in prefixes]
    entries += [(a, n, "exempt") for a, n in exempt]
    write_conf(base + ".conf", family, entries)
    if kind not in ALONE:
        write_nft(base + ".nft", family, leaves, "")
        write_nft(base + ".nftc", family, leaves, "\t\tcounter\n")
        write_ipset(base + ".ipset", family, leaves, exempt, "")
        write_ipset(base + ".ipsetc", family, leaves, exempt, " counters")

    hidden = {a for a, _ in exempt}
    blocked = hosts_in(family, leaves, SOURCES)
    sources = {
        "blocked": [a for a in blocked if a not in hidden],
        "exempt": random.choices([a for a, _ in exempt], k=SOURCES // 4)
        if exempt else [],
        "unlisted": near_misses(family, prefixes, SOURCES // 8),
    }
    for which, addrs in sources.items():
        with open(f"{base}.{which}", "wb") as out:
            out.write(pack(family, addrs))
    with open(base + ".json", "w") as out:
        json.dump({"name": name, "kind": kind, "family": family,
                   "prefixes": len(entries), "peers": len(leaves),
                   "exempt": len(exempt), "relay": RELAYS[family][0],
                   "lengths": len({n for _, n in leaves}),
                   "sources": {k: len(v) for k, v in sources.items()}}, out)


if __name__ == "__main__":
    for arg in sys.argv[2:]:
        make(sys.argv[1], *arg.split("=", 1))
