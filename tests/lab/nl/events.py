# SPDX-License-Identifier: GPL-2.0
"""The group of events: who hears what, how often, and what is lost."""
import ctypes
import errno
import os
import select
import socket
import struct
import time
from sys import byteorder

from genl import CTRL_GETFAMILY, GENL_ID_CTRL, Attr, K, Socket, u8, unpack
from lives import child
from op25b import generation, read_prefix
from rights import CLONE_NEWNET, CLONE_NEWUSER, report
from txns import begin, txn

ADD_MEMBERSHIP, SO_RCVBUFFORCE = 1, 33
FAMILY_GROUPS = 7
RATE = 50

NUMBERS = ("EVENT", "TIME", "GENERATION", "ORIGIN", "MODE", "COUNT", "PID", "UID")

KEPT = []  # still listening when the module goes


def groups(sock):
    """{name: number} of the family's groups."""
    answer = sock.talk(GENL_ID_CTRL, CTRL_GETFAMILY, [Attr(2, b"op25b\0")], version=2)
    out = {}
    for _, group in unpack(answer.first(FAMILY_GROUPS) or b""):
        got = dict(unpack(group))
        out[got[1].rstrip(b"\0").decode()] = struct.unpack("=I", got[2])[0]
    return out


class Listener(Socket):
    def __init__(self, room=None):
        super().__init__()
        group = groups(self)["events"]
        self.s.setsockopt(270, ADD_MEMBERSHIP, group)
        self.resolve()
        if room:  # not before: the least that there is holds no answer and its ACK
            self.s.setsockopt(socket.SOL_SOCKET, SO_RCVBUFFORCE, room)
        self.since = int(time.time() - 0.1)  # the kernel reads a coarse clock

    def wait(self, seconds=0):
        return bool(select.select([self.s], [], [], seconds)[0])

    def hear(self, seconds=60):
        """The next event as {name: number}, None if there is none."""
        if not self.wait(seconds):
            return None
        data = self.s.recv(1 << 16)
        length, kind, _, seq, port = struct.unpack_from("=IHHII", data)
        cmd, version = struct.unpack_from("=BB", data, 16)
        assert (length, kind, seq, port) == (len(data), self.family, 0, 0)
        assert (cmd, version) == (K.CMD_EVENT, 1)
        got = dict(unpack(data[20:]))
        got.pop(K.A_PAD, None)
        out = {}
        for name in NUMBERS:
            number = got.pop(getattr(K, f"A_{name}"), None)
            if number is not None:
                out[name] = int.from_bytes(number, byteorder)
        if K.A_PREFIX in got:
            out["PREFIX"] = read_prefix(got.pop(K.A_PREFIX))
        assert not got, got
        # what was sent since somebody listens, whenever it is read
        if self.since <= out["TIME"] <= int(time.time()):
            out["TIME"] = "now"
        return out

    def all(self):
        """What is there already."""
        out = []
        while self.wait():
            out.append(self.hear())
        return out


def mine(kind, **kw):
    return {"EVENT": kind, "TIME": "now", "PID": os.getpid(), "UID": os.getuid(), **kw}


def mode_event(sock, mode):
    return mine(K.EVENT_MODE, MODE=mode, ORIGIN=K.ORIGIN_CONFIG,
                GENERATION=generation(sock))


def set_mode(sock, mode):
    return sock.do(K.CMD_SET, [u8(K.A_MODE, mode)])


def content(tap, sock):
    with Listener() as ear, Listener() as other:
        tap.equal(ear.all(), [], "nothing is heard of what was before")
        set_mode(sock, K.MODE_MONITOR)
        tap.equal(ear.hear(), mode_event(sock, K.MODE_MONITOR), "SET changes the mode")
        tap.equal(other.hear(), mode_event(sock, K.MODE_MONITOR), "two may listen")
        set_mode(sock, K.MODE_MONITOR)
        sock.do(K.CMD_SET, [u8(K.A_REVERSE, 1)])
        sock.do(K.CMD_SET, [u8(K.A_REVERSE, 0), u8(K.A_MODE, 3, bad=True)])
        tap.equal(ear.all(), [], "the same mode, another knob, a refusal: no event")
        t = begin(sock)
        sock.do(K.CMD_COMMIT, [txn(t), u8(K.A_MODE, K.MODE_ENFORCE)])
        heard = [e for e in ear.all() if e["EVENT"] == K.EVENT_MODE]
        tap.equal(heard, [mode_event(sock, K.MODE_ENFORCE)], "COMMIT changes the mode")
        sock.do(K.CMD_STATS_RESET)
        tap.equal(ear.hear(), mine(K.EVENT_STATS_RESET, GENERATION=generation(sock)),
                  "STATS_RESET")

        def nobody():
            # who opened the socket asked, whatever uid he has by now
            sock.do(K.CMD_STATS_RESET)
            return []

        report(nobody)
        heard = ear.hear()
        tap.ok(heard["PID"] not in (0, os.getpid()), "another process has another pid")


def joins():
    """Error of joining, None for none."""
    with Socket() as sock:
        group = groups(sock)["events"]
        try:
            sock.s.setsockopt(270, ADD_MEMBERSHIP, group)
        except OSError as e:
            return errno.errorcode[e.errno]
    return "joined"


def rights(tap):
    libc = ctypes.CDLL(None, use_errno=True)

    def nobody():
        os.setgid(65534)
        os.setuid(65534)
        return [joins()]

    def user_namespace():
        return ["unshare"] if libc.unshare(CLONE_NEWUSER) else [joins()]

    tap.equal(report(nobody), ["EPERM"], "nobody cannot join")
    tap.equal(report(user_namespace), ["EPERM"],
              "root of a user namespace cannot join in the network namespace of others")


