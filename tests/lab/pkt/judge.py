# SPDX-License-Identifier: GPL-2.0
"""What a case's letters mean in a given mode, and whether it came so."""
import collections

import topo
from lab import answers, arrived, tags
from wire import ACK, RST, SYN, Kit

BLOCKED = "Bbca"
COUNTER = {"U": "pass_unlisted", "E": "pass_exempt", "R": "pass_relay",
           "B": "block", "b": "block", "c": "block", "a": "block",
           "M": "block_malformed",
           "V": "block_reverse", "W": "would_block",
           "X": "would_block_malformed", "v": "would_block_reverse"}


class Setting:
    """@mode and @reject as set; @port where the corpus goes."""

    def __init__(self, mode, reject="drop", port=25):
        self.mode, self.reject, self.port = mode, reject, port

    def fate(self, letter):
        """(arrives, counter or None, is answered, or may be)"""
        if letter == "K":
            return False, None, False
        if self.port != 25 and letter in BLOCKED + "UERW":
            letter = "A"
        counter = COUNTER.get(letter)
        if letter not in BLOCKED + "MV" or self.mode == "off":
            return True, counter if self.mode != "off" else None, False
        if self.mode == "monitor":
            return True, "would_" + counter, False
        return False, counter, self.reject != "drop" and letter in "BaV"


def is_attempt(packet):
    return len(packet.body) > 13 and \
        packet.body[13] & (SYN | ACK | RST) == SYN


def expected_counters(setting, letters, packets, back):
    """@back: frames that came back to who sent."""
    want = collections.Counter()
    for letter, packet in zip(letters, packets):
        _, counter, answered = setting.fate(letter)
        if counter:
            want[counter] += 1
        if counter in ("block", "would_block") and is_attempt(packet):
            want[counter + "_syn"] += 1
        if answered and (letter != "a" or answers(back, packet)):
            want["reply_sent"] += 1
    return want


def complaints(case, setting, letters, packets, got, moved):
    """What did not come as it should, in words."""
    source, target = topo.WHO[case.src][0], topo.WHO[case.dst][0]
    for index, (letter, packet) in enumerate(zip(letters, packets)):
        arrives, _, answered = setting.fate(letter)
        where = arrived(got, packet)
        anywhere = [name for name in got if packet.tag in tags(got[name])]
        if not arrives and anywhere:
            yield f"packet {index} came to {anywhere}"
        elif arrives and case.lands is None and not anywhere:
            yield f"packet {index} came to nobody"
        elif arrives and case.lands is not None and where != [target]:
            yield f"packet {index} came to {where}, tagged {anywhere}"
        if letter == "K":
            continue
        found = answers(got[source], packet)
        if letter == "a" and not found:
            continue
        if len(found) != answered:
            yield f"packet {index}: answers {found}"
        elif answered and found[0] != (setting.reject, True):
            yield f"packet {index}: a wrong answer {found[0]}"
    want = expected_counters(setting, letters, packets, got[source])
    if setting.port != 25:
        # What is malformed has no port, so some of these move all the same.
        moved = {k: v for k, v in moved.items() if not k.startswith("pass_")}
    if want != moved:
        yield f"counters moved {moved}, wanted {dict(want)}"


def build(case, family, port):
    kit = Kit(family, case.src, case.dst, port)
    packets = case.build(kit)
    letters = case.want if len(case.want) > 1 else case.want * len(packets)
    assert len(letters) == len(packets), case.reason
    return packets, letters


def run_case(tap, lab, case, family, setting, label):
    packets, letters = build(case, family, setting.port)
    got, moved = lab.shoot(case.src, packets)
    wrong = list(complaints(case, setting, letters, packets, got, moved))
    tap.ok(not wrong, f"{label}: {case.number} v{family} {case.reason}, "
           f"{case.src} to {case.dst}", wrong)
