# SPDX-License-Identifier: GPL-2.0
"""The lab's namespaces.

    S  subscriber    100.64.1.0/24    2001:db8:1:1::/64  --+
    F  friend of S   100.64.2.0/24    2001:db8:1:2::/64  --+
    U  unlisted      203.0.113.0/24   2001:db8:e::/64    --+-- R
    M  mail server   198.51.100.0/24  2001:db8:f::/64    --+   (MTU 1400)
    P  relay         192.0.2.0/24     2001:db8:a::/64    --+

S and M once more behind R2, a router on which nothing is configured: S2, M2.
Other routers are built where they are needed: RV keeps its wires in a VRF.

Host numbers: S .1 is a bot, .9 exempt, .200 watched, .77 another bot, from
which its tunnels come; M's come from .26; the others have one, the router .254
in each. 100.64.3.0/24 and 2001:db8:1:300::/56 lie behind S. Neighbours are
static, hosts never answer by themselves: what moves on these wires, the lab has
sent or op25b has made.
"""
import ctypes
import os
import subprocess

CLONE_NEWNET = 0x40000000
ROUTER_HOST = 254
NETS = {
    "S": ("100.64.1.", "2001:db8:1:1::"),
    "F": ("100.64.2.", "2001:db8:1:2::"),
    "U": ("203.0.113.", "2001:db8:e::"),
    "M": ("198.51.100.", "2001:db8:f::"),
    "P": ("192.0.2.", "2001:db8:a::"),
}
HOSTS = {
    "S": (1, 9, 200, 77), "F": (1,), "U": (1,), "M": (25, 26), "P": (25,),
}
MTU = {"M": 1400}
# Somebody of that name: namespace and host number.
WHO = {
    "S": ("S", 1), "Exempt": ("S", 9), "Watched": ("S", 200), "Bot2": ("S", 77),
    "F": ("F", 1), "U": ("U", 1), "M": ("M", 25), "P": ("P", 25),
    "R": ("S", ROUTER_HOST),
}
ROUTERS = {"R": "SFUMP", "R2": "SM", "RV": "SUMP"}
VRF = {"RV": "vrf0"}

CONFIG = """\
prefix 100.64.0.0/10 block
prefix 100.64.1.9/32 exempt
prefix 100.64.1.200/32 monitor
prefix 2001:db8:1::/48 block
prefix 2001:db8:1:1::9/128 exempt
prefix 2001:db8:1:1::200/128 monitor
relay 192.0.2.25 comment "P"
relay 2001:db8:a::25 comment "P"
relay 100.64.1.254 comment "R itself, which forwards by source route"
"""
NO_LIMITS = """\
reject-rate 1000000
reject-source-rate 1000000
"""

_libc = ctypes.CDLL(None, use_errno=True)


def addr(who, family):
    """The address of one of WHO."""
    net, host = WHO[who]
    return NETS[net][family == 6] + str(host)


def mac(net, router):
    return bytes((2, 0, 0, 0, router, ord(net)))


def enter(netns):
    fd = os.open(f"/run/netns/{netns}", os.O_RDONLY)
    try:
        if _libc.setns(fd, CLONE_NEWNET):
            raise OSError(ctypes.get_errno(), f"setns {netns}")
    finally:
        os.close(fd)


def sh(*args, stdin=None, check=True):
    done = subprocess.run(args, input=stdin, text=True, check=False,
                          capture_output=True)
    if check and done.returncode:
        raise RuntimeError(f"{' '.join(args)}: {done.stderr or done.stdout}")
    return done


def ip(netns, lines):
    sh("ip", "-n", netns, "-batch", "-", stdin="\n".join(lines) + "\n")


def sysctl(values):
    """In the namespace this thread is in."""
    for key, value in values.items():
        with open(f"/proc/sys/net/{key}", "w", encoding="ascii") as file:
            file.write(str(value))


def sysctl_of(key):
    """Its value there."""
    with open(f"/proc/sys/net/{key}", encoding="ascii") as file:
        return file.read().strip()


def sysctl_kernel(key, value=None):
    """The old value; @value, if given, is the new one."""
    with open(f"/proc/sys/kernel/{key}", "r+", encoding="ascii") as file:
        old = file.read().strip()
        if value is not None:
            file.seek(0)
            file.write(value)
    return old


def unration():
    """Answers are to be counted, not rationed by the kernel's own limit, which
    is a namespace's on some kernels and the machine's on others."""
    limit = {"ipv4/icmp_msgs_per_sec": 1000000, "ipv4/icmp_msgs_burst": 1000000}
    sysctl({key: value for key, value in limit.items()
            if os.path.exists(f"/proc/sys/net/{key}")})


def text(raw):
    return ":".join(f"{byte:02x}" for byte in raw)


