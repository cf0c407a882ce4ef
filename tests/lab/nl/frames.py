# SPDX-License-Identifier: GPL-2.0
"""What stands around the attributes made wrong: headers that lie about lengths,
flags, types and senders; many messages in a datagram, good and bad, with and
without ACK; dumps among changes; sockets that close in between. One writer; the
model says what each message gets.
"""
from errno import (
    EBUSY, EINVAL, EMSGSIZE, ENODATA, ENOENT, ENOMEM, EOPNOTSUPP, errorcode,
)
from socket import SO_SNDBUF, SOL_SOCKET
from sys import byteorder

from budget import Budget, count, dice
from datagram import ECHO, Wire, make, read
from genl import ACK, DUMP, REQUEST, Answer, K, pack, u8, u64
from model import ORIGINS, Refused, Unknown, check
from op25b import base, generation
from storm import (
    Storm, decode_prefixes, decode_relays, differences, lasting,
)

LISTS = {K.CMD_PREFIX_GET: ("prefix", decode_prefixes),
         K.CMD_RELAY_GET: ("relay", decode_relays)}
DUMPS = {*LISTS, K.CMD_OFFENDER_GET}
FLAGS = (0, REQUEST, REQUEST | ACK | ECHO, ACK, DUMP, DUMP | ACK, REQUEST | DUMP,
         REQUEST | DUMP | ACK | ECHO, REQUEST | 0x100, REQUEST | ACK | 0x200,
         REQUEST | ACK | 0x400, REQUEST | 0x800, REQUEST | 0x2, 0xFFFF, 0xFFFE)
NOOP = 1


class Due:
    """What a message is due.

    @allowed: the errors it may get, 0 if it may be accepted; None: any
    @told: an ACK or the end of a dump says that it was accepted
    @reply: what its reply says, if that is known
    @wanted: what its dump lists, {origin: {key: entry}}, if that is known
    @model: it has come as far as the model, which says all of this
    """

    def __init__(self, *allowed, told=False, reply=None, wanted=None, model=False):
        self.allowed = allowed if allowed != (None,) else None
        self.told, self.reply, self.wanted, self.model = told, reply, wanted, model


