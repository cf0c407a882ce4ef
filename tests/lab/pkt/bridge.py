# SPDX-License-Identifier: GPL-2.0
"""A bridge between the hosts. Without br_netfilter nothing on it is seen, and
that is so by design; with it, frames come through FORWARD like packets."""
import pppoe
import topo
from judge import Setting
from lab import Lab, Leg
from links import DEV
from paths import basics
from wire import packed

NETS = "SUMP"
WHO = [who for who, (net, _) in topo.WHO.items() if net in NETS and who != "R"]
SYSCTL = "bridge/bridge-nf-"


class BridgeLeg(Leg):
    """Frames go straight to the host, not to a router."""
    hosts = {packed(who, family): topo.WHO[who][0]
             for who in WHO for family in (4, 6)}

    def header(self, data):
        if self.bare:
            return b""
        dst = data[16:20] if data[0] >> 4 == 4 else data[24:40]
        return topo.mac(self.hosts[dst], 0) + super().header(data)[6:]


def _build():
    topo.router_namespace("RB")
    topo.ip("RB", ["link add br0 type bridge mcast_snooping 0",
                   "link set br0 up"])
    for net in NETS:
        dev, host = net.lower() + "0", net + "B"
        topo.sh("ip", "netns", "add", host)
        topo.ip("RB", [f"link add {dev} type veth peer name eth0 netns {host} "
                       f"address {topo.text(topo.mac(net, 0))}",
                       f"link set {dev} master br0 up"])
        topo.ip(host, ["link set eth0 up"])
        topo.sh("bridge", "-n", "RB", "fdb", "replace",
                topo.text(topo.mac(net, 0)), "dev", dev, "master", "static")
        topo.sh("ethtool", "-K", dev, "tx", "off")
    # ORDER: with each port the bridge may change its own hardware address, and
    # forgets its neighbours.
    for net in NETS:
        for a in topo.NETS[net]:
            bits = 64 if ":" in a else 24
            topo.ip("RB", [f"addr add {a}{topo.ROUTER_HOST}/{bits} dev br0"] +
                    [f"neigh add {a}{n} lladdr {topo.text(topo.mac(net, 0))} "
                     "dev br0 nud permanent" for n in topo.HOSTS[net]])


def _lab(over=None, bare=False):
    dev = DEV if over else "eth0"
    nets = over or NETS
    return Lab(legs={net: BridgeLeg(net + "B", "RB", dev, bare)
                     for net in nets})


def _tagged():
    """Frames with a VLAN tag go over the bridge as they are."""
    for net in "SM":
        topo.ip(net + "B", ["link add link eth0 name path type vlan id 7",
                            "link set path up"])
    return _lab("SM")


def _pppoe():
    sessions = []
    for net, peer in ("SM", "MS"):
        topo.ip(net + "B", ["link del path"])
        topo.enter(net + "B")
        sessions.append(pppoe.Session("eth0", topo.mac(peer, 0), 77, DEV))
        topo.ip(net + "B", ["link set path up"])
    topo.enter("RB")
    return _lab("SM", bare=True), sessions


def _second(lead):
    """M behind a bridge of its own, which a pair of devices ties to the other; or
    as before.
    """
    topo.ip("RB", ["link add br1 type bridge mcast_snooping 0", "link set br1 up",
                   "link add fwln type veth peer name fwpr",
                   "link set fwln master br0 up", "link set fwpr master br1 up",
                   "link set m0 master br1"] if lead else
            ["link set m0 master br0", "link del fwln", "link del br1"])
    for net in NETS:
        mac = topo.text(topo.mac(net, 0))
        where = {"M": "fwln" if lead else "m0"}.get(net, net.lower() + "0")
        topo.sh("bridge", "-n", "RB", "fdb", "replace", mac, "dev", where,
                "master", "static")
        if lead:
            topo.sh("bridge", "-n", "RB", "fdb", "replace", mac, "dev",
                    "m0" if net == "M" else "fwpr", "master", "static")


def bridge(tap, configure):
    _build()
    topo.enter("RB")
    plain = _lab()
    configure("enforce")
    basics(tap, plain, Setting("off"), "bridge, unseen by design", who=WHO)
    topo.sh("modprobe", "br_netfilter")
    for reject in ("drop", "tcp-reset", "icmp"):
        configure("enforce", reject)
        basics(tap, plain, Setting("enforce", reject),
               f"br_netfilter, {reject}", numbers=(1, 3, 5, 6, 7, 8, 11, 12),
               who=WHO)
    _second(True)
    for mode in ("monitor", "enforce"):
        configure(mode)
        basics(tap, plain, Setting(mode), f"two bridges, {mode}, counted once",
               numbers=(1, 3, 7), who=("S", "U", "M", "P", "Exempt", "Watched"))
    _second(False)
    tagged = _tagged()
    configure("enforce")
    some = {"numbers": (1, 5, 8), "who": ("S", "M", "Exempt", "Watched")}
    basics(tap, tagged, Setting("off"), "bridge, tagged, unseen by design",
           **some)
    topo.sysctl({SYSCTL + "filter-vlan-tagged": 1})
    basics(tap, tagged, Setting("enforce"), "br_netfilter, tagged", **some)
    if pppoe.NONE:
        tap.skip("br_netfilter, PPPoE", pppoe.NONE)
    else:
        _over_pppoe(tap, some)
    configure("off")
    topo.enter("R")


def _over_pppoe(tap, some):
    over, sessions = _pppoe()
    basics(tap, over, Setting("off"), "bridge, PPPoE, unseen by design", **some)
    topo.sysctl({SYSCTL + "filter-pppoe-tagged": 1})
    basics(tap, over, Setting("enforce"), "br_netfilter, PPPoE", **some)
    for session in sessions:
        session.close()
