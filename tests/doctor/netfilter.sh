# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=bash
# What netfilter's own rules do before op25b, and to its answers. Sourced by inside.

# nft takes a closing brace only after a newline.
nft() { router nft "$@"; }

netfilter() {
	nft -f - <<-END
		table inet fw {
			flowtable fast {
				hook ingress priority 0
				devices = { ppp0, wan }
			}
			chain forward {
				type filter hook forward priority filter
				policy drop
				ct state established flow add @fast
				tcp dport 25 accept
				accept
			}
		}
	END
	finds "a flowtable" "warning  flowtables: flowtable inet fw fast: connections that were accepted once pass op25b by"
	advises '.*conntrack -D -p tcp --dport 25 .*nft delete flowtable inet fw fast deletes it'
	nft delete rule inet fw forward handle "$(nft -a list chain inet fw forward |
		sed -n 's/.*@fast # handle //p')"
	# What it advises works.
	nft delete flowtable inet fw fast
	well "a chain behind op25b that drops"
	nft -f - <<-END
		delete table inet fw
		table inet fw {
			chain early {
				type filter hook forward priority -150
				policy drop
				accept
			}
		}
		table ip raw {
			chain pre {
				type filter hook prerouting priority raw
				fib saddr . iif oif missing drop
				ip saddr 192.0.2.66 reject
				jump more
			}
			chain more {
				drop
			}
		}
	END
	finds "chains that drop" \
		"warning  chains: chain inet fw early (forward, priority -150) comes before op25b, and its policy is drop
note     chains: chain ip raw pre (prerouting, priority -300) comes before op25b, and 3 of its rules drop"
	nft -f - <<-END
		flush ruleset
		table ip6 m {
			chain a {
				type filter hook forward priority -2
				tcp dport vmap { 25 : drop }
			}
			chain b {
				type filter hook forward priority 0
				drop
			}
			chain c {
				type filter hook postrouting priority -300
				drop
			}
		}
		table ip m {
			chain a {
				type filter hook forward priority mangle
				tcp dport 25 counter accept
			}
		}
	END
	finds "chains that may drop" \
		"note     chains: chain ip6 m a (forward, priority -2) comes before op25b, and 1 of its rules drops
note     answers: output: chain ip6 m c (postrouting, priority -300) meets what op25b answers, and 1 of its rules drops: blocked programs may wait for an answer in vain"
	nft flush ruleset
}

legacy() {
	# One that holds no rules drops nothing, though it is hooked.
	router iptables-legacy -t mangle -nL >/dev/null
	well "an empty table mangle"
	fine chains "2 before op25b, in nf_tables and 1 table of iptables-legacy: none takes packets away"
	router iptables-legacy -t mangle -A FORWARD -p tcp --dport 25 -j DROP
	finds "iptables' mangle" "note     chains: chain FORWARD of iptables-legacy's table mangle comes before op25b, and 1 of its rules drops"
	advises 'ip netns exec router iptables-legacy -t mangle -nvL FORWARD: .*'
	router iptables-legacy -t mangle -F
	router iptables-legacy -t mangle -A FORWARD -p tcp --dport 26 -j DROP
	router iptables-legacy -t mangle -A FORWARD -p udp -j DROP
	well "a rule for another port and one for UDP"
	router iptables-legacy -t mangle -F
	router iptables-legacy -t mangle -N more
	router iptables-legacy -t mangle -A more -s 192.0.2.66 -j DROP
	router iptables-legacy -t mangle -A more -j MARK --set-mark 5 2>/dev/null || true
	router iptables-legacy -t mangle -A PREROUTING -j more
	finds "a chain that it jumps to" "note     chains: chain PREROUTING of iptables-legacy's table mangle comes before op25b, and 1 of its rules drops"
	router iptables-legacy -t mangle -F
	router iptables-legacy -t mangle -X
	router ip6tables-legacy -t raw -P PREROUTING DROP
	finds "a policy" "warning  chains: chain PREROUTING of ip6tables-legacy's table raw comes before op25b, and its policy is drop"
	router ip6tables-legacy -t raw -P PREROUTING ACCEPT
	router iptables-legacy -t nat -A PREROUTING -p tcp --dport 25 -j DNAT --to-destination 198.51.100.2
	finds "DNAT" "note     chains: chain PREROUTING of iptables-legacy's table nat comes before op25b, and 1 of its rules changes destinations"
	router iptables-legacy -t nat -F
	router iptables-legacy -t filter -P OUTPUT DROP
	finds "output dropped" "note     answers: output: chain OUTPUT of iptables-legacy's table filter meets what op25b answers, and its policy is drop: blocked programs may wait for an answer in vain"
	router iptables-legacy -A OUTPUT -m conntrack --ctstate ESTABLISHED,RELATED -j ACCEPT
	well "but not what belongs to a connection"
	router iptables-legacy -F
	router iptables-legacy -P OUTPUT ACCEPT
	well "iptables is empty"
	# Of compat's targets in nf_tables.
	router iptables-nft -t nat -A PREROUTING -p tcp --dport 25 -j DNAT --to-destination 198.51.100.2
	finds "DNAT by iptables-nft" "note     chains: chain ip nat PREROUTING (prerouting, priority -100) comes before op25b, and 1 of its rules changes destinations"
	nft flush ruleset
	well "no iptables-nft"
}