def elsewhere(libc, flags):
    """A listener in a namespace of its own: (pipe it is told by, pipe it tells
    by, pid).
    """
    told, tell = os.pipe(), os.pipe()
    pid = os.fork()
    if not pid:
        status = 1
        try:
            status = libc.unshare(flags)
            with Listener() as ear:
                os.write(tell[1], b"\0")
                os.read(told[0], 1)
                os.write(tell[1], str(len(ear.all())).encode())
        finally:
            os._exit(status)
    os.close(tell[1])
    os.read(tell[0], 1)
    return told[1], tell[0], pid


def said(ear):
    told, tell, pid = ear
    os.write(told, b"\0")
    out = os.read(tell, 100)
    os.waitpid(pid, 0)
    return out


def change_there(libc, pid):
    def work():
        with open(f"/proc/{pid}/ns/net", encoding="ascii") as file:
            if libc.setns(file.fileno(), 0):
                return ["setns"]
        with Socket() as there:
            there.do(K.CMD_STATS_RESET)
        return []
    return report(work)


def namespaces(tap, sock):
    libc = ctypes.CDLL(None, use_errno=True)
    ear = elsewhere(libc, CLONE_NEWNET)
    sock.do(K.CMD_STATS_RESET)
    tap.equal(said(ear), b"0", "a listener in another namespace hears nothing of ours")
    ear = elsewhere(libc, CLONE_NEWNET)
    tap.equal(change_there(libc, ear[2]), [], "a change in that namespace")
    tap.equal(said(ear), b"1", "is heard there")
    ear = elsewhere(libc, CLONE_NEWUSER | CLONE_NEWNET)
    tap.equal(change_there(libc, ear[2]), [],
              "a change in a namespace that another user namespace owns")
    tap.equal(said(ear), b"0", "is not told to its root")


def losses(tap, sock):
    n = 500
    time.sleep(1.1)  # the bucket is full
    with Listener(1 << 22) as ear:
        start = time.monotonic()
        for _ in range(n):
            sock.do(K.CMD_STATS_RESET)
        took = time.monotonic() - start
        heard = ear.all()
        lost = [e for e in heard if e["EVENT"] == K.EVENT_LOST]
        sent = [e for e in heard if e["EVENT"] == K.EVENT_STATS_RESET]
        while len(sent) + sum(e["COUNT"] for e in lost) < n:
            event = ear.hear()
            if event is None or event["EVENT"] != K.EVENT_LOST:
                break
            lost.append(event)
        # as many at once, and as many a second
        tap.ok(RATE <= len(sent) <= RATE * (1 + took) + 1,
               f"of {n} events in {took:.2f} s {len(sent)} were sent")
        tap.equal(len(sent) + sum(e["COUNT"] for e in lost), n, "LOST tells of the rest")
        tap.ok(all(set(e) == {"EVENT", "TIME", "COUNT"} for e in lost),
               "LOST has a time and a count", lost)
        tap.ok(len(lost) <= 1 + took, f"in {len(lost)} LOST, at most one a second")

    time.sleep(1.1)
    with Listener(1) as ear:
        for _ in range(40):
            sock.do(K.CMD_STATS_RESET)
        error, heard = None, 0
        try:
            while ear.wait():
                ear.hear()
                heard += 1
        except OSError as e:
            error = e.errno
        tap.equal(error, errno.ENOBUFS, "a listener that does not keep up gets ENOBUFS")
        while ear.wait():
            ear.hear()
            heard += 1
        time.sleep(1.1)
        sock.do(K.CMD_STATS_RESET)
        event = ear.hear()
        tap.ok(event and event["EVENT"] == K.EVENT_STATS_RESET and heard < 40,
               f"and hears what comes later, {heard} of 40 before")


def crowd(tap, sock):
    """Three programs cause events, and generations in between, all the time, beside
    one that hears all and one that never reads.
    """
    n, programs = 400, 3

    def reset():
        with Socket() as mine:
            for _ in range(n):
                mine.do(K.CMD_STATS_RESET)
                mine.do(K.CMD_SET, [u8(K.A_REVERSE, 0)])
        return 0

    time.sleep(1.1)  # the bucket is full
    before = generation(sock)
    with Listener(1 << 22) as ear, Listener(1):
        start = time.monotonic()
        pids = [child(reset) for _ in range(programs)]
        good = all(os.waitpid(pid, 0)[1] == 0 for pid in pids)
        took = time.monotonic() - start
        tap.ok(good and generation(sock) == before + n * programs,
               f"{n * programs} events of three programs in {took:.1f} s")
        heard, lost = [], 0
        while len(heard) + lost < n * programs:
            event = ear.hear(5)
            if event is None:
                break
            if event["EVENT"] == K.EVENT_LOST:
                lost += event["COUNT"]
            else:
                heard.append(event)
        tap.ok(RATE <= len(heard) <= RATE * (1 + took) + 1, f"{len(heard)} are sent")
        tap.equal(len(heard) + lost, n * programs, "LOST tells of the rest")
        made = [e["GENERATION"] for e in heard]
        tap.equal(made, sorted(made), "in the order of their generations")
        tap.ok(len({e["PID"] for e in heard}) > 1, "of more than one program")


def run(tap, sock):
    tap.equal(list(groups(sock)), ["events"], "the family has one group")
    content(tap, sock)
    rights(tap)
    namespaces(tap, sock)
    losses(tap, sock)
    crowd(tap, sock)
    KEPT.append(Listener())
