# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=bash
# shellcheck disable=SC2034 # inside uses rc
# What keeps op25b.ko from being loaded. Sourced by inside.

without_module() {
	local release where
	release=$(uname -r)
	where=/lib/modules/$release/updates
	mount -t tmpfs modules /lib/modules
	# The namespace we are in is no router either.
	rc=0
	op25bctl doctor >out 2>err || rc=$?
	like "module: nowhere" \
		"1\|problem  module: op25b.ko is neither loaded nor installed in /lib/modules\|" \
		"$rc|$(grep '^problem  module' out)|$(cat err)"
	mkdir -p /lib/modules/1.2.3-other/extra "$where"
	cp "$OP25B_KO" /lib/modules/1.2.3-other/extra/
	op25bctl doctor >out || true
	is "module: for another kernel" \
		"problem  module: op25b.ko is not loaded: it is there for kernel 1.2.3-other, and this is $release" \
		"$(grep '  module:' out)"
	sed "s/vermagic=[0-9]/vermagic=9/" "$OP25B_KO" >"$where/op25b.ko"
	op25bctl doctor >out || true
	is "module: built for another kernel" \
		"problem  module: op25b.ko is not loaded: $where/op25b.ko was built for kernel 9${release#?}, and this is $release" \
		"$(grep '  module:' out)"
	cp "$OP25B_KO" "$where/op25b.ko"
	op25bctl doctor >out || true
	is "module: only not loaded" \
		"problem  module: op25b.ko is not loaded, but installed: $where/op25b.ko" \
		"$(grep '  module:' out)"
	advises 'depmod; modprobe op25b'
	echo 'quiet module_blacklist=floppy,op25b' >cmdline
	mount --bind cmdline /proc/cmdline
	op25bctl doctor >out || true
	is "module: forbidden" 2 "$(grep -c '^problem  module:' out)"
	umount /proc/cmdline
	forbidden_by /etc/modprobe.d "blacklist op25b" "take the line out of /etc/modprobe.d/no.conf"
	forbidden_by /etc/modprobe.d "install op25b /bin/false" "take the line out of /etc/modprobe.d/no.conf"
	echo 1 >disabled
	mount --bind disabled /proc/sys/kernel/modules_disabled
	op25bctl doctor >out || true
	is "module: no more modules" "problem  module: kernel.modules_disabled is 1: no module can be loaded" \
		"$(grep ' kernel.modules_disabled' out)"
	umount /proc/sys/kernel/modules_disabled
	is "module: nothing forbids it" "1" "$(op25bctl doctor | grep -c '^problem  module:')"
	# What is compressed cannot be read.
	rm "$where/op25b.ko"
	gzip -c "$OP25B_KO" >"$where/op25b.ko.gz"
	op25bctl doctor >out || true
	is "module: compressed" \
		"problem  module: op25b.ko is not loaded, but installed: $where/op25b.ko.gz; the kernel it was built for and its signature were not looked at (compressed)" \
		"$(grep '  module:' out)"
	umount /lib/modules
	is "module: what needs it is skipped" "skipped  mode: op25b.ko is not loaded
skipped  prefixes: op25b.ko is not loaded
skipped  traffic: op25b.ko is not loaded
skipped  answers: op25b.ko is not loaded
skipped  pools: op25b.ko is not loaded" "$(grep -E ' (mode|prefixes|traffic|answers|pools):' out || true)"
	insmod "$OP25B_KO"
}

# forbidden_by FOLDER LINE TODO: a line of modprobe.d's.
forbidden_by() {
	mount -t tmpfs forbidden "$1"
	echo "$2" >"$1/no.conf"
	op25bctl doctor >out || true
	is "module: $2" "problem  module: $1/no.conf keeps op25b from being loaded: ${2% /*}" \
		"$(grep 'problem .*module: /' out)"
	advises "$3"
	umount "$1"
}
