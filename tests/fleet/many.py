#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0
"""many.py make FILE: ten million prefixes.
many.py apply FILE: them on a router with 4 GB, in the guest: that they are in force, the
kernel's memory by its own account of what is free, and that it comes back. What `conf
apply` takes, and how late a task of the first priority is meanwhile, is told only: a
guest's memory comes from the host, page by page, and its clock has ticks. TAP."""
import os
import random
import subprocess
import sys
import time

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
# pylint: disable=wrong-import-position
from net import sh, until
from tap import Tap

MANY, SIZE = 10_000_000, 1 << 24  # hosts out of 10.0.0.0/8
MEMORY = 1000   # MB
ACTIONS = ("block", "block", "block", "exempt", "monitor")
TOOL = os.environ.get("OP25B_TOOL", "tools/op25bctl")


def make(path):
    """Each host with an action, all by dice."""
    seed = int(os.environ.get("OP25B_SEED") or time.time_ns())
    print(f"# OP25B_SEED={seed}", flush=True)
    dice = random.Random(seed)
    with open(path, "w", encoding="ascii") as out:
        out.write("mode enforce\n")
        for number in sorted(dice.sample(range(SIZE), MANY)):
            out.write(f"prefix 10.{number >> 16}.{number >> 8 & 255}.{number & 255}/32 "
                      f"{dice.choice(ACTIONS)}\n")


def free():
    """kB that nobody has, after whatever can be given back was."""
    with open("/proc/sys/vm/drop_caches", "w", encoding="ascii") as caches:
        caches.write("3")
    with open("/proc/meminfo", encoding="ascii") as info:
        return next(int(line.split()[1]) for line in info if line.startswith("MemFree:"))


def wakes(pipe):
    """A task of the first priority that sleeps for a millisecond, again and again: what
    it is late at worst, to PIPE when it is asked to end."""
    os.sched_setscheduler(0, os.SCHED_FIFO, os.sched_param(99))
    os.set_blocking(0, False)
    worst, last = 0.0, time.monotonic()
    while True:
        time.sleep(0.001)
        now = time.monotonic()
        worst, last = max(worst, now - last - 0.001), now
        try:
            if not os.read(0, 1):
                break
        except BlockingIOError:
            pass
    os.write(pipe, f"{worst}".encode())


class Watch:
    def __init__(self):
        self.process = subprocess.Popen([sys.executable, __file__, "wakes"],
                                        stdin=subprocess.PIPE, stdout=subprocess.PIPE)
        time.sleep(1)

    def worst(self):
        return float(self.process.communicate()[0])


def apply(path):
    tap = Tap()
    blocked = int(sh(f"grep -c ' block$' {path}"))
    sh(f"insmod {os.environ['OP25B_KO']}")
    quiet = Watch()
    time.sleep(5)
    quiet = quiet.worst()

    before, watch = free(), Watch()
    start = time.monotonic()
    sh(f"{TOOL} conf apply {path}")
    took = time.monotonic() - start
    late = watch.worst()
    tap.note(f"conf apply: {took:.1f} s; late by {late * 1000:.1f} ms, at rest "
             f"{quiet * 1000:.1f}")
    with open("/proc/net/op25b", encoding="ascii") as proc:
        have = dict(line.split() for line in proc)["prefixes_v4"]
    tap.ok(have == f"{MANY}", f"{MANY} prefixes are in force", have)
    counted = int(sh(f"{TOOL} prefix show block count").split()[0])
    tap.ok(counted == blocked, "as many of them block as the file says", counted, blocked)
    held = (before - free()) * 1.024e-3
    tap.note(f"kernel memory: {held:.0f} MB")
    tap.ok(held < MEMORY, f"they have less than {MEMORY} MB of the kernel's memory", held)

    sh(f"{TOOL} prefix flush force")
    left = until(lambda: abs(before - free()) < 4096, 60, 0.5)
    tap.ok(left, "after a flush all of it comes back", before, free())
    print(f"1..{tap.count}", flush=True)
    return tap.bad > 0


if sys.argv[1] == "make":
    make(sys.argv[2])
elif sys.argv[1] == "wakes":
    wakes(1)
else:
    sys.exit(apply(sys.argv[2]))
