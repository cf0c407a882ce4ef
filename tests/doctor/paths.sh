# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=bash
# shellcheck disable=SC2154 # inside sets them
# Other ways of a packet than FORWARD, and what could not be looked at. Sourced
# by inside.

# A bridge between subscribers and the world, on a machine that routes nothing.
bridged() {
	local f
	ip netns add bridge
	ip -n bridge link add br0 type bridge
	ip -n bridge link set br0 up
	for f in 1 2; do
		ip -n bridge link add port"$f" type veth peer name peer"$f"
		ip -n bridge link set port"$f" master br0
		ip -n bridge link set port"$f" up
	done
	modprobe br_netfilter
	on bridge sh -c "for f in /proc/sys/net/bridge/bridge-nf-*; do echo 1 >\$f; done"
	op25bctl -n bridge prefix add 100.64.0.0/10 block
	op25bctl -n bridge doctor -i port1 >out || true
	is "a bridge is no router, but blocks" \
		"ok       forwarding: IPv4 is bridged, IPv6 is bridged
warning  prefixes: IPv6 is bridged, and no IPv6 prefix is listed" \
		"$(grep ' forwarding: ' out; grep ' prefixes: ' out)"
	on bridge sh -c 'echo 0 >/proc/sys/net/bridge/bridge-nf-call-ip6tables'
	op25bctl -n bridge doctor >out || true
	is "a bridge for IPv4" "ok       forwarding: IPv4 is bridged, IPv6 is not forwarded" \
		"$(grep ' forwarding: ' out)"
	on bridge sh -c 'echo 0 >/proc/sys/net/bridge/bridge-nf-call-iptables'
	op25bctl -n bridge doctor >out || true
	is "a bridge without br_netfilter is no router" \
		"problem  forwarding: forwarding is off for IPv4 and IPv6: this is no router" \
		"$(grep ' forwarding: ' out)"
	# IPv4 asks each interface, whatever is said of all.
	on bridge sh -c 'echo 1 >/proc/sys/net/ipv4/conf/br0/forwarding'
	op25bctl -n bridge doctor >out || true
	is "one interface that forwards" \
		"note     forwarding: port1: IPv4 forwarding is off
note     forwarding: port2: IPv4 forwarding is off" "$(grep ' forwarding: ' out)"
	ip netns del bridge
	rmmod br_netfilter
}

guests() {
	modprobe macvlan
	well "no macvlan"
	fine guests "no macvlan, ipvlan or virtual function of a guest, here and in [0-9]+ other namespaces?"
	ip -n router link add guest link wan type macvlan mode bridge
	ip -n router link set guest netns sub
	finds "macvlan" "note     guests: macvlan guest in namespace sub is on top of wan: what its guest sends passes op25b by"
	doctor -i wan
	is "macvlan of a subscriber" "1|warning  guests: macvlan guest in namespace sub is on top of wan: what its guest sends passes op25b by" \
		"$rc|$(grep ' guests: ' bad)"
	# One whose lower interface has the same number, but is another's.
	ip -n sub link del guest
	ip -n sub link add guest link eth0 type macvlan
	well "macvlan of another's interface"
	ip -n sub link del guest
	# In a namespace that only a process keeps.
	unshare -n sleep 60 &
	for _ in $(seq 100); do
		[ "$(readlink /proc/$!/ns/net)" = "$(readlink /proc/self/ns/net)" ] || break
		sleep 0.1
	done
	ip -n router link add guest link wan type macvlan
	ip -n router link set guest netns $!
	finds "macvlan of a container" "note     guests: macvlan guest in the namespace of process $! is on top of wan: what its guest sends passes op25b by"
	kill $!
	wait $! 2>/dev/null || true
	gone guest
	# It is ours: what it receives comes to our own FORWARD.
	ip -n router link add own link wan type macvlan
	ip -n router link set own up
	well "a macvlan of the router's own"
	ip -n router link del own
}

# gone NAME: the interface on top of wan went away with its namespace.
gone() {
	for _ in $(seq 100); do
		ctl doctor >out 2>/dev/null || true
		grep -q "macvlan $1" out || return 0
		sleep 0.1
	done
}

