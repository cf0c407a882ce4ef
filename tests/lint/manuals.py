#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0
"""manuals.py: do the manual pages, as they are rendered, have what tool and module say of
themselves, and nothing of the kind that they do not? op25bctl(8): usage of each verb,
knobs, kinds of events, exit statuses. op25b-metrics(8): metrics. op25bctl-doctor(8):
checks. op25b.conf(5): statements, bounds. op25b-routes.conf(5): statements. op25b(7): the lines of /proc/net/op25b,
bounds. Run at the top of the tree, with the tool
built. Prints what differs. With --self-test: is each of these found missing in a page
without it?"""
import glob
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
METRICS |= set(re.findall(r"# TYPE (op25b_[a-z_0-9]+)", source("packaging/metrics")))
CHECKS = re.findall(r'^\t\{ "([a-z]+)", op25b_check_', source("tools/doctor/doctor.c"), re.M)
STATUSES = re.findall(r"\b([0-9]) [a-z`]", said(TOOL, "help").split("Exit status: ")[1])


HEADERS = "".join(source(path) for path in
                  [*glob.glob("uapi/linux/*.h"), *glob.glob("tools/**/*.h", recursive=True)])


def number(name):
    """The macro's value."""
    value = re.search(rf"^#define {name}\s+([^/\n]+)", HEADERS, re.M)[1]
    return eval(re.sub(r"(?<=\d)UL\b", "", value))  # pylint: disable=eval-used


# Bounds, as the pages word them.
CONF_BOUNDS = [words.format(number(name)) for words, name in (
    ("at most {} bytes and", "OP25B_LINE_MAX"),
    ("and {} words", "OP25B_WORDS_MAX"),
    ("At most {} files", "OP25B_FILES_MAX"),
    (", {} of which include each other", "OP25B_DEPTH_MAX"),
    ("at most {} bytes of UTF-8", "OP25B_COMMENT_MAX"),
)] + [f"together {number('OP25B_BYTES_MAX') >> 30} GiB"]
MODEL_BOUNDS = [words.format(number(name)) for words, name in (
    ("{} prefixes,", "OP25B_MAX_PREFIXES"), (", {} relays", "OP25B_MAX_RELAYS"),
    ("A comment has at most {} bytes", "OP25B_COMMENT_MAX"),
)]
# What the tool expects where it meets something else; the rest of these are knobs.
STATEMENTS = re.search(r"expected ([a-z, ]+) or a knob", subprocess.run(
    [TOOL, "conf", "check", "-"], input="nothing\n", capture_output=True, text=True,
    check=False).stderr)[1].split(", ")
ROUTES = re.findall(r"[a-z]+", re.search(r"expected (.*)", subprocess.run(
    [TOOL, "routes", "check", "-"], input="nothing\n", capture_output=True, text=True,
    check=False).stderr)[1].replace(" or ", ", "))
PROC = re.findall(r'seq_printf\(seq, "([a-z_0-9]+) ', source("kmod/ns/proc.c")) + \
    re.findall(r'\[OP25B_COUNTER_(?!NONE)\w+\]\s*= "(\w+)"', source("kmod/state/stats.c")) + \
    [f"{origin}_{key}" for origin in re.findall(
        r'\[OP25B_ORIGIN_\w+\]\s*= "(\w+)"', source("kmod/ns/proc.c"))
     for key in re.findall(r'seq_printf\(seq, "%s_([a-z_0-9]+) ', source("kmod/ns/proc.c"))]


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


def differs_tool(page):
    """Sentences about op25bctl(8)."""
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
        if not re.search(rf"^  {event} ", HELP, re.M):
            yield f"event in `help events`: {event}"
    for event in listed:
        if event not in EVENTS:
            yield f"no such event: {event}"
    statuses = items_of_status(page)
    if statuses != STATUSES:
        yield f"exit status: {statuses}, and {STATUSES} in `help`"


def items_of_status(page):
    part = page.split("EXIT STATUS", 1)[-1].split("EXAMPLES", 1)[0]
    return re.findall(r"^ {5}([0-9])\b", part, re.M)


def tags(text, start, end):
    """What the items are, of the list between two lines that hold this."""
    part = text.partition(start)[2].partition(end)[0]
    return [tag for line in re.findall(r"^ {5}(\S.*)", part, re.M)
            for tag in line.split(", ")]


def differs_metrics(page):
    """Sentences about op25b-metrics(8)."""
    told = set(re.findall(r"\bop25b_[a-z_0-9]+", page))
    yield from (f"metric: {m}" for m in sorted(METRICS - told))
    yield from (f"no such metric: {m}" for m in sorted(told - METRICS))


def differs_doctor(page):
    """Sentences about op25bctl-doctor(8)."""
    listed = re.findall(r"^ {5}([a-z]+)\b", page.partition("In this order:")[2]
                        .partition("EXIT STATUS")[0], re.M)
    if listed != CHECKS:
        yield f"checks: {listed}, and {CHECKS} in doctor.c"


def differs_conf(page):
    """Sentences about op25b.conf(5)."""
    lacks = (bound for bound in CONF_BOUNDS if bound not in page)
    yield from (f"bound: {bound}" for bound in lacks)
    listed = [tag.split()[0] for tag in tags(page, "order of statements", "A text has")]
    for word in STATEMENTS:
        if word not in listed:
            yield f"statement: {word}"
    for word in listed:
        if word not in STATEMENTS + ["knob", "mode"]:
            yield f"no such statement: {word}"


def differs_routes(page):
    """Sentences about op25b-routes.conf(5)."""
    part = page.partition("begins a comment")[2].partition("WHAT STAYS")[0]
    listed = re.findall(r"^ {5}([a-z]+)\b", part, re.M)
    yield from (f"statement: {word}" for word in ROUTES if word not in listed)
    yield from (f"no such statement: {word}" for word in listed if word not in ROUTES)


def differs_model(page):
    """Sentences about op25b(7)."""
    lacks = (bound for bound in MODEL_BOUNDS if bound not in page)
    yield from (f"bound: {bound}" for bound in lacks)
    listed = tags(page, "a key and its value", "Limits")
    yield from (f"key of /proc/net/op25b: {key}" for key in PROC if key not in listed)
    yield from (f"no such key: {key}" for key in listed if key not in PROC)


HELP = said(TOOL, "help", "events")
PAGES = (  # what is said of itself, and something that is not
    ("op25bctl.8", differs_tool, USAGES + KNOBS + EVENTS, None),
    ("op25b-metrics.8", differs_metrics, sorted(METRICS), " op25b_nothing_total"),
    ("op25bctl-doctor.8", differs_doctor, CHECKS, None),
    ("op25b.conf.5", differs_conf, CONF_BOUNDS + STATEMENTS, None),
    ("op25b-routes.conf.5", differs_routes, ROUTES, None),
    ("op25b.7", differs_model, MODEL_BOUNDS + PROC, None),
)
wrong = []
for name, differs, told, more in PAGES:
    whole = rendered(f"tools/man/{name}")
    found = list(differs(whole))
    wrong += [f"{name}: {what}" for what in found]
    if sys.argv[1:] != ["--self-test"] or found:
        continue
    for what in told:
        less = re.sub(rf"(?<![-\w]){re.escape(what)}(?![-\w])", "x", whole, flags=re.I)
        if not list(differs(less)) and less != whole:
            wrong.append(f"{name}: not missed: {what}")
    if more and not list(differs(whole + more)):
        wrong.append(f"{name}: not found: {more}")
print("\n".join(wrong), end="\n" if wrong else "")
sys.exit(bool(wrong))
