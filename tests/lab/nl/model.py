# SPDX-License-Identifier: GPL-2.0
"""What op25b's netlink contract says a message does, in Python and from the bytes
of the message: an oracle that shares nothing with the module but the uapi header,
and nothing with the core of netlink but the policies that it reports.

A message is refused (Refused, with the errors that it may be refused with) or
moves the Model to its next state. Unknown: the model has not been taught this.
"""
import struct
import time
from errno import (EBUSY, EEXIST, EINVAL, ENOENT, ENOSPC, EOPNOTSUPP, ERANGE, ESTALE)
from sys import byteorder

from genl import K, NESTED

FLAG, U8, U16, U32, U64, BINARY, STRING, NUL_STRING, NEST = (
    1, 2, 3, 4, 5, 10, 11, 12, 13)
SIZE = {U8: 1, U16: 2, U32: 4, U64: 8}
# keys of one attribute in a reported policy
TYPE, LEAST, MOST, POLICY = 1, 4, 5, 8


class Refused(Exception):
    def __init__(self, why, *errors):
        super().__init__(why)
        self.errors = errors


class Unknown(Exception):
    pass


def malformed(why):
    return Refused(why, EINVAL, ERANGE)


def attributes(data):
    """(type, flag NESTED, payload) of each."""
    at, out = 0, []
    while len(data) - at >= 4:
        length, kind = struct.unpack_from("=HH", data, at)
        if length < 4 or length > len(data) - at:
            break
        out.append((kind & 0x3FFF, bool(kind & NESTED), data[at + 4 : at + length]))
        at += length + 3 & ~3
    if at < len(data):
        raise malformed("bytes left over")
    return out


def check(data, policy, policies):
    """What the core refuses in the attributes @data. Return: them."""
    out = attributes(data)
    for kind, nested, payload in out:
        keys = policy.get(kind)
        if keys is None:
            raise malformed(f"attribute {kind} is not known here")
        what = keys.get(TYPE)
        if nested != (what == NEST):
            raise malformed("nested flag")
        if what in SIZE:
            if len(payload) != SIZE[what]:
                raise malformed("length of an integer")
            value = int.from_bytes(payload, byteorder)
            if not keys.get(LEAST, 0) <= value <= keys.get(MOST, value):
                raise malformed("range")
        elif what == FLAG and payload:
            raise malformed("a flag with a value")
        elif what == NUL_STRING and b"\0" not in payload:
            raise malformed("no NUL")
        elif what == NEST and payload:
            if len(payload) < 4:
                raise malformed("a nest too short for an attribute")
            if POLICY in keys:
                check(payload, policies[keys[POLICY]], policies)
    return out


def once(attrs, repeat=()):
    seen = set()
    for kind, _, _ in attrs:
        if kind in seen and kind not in repeat:
            raise Refused("twice", EINVAL)
        seen.add(kind)


def address(payload):
    if len(payload) not in (4, 16):
        raise malformed("an address has 4 or 16 bytes")
    return len(payload) * 8, int.from_bytes(payload, "big")


def comment(payload):
    """None if empty."""
    if len(payload) > 256 or payload.find(b"\0") != len(payload) - 1:
        raise malformed("length of a comment, or a NUL within")
    try:
        text = payload[:-1].decode()
    except UnicodeDecodeError:
        raise malformed("a comment is UTF-8") from None
    if any(ord(c) < 32 or 127 <= ord(c) < 160 for c in text):
        raise malformed("a control character")
    if set(text) & set("\u061c\u200e\u200f\u202a\u202b\u202c\u202d\u202e"
                       "\u2066\u2067\u2068\u2069"):
        raise malformed("a bidirectional control")
    return text or None


def prefix_key(bits, value, length):
    if length > bits:
        raise Refused("length", EINVAL)
    if value & ((1 << bits - length) - 1):
        raise Refused("host bits", EINVAL)
    return bits, value, length


