# SPDX-License-Identifier: GPL-2.0
"""Inputs made from the policies, one writer, every one judged: by the model
(accepted or refused, with which errors), by what is in force afterwards, and by
the promises to whoever is refused.
"""
from errno import EBUSY, EINVAL, ENOMEM, EOPNOTSUPP, ERANGE, errorcode
from sys import byteorder

from budget import Budget, count, dice
from genl import Attr, K, pack, u64, unpack
from grammar import HOSTS, Grammar
from model import LIMITS, ORIGINS, Model, Refused, Ruleset, Unknown, due
from op25b import base, read_prefix, read_relay
from policy import kernel_policies

# refused without an attribute to blame
BLAMELESS = {
    "bytes leftover after parsing attributes",
    "another replacement is being built",
    "genlmsghdr.reserved field is not 0",
    "ambiguous or reserved bits set in nlmsg_flags",
    "allowed depth exceeded",
    "the last change awaits its confirmation or rollback",
}
ACTIONS = {"block": 1, "exempt": 2, "monitor": 3}


def expiry(data):
    return int.from_bytes(dict(unpack(data)).get(K.PREFIX_A_EXPIRES, b""), byteorder)


def read_whole_prefix(data):
    """As Ruleset has it: (key, (action, comment, expiry))"""
    n, action, note = read_prefix(data)
    key = n.max_prefixlen, int(n.network_address), n.prefixlen
    return key, (ACTIONS[action], note, expiry(data))


def read_whole_relay(data):
    a, note = read_relay(data)
    return (a.max_prefixlen, int(a)), (None, note, 0)


def origin_of(kind, data):
    number = K.RELAY_A_ORIGIN if kind == K.A_RELAY else K.PREFIX_A_ORIGIN
    return dict(unpack(data))[number][0]


def decode(replies, kind, read):
    """{origin: {key: entry}}"""
    out = {origin: {} for origin in ORIGINS}
    for reply in replies:
        for k, data in reply:
            if k == kind:
                key, entry = read(data)
                out[origin_of(kind, data)][key] = entry
    return out


def decode_prefixes(replies):
    return decode(replies, K.A_PREFIX, read_whole_prefix)


def decode_relays(replies):
    return decode(replies, K.A_RELAY, read_whole_relay)


NESTS = {K.A_PREFIX: read_whole_prefix, K.A_OTHER: read_whole_prefix,
         K.A_RELAY: read_whole_relay}


def said(answer, kind):
    """What a reply has of this kind, as the model has it."""
    if kind not in NESTS:
        return answer.number(kind)
    found = [(origin_of(kind, d), NESTS[kind](d))
             for k, d in answer.replies[0] if k == kind]
    return [(origin, key, *entry) for origin, (key, entry) in found]


def parts(numbers):
    """{origin: {attribute: number}} of what GET answers."""
    out = {}
    for kind, data in numbers:
        if kind == K.A_PART:
            got = {k: int.from_bytes(d, byteorder) for k, d in unpack(data)
                   if k != K.PART_A_PAD}
            out[got[K.PART_A_ORIGIN]] = got
    return out


class InForce:
    """What is in force, as the kernel lists it; decoded only when it moved."""

    def __init__(self, sock):
        self.sock, self.raw, self.text = sock, None, None

    def read(self):
        """(knobs and totals, prefixes, relays, totals of each origin)"""
        raw = self.everything()
        while raw[0] != self.knobs():
            raw = self.everything()  # something expired in between
        if raw != self.raw:
            self.raw = raw
            self.text = ({k: int.from_bytes(d, byteorder) for k, d in raw[0]},
                         decode_prefixes(raw[1]), decode_relays(raw[2]),
                         parts(raw[0]))
        return self.text

    def knobs(self):
        return [(k, d) for k, d in self.sock.do(K.CMD_GET).replies[0]
                if k not in (K.A_MEMORY, K.A_PAD, K.A_CONFIRM_LEFT)]

    def everything(self):
        raw = [self.knobs()]
        for cmd in (K.CMD_PREFIX_GET, K.CMD_RELAY_GET):
            answer = self.sock.dump(cmd)
            while answer.interrupted:
                answer = self.sock.dump(cmd)
            assert answer.error == 0, str(answer)
            raw.append(answer.replies)
        return raw


