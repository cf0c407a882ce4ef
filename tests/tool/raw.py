#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0
"""raw.py CASE...: netlink by hand, for what op25bctl cannot be made to do. Knows
nothing of the tool's code; the numbers are those of uapi/linux/op25b.h. TAP
without a plan on standard output."""
import os
import socket
import struct
import sys

NETLINK_GENERIC, SOL_NETLINK = 16, 270
NETLINK_CAP_ACK, NETLINK_EXT_ACK = 10, 11
NLM_F_REQUEST, NLM_F_ACK, NLM_F_DUMP = 1, 4, 0x300
NLMSG_ERROR, NLMSG_DONE, NESTED = 2, 3, 0x8000
ACK_TLVS, DUMP_INTR = 0x200, 0x10
NAMES = ("GET SET PREFIX_ADD PREFIX_REPLACE PREFIX_DEL PREFIX_GET PREFIX_FLUSH "
         "RELAY_ADD RELAY_REPLACE RELAY_DEL RELAY_GET RELAY_FLUSH BEGIN FILL "
         "COMMIT ABORT TEST STATS_GET STATS_RESET").split()
CMD = {name: number + 1 for number, name in enumerate(NAMES)}
(MODE, REJECT, REVERSE, COUNTERS, REJECT_RATE, SOURCE_RATE, GENERATION, PREFIX,
 PREFIXES, RELAY, RELAYS, RECORD_SIZE, TXN, IF_PRESENT, SRC, DST) = range(1, 17)
ADDR, LEN, ACTION, COMMENT = 1, 2, 3, 4
R_COMMENT = 3
EPERM, ENOENT, EBUSY, EEXIST, EINVAL, ESTALE = 1, 2, 16, 17, 22, 116
ERANGE, EOPNOTSUPP = 34, 95


def attr(kind, data):
    raw = struct.pack("HH", 4 + len(data), kind) + data
    return raw + bytes(-len(raw) % 4)


def u8(kind, value):
    return attr(kind, bytes([value]))


def u32(kind, value):
    return attr(kind, struct.pack("I", value))


def u64(kind, value):
    return attr(kind, struct.pack("Q", value))


def attrs(data):
    """A list, since attributes repeat."""
    found = []
    while len(data) >= 4:
        size, kind = struct.unpack_from("HH", data)
        found.append((kind & 0x3FFF, data[4:size]))
        data = data[size + 3 & ~3:]
    return found


def address(text):
    family = socket.AF_INET6 if ":" in text else socket.AF_INET
    return socket.inet_pton(family, text)


def prefix(text, length, action=1, comment=None, nested=NESTED):
    inner = attr(ADDR, address(text)) + u8(LEN, length)
    if action:
        inner += u8(ACTION, action)
    if comment is not None:
        inner += attr(COMMENT, comment)
    return attr(PREFIX | nested, inner)


def record(text, length, action=1, rest=bytes(5), family=None):
    raw = address(text)
    family = family or (10 if len(raw) == 16 else 2)
    return raw.ljust(16, b"\0") + bytes([family, length, action]) + rest


def packed(*records, size=24, kind=PREFIXES):
    return u32(RECORD_SIZE, size) + attr(kind, b"".join(records))


class Refused(Exception):
    def __init__(self, number, sentence, offset):
        super().__init__(f"errno {number} at {offset}: {sentence}")
        self.number, self.sentence, self.offset = number, sentence, offset


