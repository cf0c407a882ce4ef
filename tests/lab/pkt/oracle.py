# SPDX-License-Identifier: GPL-2.0
"""What a host's own, defragmenting nft counters say. Asked by netlink: they are
asked after every case, and nft takes half a second to start."""
import socket
import struct

import topo
from nfqueue import NETLINK_NETFILTER, NLM_F_REQUEST, attr, attrs, message

GETOBJ, NEWOBJ = 0x0a13, 0x0a12
OBJ_TABLE, OBJ_NAME, OBJ_TYPE, OBJ_DATA = 1, 2, 3, 4
OBJECT_COUNTER, COUNTER_PACKETS = 1, 2
NFPROTO_INET = 1


class Oracle:
    def __init__(self, host="M"):
        topo.enter(host)
        self.sock = socket.socket(socket.AF_NETLINK, socket.SOCK_RAW,
                                  NETLINK_NETFILTER)
        topo.enter("R")

    def packets(self, name):
        self.sock.send(message(
            GETOBJ, NLM_F_REQUEST, attr(OBJ_TABLE, b"oracle\0") +
            attr(OBJ_NAME, name.encode() + b"\0") +
            attr(OBJ_TYPE, struct.pack(">I", OBJECT_COUNTER)), NFPROTO_INET))
        data = self.sock.recv(65536)
        if struct.unpack_from("=H", data, 4)[0] != NEWOBJ:
            raise RuntimeError(f"no counter {name}: {data!r}")
        counter = attrs(attrs(data[20:])[OBJ_DATA])
        return int.from_bytes(counter[COUNTER_PACKETS], "big")
