# SPDX-License-Identifier: GPL-2.0
"""The bars that a run is held against. Each takes the results of one run and
says figure, ratio, whether met."""


class Results:
    def __init__(self, results):
        self.all = results

    def find(self, **want):
        for r in self.all:
            if all(r.get(k) == v for k, v in want.items()):
                return r
        return None

    def ns(self, who, table, row):
        r = self.find(what="packet", who=who, table=table, row=row)
        return r and r["ns"]

    def ratio(self, peer, ours, table, row="blocked"):
        """How many times as long the peer takes."""
        a, b = self.ns(peer, table, row), self.ns(ours, table, row)
        return a / b if a and b else None

    def tables(self, row="blocked"):
        return list(dict.fromkeys(r["table"] for r in self.all
                                  if r["what"] == "packet"
                                  and r["row"] == row))

    def native(self, table, name):
        r = self.find(what="native", table=table, name=name)
        return r and r["value"]


def at_least(bar, asked, value, detail=""):
    return {"bar": bar, "asked": f">= {asked:g}x",
            "figure": f"{value:.2f}x{detail}",
            "met": "yes" if value >= asked else "NO", "value": value,
            "wanted": asked}


def at_most(bar, asked, value, unit, detail=""):
    return {"bar": bar, "asked": f"<= {asked:g} {unit}",
            "figure": f"{value:.3g} {unit}{detail}",
            "met": "yes" if value <= asked else "NO", "value": value,
            "wanted": asked}


SIZES = {"1k": (4, 3), "100k": (3, 2.5), "1M": (3, 2)}


def packet_bars(r):
    for table in r.tables("other"):
        ours, floor = (r.ns(w, table, "other") for w in ("op25b", "floor"))
        if ours and floor:
            yield at_most(f"not mail, over the floor, {table}", 3,
                          ours - floor, "ns", f" ({ours:.1f})")
    for table in r.tables():
        kind, _, size = table.partition("-")
        if not kind.startswith("dense") or size not in SIZES:
            continue
        off, on = SIZES[size]
        asked = [("ipset", "op25b", off, "drop"),
                 ("ipset, counters", "op25b, counters", on, "drop, counters")]
        if size != "1k":
            asked.append(("nftables", "op25b", 10, "drop"))
        for peer, ours, wanted, what in asked:
            ratio = r.ratio(peer, ours, table)
            if ratio:
                yield at_least(
                    f"{what}, {table}, against {peer.split(',')[0]}", wanted,
                    ratio, f" ({r.ns(ours, table, 'blocked'):.0f} against "
                    f"{r.ns(peer, table, 'blocked'):.0f} ns)")
    for table in "bgp_v4", "bgp_v6":
        for peer, wanted in ("nftables", 10), ("ipset", 20):
            ours, theirs = (r.ns(w, table, "blocked") for w in ("op25b", peer))
            if ours and theirs:
                yield at_least(f"drop, {table}, against {peer}", wanted,
                               theirs / ours,
                               f" ({ours:.0f} against {theirs:.0f} ns)")
    v4, v6 = (r.ns("op25b", t, "blocked") for t in ("bgp_v4", "bgp_v6"))
    if v4 and v6:
        yield at_most("drop, bgp_v6 over bgp_v4", 2, v6 / v4, "x")


def default_bars(r):
    """What runs by default, and what watching offenders adds to it."""
    for table in r.tables():
        kind, _, size = table.partition("-")
        ours, bare, theirs = (r.ns(who, table, "blocked") for who in (
            "op25b, as it comes", "op25b, counters", "ipset, counters"))
        if ours and bare:
            yield at_most(f"watch-offenders, another source each, {table}", 15,
                          ours - bare, "ns", f" ({ours:.1f})")
        one, two = (r.ns(who, table, "blocked")
                    for who in ("op25b", "op25b, two origins"))
        if one and two:
            yield at_most(f"a second origin, {table}", 20, two - one, "ns",
                          f" ({two:.1f})")
        asked = {"dense": 3, "holes": 2}.get(kind[:-1])
        if ours and theirs and asked and size != "10":
            yield at_least(f"drop, as it comes, {table}, against ipset", asked,
                           theirs / ours, f" ({ours:.0f} against "
                           f"{theirs:.0f} ns)")


