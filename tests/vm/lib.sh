# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=bash
# shellcheck disable=SC2034 # used by those who source this
# What the rigs share. Sourced, with set -euo pipefail already in force.

repo=$(cd "$(dirname "${BASH_SOURCE[0]}")/../.." && pwd -P)
vm=$repo/tests/vm
cache=${OP25B_CACHE:-${XDG_CACHE_HOME:-${HOME:-/root}/.cache}/op25b}

say() { printf '%s: %s\n' "${0##*/}" "$*" >&2; }
die() { say "$*"; exit 1; }

# Elapsed time since the script started, for progress lines.
clock() { printf '%d:%02d' $((SECONDS / 60)) $((SECONDS % 60)); }

# The name of this machine's Debian, and where its packages come from, whatever
# the form of apt's configuration.
debian_suite() { sed -n 's/^VERSION_CODENAME=//p' /etc/os-release 2>/dev/null; }

# The package with the kernel source that this Debian's own kernels come from.
# Call it where a failure ends the script: not within declare or an argument.
linux_source() {
	local name arch
	arch=$(dpkg --print-architecture 2>/dev/null) || arch=$(uname -m)
	case $arch:$(debian_suite) in
	amd64:bookworm) echo linux-source-6.1 ;;
	amd64:trixie) echo linux-source-6.12 ;;
	*) name=$(sed -n 's/^PRETTY_NAME="\?\([^"]*\)"\?$/\1/p' /etc/os-release 2>/dev/null)
		die "the tests and the demo run on Debian 12 (bookworm) and 13" \
			"(trixie) for amd64, not on ${name:-an unknown system} for $arch" ;;
	esac
}

debian_mirror() {
	# shellcheck disable=SC2016 # apt's variables, and awk's
	env -u APT_CONFIG apt-get indextargets \
		--format '$(COMPONENT) $(RELEASE) $(REPO_URI)' 'Created-By: Packages' |
		awk -v suite="$(debian_suite)" \
			'$1 == "main" && $2 == suite && !n++ {print $3}' | grep . ||
		die "apt's configuration names no mirror of $(debian_suite)"
}

# whole FILE: standard input, put there so that no other run reads a part of it.
whole() {
	local part=$1.$BASHPID
	cat >"$part"
	mv "$part" "$1"
}

# apt_for SUITE ARCH...: make an apt of its own, that of another suite or other
# architectures at the mirror of this machine's; the machine's own learns nothing.
# Then apt_own ARGUMENT... is its apt-get.
apt_for() {
	local IFS=-
	apt_state=$cache/apt-$*
	mkdir -p "$apt_state/lists/partial" "$apt_state/cache/archives/partial"
	echo "deb $(debian_mirror) $1 main" | whole "$apt_state/sources.list"
	# No package is there yet.
	whole "$apt_state/status" </dev/null
	whole "$apt_state/apt.conf" <<-CONF
	Dir::State "$apt_state";
	Dir::State::status "$apt_state/status";
	Dir::Cache "$apt_state/cache";
	Dir::Etc::sourcelist "$apt_state/sources.list";
	Dir::Etc::sourceparts "/dev/null";
	APT::Architecture "$2";
	APT::Architectures {$(printf ' "%s";' "${@:2}") };
	CONF
	export APT_CONFIG=$apt_state/apt.conf
}
apt_own() {
	apt-get -q -o DPkg::Lock::Timeout=300 -o Acquire::Retries=3 \
		-o APT::Sandbox::User=root "$@"
}

# key FILE... [- WORD...]: a short name for what the files and words say. A line
# marked as no part of it changes nothing in what was made before there was one.
key() {
	local files=() words=
	while [ $# -gt 0 ] && [ "$1" != - ]; do
		files+=("$1")
		shift
	done
	words=$*
	{ sed '/# no part of the key$/d' -- "${files[@]}" /dev/null; printf '%s\n' "$words"; } |
		sha256sum | cut -c1-16
}

# emulator CPU: what the static programs of another CPU need to run here, by its
# name in Debian's cross compilers: nothing where the kernel runs them itself.
emulator() {
	local probe
	probe=$(mktemp)
	echo 'int main(void) { return 0; }' |
		"$1-linux-gnu-gcc" -static -x c -o "$probe" -
	"$probe" 2>/dev/null || echo "qemu-${1/i686/i386}-static"
	rm -f "$probe"
}

# lock NAME: held until this script ends. Two runs that miss the same cache
# entry would otherwise both spend the minutes.
lock() {
	mkdir -p "$cache"
	exec {lock_fd}>"$cache/$1.lock"
	flock -n "$lock_fd" && return
	say "waiting for another run that makes $1"
	flock "$lock_fd"
}

# quietly LABEL LOG CMD...: run CMD into LOG, say once in a while that it is
# alive, show the end of the log if it fails.
quietly() {
	local label=$1 log=$2 pid rc=0 next=$((SECONDS + 30))
	shift 2
	"$@" >"$log" 2>&1 </dev/null &
	pid=$!
	while kill -0 "$pid" 2>/dev/null; do
		if [ "$SECONDS" -ge "$next" ]; then
			say "$label, $(clock): $(tail -n 1 "$log" | cut -c1-60)"
			next=$((SECONDS + 30))
		fi
		sleep 0.2
	done
	wait "$pid" || rc=$?
	[ "$rc" -eq 0 ] && return
	tail -n 30 "$log" >&2
	die "$label failed, see $log"
}
