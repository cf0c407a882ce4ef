# SPDX-License-Identifier: GPL-2.0
"""Case 18: address translation. FORWARD sees the translated destination and
the source as it came: destinations change before it, sources behind it."""
import re
import struct
from collections import namedtuple

import topo
from lab import answers
from wire import Kit, packed

# A packet of @src to @dst:@port under @rule. @counter moves by one; if @lands,
# it comes out there, to that port.
Row = namedtuple("Row", "reason rule src dst port counter lands")

DNAT = "type nat hook prerouting priority -100;"
SNAT = "type nat hook postrouting priority 100;"
ROWS = [
    Row("DNAT from 2525 to M's 25", DNAT + "tcp dport 2525 dnat {f} to {M}:25", "S", "M", 2525, "block", None),
    Row("the same, unlisted", DNAT + "tcp dport 2525 dnat {f} to {M}:25", "U", "M", 2525, "pass_unlisted", ("M", 25)),
    Row("DNAT from M's 25 to P's 2525", DNAT + "tcp dport 25 dnat {f} to {P}:2525", "S", "M", 25, None, ("P", 2525)),
    Row("DNAT from M's 25 to the relay", DNAT + "tcp dport 25 dnat {f} to {P}", "S", "M", 25, "pass_relay", ("P", 25)),
    Row("DNAT from the relay to M", DNAT + "{f} daddr {P} dnat {f} to {M}", "S", "P", 25, "block", None),
    Row("REDIRECT of 587 is none of FORWARD's", DNAT + "tcp dport 587 redirect to 25", "S", "M", 587, None, None),
    Row("masqueraded later", SNAT + "oifname m0 masquerade", "S", "M", 25, "block", None),
    Row("masqueraded later, unlisted", SNAT + "oifname m0 masquerade", "U", "M", 25, "pass_unlisted", ("M", 25)),
    Row("translated later to an exempt address", SNAT + "snat {f} to {Exempt}", "S", "M", 25, "block", None),
]


def _rule(row, family):
    chain, _, body = row.rule.partition(";")
    if family == 6:
        # In front of a port, an address stands in brackets.
        body = re.sub(r"(\{\w+\}):", r"[\1]:", body)
    body = body.format(f="ip" if family == 4 else "ip6",
                       **{who: topo.addr(who, family) for who in topo.WHO})
    return f"table inet nat {{\n chain c {{\n {chain};\n {body}\n }}\n}}\n"


def _came(frames, family, to, port):
    """How many segments came to @to's @port."""
    hlen, dst = (20, slice(16, 20)) if family == 4 else (40, slice(24, 40))
    return sum(data[0] >> 4 == family and data[dst] == packed(to, family) and
               struct.unpack_from(">H", data, hlen + 2)[0] == port
               for data in frames if data[9 if family == 4 else 6] == 6)


def _judge(tap, lab, row, family):
    kit = Kit(family, row.src, row.dst, row.port)
    packet = kit.ip(kit.tcp())
    got, moved = lab.shoot(row.src, [packet])
    want = {}
    if row.counter:
        want[row.counter] = 1
    blocked = row.counter == "block"
    if blocked:
        want.update(block_syn=1, reply_sent=1)
    came = {(who, port): count for who in "MPU" for port in (25, 2525, 587)
            if (count := _came(got[who], family, who, port))}
    found = answers(got[topo.WHO[row.src][0]], packet)
    good = moved == want and came == ({row.lands: 1} if row.lands else {}) and \
        (not blocked or [answer.good for answer in found] == [True])
    tap.ok(good, f"nat: 18 v{family} {row.reason}, {row.src} to {row.dst}",
           [f"moved {moved}", f"came {came}", f"answers {found}"])


def nat(tap, lab, configure):
    configure("enforce", "tcp-reset")
    for row in ROWS:
        for family in (4, 6):
            topo.sh("nft", "-f", "-", stdin=_rule(row, family))
            _judge(tap, lab, row, family)
            topo.sh("nft", "delete table inet nat")
