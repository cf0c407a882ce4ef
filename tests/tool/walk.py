#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0
"""walk.py TOOL PAGE: the walkthrough of a manual page, from the rules of nft or ipset that it
shows to op25b without them, command by command, in the namespace "router" under traffic. Each
literal block behind `.\\" walk WHICH` belongs to it: "nft rules" and "ipset rules" are there
before, "nft", "ipset" and "both" are the commands. No packet to be blocked comes out, and no other
one is lost, from the first command to the last. /etc/op25b/ is the current folder. TAP without a
plan on standard output."""
import os
import re
import subprocess
import sys
import threading

from moved import Wire, inside

BLOCKED = [("100.64.0.2", "203.0.113.9"), ("100.127.255.254", "203.0.113.9"),
           ("100.64.7.8", "192.0.2.26")]
PASSES = [("100.64.7.9", "203.0.113.9"), ("100.64.0.2", "192.0.2.25"),
          ("203.0.113.77", "203.0.113.9")]


def blocks(page):
    """Which, and text, of each block."""
    with open(page, encoding="utf-8") as lines:
        found = re.findall(r'^\.\\" walk (.*)\n\.Bd .*\n((?:.*\n)*?)\.Ed$', lines.read(), re.M)
    return [(which, text.replace(r"\-", "-").replace(r"\(dq", '"')) for which, text in found]


class Traffic(threading.Thread):
    """All pairs again and again, until it is stopped; what came out wrong."""

    def __init__(self, wire):
        super().__init__()
        self.wire, self.stop, self.rounds = wire, False, 0
        self.through, self.lost, self.died = set(), set(), None

    def run(self):
        try:
            while not self.stop:
                came = self.wire.passed(BLOCKED + PASSES)
                self.through |= came & set(BLOCKED)
                self.lost |= set(PASSES) - came
                self.rounds += 1
        except SystemExit as end:
            self.died = end

    def more(self):
        """Waits until all pairs were sent after now."""
        least = self.rounds + 2
        while self.is_alive() and self.rounds < least:
            self.join(0.01)


def execute(command):
    done = subprocess.run(["ip", "netns", "exec", "router", "bash", "-c",
                           command.replace("/etc/op25b/", os.getcwd() + "/")],
                          capture_output=True, text=True, check=False)
    return None if done.returncode == 0 and not done.stderr else \
        f"{command}: status {done.returncode}: {done.stdout}{done.stderr}"


def walk(kind, text):
    """What went wrong, or None."""
    rules = [block for which, block in text if which == f"{kind} rules"]
    commands = [line for which, block in text if which in (kind, "both")
                for line in block.splitlines()]
    if len(rules) != 1 or len(commands) < 8:
        return "the page has no such walkthrough"
    if kind == "nft":
        inside("router", "nft", "-f", "-", text=rules[0])
    else:
        inside("router", "bash", "-e", text=rules[0])
    traffic = Traffic(Wire())
    traffic.start()
    traffic.more()
    wrong = None
    for command in commands:
        wrong = wrong or execute(command)
        traffic.more()
        if traffic.through or traffic.lost:
            wrong = wrong or f"{command}: let through {traffic.through}, lost {traffic.lost}"
    traffic.stop = True
    traffic.join()
    print(f"# {kind}: {len(commands)} commands, {traffic.rounds} times all packets")
    left = inside("router", "bash", "-c",
                  "nft list ruleset; ipset save; iptables-save | grep -e -A || :").stdout
    return wrong or traffic.died or (left and f"the old rules are not gone: {left}")


def main(tool, page):
    os.makedirs("bin", exist_ok=True)
    for name, target in (("op25bctl", os.path.abspath(tool)),
                         ("iptables", "/usr/sbin/iptables-legacy"),
                         ("iptables-save", "/usr/sbin/iptables-legacy-save"),
                         ("ip6tables-save", "/usr/sbin/ip6tables-legacy-save")):
        if not os.path.lexists(f"bin/{name}"):
            os.symlink(target, f"bin/{name}")
    os.environ["PATH"] = os.path.abspath("bin") + ":" + os.environ["PATH"]
    os.environ["OP25B_STATE_DIR"] = os.path.abspath("state")
    text = blocks(page)
    for kind in ("nft", "ipset"):
        wrong = walk(kind, text)
        print("not ok" if wrong else "ok", f"0 - from {kind} to op25b, as the manual has it")
        for line in str(wrong or "").splitlines():
            print("#", line)
        execute("op25bctl conf apply - force <<<'mode off'")


if __name__ == "__main__":
    main(*sys.argv[1:])
