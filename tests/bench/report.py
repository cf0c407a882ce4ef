#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0
"""report.py FOLDER: the table of a run as text on stdout; FOLDER/results.json
and FOLDER/plot.svg. Reads FOLDER/results and, if there, FOLDER/native."""
import datetime
import json
import os
import sys

import bars
import plot


def load(folder):
    results = []
    for name in ("results", "native"):
        path = f"{folder}/{name}"
        if os.path.exists(path):
            with open(path) as f:
                results += [json.loads(line) for line in f]
    return results


def short(n):
    for size, unit in ((10**6, "M"), (1000, "k")):
        if n >= size:
            return f"{n / size:.3g}{unit}"
    return str(n)


def grid(head, rows):
    """Markdown, aligned, so that a terminal shows it as well as a README."""
    table = [head] + rows
    wide = [max(len(r[i]) for r in table) for i in range(len(head))]
    lines = ["| " + " | ".join(c.ljust(w) if i == 0 else c.rjust(w)
                               for i, (c, w) in enumerate(zip(r, wide))) + " |"
             for r in table]
    dashes = ["-" * w if i == 0 else "-" * (w - 1) + ":"
              for i, w in enumerate(wide)]
    lines.insert(1, "| " + " | ".join(dashes) + " |")
    return "\n".join(lines)


def uniq(values):
    return list(dict.fromkeys(values))


def packet_table(results):
    packets = [r for r in results if r["what"] == "packet"]
    # Packets of a floor look at no list: any list's figures will do.
    text = []
    for table in uniq(r["table"] for r in packets):
        mine = [r for r in packets if r["table"] == table]
        cols = uniq(r["row"] for r in mine)
        rows = []
        for who in uniq(r["who"] for r in mine):
            ns = {r["row"]: r["ns"] for r in mine if r["who"] == who}
            rows.append([who] + [f"{ns[c]:.1f}" if c in ns else
                                 ("no nesting" if c == "exempt" else "")
                                 for c in cols])
        whos = [r[0] for r in rows]
        if "exempt" in cols and "nftables" not in whos:
            rows.append(["nftables (no nested prefixes in a set)"] +
                        ["-"] * len(cols))
        text.append(f"IPv{mine[0]['family']}, {table}, "
                    f"{short(mine[0]['prefixes'])} prefixes, ns a packet\n\n"
                    + grid(["filter"] + cols, rows))
    return "\n\n".join(text)


def instruction_table(results):
    counted = [r for r in results if r["what"] == "instructions"]
    text = []
    for table in uniq(r["table"] for r in counted):
        mine = [r for r in counted if r["table"] == table]
        cols = uniq(r["row"] for r in mine)
        found = {(r["who"], r["row"]): f"{r['insns']:.0f}" for r in mine}
        text.append(f"Instructions a packet, {table}, Debian's stock kernel in "
                    "QEMU\n\n" + grid(["filter"] + cols, [
                        [who] + [found.get((who, c), "") for c in cols]
                        for who in uniq(r["who"] for r in mine)]))
    return "\n\n".join(text)


def seconds(s):
    if s >= 1:
        return f"{s:.2f} s"
    return f"{s * 1000:.1f} ms" if s >= 0.001 else f"{s * 1e6:.1f} us"


def tool_table(results):
    steps = [dict(r, step="load") for r in results if r["what"] == "load"]
    steps = [r for r in steps if "counters" not in r["who"]]
    steps += [r for r in results if r["what"] == "tool"]
    if not steps:
        return ""
    cols = uniq(r["step"] for r in steps)
    text = []
    for table in uniq(r["table"] for r in steps):
        rows = []
        for who in uniq(r["who"] for r in steps if r["table"] == table):
            for clock in "seconds", "kernel":
                took = {r["step"]: (("> " if r.get("done") is False else "")
                                    + seconds(r[clock]))
                        for r in steps
                        if r["who"] == who and r["table"] == table}
                rows.append([who if clock == "seconds" else
                             "  of it kernel CPU"] +
                            [took.get(c, "") for c in cols])
        text.append(f"Tools, {table}\n\n" + grid(["filter"] + cols, rows))
    return "\n\n".join(text)


