# SPDX-License-Identifier: GPL-2.0
"""Processes and namespaces that die at the wrong moment; memory comes back."""
import glob
import os
import random
import signal
import subprocess
import time
import traceback

from genl import K, Socket, u8
from op25b import number, prefix, prefix_rec, prefixes, relay, relay_rec, relays
from txns import begin, txn

CLONE_NEWNET = 0x40000000


def unshare():
    """This process into a new network namespace."""
    import ctypes
    if ctypes.CDLL(None, use_errno=True).unshare(CLONE_NEWNET):
        raise OSError(ctypes.get_errno(), "unshare")


def slabs():
    """Objects of op25b's own caches. Those in a CPU's own slabs count as used,
    whether they are or not, so these are given back first.
    """
    for shrink in glob.glob("/sys/kernel/slab/op25b*/shrink"):
        with open(shrink, "w", encoding="ascii") as file:
            file.write("1")
    with open("/proc/slabinfo", encoding="ascii") as file:
        return {
            line.split()[0]: int(line.split()[1])
            for line in file if line.startswith("op25b")
        }


def wait_for(check, seconds=60):
    """Polls for what a worker does a grace period later. Return: the last value
    seen that was not right, None if it became right.
    """
    end = time.monotonic() + seconds
    while True:
        wrong = check()
        if wrong is None:
            return None
        if time.monotonic() > end:
            return wrong
        time.sleep(0.05)


TRIES = 8


def at_least(promise, takes):
    """@promise, in seconds; on a CPU that is emulated (tests/vm/rig.sh), tens of
    times slower, @takes if that is more: what the same work takes there.
    """
    emulated = os.environ.get("OP25B_EMULATED")
    return max(promise, takes) if emulated else promise


def in_time(tap, promise, attempt, what):
    """A promise in time. @attempt returns how late it was, in seconds. The best of
    some tries counts, so that a machine that is busy does not fail, and a kernel
    that is late does. Nothing may ever come too early.
    """
    late = []
    while len(late) < TRIES and (not late or min(late) > promise):
        late.append(attempt())
    print(f"# {min(late):.3f} s late, best of {len(late)}")
    tap.ok(0 <= min(late) <= promise, f"{what}, {promise} s late at most",
           [f"{seconds:.3f}" for seconds in late])


def back_to(memory, objects, sock):
    def check():
        now = number(sock, K.A_MEMORY)
        if now > memory:
            return f"memory {now}, was {memory}"
        more = {n: (c, objects.get(n, 0)) for n, c in slabs().items()
                if c > objects.get(n, 0)}
        return f"slab objects (now, was) {more}" if more else None
    return check


def records(rng, n):
    return prefixes(*[
        prefix_rec(f"{rng.randrange(1, 224)}.{rng.randrange(256)}."
                   f"{rng.randrange(256)}.{rng.randrange(256)}/32")
        for _ in range(n)])


def memory(tap, sock):
    sock.do(K.CMD_PREFIX_FLUSH)
    sock.do(K.CMD_RELAY_FLUSH)
    rng = random.Random(25)
    big = records(rng, 2500)
    hosts = relays(*[relay_rec(f"198.18.{i >> 8}.{i & 255}") for i in range(2500)])

    def cycle():
        assert sock.do(K.CMD_PREFIX_REPLACE, big).error == 0
        assert sock.do(K.CMD_RELAY_REPLACE, hosts).error == 0
        assert sock.do(K.CMD_PREFIX_FLUSH).error == 0
        assert sock.do(K.CMD_RELAY_FLUSH).error == 0

    cycle()
    settled = wait_for_rest(sock)
    objects = slabs()
    print(f"# at rest {settled} bytes, caches {objects}")
    for _ in range(3):
        cycle()
        wait_for_rest(sock)
    tap.equal(wait_for(back_to(settled, objects, sock)), None,
              "memory comes back after filling and flushing")

    def stage(end):
        dying = Socket()
        t = begin(dying)
        assert dying.do(K.CMD_FILL, [txn(t)] + big).error == 0
        assert dying.do(K.CMD_FILL, [txn(t)] + hosts).error == 0
        end(dying, t)
        dying.close()

    for what, end in (
        ("ABORT", lambda s, t: s.do(K.CMD_ABORT, [txn(t)])),
        ("the death of its socket", lambda s, t: None),
        ("a FILL that fails", lambda s, t: s.do(K.CMD_FILL, [
            txn(t), relay("192.0.2.1"), relay("192.0.2.1")])),
    ):
        for _ in range(2):
            stage(end)
            wait_for_rest(sock)
        tap.equal(wait_for(back_to(settled, objects, sock)), None,
                  f"memory of a transaction comes back after {what}")
    return settled, objects


def wait_for_rest(sock):
    """The memory once it has not moved for a while of many grace periods."""
    last, same = -1, 0
    for _ in range(1000):
        now = number(sock, K.A_MEMORY)
        same = same + 1 if now == last else 0
        last = now
        if same == 20:
            break
        time.sleep(0.05)
    return last


