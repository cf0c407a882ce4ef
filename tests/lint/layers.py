# SPDX-License-Identifier: GPL-2.0
"""layers.py ROOT ROOM...: calls among the objects below ROOT run downwards.

ROOMs are folders of ROOT, or objects right in it, the lowest first; a,b are two
that lie beside each other and do not call each other. An object may call what is
in its own room and in those below, and no circle of calls leads through the
objects of a room. Each call that breaks this is named, one a line.
"""
import pathlib
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


def main(root, *rooms):
    root = pathlib.Path(root)
    level = {name: (i, name) for i, room in enumerate(rooms)
             for name in room.split(",")}
    objects = {}
    # What has no source is the linker's.
    paths = [path for path in sorted(root.rglob("*.o"))
             if path.with_suffix(".c").exists()]
    if not paths:
        sys.exit(f"there is no object below {root}")
    for path, found in symbols(paths).items():
        name = str(path.relative_to(root))
        room = name.split("/")[0].removesuffix(".o")
        if room not in level:
            sys.exit(f"{name} is in no room")
        objects[name] = (room, *found)
    home = {symbol: name for name, (_, defined, _) in objects.items()
            for symbol in defined}

    bad = 0
    calls = {}                  # caller: {callee: symbol}, in one room
    for caller, (room, _, undefined) in objects.items():
        for symbol in sorted(undefined & home.keys()):
            callee = home[symbol]
            other = objects[callee][0]
            if other == room:
                calls.setdefault(caller, {})[callee] = symbol
            elif level[other][0] >= level[room][0]:
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
