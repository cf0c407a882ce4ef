# shellcheck shell=bash disable=SC2016,SC2154
# SPDX-License-Identifier: GPL-2.0
# Parts of the script `kernel`, which sources this: entries of other origins than
# config, and files that an origin is made equal to.

serial() { op25bctl stats | sed -n "s/^$1_serial //p"; }

# forget: no entry is left, of whatever origin.
forget() {
	local origin
	for origin in config session bgp; do
		ok prefix flush origin "$origin" force
		ok relay flush origin "$origin" force
	done
}

origins() {
	local before
	forget
	ok set mode off
	before=$(generation)
	ok prefix add 100.64.7.9/32 exempt comment ppp0 origin session
	ok prefix add 100.64.7.9/32 block comment 'abuse desk' origin bgp
	ok relay add 192.0.2.25 comment smtp1 origin bgp
	is "what is of another origin is no generation" "$before" "$(generation)"
	ok prefix add 100.64.0.0/10 block
	prints '100.64.0.0/10 block
100.64.7.9/32 exempt origin session comment "ppp0"
100.64.7.9/32 block origin bgp comment "abuse desk"' prefix show
	prints '192.0.2.25 origin bgp comment "smtp1"' relay show
	json '[[e["origin"], e["action"]] for e in d]' \
		'[["config","block"],["session","exempt"],["bgp","block"]]' -j prefix show
	prints '100.64.0.0/10 block' prefix show origin config
	prints '100.64.7.9/32 block origin bgp comment "abuse desk"' prefix show within 100.64.7.0/24 origin bgp
	prints 2 prefix show covering 100.64.7.9 block count
	prints 0 relay show origin session count
	# Of one prefix: the first origin's, or that of the one asked for.
	prints '100.64.7.9/32 exempt origin session comment "ppp0"' prefix show 100.64.7.9/32
	prints '100.64.7.9/32 block origin bgp comment "abuse desk"' prefix show 100.64.7.9/32 origin bgp
	refused 1 'op25bctl: prefix 100.64.7.9/32: there is no such prefix' prefix show 100.64.7.9/32 origin config
	refused 1 'op25bctl: prefix 100.64.7.9/32: this prefix is there already; `replace` changes it' \
		prefix add 100.64.7.9/32 block origin session
	ok prefix add 100.64.7.9/32 monitor origin session if-absent
	refused 1 'op25bctl: prefix 100.64.0.0/10: there is no such prefix' prefix del 100.64.0.0/10 origin bgp
	# The end of an old session comes after the beginning of the new one.
	ok prefix replace 100.64.7.9/32 exempt comment ppp1 origin session
	refused 1 'op25bctl: prefix 100.64.7.9/32: the prefix has another comment' \
		prefix del 100.64.7.9/32 comment ppp0 origin session
	ok prefix del 100.64.7.9/32 comment ppp0 origin session if-present
	prints '100.64.7.9/32 exempt origin session comment "ppp1"' prefix show origin session
	refused 1 'op25bctl: relay 192.0.2.25: the relay has another comment' relay del 192.0.2.25 comment x origin bgp
	refused 1 'stdin:2: prefix 100.64.7.9/32: the prefix has another comment' \
		prefix del - < <(printf '%s\n' '10.0.0.0/8 origin session if-present' '100.64.7.9/32 comment ppp0 origin session')
	ok prefix del 100.64.7.9/32 comment ppp1 origin session
	prints '' prefix show origin session
	# One step is about one origin.
	before=$(generation),$(serial bgp)
	ok prefix replace - < <(printf '%s origin bgp\n' '203.0.113.1/32 exempt' '203.0.113.2/32 block comment x')
	printf '%s\n' 'prefix del 203.0.113.1/32 origin bgp' 'relay replace 192.0.2.26 origin bgp' >commands
	ok --atomic -b commands
	is "a list and a batch are a step each" "${before%,*},$((${before#*,} + 2))" "$(generation),$(serial bgp)"
	prints '100.64.7.9/32 block origin bgp comment "abuse desk"
203.0.113.2/32 block origin bgp comment "x"' prefix show origin bgp
	printf '%s\n' 'prefix add 203.0.113.9/32 block origin bgp' 'set mode enforce' >commands
	run --atomic -b commands
	is "knobs are of origin config" '1|commands: knobs belong to the configuration' \
		"$rc|${err#op25bctl: }"
	ok set mode enforce
	refused 1 'op25bctl: prefix flush: the mode is enforce; the word `force` behind it deletes them all the same' \
		prefix flush origin bgp
	ok set mode off
	ok prefix flush origin bgp
	ok relay flush origin bgp
	prints '100.64.0.0/10 block' prefix show
	prints '' relay show
	forget
}

