# SPDX-License-Identifier: GPL-2.0
"""All passes, or those named, inside the guest. OP25B_KO is the module,
OP25B_TOOL is op25bctl. TAP on standard output."""
import os
import struct
import subprocess
import sys

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
# pylint: disable=wrong-import-position
import bridge
import bulk
import cases
import extra
import hooks
import mroute
import nat
import operate
import paths
import pieces
import replies
import storm
import topo
import unseen
from judge import Setting, build, run_case
from lab import Lab, counters, tool
from nfqueue import Queue
from oracle import Oracle
from wire import TCP, Kit, checksum, pseudo


class Tap:
    def __init__(self):
        self.count = self.bad = 0

    def ok(self, good, what, notes=()):
        self.count += 1
        self.bad += not good
        print(f"{'' if good else 'not '}ok {self.count} - {what}")
        if not good:
            for note in list(notes)[:12]:
                print(f"# {note}")
        sys.stdout.flush()

    def skip(self, what, why):
        self.count += 1
        print(f"ok {self.count} - {what} # SKIP {why}", flush=True)

    def done(self):
        print(f"1..{self.count}", flush=True)
        return self.bad > 0


def configure(mode, reject="drop", reverse="off", check=True, limits=True,
              more=""):
    """@limits: so high that they do not matter, rather than the default."""
    return topo.sh(os.environ["OP25B_TOOL"], "conf", "apply", "/dev/stdin",
                   "force", check=check, stdin=f"mode {mode}\nreject {reject}\n"
                   f"reverse {reverse}\n{topo.CONFIG}{more}" +
                   (topo.NO_LIMITS if limits else ""))


def corpus(tap, lab, setting, label, which=lambda case: True,
           table=cases.CASES, reverse="off"):
    configure(setting.mode, setting.reject, reverse)
    for case in table:
        for family in case.families:
            if which(case):
                run_case(tap, lab, case, family, setting, label)


def enforce(tap, lab):
    before = lab.oracle.packets("leak")
    corpus(tap, lab, Setting("enforce"), "enforce")
    tap.ok(lab.oracle.packets("leak") == before,
           "enforce: M put together no segment to port 25")


def other_port(tap, lab):
    corpus(tap, lab, Setting("enforce", port=2525), "port 2525")


def monitor(tap, lab):
    before = lab.oracle.packets("leak")
    corpus(tap, lab, Setting("monitor"), "monitor")
    tap.ok(lab.oracle.packets("leak") > before,
           "monitor: the oracle at M does see mail")


def off(tap, lab):
    corpus(tap, lab, Setting("off"), "off")
    tap.ok(not counters()["hook_v4"] and not counters()["hook_v6"],
           "off: no hook is registered")


def tcp_reset(tap, lab):
    corpus(tap, lab, Setting("enforce", "tcp-reset"), "tcp-reset")


def icmp(tap, lab):
    corpus(tap, lab, Setting("enforce", "icmp"), "icmp")


def reverse(tap, lab):
    for reject in ("drop", "tcp-reset", "icmp"):
        corpus(tap, lab, Setting("enforce", reject), f"reverse {reject}",
               table=cases.REVERSE, reverse="on")
    corpus(tap, lab, Setting("monitor"), "reverse monitor",
           table=cases.REVERSE, reverse="on")


def _conntracked(lab, mode, port):
    """How many whole segments M's oracle sees of the corpus, case by case."""
    configure(mode, "tcp-reset")
    name = "leak" if port == 25 else "other"
    for case in cases.CASES:
        for family in case.families:
            packets, _ = build(case, family, port)
            before = lab.oracle.packets(name)
            lab.shoot(case.src, packets)
            yield case, family, lab.oracle.packets(name) - before


def conntrack(tap, lab):
    """By oracle only: fragments are put together before FORWARD."""
    topo.sh("nft", "-f", "-", stdin="""
        table inet track {
            chain forward {
                type filter hook forward priority 0;
                ct state established accept
            }
        }""")
    for case, family, count in _conntracked(lab, "enforce", 25):
        tap.ok(count == 0, f"conntrack: {case.number} v{family} {case.reason}, "
               f"{case.src} to {case.dst}", [f"{count} segments leaked"])
    plain = list(_conntracked(lab, "off", 2525))
    kept = list(_conntracked(lab, "enforce", 2525))
    for (case, family, want), (_, _, got) in zip(plain, kept):
        tap.ok(got == want, f"conntrack, port 2525: {case.number} v{family} "
               f"{case.reason}", [f"{got} segments, without op25b {want}"])
    tap.ok(sum(count for _, _, count in plain) > 50,
           "conntrack: the oracle at M does see port 2525")
    topo.sh("nft", "delete table inet track")


