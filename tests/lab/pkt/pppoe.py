# SPDX-License-Identifier: GPL-2.0
"""A PPPoE session without a daemon: both ends know the session's number, so no
discovery, and there is nothing to negotiate: the channel is opened, tied to a
unit, and IPv4 and IPv6 are let through (Documentation/networking/
ppp_generic.rst)."""
import ctypes
import fcntl
import os
import socket
import struct

import topo

AF_PPPOX, PX_PROTO_OE = 24, 0
PPP_IP, PPP_IPV6, NPMODE_PASS = 0x21, 0x57, 0
PPPIOCGCHAN, PPPIOCATTCHAN = 0x80047437, 0x40047438
PPPIOCNEWUNIT, PPPIOCCONNECT = 0xc004743e, 0x4004743a
PPPIOCSNPMODE = 0x4008744b

# Why a kernel has none, where that is so: Debian's for s390x is built without PPP.
NONE = "no PPP in this kernel" if os.uname().machine == "s390x" else None

_libc = ctypes.CDLL(None, use_errno=True)


class Session:
    """In the namespace the thread is in, over device @wire to hardware address
    @peer; the interface is called @name."""

    def __init__(self, wire, peer, number, name):
        self.sock = socket.socket(AF_PPPOX, socket.SOCK_STREAM, PX_PROTO_OE)
        self._connect(struct.pack("=HI", AF_PPPOX, PX_PROTO_OE) +
                      struct.pack(">H", number) + peer +
                      wire.encode().ljust(16, b"\0"))
        index = self._int(self.sock.fileno(), PPPIOCGCHAN, 0)
        self.channel = os.open("/dev/ppp", os.O_RDWR)
        self._int(self.channel, PPPIOCATTCHAN, index)
        self.unit = os.open("/dev/ppp", os.O_RDWR)
        number = self._int(self.unit, PPPIOCNEWUNIT, -1)
        self._int(self.channel, PPPIOCCONNECT, number)
        for proto in (PPP_IP, PPP_IPV6):
            fcntl.ioctl(self.unit, PPPIOCSNPMODE,
                        struct.pack("=ii", proto, NPMODE_PASS))
        topo.sh("ip", "link", "set", f"ppp{number}", "name", name)

    def _connect(self, address):
        if _libc.connect(self.sock.fileno(), address, len(address)):
            raise OSError(ctypes.get_errno(), "connecting the PPPoE session")

    @staticmethod
    def _int(fd, request, value):
        answer = fcntl.ioctl(fd, request, struct.pack("=i", value))
        return struct.unpack("=i", answer)[0]

    def close(self):
        os.close(self.unit)
        os.close(self.channel)
        self.sock.close()
