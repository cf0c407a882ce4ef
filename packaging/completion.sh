# shellcheck shell=bash
# SPDX-License-Identifier: GPL-2.0
# Completion of op25bctl's words: the tool itself is asked. Words are parted at
# white space and not as the shell does it, which would cut up IPv6 addresses.
_op25bctl() {
	local line=${COMP_LINE:0:COMP_POINT} candidate words
	read -ra words <<<"$line"
	[[ $line != *[[:space:]] ]] || words+=("")
	COMPREPLY=()
	while IFS= read -r candidate; do
		if [ "$candidate" = FILE ]; then
			compopt -o filenames 2>/dev/null || :
			mapfile -t -O "${#COMPREPLY[@]}" COMPREPLY < <(compgen -f -- "${words[-1]}")
		else
			COMPREPLY+=("$candidate")
		fi
	done < <("$1" help --complete "${words[@]:1}" 2>/dev/null)
}
complete -F _op25bctl op25bctl