def real_table(results):
    real = [r for r in results if r["what"] == "real"]
    text = []
    for table in uniq(r["table"] for r in real):
        took = {(r["who"], r["step"]): r["seconds"] for r in real
                if r["table"] == table}
        held = {r["who"]: r["bytes"] for r in real if r["table"] == table}
        steps = uniq(r["step"] for r in real)
        rows = [[who] +
                [f"{seconds(took[who, s])} "
                 f"({took[who, s] / took['op25b', s]:.2g}x)"
                 if (who, s) in took else "" for s in steps] +
                [f"{held[who] / 1e6:.1f} MB"] for who in held]
        text.append(f"{table}, Debian's stock kernel in QEMU, an emulated CPU: "
                    "the ratios are what counts\n\n" +
                    grid(["filter"] + steps + ["kernel memory"], rows))
    return "\n\n".join(text)


def memory_table(results):
    held = [r for r in results if r["what"] == "memory" and
            r["prefixes"] >= 100000]
    if not held:
        return ""
    names = uniq(r["table"] for r in held)
    rows = []
    for who in uniq(r["who"] for r in held):
        each = {r["table"]: r["bytes"] / r["prefixes"] for r in held
                if r["who"] == who}
        rows.append([who] + [f"{each[n]:.1f}" if n in each else ""
                             for n in names])
    peak = {(r["who"], r["table"]): r["peak_kib"] for r in results
            if r["what"] == "load"}
    text = "Kernel memory, bytes a prefix\n\n" + grid(
        ["filter"] + names, rows)
    rows = [[who] + [f"{peak[who, n] / 1024:.0f}" if (who, n) in peak else ""
                     for n in names] for who in uniq(w for w, _ in peak)]
    return text + "\n\nPeak memory of the tool that loads, MB\n\n" + grid(
        ["filter"] + names, rows)


def machine_lines(results):
    lines = []
    for r in results:
        if r["what"] == "memory access":
            lines.append(f"one random access in {r['bytes'] >> 20} MB: "
                         f"{r['ns']:.1f} ns")
        elif r["what"] == "idle namespace":
            lines.append(f"an idle namespace: {r['bytes']} bytes")
        elif r["what"] == "native":
            lines.append(f"native, {r['table']}: {r['name']}: {r['value']:g} "
                         f"{r['unit']}")
    return "\n".join(lines)


def machine():
    model = "?"
    with open("/proc/cpuinfo") as f:
        for line in f:
            if line.startswith("model name"):
                model = line.split(":")[1].strip()
                break
    load = " ".join(open("/proc/loadavg").read().split()[:3])
    now = datetime.datetime.now(datetime.timezone.utc)
    return (f"{now:%Y-%m-%d %H:%M} UTC, {model}, {os.cpu_count()} CPUs, user-"
            f"mode Linux, load average of the host {load}")


def main():
    folder = sys.argv[1]
    results = load(folder)
    judged = bars.judge(results)
    with open(folder + "/results.json", "w") as out:
        json.dump({"machine": machine(), "results": results, "bars": judged},
                  out, indent=1)
    plot.write(folder + "/plot.svg", results, machine())
    parts = [f"op25b and its peers: {machine()}",
             "Packets: nf_hook() on FORWARD, best of many rounds, less the "
             "empty loop; op25b with POPCNT, as x86_64 kernels patch in. "
             "System calls and page faults are slow in user-mode Linux: of "
             "the tools' times take ratios.",
             machine_lines(results),
             packet_table(results), instruction_table(results),
             tool_table(results), real_table(results),
             memory_table(results),
             "The bars\n\n" + grid(
                 ["bar", "asked", "figure", "met"],
                 [[b["bar"], b["asked"], b["figure"], b["met"]]
                  for b in judged])]
    print("\n\n".join(p for p in parts if p))


if __name__ == "__main__":
    main()
