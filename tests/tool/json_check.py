#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0
"""json_check.py LIST: LIST holds file, what, expression, wanted, each ended by
a NUL. Reads each file as JSON d and compares the expression with the wanted
JSON. TAP without a plan on standard output."""
import json
import sys

with open(sys.argv[1], encoding="utf-8") as listing:
    words = listing.read().split("\0")[:-1]
for name, what, expression, wanted in zip(*[iter(words)] * 4):
    try:
        with open(name, encoding="utf-8") as text:
            document = json.load(text)
        got = eval(expression, {"d": document})
        good = got == json.loads(wanted)
    except (ValueError, LookupError, TypeError) as why:
        good, got = False, why
    print("ok" if good else "not ok", "0 -", what, expression)
    if not good:
        print(f"# wanted {wanted}\n# got {got}")
