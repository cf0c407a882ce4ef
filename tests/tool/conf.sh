# shellcheck shell=bash disable=SC2154
# SPDX-License-Identifier: GPL-2.0
# Parts of the script `kernel`, which sources this: configurations that end,
# include, are compared, guarded and tried.

# Prefixes that end: shown as time left, changed by replace, kept in files.
ends() {
	local now end at
	ok prefix add 100.64.7.9/32 exempt until 2099-12-24T09:00Z comment trial
	says '100\.64\.7\.9/32 exempt until 2099-12-24T09:00Z left [0-9]{5}d[0-9dhms]* comment "trial"' prefix show
	json '[d[0]["until"], d[0]["left"] > 2e9, d[0]["comment"]]' '["2099-12-24T09:00Z",true,"trial"]' -j prefix show
	run conf show
	is "conf show has the end" 'prefix 100.64.7.9/32 exempt until 2099-12-24T09:00Z comment "trial"' \
		"$(grep ^prefix out)"
	json 'd["prefixes"][0]' '{"prefix":"100.64.7.9/32","action":"exempt","until":"2099-12-24T09:00Z","comment":"trial"}' \
		-j conf show
	says 'accepted: 100\.64\.7\.9 matches prefix 100\.64\.7\.9/32 exempt until 2099-12-24T09:00Z, [0-9dhms]+ left; mode off, not filtering' \
		test 100.64.7.9 192.0.2.1
	json '[d["prefix"]["until"], d["prefix"]["left"] > 2e9]' '["2099-12-24T09:00Z",true]' -j test 100.64.7.9 192.0.2.1
	ok prefix replace 100.64.7.9/32 exempt
	prints '100.64.7.9/32 exempt' prefix show
	ok prefix replace 100.64.7.9/32 exempt timeout 1h
	says '100\.64\.7\.9/32 exempt until 20[0-9:TZ-]+ left (1h|59m[0-9]+s)' prefix show
	now=$(date +%s)
	json 'd[0]["left"] in range(3500, 3601)' true -j prefix show
	end=$(op25bctl prefix show | sed 's/.* until \([^ ]*\) .*/\1/')
	like "a timeout counts from now" "y" "$( (($(date -d "$end" +%s) - now < 3601 && $(date -d "$end" +%s) - now > 3590)) && echo y)"
	# A file keeps it, in a nest and in a packed record.
	printf 'mode off\nprefix 192.0.2.1/32 exempt until 2099-01-01T00:00:01Z comment x\nprefix 192.0.2.2/32 block until 2098-01-01T00:00Z\nprefix 192.0.2.3/32 block until 2020-01-01T00:00Z\n' >until.conf
	run conf apply until.conf force
	is "an end that is past is warned of" "0||warning: until.conf:4: prefix 192.0.2.3/32 is left out: its end, 2020-01-01T00:00Z, is past" "$rc|$out|$err"
	prints "$defaults"'
prefix 192.0.2.1/32 exempt until 2099-01-01T00:00:01Z comment "x"
prefix 192.0.2.2/32 block until 2098-01-01T00:00Z' conf show
	ok conf save saved
	run conf diff saved
	is "conf diff of what was saved" '0||' "$rc|$out|$err"
	# The end comes.
	at=$(date -u -d '+3 seconds' +%Y-%m-%dT%H:%M:%SZ)
	ok prefix replace 192.0.2.1/32 exempt until "$at"
	until [ "$(op25bctl prefix show | wc -l)" = 1 ]; do sleep 0.2; done
	like "and is kept" y "$( (($(date +%s) >= $(date -d "$at" +%s))) && echo y)"
	refused 1 'op25bctl: prefix 192.0.2.1/32: there is no such prefix' prefix show 192.0.2.1/32
	ok prefix flush
}

