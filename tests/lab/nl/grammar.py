# SPDX-License-Identifier: GPL-2.0
"""Messages made from the policies that the kernel reports: right ones, about few
enough entries that they meet each other, and then one thing or more made wrong.
What the module learns later is generated without being named here.
"""
import ipaddress
import struct
import time
from sys import byteorder

from genl import Attr, K, pack
from model import (
    BINARY, FLAG, LEAST, MOST, NEST, NUL_STRING, POLICY, SIZE, STRING, TYPE,
)

V4 = [f"{a}/{n}" for a, n in (
    ("0.0.0.0", 0), ("100.64.0.0", 10), ("100.64.0.0", 16), ("100.64.7.0", 24),
    ("100.64.7.8", 29), ("100.64.7.9", 32), ("100.64.7.10", 31), ("100.64.8.0", 23),
    ("100.64.64.0", 18), ("128.0.0.0", 1), ("203.0.113.0", 24), ("203.0.113.7", 32))]
V6 = [f"{a}/{n}" for a, n in (
    ("::", 0), ("2001:db8::", 32), ("2001:db8:5::", 48), ("2001:db8:5:7::", 64),
    ("2001:db8:5:7::9", 128), ("2001:db8:5:4::", 62), ("8000::", 1),
    ("2001:db8:5:7:8000::", 65), ("::ffff:100.64.7.9", 128))]
NETS = [ipaddress.ip_network(n) for n in V4 + V6]
HOSTS = sorted({n.network_address for n in NETS} | {n[-1] for n in NETS} | {
    ipaddress.ip_address(a) for a in (
        "192.0.2.25", "192.0.2.26", "2001:db8:ffff::25", "2001:db8:ffff::26")},
    key=lambda a: (a.version, int(a)))
COMMENTS = (b"", b"x", b"dynamic pool", "\u3042\U0010ffff".encode(), b"c" * 255,
            b"bad \x1b", b"bad \xff", b"b\0d", "\u0085".encode(), b"l" * 256)
LENGTHS = (0, 1, 2, 3, 4, 5, 7, 8, 9, 15, 16, 17, 20, 23, 24, 25, 48, 255, 256, 4000)
NUMBERS = (0, 1, 2, 3, 4, 31, 32, 33, 127, 128, 129, 255, 256, 1000, 65535, 65536,
           10**6, 10**6 + 1, 2**31, 2**32 - 1, 2**32, 2**63, 2**64 - 1)
ADDRESSES = {"SRC", "DST", "ADDR", "COVERING"}

# What a command asks for with; of a GET, the rest is for dumps.
KEYS = {K.CMD_PREFIX_GET: {"PREFIX"}, K.CMD_RELAY_GET: {"RELAY"},
        K.CMD_TEST: {"SRC", "DST"}}


