# SPDX-License-Identifier: GPL-2.0
"""Runs the groups in a guest of their own. OP25B_KO names the module."""
import os
import subprocess
import sys

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
# pylint: disable=wrong-import-position
import accepted
import dumps
import refusals
from genl import K, Socket
from op25b import Tap, prefix, relay, u8


def base(sock):
    """What is in force while it is attacked."""
    sock.do(K.CMD_PREFIX_FLUSH)
    sock.do(K.CMD_RELAY_FLUSH)
    for cmd, attrs in (
        (K.CMD_PREFIX_ADD, [
            prefix("100.64.0.0/10", comment="dynamic pool"),
            prefix("100.64.7.9/32", "exempt", "fixed line"),
            prefix("2001:db8::/32", "monitor"),
        ]),
        (K.CMD_RELAY_ADD, [relay("192.0.2.25", "smtp1"),
                           relay("2001:db8:ffff::25")]),
        (K.CMD_SET, [u8(K.A_MODE, K.MODE_ENFORCE)]),
    ):
        answer = sock.do(cmd, attrs)
        assert answer.error == 0, str(answer)


GROUPS = {
    "refusals": refusals.run,
    "accepted": accepted.run,
    "dumps": dumps.run,
}


def main():
    tap = Tap()
    subprocess.run(["insmod", os.environ["OP25B_KO"]], check=True)
    for name in sys.argv[1:] or GROUPS:
        print(f"# {name}")
        with Socket() as sock:
            base(sock)
            GROUPS[name](tap, sock)
    subprocess.run(["rmmod", "op25b"], check=True)
    return tap.done()


if __name__ == "__main__":
    sys.exit(main())
