# SPDX-License-Identifier: GPL-2.0
"""Whole datagrams: what is in one as the core of netlink reads it, and all that
comes back.

The core goes from message to message by nlmsg_len, rounded up to 4. One that is
shorter than its header or longer than what is left ends the datagram without a
word. What is no request is not looked into; an ACK it gets if it asks for one.
A refusal is told whether asked for or not. (net/netlink/af_netlink.c,
netlink_rcv_skb(); net/netlink/genetlink.c, genl_header_check())
"""
import socket
import struct

from genl import ACK, DUMP, NLMSG_ERROR, REQUEST, Answer, Socket, messages

ECHO, LEAST_TYPE = 0x8, 16
SO_RCVBUFFORCE = 33


class Message:
    """One that the core sees."""

    def __init__(self, data):
        self.head = data[:16]
        _, self.kind, self.flags, self.seq, _ = struct.unpack("=IHHII", self.head)
        self.whole = len(data) >= 20
        self.cmd, _, self.reserved = struct.unpack(
            "=BBH", data[16:20] if self.whole else bytes(4))
        self.data = data[20:]

    def request(self):
        return bool(self.flags & REQUEST) and self.kind >= LEAST_TYPE

    def dump(self):
        return self.flags & DUMP == DUMP

    def odd_flags(self):
        flags = self.flags & ~DUMP if self.dump() else self.flags
        return flags & ~(REQUEST | ACK | ECHO)


def make(kind, cmd, data, seq, flags=REQUEST | ACK, version=1, reserved=0, port=0,
         length=None):
    """@length: a lie about it. Return: bytes, those to the next one included."""
    body = struct.pack("=BBH", cmd, version, reserved) + data
    length = 16 + len(body) if length is None else length
    return (struct.pack("=IHHII", length, kind, flags, seq, port) + body +
            bytes(-len(body) % 4))


def read(data):
    """[Message]"""
    out, at = [], 0
    while len(data) - at >= 16:
        (length,) = struct.unpack_from("=I", data, at)
        if length < 16 or length > len(data) - at:
            break
        out.append(Message(data[at : at + length]))
        at += length + 3 & ~3
    return out


class Wire(Socket):
    """Sends datagrams and takes what comes back. The kernel works on one within
    send(), and on a dump within recv(): once there is nothing to read, there
    will be nothing more.
    """

    def __init__(self, size=1 << 16):
        super().__init__()
        self.size = size
        self.resolve()
        self.port = self.s.getsockname()[0]
        self.s.setsockopt(socket.SOL_SOCKET, SO_RCVBUFFORCE, 1 << 22)

    def exchange(self, pieces):
        """Return: {sequence: Answer}, [what is wrong with them]."""
        sent = {m.seq: m.head for m in read(b"".join(pieces))}
        self.s.sendmsg(pieces)
        answers, wrong = {}, []
        while (data := self.take()) is not None:
            for kind, flags, seq, port, body in messages(data):
                if port != self.port or seq not in sent:
                    wrong.append(f"an answer to {port}, sequence {seq}")
                    continue
                answer = answers.setdefault(seq, Answer())
                if answer.error is not None:
                    wrong.append(f"sequence {seq}: more after its end")
                if kind == NLMSG_ERROR and body[4:20] != sent[seq]:
                    wrong.append(f"sequence {seq}: not its header comes back")
                answer.take(kind, flags, body)
        return answers, wrong

    def take(self):
        """One datagram, None if there is none."""
        self.s.setblocking(False)
        try:
            return self.s.recv(self.size)
        except BlockingIOError:
            return None
        finally:
            self.s.settimeout(60)
