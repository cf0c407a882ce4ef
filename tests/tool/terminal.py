#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0
"""terminal.py STEP... -- COMMAND...: run COMMAND on a terminal of 24 by 80, one STEP
after the other:

    WORD*N    wait until it has written WORD N times
    ^K        press the key K with Control
    ROWSxCOLS change the size
    stopped   wait until it has stopped, then let it go on

Prints what it wrote, escapes as ^[, and its exit status."""
import fcntl
import os
import pty
import re
import select
import signal
import struct
import sys
import termios

END = 60
steps, command = sys.argv[1:sys.argv.index("--")], sys.argv[sys.argv.index("--") + 1:]
pid, terminal = pty.fork()
if not pid:
    # The size has to be there before the command looks.
    fcntl.ioctl(1, termios.TIOCSWINSZ, struct.pack("HHHH", 24, 80, 0, 0))
    # Of a key that is pressed amid a line, only what COMMAND makes of it: nothing is
    # echoed there, and nothing that was written is thrown away.
    mode = termios.tcgetattr(0)
    mode[3] = mode[3] & ~termios.ECHO | termios.NOFLSH
    termios.tcsetattr(0, termios.TCSANOW, mode)
    os.execvp(command[0], command)
said, seen = b"", 0


def hear():
    """Reads on. False at the end."""
    global said
    if not select.select([terminal], [], [], END)[0]:
        sys.exit(f"nothing more behind {said!r}")
    try:
        data = os.read(terminal, 1 << 16)
    except OSError:
        data = b""
    said += data
    return bool(data)


for step in steps:
    if step == "stopped":
        assert os.WIFSTOPPED(os.waitpid(pid, os.WUNTRACED)[1]), step
        seen = len(said)
        os.kill(pid, signal.SIGCONT)
    elif step[0] == "^":
        os.write(terminal, bytes([ord(step[1]) & 31]))
    elif re.fullmatch("[0-9]+x[0-9]+", step):
        seen = len(said)
        fcntl.ioctl(terminal, termios.TIOCSWINSZ,
                    struct.pack("HHHH", *map(int, step.split("x")), 0, 0))
    else:
        word, times = step.rsplit("*", 1)
        while said.count(word.encode(), seen) < int(times):
            if not hear():
                sys.exit(f"the end before {step}: {said!r}")
while hear():
    pass
print(said.decode().replace("\r\n", "\n").replace("\033", "^["))
print("status", os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1]))