tc() {
	modprobe -a sch_ingress cls_matchall act_mirred act_nat ifb
	router tc qdisc add dev ppp0 clsact
	well "a clsact without filters"
	router tc filter add dev ppp0 ingress matchall action mirred egress redirect dev wan
	finds "tc redirects" "warning  tc: ppp0: 1 tc filter at its ingress redirects packets to wan: they pass op25b by"
	advises 'ip netns exec router tc filter show dev ppp0 ingress .*'
	router tc filter del dev ppp0 ingress
	router tc filter add dev ppp0 ingress matchall action mirred egress mirror dev wan
	well "tc mirrors"
	fine tc "1 filter or program at the ingress of [0-9]+ interfaces, of which none takes packets away"
	router tc filter del dev ppp0 ingress
	# For shaping: an ifb gives packets back.
	ip -n router link add ifb0 type ifb
	ip -n router link set ifb0 up
	router tc filter add dev ppp0 ingress matchall action mirred egress redirect dev ifb0
	well "tc redirects to an ifb"
	router tc filter del dev ppp0 ingress
	ip -n router link del ifb0
	router tc filter add dev ppp0 ingress protocol ip matchall action nat ingress 198.51.100.2 192.0.2.9
	finds "tc rewrites" "note     tc: ppp0: 1 tc filter at its ingress rewrites packets before op25b"
	router tc qdisc del dev ppp0 clsact
	router tc qdisc add dev wan ingress
	router tc filter add dev wan parent ffff: matchall action mirred egress redirect dev ppp0
	finds "tc redirects by an ingress qdisc" "warning  tc: wan: 1 tc filter at its ingress redirects packets to ppp0: they pass op25b by"
	router tc qdisc del dev wan ingress
	router tc qdisc add dev wan clsact
	router tc filter add dev wan egress matchall action mirred egress redirect dev ppp0
	well "tc redirects at egress, behind op25b"
	router tc qdisc del dev wan clsact
	well "no tc"
}

local_routes() {
	router ip route add local default dev lo table 100
	finds_routes "a transparent proxy's route" "warning  local: route local 0.0.0.0/0 in table 100: what it takes comes to this router itself, and passes op25b by"
	advises 'ip netns exec router ip route show table 100; .*'
	router ip route flush table 100
	router ip -6 route add local 2001:db8:25::/64 dev lo
	finds_routes "a net that is local" "warning  local: route local 2001:db8:25::/64 in table 255: what it takes comes to this router itself, and passes op25b by"
	router ip -6 route del local 2001:db8:25::/64 dev lo
	finds_routes "no such route" ""
	fine local "no route takes more than the router's own addresses for local, .*"
	# Where routes by nexthop objects lead may be hidden.
	router ip nexthop add id 5 dev ppp0
	router ip route add 100.64.3.0/24 nhid 5
	finds_routes "a route by a nexthop object" ""
	set_sys ipv4/nexthop_compat_mode 0
	finds_routes "a route by a nexthop object, not told" \
		"skipped  tunnels: 1 route by nexthop objects: net.ipv4.nexthop_compat_mode is 0, so where it leads is not listed
skipped  local: 1 route by nexthop objects: net.ipv4.nexthop_compat_mode is 0, so where it leads is not listed
skipped  pools: 1 route by nexthop objects: net.ipv4.nexthop_compat_mode is 0, so where it leads is not listed"
	set_sys ipv4/nexthop_compat_mode 1
	router ip nexthop del id 5
}

# hidden FILE FINDINGS: what is found where /proc/sys/net/FILE holds nothing. A
# namespace's file is only found from in it, hence nsenter.
hidden() {
	: >nothing
	nsenter --net=/run/netns/router mount --bind nothing "/proc/sys/net/$1"
	finds "unread: $1" "$2"
	nsenter --net=/run/netns/router umount "/proc/sys/net/$1"
}

unread() {
	hidden ipv4/conf/all/rp_filter "skipped  spoofing: rp_filter cannot be read: No data available"
	hidden ipv4/ip_forward "skipped  forwarding: whether IPv4 is forwarded cannot be read in /proc/sys/net: No data available"
	hidden ipv4/conf/ppp0/forwarding "skipped  forwarding: ppp0: whether IPv4 is forwarded cannot be read: No data available"
	hidden ipv6/conf/all/forwarding "skipped  forwarding: whether IPv6 is forwarded cannot be read in /proc/sys/net: No data available"
	well "all can be read"
	echo 'jool 16384 0 - Live 0x0' >modules
	mount --bind modules /proc/modules
	finds "a module that may take packets, in a kernel that lists no hooks" \
		"note     chains: modules that can take packets before op25b are loaded: jool"
	umount /proc/modules
	well "no such module"
}
