# SPDX-License-Identifier: GPL-2.0
"""Raw generic netlink: messages byte by byte, so that they can be wrong.

A message is a list of Attr. Serializing tells where in the message the attribute
(or the byte) lies that the test expects the kernel to point at.
"""
import errno
import os
import re
import socket
import struct
from sys import byteorder

ROOT = os.path.normpath(os.path.join(os.path.dirname(__file__), "..", "..", ".."))

SO_SNDBUFFORCE = 32
NETLINK_ROUTE, NETLINK_GENERIC = 0, 16
SOL_NETLINK, NETLINK_CAP_ACK, NETLINK_EXT_ACK = 270, 10, 11
NLMSG_ERROR, NLMSG_DONE = 2, 3
REQUEST, MULTI, ACK, DUMP_INTR = 0x1, 0x2, 0x4, 0x10
ROOT_FLAG, DUMP = 0x100, 0x300
CAPPED, ACK_TLVS = 0x100, 0x200
NESTED = 0x8000
GENL_ID_CTRL, CTRL_GETFAMILY, CTRL_GETPOLICY = 16, 3, 10
HEADER = 20  # nlmsghdr and genlmsghdr


def constants():
    """Every name of the uapi header with its number."""
    with open(os.path.join(ROOT, "uapi/linux/op25b.h"), encoding="utf-8") as f:
        text = f.read()
    out = {}
    for body in re.findall(r"^enum \w+ \{\n(.*?)^\};", text, re.M | re.S):
        names = re.findall(r"^\t(\w+)", body, re.M)
        out.update({name: number for number, name in enumerate(names)})
    number = r"^#define (OP25B_\w+)[ \t]+([\d *()]+)[ \t]*(?:/\*.*)?$"
    for name, value in re.findall(number, text, re.M):
        out[name] = eval(value)  # digits and products only
    return out


class Names:
    """K.CMD_GET is OP25B_CMD_GET."""

    def __init__(self):
        self.all = constants()

    def __getattr__(self, name):
        return self.all["OP25B_" + name]

    def number_to_name(self, prefix):
        return {
            v: n.removeprefix(prefix)
            for n, v in self.all.items()
            if n.startswith(prefix)
        }


K = Names()


class Attr:
    """One attribute.

    @data: bytes, an int with its @size, or a list of Attr (a nest)
    @bad: the kernel shall point here; a number: at that byte of the payload
    @size: bytes of an integer
    @length: a lie about the length, in the header only
    @nested: the flag; None: as it should be
    """

    def __init__(self, kind, data=b"", bad=None, size=None, length=None, nested=None):
        self.kind = kind
        self.data = data if size is None else data.to_bytes(size, byteorder)
        self.bad = bad
        self.length = length
        self.nested = isinstance(data, list) if nested is None else nested

    def pack(self, offset):
        """(bytes, where the kernel shall point or None)"""
        where = None
        if isinstance(self.data, list):
            payload, where = pack(self.data, offset + 4)
        else:
            payload = self.data
        if self.bad is True:
            where = offset
        elif self.bad is not None:
            where = offset + 4 + self.bad
        kind = self.kind | (NESTED if self.nested else 0)
        length = 4 + len(payload) if self.length is None else self.length
        return struct.pack("=HH", length, kind) + payload, where


def pack(attrs, offset=HEADER):
    out, where = b"", None
    for attr in attrs:
        out += b"\0" * (-len(out) % 4)
        if isinstance(attr, bytes):
            out += attr
            continue
        data, found = attr.pack(offset + len(out))
        out += data
        where = found if found is not None else where
    return out + b"\0" * (-len(out) % 4 if attrs and isinstance(attrs[-1], Attr) else 0), where


def u8(kind, value, **kw):
    return Attr(kind, value, size=1, **kw)


def u32(kind, value, **kw):
    return Attr(kind, value, size=4, **kw)


def u64(kind, value, **kw):
    return Attr(kind, value, size=8, **kw)


def unpack(data):
    """[(type, payload)], the nested flag left out."""
    out, at = [], 0
    while at + 4 <= len(data):
        length, kind = struct.unpack_from("=HH", data, at)
        if length < 4 or at + length > len(data):
            raise ValueError(f"attribute of length {length} at {at} of {len(data)}")
        out.append((kind & 0x3FFF, data[at + 4 : at + length]))
        at += length + 3 & ~3
    return out


