#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0
"""plan.py FOLDER STOPWATCH full|quick|insns|few-insns|real [LIST]:
FOLDER/plan.json, what the guest is to measure: the list, or without one the
machine. By insns it counts instructions, where the guest's clock does, by
few-insns op25b's alone; by real it times no packets, but what an operator waits
for."""
import json
import sys

ALL = ["floor", "op25b, as it comes", "op25b", "op25b, counters",
       "op25b, two origins", "op25b, the list twice", "nftables", "ipset",
       "ipset, counters"]
OURS = [who for who in ALL if who == "floor" or who.startswith("op25b")]
KERNEL = ["op25b", "nftables", "ipset", "eBPF"]     # where all of them are
ROWS = ["other", "blocked", "relay", "unlisted", "exempt"]

folder, stopwatch, mode, *names = sys.argv[1:]
quick, few, real = (mode == m for m in ("quick", "few-insns", "real"))
insns = few or mode == "insns"
full = mode == "full"
plan = {
    "folder": folder,
    "tool": folder + "/op25bctl",
    "stopwatch": stopwatch,
    "quick": not full,
    "insns": insns,
    "real": real,
    "seconds": {"full": 1.0, "quick": 0.2}.get(mode, 0),    # a row, in all
    "turns": {"full": 10, "quick": 3}.get(mode, 1),         # of all rows
    "rounds": 6 if insns else 2,                            # a turn, at least
    "memory": full or real,
    "tools": full,
    "idle": full and not names,
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
    if real:
        table["who"], table["rows"] = KERNEL, []
    elif few:
        table["who"] = OURS
    elif table["kind"].startswith("nested") and insns:
        table["who"] = ["floor", "op25b", "op25b, counters", "ipset", "eBPF"]
    elif table["kind"].startswith("nested"):
        table["who"] = ["op25b", "op25b, counters", "ipset"]
    elif table["kind"] in ("hosts4", "worst6"):
        table["who"] = ["floor", "op25b, as it comes", "op25b",
                        "op25b, counters"]
    elif insns:
        table["who"] = ALL + ["eBPF"]
        table["rows"] = ["other", "blocked", "relay", "unlisted"]
    elif quick:
        table["rows"] = ["other", "blocked"]
        table["who"] = [who for who in ALL if who != "op25b, the list twice"]
    elif table["prefixes"] < 100:
        table["who"] = ["op25b"]        # what tools take for a few
    elif table["kind"] == "file":
        table["who"] = ["op25b, as it comes", "op25b", "op25b, counters",
                        "nftables", "ipset", "ipset, counters"]
    table["flush"] = table["prefixes"] >= 100000
    plan["lists"].append(table)
with open(folder + "/plan.json", "w") as f:
    json.dump(plan, f)
