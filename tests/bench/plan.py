#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0
"""plan.py FOLDER STOPWATCH quick|"" [LIST]: FOLDER/plan.json, what the guest is
to measure: the list, or without one the machine."""
import json
import sys

ALL = ["floor", "op25b", "op25b, counters", "nftables", "ipset",
       "ipset, counters"]
ROWS = ["other", "blocked", "relay", "unlisted", "exempt"]

folder, stopwatch, quick, *names = sys.argv[1:]
plan = {
    "folder": folder,
    "tool": folder + "/op25bctl",
    "stopwatch": stopwatch,
    "quick": bool(quick),
    "seconds": 0.2 if quick else 1.0,   # of packets, a row
    "rounds": 10 if quick else 24,      # at most
    "memory": not quick,
    "tools": not quick,
    "idle": not quick and not names,
    "bound": 60,                # seconds, a step of the peers' tools
    "nft_tool_limit": 200000,   # prefixes; beyond, nft takes minutes
    "chase": [] if names else [4 << 20, 64 << 20],
    "lists": [],
}
for name in names:
    with open(f"{folder}/{name}.json") as f:
        table = json.load(f)
    table["who"] = ALL
    table["rows"] = ROWS
    if table["kind"].startswith("nested"):
        table["who"] = ["op25b", "op25b, counters", "ipset"]
    elif table["kind"] in ("hosts4", "worst6"):
        table["who"] = ["floor", "op25b", "op25b, counters"]
    elif quick:
        table["rows"] = ["other", "blocked"]
    elif table["prefixes"] < 100:
        table["who"] = ["op25b"]        # what tools take for a few
    elif table["kind"] == "file":
        table["who"] = ["op25b", "op25b, counters", "nftables", "ipset"]
    table["flush"] = table["prefixes"] >= 100000
    plan["lists"].append(table)
with open(folder + "/plan.json", "w") as f:
    json.dump(plan, f)
