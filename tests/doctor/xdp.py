#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0
"""xdp.py PATH: pin an XDP program that lets everything pass (x86_64)."""
import ctypes
import struct
import sys

BPF, PROG_LOAD, OBJ_PIN, PROG_TYPE_XDP = 321, 5, 6, 6
# r0 = XDP_PASS; exit
CODE = struct.pack("<BBhiBBhi", 0xb7, 0, 0, 2, 0x95, 0, 0, 0)

libc = ctypes.CDLL(None, use_errno=True)


def bpf(command, attributes):
    """One call of bpf(2), or the end."""
    buffer = ctypes.create_string_buffer(attributes.ljust(128, b"\0"))
    got = libc.syscall(BPF, command, buffer, 128)
    if got < 0:
        sys.exit(f"bpf({command}): errno {ctypes.get_errno()}")
    return got


insns = ctypes.create_string_buffer(CODE)
gpl = ctypes.create_string_buffer(b"GPL")
path = ctypes.create_string_buffer(sys.argv[1].encode())
program = bpf(PROG_LOAD, struct.pack("<IIQQ", PROG_TYPE_XDP, 2, ctypes.addressof(insns),
                                     ctypes.addressof(gpl)))
bpf(OBJ_PIN, struct.pack("<QI", ctypes.addressof(path), program))