# by_chain WHAT SEVERITY TYPE RULE EFFECT: a chain in front with one rule.
by_chain() {
	nft -f - <<-END
		table inet fw {
			chain front {
				type $3
				$4
			}
		}
	END
	finds "$1" "$2 chains: chain inet fw front ($(sed -E 's/^[a-z]+ hook //; s/ priority/, priority/' <<<"$3")) comes before op25b, and 1 of its rules $5"
	nft flush ruleset
	well "without it: $1"
}

rules() {
	local forward='filter hook forward priority -5' pre='nat hook prerouting priority -100'
	modprobe nft_fwd_netdev
	by_chain "a redirect" "warning " "$pre" "tcp dport 25 redirect to :2525" "gives packets to a program on this router"
	by_chain "DNAT" "note    " "$pre" "tcp dport 25 dnat ip to 198.51.100.2" "changes destinations"
	by_chain "a queue" "note    " "$forward" "tcp dport 25 queue num 1" "leaves packets to a program in user space"
	by_chain "another port" "note    " "$forward" "tcp dport set 26" "rewrites packets"
	by_chain "a set" "note    " "$forward" "tcp dport { 25, 465 } drop" "drops"
	nft -f - <<-END
		table netdev fw {
			chain in {
				type filter hook ingress device ppp0 priority 0
				tcp dport 25 fwd to wan
			}
		}
	END
	finds "fwd" "warning  chains: chain netdev fw in (ingress, priority 0) comes before op25b, and 1 of its rules sends packets out by itself"
	nft flush ruleset
	# What is not for mail, or takes nothing away.
	nft -f - <<-END
		table inet fw {
			chain front {
				type filter hook forward priority -5
				tcp dport 445 drop
				tcp dport != 25 drop
				meta l4proto udp reject
				meta mark set 7
				tcp dport 25 counter accept
				jump harmless
			}
			chain harmless {
				tcp dport 25 log
			}
			chain unused {
				drop
			}
		}
	END
	well "rules that take no mail away"
	fine chains "[0-9]+ before op25b, in nf_tables and [0-9]+ tables? of iptables-legacy: none takes packets away"
	nft flush ruleset
	# By way of two maps.
	nft -f - <<-END
		table ip fw {
			chain front {
				type filter hook forward priority -5
				ip saddr vmap { 192.0.2.66 : jump one }
			}
			chain one {
				tcp dport vmap { 25 : goto two, 26 : accept }
			}
			chain two {
				drop
			}
		}
	END
	finds "a drop behind two maps" "note     chains: chain ip fw front (forward, priority -5) comes before op25b, and 1 of its rules drops"
	nft flush ruleset
	well "no rules"
}

# told POLICY RULE: the answers, with such an output.
answer() {
	nft -f - <<-END
		table inet fw {
			chain out {
				type filter hook output priority filter
				policy $1
				$2
			}
		}
	END
}

answers() {
	local meets="chain inet fw out (output, priority 0) meets what op25b answers, and"
	local vain="blocked programs may wait for an answer in vain"
	# The oracle: does a blocked program learn of it at once?
	is "a blocked program is refused" refused "$(attempt)"
	answer drop "meta l4proto ipv6-icmp accept"
	is "output drops: it waits" waits "$(attempt)"
	finds "output: policy drop" "note     answers: output: $meets its policy is drop: $vain"
	nft flush ruleset
	answer drop "ct state established,related accept"
	is "output lets established go: refused" refused "$(attempt)"
	well "output: established"
	fine answers "let out by [0-9]+ chains? for output, in nf_tables and [0-9]+ tables? of iptables-legacy"
	nft flush ruleset
	answer accept "tcp flags & rst == rst drop"
	is "output drops resets: it waits" waits "$(attempt)"
	finds "output: resets" "note     answers: output: $meets 1 of its rules drops: $vain"
	ctl set reject drop
	well "reject drop sends none"
	fine answers "none are sent: reject is drop"
	ctl set reject tcp-reset
	nft flush ruleset
	well "output without rules"
}

# attempt: how a connection to port 25 ends, refused or waits.
attempt() {
	rc=0
	on sub timeout 3 bash -c ': >/dev/tcp/198.51.100.2/25' 2>/dev/null || rc=$?
	if [ "$rc" = 124 ]; then echo waits; else echo refused; fi
}
