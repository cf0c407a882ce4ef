# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=bash
# shellcheck disable=SC2034 # some is for those who source this
# What scripts share that play on the demo's network in a guest: paths, a folder
# to work in, waiting. Sourced with set -euo pipefail in force; network, mail
# and all the rest come along.
#
# In: OP25B_KO (the module), OP25B_MTA (folder with postfix and sasl2-bin
# unpacked), OP25B_SINCE (when run started, seconds since 1970).
export LC_ALL=C
repo=$(cd "$(dirname "${BASH_SOURCE[0]}")/../.." && pwd -P)
demo=$repo/tests/demo
mta=${OP25B_MTA:?run by run beside it}
PATH=$PATH:/usr/sbin:/sbin:$repo/tools
# It rewrites /etc/passwd and the like.
if [ "$(hostname) $(stat -f -c %T /)" != 'op25b-lab overlayfs' ]; then
	echo "${0##*/}: not in a guest of tests/vm/qemu-run" >&2
	exit 1
fi
work=$(mktemp -d /tmp/op25b-demo.XXXXXX)
chmod 755 "$work"
mkdir "$work/log"
password=correct-horse
daemons=()

. "$demo/net.sh"
. "$demo/mail.sh"

# The clock of run goes on in here.
elapsed() {
	local s=$((EPOCHSECONDS - ${OP25B_SINCE:-EPOCHSECONDS}))
	printf '%d:%02d' $((s / 60)) $((s % 60))
}
say() { printf 'run: %s %s\n' "$(elapsed)" "$*" >&2; }
die() { say "$*"; exit 1; }

cleanup() {
	[ "${#daemons[@]}" -eq 0 ] || kill "${daemons[@]}" 2>/dev/null || true
	rm -rf "$work"
}

# wait_for SECONDS CMD...: until CMD succeeds, or give up. Nobody writes to the
# pipe: it is a sleep that costs no process.
mkfifo "$work/never"
exec {never}<>"$work/never"
wait_for() {
	local until=$((SECONDS + $1))
	shift
	until "$@"; do
		[ "$SECONDS" -lt "$until" ] || return 1
		read -r -t 0.2 -u "$never" || true
	done
}

# counter KEY...: the sum of these counters of the router.
counter() {
	on router cat /proc/net/op25b | awk -v keys=" $* " '
		index(keys, " " $1 " ") { sum += $2 } END { print sum + 0 }'
}