includes() {
	mkdir -p pools
	printf 'mode monitor\ninclude pools/*.conf\n' >main.conf
	ok conf apply main.conf
	for n in 1 2 3; do
		awk -v n="$n" 'BEGIN {for (i = 0; i < 1000; i++)
			printf "prefix 10.%d.%d.%d/32 block\n", n, i / 256, i % 256}' >"pools/$n.conf"
	done
	ok conf apply main.conf
	is "all files of an include are applied" "$(sort pools/*.conf)" \
		"$(op25bctl conf show | grep ^prefix | sort)"
	# A refusal of the kernel leads to the file and line.
	awk 'BEGIN {for (i = 0; i < 65537; i++)
		printf "relay 10.%d.%d.%d\n", i / 65536, i / 256 % 256, i % 256}' >pools/4.conf
	refused 1 "pools/4.conf:65537: relay 10.1.0.0: the limit of relays is reached" conf apply main.conf
	rm pools/4.conf
	ok conf apply - force < <(echo mode off)
}

# What apply wants `force` for, each told in a sentence.
guards() {
	local last="op25bctl: new: nothing is changed; the word \`force\` behind it applies it all the same"
	{
		echo mode monitor
		echo prefix 100.64.0.0/10 block
		for n in {1..20}; do echo "prefix 203.0.113.$n/32 exempt"; done
		echo prefix 2001:db8::/32 block
		echo prefix 2001:db8:1::/48 exempt
	} >old
	ok conf apply old
	# Half of the prefixes may go, not more; of either family for itself.
	grep -v '203.0.113.[1-9]/' old >new
	ok conf apply new
	ok conf apply old
	grep -v -e '203.0.113.[1-9]/' -e '203.0.113.1[0-9]/' old >new
	refused 1 "op25bctl: new: 19 of 21 IPv4 prefixes would be gone
$last" conf apply new
	sed 's/2001:db8:1::/2001:db8:2::/' old >new
	ok conf apply new
	ok conf apply old
	# The one that covers most counts for itself.
	grep -v 100.64 old >new
	refused 1 "op25bctl: new: 99% of the IPv4 addresses in prefixes would be in none
$last" conf apply new
	is "nothing of it is applied" 21 "$(op25bctl prefix show | grep -vc :)"
	sed 's|100.64.0.0/10|100.64.0.0/11|' old >new
	ok conf apply new
	sed 's|100.64.0.0/11|100.64.0.0/12|' new >new2
	mv new2 new
	ok conf apply old
	refused 1 "op25bctl: new: 74% of the IPv4 addresses in prefixes would be in none
$last" conf apply new
	# Cut in pieces it is the same.
	{
		grep -v 100.64 old
		for n in {64..127}; do echo "prefix 100.$n.0.0/16 block"; done
	} >new
	ok conf apply new
	ok conf apply old force
	grep -v :: old >new
	refused 1 "op25bctl: new: 2 of 2 IPv6 prefixes would be gone
op25bctl: new: 100% of the IPv6 addresses in prefixes would be in none
$last" conf apply new
	ok conf apply new force
	ok conf apply old
	# A family as a whole, unless it is so already.
	{ cat old; echo prefix ::/0 block; } >new
	refused 1 "new:25: all of IPv6 would be blocked
$last" conf apply new
	ok conf apply new force
	ok conf apply new
	grep -v ::/0 new >new2
	mv new2 new
	refused 1 "op25bctl: new: 99% of the IPv6 addresses in prefixes would be in none
$last" conf apply new
	ok conf apply new force
	ok conf apply - force < <(echo mode off)
	echo 'prefix 0.0.0.0/0 block' | cat <(echo mode off) - >new
	refused 1 "new:2: all of IPv4 would be blocked
$last" conf apply new
	# ... in whatever pieces.
	printf 'mode off\nprefix ::/1 block\nprefix 8000::/1 block\n' >new
	refused 1 "new:2: all of IPv6 would be blocked
$last" conf apply new
	{ echo mode off; seq -f 'prefix %g.0.0.0/8 block' 1 254; echo prefix 9.0.0.0/8 exempt; } |
		grep -v '9.0.0.0/8 block' >new
	run conf apply new
	like "nearly all of IPv4 is refused" "1\|.*new:2: 9[0-9]% of all of IPv4 would be blocked
$last" "$rc|$err"
	run conf apply new force
	run conf apply new
	is "but not if it is in force" 0 "$rc"
	ok conf apply - force < <(echo mode off)
	# By hand it is said when it comes to that, and once.
	ok prefix add 0.0.0.0/1 exempt
	ok prefix add 128.0.0.0/1 block
	run prefix replace 0.0.0.0/1 block
	is "blocking all of IPv4 by hand is warned of" \
		"0|warning: op25bctl: all of IPv4 is blocked, other people's servers and transit customers too" "$rc|$err"
	ok prefix add 0.0.0.0/0 block
	run prefix add ::ffff:100.64.0.0/106 block
	is "a prefix that nothing matches is warned of" \
		"0|warning: op25bctl: prefix ::ffff:100.64.0.0/106 matches nothing: IPv4-mapped addresses are not on the wire; for IPv4 write 100.64.0.0/10" "$rc|$err"
	run -b - < <(echo relay add ::1)
	is "and a relay" "0|warning: stdin:1: relay ::1 matches nothing: loopback addresses are not forwarded" "$rc|$err"
	ok conf apply - force < <(echo mode off)
	# One is no plural.
	ok conf apply - < <(printf 'mode off\nprefix 192.0.2.0/24 block\n')
	ok prefix add 192.0.2.1/32 exempt
	run conf apply - < <(echo mode off)
	like "one entry is no entries" "1\|.*would go: 1 entry
.*" "$rc|$err"
	ok conf apply - force < <(printf 'mode off\nprefix 192.0.2.0/24 block\n')
	run conf apply - < <(echo mode off)
	like "one prefix is no prefixes" "1\|.*1 of 1 IPv4 prefix would be gone
.*" "$rc|$err"
	ok conf apply - force < <(echo mode off)
	# Flushes.
	ok conf apply - force < <(printf 'mode enforce\nprefix 192.0.2.0/24 block\nrelay 192.0.2.25\n')
	for kind in prefix relay; do
		refused 1 "op25bctl: $kind flush: the mode is enforce; the word \`force\` behind it deletes them all the same" "$kind" flush
		ok "$kind" flush force
		prints '' "$kind" show
	done
	ok set mode monitor
	ok prefix flush
	ok set mode off
}

