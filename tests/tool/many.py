#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0
"""many.py make FILE COUNT: so many different prefixes in no order.
many.py run CMD ARGS...: runs CMD, prints "CPU-seconds KiB" it took and its
status."""
import resource
import subprocess
import sys


def make(name, count):
    actions = ("block", "exempt", "monitor")
    with open(name, "w", encoding="ascii") as out:
        out.write("mode enforce\n")
        for i in range(count):
            # An odd factor visits each 24-bit number once.
            n = i * 0x9E3779B1 & 0xFFFFFF
            out.write(f"prefix 10.{n >> 16}.{n >> 8 & 255}.{n & 255}/32 "
                      f"{actions[i % 3]}\n")


def run(args):
    done = subprocess.run(args, check=False, stdout=subprocess.DEVNULL)
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    print(f"{used.ru_utime + used.ru_stime:.2f} {used.ru_maxrss} {done.returncode}")


if sys.argv[1] == "make":
    make(sys.argv[2], int(sys.argv[3]))
else:
    run(sys.argv[2:])
