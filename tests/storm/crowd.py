#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0
"""crowd.py SECONDS DEVICE MAC: several processes on each CPU send SYNs to port
25 of 198.18.0.25 from the 4096 /28 of 10.1.0.0/16, by DEVICE to MAC. Prints how
many.
"""
import errno
import os
import random
import socket
import struct
import sys
import time

EACH = 4        # processes on a CPU


def checksum(data):
    total = sum(struct.unpack(f"!{len(data) // 2}H", data))
    total = (total & 0xffff) + (total >> 16)
    return ~(total + (total >> 16)) & 0xffff


def frame(mac, prefix):
    src = bytes((10, 1, prefix >> 4, (prefix & 15) << 4 | 1))
    dst = bytes((198, 18, 0, 25))
    ip = struct.pack("!BBHHHBBH", 0x45, 0, 40, 0, 0, 64, 6, 0) + src + dst
    ip = ip[:10] + struct.pack("!H", checksum(ip)) + ip[12:]
    tcp = struct.pack("!HHIIBBHHH", 1024, 25, 1, 0, 0x50, 2, 1024, 0, 0)
    pseudo = src + dst + struct.pack("!HH", 6, len(tcp))
    tcp = tcp[:16] + struct.pack("!H", checksum(pseudo + tcp)) + tcp[18:]
    return mac + b"\2\0\0\0\0\1\x08\0" + ip + tcp


def send(device, frames, cpu, end):
    os.sched_setaffinity(0, {cpu})
    random.shuffle(frames)
    wire = socket.socket(socket.AF_PACKET, socket.SOCK_RAW)
    wire.bind((device, 0))
    sent = 0
    while time.monotonic() < end:
        for each in frames[:256]:
            try:
                wire.send(each)
                sent += 1
            except OSError as error:
                if error.errno != errno.ENOBUFS:    # the backlog is full
                    raise
        frames = frames[256:] + frames[:256]
    return sent


def main():
    end = time.monotonic() + float(sys.argv[1])
    mac = bytes.fromhex(sys.argv[3].replace(":", ""))
    frames = [frame(mac, i) for i in range(4096)]
    pipes = []
    for cpu in sorted(os.sched_getaffinity(0)) * EACH:
        here, there = os.pipe()
        if not os.fork():
            random.seed(there)
            sent = send(sys.argv[2], frames, cpu, end)
            os.write(there, str(sent).encode())
            os._exit(0)
        os.close(there)
        pipes.append(here)
    print(sum(int(os.read(pipe, 20) or 0) for pipe in pipes))


if __name__ == "__main__":
    main()
