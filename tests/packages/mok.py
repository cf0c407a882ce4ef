#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0
"""mok.py SOCKET PASSWORD: at the console of a machine whose shim is asked to enrol
a key, do what README.md has its owner do, until the machine starts anew."""
import socket
import sys
import time

UP, DOWN, ENTER = b"\x1b[A", b"\x1b[B", b"\r"
PATIENCE = 300
STILL = 3       # seconds without a change of the screen


class Console:
    """@seen: what came since the last key."""

    def __init__(self, path):
        self.end, self.seen = time.monotonic() + PATIENCE, b""
        self.tty = socket.socket(socket.AF_UNIX)
        while True:
            try:
                self.tty.connect(path)
                break
            except OSError:
                if time.monotonic() > self.end:
                    raise
                time.sleep(0.1)
        self.tty.settimeout(STILL)

    def more(self):
        """Return: something came, rather than that the screen is still."""
        try:
            data = self.tty.recv(4096)
        except socket.timeout:
            return False
        if not data:
            sys.exit("the machine is off")
        self.seen += data
        return True

    def shows(self, text):
        while text not in self.seen:
            if time.monotonic() > self.end:
                sys.exit(f"never on the screen: {text.decode()}")
            # A menu may be half drawn until a key comes; this one moves nothing,
            # since what is selected first is on top.
            if not self.more() and text != b"Password":
                self.tty.sendall(UP)

    def press(self, key):
        self.seen = b""
        self.tty.sendall(key)

    def press_when_still(self, *keys):
        for key in keys:
            while self.more():
                pass
            self.press(key)

    def goes(self):
        self.tty.settimeout(PATIENCE)
        while self.tty.recv(4096):
            pass


def main():
    console = Console(sys.argv[1])
    # It counts seconds down meanwhile.
    console.shows(b"Press any key")
    console.press(ENTER)
    for text, *keys in ((b"Enroll MOK", DOWN, ENTER), (b"View key", DOWN, ENTER),
                        (b"Yes", DOWN, ENTER), (b"Password", sys.argv[2].encode(), ENTER),
                        (b"Reboot", ENTER)):
        console.shows(text)
        console.press_when_still(*keys)
    console.goes()


main()
