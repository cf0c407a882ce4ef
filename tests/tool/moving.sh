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
	"$here/moved.py" "$tool" "$seed" "${OP25B_ROUNDS:-2}" >tap 2>&1 || rc=$?
	include tap moved "$rc"
	no_namespaces
}

# What was added by hand, in a file that the configuration includes: more than
# once, changed, deleted.
saves_by_hand() {
	local last="op25bctl: local.conf: what was deleted, or is not applied yet, would go: nothing is written; the word \`force\` behind it does it all the same"
	rm -f local.conf
	printf 'mode monitor\nprefix 100.64.0.0/10 block\nrelay 192.0.2.25\ninclude loca[l].conf\n' >main.conf
	ok conf apply main.conf force
	ok prefix add 100.64.7.9/32 exempt until 2099-12-24T09:00Z comment 'a "b"'
	ok relay add 192.0.2.26
	run conf save local.conf by-hand
	is "conf save by-hand says what it does" \
		"0||op25bctl: local.conf: entries added: 2, changed: 0, taken out: 0" "$rc|$out|$err"
	is "conf save by-hand writes only that" 'prefix 100.64.7.9/32 exempt until 2099-12-24T09:00Z comment "a \"b\""
relay 192.0.2.26' "$(cat local.conf)"
	is "a new file is the owner's alone" 600 "$(stat -c %a local.conf)"
	run conf diff main.conf
	is "with the file that includes it, nothing differs" "0||" "$rc|$out|$err"
	ok conf apply main.conf
	# By hand is only what came after; the rest of the file stays, remarks too.
	sed -i '1i# ask the NOC' local.conf
	chmod 640 local.conf
	ok prefix replace 100.64.7.9/32 monitor
	ok prefix add 100.64.7.10/32 exempt
	run conf save local.conf by-hand
	is "once more: what is new, and what is changed" \
		"0||op25bctl: local.conf: entries added: 1, changed: 1, taken out: 0" "$rc|$out|$err"
	is "once more: the rest stays" '# ask the NOC
prefix 100.64.7.9/32 monitor
relay 192.0.2.26
prefix 100.64.7.10/32 exempt' "$(cat local.conf)"
	is "and its mode" 640 "$(stat -c %a local.conf)"
	ok conf apply main.conf
	# Deleted by hand
	cp local.conf before
	ok prefix del 100.64.7.10/32
	refused 1 "op25bctl: local.conf: in it and not in force: prefix 100.64.7.10/32
$last" conf save local.conf by-hand
	is "it stays as it is" "$(cat before)" "$(cat local.conf)"
	run conf save local.conf force by-hand
	is "with force it goes" "0|op25bctl: local.conf: entries added: 0, changed: 0, taken out: 1|$(grep -v 7.10 before)" \
		"$rc|$err|$(cat local.conf)"
	# Not applied yet, or in another file, or no file at all
	echo 'prefix 100.64.7.11/32 exempt' >>local.conf
	refused 1 "op25bctl: local.conf: in it and not in force: prefix 100.64.7.11/32
$last" conf save local.conf by-hand
	mkdir -p parts
	echo 'prefix 100.64.7.12/32 exempt' >parts/a.conf
	printf 'include parts/a.conf\n' >local.conf
	refused 1 "op25bctl: local.conf: prefix 100.64.7.12/32 is in a file that it includes, and not so in force; nothing is written" \
		conf save local.conf by-hand force
	echo 'prefix 100.64.7.12/32 allow' >local.conf
	run conf save local.conf by-hand
	like "a bad line is told" '2\|\|local.conf:1: "allow": expected the action .*' "$rc|$out|$err"
	is "and nothing lies beside it" local.conf "$(echo local.conf*)"
	rm -rf parts local.conf
	refused 2 'op25bctl: "now": expected the end' conf save local.conf by-hand now
	ok conf apply - force < <(echo mode off)
}

# edits ANSWERS SCRIPT: conf edit of main.conf by an editor that is this sed script.
edits() {
	rc=0
	printf %b "$1" >answers
	VISUAL='' EDITOR="sed -i -e '$2'" op25bctl conf edit main.conf <answers >out 2>err || rc=$?
	load out out
	load err err
}