def lasting(entries):
    """Without those that are about to go, or gone."""
    return {k: e for k, e in entries.items() if not due(e)}


def differences(model, now):
    numbers, prefixes, relays, totals = now
    rs = model.rs
    listed = [k for there in prefixes.values() for k in there]
    wanted = {**rs.knobs, K.A_GENERATION: model.generation,
              K.A_RELAY_COUNT: model.total("relay"),
              K.A_PREFIXES_V4: sum(k[0] == 32 for k in listed),
              K.A_PREFIXES_V6: sum(k[0] == 128 for k in listed)}
    wanted[K.A_HOOK_V4] = wanted[K.A_HOOK_V6] = int(model.hooked())
    out = [f"attribute {k}: {numbers.get(k)}, not {v}"
           for k, v in wanted.items() if numbers.get(k) != v]
    for origin in ORIGINS:
        for what, got in (("prefix", prefixes), ("relay", relays)):
            mine = model.part(origin).sets[what]
            if lasting(got[origin]) != lasting(mine):
                out.append(f"{what} of origin {origin}: {got[origin]}, not {mine}")
        there = {K.PART_A_ORIGIN: origin, K.PART_A_RELAY_COUNT: len(relays[origin]),
                 K.PART_A_PREFIXES_V4: sum(k[0] == 32 for k in prefixes[origin]),
                 K.PART_A_PREFIXES_V6: sum(k[0] == 128 for k in prefixes[origin]),
                 K.PART_A_MAX_PREFIXES: numbers.get(
                     LIMITS.get(origin, K.A_MAX_PREFIXES))}
        told = {k: totals.get(origin, {}).get(k) for k in there}
        if told != there:
            out.append(f"totals of origin {origin}: {told}, not {there}")
    return out


def same(now, before):
    """But for what the clock alone has done."""
    return now[0][K.A_GENERATION] == before[0][K.A_GENERATION] and all(
        lasting(a[origin]) == lasting(b[origin])
        for a, b in zip(now[1:3], before[1:3]) for origin in ORIGINS)


