#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0
"""attempts.py SRC COUNT DST... [, SRC COUNT DST...]...: COUNT SYNs from each SRC to port 25, of its
DSTs in turn; "A+N" stands for N addresses from A on. Closed at once, a socket
sends no second SYN."""
import ipaddress
import socket
import sys

IP_TRANSPARENT, IPV6_TRANSPARENT = 19, 75  # addresses that are not ours


def addresses(words):
    for word in words:
        first, _, n = word.partition("+")
        first = ipaddress.ip_address(first)
        for i in range(int(n or 1)):
            yield str(first + i)


def attempt(src, dst):
    family = socket.AF_INET6 if ":" in src else socket.AF_INET
    with socket.socket(family, socket.SOCK_STREAM) as s:
        if family == socket.AF_INET:
            s.setsockopt(socket.SOL_IP, IP_TRANSPARENT, 1)
        else:
            s.setsockopt(socket.IPPROTO_IPV6, IPV6_TRANSPARENT, 1)
        s.bind((src, 0))
        s.setblocking(False)
        s.connect_ex((dst, 25))


for group in " ".join(sys.argv[1:]).split(","):
    source, count, *words = group.split()
    targets = list(addresses(words))
    for i in range(int(count)):
        attempt(source, targets[i % len(targets)])