def read_prefix(payload, keyed, noted=False):
    """(key, action, comment, expiry). @keyed: a key only, @noted: or the comment
    that it must have.
    """
    attrs = attributes(payload)
    once(attrs)
    got = {kind: data for kind, _, data in attrs}
    need = [K.PREFIX_A_ADDR, K.PREFIX_A_LEN] + [K.PREFIX_A_ACTION] * (not keyed)
    if any(kind not in got for kind in need):
        raise Refused("something is missing in a prefix", EINVAL)
    more = set(got) - set(need)
    if keyed and more - ({K.PREFIX_A_COMMENT} if noted else set()):
        raise Refused("more than a key", EINVAL)
    if more - {K.PREFIX_A_COMMENT, K.PREFIX_A_EXPIRES}:
        raise Unknown
    key = prefix_key(*address(got[K.PREFIX_A_ADDR]), got[K.PREFIX_A_LEN][0])
    note = comment(got.get(K.PREFIX_A_COMMENT, b"\0"))
    expires = int.from_bytes(got.get(K.PREFIX_A_EXPIRES, b""), byteorder)
    return key, 0 if keyed else got[K.PREFIX_A_ACTION][0], note, expires


def read_relay(payload, keyed=False, noted=False):
    attrs = attributes(payload)
    once(attrs)
    got = {kind: data for kind, _, data in attrs}
    if K.RELAY_A_ADDR not in got:
        raise Refused("a relay without an address", EINVAL)
    if keyed and not noted and K.RELAY_A_COMMENT in got:
        raise Refused("more than a key", EINVAL)
    if set(got) - {K.RELAY_A_ADDR, K.RELAY_A_LEN, K.RELAY_A_COMMENT}:
        raise Unknown
    bits, value = address(got[K.RELAY_A_ADDR])
    if got.get(K.RELAY_A_LEN, bytes([bits]))[0] != bits:
        raise Refused("length of a relay", EINVAL)
    return (bits, value), comment(got.get(K.RELAY_A_COMMENT, b"\0"))


def record_address(rec):
    family = rec[16]
    if family not in (2, 10) or (family == 2 and any(rec[4:16])):
        raise Refused("family of a record", EINVAL)
    return address(rec[:4] if family == 2 else rec[:16])


def prefix_record(rec, keyed):
    if rec[19] or (keyed and any(rec[20:])):
        raise Refused("reserved bytes", EINVAL)
    if rec[18] not in ((0,) if keyed else (1, 2, 3)):
        raise Refused("action of a record", EINVAL)
    expires = int.from_bytes(rec[20:], byteorder)
    return prefix_key(*record_address(rec), rec[17]), rec[18], None, expires


def relay_record(rec):
    if any(rec[18:]):
        raise Refused("reserved bytes", EINVAL)
    bits, value = record_address(rec)
    if rec[17] != bits:
        raise Refused("length of a relay", EINVAL)
    return (bits, value), None


def records(payload):
    if not payload:
        raise Refused("empty array", EINVAL)
    for at in range(0, len(payload) - 23, 24):
        yield payload[at : at + 24]
    if len(payload) % 24:
        raise Refused("ends inside a record", EINVAL)


def entries(attrs, keyed):
    """("prefix" or "relay", key, action, comment, expiry), in the message's order."""
    for kind, _, data in attrs:
        if kind == K.A_PREFIX:
            yield "prefix", *read_prefix(data, keyed, keyed)
        elif kind == K.A_PREFIXES:
            for rec in records(data):
                yield "prefix", *prefix_record(rec, keyed)
        elif kind == K.A_RELAY:
            key, note = read_relay(data, keyed, keyed)
            yield "relay", key, None, note, 0
        elif kind == K.A_RELAYS:
            for rec in records(data):
                key, note = relay_record(rec)
                yield "relay", key, None, note, 0