# What `conf` shows, saves, compares and replaces is of origin config.
origins_apart() {
	local before n
	export OP25B_STATE_DIR=$scratch/state
	printf '%s\n' 'mode monitor' 'prefix 100.64.0.0/10 block' 'prefix 100.64.7.9/32 exempt' >own
	ok conf apply own
	ok prefix replace - < <(for n in {1..40}; do echo "203.0.113.$n/32 exempt origin session"; done)
	ok relay add 192.0.2.25 comment mine origin bgp
	run conf show
	is "conf show: config's alone" "prefix 100.64.0.0/10 block
prefix 100.64.7.9/32 exempt" "$(grep -E '^(prefix|relay)' out)"
	run conf diff own
	is "conf diff: no difference" '0||' "$rc|$out|$err"
	ok conf save saved force
	is "conf save: config's alone" 2 "$(grep -c ^prefix saved)"
	# Neither by hand, nor a list that shrinks.
	sed '/7.9/d' own >new
	before=$(serial session),$(serial bgp)
	ok conf apply new
	run conf apply own confirm 1h
	is "conf apply: takes none of theirs" "0 40 1" \
		"$rc $(op25bctl prefix show origin session | wc -l) $(op25bctl relay show origin bgp | wc -l)"
	ok prefix add 203.0.113.99/32 exempt origin session
	run prefix add 203.0.113.99/32 exempt
	like "one of config is refused meanwhile" \
		'1\|\|op25bctl: prefix 203\.0\.113\.99/32: the last change awaits its confirmation .*' "$rc|$out|$err"
	run conf rollback
	is "a rollback leaves them" "41 1" "$(op25bctl prefix show origin session | wc -l) $(op25bctl relay show origin bgp | wc -l)"
	is "and only their owner has changed them" "$((${before%,*} + 1)),${before#*,}" "$(serial session),$(serial bgp)"
	ok conf apply - force < <(echo mode off)
	forget
}

# Who decides, as a sentence.
origins_decide() {
	op25bctl -b - <<-END
		set mode enforce
		prefix add 100.64.0.0/10 block
		prefix add 100.64.7.9/32 exempt comment ppp0 origin session
	END
	asks 0 'accepted: 100.64.7.9 matches prefix 100.64.7.9/32 exempt origin session, ahead of 100.64.0.0/10 block origin config; mode enforce' \
		100.64.7.9 198.51.100.1
	ok prefix add 100.64.7.9/32 block origin bgp
	asks 1 'blocked: 100.64.7.9 matches prefix 100.64.7.9/32 block origin bgp, ahead of 100.64.0.0/10 block origin config and 100.64.7.9/32 exempt origin session; mode enforce, reject tcp-reset' \
		100.64.7.9 198.51.100.1
	json '[d["prefix"]["origin"], [[e["origin"], e["prefix"], e["action"]] for e in d["others"]], d["others"][1]["comment"]]' \
		'["bgp",[["config","100.64.0.0/10","block"],["session","100.64.7.9/32","exempt"]],"ppp0"]' \
		-j test 100.64.7.9 198.51.100.1
	ok prefix add 100.64.7.9/32 monitor
	asks 0 'accepted: 100.64.7.9 matches prefix 100.64.7.9/32 monitor origin config, ahead of 100.64.7.9/32 exempt origin session and 100.64.7.9/32 block origin bgp, counted and never blocked; mode enforce' \
		100.64.7.9 198.51.100.1
	json 'd["others"]' '[]' -j test 100.64.8.1 198.51.100.1
	ok relay add 192.0.2.25 origin bgp
	asks 0 'accepted: 192.0.2.25 is a relay, 100.64.8.1 matches prefix 100.64.0.0/10 block; mode enforce' \
		100.64.8.1 192.0.2.25
	json 'd["relay"]["origin"]' '"bgp"' -j test 100.64.8.1 192.0.2.25
	ok set mode off
	forget
}

