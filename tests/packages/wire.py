#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0
"""wire.py FOLDER: both ends of a router's wires, from before it has power.

A subscriber sends SYNs to a mail server outside, twenty times a second to its
port 25 and as often to 587. What comes out on the other side is counted in
FOLDER/wire, one "KEY NUMBER" a line: in_PORT and out_PORT, frames of either port,
and back, those that the subscriber gets.

The wires are sockets in FOLDER, as QEMU's netdev dgram has them: inner and
outer are ours, inner.guest and outer.guest the router's.
"""
import os
import select
import socket
import struct
import sys
import time

SUBSCRIBER, SERVER = "100.64.7.9", "203.0.113.25"
ROUTER = "52:54:00:00:00:01"
PORTS = (25, 587)
PERIOD = 0.05


def checksum(data):
    total = sum(struct.unpack("!%dH" % (len(data) // 2), data))
    while total >> 16:
        total = (total & 0xffff) + (total >> 16)
    return ~total & 0xffff


def frame(source_port, port):
    src, dst = socket.inet_aton(SUBSCRIBER), socket.inet_aton(SERVER)
    tcp = struct.pack("!HHIIBBHHH", source_port, port, 1, 0, 5 << 4, 2, 1024, 0, 0)
    pseudo = src + dst + struct.pack("!BBH", 0, 6, len(tcp))
    tcp = tcp[:16] + struct.pack("!H", checksum(pseudo + tcp)) + tcp[18:]
    ip = struct.pack("!BBHHHBBH4s4s", 0x45, 0, 20 + len(tcp), 0, 0, 64, 6, 0, src, dst)
    ip = ip[:10] + struct.pack("!H", checksum(ip)) + ip[12:]
    mac = bytes.fromhex(ROUTER.replace(":", ""))
    return mac + bytes.fromhex("525400000011") + b"\x08\x00" + ip + tcp


def port_of(data):
    """The destination port of one of our SYNs, or None."""
    if (data[12:14] != b"\x08\x00" or data[14] != 0x45 or data[23] != 6 or
            data[30:34] != socket.inet_aton(SERVER)):
        return None
    return struct.unpack("!H", data[36:38])[0]


def is_back(data):
    return data[12:14] == b"\x08\x00" and data[30:34] == socket.inet_aton(SUBSCRIBER)


def main():
    os.chdir(sys.argv[1])
    counts = {"back": 0}
    for port in PORTS:
        counts["in_%d" % port] = counts["out_%d" % port] = 0
    ends = []
    for name in ("inner", "outer"):
        end = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
        end.bind(name)
        ends.append(end)
    inner, outer = ends
    due, number = time.monotonic(), 0
    while True:
        ready, _, _ = select.select(ends, [], [], max(0, due - time.monotonic()))
        for end in ready:
            data = end.recv(65536)
            if end is inner:
                counts["back"] += is_back(data)
            elif port_of(data) in PORTS:
                counts["out_%d" % port_of(data)] += 1
        if time.monotonic() < due:
            continue
        due += PERIOD
        number += 1
        for port in PORTS:
            try:
                inner.sendto(frame(1024 + number % 60000, port), socket.MSG_DONTWAIT, "inner.guest")
                counts["in_%d" % port] += 1
            except OSError:
                # It has no power yet, or no more, or is slow.
                pass
        with open("wire.new", "w", encoding="ascii") as f:
            f.writelines("%s %d\n" % item for item in counts.items())
        os.rename("wire.new", "wire")


try:
    main()
except FileNotFoundError:
    # The folder is gone, and with it whoever wanted to know.
    pass
