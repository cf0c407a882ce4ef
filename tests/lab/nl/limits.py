# SPDX-License-Identifier: GPL-2.0
"""A control group with little memory: who fills a ruleset in it is refused, and
nothing is killed, half done, or charged afterwards. And what is charged to one
for a namespace that counts packets: what op25b(7) says.
"""
import ctypes
import gc
import os
import random
import re
import struct
import time
from errno import ENOMEM
from sys import byteorder

from genl import K, Socket, pack, u8
from lives import child, unshare, wait_for, wait_for_rest
from op25b import number, prefix_rec, prefixes, state
from txns import begin, txn

CGROUP = "/sys/fs/cgroup"
ROOM = 8 << 20  # bytes, beyond what the loader itself takes
RECORDS = 2700
MANUAL = os.path.join(os.path.dirname(os.path.abspath(__file__)),
                      "../../../tools/man/op25b.7")
NO_MEMORY = b"the kernel has no memory"


def write(path, text):
    with open(f"{CGROUP}/{path}", "w", encoding="ascii") as file:
        file.write(str(text))


def read(path):
    with open(f"{CGROUP}/op25b/{path}", encoding="ascii") as file:
        return file.read()


def killed():
    return int(dict(line.split() for line in read("memory.events").splitlines())[
        "oom_kill"])


def messages(rng, count):
    """Prefixes that share nothing: the most memory for the least text."""
    heads = rng.sample(range(1 << 32), count * RECORDS)
    return [prefixes(*[
        prefix_rec(f"2001:{h >> 16:x}:{h & 0xffff:x}::/64") for h in heads[i::count]])
        for i in range(count)]


class Wire:
    """Messages made beforehand, answers into one buffer: a process that is short
    of memory itself gets killed, which is another matter.
    """

    def __init__(self, sock):
        self.sock, self.buffer = sock.s, bytearray(1 << 14)

    def make(self, family, cmd, attrs):
        payload = pack(attrs)[0]
        return struct.pack("=IHHIIBBH", 20 + len(payload), family, 5, 1, 0, cmd, 1,
                           0) + payload

    def ask(self, message):
        """Return: the error, positive; the sentence stays in the buffer."""
        self.sock.send(message)
        self.sock.recv_into(self.buffer)
        return -int.from_bytes(self.buffer[16:20], byteorder, signed=True)


def lock_down():
    """What this process has already is not charged to the group. Return: what
    takes "max" afterwards; to open it then would be charged, and kill.
    """
    gc.disable()
    ctypes.CDLL(None).mlockall(3)
    limit = os.open(f"{CGROUP}/op25b/memory.max", os.O_WRONLY)
    write("op25b/cgroup.procs", os.getpid())
    write("op25b/memory.max", int(read("memory.current")) + ROOM)
    return limit


def loader(report, way, seed):
    """In the group. Tells how far it came and what refused it."""
    batches = messages(random.Random(seed), 60)
    with Socket() as sock:
        family, wire = sock.resolve(), Wire(sock)
        t = begin(sock) if way == "FILL" else None
        cmd, head = (K.CMD_FILL, [txn(t)]) if t else (K.CMD_PREFIX_ADD, [])
        batches = [wire.make(family, cmd, head + attrs) for attrs in batches]
        wire.ask(wire.make(family, K.CMD_PREFIX_DEL, []))  # whatever this needs
        limit, done = lock_down(), 0
        while not (error := wire.ask(batches[done])):
            done += 1
        os.write(limit, b"max")
        said = NO_MEMORY in wire.buffer
        commit = sock.do(K.CMD_COMMIT, [txn(t), u8(K.A_MODE, 1)]).error if t else 0
        os.write(report, f"{done} {error} {commit} {int(said)}".encode())
    return 0


def charged():
    """Kernel memory of the group. The kernel sums it up every other second."""
    time.sleep(2.5)
    return int(dict(line.split() for line in read("memory.stat").splitlines())[
        "kernel"])


def watcher(report):
    """In the group, and in a namespace of its own, whose mode leaves off."""
    unshare()
    with Socket() as sock:
        sock.resolve()
        write("op25b/cgroup.procs", os.getpid())
        before = charged()
        error = sock.do(K.CMD_SET, [u8(K.A_MODE, 1)]).error
        os.write(report, f"{error} {charged() - before}".encode())
    return 0


def cpus():
    """That this kernel could have."""
    with open("/sys/devices/system/cpu/possible", encoding="ascii") as file:
        return int(file.read().strip().rsplit("-", 1)[-1]) + 1


def per_cpu(tap):
    """The sentence in the manual, and what it says of this machine."""
    with open(MANUAL, encoding="ascii") as file:
        found = re.search(r"takes (\d+) KiB, and (\d+) KiB for each CPU",
                          " ".join(file.read().split()))
    fixed, each = (int(n) << 10 for n in found.groups())
    receive, send = os.pipe()
    pid = child(watcher, send)
    status = os.waitpid(pid, 0)[1]
    os.close(send)
    error, took = map(int, os.read(receive, 4096).decode().split() or (0, 0))
    os.close(receive)
    said = fixed + cpus() * each
    print(f"# mode monitor on {cpus()} CPUs: {took} bytes charged, {said} said")
    tap.ok(status == 0 and error == 0 and 0.9 * said <= took <= 1.02 * said,
           "a namespace that counts takes what the manual says",
           f"{took} bytes, {said} said")


def run(tap, sock):
    if not os.path.exists(f"{CGROUP}/cgroup.subtree_control"):
        tap.ok(False, "the kernel has control groups")
        return
    write("cgroup.subtree_control", "+memory")
    os.makedirs(f"{CGROUP}/op25b", exist_ok=True)
    seed = random.getrandbits(31)
    print(f"# limits: seed {seed}")
    sock.do(K.CMD_PREFIX_FLUSH)
    for way in ("FILL", "PREFIX_ADD"):
        before = state(sock)
        memory = wait_for_rest(sock)
        receive, send = os.pipe()
        pid = child(loader, send, way, seed)
        status = os.waitpid(pid, 0)[1]
        os.close(send)
        said = os.read(receive, 4096).decode().split()
        os.close(receive)
        if not tap.ok(status == 0 and len(said) == 4 and killed() == 0,
                      f"{way}: the loader is not killed", f"status {status} {said}"):
            continue
        done, error, commit, told = map(int, said)
        tap.ok(error == ENOMEM and told,
               f"{way}: refused after {done} messages of {RECORDS} prefixes", said)
        tap.ok(done > 0, f"{way}: not before there was no room")
        if way == "FILL":
            tap.ok(commit, "a COMMIT of what did not fit is refused")
            tap.equal(state(sock), before, "nothing of it is in force")
        else:
            tap.equal(len(state(sock)[1]), len(before[1]) + done * RECORDS,
                      "each message is there whole or not at all")
            sock.do(K.CMD_PREFIX_FLUSH)
        tap.equal(wait_for(lambda: rest(sock, memory)), None,
                  f"{way}: the memory comes back")
    per_cpu(tap)
    write("cgroup.subtree_control", "-memory")


def rest(sock, memory):
    # A table or two stay, see lives.py.
    now = number(sock, K.A_MEMORY)
    return None if now < memory + (64 << 10) else f"{now} bytes, was {memory}"
