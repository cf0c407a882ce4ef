# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=bash
# shellcheck disable=SC2154 # whose sources this
# A Debian that is not running, for whatever may happen to it: a root of the cache
# under a tmpfs, which is gone with the script. Sourced, after lib.sh and tap.sh, by
# scripts in a mount namespace of their own.

# over ROOT: it lies in $debian from now on.
over() {
	mount -t tmpfs -o size=90% tmpfs "$scratch"
	mkdir "$scratch"/{upper,work,debian}
	debian=$scratch/debian
	mount -t overlay -o "lowerdir=$1,upperdir=$scratch/upper,workdir=$scratch/work" \
		overlay "$debian"
	mount --bind /dev "$debian/dev"
}

# within CMD...: as root logged in there, in a PID namespace of its own: what it leaves
# running, as Debian 13's dkms does its sleep between two dots, ends with it, and keeps
# no file open there. (The shell is process 1: it is outside, so this is still a chroot.)
within() {
	# shellcheck disable=SC2016 # the inner shell's
	unshare --mount --pid --fork --propagation private bash -euc '
		mount -t proc proc "$1/proc"
		rc=0
		chroot "$@" || rc=$?
		exit $rc' within "$debian" env -i HOME=/root LC_ALL=C.UTF-8 INITRD=No TERM=dumb \
		DEBIAN_FRONTEND=noninteractive ${http_proxy:+"http_proxy=$http_proxy"} \
		PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin "$@"
}

# does WHAT CMD...: it succeeds, in there.
does() {
	local rc=0
	say "$(clock) $suite: $1"
	within "${@:2}" >"$scratch/log" 2>&1 </dev/null || rc=$?
	is "$suite: $1" 0 "$rc"
	[ "$rc" = 0 ] || note "$(tail -n 40 "$scratch/log")"
}