KNOBS = {"MODE": 0, "REJECT": 1, "REVERSE": 0, "COUNTERS": 1, "REJECT_RATE": 1000,
         "REJECT_SOURCE_RATE": 10, "WATCH_OFFENDERS": 1, "OFFENDER_LEN": 64,
         "OFFENDER_THRESHOLD": 1000, "SESSION_PREFIXES": 1 << 20,
         "BGP_PREFIXES": 1 << 20}
# How many prefixes an origin may have; the one that is missing: as many as fit.
LIMITS = {K.ORIGIN_SESSION: K.A_SESSION_PREFIXES, K.ORIGIN_BGP: K.A_BGP_PREFIXES}
ORIGINS = (K.ORIGIN_CONFIG, *LIMITS)
# Of equal prefixes of session and bgp, the stricter action decides.
STRICTNESS = {K.ACTION_BLOCK: 0, K.ACTION_MONITOR: 1, K.ACTION_EXEMPT: 2}
NO_DO = ("EVENT", "OFFENDER_GET")
# What is refused while a COMMIT awaits its confirmation.
CHANGES = ("SET", "BEGIN", "PREFIX_ADD", "PREFIX_REPLACE", "PREFIX_DEL", "PREFIX_FLUSH",
           "RELAY_ADD", "RELAY_REPLACE", "RELAY_DEL", "RELAY_FLUSH", "CHANGE")
# Of entries in a CHANGE: what happens, and whether it need not.
VERBS = {"ADD": ("ADD", False), "REPLACE": ("REPLACE", False), "DEL": ("DEL", False),
         "ADD_IF_ABSENT": ("ADD", True), "DEL_IF_PRESENT": ("DEL", True)}
OPS = {getattr(K, "OP_" + name): how for name, how in VERBS.items()}
TRIAL = 60  # seconds: a shorter one may end by itself while the model looks away


def due(entry):
    """May be gone by now, or soon."""
    return entry[2] and entry[2] < time.time() + 2


class Entries:
    """What one origin has."""

    def __init__(self):
        self.sets = {"prefix": {}, "relay": {}}

    def copy(self):
        new = Entries()
        new.sets = {k: dict(v) for k, v in self.sets.items()}
        return new

    def change(self, attrs, verb, lenient=False, limit=1 << 24):
        """Return: how many entries. @lenient: what is so already is no error."""
        got = {kind: data for kind, _, data in attrs}
        if K.A_PREFIXES in got or K.A_RELAYS in got:
            if got.get(K.A_RECORD_SIZE) != struct.pack("=I", 24):
                raise Refused("record size", EINVAL)
        changed = 0
        for what, key, action, note, expires in entries(attrs, verb == "DEL"):
            there = self.sets[what]
            if key in there and due(there[key]):
                raise Unknown
            if verb == "DEL":
                if key not in there or note not in (None, there[key][1]):
                    if not lenient:
                        raise Refused("absent", ENOENT)
                    continue
                del there[key]
                changed += 1
                continue
            if verb == "ADD" and key in there:
                if not lenient:
                    raise Refused("there already", EEXIST)
                continue
            if what == "prefix" and key not in there and len(there) >= limit:
                if any(map(due, there.values())):
                    raise Unknown
                raise Refused("no room", ENOSPC)
            there[key] = (action, note, expires)
            changed += 1
        return changed

    def longest(self, bits, value):
        best = None
        for key in self.sets["prefix"]:
            if key[0] == bits and value >> bits - key[2] << bits - key[2] == key[1]:
                if due(self.sets["prefix"][key]):
                    raise Unknown
                if best is None or key[2] > best[2]:
                    best = key
        return best


def deciding(found):
    """The origin that decides, of {origin: (key, action)}."""
    longest = max(key[2] for key, _ in found.values())
    tied = {o: action for o, (key, action) in found.items() if key[2] == longest}
    if K.ORIGIN_CONFIG in tied:
        return K.ORIGIN_CONFIG
    return min(tied, key=lambda o: (STRICTNESS[tied[o]], o))


