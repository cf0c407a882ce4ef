# SPDX-License-Identifier: GPL-2.0
"""The basics on every path to and through the router: over each link of
links.py from the subscriber and to the mail server, in a VRF, behind address
translation, copied by multicast routing, along asymmetric routes."""
import contextlib

import links
import pppoe
import topo
from cases import FLOOR
from judge import Setting, run_case
from lab import Lab, Leg

# What tells a port filter on a path that something is different there: the
# ports that count, every action, cut headers, options, fragments, extensions.
BASICS = (1, 3, 5, 6, 8, 11, 12, 14)


def basics(tap, lab, setting, label, families=(4, 6), numbers=BASICS,
           who=None):
    """@who: only cases between these."""
    for case in FLOOR:
        if case.number not in numbers or \
                (who and {case.src, case.dst} - set(who)):
            continue
        for family in case.families:
            if family in families:
                run_case(tap, lab, case, family, setting, label)


def _ends(net):
    """The host's and the router's view of the wire of @net."""
    v4, v6 = topo.NETS[net]
    host, router = links.UNDERLAY[net], topo.ROUTER_HOST
    macs = topo.mac(net, 0), topo.mac(net, 1)

    def words(wire, here, there, mac):
        return {"wire": wire, "mac": topo.text(mac), "here": f"{v4}{here}",
                "there": f"{v4}{there}", "here6": f"{v6}{here}",
                "there6": f"{v6}{there}"}
    return (links.End(net, "eth0", macs[0], macs[1],
                      words("eth0", host, router, macs[0]), True),
            links.End("R", net.lower() + "0", macs[1], macs[0],
                      words(net.lower() + "0", router, host, macs[1]), False))


@contextlib.contextmanager
def linked(link, net):
    """@net's host is behind @link while this lasts. Yields its Leg."""
    closing = []
    for end in _ends(net):
        for line in link.commands:
            topo.ip(end.netns, [line.format(**end.words)])
        if link.setup:
            closing.append(link.setup(end))
        topo.ip(end.netns, [f"link set {links.DEV} up"])
    v4, v6 = topo.NETS[net]
    hosts = [n for n in topo.HOSTS[net] if n != links.UNDERLAY[net]]
    addrs = [f"{v4}{n}" for n in hosts] + [f"{v6}{n}" for n in hosts]
    # The other way is not the wire either.
    if not link.bare:
        topo.ip("R", [f"neigh add {a} lladdr {topo.text(topo.mac(net, 0))} "
                      f"dev {links.DEV} nud permanent" for a in addrs])
    topo.ip("R", [f"route add {a} dev {links.DEV}" for a in addrs])
    leg = Leg(net, dev=links.DEV, bare=link.bare)
    try:
        yield leg
    finally:
        leg.close()
        for end in _ends(net):
            for name in (links.DEV, "outer"):
                topo.sh("ip", "-n", end.netns, "link", "del", name,
                        check=False)
            topo.sh("ip", "-n", end.netns, "l2tp", "del", "tunnel",
                    "tunnel_id", "1", check=False)
        for thing in filter(None, closing):
            thing.close()


def over_links(tap, lab, configure):
    configure("enforce", "tcp-reset")
    for link in links.LINKS:
        if link.setup == links.ppp and pppoe.NONE:
            tap.skip(link.name, pppoe.NONE)
            continue
        for net, way in (("S", "from S"), ("M", "to M")):
            with linked(link, net) as leg:
                behind = Lab(legs={**lab.legs, net: leg})
                behind.settle("S")
                basics(tap, behind, Setting("enforce", "tcp-reset"),
                       f"{link.name} {way}", link.families, (1, 5, 12))


def vrf(tap, configure):
    """Each packet is seen once, though a VRF hands it on twice."""
    topo.build_router("RV")
    inside = Lab("RV")
    topo.enter("RV")
    for reject in ("tcp-reset", "icmp"):
        configure("enforce", reject)
        basics(tap, inside, Setting("enforce", reject), f"VRF, {reject}",
               who=("S", "U", "M", "P", "Exempt", "Watched"))
    configure("off")
    topo.enter("R")


def asymmetric(tap, lab, configure):
    """S's packets come in by U's wire; answers go where routes say."""
    configure("enforce", "tcp-reset")
    elsewhere = Lab(legs={**lab.legs})
    elsewhere.entry = {"S": "U"}
    basics(tap, elsewhere, Setting("enforce", "tcp-reset"), "asymmetric",
           numbers=(1, 5, 6, 8), who=("S", "M", "P", "Exempt", "Watched"))
