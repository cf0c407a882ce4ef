# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=bash
# The demo's network: one network namespace a machine. Sourced by inside.
#
#   subscribers                    provider           |      everybody else
#                                                     |
#   dyn  198.51.100.10 ----------.                    |   .-- mx   203.0.113.25
#        address changes daily    \                   |  /         2001:db8:f::25
#   fix  198.51.100.200 -----------\                  | /
#        fixed address              router ---------- world -- web 203.0.113.80
#   cgn  100.64.7.9 ---------------/   |   192.0.2.2  |    (the rest of its /24:
#        masqueraded as 192.0.2.2 /    |              |     251 mail servers,
#   six  2001:db8:56:ab01::10 ---'   relay            |     one an address)
#        out of a delegated /56      192.0.2.25       |
#                                    2001:db8:1::25   |
#
# Every line is point to point and unnumbered, as on a real BNG: the router has
# one address, 192.0.2.1, and a host route for each subscriber.

machines=(dyn fix cgn six router relay world mx web)

# on MACHINE CMD...: run CMD there.
on() { ip netns exec "$@"; }

# What ip has to do, collected: under emulation a process costs more than all
# it does here. cables: to lay before all else; orders: for each machine.
cables=''
declare -A orders=()

# order MACHINE IP-ARGS...
order() { orders[$1]+="${*:2}"$'\n'; }

# line MACHINE PORT PEER PEERPORT: a cable between two of them.
line() {
	cables+="link add $2 netns $1 type veth peer name $4 netns $3"$'\n'
	order "$1" link set dev "$2" up
	order "$3" link set dev "$4" up
}

# line4 MACHINE PORT ADDRESS GATEWAY PEER PEERPORT: IPv4 on a cable, GATEWAY
# being an address of PEER.
line4() {
	order "$1" addr add "$3/32" dev "$2"
	order "$1" route add "$4/32" dev "$2"
	order "$1" route add default via "$4" dev "$2" src "$3"
	order "$5" route add "$3/32" dev "$6"
}

# line6 MACHINE PORT ADDRESS PREFIX PEER PEERPORT: IPv6 on a cable; PREFIX is
# what PEER sends there.
line6() {
	order "$1" addr add "$3/128" dev "$2" nodad
	order "$1" addr add fe80::2/64 dev "$2" nodad
	order "$5" addr add fe80::1/64 dev "$6" nodad
	order "$1" route add default via fe80::1 dev "$2" src "$3"
	order "$5" route add "$4" via fe80::2 dev "$6"
}

# There is no DNS: ask nobody, and know oneself.
no_dns() {
	rm -f /etc/resolv.conf
	: >/etc/resolv.conf
	printf '127.0.0.1 localhost %s\n' "$(hostname)" >/etc/hosts
}

# obey: do what was ordered.
obey() {
	local name
	{
		printf 'netns add %s\n' "${machines[@]}"
		printf '%s' "$cables"
	} | ip -batch -
	for name in "${machines[@]}"; do
		ip -n "$name" -batch - <<-ORDERS
		link set dev lo up
		${orders[$name]}
		ORDERS
	done
	for name in router world; do
		on "$name" sysctl -q -w net.ipv4.ip_forward=1 \
			net.ipv6.conf.all.forwarding=1
	done
}

network_up() {
	order router addr add 192.0.2.1/32 dev lo
	line dyn line router dyn
	line4 dyn line 198.51.100.10 192.0.2.1 router dyn
	line fix line router fix
	line4 fix line 198.51.100.200 192.0.2.1 router fix
	line cgn line router cgn
	line4 cgn line 100.64.7.9 192.0.2.1 router cgn
	line six line router six
	line6 six line 2001:db8:56:ab01::10 2001:db8:56:ab00::/56 router six
	line relay line router relay
	line4 relay line 192.0.2.25 192.0.2.1 router relay
	line6 relay line 2001:db8:1::25 2001:db8:1::25/128 router relay

	# The router's way out, and the world's way to all of the provider's.
	line router wan world isp
	order world addr add 203.0.113.1/32 dev lo
	line4 router wan 192.0.2.2 203.0.113.1 world isp
	order world route add 192.0.2.0/24 via 192.0.2.2 dev isp
	order world route add 198.51.100.0/24 via 192.0.2.2 dev isp
	line6 router wan 2001:db8:1::2 2001:db8::/40 world isp
	line mx line world mx
	line4 mx line 203.0.113.25 203.0.113.1 world mx
	line6 mx line 2001:db8:f::25 2001:db8:f::25/128 world mx
	line web line world web
	line4 web line 203.0.113.80 203.0.113.1 world web

	# Every other address of 203.0.113.0/24 answers in the world itself.
	order world route add local 203.0.113.0/24 dev lo table main

	no_dns
	obey

	# The shared addresses leave under the router's own. The module sits in
	# FORWARD, before this: it sees 100.64.7.9.
	on router nft -f - <<-NFT
	table ip masquerading {
		chain postrouting {
			type nat hook postrouting priority srcnat
			ip saddr 100.64.0.0/10 oifname "wan" masquerade
		}
	}
	NFT
}
