# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=bash
# shellcheck disable=SC2154 # lib.sh and tree.sh set some
# What the fragments of a configuration ask for and a newer kernel has no option
# for any more, because it always does it. Sourced after tree_find, by those who
# go on to build.
case ${tree##*/} in
linux-source-6.1) always= ;;
*) always='MEMCG_KMEM|NFT_OBJREF' ;;
esac
if [ -n "$always" ]; then
	for i in "${!fragments[@]}"; do
		fitted=$dir.${fragments[i]##*/}
		grep -vE "^CONFIG_($always)=" "${fragments[i]}" >"$fitted"
		fragments[i]=$fitted
	done
fi
