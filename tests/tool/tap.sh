# shellcheck shell=bash
# SPDX-License-Identifier: GPL-2.0
# TAP for the scripts beside this file: sourced.
tap_n=0 tap_bad=0

note() { printf '%s\n' "$*" | sed 's/^/# /'; }

pass() {
	tap_n=$((tap_n + 1))
	# A # would begin a directive.
	printf 'ok %d - %s\n' "$tap_n" "${1//#/}"
}

# fail WHAT WHY...
fail() {
	tap_n=$((tap_n + 1)) tap_bad=1
	printf 'not ok %d - %s\n' "$tap_n" "${1//#/}"
	shift
	[ $# -eq 0 ] || printf '%s\n' "$@" | sed 's/^/# /'
}

# is WHAT WANTED GOT
is() {
	if [ "$2" = "$3" ]; then
		pass "$1"
	else
		fail "$1" "wanted: $2" "got:    $3"
	fi
}

# like WHAT PATTERN GOT: an extended regular expression for all of GOT.
like() {
	if [[ $3 =~ ^($2)$ ]]; then
		pass "$1"
	else
		fail "$1" "wanted: $2" "got:    $3"
	fi
}

# at_most WHAT LIMIT GOT
at_most() {
	if awk -v got="$3" -v limit="$2" 'BEGIN {exit !(got <= limit)}'; then
		pass "$1: $3, at most $2"
	else
		fail "$1: $3, at most $2"
	fi
}

# include FILE WHAT STATUS: the results in another program's TAP as our own;
# WHAT fails if it ended badly.
include() {
	local line
	while IFS= read -r line; do
		case $line in
		"ok "*) pass "$2: ${line#ok * - }" ;;
		"not ok "*) fail "$2: ${line#not ok * - }" ;;
		1..*) ;;
		*) note "${line#\# }" ;;
		esac
	done <"$1"
	[ "$3" -eq 0 ] || fail "$2: ended with status $3"
}

plan() {
	echo "1..$tap_n"
	exit "$tap_bad"
}