# What was added or changed by hand is not dropped unseen.
by_hand() {
	local last="op25bctl: new: nothing is changed; the word \`force\` behind it applies it all the same"
	printf 'mode monitor\nprefix 100.64.0.0/10 block\nprefix 100.64.7.8/32 block\nrelay 192.0.2.25\n' >new
	ok conf apply new
	ok conf apply new
	ok prefix add 100.64.7.9/32 exempt comment '3 a.m.'
	ok prefix replace 100.64.7.8/32 exempt until 2099-01-01T00:00Z
	ok relay add 192.0.2.26
	refused 1 "op25bctl: new: added by hand and not so in it: prefix 100.64.7.8/32 exempt until 2099-01-01T00:00Z
op25bctl: new: added by hand and not in it: prefix 100.64.7.9/32 exempt comment \"3 a.m.\"
op25bctl: new: added by hand and not in it: relay 192.0.2.26
op25bctl: new: what was added by hand since the last apply would go: 3 entries
$last" conf apply new
	# Once the file has them they are in no danger.
	ok conf save new
	ok conf apply new
	ok conf apply - force < <(echo mode off)
}

# A file that says more than what is in force is added to, and replaced only
# with `force`.
saves_over() {
	local last="would be lost, since more than additions is to be saved (see \`conf diff\`): nothing is written; the word \`force\` behind it replaces the file all the same"
	local line
	ok conf apply - force < <(printf 'mode monitor\nprefix 100.64.0.0/10 block\nrelay 192.0.2.25 comment "a # \\" b"\n')
	rm -rf pools
	mkdir pools
	echo 'prefix 100.64.0.0/10 block' >pools/tokyo.conf
	# The last line has no end.
	printf 'mode monitor\n# ask the NOC\n\ninclude pools/*.conf\n relay  192.0.2.25 comment "a # \\" b" # smtp1' >main.conf
	cp main.conf before
	ok prefix add 203.0.113.9/32 exempt comment '3 a.m.'
	ok relay add 192.0.2.26
	run conf save main.conf
	is "conf save says what it adds" "0||op25bctl: main.conf: entries added at its end: 2; remarks and includes stay" "$rc|$out|$err"
	is "conf save adds to a file with remarks and includes" \
		"$(cat before; printf '\nprefix 203.0.113.9/32 exempt comment "3 a.m."\nrelay 192.0.2.26\n')" \
		"$(cat main.conf)"
	is "and nothing lies beside it" main.conf "$(echo main.conf*)"
	cp main.conf before
	run conf save main.conf
	is "and that there is nothing to add" "0||op25bctl: main.conf: entries added at its end: 0; remarks and includes stay" "$rc|$out|$err"
	is "once" "$(cat before)" "$(cat main.conf)"
	# The pool that comes tonight is read, and what was added by hand stays.
	echo 'prefix 192.0.2.0/24 block' >>pools/tokyo.conf
	ok conf apply main.conf
	prints '100.64.0.0/10 block
192.0.2.0/24 block
203.0.113.9/32 exempt comment "3 a.m."' prefix show
	# More than additions: a knob, an entry that is gone, one that is otherwise.
	for line in 'set mode enforce' 'relay del 192.0.2.26' 'prefix replace 100.64.0.0/10 exempt'; do
		# shellcheck disable=SC2086 # words
		ok $line
		refused 1 "main.conf:2: a remark $last" conf save main.conf
		is "conf save: after \"$line\" the file stays" "$(cat before)" "$(cat main.conf)"
		ok conf apply main.conf force
	done
	is "and nothing lies beside it" main.conf "$(echo main.conf*)"
	printf 'mode off\ninclude pools/*.conf\n' >main.conf
	refused 1 "main.conf:2: an include $last" conf save main.conf
	echo 'root:x:0:0:root:/root:/bin/bash' >main.conf
	run conf save main.conf
	like "conf save over what is no configuration" '2\|main.conf:1: unknown word "root.*' "$rc|$err"
	ok conf save main.conf force
	is "with force it is replaced" "$(op25bctl conf show)" "$(cat main.conf)"
	# A saved file has nothing to lose, quotes and escapes in comments or not.
	ok conf save main.conf
	# A link stays one, whether its end is there or not.
	mkdir -p links
	ln -s target links/first
	ln -s links/first second
	ok conf save second
	is "through links to what is not there yet" "links/first target $(op25bctl conf show | sha256sum)" \
		"$(readlink second links/first | paste -sd' ') $(sha256sum <links/target)"
	is "what is new is the owner's alone" 600 "$(stat -c %a links/target)"
	ln -s loop loop
	refused 4 "op25bctl: cannot write loop: Too many levels of symbolic links" conf save loop
	refused 4 "op25bctl: cannot write links: Is a directory" conf save links
	refused 4 "op25bctl: cannot write /dev/full: expected a regular file" conf save /dev/full
	rc=0
	op25bctl conf save /dev/stdout 2>err | cat >out || rc=$?
	is "standard output is no file" "4||op25bctl: cannot write /dev/stdout: expected a regular file" "$rc|$(cat out)|$(cat err)"
	refused 2 'op25bctl: "now": expected the end' conf save main.conf now
	refused 2 'op25bctl: "now": expected the end' conf save main.conf force now
	# A list too long for memory, and no folder for it.
	ok conf apply - force < <(echo mode off; seq -f 'relay 192.0.2.%g' 200; \
		awk 'BEGIN {for (i = 0; i < 8000; i++) printf "prefix 10.0.%d.%d/32 block comment \"a comment\"\n", i / 256, i % 256}')
	TMPDIR=/nowhere/25 refused 4 "op25bctl: cannot keep the list in a file in /nowhere/25: No such file or directory" conf save main.conf force
	TMPDIR=/nowhere/25 refused 4 "op25bctl: cannot keep the list in a file in /nowhere/25: No such file or directory" prefix show
	ok conf apply - force < <(echo mode off)
}

