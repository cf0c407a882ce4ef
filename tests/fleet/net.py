# SPDX-License-Identifier: GPL-2.0
"""The network of a fleet, and mail on it.

    here s0 ---- in [r0] out ---- x0 here
                   bgp
                    |
          [mesh] bridge ---- eth0 [rr]
                    |
                   bgp
    here s1 ---- in [r1] out ---- x1 here

Mail is a SYN to port 25, written to s0, s1, ... as a frame; what comes out at x0,
x1, ... has passed. [NAME] is a namespace."""
import collections
import ipaddress
import json
import select
import socket
import struct
import subprocess
import threading
import time

SERVER = {4: "198.51.100.25", 6: "2001:db8:ffff::25"}
ETH = {4: 0x0800, 6: 0x86DD}
INTERVAL = 0.05  # seconds between two SYNs of each source


def sh(command, check=True, stdin=None):
    done = subprocess.run(command, shell=True, capture_output=True, text=True,
                          check=False, input=stdin)
    if check and done.returncode:
        raise RuntimeError(f"{command}: {done.returncode}: {done.stdout}{done.stderr}")
    return done.stdout


def until(what, seconds=60, pause=0.05):
    """Waits until what() is true. Return: it, or what it was last."""
    end = time.monotonic() + seconds
    while True:
        got = what()
        if got or time.monotonic() > end:
            return got
        time.sleep(pause)


def checksum(data):
    total = sum(struct.unpack(f"!{len(data) // 2}H", data))
    total = (total & 0xFFFF) + (total >> 16)
    return ~(total + (total >> 16)) & 0xFFFF


def syn(source):
    """An IP packet."""
    src = ipaddress.ip_address(source)
    dst = ipaddress.ip_address(SERVER[src.version])
    tcp = struct.pack("!HHIIBBHHH", 40000, 25, 1, 0, 5 << 4, 2, 65535, 0, 0)
    if src.version == 6:
        return struct.pack("!IHBB", 6 << 28, len(tcp), 6, 64) + src.packed + dst.packed + tcp
    head = struct.pack("!BBHHHBBH", 0x45, 0, 20 + len(tcp), 0, 0, 64, 6, 0) + src.packed + dst.packed
    return head[:10] + struct.pack("!H", checksum(head)) + head[12:] + tcp


def source_of(frame):
    """The source of a SYN to port 25 in a frame, or None."""
    if frame[12:14] == b"\x08\x00" and frame[23] == 6 and frame[36:38] == b"\0\x19":
        return str(ipaddress.ip_address(frame[26:30]))
    if frame[12:14] == b"\x86\xdd" and frame[20] == 6 and frame[56:58] == b"\0\x19":
        return str(ipaddress.ip_address(frame[22:38]))
    return None


def mac(interface, netns=None):
    link = json.loads(sh(f"ip {f'-n {netns}' if netns else ''} -j link show {interface}"))[0]
    return bytes.fromhex(link["address"].replace(":", ""))


def build(routers):
    sh("ip link set lo up; ip netns add mesh; ip netns add rr")
    sh("ip -n mesh link add br0 type bridge && ip -n mesh link set br0 up")
    for i, name in enumerate(["rr"] + routers):
        if name != "rr":
            sh(f"ip netns add {name}")
        sh(f"ip -n {name} link set lo up")
        sh(f"ip -n mesh link add p{name} type veth peer name bgp netns {name}")
        sh(f"ip -n mesh link set p{name} master br0 up; ip -n {name} link set bgp up")
        sh(f"ip netns exec {name} sysctl -qw net.ipv6.conf.all.accept_dad=0 "
           "net.ipv6.conf.default.accept_dad=0 net.ipv6.conf.bgp.accept_dad=0")
        sh(f"ip -n {name} addr add 10.255.0.{i + 1}/24 dev bgp")
        sh(f"ip -n {name} addr add fd00::{i + 1:x}/64 dev bgp nodad")
    for i, name in enumerate(routers):
        sh(f"ip link add s{i} type veth peer name in netns {name}")
        sh(f"ip link add x{i} type veth peer name out netns {name}")
        sh(f"ip link set s{i} up; ip link set x{i} up; ip -n {name} link set in up; "
           f"ip -n {name} link set out up")
        sh(f"ip netns exec {name} sysctl -qw net.ipv4.ip_forward=1 net.ipv6.conf.all.forwarding=1 "
           "net.ipv4.conf.all.rp_filter=0 net.ipv4.conf.in.rp_filter=0")
        far = mac(f"x{i}").hex(":")
        for server in SERVER.values():
            sh(f"ip -n {name} route add {server} dev out && "
               f"ip -n {name} neigh replace {server} lladdr {far} dev out nud permanent")