def messages(data):
    """(type, flags, sequence, port, body) of each message of a datagram that the
    kernel sent.
    """
    at = 0
    while at < len(data):
        head = struct.unpack_from("=IHHII", data, at)
        length = head[0]
        if length < 16 or at + length > len(data):
            raise ValueError(f"message of length {length} at {at} of {len(data)}")
        yield *head[1:], data[at + 16 : at + length]
        at += length + 3 & ~3


class Answer:
    """What came back: replies, and the ACK or DONE with its TLVs."""

    def __init__(self):
        self.error = None  # positive errno, 0 for an ACK or a clean DONE
        self.sentence = None
        self.offset = None
        self.miss_type = None
        self.miss_nest = None
        self.replies = []  # [[(type, payload)]]
        self.interrupted = False
        self.messages = 0

    def take(self, kind, flags, body):
        """One message of it. Return: was it the last?"""
        self.interrupted |= bool(flags & DUMP_INTR)
        if kind not in (NLMSG_DONE, NLMSG_ERROR):
            self.messages += 1
            self.replies.append(unpack(body[4:]))
            return False
        error = struct.unpack_from("=i", body)[0]
        tlvs = body[4 if kind == NLMSG_DONE else 20 :]
        self.end(error, tlvs if flags & ACK_TLVS else b"")
        return True

    def end(self, error, tlvs):
        self.error = -error
        for kind, data in unpack(tlvs):
            if kind == 1:
                self.sentence = data.rstrip(b"\0").decode()
            elif kind == 2:
                (self.offset,) = struct.unpack("=I", data)
            elif kind == 5:
                (self.miss_type,) = struct.unpack("=I", data)
            elif kind == 6:
                (self.miss_nest,) = struct.unpack("=I", data)

    def first(self, kind):
        for got, data in self.replies[0]:
            if got == kind:
                return data
        return None

    def number(self, kind):
        data = self.first(kind)
        return None if data is None else int.from_bytes(data, byteorder)

    def __str__(self):
        name = errno.errorcode.get(self.error, self.error)
        return (
            f"{name} {self.sentence!r} offset {self.offset}"
            f" miss {self.miss_type} in {self.miss_nest}"
        )


class Socket:
    def __init__(self, portid=0, protocol=NETLINK_GENERIC):
        self.s = socket.socket(socket.AF_NETLINK, socket.SOCK_RAW, protocol)
        self.s.setsockopt(SOL_NETLINK, NETLINK_EXT_ACK, 1)
        self.s.setsockopt(SOL_NETLINK, NETLINK_CAP_ACK, 1)
        try:
            self.s.setsockopt(socket.SOL_SOCKET, SO_SNDBUFFORCE, 1 << 20)
        except PermissionError:
            pass  # rights.py
        self.s.settimeout(60)
        self.s.bind((portid, 0))
        self.seq = 0
        self.family = None
        # of a read; a dump's datagrams become as large as the largest so far
        self.size = 1 << 16

    def close(self):
        self.s.close()

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.close()

    def resolve(self):
        """The family's number, None where it is not."""
        name = Attr(2, b"op25b\0")
        answer = self.talk(GENL_ID_CTRL, CTRL_GETFAMILY, [name], version=2)
        if not answer.error:
            self.family = answer.number(1)
        return self.family

    def send(self, kind, cmd, attrs, flags=REQUEST | ACK, version=1, reserved=0):
        """Where the kernel shall point, None if nowhere."""
        payload, where = attrs if isinstance(attrs, tuple) else pack(attrs)
        self.seq += 1
        body = struct.pack("=BBH", cmd, version, reserved) + payload
        head = struct.pack("=IHHII", 16 + len(body), kind, flags, self.seq, 0)
        self.s.send(head + body)
        return where

    def receive(self, answer):
        """Takes one datagram. Return: is it over?"""
        for kind, flags, seq, _, body in messages(self.s.recv(self.size)):
            if seq == self.seq and answer.take(kind, flags, body):
                return True
        return False

    def talk(self, kind, cmd, attrs, **kw):
        answer = Answer()
        answer.expected = self.send(kind, cmd, attrs, **kw)
        while not self.receive(answer):
            pass
        return answer

    def do(self, cmd, attrs=(), **kw):
        if self.family is None and self.resolve() is None:
            raise OSError(errno.ENOENT, "no family op25b")
        if not isinstance(attrs, tuple) or (attrs and isinstance(attrs[0], Attr)):
            attrs = list(attrs)
        return self.talk(self.family, cmd, attrs or [], **kw)

    def dump(self, cmd, attrs=()):
        return self.do(cmd, attrs, flags=REQUEST | DUMP)
