#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0
"""template.py TOOL SEED ROUNDS: random templates for `notice`, filled in by the tool and
by the few lines below, which see the whole text at once. Exits 0 if they agree."""
import html
import random
import re
import subprocess
import sys

tool, seed, rounds = sys.argv[1], int(sys.argv[2]), int(sys.argv[3])
rng = random.Random(seed)
NAMES = ("one", "two", "three", "on", "off")
CONF = "template.conf"


def text(depth=0):
    """Pieces, sections among them, and now and then one that is wrong."""
    out = ""
    for _ in range(rng.randrange(6)):
        kind, name = rng.randrange(12), rng.choice(NAMES)
        if kind < 4:
            out += rng.choice(("a", " ", "\n", "<p>", "\t", "}}", "{", "日本", "\n\n"))
        elif kind < 6:
            out += "{{" + rng.choice(NAMES[:2]) + "}}"
        elif kind < 10 and depth < 7:
            edge = rng.choice(("", "\n", " \n"))
            out += edge + "{{" + rng.choice("#^") + name + "}}" + edge + text(depth + 1) + \
                edge + "{{/" + name + "}}" + edge
        elif kind == 10:
            out += "{{! remark }}"
        elif rng.random() < 0.05:
            out += rng.choice(("{{", "{{/one}}", "{{One}}", "{{three}}", "{{}}"))
    return out


class Wrong(Exception):
    """Of a template."""


def sections(source, values):
    """The innermost first, until there are none: those that stay lose their tags. A
    value that is missing in one that goes is nobody's."""
    tag = re.compile(r"\{\{([#^])([a-z0-9-]+)\}\}((?:(?!\{\{[#^/]).)*?)\{\{/([a-z0-9-]+)\}\}", re.S)
    while (found := tag.search(source)):
        if found[2] != found[4]:
            raise Wrong
        stays = (found[2] in values) == (found[1] == "#")
        source = source[:found.start()] + (found[3] if stays else "") + source[found.end():]
    if re.search(r"\{\{[#^/]", source):
        raise Wrong
    return source


def fill(source, values):
    """What the tool should print."""
    for line in source.split("\n"):
        rest = line
        while "{{" in rest:
            found = re.match(r"\{\{([#^/]?[a-z0-9-]+|!.*?)\}\}", rest[rest.index("{{"):])
            if not found:
                raise Wrong
            rest = rest[rest.index("{{") + found.end():]
    # A line with one tag that gives no text is left out.
    source = re.sub(r"(?m)^[ \t]*(\{\{(?:[#^/][a-z0-9-]+|!(?:(?!\}\}).)*)\}\})[ \t]*\n", r"\1", source)
    source = re.sub(r"\{\{!.*?\}\}", "", source)
    source = sections(source, values)

    def value(found):
        if not values.get(found[1]):
            raise Wrong
        return html.escape(values[found[1]]).replace("&#x27;", "&#39;")

    return re.sub(r"\{\{([a-z0-9-]+)\}\}", value, source)


with open(CONF, "w", encoding="utf-8") as conf:
    conf.write("mode off\nprefix 192.0.2.0/24 block\n")
wrong = 0
for number in range(rounds):
    template = "{{#one}}{{/one}}{{#two}}{{/two}}\n" + text() + text() + "\n"
    given = {name: rng.choice(("x", "<&>\"'", "{{two}}", "名前"))
             for name in NAMES[:2] if rng.random() < 0.8}
    try:
        wanted = fill(template, given)
    except Wrong:
        wanted, wrong = None, wrong + 1
    done = subprocess.run([tool, "notice", CONF, "--template", "-",
                           *(f"{name}={words}" for name, words in given.items())],
                          input=template.encode(), capture_output=True, check=False, timeout=60)
    status = 0 if wanted is not None else 2
    if done.returncode != status or (status == 0 and done.stdout.decode() != wanted) or \
            (status == 2 and (done.stdout or b"Sanitizer" in done.stderr)):
        sys.exit(f"{number}: {template!r} with {given}: wanted {wanted!r}, "
                 f"got {done.returncode} {done.stdout.decode()!r} {done.stderr.decode()!r}")
if not 0 < wrong < rounds:
    sys.exit(f"{wrong} of {rounds} templates are wrong, which says little")
