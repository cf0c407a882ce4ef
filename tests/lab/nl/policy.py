# SPDX-License-Identifier: GPL-2.0
"""The kernel's policies are those of the specification; every sentence of the
module's netlink files has been heard.
"""
import glob
import os
import re
from sys import byteorder

import yaml

from genl import CTRL_GETPOLICY, DUMP, GENL_ID_CTRL, REQUEST, ROOT, Attr, K, unpack

TYPES = {1: "flag", 2: "u8", 4: "u32", 5: "u64", 10: "binary", 12: "string",
         13: "nest"}
OP_POLICY, POLICY, OP = 9, 8, 10
DO, MAX = 1, 5


def kernel_policies(sock):
    """({command: policy number}, {policy number: {attribute: {key: value}}})"""
    ops, policies = {}, {}
    name = Attr(2, b"op25b\0")
    answer = sock.talk(GENL_ID_CTRL, CTRL_GETPOLICY, [name], flags=REQUEST | DUMP,
                       version=2)
    assert answer.error == 0, str(answer)
    for reply in answer.replies:
        for kind, data in reply:
            if kind == OP_POLICY:
                for cmd, nest in unpack(data):
                    # From 6.2 or so on the core has no number for what can only
                    # be dumped: it takes that of a do that is not there.
                    cmd = cmd or K.CMD_OFFENDER_GET
                    for which, number in unpack(nest):
                        if which == DO or cmd not in ops:
                            ops[cmd] = int.from_bytes(number, byteorder)
            elif kind == POLICY:
                for number, attrs in unpack(data):
                    for attr, keys in unpack(attrs):
                        policies.setdefault(number, {})[attr] = {
                            k: int.from_bytes(v, byteorder) for k, v in unpack(keys)}
    return ops, policies


def policies(tap, sock):
    with open(os.path.join(ROOT, "uapi/op25b.yaml"), encoding="utf-8") as file:
        spec = yaml.safe_load(file)
    attrs = next(s for s in spec["attribute-sets"] if s["name"] == "op25b")["attributes"]
    numbers = {a["name"]: i for i, a in enumerate(attrs, 1)}
    ops, kernel = kernel_policies(sock)
    for cmd, op in enumerate(spec["operations"]["list"], 1):
        if "event" in op:
            tap.ok(cmd not in ops, f"{op['name']} is no request")
            continue
        wanted = {}
        for name in op.get("do", op.get("dump"))["request"].get("attributes", []):
            attr = attrs[numbers[name] - 1]
            most = attr.get("checks", {}).get("max")
            wanted[numbers[name]] = (attr["type"], most)
        if op["name"] == "fill":
            # the core has a loose policy; txns.py finds out what FILL refuses
            wanted = {n: ("nest" if t == "nest" else "binary", None)
                      for n, (t, _) in wanted.items()}
        if cmd not in ops:
            tap.equal({}, wanted, f"{op['name']}: takes no attributes")
            continue
        got = {}
        # the core's policy that rejects all has no attributes
        for attr, keys in kernel.get(ops[cmd], {}).items():
            kind = TYPES.get(keys.get(1))
            limit = keys.get(MAX) if kind in ("u8", "u32") else None
            if limit in (0xFF, 0xFFFFFFFF):
                limit = None
            got[attr] = (kind, limit)
        tap.equal(got, wanted, f"{op['name']}: the kernel's policy")


def sentences(tap):
    """Runs last. Out of memory cannot be provoked here."""
    said = set()
    for path in glob.glob(os.path.join(ROOT, "kmod/n[es]*/*.c")):
        with open(path, encoding="utf-8") as file:
            text = file.read()
        for call in re.findall(
            r"(?:NL_SET_ERR_MSG(?:_ATTR)?|nl_refuse|nl_missing)\(([^;]*?)\)[;:)]",
            text, re.S
        ):
            said.update(re.findall(r'"([^"]+)"', call))
    said -= {"the kernel has no memory", "the kernel has no memory for counters",
             "the hooks could not be registered"}
    tap.ok(len(said) > 20, f"{len(said)} sentences are in the sources")
    tap.equal(sorted(said - tap.sentences), [], "each of them has been heard")


def run(tap, sock):
    policies(tap, sock)