class Netlink:
    def __init__(self):
        self.sock = socket.socket(socket.AF_NETLINK, socket.SOCK_RAW,
                                  NETLINK_GENERIC)
        self.sock.setsockopt(SOL_NETLINK, NETLINK_EXT_ACK, 1)
        self.sock.setsockopt(SOL_NETLINK, NETLINK_CAP_ACK, 1)
        self.sock.bind((0, 0))
        self.seq = 0
        self.interrupted = False
        found = dict(self.talk(None, attr(2, b"op25b\0"), 3)[0])
        self.family = struct.unpack("H", found[1])[0]

    def send(self, command, body, number=None, flags=NLM_F_ACK):
        self.seq += 1
        family = 16 if command is None else self.family
        number = CMD[command] if number is None else number
        genl = struct.pack("BBH", number, 1, 0)
        self.sock.send(struct.pack("IHHII", 20 + len(body), family,
                                   NLM_F_REQUEST | flags, self.seq, 0)
                       + genl + body)

    def receive(self):
        """All replies up to the end. Raises Refused."""
        replies = []
        while True:
            data = self.sock.recv(1 << 20)
            while data:
                size, kind, flags = struct.unpack_from("IHH", data)
                body, data = data[16:size], data[size + 3 & ~3:]
                self.interrupted |= bool(flags & DUMP_INTR)
                if kind not in (NLMSG_ERROR, NLMSG_DONE):
                    replies.append(attrs(body[4:]))
                    continue
                error = -struct.unpack_from("i", body)[0]
                skip = 20 if kind == NLMSG_ERROR else 4
                extra = dict(attrs(body[skip:])) if flags & ACK_TLVS else {}
                if error:
                    offset = struct.unpack("I", extra[2])[0] if 2 in extra \
                        else None
                    raise Refused(error,
                                  extra.get(1, b"").rstrip(b"\0").decode(),
                                  offset)
                return replies

    def talk(self, command, body=b"", number=None, flags=NLM_F_ACK):
        self.send(command, body, number, flags)
        return self.receive()

    def begin(self):
        reply = dict(self.talk("BEGIN")[0])
        return (struct.unpack("Q", reply[TXN])[0],
                struct.unpack("Q", reply[GENERATION])[0])

    def generation(self):
        reply = dict(self.talk("GET")[0])
        return struct.unpack("Q", reply[GENERATION])[0]


def result(good, what, why=""):
    print(("ok" if good else "not ok") + " 0 - " + what)
    if not good:
        print("#", why)


def refused(nl, number, sentence, what, command, body, offset=None):
    """The request is refused with this errno, sentence, offset of a header
    and 20 bytes in front of the attributes."""
    try:
        nl.talk(command, body)
        result(False, what, "it was accepted")
    except Refused as why:
        good = why.number == number and sentence in why.sentence \
            and bool(why.sentence)
        if offset is not None:
            good &= why.offset == 20 + offset
        result(good, what, f"{why}; wanted errno {number} at "
               f"{None if offset is None else 20 + offset}: {sentence}")


