#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0
"""bpf.py xdp|tc PATH: pin a program that lets everything pass (x86_64)."""
import ctypes
import struct
import sys

BPF, PROG_LOAD, OBJ_PIN = 321, 5, 6
# Type of the program, and what it returns: XDP_PASS, TC_ACT_UNSPEC.
KINDS = {"xdp": (6, 2), "tc": (3, -1)}

libc = ctypes.CDLL(None, use_errno=True)
kind, answer = KINDS[sys.argv[1]]


def bpf(command, attributes):
    """One call of bpf(2), or the end."""
    buffer = ctypes.create_string_buffer(attributes.ljust(128, b"\0"))
    got = libc.syscall(BPF, command, buffer, 128)
    if got < 0:
        sys.exit(f"bpf({command}): errno {ctypes.get_errno()}")
    return got


# r0 = answer; exit
insns = ctypes.create_string_buffer(struct.pack("<BBhiBBhi", 0xb7, 0, 0, answer, 0x95, 0, 0, 0))
gpl = ctypes.create_string_buffer(b"GPL")
path = ctypes.create_string_buffer(sys.argv[2].encode())
program = bpf(PROG_LOAD, struct.pack("<IIQQ", kind, 2, ctypes.addressof(insns),
                                     ctypes.addressof(gpl)))
bpf(OBJ_PIN, struct.pack("<QI", ctypes.addressof(path), program))
