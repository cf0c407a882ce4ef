# SPDX-License-Identifier: GPL-2.0
"""The packets of the lab's case tables as a corpus: one file each in the folder
named, as parse_fuzz.c reads them."""
import os
import sys

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)),
                                "..", "lab", "pkt"))
# pylint: disable=wrong-import-position
from cases import CASES, REVERSE
from wire import Kit

LINEAR, LONGEST = 2, 2000


def main(folder):
    seen = set()
    for case in CASES + REVERSE:
        for family in case.families:
            for packet in case.build(Kit(family, case.src, case.dst, 25)):
                shape = bytes(((family == 6) | LINEAR, 14, 0, 0))
                seen.add(shape + packet.data[:LONGEST])
    for number, data in enumerate(sorted(seen)):
        with open(os.path.join(folder, f"{number:04d}"), "wb") as file:
            file.write(data)


if __name__ == "__main__":
    main(sys.argv[1])
