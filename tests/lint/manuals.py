#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0
"""manuals.py: do the manual pages, as they are rendered, have what the tool says of
itself, and nothing of the kind that it does not? Usage of each verb, knobs, kinds of
events, metrics, exit statuses. Run at the top of the tree, with the tool built. Prints
what differs. With --self-test: is each of these found missing in a page without it?"""
import json
import re
import subprocess
import sys


def said(*command):
    return subprocess.run(command, capture_output=True, text=True, check=True).stdout


def flat(text):
    """Words apart by one blank, bars without any."""
    return re.sub(r" ?\| ?", "|", " ".join(text.split()))


def rendered(page):
    """Without what makes bold, and words at the end of a line whole."""
    text = re.sub(".\b", "", said("mandoc", "-T", "ascii", "-O", "width=1000", page))
    return text


def source(path):
    with open(path, encoding="utf-8") as text:
        return text.read()


TOOL = "tools/op25bctl"
USAGES = [flat(f"{v['object']} {v.get('verb', '')} {v['arguments']}").lower()
          for v in json.loads(said(TOOL, "-j", "help"))]
KNOBS = said(TOOL, "help", "--complete", "set", "").split()
EVENTS = [word.lower().replace("_", "-") for word in re.findall(
    r"^\tOP25B_EVENT_([A-Z_]+)", source("uapi/linux/op25b.h"), re.M)
    if word != "NONE"] + ["overflow"]
METRICS = set(re.findall(r'"(op25b_[a-z_0-9]+)"', source("tools/verbs/prometheus.c")))
STATUSES = re.findall(r"\b([0-9]) [a-z`]", said(TOOL, "help").split("Exit status: ")[1])


def items(text, start, end):
    """Words that begin the items of the list between two lines that begin so."""
    lines = text.splitlines()
    first = next((i for i, l in enumerate(lines) if l.strip().startswith(start)), None)
    if first is None:
        return []
    found = []
    for line in lines[first + 1:]:
        if line.strip().startswith(end):
            break
        if re.match(r" {13}\S", line):
            found.append(line.split()[0])
    return found


def differs(page, usage_of_events):
    """Sentences about the page."""
    lines = {flat(line).lower() for line in page.splitlines()}
    for usage in USAGES:
        if not any(line == usage or line.startswith(usage + "  ") or
                   line.startswith(usage + " ") for line in lines):
            yield f"usage: {usage}"
    for knob in KNOBS:
        if not any(line.startswith(knob + " ") for line in lines):
            yield f"knob: {knob}"
    listed = items(page, "events", "The process")
    for event in EVENTS:
        if event not in listed:
            yield f"event: {event}"
        if not re.search(rf"^  {event} ", usage_of_events, re.M):
            yield f"event in `help events`: {event}"
    for event in listed:
        if event not in EVENTS:
            yield f"no such event: {event}"
    told = set(re.findall(r"\bop25b_[a-z_0-9]+", page))
    yield from (f"metric: {m}" for m in sorted(METRICS - told))
    yield from (f"no such metric: {m}" for m in sorted(told - METRICS))
    statuses = items_of_status(page)
    if statuses != STATUSES:
        yield f"exit status: {statuses}, and {STATUSES} in `help`"


def items_of_status(page):
    part = page.split("EXIT STATUS", 1)[-1].split("EXAMPLES", 1)[0]
    return re.findall(r"^ {5}([0-9])\b", part, re.M)


PAGE = rendered("tools/man/op25bctl.8")
HELP = said(TOOL, "help", "events")
wrong = list(differs(PAGE, HELP))
if sys.argv[1:] == ["--self-test"] and not wrong:
    for what in USAGES + KNOBS + EVENTS + sorted(METRICS):
        less = re.sub(rf"(?<![-\w]){re.escape(what)}(?![-\w])", "x", PAGE, flags=re.I)
        if less != PAGE and not list(differs(less, HELP)):
            wrong.append(f"not missed: {what}")
    for more in ("op25b_nothing_total",):
        if not list(differs(PAGE + more, HELP)):
            wrong.append(f"not found: {more}")
print("\n".join(wrong), end="\n" if wrong else "")
sys.exit(bool(wrong))