def nfqueue(tap, lab):
    """Packets come into the hook from process context, bottom halves on."""
    queue = Queue()
    topo.sh("nft", "-f", "-", stdin="""
        table inet nfq {
            chain forward {
                type filter hook forward priority -150;
                queue num 0
            }
        }""")
    for reject in ("tcp-reset", "icmp"):
        corpus(tap, lab, Setting("enforce", reject), f"NFQUEUE {reject}",
               which=lambda case: case.number in (1, 2, 3, 5, 6, 8, 13))
    tap.ok(queue.seen > 500, "NFQUEUE: packets went through the queue",
           [f"{queue.seen} packets"])
    queue.stop()
    for port, becomes, want in ((2525, 25, {"block": 1, "block_syn": 1,
                                            "reply_sent": 1}),
                                (25, 2525, {})):
        queue = Queue(mangle=_mangler(becomes))
        for family in (4, 6):
            kit = Kit(family, "S", "M", port)
            _, moved = lab.shoot("S", [kit.ip(kit.tcp())])
            tap.ok(moved == want, f"NFQUEUE: v{family} port {port} becomes "
                   f"{becomes} in user space", [moved])
        queue.stop()
    topo.sh("nft", "delete table inet nfq")


def _mangler(port):
    """Of each TCP packet the destination port and the checksum."""
    def mangle(data):
        family = data[0] >> 4
        hlen, addrs, proto = (20, 12, 9) if family == 4 else (40, 8, 6)
        if data[proto] != TCP:
            return data
        tcp = data[hlen:hlen + 2] + struct.pack(">H", port) + \
            data[hlen + 4:hlen + 16] + b"\0\0" + data[hlen + 18:]
        mid = (addrs + hlen) // 2
        total = checksum(pseudo(data[addrs:mid], data[mid:hlen], TCP,
                                len(tcp)) + tcp)
        return data[:hlen] + tcp[:16] + struct.pack(">H", total) + tcp[18:]
    return mangle


PASSES = {
    "silence": lambda tap, lab: extra.silence(tap, lab, configure),
    "enforce": enforce, "port-2525": other_port, "monitor": monitor,
    "off": off, "tcp-reset": tcp_reset, "icmp": icmp, "reverse": reverse,
    "connect": lambda tap, lab: extra.connect(tap, configure),
    "limits": lambda tap, lab: extra.limits(tap, lab, configure),
    "entries": lambda tap, lab: extra.entries(tap, lab, configure),
    "operate": lambda tap, lab: operate.operate(tap, lab, configure),
    "forgotten": lambda tap, lab: extra.forgotten(tap, lab, configure),
    "namespaces": lambda tap, lab: extra.namespaces(tap, lab, configure),
    "half": lambda tap, lab: hooks.half(tap, lab, configure),
    "held": lambda tap, lab: hooks.held(tap, lab, configure),
    "opened": lambda tap, lab: hooks.opened(tap),
    "nfqueue": nfqueue, "conntrack": conntrack,
    "links": lambda tap, lab: paths.over_links(tap, lab, configure),
    "vrf": lambda tap, lab: paths.vrf(tap, configure),
    "asymmetric": lambda tap, lab: paths.asymmetric(tap, lab, configure),
    "bridge": lambda tap, lab: bridge.bridge(tap, configure),
    "tap": lambda tap, lab: pieces.tap_device(tap, lab, configure),
    "clones": lambda tap, lab: pieces.clones(tap, lab, configure),
    "gso": lambda tap, lab: pieces.gso(tap, lab, configure),
    "bulk": lambda tap, lab: bulk.bulk(tap, configure),
    "multicast": lambda tap, lab: mroute.multicast(tap, lab, configure),
    "unseen": lambda tap, lab: unseen.unseen(tap, lab, configure),
    "nat": lambda tap, lab: nat.nat(tap, lab, configure),
    "replies": lambda tap, lab: replies.replies(tap, lab, configure),
    "storm": lambda tap, lab: storm.storm(tap, lab, configure),
    "helpers": lambda tap, lab: extra.helpers(tap, lab, configure),
}


def main():
    tap = Tap()
    topo.build()
    topo.sh("insmod", os.environ["OP25B_KO"])
    lab = Lab()
    lab.oracle = Oracle()
    for name in sys.argv[1:] or PASSES:
        PASSES[name](tap, lab)
    tap.ok(tool("set", "mode", "off").returncode == 0, "the mode goes to off")
    gone = subprocess.run(["rmmod", "op25b"], check=False)
    tap.ok(gone.returncode == 0, "the module unloads")
    return tap.done()


if __name__ == "__main__":
    sys.exit(main())
