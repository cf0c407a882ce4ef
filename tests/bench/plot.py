# SPDX-License-Identifier: GPL-2.0
"""ns a packet against prefixes, both axes logarithmic, as SVG."""
import math
from xml.sax.saxutils import escape

WIDE, HIGH, LEFT, TOP, RIGHT, BOTTOM = 780, 420, 60, 40, 170, 70
COLOURS = {"op25b": "#0b6e4f", "op25b, counters": "#54b38a",
           "op25b, as it comes": "#d9a400",
           "nftables": "#c8553d", "ipset": "#3a5a9b",
           "ipset, counters": "#8aa6d6", "floor": "#888888"}


def curves(results):
    """{(who, family): [(prefixes, ns)]} of blocked packets, dense lists."""
    found = {}
    for r in results:
        if (r["what"] == "packet" and r["row"] == "blocked" and
                r["table"].startswith("dense") and r["who"] in COLOURS and
                r["ns"] > 0):
            found.setdefault((r["who"], r["family"]), []).append(
                (r["prefixes"], r["ns"]))
    return {k: sorted(v) for k, v in found.items()}


def ticks(low, high):
    return [10 ** e for e in range(math.floor(math.log10(low)),
                                   math.ceil(math.log10(high)) + 1)]


def label(n):
    for size, unit in ((10**6, "M"), (1000, "k")):
        if n >= size:
            return f"{n // size}{unit}"
    return str(n)


def write(path, results, machine):
    found = curves(results)
    points = [p for c in found.values() for p in c]
    if len({p[0] for p in points}) < 2:
        return
    xs = ticks(min(p[0] for p in points), max(p[0] for p in points))
    ys = ticks(min(p[1] for p in points), max(p[1] for p in points))

    def place(axis, value, start, length):
        low, high = math.log10(axis[0]), math.log10(axis[-1])
        return start + length * (math.log10(value) - low) / (high - low)

    def x(n):
        return place(xs, n, LEFT, WIDE - LEFT - RIGHT)

    def y(ns):
        return HIGH - place(ys, ns, BOTTOM, HIGH - TOP - BOTTOM)

    out = [f'<svg xmlns="http://www.w3.org/2000/svg" width="{WIDE}" '
           f'height="{HIGH}" font-family="sans-serif" font-size="12">',
           f'<rect width="{WIDE}" height="{HIGH}" fill="white"/>',
           f'<text x="{LEFT}" y="22" font-size="14">ns for a blocked packet '
           'against prefixes (dashed: IPv6)</text>']
    for n in xs:
        out.append(f'<path d="M{x(n):.0f} {y(ys[0]):.0f}V{y(ys[-1]):.0f}" '
                   'stroke="#ddd"/>'
                   f'<text x="{x(n):.0f}" y="{HIGH - BOTTOM + 18}" '
                   f'text-anchor="middle">{label(n)}</text>')
    for ns in ys:
        out.append(f'<path d="M{x(xs[0]):.0f} {y(ns):.0f}H{x(xs[-1]):.0f}" '
                   'stroke="#ddd"/>'
                   f'<text x="{LEFT - 6}" y="{y(ns) + 4:.0f}" '
                   f'text-anchor="end">{ns:g}</text>')
    for (who, family), curve in found.items():
        dash = ' stroke-dasharray="6 4"' if family == 6 else ""
        line = " ".join(f"{x(n):.1f},{y(ns):.1f}" for n, ns in curve)
        out.append(f'<polyline points="{line}" fill="none" stroke-width="2" '
                   f'stroke="{COLOURS[who]}"{dash}/>')
    present = [w for w in COLOURS if any(k[0] == w for k in found)]
    for i, who in enumerate(present):
        at = TOP + 10 + 20 * i
        out.append(f'<path d="M{WIDE - RIGHT + 12} {at}h22" stroke-width="2" '
                   f'stroke="{COLOURS[who]}"/>'
                   f'<text x="{WIDE - RIGHT + 40}" y="{at + 4}">'
                   f'{escape(who)}</text>')
    out.append(f'<text x="{LEFT}" y="{HIGH - 18}" font-size="11" '
               f'fill="#555">{escape(machine)}</text></svg>')
    with open(path, "w") as f:
        f.write("\n".join(out) + "\n")