class Frames(Storm):
    def __init__(self, rng):
        super().__init__(Wire(), rng)
        self.dumps = self.selected = self.datagrams = 0

    # making them

    def message(self):
        rng, cmd, data = self.rng, *self.grammar.input()
        words = {"flags": rng.choice((REQUEST | ACK, REQUEST))}
        if rng.random() < 0.12:
            cmd = rng.choice([*DUMPS, K.CMD_PREFIX_GET, K.CMD_PREFIX_GET])
            words["flags"] = REQUEST | DUMP
            some = self.grammar.selection(cmd)
            data = rng.choice((b"", some, some, data))
        if rng.random() < 0.1:
            words["flags"] = rng.choice(FLAGS)
        if rng.random() < 0.1:
            words["version"] = rng.choice((0, 2, 255))
        if rng.random() < 0.02:
            words["reserved"] = rng.choice((1, 0x100, 0xFFFF))
        if rng.random() < 0.1:
            words["port"] = rng.choice((1, 25, 2**32 - 1))
        kind = self.sock.family
        if rng.random() < 0.03:
            kind = rng.choice((0, NOOP, 2, 3, 4, 15, 0x400, 0xFFFF))
        whole = 20 + len(data)
        if rng.random() < 0.06:
            words["length"] = rng.choice((
                0, 4, 15, 16, 17, 19, 20, 21, 2**31, 2**32 - 1, whole - 1, whole - 4,
                whole + 1, whole + 4, whole + 64, rng.randrange(whole + 1)))
        self.sock.seq += 1
        return make(kind, cmd, data, self.sock.seq, **words)

    def datagram(self):
        rng = self.rng
        data = b"".join(self.message() for _ in range(
            rng.choice((1, 1, 2, 3, 5, 8, 40))))
        if rng.random() < 0.05:
            data = data[: rng.randrange(1, len(data))]
        if rng.random() < 0.05:
            data += rng.randbytes(rng.choice((1, 3, 8, 15, 16, 200)))
        data = data[: 1 << 20]
        seqs = [m.seq for m in read(data)]
        if len(set(seqs)) != len(seqs):
            return self.datagram()  # bytes came to be a header, twice the same
        cuts = sorted(rng.randrange(len(data)) for _ in range(rng.choice((0, 0, 1, 5))))
        return [data[a:b] for a, b in zip([0, *cuts], [*cuts, len(data)])]

    # what they are due

    def plain(self, m):
        """Is it one that comes as far as the module's policies?"""
        return (m.request() and m.kind == self.sock.family and m.whole and
                not m.reserved and not m.odd_flags() and not m.dump())

    def due(self, m):
        told = bool(m.flags & ACK)
        if not m.request():
            return Due(0, told=told)
        if m.kind != self.sock.family:
            # Bytes that came to be a header may name another family.
            return Due(ENOENT if m.kind >= 0x400 else None)
        if not m.whole:
            return Due(EINVAL)
        if m.reserved or m.odd_flags():
            return Due(EINVAL, *() if m.cmd in self.model.names else (EOPNOTSUPP,))
        if m.dump():
            return self.due_dump(m)
        try:
            return Due(0, told=told, reply=self.model.apply(m.cmd, m.data), model=True)
        except Refused as refused:
            return Due(*refused.errors, model=True)

    def due_dump(self, m):
        if m.cmd not in DUMPS:
            return Due(EOPNOTSUPP)
        # The one before it on this socket may not be over.
        policy = self.model.policy(m.cmd)
        try:
            attrs = check(m.data, policy, self.model.policies)
            self.model.values(attrs, policy)
            wanted = (self.model.dump(LISTS[m.cmd][0], attrs) if m.cmd in LISTS
                      else None)
        except Refused as refused:
            return Due(*refused.errors, EBUSY)
        return Due(0, EBUSY, told=True, wanted=wanted)

    def dues(self, ms):
        """One each; less if the model does not know further."""
        out = []
        for m in ms:
            try:
                out.append(self.due(m))
            except Unknown:
                self.taught += 1
                break
        return out

    # judging

    def judge_one(self, m, due, answer):
        """[what is wrong]"""
        if answer.error is None and due.told:
            return ["no answer"]
        if due.allowed is None:
            return []
        answer.error = answer.error or 0
        if due.model:
            if not answer.error and due.reply and not answer.replies:
                return ["no reply"]
            errors = None if 0 in due.allowed else due.allowed
            return self.judge(answer, m.cmd, m.data, errors, due.reply)
        if answer.error not in due.allowed:
            return [f"due {[errorcode.get(e, e) for e in due.allowed]}"]
        if answer.error == 0 and due.wanted and not answer.interrupted:
            self.dumps += 1
            self.selected += bool(m.data)
            got = LISTS[m.cmd][1](answer.replies)
            if any(lasting(got[o]) != lasting(due.wanted[o]) for o in ORIGINS):
                return [f"lists {got}, not {due.wanted}"]
        return []

    def send(self, pieces):
        ms = read(b"".join(pieces))
        before = self.model.generation
        dues = self.dues(ms)
        answers, wrong = self.sock.exchange(pieces)
        known = len(dues) == len(ms)
        for m, due in zip(ms, dues):
            answer = answers.get(m.seq, Answer())
            wrong += [f"{m.seq}: {answer}: {w}" for w in self.judge_one(m, due, answer)]
            self.refused += bool(answer.error)
            self.accepted += not answer.error
            if due.model and 0 in due.allowed and answer.error in (EBUSY, ENOMEM):
                known = False  # memory that is not back yet: see Storm.once()
                break
        if not known:
            self.settle([answers[m.seq] for m in ms
                         if m.cmd == K.CMD_BEGIN and m.seq in answers])
        wrong += differences(self.model, self.in_force.read())
        self.datagrams += 1
        self.moved += self.model.generation != before
        if wrong:
            self.wrong.append(f"{wrong}: {b''.join(pieces).hex()}")
            self.reopen()
            self.learn()
        self.grammar.txn = self.model.txn or 1
        self.grammar.generation = self.model.generation

    def settle(self, begun):
        """Something has happened that the model does not know."""
        ids = [a.number(K.A_TXN) for a in begun if a.replies] + [self.model.txn]
        for number in filter(None, ids):
            self.sock.do(K.CMD_ABORT, [u64(K.A_TXN, number)])
        self.model.txn = None
        self.learn()

    def leave(self):
        """A dump begun, perhaps read in part."""
        self.sock.s.send(make(self.sock.family, self.rng.choice([*DUMPS]), b"", 1,
                              flags=REQUEST | DUMP))
        if self.rng.random() < 0.5:
            self.sock.take()

    def reopen(self):
        """Another socket; the old one goes with all it has."""
        rng = self.rng
        if rng.random() < 0.7:
            self.leave()
        self.sock.close()
        self.sock = self.in_force.sock = Wire(rng.choice((1 << 12, 1 << 16)))
        self.model.txn = None

    def all_kinds(self):
        return super().all_kinds() and bool(self.dumps and self.selected)

    def go(self, rounds):
        """Datagrams until something is wrong."""
        for _ in rounds:
            self.send(self.datagram())
            if self.rng.random() < 0.04:
                self.reopen()
            if len(self.wrong) > 2:
                break


