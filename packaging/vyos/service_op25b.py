#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0
"""The nodes below `service op25b`, as a configuration file of op25b's own.

VyOS calls the four functions in their order at each commit. What the nodes
cannot say of themselves, such as host bits in a prefix, op25bctl refuses with a
sentence before anything is changed; then the whole is replaced in one step.
"""
import os
import subprocess
import sys

from vyos.config import Config
from vyos import ConfigError
from vyos import airbag

airbag.enable()

FOLDER = os.environ.get("OP25B_RUN", "/run/op25b")
FILE = os.path.join(FOLDER, "op25b.conf")
BASE = ["service", "op25b"]


def get_config(config=None):
    conf = config or Config()
    if not conf.exists(BASE):
        return None
    return conf.get_config_dict(BASE, key_mangling=("-", "_"), get_first_key=True,
                                no_tag_node_value_mangle=True)


def comment(node):
    text = node.get("description")
    if not text:
        return ""
    return ' comment "%s"' % text.replace("\\", "\\\\").replace('"', '\\"')


def lines(op25b):
    """The nodes in the words of op25b.conf(5)."""
    yield "mode %s" % op25b["mode"]
    if "reject" in op25b:
        yield "reject %s" % op25b["reject"]
    if "reverse" in op25b:
        yield "reverse on"
    for prefix, node in op25b.get("prefix", {}).items():
        until = " until %s" % node["until"] if "until" in node else ""
        yield "prefix %s %s%s%s" % (prefix, node["action"], until, comment(node))
    for relay, node in op25b.get("relay", {}).items():
        yield "relay %s%s" % (relay, comment(node))


def op25bctl(*args):
    """Run it. Return: what it complained of, None if it did as it was told."""
    ran = subprocess.run(["op25bctl", *args], stdin=subprocess.DEVNULL,
                         stdout=subprocess.DEVNULL, stderr=subprocess.PIPE,
                         text=True, check=False)
    return None if ran.returncode == 0 else ran.stderr.strip()


def write(name, op25b):
    os.makedirs(FOLDER, mode=0o700, exist_ok=True)
    # Lists of subscribers are private.
    with open(os.open(name, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "w",
              encoding="utf-8") as f:
        f.writelines("%s\n" % line for line in lines(op25b))


def verify(op25b):
    if op25b is None:
        return
    if "mode" not in op25b:
        raise ConfigError("service op25b: mode is missing")
    for prefix, node in op25b.get("prefix", {}).items():
        if "action" not in node:
            raise ConfigError("service op25b prefix %s: action is missing" % prefix)
    candidate = FILE + ".candidate"
    write(candidate, op25b)
    complaint = op25bctl("conf", "check", candidate)
    os.unlink(candidate)
    if complaint is not None:
        raise ConfigError(complaint.replace(candidate, "service op25b"))


def generate(op25b):
    write(FILE, op25b or {"mode": "off"})


def apply(op25b):
    # Without the module nothing can be removed, either.
    if op25b is None and not os.path.exists("/proc/net/op25b"):
        return
    subprocess.run(["modprobe", "op25b"], check=False)
    # Who has seen `compare` and said `commit` need not say `force`, too.
    complaint = op25bctl("conf", "apply", FILE, "force")
    if complaint is not None:
        raise ConfigError(complaint)


if __name__ == "__main__":
    try:
        c = get_config()
        verify(c)
        generate(c)
        apply(c)
    except ConfigError as e:
        print(e)
        sys.exit(1)
