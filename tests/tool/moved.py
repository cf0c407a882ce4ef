#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0
"""moved.py TOOL SEED WHOLE: random rulesets of ipset with iptables, and of nft, are loaded for
real into the namespace "router"; SYNs from and to addresses in and around all that they name are
sent through it. What came out at the namespace "ext" is the oracle for what `conf import` makes of
the real dump: a naive longest match here, and, where op25b is loaded, op25b with that file in
place of the old rules. Until WHOLE of them are carried over whole. TAP without a plan on standard
output."""
import ctypes
import ipaddress
import os
import random
import re
import select
import socket
import struct
import subprocess
import sys

LIBC = ctypes.CDLL(None, use_errno=True)
NESTS = {4: ["10.0.0.0/8", "10.1.0.0/16", "10.1.2.0/24", "10.1.2.128/25", "10.1.2.3/32",
             "10.200.0.0/13", "172.20.0.0/16", "172.20.5.6/32"],
         6: ["2001:db8::/32", "2001:db8:1::/48", "2001:db8:1:2::/64", "2001:db8:1:2::3/128",
             "2001:db8:f000::/36"]}
RELAYS = {4: ["192.0.2.25/32", "192.0.2.26/32", "192.0.2.32/31"],
          6: ["2001:db9::25/128", "2001:db9::26/128"]}
FOREIGN = {4: "203.0.113.9", 6: "2001:dba::9"}
ETH = {4: 0x0800, 6: 0x86dd}


def run(*command, text=None, ok=(0,)):
    done = subprocess.run(command, input=text, capture_output=True, text=True, check=False)
    if done.returncode not in ok:
        sys.exit(f"{command}: {done.returncode}: {done.stderr}{text or ''}")
    return done


def inside(netns, *command, **how):
    return run("ip", "netns", "exec", netns, *command, **how)


def socket_in(netns, name):
    """A packet socket on a device of another namespace."""
    with open("/proc/self/ns/net", encoding="ascii") as own, \
            open(f"/run/netns/{netns}", encoding="ascii") as other:
        for file in (other, own):
            if file is own:
                s = socket.socket(socket.AF_PACKET, socket.SOCK_RAW, socket.htons(3))
                s.setsockopt(socket.SOL_SOCKET, 33, 1 << 24)   # SO_RCVBUFFORCE
                s.bind((name, 0))
            if LIBC.setns(file.fileno(), 0x40000000):
                sys.exit("setns")
    return s


def checksum(data):
    total = sum(struct.unpack(f"!{len(data) // 2}H", data))
    while total >> 16:
        total = (total & 0xffff) + (total >> 16)
    return ~total & 0xffff


def frame(mac, src, dst, number, port=25):
    """A SYN with this sequence number."""
    src, dst = ipaddress.ip_address(src), ipaddress.ip_address(dst)
    tcp = struct.pack("!HHIIBBHHH", 1025, port, number, 0, 0x50, 2, 1024, 0, 0)
    pseudo = src.packed + dst.packed + struct.pack("!II", len(tcp), 6)
    tcp = tcp[:16] + struct.pack("!H", checksum(pseudo + tcp)) + tcp[18:]
    if src.version == 4:
        head = struct.pack("!BBHHHBBH", 0x45, 0, 40, 0, 0, 64, 6, 0) + src.packed + dst.packed
        head = head[:10] + struct.pack("!H", checksum(head)) + head[12:]
    else:
        head = struct.pack("!IHBB", 6 << 28, 20, 6, 64) + src.packed + dst.packed
    return mac + b"\2\0\0\0\0\1" + struct.pack("!H", ETH[src.version]) + head + tcp


class Wire:
    """From sub through router to ext."""

    def __init__(self):
        self.mac = bytes.fromhex(inside("router", "cat", "/sys/class/net/lan/address")
                                 .stdout.strip().replace(":", ""))
        self.near, self.far = socket_in("sub", "eth0"), socket_in("ext", "eth0")
        self.number = 0

    def passed(self, pairs):
        """Those of these pairs of source and destination that come out."""
        first, came = self.number, set()
        for src, dst in pairs:
            self.near.send(frame(self.mac, src, dst, self.number))
            self.number += 1
        # What is no mail comes behind it.
        self.near.send(frame(self.mac, *pairs[-1], self.number, 26))
        while self.number not in came:
            if not select.select([self.far], [], [], 20)[0]:
                sys.exit("the last packet is lost")
            data = self.far.recv(2048)
            kind, = struct.unpack("!H", data[12:14])
            if kind not in ETH.values():
                continue
            tcp = data[34:] if kind == ETH[4] else data[54:]
            if data[23 if kind == ETH[4] else 20] == 6 and tcp[2:4] in (b"\0\x19", b"\0\x1a"):
                came.add(struct.unpack("!I", tcp[4:8])[0])
        self.number += 1
        return {pairs[n - first] for n in came if first <= n < self.number - 1}


