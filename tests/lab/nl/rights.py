# SPDX-License-Identifier: GPL-2.0
"""Who may not: everything but CAP_NET_ADMIN in the initial user namespace."""
import ctypes
import fcntl
import os
import socket
import struct
import subprocess
from errno import EPERM, errorcode

from genl import (
    CTRL_GETFAMILY, DUMP, GENL_ID_CTRL, REQUEST, Attr, K, Socket,
)
from lives import child, slabs
from op25b import number

CLONE_NEWNS, CLONE_NEWUSER, CLONE_NEWNET = 0x20000, 0x10000000, 0x40000000


def commands():
    names = K.number_to_name("OP25B_CMD_")
    return {n: v for v, n in names.items()
            if not n.startswith(("UNSPEC", "EVENT", "_"))}


def answers(sock):
    """What is not EPERM."""
    wrong = []
    for name, cmd in commands().items():
        error = EPERM if name == "OFFENDER_GET" else sock.do(cmd).error
        if error != EPERM:
            wrong.append(f"{name}: {errorcode.get(error, error)}")
        if name in ("PREFIX_GET", "RELAY_GET", "OFFENDER_GET"):
            error = sock.do(cmd, flags=REQUEST | DUMP).error
            if error != EPERM:
                wrong.append(f"dump of {name}: {errorcode.get(error, error)}")
    return wrong


def report(work):
    """Runs @work in a child. Return: the lines it returned."""
    read, write = os.pipe()

    def inner():
        lines = work()
        os.write(write, "\n".join(lines).encode() or b"\0")
        return 0

    pid = child(inner)
    os.close(write)
    said = os.read(read, 1 << 16).decode()
    os.close(read)
    os.waitpid(pid, 0)
    return ["the child died"] if not said else [s for s in said.strip("\0").split("\n") if s]


LIBC = ctypes.CDLL(None, use_errno=True)


def nobody(work):
    def inner():
        os.setgid(65534)
        os.setuid(65534)
        return work()
    return inner


def user_namespace(flags, work):
    """As the root of a user namespace, which everybody may be."""
    def inner():
        if LIBC.unshare(CLONE_NEWUSER | flags):
            return [f"unshare: {errorcode[ctypes.get_errno()]}"]
        return work()
    return inner


def ask_everything():
    with Socket() as mine:
        return answers(mine)


def refused(tap, sock):
    handed = Socket()
    handed.resolve()
    for what, work in (
        ("nobody", nobody(ask_everything)),
        ("nobody with a socket that root has opened", nobody(lambda: answers(handed))),
        ("root of a user namespace", user_namespace(0, ask_everything)),
        ("root of a user namespace, in a network namespace of its own",
         user_namespace(CLONE_NEWNET, ask_everything)),
    ):
        tap.equal(report(work), [], f"{what} gets EPERM from every operation")
    handed.close()
    tap.ok(sock.do(K.CMD_GET).error == 0, "root does not")


def idle_memory(path):
    """What op25b holds for the network namespace @path, read by root inside."""
    def work():
        with open(path, "rb") as file:
            if LIBC.setns(file.fileno(), CLONE_NEWNET):
                return [f"setns: {errorcode[ctypes.get_errno()]}"]
        with Socket() as mine:
            return [str(number(mine, K.A_MEMORY))]
    return report(work)[0]


def namespaces(tap):
    """A user makes a few, tries everything in each, and holds them."""
    subprocess.run(["ip", "netns", "add", "untouched"], check=True)
    untouched = idle_memory("/run/netns/untouched")
    objects = slabs()
    ready, go = os.pipe(), os.pipe()

    def hold():
        wrong = ask_everything()
        os.write(ready[1], b"!" if wrong else b".")
        os.close(go[1])
        os.read(go[0], 1)
        return wrong

    pids = [child(user_namespace(CLONE_NEWNET, hold)) for _ in range(5)]
    said = b"".join(os.read(ready[0], 1) for _ in pids)
    tap.equal(said, b"." * len(pids), "a user makes five namespaces and asks in each")
    tap.equal([idle_memory(f"/proc/{pid}/ns/net") for pid in pids],
              [untouched] * len(pids), f"each holds {untouched} bytes, as one untouched")
    tap.ok(int(untouched) < 4096, "which is less than a page")
    tap.equal(slabs(), objects, "and nothing of op25b's caches")
    for pipe in (ready, go):
        os.close(pipe[1])
    for pid in pids:
        os.waitpid(pid, 0)
    subprocess.run(["ip", "netns", "del", "untouched"], check=True)


def tricks():
    """What makes the kernel look for modules."""
    with Socket() as mine:
        mine.talk(GENL_ID_CTRL, CTRL_GETFAMILY, [Attr(2, b"op25b\0")], version=2)
    for family in range(46):
        for kind in (socket.SOCK_RAW, socket.SOCK_DGRAM):
            for protocol in range(32 if family == socket.AF_NETLINK else 2):
                try:
                    socket.socket(family, kind, protocol).close()
                except OSError:
                    pass
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as plain:
        try:
            fcntl.ioctl(plain, 0x8913, struct.pack("16sH14x", b"op25b", 0))
        except OSError:
            pass
    LIBC.mount(b"none", b"/mnt", b"op25b", 0, b"")
    return []


def modules(tap):
    """The kernel's helper, replaced, writes down what it is asked for."""
    helper, log = "/run/modprobe", "/run/modprobe.log"
    with open(helper, "w", encoding="ascii") as file:
        file.write(f"#!/bin/sh\necho \"$@\" >>{log}\nexit 1\n")
    os.chmod(helper, 0o755)
    subprocess.run(["rmmod", "op25b"], check=True)
    with open("/proc/sys/kernel/modprobe", "r+", encoding="ascii") as file:
        before = file.read()
        file.seek(0)
        file.write(helper)
    for work in (nobody(tricks), user_namespace(CLONE_NEWNET | CLONE_NEWNS, tricks)):
        tap.equal(report(work), [], "a user tries to have the module loaded")
    with open("/proc/sys/kernel/modprobe", "w", encoding="ascii") as file:
        file.write(before)
    with open(log, encoding="ascii") as file:
        asked = {line.split()[-1] for line in file}
    tap.ok("net-pf-16-proto-16-family-op25b" in asked,
           f"the kernel looked for {len(asked)} modules")
    info = subprocess.run(["modinfo", "-F", "alias", os.environ["OP25B_KO"]],
                          check=True, capture_output=True, text=True)
    tap.equal(info.stdout, "", "the module answers to no other name than its own")
    tap.ok("op25b" not in asked, "which nobody but root can have looked for")
    subprocess.run(["insmod", os.environ["OP25B_KO"]], check=True)


def run(tap, sock):
    refused(tap, sock)
    namespaces(tap)
    modules(tap)
    sock.family = None
