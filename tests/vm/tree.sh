# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=bash
# shellcheck disable=SC2154 # lib.sh sets some
# How a kernel of our own comes from the linux-source of this machine's Debian,
# once per configuration. Sourced after lib.sh, by those who say which configuration.

# tree_find NAME FRAGMENT...: set dir and tree, where the kernel with these
# fragments of a configuration lies. If it is there, print tree and exit; if
# not, come back with the lock held.
tree_find() {
	local name=$1 source version
	shift
	fragments=("$@")
	source=$(linux_source)
	tarball=/usr/src/$source.tar.xz
	[ -r "$tarball" ] || die "$tarball is not there"
	version=$(dpkg-query -W -f '${Version}' "$source")
	dir=$cache/$name-$(key "$@" "$vm/tree.sh" "$0" - "$version" \
		"$(gcc -dumpfullversion)")
	tree=$dir/$source
	tree_print_done
	lock "${dir##*/}"
	tree_print_done
}

tree_print_done() {
	[ -e "$dir/done" ] || return 0
	echo "$tree"
	exit
}

# A line of a fragment that the kernel did not take is an error here: later it
# would be a test that silently tests less.
tree_check_config() {
	awk '
	FNR == 1 { file++ }
	file == 1 && /^CONFIG_/ { split($0, a, "="); have[a[1]] = substr($0, length(a[1]) + 2) }
	file > 1 && /^CONFIG_/ {
		split($0, a, "="); want = substr($0, length(a[1]) + 2)
		if (have[a[1]] != want) { print "wanted " $0 ", got \"" have[a[1]] "\""; bad = 1 }
	}
	file > 1 && /^# CONFIG_.* is not set$/ && ($2 in have) { print "wanted no " $2; bad = 1 }
	END { exit bad }' "$tree/.config" "${fragments[@]}" >&2 ||
		die "the kernel's configuration is not what was asked for"
}

tree_configure() {
	local base=$1
	"${make[@]}" -s "$base"
	(cd "$tree" && scripts/kconfig/merge_config.sh -m -O . .config \
		"${fragments[@]}")
	"${make[@]}" -s olddefconfig
}

tree_install_modules() {
	"${make[@]}" -s INSTALL_MOD_PATH="$dir/modroot" modules_install
	rm -f "$dir"/modroot/lib/modules/*/{build,source}
}

# tree_build ARCH BASE TARGET...: unpack, configure as BASE and the fragments
# say, build; what `make modules_install` makes of it goes to modroot/.
tree_build() {
	local base=$2
	make=(make -C "$tree" ARCH="$1")
	shift 2
	say "building a kernel into $dir (about 12 minutes on two cores)"
	rm -rf "$dir"
	mkdir -p "$dir"
	tar -xJf "$tarball" -C "$dir"
	export KBUILD_BUILD_USER=op25b KBUILD_BUILD_HOST=lab
	quietly configure "$dir/config.log" tree_configure "$base"
	tree_check_config
	# Not -s: the last line of the log is the progress to show.
	quietly "kernel build" "$dir/build.log" "${make[@]}" -j2 "$@"
	quietly modules_install "$dir/install.log" tree_install_modules
}

# tree_finish ARCH...: out of what is left an external module needs headers,
# scripts, objtool, Module.symvers and arch/ARCH; the objects and most of the
# sources are 2 GB for nothing.
tree_finish() {
	local keep=() arch
	find "$tree" \( -name '*.o' -o -name '*.a' -o -name '.*.cmd' \) \
		-not -path '*/scripts/*' -delete
	rm -f "$tree"/vmlinux "$tree"/.tmp_vmlinux* "$tree"/vmlinux.o
	rm -rf "$tree"/{Documentation,drivers,fs,sound,samples,crypto,security,virt,block,ipc,init,mm}
	for arch; do
		keep+=(-not -name "$arch")
	done
	find "$tree/arch" -mindepth 1 -maxdepth 1 -type d "${keep[@]}" -exec rm -rf {} +
	touch "$dir/done"
	say "kernel built in $(clock)"
	echo "$tree"
}
