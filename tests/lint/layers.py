# SPDX-License-Identifier: GPL-2.0
"""layers.py OBJECTS SOURCES ROOM...: calls among objects run downwards.

OBJECTS is the folder where those of the folder SOURCES were built. ROOMs are
folders of it, or files right in it, the lowest first; a,b are two that lie beside
each other and do not call each other. An object may call what is in its own room
and in those below, and no circle of calls leads through the objects of a room.
Files include headers of their own room and of those below only. What breaks
this is named, one a line.
"""
import pathlib
import re
import subprocess
import sys


def symbols(paths):
    """What each object defines for others, and what it leaves undefined."""
    out = subprocess.run(["nm", "-P", "-g", "-A", *paths], check=True,
                         capture_output=True, text=True).stdout
    found = {path: (set(), set()) for path in paths}
    for line in out.splitlines():
        path, name, kind = line.split()[:3]
        found[pathlib.Path(path.removesuffix(":"))][kind in "Uvw"].add(name)
    return found


def reach(calls, start):
    """The objects that @start calls, directly or not."""
    seen, todo = set(), [start]
    while todo:
        for callee in calls.get(todo.pop(), {}):
            if callee not in seen:
                seen.add(callee)
                todo.append(callee)
    return seen


def room_of(name):
    """The room of the file @name, a path from the folder of rooms."""
    return re.sub(r"\.[cho]$", "", name.split("/")[0])


def includes(sources, level):
    """How many headers are included that are not below, each of which is named.

    Those in no room anybody may include.
    """
    bad = 0
    for path in sorted(sources.rglob("*.[ch]")):
        name = str(path.relative_to(sources))
        room = room_of(name)
        for header in re.findall(r'^#include "(.*)"', path.read_text(), re.M):
            other = room_of(header)
            if {room, other} <= level.keys() and other != room and \
                    level[other] >= level[room]:
                print(f"{name} includes {header}, which is not below it")
                bad += 1
    return bad


def main(root, sources, *rooms):
    root = pathlib.Path(root)
    sources = pathlib.Path(sources)
    level = {name: i for i, room in enumerate(rooms)
             for name in room.split(",")}
    objects = {}
    # What has no source is the linker's, or of a file that is gone.
    paths = [path for path in sorted(root.rglob("*.o"))
             if (sources / path.relative_to(root)).with_suffix(".c").exists()]
    if not paths:
        sys.exit(f"there is no object below {root}")
    for path, found in symbols(paths).items():
        name = str(path.relative_to(root))
        room = room_of(name)
        if room not in level:
            sys.exit(f"{name} is in no room")
        objects[name] = (room, *found)
    home = {symbol: name for name, (_, defined, _) in objects.items()
            for symbol in defined}

    bad = includes(sources, level)
    calls = {}                  # caller: {callee: symbol}, in one room
    for caller, (room, _, undefined) in objects.items():
        for symbol in sorted(undefined & home.keys()):
            callee = home[symbol]
            other = objects[callee][0]
            if other == room:
                calls.setdefault(caller, {})[callee] = symbol
            elif level[other] >= level[room]:
                print(f"{caller} calls {symbol}() of {callee}, "
                      "which is not below it")
                bad += 1
    for caller, callees in calls.items():
        for callee, symbol in callees.items():
            if caller in reach(calls, callee):
                print(f"{caller} calls {symbol}() of {callee}, "
                      "which calls it, too")
                bad += 1
    sys.exit(bad > 0)


main(*sys.argv[1:])
