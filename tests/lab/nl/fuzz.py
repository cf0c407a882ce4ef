# SPDX-License-Identifier: GPL-2.0
"""Messages that are nearly right: whatever comes back, the kernel lives, and
what was refused has changed nothing.
"""
import random

from genl import K, Socket, pack, u8, u64
from op25b import (
    generation, prefix, prefix_rec, prefixes, relay, relay_rec, relays, state,
)
from refusals import GROUPS
from txns import begin, txn


def seeds(t):
    """(command, attributes): messages that mutate well."""
    for group in GROUPS:
        for case in group():
            yield case[1], case[2]
    yield K.CMD_PREFIX_REPLACE, [prefix("203.0.113.0/24", "block", "comment")]
    yield K.CMD_PREFIX_REPLACE, prefixes(
        prefix_rec("203.0.113.0/24"), prefix_rec("2001:db8::/32"))
    yield K.CMD_RELAY_REPLACE, [relay("203.0.113.1", "comment", length=32)]
    yield K.CMD_RELAY_REPLACE, relays(relay_rec("203.0.113.1"))
    yield K.CMD_CHANGE, [
        u8(K.A_OP, K.OP_REPLACE), prefix("203.0.113.0/24", "block", "x"),
        relay("203.0.113.1"), u8(K.A_OP, K.OP_DEL_IF_PRESENT),
        prefix("203.0.113.0/25", None), u8(K.A_REVERSE, 1)]
    for _ in range(20):
        yield K.CMD_FILL, [txn(t), prefix("203.0.113.0/24", "block", "x"),
                           u8(K.A_MODE, 1)] + relays(relay_rec("203.0.113.1"))
    yield K.CMD_COMMIT, [txn(t), u8(K.A_MODE, 1), u64(K.A_GENERATION, 1)]


def mutate(rng, data):
    data = bytearray(data)
    for _ in range(rng.choice((1, 1, 1, 2, 4))):
        how = rng.randrange(6)
        at = rng.randrange(len(data) + 1)
        if how == 0 and data:
            data[at % len(data)] ^= 1 << rng.randrange(8)
        elif how == 1 and data:
            data[at % len(data)] = rng.choice((0, 1, 3, 4, 24, 127, 128, 255))
        elif how == 2:
            del data[at:]
        elif how == 3:
            data[at:at] = rng.randbytes(rng.randrange(1, 9))
        elif how == 4:
            del data[at : at + rng.randrange(1, 9)]
        else:
            data += data[at : at + rng.randrange(1, 65)]
    return bytes(data[:60000])


def run(tap, sock):
    seed = random.getrandbits(32)
    print(f"# seed {seed}")
    rng = random.Random(seed)
    t = begin(sock)
    corpus = [(cmd, pack(attrs)[0]) for cmd, attrs in seeds(t)]
    before, moved, accepted, wrong = generation(sock), 0, 0, []
    changing = {K.CMD_SET, K.CMD_PREFIX_ADD, K.CMD_PREFIX_REPLACE, K.CMD_PREFIX_DEL,
                K.CMD_PREFIX_FLUSH, K.CMD_RELAY_ADD, K.CMD_RELAY_REPLACE,
                K.CMD_RELAY_DEL, K.CMD_RELAY_FLUSH, K.CMD_COMMIT, K.CMD_CHANGE}
    for _ in range(4000):
        cmd, data = rng.choice(corpus)
        if rng.random() < 0.1:
            cmd = rng.randrange(1, K.all["__OP25B_CMD_MAX"])
        data = mutate(rng, data)
        answer = sock.do(cmd, (data, None))
        now = generation(sock)
        accepted += answer.error == 0
        if now != before and (answer.error or cmd not in changing):
            wrong.append(f"command {cmd}, {data.hex()}: {answer}")
        if answer.error and answer.sentence is None and answer.error != 95:
            wrong.append(f"no sentence: command {cmd}, {data.hex()}: {answer}")
        moved += now != before
        before = now
    tap.equal(wrong, [], "refused is nothing changed, and always a sentence")
    tap.ok(accepted and moved, f"of 4000 mutants {accepted} were accepted,"
           f" {moved} changed something")
    tap.ok(state(sock) is not None, "and the kernel answers as ever")