class Grammar:
    def __init__(self, rng, ops, policies):
        self.rng, self.ops, self.policies = rng, ops, policies
        self.commands = sorted({*ops} | {
            v for n, v in K.all.items()
            if n.startswith("OP25B_CMD_") and n not in ("OP25B_CMD_UNSPEC",
                                                        "OP25B_CMD_MAX")})
        self.txn, self.generation = 1, 0
        # What FILL takes is in no report: a nest here is the nest of another.
        self.types = {}
        for cmd in (K.CMD_RELAY_ADD, K.CMD_PREFIX_ADD, K.CMD_COMMIT):
            self.types.update(policies.get(ops.get(cmd), {}))
        self.names = K.number_to_name("OP25B_A_")
        self.inner = {K.A_PREFIX: K.number_to_name("OP25B_PREFIX_A_"),
                      K.A_WITHIN: K.number_to_name("OP25B_PREFIX_A_"),
                      K.A_RELAY: K.number_to_name("OP25B_RELAY_A_")}

    # right ones

    def number(self, keys, size):
        least, most = keys.get(LEAST, 0), keys.get(MOST, 2 ** (8 * size) - 1)
        small = [n for n in NUMBERS if least <= n <= most]
        return self.rng.choice(small or [least])

    def nest(self, kind, keys):
        """One prefix or relay; of another kind: what its policy lets through."""
        rng, policy = self.rng, self.policies.get(keys.get(POLICY), {})
        names = self.inner.get(kind, {})
        net = rng.choice(NETS)
        host = rng.choice(HOSTS)
        out = []
        for inner, inner_keys in policy.items():
            name = names.get(inner, "")
            if name == "ADDR":
                data = (host if kind == K.A_RELAY else net.network_address).packed
            elif name == "LEN":
                data = bytes([host.max_prefixlen if kind == K.A_RELAY
                              else net.prefixlen])
                if kind == K.A_RELAY and rng.random() < 0.5:
                    continue
            elif name == "ACTION":
                data = bytes([rng.randint(1, 3)])
            elif name == "COMMENT":
                if rng.random() < 0.6:
                    continue
                data = rng.choice(COMMENTS[:5] if rng.random() < 0.95
                                  else COMMENTS) + b"\0"
            elif rng.random() < 0.4:
                continue
            else:
                data = self.value(inner, inner_keys, name)
            out.append(Attr(inner, data, nested=False))
        return out

    def records(self, kind, keyed):
        out = b""
        for _ in range(self.rng.choice((1, 1, 2, 3, 8))):
            net = self.rng.choice(NETS)
            addr = net.network_address if kind == K.A_PREFIXES \
                else self.rng.choice(HOSTS)
            family, bits = (2, 32) if addr.version == 4 else (10, 128)
            out += addr.packed.ljust(16, b"\0")
            if kind == K.A_PREFIXES:
                action = 0 if keyed else self.rng.randint(1, 3)
                expires = 0
                if not keyed and self.rng.random() < 0.5:
                    expires = self.expiry()
                out += struct.pack("=BBBxI", family, net.prefixlen, action, expires)
            else:
                out += struct.pack("=BB6x", family, bits)
        return out

    def expiry(self):
        """Past, about to come, or far away."""
        ahead = (-5, -1, 0, 1, 1, 10**6, 10**7, 10**8)
        return int(time.time()) + self.rng.choice(ahead)

    def value(self, kind, keys, name):
        what = keys.get(TYPE)
        if name == "EXPIRES":
            return self.expiry().to_bytes(8, byteorder)
        if what in SIZE:
            return self.number(keys, SIZE[what]).to_bytes(SIZE[what], byteorder)
        if what == FLAG:
            return b""
        if what in (STRING, NUL_STRING):
            return self.rng.choice(COMMENTS) + b"\0"
        if name in ADDRESSES:
            return self.rng.choice(HOSTS).packed
        return self.rng.randbytes(self.rng.choice(LENGTHS))

    def attribute(self, cmd, kind, keys):
        name = self.names.get(kind, "")
        keys = self.types.get(kind, keys) if cmd == K.CMD_FILL else keys
        if name in ("PREFIXES", "RELAYS"):
            return Attr(kind, self.records(kind, cmd in (K.CMD_PREFIX_DEL,
                                                         K.CMD_RELAY_DEL)))
        if name == "RECORD_SIZE":
            return Attr(kind, struct.pack("=I", 24))
        if name == "TXN":
            return Attr(kind, struct.pack("=Q", self.txn))
        if name == "GENERATION":
            return Attr(kind, struct.pack("=Q", self.generation))
        if keys.get(TYPE) == NEST:
            return Attr(kind, self.nest(kind, keys))
        return Attr(kind, self.value(kind, keys, name), nested=False)

    def likely(self, cmd, name):
        """How often this attribute stands in the message at all."""
        if name in KEYS.get(cmd, ()) or name == "TXN":
            return 0.98
        if cmd in KEYS:
            return 0.02
        if cmd == K.CMD_COMMIT and name == "MODE":
            return 0.7
        if cmd == K.CMD_CONFIRM:
            return 0.98
        if name.endswith("_PREFIXES"):  # a low limit leaves little to do
            return 0.03
        return {"ORIGIN": 0.5, "PREFIX": 0.6, "RELAY": 0.6, "PREFIXES": 0.3, "RELAYS": 0.3,
                "RECORD_SIZE": 0.9, "MODE": 0.3, "IF_PRESENT": 0.4}.get(name, 0.25)

    def message(self, cmd):
        """[Attr]: as the contract has it, mostly."""
        rng, out = self.rng, []
        policy = self.policies.get(self.ops.get(cmd), {})
        for kind, keys in policy.items():
            name = self.names.get(kind, "")
            if rng.random() > self.likely(cmd, name):
                continue
            more = 1
            if name in ("PREFIX", "RELAY") and cmd not in (K.CMD_PREFIX_GET,
                                                           K.CMD_RELAY_GET):
                more = rng.choice((1, 1, 2, 4))
            out += [self.attribute(cmd, kind, keys) for _ in range(more)]
        if rng.random() < 0.3:
            rng.shuffle(out)
        return self.operations(out) if cmd == K.CMD_CHANGE else out

    def selection(self, cmd):
        """The bytes of what a dump may carry."""
        policy = self.policies.get(self.ops.get(cmd), {})
        return pack([self.attribute(cmd, kind, keys) for kind, keys in policy.items()
                     if self.names.get(kind) not in KEYS.get(cmd, ())
                     and self.rng.random() < (0.1 if kind == K.A_BY_HAND else 0.4)])[0]

    def operations(self, attrs):
        """Of a CHANGE: an operation in front of what it is about, mostly."""
        rng, out, keyed = self.rng, [], False
        if rng.random() < 0.8:  # knobs are of origin config
            whose = [a.data for a in attrs if a.kind == K.A_ORIGIN]
            attrs = [a for a in attrs if whose in ([], [b"\1"]) or a.kind in (
                K.A_ORIGIN, K.A_PREFIX, K.A_RELAY)]
        for attr in attrs:
            if attr.kind in (K.A_PREFIX, K.A_RELAY) and rng.random() < 0.8:
                what = rng.randint(1, K.all["__OP25B_OP_MAX"] - 1)
                keyed = what in (K.OP_DEL, K.OP_DEL_IF_PRESENT)
                out.append(Attr(K.A_OP, bytes([what])))
            if keyed and isinstance(attr.data, list) and rng.random() < 0.9:
                attr.data = [a for a in attr.data if a.kind in (
                    (K.PREFIX_A_ADDR, K.PREFIX_A_LEN, K.PREFIX_A_COMMENT)
                    if attr.kind == K.A_PREFIX else
                    (K.RELAY_A_ADDR, K.RELAY_A_LEN, K.RELAY_A_COMMENT))]
            if attr.kind != K.A_OP:
                out.append(attr)
        return out

    # wrong ones

    def junk(self):
        """An attribute that may be anything."""
        rng = self.rng
        kind = rng.choice((0, rng.randrange(1, K.A_PAD + 4), rng.randrange(0x4000)))
        return Attr(kind, rng.randbytes(rng.choice(LENGTHS)), nested=rng.random() < 0.2)

    def deep(self):
        """Nests in nests."""
        attr = Attr(K.PREFIX_A_ADDR, b"\1\2\3\0", nested=False)
        for _ in range(self.rng.choice((2, 3, 10, 40, 400))):
            attr = Attr(self.rng.choice((K.A_PREFIX, 1)), [attr])
        return attr

    def spoil(self, attrs):
        """One thing made wrong, at any depth."""
        rng = self.rng
        nests = [a for a in attrs if isinstance(a, Attr) and isinstance(a.data, list)]
        if nests and rng.random() < 0.5:
            self.spoil(rng.choice(nests).data)
            return
        at = rng.randrange(len(attrs) + 1)
        how = rng.randrange(12)
        if how == 0 or not attrs:
            attrs.insert(at, self.junk())
        elif how == 1:
            attrs.insert(at, self.deep())
        elif how == 2:
            attrs.insert(at, rng.choice(attrs))  # twice
        elif how == 3:
            attrs.append(rng.randbytes(rng.choice((1, 2, 3, 4, 5, 60))))
        else:
            at %= len(attrs)
            if how == 4 or not isinstance(attrs[at], Attr):
                del attrs[at]
                return
            attrs[at] = self.spoil_one(attrs[at], how)

    def spoil_one(self, attr, how):
        rng, data = self.rng, attr.data
        if how == 5:
            return Attr(rng.randrange(K.A_PAD + 4), data, nested=attr.nested)
        if how == 6:
            return Attr(attr.kind, data, nested=not attr.nested)
        if how == 7:
            return Attr(attr.kind, data, nested=attr.nested,
                        length=rng.choice((0, 3, 4, 5, 65535, rng.randrange(100))))
        if how == 8:
            return Attr(attr.kind, rng.randbytes(rng.choice(LENGTHS)),
                        nested=attr.nested)
        if how == 9:
            return Attr(attr.kind | 0x4000, data, nested=attr.nested)
        if isinstance(data, list):
            return Attr(attr.kind, data + data, nested=attr.nested)
        data = bytearray(data)
        if data:
            for _ in range(rng.choice((1, 1, 3))):
                data[rng.randrange(len(data))] = rng.choice(NUMBERS[:12])
        if how == 11:
            data = data[: rng.randrange(len(data) + 1)] or rng.randbytes(60000)
        return Attr(attr.kind, bytes(data), nested=attr.nested)

    def input(self):
        """(command, bytes of the attributes)"""
        rng = self.rng
        cmd = rng.choice(self.commands)
        if rng.random() < 0.02:
            cmd = rng.randrange(256)
        attrs = self.message(cmd)
        if rng.random() < 0.45:
            for _ in range(rng.choice((1, 1, 1, 2, 5))):
                self.spoil(attrs)
        try:
            data = pack(attrs)[0]
        except struct.error:  # longer than an attribute can be
            data = b""
        if rng.random() < 0.05 and data:
            data = bytearray(data)
            data[rng.randrange(len(data))] ^= 1 << rng.randrange(8)
        return cmd, bytes(data[:65000])
