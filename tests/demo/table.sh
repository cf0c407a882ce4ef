# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=bash
# shellcheck disable=SC2154 # $work is inside's
# The demo's table: rows, a cell for each mode, and what each cell has to say.
# Sourced by inside; cells are files, since they are written by jobs running at
# the same time.

modes=(off monitor enforce)
wrong=0 cells=0

# row ID OFF MONITOR ENFORCE TITLE: the patterns the cells have to match.
declare -A want=() title=()
row() {
	want[$1.off]=$2 want[$1.monitor]=$3 want[$1.enforce]=$4
	title[$1]=$5
}

# cell ROW MODE TEXT: what came out.
cell() { printf '%s' "$3" >"$work/cell/$1.$2"; }

# heading TEXT: a line of the table's left column alone.
heading() { printf ' %s\n' "$1"; }

# show ROW: print a row, marking what is not as it should be.
show() {
	local mode text mark line
	printf -v line '   %-37s' "${title[$1]}"
	for mode in "${modes[@]}"; do
		text=$(cat "$work/cell/$1.$mode" 2>/dev/null) || text='no result'
		cells=$((cells + 1)) mark=''
		# shellcheck disable=SC2053 # a pattern by intent
		if [[ $text != ${want[$1.$mode]} ]]; then
			wrong=$((wrong + 1)) mark='(!)'
		fi
		printf -v line '%s%-13s' "$line" "$text$mark"
	done
	echo "${line%"${line##*[! ]}"}"
}
