# SPDX-License-Identifier: GPL-2.0
"""Who may not: everything but CAP_NET_ADMIN in the initial user namespace."""
import ctypes
import os
from errno import EPERM, errorcode

from genl import DUMP, REQUEST, K, Socket
from lives import child

CLONE_NEWUSER, CLONE_NEWNET = 0x10000000, 0x40000000


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


def run(tap, sock):
    libc = ctypes.CDLL(None, use_errno=True)

    def nobody():
        os.setgid(65534)
        os.setuid(65534)
        with Socket() as mine:
            return answers(mine)

    def handed_over():
        mine = Socket()
        mine.resolve()
        os.setuid(65534)
        return answers(mine)

    def user_namespace(flags):
        def work():
            if libc.unshare(CLONE_NEWUSER | flags):
                return [f"unshare: {errorcode[ctypes.get_errno()]}"]
            with Socket() as mine:
                return answers(mine)
        return work

    for what, work in (
        ("nobody", nobody),
        ("nobody with a socket that root has opened", handed_over),
        ("root of a user namespace", user_namespace(0)),
        ("root of a user namespace, in a network namespace of its own",
         user_namespace(CLONE_NEWNET)),
    ):
        tap.equal(report(work), [], f"{what} gets EPERM from every operation")
    tap.ok(sock.do(K.CMD_GET).error == 0, "root does not")
