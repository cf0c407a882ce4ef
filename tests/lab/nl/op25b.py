# SPDX-License-Identifier: GPL-2.0
"""op25b's messages, their content in Python's terms, and TAP."""
import errno
import ipaddress
import socket
import struct

from genl import Attr, K, Socket, u8, u32, u64, unpack  # noqa: F401

AF = {4: socket.AF_INET, 6: socket.AF_INET6}
RECORD = 24


def net(text):
    return ipaddress.ip_network(text)


def prefix(text, action="block", comment=None, bad=None, extra=()):
    """A nest. @action None: a key. Host bits may be set: ADDR/LEN as written."""
    addr, _, length = text.partition("/")
    attrs = [
        Attr(K.PREFIX_A_ADDR, ipaddress.ip_address(addr).packed),
        u8(K.PREFIX_A_LEN, int(length)),
    ]
    if action is not None:
        attrs.append(u8(K.PREFIX_A_ACTION, ACTION[action]))
    if comment is not None:
        attrs.append(Attr(K.PREFIX_A_COMMENT, comment.encode() + b"\0"))
    return Attr(K.A_PREFIX, attrs + list(extra), bad=bad)


def relay(text, comment=None, bad=None, length=None, extra=()):
    attrs = [Attr(K.RELAY_A_ADDR, ipaddress.ip_address(text).packed)]
    if length is not None:
        attrs.append(u8(K.RELAY_A_LEN, length))
    if comment is not None:
        attrs.append(Attr(K.RELAY_A_COMMENT, comment.encode() + b"\0"))
    return Attr(K.A_RELAY, attrs + list(extra), bad=bad)


def prefix_rec(text, action="block", family=None, reserved=b"\0", tail=None,
               expires=0):
    addr, _, length = text.partition("/")
    ip = ipaddress.ip_address(addr)
    raw = ip.packed + (tail or b"\0" * (16 - len(ip.packed)))
    family = AF[ip.version] if family is None else family
    action = ACTION.get(action, action)
    return (raw + struct.pack("=BBB", family, int(length), action) + reserved +
            struct.pack("=I", expires))


def relay_rec(text, length=None, family=None, reserved=b"\0" * 6, tail=None):
    ip = ipaddress.ip_address(text)
    raw = ip.packed + (tail or b"\0" * (16 - len(ip.packed)))
    family = AF[ip.version] if family is None else family
    length = ip.max_prefixlen if length is None else length
    return raw + struct.pack("=BB", family, length) + reserved


def size(value=RECORD, **kw):
    return u32(K.A_RECORD_SIZE, value, **kw)


def prefixes(*records, bad=None):
    """One packed array and its record size."""
    return [size(), Attr(K.A_PREFIXES, b"".join(records), bad=bad)]


def relays(*records, bad=None):
    return [size(), Attr(K.A_RELAYS, b"".join(records), bad=bad)]


ACTION = {None: 0, "none": 0, "block": 1, "exempt": 2, "monitor": 3}
ACTION_NAME = {1: "block", 2: "exempt", 3: "monitor"}


def read_prefix(data):
    """(network, action, comment)"""
    got = dict(unpack(data))
    addr = ipaddress.ip_address(got[K.PREFIX_A_ADDR])
    comment = got.get(K.PREFIX_A_COMMENT)
    return (
        ipaddress.ip_network((addr, got[K.PREFIX_A_LEN][0])),
        ACTION_NAME[got[K.PREFIX_A_ACTION][0]],
        comment and comment[:-1].decode(),
    )


def read_relay(data):
    """(address, comment)"""
    got = dict(unpack(data))
    comment = got.get(K.RELAY_A_COMMENT)
    return (
        ipaddress.ip_address(got[K.RELAY_A_ADDR]),
        comment and comment[:-1].decode(),
    )


def whose(origin, **kw):
    """The origin that a request is about."""
    return u8(K.A_ORIGIN, origin, **kw)


