# SPDX-License-Identifier: GPL-2.0
"""Accepts what comes to NFQUEUE 0, so that packets go on in process context; at
once, or when it is told to."""
import socket
import struct
import threading

NETLINK_NETFILTER = 12
MSG_PACKET, MSG_VERDICT, MSG_CONFIG = 0x300, 0x301, 0x302
CFG_CMD, CFG_PARAMS = 1, 2
PACKET_HDR, VERDICT_HDR, PAYLOAD = 1, 2, 10
BIND, COPY_META, COPY_PACKET, ACCEPT = 1, 1, 2, 1
NLM_F_REQUEST, NLM_F_ACK = 1, 4


def attr(kind, data):
    return struct.pack("=HH", 4 + len(data), kind) + data + \
        b"\0" * (-len(data) % 4)


def attrs(data):
    """{kind: content} of attributes in a row."""
    found = {}
    while len(data) >= 4:
        size, kind = struct.unpack_from("=HH", data)
        found[kind & 0x3fff] = data[4:size]
        data = data[size + -size % 4:]
    return found


def message(kind, flags, content, family=0):
    body = struct.pack(">BBH", family, 0, 0) + content
    return struct.pack("=IHHII", 16 + len(body), kind, flags, 1, 0) + body


class Queue(threading.Thread):
    """Make it in the namespace of the queue. @mangle, if given, makes of each
    packet's bytes those that go on."""

    def __init__(self, hold=False, mangle=None):
        super().__init__(daemon=True)
        self.seen, self.mangle = 0, mangle
        self.hold = hold
        self.held = []
        self.sock = socket.socket(socket.AF_NETLINK, socket.SOCK_RAW,
                                  NETLINK_NETFILTER)
        self.sock.settimeout(0.2)
        self._stop_it = threading.Event()
        self._config(CFG_CMD, struct.pack(">BBH", BIND, 0, 0))
        self._config(CFG_PARAMS, struct.pack(
            ">IB", 65535, COPY_PACKET if mangle else COPY_META))
        self.start()

    def _config(self, kind, data):
        self.sock.send(message(MSG_CONFIG, NLM_F_REQUEST | NLM_F_ACK,
                                attr(kind, data)))
        error = struct.unpack_from("=i", self.sock.recv(4096), 16)[0]
        if error:
            raise OSError(-error, "NFQUEUE configuration")

    def run(self):
        while not self._stop_it.is_set():
            try:
                data = self.sock.recv(65536)
            except TimeoutError:
                continue
            while len(data) >= 16:
                size, kind = struct.unpack_from("=IH", data)
                if kind == MSG_PACKET:
                    self._accept(data[20:size])
                data = data[size + -size % 4:]

    def _accept(self, content):
        found = attrs(content)
        ident = found[PACKET_HDR][:4]
        if self.hold:
            self.held.append(ident)
        elif self.mangle:
            self._verdict(ident, self.mangle(found[PAYLOAD]))
        else:
            self._verdict(ident)
        self.seen += 1

    def release(self):
        """What is held goes on, unless the kernel has dropped it."""
        for ident in self.held:
            self._verdict(ident)
        self.held.clear()

    def _verdict(self, ident, payload=None):
        content = attr(VERDICT_HDR, struct.pack(">I", ACCEPT) + ident)
        if payload is not None:
            content += attr(PAYLOAD, payload)
        self.sock.send(message(MSG_VERDICT, NLM_F_REQUEST, content))

    def stop(self):
        self._stop_it.set()
        self.join()
        self.sock.close()