def _leg(router, net):
    """One host namespace and its veth to the router."""
    host = net + router[1:]
    dev = net.lower() + "0"
    v4, v6 = NETS[net]
    mtu = MTU.get(net, 1500)
    sh("ip", "netns", "add", host)
    enter(host)
    sysctl({"ipv6/conf/default/accept_dad": 0,
            "ipv6/conf/default/accept_ra": 0})
    ip(router, [f"link add {dev} address {text(mac(net, 1))} mtu {mtu} type "
                f"veth peer name eth0 netns {host} address "
                f"{text(mac(net, 0))} mtu {mtu}"])
    ip(host, ["link set lo up", "link set eth0 up"] +
       [f"addr add {v4}{n}/24 dev eth0" for n in HOSTS[net]] +
       [f"addr add {v6}{n}/64 dev eth0 nodad" for n in HOSTS[net]] +
       [f"neigh add {a}{ROUTER_HOST} lladdr {text(mac(net, 1))} dev eth0 "
        "nud permanent" for a in (v4, v6)] +
       [f"route add default via {v4}{ROUTER_HOST}",
        f"route add default via {v6}{ROUTER_HOST}"])
    if router in VRF:
        ip(router, [f"link set {dev} master {VRF[router]}"])
    ip(router, [f"link set {dev} up",
                f"addr add {v4}{ROUTER_HOST}/24 dev {dev}",
                f"addr add {v6}{ROUTER_HOST}/64 dev {dev} nodad"] +
       [f"neigh add {a}{n} lladdr {text(mac(net, 0))} dev {dev} nud permanent"
        for a in (v4, v6) for n in HOSTS[net]])
    enter(router)
    # Or answers pass by with checksums that no hardware has filled in.
    sh("ethtool", "-K", dev, "tx", "off")
    sysctl({f"ipv4/conf/{dev}/accept_source_route": 1,
            f"ipv4/conf/{dev}/rp_filter": 0})
    quiet(host, True)


def quiet(host, on):
    """Hosts drop what comes to them, behind the capture, but for the router's
    tunnels; and what they would send by themselves, a minute later: the end of a
    connection, again and again, and of half a datagram that the rest is missing."""
    if not on:
        sh("ip", "netns", "exec", host, "nft", "delete table inet quiet")
        return
    v4, v6 = (net + str(ROUTER_HOST) for net in NETS[host[0]])
    sh("ip", "netns", "exec", host, "nft", "-f", "-", stdin=f"""
        table inet quiet {{
            chain tunnels {{
                meta l4proto {{ 4, 41, gre, esp }} accept
                udp dport {{ 1701, 4789, 51820 }} accept
            }}
            chain input {{
                type filter hook input priority -300; policy drop;
                ip saddr {v4} jump tunnels
                ip6 saddr {v6} jump tunnels
            }}
            chain output {{
                type filter hook output priority -300;
                meta l4proto {{ tcp, icmp }} drop
                icmpv6 type {{ destination-unreachable, packet-too-big,
                              time-exceeded, parameter-problem }} drop
            }}
        }}""")


def router_namespace(router):
    sh("ip", "netns", "add", router)
    enter(router)
    sysctl({"ipv4/ip_forward": 1, "ipv6/conf/all/forwarding": 1,
            "ipv6/conf/default/accept_dad": 0,
            "ipv4/conf/all/rp_filter": 0,
            "ipv4/conf/all/accept_source_route": 1,
            "ipv4/conf/all/send_redirects": 0,
            "ipv4/icmp_ratelimit": 0, "ipv6/icmp/ratelimit": 0})
    unration()
    ip(router, ["link set lo up"])


def build_router(router):
    router_namespace(router)
    if router in VRF:
        ip(router, [f"link add {VRF[router]} type vrf table 10",
                    f"link set {VRF[router]} up"])
    for net in ROUTERS[router]:
        _leg(router, net)


# What still has a fragment header behind the defragmentation had two of them:
# the inner one makes it a later fragment that no host takes for TCP, but nft on
# kernels before May 2026 does (packets.md, IPv4's rule 2).
def build():
    unration()
    build_router("R")
    build_router("R2")
    ip("R", ["route add 100.64.3.0/24 via 100.64.1.1",
             "route add 2001:db8:1:300::/56 via 2001:db8:1:1::1"])
    enter("M")
    sh("nft", "-f", "-", stdin="""
        table inet oracle {
            counter first { }
            counter leak { }
            counter other { }
            chain first {
                type filter hook prerouting priority -450;
                ip saddr 100.64.0.0/10 tcp dport 25 counter name first
                ip6 saddr 2001:db8:1::/48 tcp dport 25 counter name first
            }
            chain pre {
                type filter hook prerouting priority 0;
                ip saddr { 100.64.1.9, 100.64.1.200 } return
                ip6 saddr { 2001:db8:1:1::9, 2001:db8:1:1::200 } return
                exthdr frag exists return
                ip saddr 100.64.0.0/10 tcp dport 25 counter name leak
                ip6 saddr 2001:db8:1::/48 tcp dport 25 counter name leak
                tcp dport 2525 counter name other
                ct state invalid accept
            }
        }""")
    enter("R")