def child(work, *args):
    """Forks. Return: the child's pid; it ends with work()'s status."""
    pid = os.fork()
    if pid:
        return pid
    status = 1
    try:
        status = work(*args) or 0
    except Exception:  # pylint: disable=broad-exception-caught
        traceback.print_exc()
    finally:
        os._exit(status)


def namespace(seed):
    """A namespace that dies full, with a transaction and a dump open."""
    unshare()
    rng = random.Random(seed)
    sock = Socket()
    sock.do(K.CMD_SET, [u8(K.A_MODE, 2), u8(K.A_REJECT, 0)])
    sock.do(K.CMD_PREFIX_REPLACE, records(rng, 1000))
    sock.do(K.CMD_RELAY_REPLACE, [relay("192.0.2.25", "x")])
    t = begin(sock)
    sock.do(K.CMD_FILL, [txn(t)] + records(rng, 1000))
    dump = Socket()
    dump.resolve()
    dump.send(dump.family, K.CMD_PREFIX_GET, [], flags=0x301)
    return 0


def namespaces(tap, sock, settled, objects):
    pids = [child(namespace, i) for i in range(6)]
    good = all(os.waitpid(pid, 0)[1] == 0 for pid in pids)
    tap.ok(good, "six namespaces die full, each with a transaction and a dump")
    tap.equal(wait_for(back_to(settled, objects, sock)), None,
              "their memory comes back")


def two_namespaces(tap, sock):
    """The same port in another namespace is another socket."""
    port = 0xBEEF25
    with Socket(port) as mine:
        t = begin(mine)

        def other():
            unshare()
            with Socket(port) as there:
                begin(there)
            return 0

        tap.ok(os.waitpid(child(other), 0)[1] == 0,
               "another namespace has a transaction of its own")
        tap.accepted(mine.do(K.CMD_ABORT, [txn(t)]),
                     "whose socket, of the same port, dies without ours")


def writer(seed):
    """Hostile: begins, fills, commits, aborts, dumps and stops anywhere."""
    rng = random.Random(seed)
    while True:
        with Socket() as sock:
            answer = sock.do(K.CMD_BEGIN)
            t = 1 if answer.error else answer.number(K.A_TXN)
            for _ in range(rng.randrange(6)):
                what = rng.randrange(7)
                if what < 3:
                    sock.do(K.CMD_FILL, [txn(t)] + records(rng, 50))
                elif what == 3:
                    sock.do(K.CMD_COMMIT, [txn(t), u8(K.A_MODE, rng.randrange(3))])
                elif what == 4:
                    sock.do(K.CMD_ABORT, [txn(t)])
                elif what == 5:
                    sock.do(K.CMD_PREFIX_FLUSH)
                else:
                    sock.send(sock.family, K.CMD_PREFIX_GET, [], flags=0x301)


def killed(tap, sock, settled, objects):
    """Four hostile writers, killed where they happen to be, again and again."""
    seed = random.getrandbits(32)
    print(f"# seed {seed}")
    rng = random.Random(seed)
    for _ in range(10):
        pids = [child(writer, rng.getrandbits(32)) for _ in range(4)]
        start = number(sock, K.A_GENERATION)
        # until something has come into force, and a random moment more
        wait_for(lambda: None if number(sock, K.A_GENERATION) > start + 3 else 1, 20)
        for pid in pids:
            for _ in range(rng.randrange(3)):
                number(sock, K.A_MEMORY)
            os.kill(pid, signal.SIGKILL)
        for pid in pids:
            os.waitpid(pid, 0)
    t = begin(sock)
    tap.accepted(sock.do(K.CMD_ABORT, [txn(t)]),
                 "after forty killed writers the next may begin")
    sock.do(K.CMD_PREFIX_FLUSH)
    sock.do(K.CMD_SET, [u8(K.A_MODE, 0)])
    tap.equal(wait_for(back_to(settled, objects, sock)), None,
              "and their memory has come back")


def unload(tap, sock):
    """rmmod with transactions open, here and in another namespace."""
    begin(sock)
    ready, go = os.pipe(), os.pipe()

    def holder():
        unshare()
        with Socket() as there:
            begin(there)
            os.write(ready[1], b"1")
            os.read(go[0], 1)
        return 0

    pid = child(holder)
    os.close(ready[1])
    os.close(go[0])
    if not os.read(ready[0], 1):
        tap.ok(False, "another namespace begins a transaction")
    done = subprocess.run(["rmmod", "op25b"], capture_output=True, check=False)
    tap.ok(done.returncode == 0, "the module unloads with two transactions open",
           done.stderr.decode())
    sock.family = None
    tap.ok(sock.resolve() is None, "the family is gone")
    tap.equal(slabs(), {}, "so are its caches")
    os.write(go[1], b"1")
    tap.ok(os.waitpid(pid, 0)[1] == 0, "the sockets die afterwards")
    subprocess.run(["insmod", os.environ["OP25B_KO"]], check=True)
    tap.ok(sock.resolve() is not None, "the module loads again")
    tap.equal(number(sock, K.A_GENERATION), 0, "and begins anew")


def run(tap, sock):
    settled, objects = memory(tap, sock)
    namespaces(tap, sock, settled, objects)
    two_namespaces(tap, sock)
    killed(tap, sock, settled, objects)
    unload(tap, sock)