conf_edit() {
	local before start
	export OP25B_STATE_DIR=$scratch/state
	printf '# ours\nmode monitor\nprefix 100.64.0.0/10 block\nprefix 192.0.2.0/24 block\n' >real.conf
	ln -s real.conf main.conf -f
	chmod 640 real.conf
	ok conf apply main.conf force
	edits 'y\ny\n' 's/block/exempt/;$s/exempt/block/'
	like "conf edit: tried and kept" '0\|--- generation [0-9]+
\+\+\+ .*/real\.conf\.......
-prefix 100\.64\.0\.0/10 block
\+prefix 100\.64\.0\.0/10 exempt
generation [0-9]+ is in force for 5m; .*
generation [0-9]+ is confirmed' "$rc|$out"
	is "conf edit: the file has it, with its remarks, mode and link" \
		"$(printf '# ours\nmode monitor\nprefix 100.64.0.0/10 exempt\nprefix 192.0.2.0/24 block\n') 640 real.conf" \
		"$(cat real.conf) $(stat -c %a real.conf) $(readlink main.conf)"
	is "conf edit: and it is in force" '100.64.0.0/10 exempt
192.0.2.0/24 block' "$(op25bctl prefix show)"
	is "conf edit: nothing is on trial" no "$([ -e state/pending ] && echo yes || echo no)"
	cp real.conf before
	# Each way out leaves file and kernel as they are.
	while IFS='|' read -r what want answers script; do
		edits "$answers" "$script"
		is "conf edit: $what: status" "$want" "$rc"
		is "conf edit: $what: the file stays" "$(cat before)" "$(cat real.conf)"
		is "conf edit: $what: and what is in force" "$(grep ^prefix before)" \
			"$(op25bctl conf show | grep ^prefix)"
		is "conf edit: $what: and nothing lies beside it" real.conf "$(echo real.conf*)"
	done <<-'END'
		not kept|1|y\nn\n|s/exempt/block/
		the input ends|1|y\n|s/exempt/block/
		not tried|1|q\n|s/exempt/block/
		no answer at all|1||s/exempt/block/
		a bad line, given up|2|q\n|s/exempt/frob/
		edited twice, given up|1|what\ne\nq\n|s/exempt/block/
		apply refuses it|1|y\n|/prefix/d
		nothing is changed|0||
		the editor fails|2||frobnicate
	END
	edits 'q\n' 's/exempt/frob/'
	like "conf edit: a bad line is told" '.*real.conf.......:3: "frob": expected the action .*' "$err"
	# An editor that renames, as many do, and is given as a script.
	printf '#!/bin/sh\nsed s/exempt/monitor/ "$1" >"$1~"\nmv "$1~" "$1"\n' >editor
	chmod 755 editor
	rc=0
	printf 'y\ny\n' | EDITOR=$PWD/editor op25bctl conf edit main.conf >out 2>err || rc=$?
	is "conf edit: by an editor that renames" "0 640 100.64.0.0/10 monitor" \
		"$rc $(stat -c %a real.conf) $(op25bctl prefix show 100.64.0.0/10)"
	# Two at once: the second finds that the file is another one.
	printf '#!/bin/sh\necho "# theirs" >>real.conf\nsed -i /prefix/s/monitor/block/ "$1"\n' >editor
	rc=0
	printf 'y\ny\n' | EDITOR=$PWD/editor op25bctl conf edit main.conf >out 2>err || rc=$?
	is "conf edit: the file was changed meanwhile" "1 op25bctl: $PWD/real.conf was changed by somebody else meanwhile # theirs" \
		"$rc $(sed -n 's/.*: op25bctl/op25bctl/p;/^op25bctl/p' err | tail -n 1) $(tail -n 1 real.conf)"
	# The same while it is on trial: what they wrote stays, and the trial ends.
	ok conf apply main.conf force
	printf '#!/bin/sh\nsed -i /prefix/s/monitor/block/ "$1"\n' >editor
	before=$(op25bctl conf show) start=$(generation) rc=0
	{
		echo y
		while [ "$(generation)" = "$start" ]; do :; done
		echo '# theirs, later' >>real.conf
		echo y
	} | EDITOR=$PWD/editor op25bctl conf edit main.conf >out 2>err || rc=$?
	is "conf edit: the file was changed during the trial" \
		"1 $PWD/real.conf was changed by somebody else meanwhile" \
		"$rc $(sed -n 's/.*op25bctl: \(.*meanwhile\)/\1/p' err)"
	is "conf edit: it has what they wrote" "# theirs, later" "$(tail -n 1 real.conf)"
	is "conf edit: it is rolled back" "$before" "$(op25bctl conf show)"
	is "conf edit: and nothing lies beside it" real.conf "$(echo real.conf*)"
	refused 2 'stdin:1: conf edit: expected it on the command line, not in a batch' -b - < <(echo conf edit main.conf)
	refused 2 'op25bctl: "now": expected the end' conf edit main.conf now
	rm main.conf
	unset OP25B_STATE_DIR
	ok conf apply - force < <(echo mode off)
}

# From the old rules to op25b, as op25b(7) has it, under traffic.
walkthrough() {
	open_router
	# Which would be warned of, since the rules have no IPv6.
	ip netns exec router sh -c 'echo 0 >/proc/sys/net/ipv6/conf/all/forwarding'
	rc=0
	mkdir -p walk
	(cd walk && "$here/walk.py" "$tool" "$here/../../tools/man/op25b.7") >tap 2>&1 || rc=$?
	include tap walk "$rc"
	no_namespaces
}
