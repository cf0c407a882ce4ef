#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0
"""terminal.py WORD TIMES KEY COMMAND...: run COMMAND on a terminal of 24 by 80 until
it has written WORD so often, then press KEY (a letter, with Control). Prints what
it wrote, escapes as ^[, and its exit status."""
import fcntl
import os
import pty
import struct
import sys
import termios

word, times, key = sys.argv[1].encode(), int(sys.argv[2]), ord(sys.argv[3]) & 31
pid, terminal = pty.fork()
if not pid:
    os.execvp(sys.argv[4], sys.argv[4:])
fcntl.ioctl(terminal, termios.TIOCSWINSZ, struct.pack("HHHH", 24, 80, 0, 0))
said, pressed = b"", False
while True:
    try:
        data = os.read(terminal, 1 << 16)
    except OSError:
        break
    if not data:
        break
    said += data
    if said.count(word) >= times and not pressed:
        os.write(terminal, bytes([key]))
        pressed = True
print(said.decode().replace("\r\n", "\n").replace("\033", "^["))
print("status", os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1]))