# What the scripts of sessions add by hand, and a reload: as op25b(7) says.
sessions() {
	local n last="op25bctl: main.conf: nothing is changed; the word \`force\` behind it applies it all the same"
	printf 'mode enforce\nrelay 192.0.2.25\n' >main.conf
	for n in 0 1 2; do echo "prefix 203.0.11$n.0/24 exempt comment \"fixed lines\""; done >>main.conf
	ok conf apply main.conf
	for n in 1 2 3; do
		echo "prefix replace 100.64.0.$n/32 block comment \"ppp$n\""
	done >up
	ok -b up
	echo relay 192.0.2.26 >>main.conf
	refused 1 "op25bctl: main.conf: added by hand and not in it: prefix 100.64.0.1/32 block comment \"ppp1\"
op25bctl: main.conf: added by hand and not in it: prefix 100.64.0.2/32 block comment \"ppp2\"
op25bctl: main.conf: added by hand and not in it: prefix 100.64.0.3/32 block comment \"ppp3\"
op25bctl: main.conf: what was added by hand since the last apply would go: 3 entries
$last" conf apply main.conf
	run test 100.64.0.2 198.51.100.1
	is "who is online is still blocked" 1 "$rc"
	ok conf apply main.conf force
	run test 100.64.0.2 198.51.100.1
	is "force unlists who is online" 0 "$rc"
	# A pool in the file needs no sessions; and what they keep in a file stays.
	ok -b up
	sed 's/ replace//' up >sessions
	echo include sessions >>main.conf
	ok conf apply main.conf
	run test 100.64.0.2 198.51.100.1
	is "sessions in an included file outlive a reload" 1 "$rc"
	echo 'prefix del 100.64.0.1/32 if-present' >down
	ok -b down
	sed -i 1d sessions
	ok conf apply main.conf
	run test 100.64.0.1 198.51.100.1
	is "and end with it" 0 "$rc"
	ok conf apply - force < <(echo mode off)
}