def listed(answer, kind, read):
    return [read(d) for reply in answer.replies for k, d in reply if k == kind]


def all_prefixes(sock):
    answer = sock.dump(K.CMD_PREFIX_GET)
    assert answer.error == 0, str(answer)
    return listed(answer, K.A_PREFIX, read_prefix)


def all_relays(sock):
    answer = sock.dump(K.CMD_RELAY_GET)
    assert answer.error == 0, str(answer)
    return listed(answer, K.A_RELAY, read_relay)


def state(sock):
    """Everything in force but the memory it takes, and how it came to be so."""
    answer = sock.do(K.CMD_GET)
    assert answer.error == 0, str(answer)
    knobs = [(k, d) for k, d in answer.replies[0] 
             if k not in (K.A_MEMORY, K.A_PAD, K.A_PART)]
    return knobs, all_prefixes(sock), all_relays(sock)


def number(sock, kind):
    return sock.do(K.CMD_GET).number(kind)


def generation(sock):
    return number(sock, K.A_GENERATION)


def base(sock):
    """What is in force while it is attacked."""
    for origin in (K.ORIGIN_CONFIG, K.ORIGIN_SESSION, K.ORIGIN_BGP):
        sock.do(K.CMD_PREFIX_FLUSH, [whose(origin)])
        sock.do(K.CMD_RELAY_FLUSH, [whose(origin)])
    for cmd, attrs in (
        (K.CMD_PREFIX_ADD, [
            prefix("100.64.0.0/10", comment="dynamic pool"),
            prefix("100.64.7.9/32", "exempt", "fixed line"),
            prefix("2001:db8::/32", "monitor"),
        ]),
        (K.CMD_RELAY_ADD, [relay("192.0.2.25", "smtp1"),
                           relay("2001:db8:ffff::25")]),
        (K.CMD_SET, [
            u8(K.A_MODE, K.MODE_ENFORCE), u8(K.A_REJECT, K.REJECT_TCP_RESET),
            u8(K.A_REVERSE, 0), u8(K.A_COUNTERS, 1),
            u32(K.A_SESSION_PREFIXES, K.DEF_ORIGIN_PREFIXES),
            u32(K.A_BGP_PREFIXES, K.DEF_ORIGIN_PREFIXES)]),
    ):
        answer = sock.do(cmd, attrs)
        assert answer.error == 0, str(answer)


class Tap:
    def __init__(self):
        self.count = 0
        self.failed = 0
        self.sentences = set()

    def ok(self, good, what, *notes):
        self.count += 1
        self.failed += not good
        print(f"{'' if good else 'not '}ok {self.count} - {what}", flush=True)
        for note in () if good else notes:
            for line in str(note).splitlines():
                print(f"# {line}", flush=True)
        return good

    def skip(self, what, why):
        self.count += 1
        print(f"ok {self.count} - {what} # SKIP {why}", flush=True)

    def equal(self, got, wanted, what):
        return self.ok(got == wanted, what, f"got    {got}", f"wanted {wanted}")

    def accepted(self, answer, what):
        return self.ok(
            answer.error == 0 and answer.sentence is None, what, f"got {answer}"
        )

    def refused(self, answer, error, sentence, what, miss=None, nest=None):
        """errno, sentence and offset; @miss: type missing, in @nest (offset)."""
        self.sentences.add(answer.sentence)
        wanted = (error, sentence, answer.expected, miss, nest)
        got = (
            answer.error,
            answer.sentence,
            answer.offset,
            answer.miss_type,
            answer.miss_nest,
        )
        return self.ok(
            got == wanted,
            what,
            f"got    {answer}",
            f"wanted {errno.errorcode[error]} {sentence!r} offset"
            f" {answer.expected} miss {miss} in {nest}",
        )

    def done(self):
        print(f"1..{self.count}")
        return self.failed > 0
