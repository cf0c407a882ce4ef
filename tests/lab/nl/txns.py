# SPDX-License-Identifier: GPL-2.0
"""BEGIN, FILL, COMMIT, ABORT, and sockets that do it wrong or die."""
from errno import EBUSY, EEXIST, EINVAL, ENOENT, ERANGE, ESTALE

from genl import NETLINK_ROUTE, Attr, K, Socket, u8, u32, u64
from op25b import (
    all_prefixes, all_relays, generation, prefix, prefix_rec, prefixes, relay,
    relay_rec, relays, size, state,
)

GONE = "this socket has no such transaction"
POISONED = "the transaction has had a FILL that failed"
OTHER = "another replacement is being built"
MOVED = "the generation has moved"
NO_MODE = "no mode was given"
MONITOR = u8(K.A_MODE, K.MODE_MONITOR)


def begin(sock):
    answer = sock.do(K.CMD_BEGIN)
    assert answer.error == 0, str(answer)
    return answer.number(K.A_TXN)


def txn(number, bad=None):
    return u64(K.A_TXN, number, bad=bad)


def whole(tap, sock):
    """From BEGIN to COMMIT, and that nothing of it shows before."""
    before = state(sock)
    answer = sock.do(K.CMD_BEGIN)
    t, now = answer.number(K.A_TXN), answer.number(K.A_GENERATION)
    tap.ok(t and now == generation(sock), "BEGIN answers an id and the generation")
    tap.accepted(sock.do(K.CMD_FILL, [
        txn(t), prefix("203.0.113.0/24", "block", "new"),
        *prefixes(prefix_rec("2001:db8:5::/48", "exempt")),
        relay("198.51.100.25", "new relay"),
        Attr(K.A_RELAYS, relay_rec("2001:db8:5::25")),
        u8(K.A_REJECT, K.REJECT_ICMP)]), "FILL with all it can carry")
    tap.accepted(sock.do(K.CMD_FILL, [txn(t)]), "FILL with nothing")
    tap.accepted(sock.do(K.CMD_FILL, [txn(t), prefix("100.64.0.0/10", "exempt")]),
                 "FILL with a prefix that is in force otherwise")
    tap.equal(state(sock), before, "nothing of it is in force")

    answer = sock.do(K.CMD_COMMIT, [txn(t)])
    tap.refused(answer, EINVAL, NO_MODE, "COMMIT without a mode", K.A_MODE)
    answer = sock.do(K.CMD_COMMIT, [
        txn(t), MONITOR, u64(K.A_GENERATION, now + 1, bad=True)])
    tap.refused(answer, ESTALE, MOVED, "COMMIT on another generation")
    tap.equal(state(sock), before, "still nothing of it is in force")
    answer = sock.do(K.CMD_COMMIT, [txn(t), MONITOR, u64(K.A_GENERATION, now)])
    tap.accepted(answer, "the transaction lived on: COMMIT on the right one")
    tap.equal(answer.number(K.A_GENERATION), now + 1, "answers the new generation")
    tap.equal([(str(n), a, c) for n, a, c in all_prefixes(sock)], [
        ("100.64.0.0/10", "exempt", None), ("203.0.113.0/24", "block", "new"),
        ("2001:db8:5::/48", "exempt", None)], "the prefixes are the new ones")
    tap.equal([(str(r), c) for r, c in all_relays(sock)], [
        ("198.51.100.25", "new relay"), ("2001:db8:5::25", None)],
        "so are the relays")
    got = sock.do(K.CMD_GET)
    tap.equal([got.number(k) for k in (K.A_MODE, K.A_REJECT, K.A_REVERSE)],
              [K.MODE_MONITOR, K.REJECT_ICMP, 0], "and the knobs")
    for cmd in (K.CMD_FILL, K.CMD_COMMIT, K.CMD_ABORT):
        tap.refused(sock.do(cmd, [txn(t, bad=True)]), ENOENT, GONE,
                    f"command {cmd} after COMMIT")


def modes(tap, sock):
    t = begin(sock)
    tap.accepted(sock.do(K.CMD_FILL, [txn(t), u8(K.A_MODE, K.MODE_ENFORCE)]),
                 "FILL with a mode")
    tap.accepted(sock.do(K.CMD_COMMIT, [txn(t), u8(K.A_REVERSE, 1)]),
                 "COMMIT with a knob, its mode from a FILL")
    got = sock.do(K.CMD_GET)
    tap.equal([got.number(k) for k in (K.A_MODE, K.A_REJECT, K.A_REVERSE)],
              [K.MODE_ENFORCE, K.REJECT_TCP_RESET, 1], "knobs not given: defaults")
    tap.equal((all_prefixes(sock), all_relays(sock)), ([], []),
              "an empty replacement empties")


def strangers(tap, sock):
    """Other sockets, also with the id."""
    t = begin(sock)
    with Socket() as other:
        tap.refused(other.do(K.CMD_BEGIN), EBUSY, OTHER, "BEGIN of another socket")
        tap.refused(sock.do(K.CMD_BEGIN), EBUSY, OTHER, "BEGIN twice")
        for name in ("FILL", "COMMIT", "ABORT"):
            answer = other.do(getattr(K, "CMD_" + name), [txn(t, bad=True)])
            tap.refused(answer, ENOENT, GONE, f"{name} by another socket")
            wrong = txn(t ^ 1, bad=True)
            answer = sock.do(getattr(K, "CMD_" + name), [wrong])
            tap.refused(answer, ENOENT, GONE, f"{name} with another id")
        now = generation(sock)
        tap.accepted(other.do(K.CMD_PREFIX_REPLACE, [prefix("203.0.113.0/25")]),
                     "another writer goes on")
        tap.accepted(other.do(K.CMD_PREFIX_FLUSH), "and flushes")
        answer = sock.do(K.CMD_COMMIT, [
            txn(t), MONITOR, u64(K.A_GENERATION, now, bad=True)])
        tap.refused(answer, ESTALE, MOVED, "so the generation has moved")
        tap.accepted(sock.do(K.CMD_COMMIT, [txn(t), MONITOR]),
                     "COMMIT that does not ask for it")
        other_txn = begin(other)
        tap.ok(other_txn != t, "then the other may begin")
        tap.accepted(other.do(K.CMD_ABORT, [txn(other_txn)]), "and abort")