class Ruleset(Entries):
    """What origin config has, and the knobs."""

    def __init__(self):
        super().__init__()
        self.knobs = {getattr(K, "A_" + k): v for k, v in KNOBS.items()}

    def copy(self):
        new = Ruleset()
        new.knobs = dict(self.knobs)
        new.sets = {k: dict(v) for k, v in self.sets.items()}
        return new

    def set_knobs(self, got):
        """Return: how many."""
        mine = [k for k in got if k in self.knobs]
        for kind in mine:
            self.knobs[kind] = int.from_bytes(got[kind], byteorder)
        return len(mine)

    def find(self, bits, src, others):
        """({origin: (longest prefix, action)}, who decides or None)"""
        found = {}
        for origin, part in {K.ORIGIN_CONFIG: self, **others}.items():
            key = part.longest(bits, src)
            if key:
                found[origin] = key, part.sets["prefix"][key][0]
        return found, deciding(found) if found else None

    def verdict(self, bits, src, dst, others=None):
        """(outcome, counter, deciding prefix, whether @dst is a relay) of a SYN
        to port 25, with the entries of @others, {origin: Entries}.
        """
        others = others or {}
        found, origin = self.find(bits, src, others)
        best, action = found[origin] if found else (None, 0)
        relay = any((bits, dst) in part.sets["relay"]
                    for part in (self, *others.values()))
        accept = K.OUTCOME_ACCEPT
        if not best:
            return accept, K.COUNTER_PASS_UNLISTED, best, relay
        if action == K.ACTION_EXEMPT:
            return accept, K.COUNTER_PASS_EXEMPT, best, relay
        if relay:
            return accept, K.COUNTER_PASS_RELAY, best, relay
        enforce = self.knobs[K.A_MODE] == K.MODE_ENFORCE
        if action == K.ACTION_MONITOR or not enforce:
            return accept, K.COUNTER_WOULD_BLOCK, best, relay
        drop = self.knobs[K.A_REJECT] == K.REJECT_DROP
        return (K.OUTCOME_DROP if drop else K.OUTCOME_REJECT, K.COUNTER_BLOCK,
                best, relay)


