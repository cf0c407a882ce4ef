# SPDX-License-Identifier: GPL-2.0
"""What packets see of an exemption that ends and of a replacement on trial."""
import os
import sys
import time

import topo
from extra import entry_counters
from lab import arrived, tool
from wire import Kit

sys.path.insert(1, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "nl"))
# pylint: disable=wrong-import-position
from genl import K, Socket, u8, u32, u64
from op25b import generation, prefix, relay
from txns import begin, txn

BITS = {4: 32, 6: 128}


def _syn(lab, family, who="S", to="M"):
    """Return: where a SYN to port 25 came out, and the counters that moved."""
    kit = Kit(family, who, to, 25)
    packet = kit.ip(kit.tcp())
    got, moved = lab.shoot(who, [packet])
    return arrived(got, packet), moved


def _ends(tap, lab, sock, family):
    host = f"{topo.addr('S', family)}/{BITS[family]}"
    end = int(time.time()) + 5
    answer = sock.do(K.CMD_PREFIX_ADD, [prefix(host, "exempt", extra=[
        u64(K.PREFIX_A_EXPIRES, end)])])
    where, moved = _syn(lab, family)
    in_time = time.time() < end
    tap.ok(answer.error == 0 and (not in_time or (
        where == ["M"] and moved.get("pass_exempt") == 1)),
        f"operate: v{family} an exemption lets mail through", [where, moved])
    while not sock.do(K.CMD_PREFIX_GET, [prefix(host, None)]).error and \
            time.time() < end + 60:
        time.sleep(0.05)
    where, moved = _syn(lab, family)
    tap.ok(where == [] and moved.get("block") == 1,
           f"operate: v{family} until it ends", [where, moved])


def _trial(sock, pool, host):
    """Block becomes exempt, on trial; the relay stays."""
    t = begin(sock)
    sock.do(K.CMD_FILL, [txn(t), prefix(pool, "exempt"), relay(host, "new"),
                         u8(K.A_REJECT, K.REJECT_DROP)])
    return sock.do(K.CMD_COMMIT, [txn(t), u8(K.A_MODE, K.MODE_ENFORCE),
                                  u32(K.A_CONFIRM, 3600)])


def _kept(tap, lab, sock, family):
    """Counters of what stays go on, over COMMIT, rollback and confirmation."""
    pool, host = (("100.64.0.0/10", "192.0.2.25"),
                  ("2001:db8:1::/48", "2001:db8:a::25"))[family == 6]
    tool("stats", "reset")
    _syn(lab, family)
    _syn(lab, family, to="P")

    def counted():
        return (entry_counters("prefix", pool)["packets"],
                entry_counters("relay", host)["packets"])

    tap.ok(counted() == (2, 1), f"operate: v{family} pool and relay count", [counted()])
    answer = _trial(sock, pool, host)
    where, moved = _syn(lab, family)
    tap.ok(answer.error == 0 and where == ["M"] and moved.get("pass_exempt") == 1,
           f"operate: v{family} the replacement on trial judges", [where, moved])
    tap.ok(counted() == (3, 1), f"operate: v{family} and counts on", [counted()])
    answer = sock.do(K.CMD_ROLLBACK)
    where, moved = _syn(lab, family)
    tap.ok(answer.error == 0 and where == [] and moved.get("block") == 1,
           f"operate: v{family} rolled back, the old one does", [where, moved])
    tap.ok(counted() == (4, 1), f"operate: v{family} and counts on", [counted()])
    _trial(sock, pool, host)
    answer = sock.do(K.CMD_CONFIRM, [u64(K.A_GENERATION, generation(sock))])
    where, moved = _syn(lab, family)
    tap.ok(answer.error == 0 and where == ["M"] and counted() == (5, 1),
           f"operate: v{family} confirmed, it does, and counts on",
           [where, moved, counted()])


def operate(tap, lab, configure):
    for family in (4, 6):
        configure("enforce", "drop")
        with Socket() as sock:
            _ends(tap, lab, sock, family)
            _kept(tap, lab, sock, family)