def poisons():
    """FILLs that fail, each in its own transaction."""
    good = prefix("203.0.113.0/24")
    yield "a prefix twice", [good, prefix("203.0.113.0/24", bad=True)], EEXIST, (
        "this prefix is there already")
    yield "a relay twice", [relay("192.0.2.1"), relay("192.0.2.1", bad=True)], (
        EEXIST), "this relay is there already"
    yield "an array cut short", [
        good, size(), Attr(K.A_PREFIXES, prefix_rec("192.0.2.0/24")[:20], bad=0)
    ], EINVAL, "the packed array ends inside a record"
    yield "host bits", prefixes(
        prefix_rec("192.0.2.0/24"), prefix_rec("192.0.2.1/24"), bad=24), EINVAL, (
            "host bits are set beyond the prefix length")
    yield "a record size that is wrong", [
        u32(K.A_RECORD_SIZE, 32, bad=True), Attr(K.A_RELAYS, b"\0" * 32)
    ], EINVAL, "the record size is 24 in version 1"
    yield "an action out of range", [good, Attr(K.A_PREFIX, [
        Attr(K.PREFIX_A_ADDR, b"\1\1\1\0"), u8(K.PREFIX_A_LEN, 24),
        u8(K.PREFIX_A_ACTION, 7, bad=True)])], ERANGE, "integer out of range"
    yield "a mode out of range", [u8(K.A_MODE, 3, bad=True)], ERANGE, (
        "integer out of range")
    yield "a mode of two bytes", [Attr(K.A_MODE, b"\1\1", bad=True)], EINVAL, (
        "invalid attribute length")
    yield "an address of 5 bytes", [Attr(K.A_RELAY, [
        Attr(K.RELAY_A_ADDR, b"12345", bad=True)])], EINVAL, (
            "an address has 4 or 16 bytes")
    yield "an escape in a comment", [Attr(K.A_RELAY, [
        Attr(K.RELAY_A_ADDR, b"\1\1\1\1"),
        Attr(K.RELAY_A_COMMENT, b"\x1b\0", bad=True)])], EINVAL, (
            "a comment has no control characters")
    yield "the mode twice", [MONITOR, u8(K.A_MODE, 1, bad=True)], EINVAL, (
        "the attribute stands there twice")


def poisoned(tap, sock):
    before = state(sock)
    for what, attrs, error, sentence in poisons():
        t = begin(sock)
        tap.accepted(sock.do(K.CMD_FILL, [txn(t), MONITOR]), "FILL")
        tap.refused(sock.do(K.CMD_FILL, [txn(t)] + attrs), error, sentence,
                    f"FILL with {what}")
        for name in ("FILL", "COMMIT"):
            answer = sock.do(getattr(K, "CMD_" + name), [txn(t, bad=True)])
            tap.refused(answer, ESTALE, POISONED, f"then {name} is refused")
        tap.accepted(sock.do(K.CMD_ABORT, [txn(t)]), "and ABORT is not")
    tap.equal(state(sock), before, "no poisoned transaction came into force")

    t = begin(sock)
    answer = sock.do(K.CMD_COMMIT, [txn(t), u8(K.A_MODE, 3, bad=True)])
    tap.refused(answer, ERANGE, "integer out of range", "a COMMIT with a bad knob")
    tap.accepted(sock.do(K.CMD_COMMIT, [txn(t), MONITOR]), "does not poison")


def deaths(tap, sock):
    """Sockets that die with a transaction, and neighbours that must not."""
    for what, attrs in (
        ("empty", []), ("filled", [prefix("203.0.113.0/24"), relay("192.0.2.9")]),
        ("poisoned", [prefix("203.0.113.0/24"), prefix("203.0.113.0/24")]),
    ):
        dying = Socket()
        t = begin(dying)
        dying.do(K.CMD_FILL, [txn(t)] + attrs)
        dying.close()
        t = begin(sock)
        tap.ok(True, f"a socket dies with its transaction {what}, the next begins")
        tap.accepted(sock.do(K.CMD_ABORT, [txn(t)]), "and aborts")

    port = 0x0FF1CE
    dying = Socket(port)
    t = begin(dying)
    dying.close()
    with Socket(port) as heir:
        tap.refused(heir.do(K.CMD_FILL, [txn(t, bad=True)]), ENOENT, GONE,
                    "a socket with the same port does not inherit")
        mine = begin(heir)
        # The same port of another protocol dies; it is not this socket.
        Socket(port, NETLINK_ROUTE).close()
        tap.accepted(heir.do(K.CMD_FILL, [txn(mine)]),
                     "the death of another protocol's socket means nothing")
        neighbour = Socket()
        neighbour.resolve()
        neighbour.close()
        tap.accepted(heir.do(K.CMD_COMMIT, [txn(mine), MONITOR]),
                     "nor does that of another port's")


def run(tap, sock):
    for group in (whole, modes, strangers, poisoned, deaths):
        group(tap, sock)
