# SPDX-License-Identifier: GPL-2.0
"""A large ruleset is replaced by a small one: its memory comes back, and soon."""
import statistics
import time

from genl import K, pack, u8
from lives import at_least, in_time, wait_for, wait_for_rest
from op25b import number, prefix_rec, prefixes
from txns import begin, txn

MANY = 300000
FEW = 10
PROMISE = 1  # seconds
MORE = 64 << 10  # bytes, than as few take that are made afresh
MESSAGE = 2500  # records


def record(i):
    """Every third is IPv6."""
    if i % 3:
        return prefix_rec(f"10.{i >> 16}.{i >> 8 & 255}.{i & 255}/32")
    return prefix_rec(f"2001:db8:{i >> 16:x}:{i & 65535:x}::/64")


def replace(sock, records):
    """Return: the seconds that FILL takes for them, by the median of its messages."""
    t, took = begin(sock), []
    for i in range(0, len(records), MESSAGE):
        attrs = pack([txn(t)] + prefixes(*records[i:i + MESSAGE]))
        start = time.monotonic()
        answer = sock.do(K.CMD_FILL, attrs)
        took.append(time.monotonic() - start)
        assert answer.error == 0, str(answer)
    assert sock.do(K.CMD_COMMIT, [txn(t), u8(K.A_MODE, 0)]).error == 0
    return statistics.median(took) * len(took)


def run(tap, sock):
    many = [record(i) for i in range(MANY)]
    for what, few in (
        ("others", [record(MANY + i) for i in range(FEW)]),
        ("of them, far apart", many[5::MANY // FEW + 1]),
    ):
        assert len(few) == FEW
        replace(sock, few)
        most = wait_for_rest(sock) + MORE
        filled = replace(sock, many)
        print(f"# {filled:.3f} s to fill {MANY}")

        def attempt(few=few, most=most):
            replace(sock, many)
            wait_for_rest(sock)
            assert number(sock, K.A_MEMORY) > most
            replace(sock, few)
            start = time.monotonic()
            late = wait_for(lambda: None if number(sock, K.A_MEMORY) <= most
                            else "more memory")
            return 3600 if late else max(0, time.monotonic() - start)

        in_time(tap, at_least(PROMISE, round(filled, 1)), attempt,
                f"{MANY} prefixes are replaced by ten {what}: memory is back")
