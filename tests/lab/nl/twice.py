# SPDX-License-Identifier: GPL-2.0
"""No attribute may stand in a request twice but PREFIX, RELAY and OP where many may:
every attribute of every request of the specification, do and dump, and those of
nests.
"""
import os
from errno import EINVAL

import yaml

from genl import ROOT, Attr, K, u8, u64
from op25b import prefix, prefix_rec, relay, relay_rec, state
from txns import begin, txn

TWICE = "the attribute stands there twice"
MANY = ("prefix-add", "prefix-replace", "prefix-del", "relay-add", "relay-replace",
        "relay-del", "fill", "change")
SIZES = {"u8": 1, "u32": 4, "u64": 8}
NUMBERS = {"offender-len": 64, "record-size": 24}
BYTES = {"prefixes": prefix_rec("203.0.113.0/24"), "relays": relay_rec("203.0.113.1"),
         "covering": b"\x64\x40\0\1", "src": b"\x64\x40\0\1", "dst": b"\xcb\0\x71\1"}
V4 = b"\xcb\0\x71\0"


def specification():
    with open(os.path.join(ROOT, "uapi/op25b.yaml"), encoding="utf-8") as file:
        spec = yaml.safe_load(file)
    attrs = next(s for s in spec["attribute-sets"] if s["name"] == "op25b")
    kinds = {a["name"]: (number, a["type"])
             for number, a in enumerate(attrs["attributes"], 1)}
    return kinds, list(enumerate(spec["operations"]["list"], 1))


def keyed(name):
    return name.endswith(("-del", "-get"))


def value(name, kind, number, op):
    """An attribute that the operation would take."""
    if name == "prefix":
        return prefix("100.64.0.0/10", None if keyed(op) else "block")
    if name == "relay":
        return relay("192.0.2.25")
    if name == "within":
        return Attr(number, prefix("100.64.0.0/10", None).data, nested=True)
    if kind in SIZES:
        return Attr(number, NUMBERS.get(name, 1), size=SIZES[kind])
    return Attr(number, BYTES.get(name, b""))


def needed(sock, op, dump):
    """What the operation would be refused without."""
    if dump or op.endswith("-flush"):
        return []
    if op in ("fill", "commit", "abort"):
        sock.close()  # and the transaction before with it
        sock.__init__()
        return [txn(begin(sock))]
    if op == "change":
        return [u8(K.A_OP, K.OP_REPLACE)]
    if op == "test":
        return [Attr(K.A_SRC, BYTES["src"]), Attr(K.A_DST, BYTES["dst"])]
    if op.startswith("prefix-"):
        return [value("prefix", None, None, op)]
    if op.startswith("relay-"):
        return [value("relay", None, None, op)]
    return [u64(K.A_GENERATION, 1)] if op == "confirm" else []


def marked(attr):
    return Attr(attr.kind, attr.data, bad=True, nested=attr.nested)


def refuse(tap, sock, cmd, attrs, dump, what):
    answer = sock.dump(cmd, attrs) if dump else sock.do(cmd, attrs)
    if dump and answer.offset is None:
        answer.expected = None  # kernel 6.1 tells none at the end of a dump
    tap.refused(answer, EINVAL, TWICE, f"{what} twice")


def of_messages(tap, sock):
    kinds, operations = specification()
    for cmd, op in operations:
        name = op["name"]
        for way in ("do", "dump"):
            dump = way == "dump"
            request = op.get(way, {}).get("request", {})
            for attr in request.get("attributes", []):
                if attr in ("prefix", "relay", "op") and name in MANY:
                    continue
                number, kind = kinds[attr]
                rest = needed(sock, name, dump)
                mine = [a for a in rest if a.kind == number]
                one = mine[0] if mine else value(attr, kind, number, name)
                rest = [a for a in rest if a.kind != number]
                refuse(tap, sock, cmd, rest + [one, marked(one)], dump,
                       f"{name}, {way}: {attr}")


def of_nests(tap, sock):
    addr, expires = Attr(K.PREFIX_A_ADDR, V4), u64(K.PREFIX_A_EXPIRES, 2**31)
    key = [addr, Attr(K.PREFIX_A_LEN, b"\x18")]
    entry = key + [Attr(K.PREFIX_A_ACTION, b"\1"),
                   Attr(K.PREFIX_A_COMMENT, b"c\0"), expires]
    host_key = [Attr(K.RELAY_A_ADDR, V4), Attr(K.RELAY_A_LEN, b"\x20")]
    host = host_key + [Attr(K.RELAY_A_COMMENT, b"c\0")]
    for _, op in specification()[1]:
        name = op["name"]
        request = op.get("do", {}).get("request", {}).get("attributes", [])
        for nest, attrs, keys in (("prefix", entry, key), ("relay", host, host_key)):
            if nest not in request:
                continue
            if name.endswith("-del"):  # with the comment that it must have
                keys = keys + [a for a in attrs if a.data == b"c\0"]
            for one in keys if keyed(name) else attrs:
                cmd = getattr(K, "CMD_" + name.replace("-", "_").upper())
                head = needed(sock, name, False) if name in ("fill", "change") else []
                inside = [a for a in (keys if keyed(name) else attrs) if a != one]
                refuse(tap, sock, cmd, head + [Attr(
                    getattr(K, f"A_{nest.upper()}"), inside + [one, marked(one)])],
                    False, f"{name}: attribute {one.kind} of a {nest}")


def run(tap, sock):
    before = state(sock)
    of_messages(tap, sock)
    of_nests(tap, sock)
    tap.equal(state(sock), before, "nothing has changed")
