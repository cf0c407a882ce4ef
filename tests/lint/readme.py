#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0
"""readme.py: is what README.md and the pages beside it have people type true, and do
their links, paths and contents lead somewhere? Run at the top of the tree, with the tool
built. Prints what is wrong. With --self-test: is each of these found in a page that is
wrong in it?"""
import glob
import os
import re
import shlex
import subprocess
import sys
import tempfile

PAGES = ("README.md", "README.ja.md", "CONTRIBUTING.md", "tests/README.md")
FENCE = re.compile(r"^```(\w*)\n(.*?)^```$", re.M | re.S)
# Nothing here may reach a kernel in which op25b.ko is loaded.
HARMLESS = ["setpriv", "--bounding-set", "-net_admin,-sys_admin"] if os.getuid() == 0 else []


def source(path):
    with open(path, encoding="utf-8") as text:
        return text.read()


def blocks(page, language):
    return [text for kind, text in FENCE.findall(page) if kind == language]


def commands(page):
    """Lines of the shell's blocks without remarks."""
    lines = "".join(blocks(page, "sh")).splitlines()
    return [line for line in (re.sub(r"\s+#.*", "", line).strip() for line in lines) if line]


def spans(page):
    """What stands in `` within the text."""
    return [" ".join(span.split()) for span in re.findall(r"`([^`]+)`", FENCE.sub("", page))]


def typed(page, program):
    for line in commands(page) + spans(page):
        if line.startswith(program + " ") and "..." not in line:
            yield line


def run(line, folder):
    """Exit status of the tool, which cannot ask the kernel. A page's FILE is a good file;
    the templates are those of the tree."""
    words = [os.path.join(folder, "good.conf") if word == "FILE" else
             word.replace("/etc/op25b", folder) for word in shlex.split(line)[1:]]
    if words[0] == "notice":
        lang = words[words.index("--lang") + 1] if "--lang" in words else "en"
        words += ["--template", f"packaging/notice.{lang}.html"]
        if len(words) == 3:
            return 0
    return subprocess.run([*HARMLESS, "tools/op25bctl", *words], capture_output=True,
                          stdin=subprocess.DEVNULL, check=False).returncode


def wrong_tool(page):
    """Command lines of op25bctl, and configurations."""
    with tempfile.TemporaryDirectory() as folder:
        with open(os.path.join(folder, "good.conf"), "w", encoding="utf-8") as conf:
            conf.write("mode enforce\nprefix 100.64.0.0/10 block\nrelay 192.0.2.25\n")
        for line in typed(page, "op25bctl"):
            if run(line, folder) == 2:
                yield f"refused: {line}"
        for text in blocks(page, ""):
            check = ["tools/op25bctl", "conf", "check", "-"]
            if text.startswith("mode ") and subprocess.run(
                    check, input=text, text=True, capture_output=True, check=False).returncode:
                yield f"no configuration: {text}"


def wrong_make(page):
    targets = re.findall(r"^([a-z][a-z-]*):", source("Makefile"), re.M)
    for line in typed(page, "make"):
        for word in re.match(r"[^|&]*", line)[0].split()[1:]:
            if re.fullmatch("[a-z-]+", word) and word not in targets:
                yield f"no such target: {line}"


def wrong_units(page):
    for line in typed(page, "systemctl"):
        unit = line.split()[-1]
        unit += "" if "." in unit else ".service"
        if unit.startswith("op25b") and not os.path.exists(f"packaging/systemd/{unit}"):
            yield f"no such unit: {line}"


def slug(heading):
    """As the web shows it."""
    return re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-")


def headings(page):
    return re.findall(r"^#+ (.*)", FENCE.sub("", page), re.M)


def wrong_links(page, folder):
    for target in re.findall(r"\]\(([^)]+)\)", FENCE.sub("", page)):
        path, _, anchor = target.partition("#")
        path = os.path.join(folder, path) if path else None
        if path and not os.path.exists(path):
            yield f"no such file: {target}"
        elif anchor and anchor not in map(slug, headings(source(path) if path else page)):
            yield f"no such heading: {target}"


def wrong_contents(page):
    """A list of all headings of the second level, but for its own."""
    listed = re.findall(r"^- \[(.*)\]\(#", page, re.M)
    there = [h for h in re.findall(r"^## (.*)", FENCE.sub("", page), re.M)
             if h not in ("Contents", "目次")]
    if listed and listed != there:
        yield f"contents: {listed}, headings: {there}"


def wrong_paths(page):
    for span in spans(page):
        path = span.split()[0]
        if re.fullmatch(r"(kmod|tools|tests|packaging|uapi|debian)/[\w./*-]+", path) and \
                not glob.glob(path):
            yield f"no such file: {path}"


def wrong_rings(page):
    """Of tests/README.md: each folder that is a ring has its row."""
    for path in sorted(glob.glob("tests/*/run")):
        ring = path.split("/")[1]
        if ring not in ("vm", "ctl") and f"`{ring}`" not in page:
            yield f"no row: {ring}"


def wrong_japanese(page):
    """What it has people type, README.md has, too."""
    english = commands(source("README.md"))
    for line in commands(page):
        if line not in english and not line.startswith(("op25bctl notice", "depmod")):
            yield f"not in README.md: {line}"


def wrong_picture(picture):
    """Each row of the demo's table is in the picture."""
    for title in re.findall(r"^row .* (['\"])(.*)\1$", source("tests/demo/inside"), re.M):
        if f">{title[1]}<" not in picture:
            yield f"not in the picture: {title[1]}"


def wrong(name, page):
    yield from wrong_tool(page)
    yield from wrong_make(page)
    yield from wrong_units(page)
    yield from wrong_links(page, os.path.dirname(name))
    yield from wrong_contents(page)
    yield from wrong_paths(page)
    if name == "tests/README.md":
        yield from wrong_rings(page)
    if name == "README.ja.md":
        yield from wrong_japanese(page)


PLANTED = (  # page, what is replaced by what
    ("README.md", "op25bctl set mode enforce", "op25bctl set mode enforced"),
    ("README.md", "`op25bctl prefix show`", "`op25bctl prefix list`"),
    ("README.md", "reject tcp-reset ", "reject tcp-rst "),
    ("README.md", "make modules tools", "make module tools"),
    ("README.md", "--now op25b-metrics.timer", "--now op25b-metric.timer"),
    ("README.md", "(CONTRIBUTING.md)", "(CONTRIBUTE.md)"),
    ("README.md", "](#security)", "](#safety)"),
    ("README.md", "## Security", "## Safety"),
    ("CONTRIBUTING.md", "`tools/print.h`", "`tools/prints.h`"),
    ("tests/README.md", "| `lab` |", "| lab |"),
    ("README.ja.md", "op25bctl top\n", "op25bctl stats\n"),
)
found = [f"{name}: {what}" for name in PAGES for what in wrong(name, source(name))]
found += wrong_picture(source("tests/demo/demo.svg"))
if sys.argv[1:] == ["--self-test"] and not found:
    for name, old, new in PLANTED:
        text = source(name)
        if old not in text or not list(wrong(name, text.replace(old, new))):
            found.append(f"{name}: not found: {new}")
    if not list(wrong_picture("")):
        found.append("an empty picture is not found")
print("\n".join(found), end="\n" if found else "")
sys.exit(bool(found))
