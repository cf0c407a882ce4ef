# shellcheck shell=bash disable=SC2154,SC2034
# SPDX-License-Identifier: GPL-2.0
# A part of the script `kernel`, which sources this: what an abuse desk asks for, of
# attempts whose numbers are known.

# xarf FILE: reports of its events.
xarf() {
	jq -c -f "$here/../../packaging/xarf.jq" --arg org 'Example Net' \
		--arg contact abuse@example.net --arg domain example.net "$1"
}

# again ARGS...: two of them try once more, and what is learned right then.
again() {
	ip netns exec sub "$here/attempts.py" 100.64.8.5 1 203.0.113.1 , 100.64.8.6 1 203.0.113.1
	run -n router learn over 10s "$@"
}

abuse_desk() {
	local time='20[0-9]{2}-[0-9]{2}-[0-9]{2}T[0-9:]{8}Z' ear n
	three_namespaces
	ip -n router neigh add 198.51.100.9 lladdr 02:00:00:00:00:01 dev wan
	ip -n router route add 203.0.113.0/24 via 198.51.100.9
	op25bctl -n router -b - <<-END
		set mode enforce offender-threshold 100 reject drop
		prefix add 100.64.0.0/10 block comment "pool 7"
		prefix add 100.64.0.9/32 exempt until 2099-12-24T09:00Z comment "ticket 4711"
		prefix add 100.64.0.10/32 exempt
		prefix add 100.64.8.0/24 monitor
		prefix add 2001:db8:1::/48 block
		relay add 203.0.113.254
	END
	prints '' -n router learn
	json d '[]' -n router -j learn

	# A bot, a printer, a mailing list; and, watched: a server, a bot, one that is new.
	listen heard -n router -j
	ip netns exec sub "$here/attempts.py" 100.64.0.2 250 203.0.113.1+250 , \
		100.64.0.3 300 203.0.113.1 , 100.64.0.9 40 203.0.113.1+40 , \
		100.64.8.5 12 203.0.113.1+2 , 100.64.8.6 30 203.0.113.1+30 , \
		100.64.8.8 12 203.0.113.1 , 100.64.0.4 2 203.0.113.254 , \
		100.64.8.7 12 203.0.113.1
	# Until ten seconds lie between the first and the last of these.
	for ((n = 0; n < 300; n++)); do
		again
		[ -z "$out" ] || break
	done
	like "learn: a server, not a bot, nor what was seen once" \
		"0\|prefix 100\.64\.8\.5/32 exempt comment \"learned: destinations 2, attempts [0-9]+, from $time to $time\"\|" "$rc|$out|$err"
	{ echo 'mode monitor'; cat out; } >learned.conf
	run conf check learned.conf
	is "learn: its lines are a configuration" 0 "$rc"
	again
	json '[[e["prefix"], e["destinations"], e["attempts"] > 12] for e in d]' '[["100.64.8.5/32",2,true]]' \
		-n router -j learn over 10s
	again destinations 1
	is "learn: of fewer destinations" "0||" "$rc|$out|$err"
	again attempts 100000
	is "learn: of more attempts" "0||" "$rc|$out|$err"
	again destinations 3490 attempts 1
	is "learn: many destinations, once and again" "100.64.8.5/32 100.64.8.6/32" \
		"$(awk '{print $2}' out | paste -sd' ')"

	run -n router report 3
	like "report: the whole" "0\|report $time host [^ ]+ netns router
mode enforce reject drop generation [0-9]+
scope ipv4 block 1 exempt 2 monitor 1
scope ipv6 block 1 exempt 0 monitor 0
scope relays 1
blocked packets 550 syns 550
would-block packets [0-9]+ syns [0-9]+
passed exempt 40 relay 2 unlisted 0
exemptions without-end 1 with-end 1
exemption 100\.64\.0\.9/32 exempt until 2099-12-24T09:00Z left [^ ]* packets 40 .* comment \"ticket 4711\"
offender 100\.64\.0\.2 blocked attempts 250 destinations [0-9]+ .* prefix 100\.64\.0\.0/10 comment \"pool 7\" last-seen $time
offender 100\.64\.0\.9 exempt attempts 40 destinations .* last-seen $time
offender 100\.64\.8\.6 watched attempts .* last-seen $time\|" "$rc|$out|$err"
	json '[d["host"] != "", d["netns"], d["mode"], d["scope"], d["counts"]["blocked"], d["counts"]["exempt"], d["exemptions_without_end"], [e["prefix"] for e in d["exemptions"]], [e["source"] for e in d["offenders"]][:3], len(d["offenders"])]' \
		'[true,"router","enforce",{"ipv4":{"block":1,"exempt":2,"monitor":1},"ipv6":{"block":1,"exempt":0,"monitor":0},"relays":1},550,40,1,["100.64.0.9/32"],["100.64.0.2","100.64.0.9","100.64.8.6"],7]' \
		-n router -j report

	# The stream of events becomes reports.
	until_there '.*"100.64.0.3".*' heard
	deafen
	like "-j events: what an offender has" \
		'\{"time":"[^"]*","event":"offender","source":"100\.64\.0\.2","state":"blocked","attempts":[0-9]+,"destinations":[0-9]+,"packets":[0-9]+,"syns":[0-9]+,"first_seen":"[^"]*","prefix":"100\.64\.0\.0/10","comment":"pool 7","generation":[0-9]+\}' \
		"$(grep '"100.64.0.2"' heard)"
	is "xarf.jq: each offender is a report, and a good one" "2 reports" \
		"$(xarf heard | "$here/xarf_check.py" 2>&1)"
	is "xarf.jq: who sent" '"100.64.0.2" "100.64.0.3"' "$(xarf heard | jq .source_identifier | sort | paste -sd' ')"
	no_namespaces
}
