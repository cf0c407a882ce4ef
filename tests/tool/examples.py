#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0
"""examples.py TOOL PAGE...: runs the examples of manual pages, against the
kernel, in the current folder. Right in front of each `.Bd -literal` stands a
comment that says what it is:

    .\\" run [STATUS,...]   commands, a line each; they end with one of these
                           (0), and print nothing on standard error if 0
    .\\" conf NAME          a configuration: kept as NAME, then checked
    .\\" file NAME          kept as NAME
    .\\" skip WHY           not run
    .\\" walk WHICH         run by walk.py

/etc/op25b/ is this folder. Each page begins with nothing configured. TAP
without a plan on standard output."""
import os
import re
import subprocess
import sys

ESCAPES = {r"\e": "\\", r"\(dq": '"', r"\-": "-", r"\&": "", r"\(aq": "'"}


def blocks(page):
    """Line, marker and text of each literal block."""
    marker, text, start = None, None, 0
    with open(page, encoding="utf-8") as lines:
        for number, line in enumerate(lines, 1):
            line = line.rstrip("\n")
            if text is not None and line == ".Ed":
                yield start, marker, "\n".join(text) + "\n"
                text, marker = None, None
            elif text is not None:
                text.append(re.sub(r"\\(\(..|.)", lambda m: ESCAPES[m[0]],
                                   line))
            elif line.startswith(".Bd -literal"):
                text, start = [], number
            else:
                marker = line[4:] if line.startswith('.\\" ') else None


def keep(name, text):
    if os.path.dirname(name):
        os.makedirs(os.path.dirname(name), exist_ok=True)
    with open(name, "w", encoding="utf-8") as out:
        out.write(text)


def run(command, allowed):
    """None, or what was wrong."""
    command = command.replace("/etc/op25b/", os.getcwd() + "/")
    done = subprocess.run(["bash", "-c", command], capture_output=True,
                          text=True, check=False, stdin=subprocess.DEVNULL)
    if done.returncode in allowed and (done.returncode or not done.stderr):
        return None
    return f"{command}: status {done.returncode}: {done.stdout}{done.stderr}"


def example(marker, text):
    """None, or what was wrong."""
    kind, _, rest = (marker or "nothing").partition(" ")
    if kind in ("skip", "walk"):
        return None
    if kind in ("conf", "file"):
        keep(rest, text)
        return run(f"op25bctl conf check {rest}", (0,)) \
            if kind == "conf" else None
    if kind != "run":
        return f"{marker}: expected run, conf, file or skip in front of it"
    allowed = [int(status) for status in (rest or "0").split(",")]
    for command in text.splitlines():
        wrong = run(command, allowed)
        if wrong:
            return wrong
    return None


tool = sys.argv[1]
os.makedirs("bin", exist_ok=True)
if not os.path.lexists("bin/op25bctl"):
    os.symlink(os.path.abspath(tool), "bin/op25bctl")
os.environ["PATH"] = os.path.abspath("bin") + ":" + os.environ["PATH"]
os.environ["OP25B_STATE_DIR"] = os.path.abspath("state")
for path in sys.argv[2:]:
    name = os.path.basename(path)
    run("op25bctl conf apply - force <<<'mode off'", (0,))
    for at, what, content in blocks(path):
        bad = example(what, content)
        print("not ok" if bad else "ok", f"0 - {name}:{at}: {what}")
        for line in (bad or "").splitlines():
            print("#", line)
run("op25bctl conf apply - force <<<'mode off'", (0,))