# On trial: back unless confirmed, and nothing else may change meanwhile.
trials() {
	local busy='the last change awaits its confirmation or rollback' gen hash
	export OP25B_STATE_DIR=$scratch/state
	printf 'mode monitor\nprefix 100.64.0.0/10 block\nrelay 192.0.2.25\n' >one
	printf 'mode enforce\nprefix 100.64.0.0/10 block\nprefix 100.64.7.9/32 exempt\nrelay 192.0.2.25\n' >two
	hash=$(sha256sum <two | cut -c-64)
	refused 1 "op25bctl: conf confirm: generation $(generation): nothing awaits its confirmation" conf confirm
	refused 1 "op25bctl: conf rollback: nothing awaits its confirmation" conf rollback
	is "nothing is written for that" no "$([ -e state ] && echo yes || echo no)"
	ok conf apply one
	gen=$(generation)
	prints "generation $((gen + 1)) is in force for 1h; \`op25bctl conf confirm\` keeps it" conf apply two confirm 1h
	is "the mark has hash and file" "$hash $scratch/two" "$(cat state/pending)"
	is "nobody else may read it" "700 600" "$(stat -c %a state state/pending | paste -sd' ')"
	like "/proc has the seconds left" '3[56][0-9]{2}' "$(sed -n 's/^confirm_left //p' /proc/net/op25b)"
	for command in 'prefix add 192.0.2.0/24 block' 'prefix del 100.64.0.0/10' \
		'prefix flush force' 'relay add 192.0.2.26' 'relay flush force' \
		'set mode monitor' 'set mode off reject drop' 'conf apply one force'; do
		# shellcheck disable=SC2086 # words
		run $command
		like "$command: is refused, with the seconds left" \
			"1\|\|op25bctl: .*: $busy \(3[56][0-9]{2} seconds left\)" "$rc|$out|$err"
	done
	# A refused trial leaves the mark that was there.
	run conf apply one confirm 5m force
	is "the mark stays when another is refused" "1 $hash $scratch/two" "$rc $(cat state/pending)"
	prints "rolled back; this is generation $((gen + 2))" conf rollback
	run conf show
	is "what was there is back" "$(grep -E '^(prefix|relay)' one)" "$(grep -E '^(prefix|relay)' out)"
	is "a rollback leaves the mark" "$hash $scratch/two" "$(cat state/pending)"
	json '[d["generation"], d["confirm_left"]]' "[$((gen + 3)),3600]" -j conf apply two confirm 1h
	prints "generation $((gen + 3)) is confirmed" conf confirm
	is "a confirm removes the mark" no "$([ -e state/pending ] && echo yes || echo no)"
	is "and keeps what is in force" "$(op25bctl conf show)" "$(cat state/last-good.conf)"
	ok conf diff state/last-good.conf
	refused 1 "op25bctl: conf confirm: generation $((gen + 3)): nothing awaits its confirmation" conf confirm
	ok conf apply one force
	is "a plain apply leaves last-good alone" "mode enforce" "$(head -n 1 state/last-good.conf)"
	# The kernel takes it back by itself; off stays off.
	run conf apply two confirm 2s
	until grep -q '^confirm_left 0$' /proc/net/op25b; do sleep 0.2; done
	run conf show
	is "nobody confirmed" "mode monitor
$(grep -E '^(prefix|relay)' one)" "$(grep -E '^(mode|prefix|relay)' out)"
	is "the mark says so" "$hash $scratch/two" "$(cat state/pending)"
	run conf apply two confirm 1h
	ok set mode off
	run conf rollback
	is "mode off survives a rollback" "mode off" "$(op25bctl conf show | head -n 1)"
	# A namespace of its own.
	ip netns add one
	run -n one conf apply two confirm 1h
	is "the mark of a namespace" "$hash $scratch/two" "$(cat state/pending@one)"
	json d '{"confirmed":1}' -n /run/netns/one -j conf confirm
	is "and its file" "pending last-good@one.conf last-good.conf" "$(cd state && echo pending last-good@* last-good.conf)"
	ip netns del one
	# Where nothing can be written nothing is applied.
	rm -r state
	echo >state
	run conf apply two confirm 1h force
	like "no place for the mark" "4\|\|op25bctl: cannot write .*/state/pending: Not a directory" "$rc|$out|$err"
	rm state
	unset OP25B_STATE_DIR
	ok conf apply - force < <(echo mode off)
}