class Mail:
    """Everybody sends all the time; who came through where, and when last."""

    def __init__(self, routers):
        self.routers = routers
        self.sources = []
        self.last = {}         # when, and how many had been sent by then
        self.count = collections.Counter()
        self.sent = collections.Counter()
        self.blocked = set()   # sources of which nothing may come through
        self.through = []      # what did
        self.lock = threading.Lock()
        self.tx, self.rx, self.head = [], {}, []
        for i, name in enumerate(routers):
            tx = socket.socket(socket.AF_PACKET, socket.SOCK_RAW, 0)
            tx.bind((f"s{i}", 0))
            self.tx.append(tx)
            self.head.append(mac("in", name) + mac(f"s{i}"))
            rx = socket.socket(socket.AF_PACKET, socket.SOCK_RAW, socket.htons(3))
            rx.bind((f"x{i}", 3))
            self.rx[rx] = i
        for work in (self.send, self.receive):
            threading.Thread(target=work, daemon=True).start()

    def send(self):
        while True:
            for source in list(self.sources):
                packet = syn(source)
                kind = struct.pack("!H", ETH[ipaddress.ip_address(source).version])
                for i, tx in enumerate(self.tx):
                    tx.send(self.head[i] + kind + packet)
                    self.sent[i, source] += 1
            time.sleep(INTERVAL)

    def receive(self):
        while True:
            for rx in select.select(list(self.rx), [], [])[0]:
                frame = rx.recv(2048)
                source = source_of(frame)
                if source is None:
                    continue
                i = self.rx[rx]
                with self.lock:
                    self.last[i, source] = (time.monotonic(), self.sent[i, source])
                    self.count[i, source] += 1
                    if source in self.blocked:
                        self.through.append((self.routers[i], source))

    def settled(self, source, rounds=6):
        """Waits for so many more SYNs of a source at each router."""
        want = {i: self.sent[i, source] + rounds for i in range(len(self.routers))}
        until(lambda: all(self.sent[i, source] >= n for i, n in want.items()), 120, 0.02)

    def stops(self, source, start):
        """Seconds from @start to the last that came through, at the last router."""
        begun = {i: (start, self.sent[i, source]) for i in range(len(self.routers))}

        def silent():
            return all(self.sent[i, source] - max(first, self.last.get((i, source), first))[1] > 10
                       for i, first in begun.items())
        if not until(silent, 60, 0.02):
            return None
        return max(max(first, self.last.get((i, source), first))[0]
                   for i, first in begun.items()) - start

    def begins(self, source, start):
        """Seconds from @start until it came through at all routers."""
        def all_through():
            return all(self.last.get((i, source), (0, 0))[0] > start
                       for i in range(len(self.routers)))
        return time.monotonic() - start if until(all_through, 60, 0.01) else None

    def block(self, sources):
        with self.lock:
            self.blocked |= set(sources)

    def allow(self):
        """Nothing has to be blocked. Return: what came through, and should not have."""
        with self.lock:
            found, self.through, self.blocked = self.through, [], set()
        return found