# Totals, limits, metrics and events of each.
origins_told() {
	local n
	for n in 1 2 3; do
		ok prefix add "203.0.113.$n/32" exempt origin session
	done
	ok prefix add 2001:db8::/32 block origin bgp
	ok relay add 192.0.2.25 origin bgp
	run stats
	is "stats: each origin's" 'config_prefixes_v4 0
session_prefixes_v4 3
session_max_prefixes 1048576
bgp_prefixes_v6 1
bgp_relays 1' "$(grep -xE '(config|session)_prefixes_v4 .*|session_max_prefixes .*|bgp_prefixes_v6 .*|bgp_relays .*' out)"
	json '[[k, o["prefixes_v4"], o["prefixes_v6"], o["relays"]] for k, o in d["origins"].items()]' \
		'[["config",0,0,0],["session",3,0,0],["bgp",0,1,1]]' -j stats
	json '[d["prefixes_v4"], d["prefixes_v6"], d["relays"], d["origins"]["bgp"]["changed"][:2]]' '[3,1,1,"20"]' -j stats
	is "and as metrics" "op25b_origin_prefixes{origin=\"session\",family=\"ipv4\"} 3
op25b_origin_prefixes{origin=\"bgp\",family=\"ipv6\"} 1
op25b_origin_prefixes_limit{origin=\"bgp\"} 1048576
op25b_origin_relays{origin=\"bgp\"} 1
op25b_origin_changes_total{origin=\"session\"} $(serial session)" \
		"$(op25bctl stats --prometheus | grep -E '^op25b_origin_(prefixes.*(session.*ipv4|bgp.*ipv6)|prefixes_limit.*bgp|relays.*bgp|changes.*session)')"
	is "with the time of the last change" "$(date +%Y)" \
		"$(date -d "@$(op25bctl stats --prometheus | sed -n 's/^op25b_origin_last_change_timestamp_seconds{origin="bgp"} //p')" +%Y)"
	ok set max-session-prefixes 3 max-bgp-prefixes 0
	refused 1 'op25bctl: prefix 203.0.113.4/32: the limit of prefixes is reached' \
		prefix add 203.0.113.4/32 exempt origin session
	refused 1 'op25bctl: prefix 203.0.113.4/32: the limit of prefixes is reached' \
		prefix add 203.0.113.4/32 exempt origin bgp
	ok prefix add 203.0.113.4/32 exempt
	run conf show
	is "limits are knobs of the configuration" 'max-session-prefixes 3
max-bgp-prefixes 0' "$(grep ^max- out)"
	printf '%s\n' 'mode off' 'max-bgp-prefixes 7' >limits.conf
	run conf diff limits.conf
	is "conf diff has them" "-max-session-prefixes 3
+max-session-prefixes 1048576
-max-bgp-prefixes 0
+max-bgp-prefixes 7" "$(grep -- max- out)"
	ok conf apply - force < <(echo mode off)
	listen heard
	ok prefix replace 203.0.113.1/32 exempt timeout 1s comment ppp7 origin session
	until_there '20.* expired count 1 prefix 203\.0\.113\.1/32 exempt origin session .*comment "ppp7".* origin session' heard
	pass "an event has the origin"
	deafen
	forget
}

# An origin made equal to a file.
syncs() {
	local before n
	export OP25B_STATE_DIR=$scratch/state
	{
		echo '# what the sessions are'
		for n in {1..20}; do echo "prefix 203.0.113.$n/32 exempt comment \"ppp$n\""; done
		echo 'prefix 2001:db8::/32 block'
		echo 'relay 192.0.2.25 comment smtp1'
	} >list
	ok prefix add 100.64.0.0/10 block
	ok prefix add 203.0.113.1/32 monitor origin bgp
	before=$(generation),$(serial session)
	ok prefix sync list origin session
	is "a sync is one step" "${before%,*},$((${before#*,} + 1))" "$(generation),$(serial session)"
	prints "$(sed -n 's/^prefix \([^ ]* [^ ]*\)\(.*\)/\1 origin session\2/p' list)" prefix show origin session
	prints '192.0.2.25 origin session comment "smtp1"' relay show
	ok prefix sync list origin session
	is "what is equal is not touched" "$((${before#*,} + 1))" "$(serial session)"
	# Added, changed, with other comments and ends, gone.
	sed -e '/\.1\/32/d' -e '/\.2\/32/s/exempt/block/' -e 's/"ppp3"/"new"/' -e '/\.4\/32/s/ comment.*//' \
		-e '/\.5\/32/s/ comment/ until 2099-12-24T09:00Z comment/' -e 's/192.0.2.25/192.0.2.26/' list >list2
	echo 'prefix 203.0.113.99/32 monitor' >>list2
	ok prefix sync - origin session <list2
	is "another file is another step" "$((${before#*,} + 2))" "$(serial session)"
	is "and is what is there" "$(sed -n 's/^prefix //p' list2 | sort)" \
		"$(op25bctl prefix show origin session | sed -e 's/ origin session//' -e 's/ left [^ ]*//' | sort)"
	prints '192.0.2.26 origin session comment "smtp1"' relay show
	prints '100.64.0.0/10 block' prefix show origin config
	prints '203.0.113.1/32 monitor origin bgp' prefix show origin bgp
	# A file that shrank, or blocks everybody.
	head -n 10 list >new
	refused 1 "op25bctl: new: 12 of 20 IPv4 prefixes would be gone
op25bctl: new: 60% of the IPv4 addresses in prefixes would be in none
op25bctl: new: 1 of 1 IPv6 prefix would be gone
op25bctl: new: 100% of the IPv6 addresses in prefixes would be in none
op25bctl: new: nothing is changed; the word \`force\` behind it applies it all the same" \
		prefix sync new origin session
	is "nothing of it is done" "$((${before#*,} + 2))" "$(serial session)"
	ok prefix sync new origin session force
	is "with force it is" 9 "$(op25bctl prefix show origin session | wc -l)"
	printf 'prefix 203.0.113.1/32 monitor\nprefix ::/0 block\n' >new
	refused 1 "new:2: all of IPv6 would be blocked
op25bctl: new: nothing is changed; the word \`force\` behind it applies it all the same" \
		prefix sync new origin bgp
	ok prefix sync /dev/null origin session force
	prints '' prefix show origin session
	# The limit holds for what would be there, however it came.
	ok set max-session-prefixes 21
	ok prefix sync list origin session
	sed 's/203\.0\.113/203.0.112/' list >new
	ok prefix sync new origin session force
	echo 'prefix 203.0.111.0/24 block' >>new
	refused 1 'op25bctl: new: prefix 203.0.111.0/24: the limit of prefixes is reached' prefix sync new origin session
	is "all or nothing" 21 "$(op25bctl prefix show origin session | wc -l)"
	ok set max-session-prefixes 1048576
	# While a configuration is on trial; and another writer is at work.
	printf 'mode off\nprefix 100.64.0.0/10 block\n' >own
	run conf apply own confirm 1h force
	ok prefix sync list origin session force
	run conf rollback
	is "a rollback leaves it" 21 "$(op25bctl prefix show origin session | wc -l)"
	forget
}

# A session's hooks beside a sync: in the end it is as the file says, or the
# status says that it may not be.
syncs_beside() {
	local hooks i
	for i in {1..200}; do echo "prefix 203.0.113.$i/32 exempt"; done >list
	mkfifo hooks
	"$tool" -kb hooks >/dev/null 2>&1 &
	hooks=$!
	yes 'prefix replace 203.0.113.250/32 exempt comment ppp0 origin session
prefix del 203.0.113.250/32 comment ppp0 origin session if-present' >hooks 2>/dev/null &
	for ((i = 0; i < 20; i++)); do
		run prefix sync list origin session force
		[ "$rc" != 0 ] || break
		like "a sync beside another writer says so" \
			"1\|op25bctl: list: origin session was changed by others each of the 4 times; it may differ from the file" \
			"$rc|$err"
	done
	kill "$hooks"
	wait "$hooks" 2>/dev/null || true
	ok prefix sync list origin session force
	is "alone it is as the file says" "$(sed 's/^prefix //' list)" \
		"$(op25bctl prefix show origin session | sed 's/ origin session//' | sort -t. -k4n)"
	forget
}
