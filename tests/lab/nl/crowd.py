# SPDX-License-Identifier: GPL-2.0
"""Many at once: each in a namespace of its own, with the model for its judge, and
some together in one, where nobody knows what the others do. They die with their
namespaces, transactions, trials and unread dumps; some are killed wherever they
happen to be. Nobody else notices, and their memory comes back.
"""
import mmap
import os
import random
import signal
import struct
from sys import byteorder

from budget import Budget, count, dice
from datagram import read
from frames import Frames
from genl import K, Socket
from lives import back_to, child, slabs, unshare, wait_for, wait_for_rest
from op25b import base, prefix, state

LONERS, TOGETHER = 3, 3


class Tally:
    """Numbers that outlive who counts them: messages and datagrams of each."""

    def __init__(self, places):
        self.shared = mmap.mmap(-1, 16 * places)

    def set(self, place, frames):
        struct.pack_into("=QQ", self.shared, 16 * place,
                         frames.accepted + frames.refused, frames.datagrams)

    def sums(self):
        return [sum(n) for n in zip(*struct.iter_unpack("=QQ", self.shared))]


class Crowded(Frames):
    """One of many in a namespace: what comes back is well-formed and explained;
    what is in force is for the last of them to say.
    """

    def learn(self):
        pass

    def send(self, pieces):
        answers, wrong = self.sock.exchange(pieces)
        for m in read(b"".join(pieces)):
            answer = answers.get(m.seq)
            if answer is None or not self.plain(m):
                continue
            self.accepted += not answer.error
            self.refused += bool(answer.error)
            if answer.error:
                wrong += self.explained(answer, len(m.data))
            for reply in answer.replies:
                got = dict(reply)
                if K.A_TXN in got:
                    self.grammar.txn = int.from_bytes(got[K.A_TXN], byteorder)
                if K.A_GENERATION in got:
                    self.grammar.generation = int.from_bytes(
                        got[K.A_GENERATION], byteorder)
        self.datagrams += 1
        if wrong:
            self.wrong.append(f"{wrong}: {b''.join(pieces).hex()}")


def live(frames, rounds, tell, said):
    """Return: the status to end with."""
    for _ in range(rounds):
        frames.go([0])
        tell(frames)
        if frames.wrong:
            os.write(said, "\n".join(frames.wrong)[:4000].encode())
            return 1
    frames.leave()
    return 0


def settle_in():
    """A namespace of one's own, with what makes dumps long."""
    unshare()
    with Socket() as sock:
        base(sock)
        sock.do(K.CMD_PREFIX_ADD, [
            prefix(f"198.18.{i}.0/24", comment="c" * 255) for i in range(40)])


def loner(seed, tell, said):
    settle_in()
    rng = random.Random(seed)
    return live(Frames(rng), rng.randrange(5, 60), tell, said)


def together(seed, tells, said):
    """Some that do not know of each other; one is killed. What they have made of
    it, the model learns and goes on with.
    """
    settle_in()
    rng = random.Random(seed)
    pids = [child(live, Crowded(random.Random(f"{seed} {i}")), 40, tell, said)
            for i, tell in enumerate(tells)]
    bad = 0
    for pid in pids:
        if pid == pids[0]:
            Frames(rng)  # its time passes
            os.kill(pid, signal.SIGKILL)
        status = os.waitpid(pid, 0)[1]
        bad |= status not in (0, signal.SIGKILL)
    return live(Frames(rng), 15, lambda frames: None, said) or bad


def crowd(rng, tally):
    """One crowd from birth to death. Return: what is wrong."""
    heard, said = os.pipe()

    def teller(place):
        return lambda frames: tally.set(place, frames)

    pids = [child(loner, rng.getrandbits(31), teller(i), said) for i in range(LONERS)]
    pids.append(child(together, rng.getrandbits(31),
                      [teller(LONERS + i) for i in range(TOGETHER)], said))
    victim, more = rng.choice(pids), rng.randrange(200)
    wait_for(lambda: None if tally.sums()[0] >= more else "too early", 20)
    os.kill(victim, signal.SIGKILL)
    statuses = {pid: os.waitpid(pid, 0)[1] for pid in pids}
    os.close(said)
    with os.fdopen(heard) as file:
        wrong = file.read().splitlines()
    return wrong + [f"{pid} ended with {status}" for pid, status in statuses.items()
                    if status and pid != victim]


def run(tap, sock):
    rng = dice("crowd")
    base(sock)
    wait_for_rest(sock)
    before, memory, objects = state(sock), wait_for_rest(sock), slabs()
    totals, wrong, crowds = [0, 0], [], 0
    for _ in Budget(3):
        tally = Tally(LONERS + TOGETHER)
        wrong += crowd(rng, tally)
        totals = [a + b for a, b in zip(totals, tally.sums())]
        crowds += 1
        if wrong:
            break
    count(totals[0], "netlink inputs judged")
    count(totals[1], "netlink datagrams sent")
    tap.equal(wrong, [], f"{crowds} crowds, {totals[0]} messages in {totals[1]} datagrams:"
              " what can be said of them is right")
    tap.ok(totals[0] > 50 * crowds, "they did get on")
    tap.equal(state(sock), before, "who was not meant has not noticed")
    tap.equal(wait_for(back_to(memory, objects, sock)), None,
              "the memory of the dead comes back")