def case_refusals(nl):
    """Strict policies: each refusal has an errno, a sentence, an offset."""
    good = prefix("198.51.100.0", 24)
    first = nl.generation()
    for what, command, body, number, sentence, offset in (
        ("an attribute of another command", "SET", u8(MODE, 1) + good, EINVAL,
         "", 8),
        ("an unknown attribute", "SET", u8(MODE, 1) + u8(200, 1), EINVAL, "",
         8),
        ("no knob", "SET", b"", EINVAL, "no knob", None),
        ("a mode there is not", "SET", u8(MODE, 3), ERANGE, "", 0),
        ("a reject there is not", "SET", u8(REJECT, 3), ERANGE, "", 0),
        ("a switch that is neither", "SET", u8(REVERSE, 2), ERANGE, "", 0),
        ("a rate too large", "SET", u32(REJECT_RATE, 1000001), ERANGE, "", 0),
        ("a mode of four bytes", "SET", u32(MODE, 1), EINVAL, "", 0),
        ("a knob twice", "SET", u8(MODE, 0) + u8(MODE, 1), EINVAL, "twice", 8),
        ("trailing bytes", "SET", u8(MODE, 0) + b"\1\0", EINVAL, "", None),
        ("attributes where none go", "STATS_GET", u8(MODE, 0), EINVAL, "",
         None),
        ("no prefix", "PREFIX_ADD", b"", EINVAL, "no prefix", None),
        ("no relay", "RELAY_ADD", b"", EINVAL, "no relay", None),
        ("a nest that does not say so", "PREFIX_ADD",
         prefix("198.51.100.0", 24, nested=0), EINVAL, "", 0),
        ("an address of five bytes", "PREFIX_ADD",
         attr(PREFIX | NESTED, attr(ADDR, b"12345") + u8(LEN, 8)
              + u8(ACTION, 1)), EINVAL, "4 or 16 bytes", 4),
        ("no address", "PREFIX_ADD",
         attr(PREFIX | NESTED, u8(LEN, 8) + u8(ACTION, 1)), EINVAL,
         "no address", None),
        ("no length", "PREFIX_ADD",
         attr(PREFIX | NESTED, attr(ADDR, bytes(4)) + u8(ACTION, 1)), EINVAL,
         "no length", None),
        ("no action", "PREFIX_ADD", prefix("198.51.100.0", 24, 0), EINVAL,
         "no action", None),
        ("action none", "PREFIX_ADD",
         attr(PREFIX | NESTED, attr(ADDR, bytes(4)) + u8(LEN, 0)
              + u8(ACTION, 0)), ERANGE, "", 20),
        ("action 4", "PREFIX_ADD", prefix("198.51.100.0", 24, 4), ERANGE, "",
         20),
        ("host bits", "PREFIX_ADD", prefix("198.51.100.1", 24), EINVAL,
         "host bits", 4),
        ("length 33 of IPv4", "PREFIX_ADD", prefix("198.51.100.0", 33),
         EINVAL, "length", 12),
        ("length 129 of IPv6", "PREFIX_ADD", prefix("2001:db8::", 129),
         EINVAL, "length", 24),
        ("the origin, which is a reply's", "PREFIX_ADD",
         attr(PREFIX | NESTED, attr(ADDR, bytes(4)) + u8(LEN, 0)
              + u8(ACTION, 1) + u8(5, 1)), EINVAL, "", 28),
        ("a comment too long", "PREFIX_ADD",
         prefix("198.51.100.0", 24, 1, b"x" * 256 + b"\0"), EINVAL, "255", 28),
        ("a comment with a line end", "PREFIX_ADD",
         prefix("198.51.100.0", 24, 1, b"a\nb\0"), EINVAL, "control", 28),
        ("a comment that is no UTF-8", "PREFIX_ADD",
         prefix("198.51.100.0", 24, 1, b"\xff\0"), EINVAL, "UTF-8", 28),
        ("a comment without NUL", "PREFIX_ADD",
         prefix("198.51.100.0", 24, 1, b"abcd"), EINVAL, "", 28),
        ("an entry twice in a message", "PREFIX_ADD", good + good, EEXIST,
         "already", len(good)),
        ("no record size", "PREFIX_ADD",
         attr(PREFIXES, record("198.51.100.0", 24)), EINVAL, "record size",
         None),
        ("record size 16", "PREFIX_ADD",
         packed(record("198.51.100.0", 24), size=16), EINVAL, "24", 0),
        ("half a record", "PREFIX_ADD",
         packed(record("198.51.100.0", 24), bytes(12)), EINVAL, "inside",
         8 + 4 + 24),
        ("no record", "PREFIX_ADD", packed(), EINVAL, "empty", 8),
        ("a record's reserved byte", "PREFIX_ADD",
         packed(record("198.51.100.0", 24),
                record("203.0.113.0", 24, rest=b"\1\0\0\0\0")), EINVAL,
         "reserved", 8 + 4 + 24),
        ("a record's unknown family", "PREFIX_ADD",
         packed(record("198.51.100.0", 24, family=9)), EINVAL, "family", 12),
        ("a record of IPv4 with 16 bytes", "PREFIX_ADD",
         packed(record("2001:db8:1::", 32, family=2)), EINVAL, "IPv4", 12),
        ("a record's action 0", "PREFIX_ADD",
         packed(record("198.51.100.0", 24, 0)), EINVAL, "action", 12),
        ("a record twice", "PREFIX_ADD",
         packed(record("198.51.100.0", 24), record("203.0.113.0", 24),
                record("198.51.100.0", 24)), EEXIST, "already", 12 + 48),
        ("a record to delete with an action", "PREFIX_DEL",
         packed(record("198.51.100.0", 24, 1)), EINVAL, "action", 12),
        ("deleting what is not there", "PREFIX_DEL",
         prefix("198.51.100.0", 24, 0), ENOENT, "no such prefix", 0),
        ("a relay that is no single address", "RELAY_ADD",
         attr(RELAY | NESTED, attr(ADDR, bytes(4)) + u8(LEN, 24)), EINVAL,
         "one address", 12),
        ("a packed relay that is none", "RELAY_ADD",
         packed(record("198.51.100.0", 24, 0), kind=RELAYS), EINVAL,
         "one address", 12),
        ("SRC without DST", "TEST", attr(SRC, bytes(4)), EINVAL,
         "destination", None),
        ("SRC and DST of two families", "TEST",
         attr(SRC, bytes(4)) + attr(DST, bytes(16)), EINVAL, "family", 8),
        ("SRC of three bytes", "TEST",
         attr(SRC, bytes(3)) + attr(DST, bytes(3)), EINVAL, "4 or 16", 0),
    ):
        refused(nl, number, sentence, "refused: " + what, command, body,
                offset)
    result(nl.generation() == first, "refusals leave the generation alone")


