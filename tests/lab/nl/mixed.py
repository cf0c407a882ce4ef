# SPDX-License-Identifier: GPL-2.0
"""Is what a list says of a prefix, action and comment and expiry, of one version?

A writer gives all prefixes another of two states in one message, or one that is
past, so that they expire at once. Readers list them, ask for the last one, and
test its source. Nothing that they are told may be of two states. More than one
CPU is needed for that to be hard.
"""
import ipaddress
import itertools
import os
import random
import signal
import time
from errno import EBUSY

from budget import Budget, count, dice
from genl import Attr, K, Socket, pack, u64
from lives import child, unshare
from op25b import listed, prefix
from storm import read_whole_prefix

NETS = [f"10.{i >> 8}.{i & 255}.0/24" for i in range(1000)]
SOURCE = ipaddress.ip_network(NETS[-1])[1]
RELAY = ipaddress.ip_address("192.0.2.25")
LEAST = 50  # questions of each reader, however little time is left
FAR = 2**31
# action and comment, when it expires
STATES = [(("block", "one"), FAR), (("exempt", "two"), FAR + 1)]
PAST = ("monitor", "three"), 1


def nests(state):
    (action, comment), expires = state
    return [prefix(net, action, comment, extra=[u64(K.PREFIX_A_EXPIRES, expires)])
            for net in NETS]


def writer(rng, one, two, past):
    with Socket() as sock:
        for what in itertools.cycle((one, two, one, two, past)):
            answer = sock.do(K.CMD_PREFIX_REPLACE, what)
            while answer.error == EBUSY:  # memory is not back yet
                answer = sock.do(K.CMD_PREFIX_REPLACE, what)
            assert answer.error == 0, str(answer)
            time.sleep(rng.random() / 50)


def told(answer):
    """{(action, comment, expiry)} of all prefixes in it"""
    return {what for _, what in listed(answer, K.A_PREFIX, read_whole_prefix)}


def allowed():
    return {read_whole_prefix(attr.pack(0)[0][4:])[1]
            for state in (*STATES, PAST) for attr in nests(state)[:1]}


def reader(rng, until, out):
    good, wrong, asked, answers = allowed(), [], 0, 0
    with Socket() as sock:
        while (not until() or asked < LEAST) and len(wrong) < 3:
            what = rng.random()
            if what < 0.02:
                answer = sock.dump(K.CMD_PREFIX_GET)
            elif what < 0.5:
                answer = sock.do(K.CMD_PREFIX_GET, [prefix(NETS[-1], None)])
            else:
                answer = sock.do(K.CMD_TEST, [Attr(K.A_SRC, SOURCE.packed),
                                              Attr(K.A_DST, RELAY.packed)])
            got = told(answer)
            asked += 1
            answers += bool(got)
            if not got <= good or (len(got) > 1 and not answer.interrupted):
                wrong.append(str(got))
    with open(out, "w", encoding="ascii") as file:
        print(answers, *wrong, sep="\n", file=file)


def read(path):
    """(answers that told something, [those that are wrong])"""
    with open(path, encoding="ascii") as file:
        first, *wrong = file.read().splitlines()
    os.unlink(path)
    return int(first), wrong


def run(tap, sock):
    rng, whole = dice("mixed"), Budget()
    unshare()
    states = [pack(nests(state)) for state in (*STATES, PAST)]
    start = time.monotonic()

    def until():
        return time.monotonic() - start > 3 and (not whole.until or whole.out())

    change = child(writer, random.Random(rng.random()), *states)
    outs = [f"/tmp/op25b-mixed.{i}" for i in range(2)]
    readers = [child(reader, random.Random(rng.random()), until, o) for o in outs]
    good = all([os.waitpid(pid, 0)[1] == 0 for pid in readers])
    os.kill(change, signal.SIGKILL)
    good &= os.waitpid(change, 0)[1] == signal.SIGKILL  # it had not failed
    tap.ok(good, "writer and readers came to their end")
    told_of, wrong = zip(*map(read, outs))
    count(sum(told_of), "answers that told of entries amid changes")
    tap.ok(sum(told_of) > 0, f"{sum(told_of)} of them told something")
    tap.equal(sum(wrong, []), [], "each of one state")