differences() {
	printf '%s\n' 'mode monitor' 'prefix 100.64.0.0/10 block' 'prefix 100.64.7.9/32 exempt comment "a"' \
		'prefix 2001:db8::/32 block' 'relay 192.0.2.25' 'relay 2001:db8::25' >old
	ok conf apply old
	prints '' conf diff old
	json d "{\"file\":\"old\",\"generation\":$(generation),\"changes\":[]}" -j conf diff old
	printf '%s\n' 'relay 2001:db8::25 comment b' 'relay 192.0.2.26' 'prefix 2001:db8::/32 block' \
		'prefix 100.64.7.9/32 exempt until 2099-01-01T00:00Z comment "a"' \
		'prefix 100.64.0.0/10 monitor' 'prefix 9.0.0.0/8 block' 'mode enforce' 'counters off' >new
	run conf diff new
	is "conf diff prints a patch" "1||--- generation $(generation)
+++ new
-mode monitor
+mode enforce
-counters on
+counters off
+prefix 9.0.0.0/8 block
-prefix 100.64.0.0/10 block
+prefix 100.64.0.0/10 monitor
-prefix 100.64.7.9/32 exempt comment \"a\"
+prefix 100.64.7.9/32 exempt until 2099-01-01T00:00Z comment \"a\"
-relay 192.0.2.25
+relay 192.0.2.26
-relay 2001:db8::25
+relay 2001:db8::25 comment \"b\"" "$rc|$err|$out"
	# The oracle: diff(1) of sorted files.
	op25bctl conf show | grep -E '^(prefix|relay)' | sort >is
	op25bctl conf apply new force
	op25bctl conf show | grep -E '^(prefix|relay)' | sort >will
	is "as diff(1) finds" "$(diff is will | grep '^[<>]' | sed 's/^< /-/; s/^> /+/' | sort)" \
		"$(grep -E '^[-+](prefix|relay)' out | sort)"
	ok conf apply old force
	json '[d["file"], len(d["changes"]), d["changes"][0], d["changes"][-1]]' \
		'["new",13,{"sign":"-","mode":"monitor"},{"sign":"+","address":"2001:db8::25","comment":"b"}]' -p conf diff new
	printf '%s\n' 'conf diff new' 'set reject drop' >commands
	run -b commands
	is "an answer \"differs\" does not stop a batch" "1|reject drop" "$rc|$(op25bctl conf show | grep ^reject.d)"
	ok conf apply - force < <(echo mode off)
}


# What manual pages give as examples.
manuals() {
	rc=0
	mkdir -p examples
	(cd examples && "$here/examples.py" "$tool" "$here"/../../tools/man/*.[1-8]) >tap 2>&1 || rc=$?
	include tap examples "$rc"
	like "manuals: there were some" '[1-9][0-9]*' "$(grep -c '^ok' tap)"
	# What they leave to other origins than config's, which the rest is about.
	ok prefix flush origin session force
	ok prefix flush origin bgp force
}