class Model:
    """One namespace, of which one socket changes the configuration."""

    def __init__(self, ops, policies):
        self.ops, self.policies = ops, policies
        self.names = {v: n.removeprefix("OP25B_CMD_") for n, v in K.all.items()
                      if n.startswith("OP25B_CMD_") and n != "OP25B_CMD_MAX"}
        self.rs, self.generation = Ruleset(), 0
        self.others = {origin: Entries() for origin in LIMITS}
        self.parked = None
        self.txn = self.staged = None
        self.has_mode = self.poisoned = False
        self.fill_policy = self.tight_fill_policy()

    def policy(self, cmd):
        return self.policies.get(self.ops.get(cmd), {})

    def tight_fill_policy(self):
        """FILL applies by itself what the others have reported."""
        tight = {}
        for cmd in (K.CMD_COMMIT, K.CMD_RELAY_ADD, K.CMD_PREFIX_ADD):
            tight.update(self.policy(cmd))
        return {k: tight[k] for k in self.policy(K.CMD_FILL)}

    def values(self, attrs, policy):
        """What a policy's functions say of addresses and comments: in the nests
        they are checked with the rest of the message, before any entry.
        """
        for kind, _, data in attrs:
            if kind in (K.A_SRC, K.A_DST, K.A_COVERING):
                address(data)
            elif (kind in (K.A_PREFIX, K.A_RELAY, K.A_WITHIN)
                  and TYPE in policy.get(kind, {})):
                addr, note = ((K.RELAY_A_ADDR, K.RELAY_A_COMMENT)
                              if kind == K.A_RELAY else
                              (K.PREFIX_A_ADDR, K.PREFIX_A_COMMENT))
                for inner, _, payload in attributes(data):
                    if inner == addr:
                        address(payload)
                    elif inner == note:
                        comment(payload)

    def apply(self, cmd, data):
        """Return: what a reply must say, or None."""
        name = self.names.get(cmd)
        if name is None or name in NO_DO:
            raise Refused("no such operation", EOPNOTSUPP)
        if self.parked and name in CHANGES:
            return self.on_trial(cmd, name, data)
        return self.work(cmd, name, data)

    def on_trial(self, cmd, name, data):
        """Mode `off` alone is a change that the parked ruleset learns too."""
        policy = self.policy(cmd)
        attrs = check(data, policy, self.policies)
        self.values(attrs, policy)
        whose = {d[0] for k, _, d in attrs if k == K.A_ORIGIN} or {K.ORIGIN_CONFIG}
        if K.ORIGIN_CONFIG not in whose:
            return self.work(cmd, name, data)
        if name != "SET" or [(k, d) for k, _, d in attrs] != [(K.A_MODE, b"\0")]:
            raise Refused("on trial, or wrong besides", EBUSY, EINVAL)
        self.do_set(attrs, {K.A_MODE: b"\0"})
        self.parked = self.parked.copy()
        self.parked.knobs[K.A_MODE] = K.MODE_OFF

    def work(self, cmd, name, data):
        work = getattr(self, "do_" + name.lower(), None)
        if work is None:
            raise Unknown
        policy = self.policy(cmd)
        attrs = check(data, policy, self.policies)
        if name != "FILL":
            self.values(attrs, policy)
        return work(attrs, {kind: payload for kind, _, payload in attrs})

    def hooked(self):
        return self.rs.knobs[K.A_MODE] != K.MODE_OFF

    def publish(self, rs):
        self.rs = rs
        self.generation += 1

    def part(self, origin):
        return self.others.get(origin, self.rs)

    def total(self, what):
        return sum(len(self.part(o).sets[what]) for o in ORIGINS)

    def do_get(self, attrs, got):
        return {**self.rs.knobs, K.A_GENERATION: self.generation,
                K.A_RELAY_COUNT: self.total("relay")}

    def do_set(self, attrs, got):
        rs = self.rs.copy()
        if set(got) - set(rs.knobs):
            raise Unknown
        if not rs.set_knobs(got):
            raise Refused("no knob", EINVAL)
        once(attrs)
        self.publish(rs)

    def amend(self, attrs, got, verb, nest, array):
        if nest not in got and array not in got:
            raise Refused("no entry", EINVAL)
        once(attrs, (nest,))
        origin, part = self.begin_part(got)
        if part.change(attrs, verb, K.A_IF_PRESENT in got, self.limit(origin)):
            self.end_part(origin, part)

    def limit(self, origin):
        return self.rs.knobs.get(LIMITS.get(origin), 1 << 24)

    def begin_part(self, got):
        """(whose, a copy of it)"""
        origin = got.get(K.A_ORIGIN, bytes([K.ORIGIN_CONFIG]))[0]
        return origin, self.part(origin).copy()

    def end_part(self, origin, part):
        if origin == K.ORIGIN_CONFIG:
            self.publish(part)
        else:
            self.others[origin] = part

    def do_prefix_add(self, attrs, got):
        self.amend(attrs, got, "ADD", K.A_PREFIX, K.A_PREFIXES)

    def do_prefix_replace(self, attrs, got):
        self.amend(attrs, got, "REPLACE", K.A_PREFIX, K.A_PREFIXES)

    def do_prefix_del(self, attrs, got):
        self.amend(attrs, got, "DEL", K.A_PREFIX, K.A_PREFIXES)

    def do_relay_add(self, attrs, got):
        self.amend(attrs, got, "ADD", K.A_RELAY, K.A_RELAYS)

    def do_relay_replace(self, attrs, got):
        self.amend(attrs, got, "REPLACE", K.A_RELAY, K.A_RELAYS)

    def do_relay_del(self, attrs, got):
        self.amend(attrs, got, "DEL", K.A_RELAY, K.A_RELAYS)

    def do_change(self, attrs, got):
        once(attrs, (K.A_OP, K.A_PREFIX, K.A_RELAY))
        origin, part = self.begin_part(got)
        if origin != K.ORIGIN_CONFIG and set(got) & set(self.rs.knobs):
            raise Refused("knobs are of origin config", EINVAL)
        how, changed = None, 0
        for attr in attrs:
            if attr[0] == K.A_OP:
                how = OPS[attr[2][0]]
            elif attr[0] not in (K.A_PREFIX, K.A_RELAY):
                continue
            elif not how:
                raise Refused("no operation", EINVAL)
            else:
                changed += part.change([attr], *how, self.limit(origin))
        if origin == K.ORIGIN_CONFIG:
            changed += part.set_knobs(got)
        if changed:
            self.end_part(origin, part)

    def flush(self, attrs, got, what):
        once(attrs)
        origin, part = self.begin_part(got)
        part.sets[what] = {}
        self.end_part(origin, part)

    def do_prefix_flush(self, attrs, got):
        self.flush(attrs, got, "prefix")

    def do_relay_flush(self, attrs, got):
        self.flush(attrs, got, "relay")

    def dump(self, what, attrs):
        """What is listed, {origin: as in Entries.sets}; None if that is not known."""
        once(attrs)
        got = {kind: data for kind, _, data in attrs}
        if K.A_PREFIX in got or K.A_RELAY in got:
            raise Refused("a key", EINVAL)
        whose = got.get(K.A_ORIGIN, ORIGINS)
        there = {o: self.part(o).sets[what] if o in whose else {} for o in ORIGINS}
        tests = []
        if K.A_WITHIN in got:
            outer = read_prefix(got[K.A_WITHIN], True)[0]
            tests.append(lambda k, e: k[0] == outer[0] and k[2] >= outer[2] and
                         not (k[1] ^ outer[1]) >> k[0] - outer[2])
        if K.A_COVERING in got:
            host = address(got[K.A_COVERING])
            tests.append(lambda k, e: k[0] == host[0] and
                         not (k[1] ^ host[1]) >> k[0] - k[2])
        if K.A_ACTION in got:
            tests.append(lambda k, e: e[0] == got[K.A_ACTION][0])
        if K.A_BY_HAND in got:
            return None
        return {o: {k: e for k, e in of.items() if all(test(k, e) for test in tests)}
                for o, of in there.items()}

    def find(self, attrs, got, what, nest, read):
        if nest not in got:
            raise Refused("no entry", EINVAL)
        once(attrs)
        if set(got) - {nest, K.A_ORIGIN}:
            raise Refused("for dumps only", EINVAL)
        key = read(got[nest])[0]
        whose = [got[K.A_ORIGIN][0]] if K.A_ORIGIN in got else ORIGINS
        there = [(o, self.part(o).sets[what][key]) for o in whose
                 if key in self.part(o).sets[what]]
        if any(due(entry) for _, entry in there):
            raise Unknown
        if not there:
            raise Refused("absent", ENOENT)
        return {nest: [(there[0][0], key, *there[0][1])]}

    def do_prefix_get(self, attrs, got):
        return self.find(attrs, got, "prefix", K.A_PREFIX,
                         lambda d: read_prefix(d, True))

    def do_relay_get(self, attrs, got):
        return self.find(attrs, got, "relay", K.A_RELAY, read_relay)

    def mine(self, got):
        """The transaction that the message names."""
        if K.A_TXN not in got:
            raise Refused("no transaction given", EINVAL)
        if self.txn is None or got[K.A_TXN] != self.txn.to_bytes(8, byteorder):
            raise Refused("not mine", ENOENT)

    def do_begin(self, attrs, got):
        if self.txn is not None:
            raise Refused("another is being built", EBUSY)
        self.staged, self.txn = Ruleset(), 0  # the reply tells which
        self.has_mode = self.poisoned = False
        return {K.A_GENERATION: self.generation}

    def do_fill(self, attrs, got):
        self.mine(got)
        if self.poisoned:
            raise Refused("poisoned", ESTALE)
        self.poisoned = True
        data = b""
        for kind, nested, payload in attrs:
            head = struct.pack("=HH", len(payload) + 4, kind | NESTED * nested)
            data += b"\0" * (-len(data) % 4) + head + payload
        check(data, self.fill_policy, self.policies)
        self.values(attrs, self.fill_policy)
        once(attrs, (K.A_PREFIX, K.A_RELAY))
        if set(got) - {*self.staged.knobs, K.A_TXN, K.A_PREFIX, K.A_PREFIXES,
                       K.A_RELAY, K.A_RELAYS, K.A_RECORD_SIZE}:
            raise Unknown
        self.staged.change(attrs, "ADD")
        self.staged.set_knobs(got)
        self.has_mode |= K.A_MODE in got
        self.poisoned = False

    def do_commit(self, attrs, got):
        if K.A_TXN in got:
            once(attrs)
        self.mine(got)
        if self.poisoned:
            raise Refused("poisoned", ESTALE)
        expected = got.get(K.A_GENERATION)
        if expected and int.from_bytes(expected, byteorder) != self.generation:
            raise Refused("the generation has moved", ESTALE)
        if not self.has_mode and K.A_MODE not in got:
            raise Refused("no mode", EINVAL)
        if set(got) - {*self.staged.knobs, K.A_TXN, K.A_GENERATION, K.A_CONFIRM}:
            raise Unknown
        if K.A_CONFIRM in got:
            if int.from_bytes(got[K.A_CONFIRM], byteorder) < TRIAL:
                raise Unknown
            self.parked = self.rs
        self.staged.set_knobs(got)
        self.publish(self.staged)
        self.txn = self.staged = None
        return {K.A_GENERATION: self.generation}

    def do_abort(self, attrs, got):
        if K.A_TXN in got:
            once(attrs)
        self.mine(got)
        self.txn = self.staged = None

    def do_confirm(self, attrs, got):
        if K.A_GENERATION not in got:
            raise Refused("no generation given", EINVAL)
        once(attrs)
        if not self.parked:
            raise Refused("nothing is pending", ENOENT)
        if int.from_bytes(got[K.A_GENERATION], byteorder) != self.generation:
            raise Refused("the generation has moved", ESTALE)
        self.parked = None
        return {K.A_GENERATION: self.generation}

    def do_rollback(self, attrs, got):
        if not self.parked:
            raise Refused("nothing is pending", ENOENT)
        self.publish(self.parked)
        self.parked = None
        return {K.A_GENERATION: self.generation}

    def do_test(self, attrs, got):
        if K.A_SRC not in got or K.A_DST not in got:
            raise Refused("no source or destination", EINVAL)
        bits, src = address(got[K.A_SRC])
        other, dst = address(got[K.A_DST])
        if bits != other:
            raise Refused("families differ", EINVAL)
        once(attrs)
        outcome, counter, _, _ = self.rs.verdict(bits, src, dst, self.others)
        found, decides = self.rs.find(bits, src, self.others)
        said = {o: (o, key, *self.part(o).sets["prefix"][key])
                for o, (key, _) in found.items()}
        relay = [(o, (bits, dst), *self.part(o).sets["relay"][bits, dst])
                 for o in ORIGINS if (bits, dst) in self.part(o).sets["relay"]]
        return {K.A_OUTCOME: outcome, K.A_COUNTER: counter,
                K.A_MODE: self.rs.knobs[K.A_MODE],
                K.A_REJECT: self.rs.knobs[K.A_REJECT],
                K.A_PREFIX: [said.pop(decides)] if said else [],
                K.A_OTHER: [said[o] for o in sorted(said)], K.A_RELAY: relay[:1]}

    def do_stats_get(self, attrs, got):
        return {}

    def do_stats_reset(self, attrs, got):
        return None