def load_bars(r):
    table = "dense4-1M"
    took = {w: r.find(what="load", who=w, table=table)
            for w in ("op25b", "ipset", "nftables")}
    if took["op25b"]:
        for peer, wanted in ("ipset", 10), ("nftables", 20):
            if took[peer]:
                yield at_least(
                    f"load {table}, against {peer}", wanted,
                    took[peer]["seconds"] / took["op25b"]["seconds"],
                    f" ({took['op25b']['seconds']:.2f} against "
                    f"{took[peer]['seconds']:.2f} s)")
        peak = max(x["peak_kib"] for x in r.all
                   if x["what"] in ("load", "tool") and x["who"] == "op25b"
                   and x["prefixes"] <= 1100000)
        yield at_most("op25bctl's memory, up to a million", 64, peak / 1024,
                      "MB")
    for step in "list", "list json":
        t = r.find(what="tool", who="op25b", table=table, step=step)
        if t:
            yield at_most(f"{step}, {table}", 1, t["seconds"], "s")
    for step in "add", "del":
        big, small, start, small_start, true, many, few = (
            r.find(what="tool", who="op25b", table=t, step=s)
            for t, s in ((table, step), ("dense4-10", step), (table, "start"),
                         ("dense4-10", "start"), (table, "true"),
                         (table, step + " in a batch"),
                         ("dense4-10", step + " in a batch")))
        native = r.native("op25bctl", "start of a process")
        if big and small and native:
            # User-mode Linux takes 20 to 40 times as long as a native kernel
            # to start any program: only what comes after that is taken from
            # there, though its system calls and page faults are slow, too.
            done, done_small = (1000 * (a["seconds"] - b["seconds"]) for a, b
                                in ((big, start), (small, small_start)))
            yield at_most(f"{step} one, {table}, whole process", 10,
                          native + done, "ms",
                          f" (of 10: {native + done_small:.3g}; a native start"
                          f" of {native:.2g}, the rest from user-mode Linux, "
                          f"where all takes {big['seconds'] * 1000:.3g} and "
                          f"/bin/true {true['seconds'] * 1000:.3g})")
            # Most of it is user-mode Linux's system calls, the same for both.
            yield at_most(f"{step} one, {table}, kernel, beyond one of 10", 20,
                          (many["kernel"] - few["kernel"]) * 1e6, "us",
                          f" ({many['kernel'] * 1e6:.0f} with system calls; "
                          f"{r.native(table, 'add or delete one') or 0:.2g} "
                          "natively in the trie)")


def memory_bars(r):
    for table, wanted in (("bgp_v4", 10), ("bgp_v6", 40), ("dense4-1M", 12),
                          ("worst6-1M", 64)):
        each = r.native(table, "bytes a prefix")
        if each:
            yield at_most(f"lookup state, {table}", wanted, each, "bytes")
    held = r.find(what="held", table="dense4-1M")
    if held:
        yield at_most("all memory, dense4-1M, by op25b's account", 80,
                      held["bytes"] / held["prefixes"], "bytes")
    seen = r.find(what="memory", who="op25b", table="dense4-1M")
    if seen:
        yield at_most("all memory, dense4-1M, by the guest's free memory", 80,
                      seen["bytes"] / seen["prefixes"], "bytes")
    idle = r.find(what="idle namespace")
    if idle:
        yield at_most("an idle namespace", 4096, idle["bytes"], "bytes")


def relay_bars(r):
    for table in r.tables("relay"):
        ours, blocked = (r.ns("op25b", table, x) for x in ("relay", "blocked"))
        if ours and blocked:
            yield at_most(f"to the relay, over a blocked one, {table}", 5,
                          ours - blocked, "ns", f" ({ours:.1f})")
    for x in r.all:
        if x["what"] == "native" and x["unit"] == "ns" and \
                x["name"].startswith("to none of"):
            yield at_most(f"a packet {x['name']} relays, natively", 5,
                          x["value"], "ns")
        if x["what"] == "native" and x["name"].startswith("adding one to"):
            yield at_most(f"{x['name']} relays, natively", 100, x["value"],
                          "us")


def native_bars(r):
    two = r.native("4096 prefixes", "two CPUs, one prefix")
    if two:
        yield at_least("two CPUs on one prefix, counters on", 1.8, two,
                       f" (on their own prefixes "
                       f"{r.native('4096 prefixes', 'two CPUs, own prefixes')}x)")
    for name, wanted, unit in (
        ("longest hold of the lock for one entry", 1000, "us"),
        ("longest time that nobody else gets the CPU", 10, "ms"),
        ("memory when all but ten have gone", 64, "KiB"),
    ):
        for table in "4M", "10M":
            value = r.native(f"{table} prefixes", name)
            if value is not None:
                yield at_most(f"{name}, {table}", wanted, value, unit)
    for x in r.all:
        if x["what"] != "native" or x["name"] != "lookup beside 10k updates":
            continue
        done = r.native(x["table"], "updates that were done")
        bar = at_most(f"lookups while 10k updates a second, {x['table']}",
                      1.1, x["value"], "x", f" ({done:.0f} were done)")
        if done < 9000 and bar["met"] == "yes":
            bar["met"] = "too few updates"
        yield bar


def judge(results):
    r = Results(results)
    judged = []
    for part in (packet_bars, default_bars, load_bars, memory_bars, relay_bars,
                 native_bars):
        judged += part(r)
    return judged