def case_atomic(nl):
    """A message applies whole or not at all."""
    nl.talk("PREFIX_ADD", prefix("198.51.100.0", 24))
    first = nl.generation()
    many = packed(record("203.0.113.0", 24), record("192.0.2.0", 24),
                  record("198.51.100.0", 24))
    refused(nl, EEXIST, "already", "add of three of which one is there",
            "PREFIX_ADD", many, 12 + 48)
    for text in ("203.0.113.0", "192.0.2.0"):
        refused(nl, ENOENT, "no such", f"and {text} was not added",
                "PREFIX_GET", prefix(text, 24, 0))
    result(nl.generation() == first, "nor has the generation moved")
    nl.talk("PREFIX_REPLACE", many)
    result(nl.generation() == first + 1, "replace of three moves it once")
    refused(nl, ENOENT, "no such", "delete of three of which one is absent",
            "PREFIX_DEL", packed(record("203.0.113.0", 24, 0),
                                 record("192.0.2.0", 25, 0),
                                 record("192.0.2.0", 24, 0)), 12 + 24)
    nl.talk("PREFIX_DEL", attr(IF_PRESENT, b"")
            + packed(record("203.0.113.0", 24, 0),
                     record("192.0.2.0", 25, 0),
                     record("192.0.2.0", 24, 0)))
    refused(nl, ENOENT, "no such", "if-present: those there are deleted",
            "PREFIX_GET", prefix("192.0.2.0", 24, 0))
    nl.talk("PREFIX_FLUSH")


def case_transactions(nl):
    """BEGIN, FILL, COMMIT, ABORT: who may, and what a failure leaves."""
    other = Netlink()
    nl.talk("PREFIX_ADD", prefix("198.51.100.0", 24))
    txn, generation = nl.begin()
    result(txn != 0 and generation == nl.generation(),
           "BEGIN answers an id and the generation")
    refused(other, EBUSY, "another", "a second BEGIN", "BEGIN", b"")
    refused(other, ENOENT, "no such transaction", "another socket's FILL",
            "FILL", u64(TXN, txn) + u8(MODE, 0))
    refused(other, ENOENT, "no such transaction", "another socket's COMMIT",
            "COMMIT", u64(TXN, txn))
    refused(other, ENOENT, "no such transaction", "another socket's ABORT",
            "ABORT", u64(TXN, txn))
    refused(nl, ENOENT, "no such transaction", "a wrong id", "FILL",
            u64(TXN, txn ^ 1) + u8(MODE, 0))
    refused(nl, EINVAL, "transaction", "no id", "FILL", u8(MODE, 0))
    refused(nl, EINVAL, "mode", "COMMIT before any mode", "COMMIT",
            u64(TXN, txn))
    nl.talk("FILL", u64(TXN, txn) + u8(MODE, 0) + prefix("203.0.113.0", 24))
    refused(other, ENOENT, "no such prefix", "what is staged is not in force",
            "PREFIX_GET", prefix("203.0.113.0", 24, 0))
    other.talk("PREFIX_ADD", prefix("192.0.2.0", 24))
    refused(nl, ESTALE, "generation", "COMMIT on a generation that moved",
            "COMMIT", u64(TXN, txn) + u64(GENERATION, generation), 12)
    reply = dict(nl.talk("COMMIT", u64(TXN, txn)
                         + u64(GENERATION, generation + 1))[0])
    result(struct.unpack("Q", reply[GENERATION])[0] == generation + 2
           == nl.generation(), "the transaction lives on; COMMIT answers the "
           "new generation")
    refused(nl, ENOENT, "no such prefix", "the old entries are gone",
            "PREFIX_GET", prefix("198.51.100.0", 24, 0))
    refused(nl, ENOENT, "no such transaction", "a second COMMIT", "COMMIT",
            u64(TXN, txn))


