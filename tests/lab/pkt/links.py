# SPDX-License-Identifier: GPL-2.0
"""Links over a link: what may lie between a host and the router. One end is
made in each of the two namespaces, by the same words; it is called "path".

In the words: {wire} the device underneath, {mac} this end's hardware address,
{here} {there} {here6} {there6} addresses on the wire. A first word "ip" is
left out, so "link add" is ip-link(8).
"""
import subprocess
from collections import namedtuple

import pppoe
import topo

DEV = "path"
# On its wire, a host's tunnels come from another address than its packets.
UNDERLAY = {"S": 77, "M": 26}

# @bare: the device has no Ethernet header. @setup: what no ip command does, it
# is called with an End and returns what is to be closed in the end.
Link = namedtuple("Link", "name families bare commands setup",
                  defaults=(None,))
# @first: the host's end.
End = namedtuple("End", "netns wire mac peer_mac words first")

V4, BOTH = (4,), (4, 6)
TUNNEL = "local {here} remote {there} ttl 64"
TUNNEL6 = "local {here6} remote {there6} encaplimit none"
SELECTORS = (("0.0.0.0/0", "0.0.0.0/0"), ("::/0", "::/0"))


def wireguard_keys():
    def run(*args, stdin=None):
        return subprocess.run(("wg",) + args, input=stdin, text=True,
                              check=True, capture_output=True).stdout.strip()
    private = run("genkey")
    return private, run("pubkey", stdin=private)


WG_KEYS = []


def wireguard(end):
    if not WG_KEYS:
        WG_KEYS.extend((wireguard_keys(), wireguard_keys()))
    mine, other = WG_KEYS if end.first else WG_KEYS[::-1]
    if end.first:
        # It speaks from the address that routes tell.
        route = "route replace {there} dev {wire} src {here}"
        topo.ip(end.netns, [route.format(**end.words)])
    topo.sh("ip", "netns", "exec", end.netns, "wg", "set", DEV,
            "listen-port", "51820", "private-key", "/dev/stdin",
            "peer", other[1], "allowed-ips", "0.0.0.0/0,::/0",
            "endpoint", end.words["there"] + ":51820", stdin=mine[0])


def ipsec(end):
    """ESP in tunnel mode, without encryption: what counts is the way."""
    def state(src, dst, spi):
        return (f"xfrm state add src {src} dst {dst} proto esp spi {spi} "
                "reqid 1 mode tunnel flag af-unspec if_id 5 "
                "enc ecb(cipher_null) \"\"")

    here, there = end.words["here"], end.words["there"]
    spis = (0x100, 0x200) if end.first else (0x200, 0x100)
    policies = []
    for src, dst in SELECTORS:
        for way, one, two in (("out", here, there), ("in", there, here),
                              ("fwd", there, here)):
            policies.append(
                f"xfrm policy add src {src} dst {dst} dir {way} if_id 5 "
                f"tmpl src {one} dst {two} proto esp reqid 1 mode tunnel")
    topo.ip(end.netns, [state(here, there, spis[0]),
                        state(there, here, spis[1])] + policies)
    return Flush(end.netns)


class Flush(namedtuple("Flush", "netns")):
    """IPsec outlives its device."""

    def close(self):
        topo.ip(self.netns, ["xfrm state flush", "xfrm policy flush"])


def ppp(end):
    topo.enter(end.netns)
    try:
        return pppoe.Session(end.wire, end.peer_mac, 77, DEV)
    finally:
        topo.enter("R")


LINKS = [
    Link("VLAN", BOTH, False, ["link add link {wire} name path type vlan id 7"]),
    Link("QinQ", BOTH, False, ["link add link {wire} name outer type vlan protocol 802.1ad id 8", "link set outer up", "link add link outer name path type vlan id 7"]),
    Link("PPPoE", BOTH, True, [], ppp),
    Link("MACVLAN", BOTH, False, ["link add link {wire} name path type macvlan mode passthru"]),
    Link("IPIP", V4, True, ["link add path type ipip " + TUNNEL]),
    Link("6in4 and 4in4", BOTH, True, ["link add path type sit mode any " + TUNNEL]),
    Link("4in6 and 6in6", BOTH, True, ["link add path type ip6tnl mode any " + TUNNEL6]),
    Link("GRE", BOTH, True, ["link add path type gre " + TUNNEL]),
    Link("GRE over IPv6", BOTH, True, ["link add path type ip6gre " + TUNNEL6]),
    Link("GRE with Ethernet", BOTH, False, ["link add path address {mac} type gretap " + TUNNEL]),
    Link("VXLAN", BOTH, False, ["link add path address {mac} type vxlan id 9 local {here} remote {there} dstport 4789"]),
    Link("L2TPv3", BOTH, False, ["l2tp add tunnel tunnel_id 1 peer_tunnel_id 1 encap udp local {here} remote {there} udp_sport 1701 udp_dport 1701", "l2tp add session name path tunnel_id 1 session_id 1 peer_session_id 1", "link set path address {mac}"]),
    Link("WireGuard", BOTH, True, ["link add path type wireguard"], wireguard),
    Link("IPsec", BOTH, True, ["link add path type xfrm dev {wire} if_id 5"], ipsec),
]