def samples(nets):
    """Addresses in and around these."""
    found = set()
    for net in map(ipaddress.ip_network, nets):
        last = int(net.broadcast_address)
        for n in (int(net.network_address), last, int(net.network_address) - 1, last + 1,
                  (int(net.network_address) + last) // 2):
            found.add(str(type(net.network_address)(n)))
    return sorted(found)


class Rules:
    """Random ones."""

    def __init__(self, rng):
        self.rng = rng

    def some(self, words, low=1):
        return self.rng.sample(words, self.rng.randint(low, len(words)))

    def maybe(self, *words):
        return self.rng.choice(["", *words])


class Xt(Rules):
    """ipset with iptables."""
    def condition(self, side, v, nets, sets):
        no = self.maybe("", "! ")
        if self.rng.random() < 0.5:
            return f"{no}-{side[0]} {self.rng.choice(nets)} "
        return f"-m set {no}--match-set {self.rng.choice(sets)}{v} {side} "

    def rule(self, chain, v):
        out = f"-A {chain} "
        port = "-p tcp -m tcp --dport 25 "
        if self.rng.random() < 0.7:
            out += self.condition("src", v, NESTS[v], ["a", "b"])
        if self.rng.random() < 0.3:
            out += self.condition("dst", v, RELAYS[v], ["r"])
        target = self.rng.choice(["DROP", "DROP", "ACCEPT", "RETURN"] +
                                 ["M", "M"] * (chain == "FORWARD"))
        if target == "DROP" and chain == "FORWARD" or self.rng.random() < 0.6:
            out += self.rng.choice([port, "-p tcp -m multiport --dports 25 "])
        elif self.rng.random() < 0.2:
            out += self.rng.choice(["-p udp ", "-p tcp -m tcp --dport 80 "])
        # In M what is no mail may be blocked, and stays with the firewall.
        elif target == "DROP":
            out += port
        return out + f"-j {target}\n"

    def load(self):
        sets = ""
        for v, family in ((4, "inet"), (6, "inet6")):
            for name in "ab":
                sets += f"create {name}{v} hash:net family {family} comment\n"
                for net in self.some(NESTS[v], 0):
                    sets += f"add {name}{v} {net}" + self.maybe(" nomatch") + \
                            self.maybe(' comment "a b"') + "\n"
            sets += f"create r{v} hash:net family {family}\n"
            for net in self.some(RELAYS[v], 0):
                sets += f"add r{v} {net}\n"
        inside("router", "ipset", "restore", text=sets)
        for v, tool in ((4, "iptables-legacy-restore"), (6, "ip6tables-legacy-restore")):
            rules = "*filter\n:FORWARD ACCEPT\n:M -\n"
            for chain in ("M", "FORWARD"):
                for _ in range(self.rng.randint(1, 5)):
                    rules += self.rule(chain, v)
            # A ruleset about no mail is none to import.
            rules += "-A FORWARD -p tcp --dport 25 -m set --match-set " \
                     f"a{v} src -j DROP\nCOMMIT\n"
            inside("router", tool, text=rules)

    def dump(self):
        return "iptables", "".join(inside("router", *command).stdout for command in (
            ("ipset", "save"), ("iptables-legacy-save",), ("ip6tables-legacy-save",)))

    def unload(self):
        for tool in ("iptables-legacy-restore", "ip6tables-legacy-restore"):
            inside("router", tool, text="*filter\n:FORWARD ACCEPT\nCOMMIT\n")
        inside("router", "ipset", "destroy")


class Nft(Rules):
    """A table of nft."""

    def condition(self, side, v, nets, sets):
        what = f"{'ip' if v == 4 else 'ip6'} {side}addr {self.maybe('!= ')}"
        return what + self.rng.choice([
            f"@{self.rng.choice(sets)}{v} ", f"{self.rng.choice(nets)} ",
            "{ " + ", ".join(self.apart(self.some(nets))) + " } "])

    def apart(self, nets):
        """Those that lie in no other."""
        nets = list(map(ipaddress.ip_network, nets))
        return [str(net) for net in nets
                if not any(net != n and net.subnet_of(n) for n in nets)]

    def rule(self, chain):
        out, v = "", self.rng.choice((4, 6))
        if self.rng.random() < 0.7:
            out += self.condition("s", v, NESTS[v], ["a", "b"])
        if self.rng.random() < 0.3:
            out += self.condition("d", v, RELAYS[v], ["r"])
        end = self.rng.choice(["drop", "counter drop", "accept", "return"] +
                              ["jump m", "goto m"] * (chain == "forward"))
        if "drop" in end or self.rng.random() < 0.6:
            out += self.rng.choice(["tcp dport 25 ", "tcp dport { 25 } ", "tcp dport 25-25 "])
        elif self.rng.random() < 0.2:
            out += self.rng.choice(["udp dport 25 ", "tcp dport { 80, 443 } ", "tcp dport != 25 "])
        return out + end + "\n"

    def load(self):
        text = "table inet f {\n"
        for v, kind in ((4, "ipv4_addr"), (6, "ipv6_addr")):
            for name, nets in (("a", NESTS[v]), ("b", NESTS[v]), ("r", RELAYS[v])):
                chosen = self.apart(self.some(nets))
                if v == 4 and name == "a":
                    chosen.append("172.16.0.7-172.16.1.4")
                text += f"set {name}{v} {{ type {kind}; flags interval; elements = {{ " + \
                        ", ".join(chosen) + " } }\n"
        for chain in ("m", "forward"):
            text += f"chain {chain} {{\n"
            if chain == "forward":
                text += "type filter hook forward priority 0;\n"
            for _ in range(self.rng.randint(1, 6)):
                text += self.rule(chain)
            if chain == "forward":
                text += "tcp dport 25 ip saddr @a4 drop\n"
            text += "}\n"
        inside("router", "nft", "-f", "-", text=text + "}\n")

    def dump(self):
        return "nft", inside("router", "nft", "-j", "list", "ruleset").stdout

    def unload(self):
        inside("router", "nft", "flush", "ruleset")


def naive(conf):
    """What a configuration says of a source and a destination."""
    prefixes = [(ipaddress.ip_network(net), action) for net, action in
                re.findall(r"^prefix (\S+) (\S+)", conf, re.M)]
    relays = set(re.findall(r"^relay (\S+)", conf, re.M))

    def passes(src, dst):
        address = ipaddress.ip_address(src)
        around = [(net.prefixlen, action) for net, action in prefixes if address in net]
        return not around or max(around)[1] != "block" or dst in relays
    return passes


def differing(pairs, want, got):
    return [pair for pair in pairs if (pair in want) != (pair in got)][:10]


def a_round(tool, wire, rules):
    """What is wrong, or an empty text; and whether all was carried over."""
    rules.load()
    kind, dump = rules.dump()
    done = run(tool, "conf", "import", kind, "-", text=dump, ok=(0, 1))
    check = run(tool, "conf", "check", "-", text=done.stdout, ok=(0, 1, 2))
    if check.returncode:
        return f"{dump}\n{done.stdout}\n{done.stderr}{check.stderr}", False
    whole = done.returncode == 0
    pairs = []
    for v in (4, 6):
        nets = NESTS[v] + (["172.16.0.7/32", "172.16.1.4/32"] if v == 4 else [])
        # Of what is not carried over whole, relays are not to be trusted.
        targets = [FOREIGN[v]] + (samples(RELAYS[v]) if whole else [])
        pairs += [(src, dst) for src in samples(nets) for dst in targets]
    passes = naive(done.stdout)
    said = {pair for pair in pairs if passes(*pair)}
    old = wire.passed(pairs)
    wrong = differing(pairs, old, said)
    rules.unload()
    if not wrong and os.path.exists("/proc/net/op25b"):
        run(tool, "-n", "router", "conf", "apply", "-", "force",
            text=done.stdout.replace("mode monitor", "mode enforce"))
        wrong = differing(pairs, old, wire.passed(pairs))
        run(tool, "-n", "router", "conf", "apply", "-", "force", text="mode off\n")
    return (f"{wrong}\n{dump}\n{done.stdout}\n{done.stderr}" if wrong else ""), whole


def main(tool, seed, rounds):
    rng = random.Random(int(seed))
    wire = Wire()
    for make in (Xt, Nft):
        number = wholes = 0
        wrong = ""
        while not wrong and wholes < int(rounds):
            wrong, whole = a_round(tool, wire, make(rng))
            number += 1
            wholes += whole
        print("not ok" if wrong else "ok", f"0 - {make.__doc__} {number} random rulesets, {wholes} "
              f"carried over whole, let through what their imports do (seed {seed})")
        for line in wrong.splitlines():
            print("#", line)


if __name__ == "__main__":
    main(*sys.argv[1:])
