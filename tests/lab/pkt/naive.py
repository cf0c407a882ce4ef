# SPDX-License-Identifier: GPL-2.0
"""packets.md read once more, in Python: what a packet is, from the IP header
on. It shares nothing with the module, and cares for nothing but being plain."""
from collections import namedtuple

# kind: "mail" to port 25, "answer" from there to another, "lost" without ports,
# or "other". answers: from port 25, wherever to.
Verdict = namedtuple("Verdict", "kind routed answers", defaults=(False, False))

OTHER = Verdict("other")
# Type: units and constant part of the length, RFC 8200 and RFC 4302.
EXTENSIONS = {0: (8, 8), 43: (8, 8), 60: (8, 8), 51: (4, 8)}
LONGEST_CHAIN = 182


def _tcp(segment, routed):
    if len(segment) < 4:
        return Verdict("lost", routed)
    answers = segment[:2] == b"\0\x19"
    if segment[2:4] == b"\0\x19":
        return Verdict("mail", routed, answers)
    return Verdict("answer", routed, True) if answers else OTHER


def _routed(options):
    """A source route that is not used up, or options that cannot be read."""
    while options and options[0] != 0:
        if options[0] == 1:
            options = options[1:]
            continue
        if len(options) < 2 or not 2 <= options[1] <= len(options):
            return True
        option, options = options[:options[1]], options[options[1]:]
        if option[0] in (131, 137) and \
                (len(option) < 3 or option[2] <= len(option)):
            return True
    return False


def _v4(data):
    if data[9] != 6:
        return OTHER
    end = data[0] % 16 * 4
    offset = int.from_bytes(data[6:8], "big") % 0x2000
    routed = _routed(data[20:end])
    if offset == 1:
        return Verdict("lost", routed)
    return OTHER if offset else _tcp(data[end:], routed)


def _v6(data):
    kind, rest, routed = data[6], data[40:], False
    for _ in range(LONGEST_CHAIN + 1):
        if kind == 6:
            return _tcp(rest, routed)
        if kind != 44 and kind not in EXTENSIONS:
            return OTHER
        if len(rest) < (8 if kind == 44 else 4 if kind == 43 else 2):
            return Verdict("lost", routed)
        if kind == 44:
            offset = int.from_bytes(rest[2:4], "big") // 8 * 8
            if offset:
                tiny = offset == 8 and rest[0] == 6
                return Verdict("lost", routed) if tiny else OTHER
            size = 8
        else:
            unit, least = EXTENSIONS[kind]
            size = rest[1] * unit + least
            routed = routed or (kind == 43 and rest[3] > 0)
        kind, rest = rest[0], rest[size:]
    return Verdict("lost", routed)


def judge(data):
    return _v4(data) if data[0] >> 4 == 4 else _v6(data)
