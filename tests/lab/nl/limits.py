# SPDX-License-Identifier: GPL-2.0
"""A control group with little memory: who fills a ruleset in it is refused, and
nothing is killed, half done, or charged afterwards.
"""
import ctypes
import gc
import os
import random
from errno import ENOMEM

from genl import K, Socket, u8
from lives import child, wait_for, wait_for_rest
from op25b import number, prefix_rec, prefixes, state
from txns import begin, txn

CGROUP = "/sys/fs/cgroup"
ROOM = 8 << 20  # bytes, beyond what the loader itself takes
RECORDS = 2700


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


def lock_down():
    """What this process will need it has: its own page faults are charged too,
    and those the kernel would kill for.
    """
    gc.disable()
    ctypes.CDLL(None).mlockall(3)
    write("op25b/cgroup.procs", os.getpid())
    used = int(read("memory.current"))
    write("op25b/memory.max", used + ROOM)


def fill_until_refused(sock, cmd, head, batches):
    """Return: (messages accepted, the Answer that refused)"""
    answer, done = None, 0
    for attrs in batches:
        answer = sock.do(cmd, head + attrs)
        if answer.error:
            break
        done += 1
    return done, answer


def loader(report, way, seed):
    """In the group. Tells how far it came and what refused it."""
    batches = messages(random.Random(seed), 60)
    with Socket() as sock:
        sock.resolve()
        t = begin(sock) if way == "FILL" else None
        lock_down()
        cmd = K.CMD_FILL if t else K.CMD_PREFIX_ADD
        done, answer = fill_until_refused(sock, cmd, [txn(t)] if t else [], batches)
        commit = sock.do(K.CMD_COMMIT, [txn(t), u8(K.A_MODE, 1)]).error if t else 0
        write("op25b/memory.max", "max")
        os.write(report, f"{done} {answer.error} {commit} {answer.sentence}".encode())
    return 0


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
        said = os.read(receive, 4096).decode().split(" ", 3)
        os.close(receive)
        if not tap.ok(status == 0 and len(said) == 4 and killed() == 0,
                      f"{way}: the loader is not killed", f"status {status} {said}"):
            continue
        done, error, commit = (int(s) for s in said[:3])
        tap.ok(error == ENOMEM and said[3].startswith("the kernel has no memory"),
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
    write("cgroup.subtree_control", "-memory")


def rest(sock, memory):
    # A table or two stay, see lives.py.
    now = number(sock, K.A_MEMORY)
    return None if now < memory + (64 << 10) else f"{now} bytes, was {memory}"
