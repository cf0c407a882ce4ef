#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0
"""fuzz.py TOOL SEED FILES: files of random bytes and of broken statements for
`conf check` and for a batch, and broken old files for `conf import`. The tool
may refuse them (2), or in a batch find no kernel (3), but must not crash; the
sanitizers see to that. Exits 0 if so."""
import pathlib
import random
import subprocess
import sys

tool, seed, files = sys.argv[1], int(sys.argv[2]), int(sys.argv[3])
rng = random.Random(seed)

WORDS = [b"prefix", b"relay", b"mode", b"set", b"test", b"show", b"add",
         b"enforce", b"block", b"comment", b"include", b"until", b"timeout",
         b"origin", b"session", b"sync", b"if-present",
         b"2026-12-24T09:00Z", b"5m", b"100.64.0.0/10", b"2001:db8::/32",
         b"192.0.2.25", b"::", b'"', b'\\"', b"#", b"\n", b"\n", b"\t", b"\0",
         b"\xff", b"9" * 50, b"x" * 5000]


def noise():
    return rng.randbytes(rng.randrange(300_000))


def soup():
    return b" ".join(rng.choice(WORDS) for _ in range(rng.randrange(2000)))


def broken():
    lines = []
    for i in range(rng.randrange(3000)):
        line = bytearray(b"prefix 10.%d.%d.0/24 block comment \"n %d\"\n"
                         % (i >> 8, i & 255, i))
        if rng.random() < 0.1:
            line[rng.randrange(len(line))] = rng.randrange(256)
        lines.append(bytes(line))
    return b"mode off\n" + b"".join(lines)


def run(args, data, allowed):
    done = subprocess.run([tool, *args], input=data, capture_output=True,
                          check=False, timeout=60)
    if done.returncode in allowed and not any(
            word in done.stderr for word in (b"Sanitizer", b"runtime error")):
        return True
    with open("fuzz.bad", "wb") as out:
        out.write(data)
    print(f"# {args} ended with {done.returncode}; its input is in fuzz.bad")
    for line in done.stderr.splitlines()[:20]:
        print("#", line.decode(errors="replace"))
    return False


def mutated(data):
    """Bytes changed, pieces dropped, doubled, swapped."""
    data = bytearray(data)
    for _ in range(rng.randrange(1, 8)):
        a, b = sorted(rng.randrange(len(data) + 1) for _ in range(2))
        b = min(b, a + 60)
        kind = rng.randrange(4)
        if kind == 0 and a < len(data):
            data[a] = rng.randrange(256)
        elif kind == 1:
            del data[a:b]
        elif kind == 2:
            data[a:a] = data[a:b] * rng.randrange(1, 300)
        else:
            data[a:a] = data[(at := rng.randrange(len(data) + 1)):at + 40]
    return bytes(data)


OLD = sorted(path for path in (pathlib.Path(__file__).parent / "import").iterdir()
             if path.suffix in (".ipset", ".nft", ".iptables", ".csv"))

for number in range(files * 10):
    path = rng.choice(OLD)
    if not run(["conf", "import", path.suffix[1:], "-",
                *rng.choice([[], ["pool", "as", "block"]])],
               mutated(path.read_bytes()), (0, 1, 2)):
        sys.exit(1)

for number in range(files):
    make = (noise, soup, broken)[number % 3]
    content = make()
    if not run(["conf", "check", "-"], content, (0, 2)):
        sys.exit(1)
    if not run(["-b", "-"], content, (0, 2, 3)):
        sys.exit(1)