def refusal(sock, data):
    """errno of sendmsg() itself"""
    try:
        sock.s.send(data)
    except OSError as error:
        return error.errno
    return 0


def sizes(tap, rng):
    """From nothing to the most that a socket takes."""
    with Wire() as sock:
        tap.equal(refusal(sock, b""), ENODATA, "an empty datagram is refused")
        told = [sock.exchange([rng.randbytes(n)])[0] for n in range(1, 16)]
        tap.ok(not any(told), "less than a header is not answered")
        head = make(sock.family, K.CMD_SET, b"", 1)
        told = {len(head[:n]): sock.exchange([
            n.to_bytes(4, byteorder) + head[4:n]])[0][1].error for n in range(16, 20)}
        tap.equal(set(told.values()), {EINVAL}, "a netlink header alone is refused")
        most = sock.s.getsockopt(SOL_SOCKET, SO_SNDBUF) - 32
        before = generation(sock)
        one = pack([u8(K.A_COUNTERS, 1)])[0]
        data = b"".join(make(sock.family, K.CMD_SET, one, i, flags=REQUEST)
                        for i in range(500))
        filler = make(NOOP, 0, bytes(most - len(data) - 20), 500)
        tap.equal(refusal(sock, data + filler + b"x"), EMSGSIZE,
                  "a byte more than the socket takes is refused")
        tap.equal(generation(sock), before, "and nothing of it is done")
        answers, wrong = sock.exchange([data, filler])
        busy = sum(a.error == EBUSY for a in answers.values())
        tap.equal((wrong, answers[500].error, generation(sock) + busy),
                  ([], 0, before + 500), f"{most} bytes at once are 500 changes")


def run(tap, sock):
    rng = dice("frames")
    base(sock)
    sizes(tap, rng)
    frames = Frames(rng)
    frames.go(Budget(400, enough=frames.all_kinds))
    inputs = frames.accepted + frames.refused
    count(inputs, "netlink inputs judged")
    count(frames.datagrams, "netlink datagrams sent")
    tap.equal(frames.wrong, [],
              f"{inputs} messages in {frames.datagrams} datagrams did what the model says")
    tap.ok(frames.all_kinds(),
           f"{frames.accepted} accepted, {frames.moved} datagrams a change,"
           f" {frames.refused} refused, {frames.dumps} dumps compared")
    print(f"# {frames.taught} were beyond the model")
    frames.settle_trial()
    frames.sock.close()
    tap.ok(sock.dump(K.CMD_PREFIX_GET).error == 0, "and the kernel answers as ever")