class Storm:
    def __init__(self, sock, rng):
        self.sock, self.rng = sock, rng
        ops, policies = kernel_policies(sock)
        self.model = Model(ops, policies)
        self.grammar = Grammar(rng, ops, policies)
        self.in_force = InForce(sock)
        self.taught = self.accepted = self.refused = self.moved = 0
        self.wrong = []
        self.learn()

    def learn(self):
        """The model takes over what is in force. It knows of no trial then."""
        self.settle_trial()
        numbers, prefixes, relays, _ = self.in_force.read()
        self.model.rs, self.model.generation = Ruleset(), numbers[K.A_GENERATION]
        self.model.rs.knobs = {k: numbers[k] for k in self.model.rs.knobs}
        for origin in ORIGINS:
            self.model.part(origin).sets = {
                "prefix": dict(prefixes[origin]), "relay": dict(relays[origin])}
        self.model.parked = None

    def settle_trial(self):
        """While a COMMIT awaits its confirmation all else is refused."""
        got = self.sock.do(K.CMD_GET)
        if not got.number(K.A_CONFIRM_LEFT):
            return
        if self.rng.random() < 0.5:
            self.sock.do(K.CMD_ROLLBACK)
        else:
            self.sock.do(K.CMD_CONFIRM, [
                u64(K.A_GENERATION, got.number(K.A_GENERATION))])

    def predict(self, cmd, data):
        """(errors allowed or None if it must be accepted, what the reply says)"""
        try:
            return None, self.model.apply(cmd, data)
        except Refused as refused:
            return refused.errors, None

    def once(self, cmd, data):
        before = self.in_force.read()
        generation = self.model.generation
        try:
            errors, reply = self.predict(cmd, data)
        except Unknown:
            self.taught += 1
            errors = reply = "unknown"
        answer = self.sock.do(cmd, (data, None))
        wrong = self.judge(answer, cmd, data, errors, reply)
        if answer.error in (EBUSY, ENOMEM) and errors is None:
            # Memory that is not back yet: nothing of it happened.
            self.learn()
        if errors == "unknown":
            if answer.error and not same(self.in_force.read(), before):
                wrong.append("refused, yet something has changed")
            if self.model.txn is not None:  # what it holds is not known either
                self.sock.do(K.CMD_ABORT, [u64(K.A_TXN, self.model.txn)])
                self.model.txn = None
            self.learn()
        wrong += differences(self.model, self.in_force.read())
        self.accepted += not answer.error
        self.refused += bool(answer.error)
        self.moved += self.model.generation != generation
        self.grammar.txn = self.model.txn or 1
        self.grammar.generation = self.model.generation
        if wrong:
            self.wrong.append(f"command {cmd} {data.hex()}: {answer}: {wrong}")
            self.learn()

    def judge(self, answer, cmd, data, errors, reply):
        wrong = []
        if errors is None:
            if answer.error not in (0, EBUSY, ENOMEM):
                wrong.append("must be accepted")
            elif answer.error == 0 and cmd == K.CMD_BEGIN:
                self.model.txn = answer.number(K.A_TXN)
            if answer.error == 0 and reply:
                got = {k: said(answer, k) for k in reply}
                if got != reply:
                    wrong.append(f"answers {got}, not {reply}")
        elif errors != "unknown" and answer.error not in errors:
            wrong.append(f"must be refused with {[errorcode[e] for e in errors]}")
        if answer.error:
            wrong += self.explained(answer, len(data))
        elif answer.sentence:
            wrong.append("accepted with a sentence")
        return wrong

    @staticmethod
    def explained(answer, size):
        """What the refused one may expect."""
        if answer.error == EOPNOTSUPP and answer.sentence is None:
            return []  # no such operation: the core's own, without a word
        if answer.sentence is None:
            return ["refused without a sentence"]
        if answer.offset is not None and not 16 <= answer.offset < 20 + size + 4:
            return [f"the offset is outside of the message of {20 + size}"]
        blamed = answer.offset is not None or answer.miss_type is not None
        if not blamed and answer.error in (EINVAL, ERANGE) and (
                answer.sentence not in BLAMELESS):
            return ["refused without an attribute to blame"]
        return []

    def all_kinds(self):
        return bool(self.accepted and self.refused and self.moved)

    def lookups(self, rng):
        """The verdicts on a few packets are those of the model's table."""
        for _ in range(4):
            src = rng.choice(HOSTS)
            dst = rng.choice([h for h in HOSTS if h.version == src.version])
            self.once(K.CMD_TEST, pack([Attr(K.A_SRC, src.packed),
                                        Attr(K.A_DST, dst.packed)])[0])


def run(tap, sock):
    rng = dice("storm")
    base(sock)
    storm = Storm(sock, rng)
    for i in Budget(1500, enough=storm.all_kinds):
        storm.once(*storm.grammar.input())
        if i % 16 == 0:
            storm.lookups(rng)
        if len(storm.wrong) > 4:
            break
    inputs = storm.accepted + storm.refused
    count(inputs, "netlink inputs judged")
    tap.equal(storm.wrong, [], f"{inputs} inputs did what the model says")
    tap.ok(storm.all_kinds(),
           f"{storm.accepted} accepted, {storm.moved} of them a change,"
           f" {storm.refused} refused")
    print(f"# {storm.taught} were beyond the model")
    storm.settle_trial()
    answer = sock.dump(K.CMD_PREFIX_GET)
    tap.ok(answer.error == 0, "and the kernel answers as ever", str(answer))