def case_poison(nl):
    """A failed FILL poisons its transaction, however it failed."""
    for what, bad in (
        ("an entry that stands twice", prefix("203.0.113.0", 24)),
        ("host bits", prefix("203.0.113.1", 24)),
        ("a mode there is not", u8(MODE, 9)),
        ("an empty packed array", packed()),
    ):
        txn, _ = nl.begin()
        nl.talk("FILL", u64(TXN, txn) + u8(MODE, 0)
                + prefix("203.0.113.0", 24))
        try:
            nl.talk("FILL", u64(TXN, txn) + bad)
            result(False, f"FILL with {what}", "it was accepted")
        except Refused:
            result(True, f"FILL with {what} is refused")
        refused(nl, ESTALE, "FILL that failed", "then a good FILL", "FILL",
                u64(TXN, txn) + prefix("192.0.2.0", 24))
        refused(nl, ESTALE, "FILL that failed", "then COMMIT", "COMMIT",
                u64(TXN, txn))
        nl.talk("ABORT", u64(TXN, txn))
        result(True, "then ABORT is accepted")


def case_death(nl):
    """A transaction dies with its socket."""
    other = Netlink()
    txn, _ = other.begin()
    other.talk("FILL", u64(TXN, txn) + prefix("203.0.113.0", 24))
    refused(nl, EBUSY, "another", "while the socket lives", "BEGIN", b"")
    other.sock.close()
    txn, _ = nl.begin()
    result(True, "at once after its death BEGIN is accepted")
    nl.talk("ABORT", u64(TXN, txn))
    refused(nl, ENOENT, "no such transaction", "after ABORT it is gone",
            "ABORT", u64(TXN, txn))
    pid = os.fork()
    if not pid:
        child = Netlink()
        child.begin()
        os.kill(os.getpid(), 9)
    os.waitpid(pid, 0)
    txn, _ = nl.begin()
    result(True, "a killed process's transaction is gone, too")
    nl.talk("ABORT", u64(TXN, txn))


def case_interrupted(nl):
    """A change between two messages of a dump shows."""
    many = [record(f"10.{n >> 8}.{n & 255}.0", 24) for n in range(2000)]
    nl.talk("PREFIX_ADD", packed(*many))
    nl.interrupted = False
    whole = nl.talk("PREFIX_GET", flags=NLM_F_DUMP)
    got = [entry for reply in whole for entry in reply]
    result(len(got) == 2000 and not nl.interrupted and len(whole) > 1,
           "a quiet dump has all entries, in several messages, no mark",
           f"{len(got)} entries, {len(whole)} messages")
    nl.sock.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 1)
    nl.send("PREFIX_GET", b"", flags=NLM_F_DUMP)
    other = Netlink()
    other.talk("PREFIX_ADD", prefix("192.0.2.0", 24))
    nl.receive()
    result(nl.interrupted, "a dump that was changed meanwhile says so")
    nl.talk("PREFIX_FLUSH")


def case_meddle(nl):
    """Changes the list, without end."""
    action = 1
    while True:
        try:
            nl.talk("PREFIX_REPLACE", prefix("192.0.2.0", 24, action))
        except Refused as why:
            # Too quick: what was replaced is not freed yet.
            if why.number != errno.EBUSY:
                raise
        action = 3 - action


for case in sys.argv[1:]:
    netlink = Netlink()
    if case != "meddle":
        netlink.talk("PREFIX_FLUSH")
        netlink.talk("RELAY_FLUSH")
    globals()["case_" + case](netlink)
