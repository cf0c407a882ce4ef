# shellcheck shell=bash disable=SC2154,SC2016 # the scripts are others'
# SPDX-License-Identifier: GPL-2.0
# Parts of the script `kernel`, which sources this: from other filters to op25b.

# A router between two namespaces, through which everything is routed outside.
open_router() {
	three_namespaces
	ip netns exec router sh -c 'echo 1 >/proc/sys/net/ipv6/conf/all/forwarding'
	ip -n router neigh add 198.51.100.9 lladdr 02:00:00:00:00:01 dev wan
	ip -n router route add default via 198.51.100.9
	ip -n router addr add 2001:db9:ffff::1/64 dev wan nodad
	ip -n router neigh add 2001:db9:ffff::9 lladdr 02:00:00:00:00:01 dev wan
	ip -n router -6 route add default via 2001:db9:ffff::9
}

# Random rules of others, and what becomes of them.
imports() {
	local seed=${OP25B_SEED:-$((RANDOM * 32768 + RANDOM))}
	open_router
	rc=0
	"$here/moved.py" "$tool" "$seed" 4 >tap 2>&1 || rc=$?
	include tap moved "$rc"
	no_namespaces
}
