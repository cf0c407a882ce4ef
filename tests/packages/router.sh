# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=bash
# shellcheck disable=SC2034,SC2154 # rig.sh's, and whose sources this
# A router with Debian $suite, to be given packages and power. Sourced, after lib.sh,
# rig.sh and tap.sh, by scripts in a mount namespace of their own.
#
# Its disk is an image with the files of tests/packages/root: what an operator does
# before the next boot is done by chroot, where nothing is emulated, then QEMU boots
# it with systemd as process 1. What is asked of it from within is inside, what
# passes it from without wire.py.

here=$repo/tests/packages
"$vm/deps" qemu deb -- busybox-static e2fsprogs
base=$("$here/root" "$suite")
scratch=$(mktemp -d "$cache/packages.XXXXXX")
trap 'umount "$router" 2>/dev/null || true; rm -rf "$scratch"' EXIT
router=$scratch/router disk=$scratch/disk
mkdir "$router" "$scratch"/{next,broken}
truncate -s 4G "$disk"
mkfs.ext4 -q -O ^has_journal -d "$base" "$disk"
mount -o loop "$disk" "$router"
install -m 755 "$here/make" "$router/usr/local/bin/make"
# The control folder is a device of this driver's, which offers itself before it has
# looked for devices: a mount while udev loads it would find none.
mkdir "$router/etc/systemd/system/asked.service.d"
cat >"$router/etc/systemd/system/asked.service.d/driver.conf" <<-'UNIT'
[Unit]
Wants=modprobe@9pnet_virtio.service
After=modprobe@9pnet_virtio.service
UNIT

# --- what an operator does between two boots ------------------------------------

# in_router CMD...: as root logged in there, in a PID namespace of its own: what it
# leaves running ends with it, and has the disk no longer when the machine boots.
in_router() {
	# shellcheck disable=SC2016 # the inner shell's
	unshare --mount --pid --fork --propagation private bash -euc '
		mount -t proc proc "$1/proc"
		mount --bind /dev "$1/dev"
		rc=0
		chroot "$1" env -i HOME=/root LC_ALL=C.UTF-8 INITRD=No \
			DEBIAN_FRONTEND=noninteractive PATH=/usr/sbin:/usr/bin:/sbin:/bin \
			"${@:2}" || rc=$?
		exit $rc' \
		in_router "$router" "$@"
}

# apt WANTED WHAT ARGUMENT...: apt-get install with these arguments, from what is
# there, ends with status WANTED.
apt() {
	local rc=0
	say "$(clock) $suite: $2"
	in_router apt-get -q -y --no-install-recommends install "${@:3}" \
		>"$scratch/log" 2>&1 </dev/null || rc=$?
	is "$suite: $2" "$1" "$rc"
	[ "$rc" = "$1" ] || note "$(tail -n 40 "$scratch/log")"
}

# put FOLDER: its packages are the router's /root/NAME.deb.
put() {
	local deb
	for deb in "$1"/op25b{-dkms,ctl}_*.deb; do
		cp "$deb" "$router/root/$(dpkg-deb -f "$deb" Package).deb"
	done
}

built_for() { # RELEASE...
	is "$suite: DKMS has built it for $*" "$(printf '%s installed\n' "$@" | sort)" \
		"$(in_router dkms status op25b 2>/dev/null | sed 's/^[^,]*, //; s/, [^:]*: / /' | sort)"
}

# --- the machine ------------------------------------------------------------------

# The newest kernel, as a boot loader has it.
newest() {
	local kernels=("$router"/boot/vmlinuz-*)
	printf '%s\n' "${kernels[@]##*/vmlinuz-}" | sort -V | tail -n 1
}

# compile: answers the router's make, once.
compile() {
	local words folder
	until [ -e "$ctl/make/asked" ]; do
		[ -d "$ctl" ] || return
		sleep 0.2
	done
	mapfile -t words <"$ctl/make/asked"
	folder=${words[0]}
	# The guest has its disk now: here are the same compiler and headers.
	# shellcheck disable=SC2016 # the inner shell's
	unshare --mount --propagation private bash -euc '
		mount -t proc proc "$1/proc"
		mount --bind /dev "$1/dev"
		mount -t tmpfs tmpfs "$1/tmp"
		mount -t tmpfs tmpfs "$1/var/lib/dkms"
		mkdir -p "$1$2"
		tar -C "$1$2" -xf "$3/sources.tar"
		rc=0
		chroot "$1" env -i PATH=/usr/bin:/bin /usr/bin/make "${@:4}" >"$3/log" 2>&1 || rc=$?
		tar -C "$1$2" -cf "$3/built.tar" .
		echo $rc >"$3/status.new"
		mv "$3/status.new" "$3/status"' \
		compile "$base" "$folder" "$ctl/make" "${words[@]:1}"
}

# What outlives a power off.
kept=("$disk")

# power CASE: the router boots its newest kernel, is asked CASE, and powers off. Its
# TAP lies in $scratch/tap then, what passed it in $scratch/wire, and what is kept as it
# was before with names in .before. Where there is a function firmware, it may have the
# kernel started in another way: machine, boot.
power() (
	local release append machine boot file
	limit=1800
	release=$(newest)
	say "$(clock) $suite: $1 ($release)"
	rig_control
	cp -r "$here/inside" "$repo/tests/tool/tap.sh" "$scratch/next" "$ctl"
	cp "$repo/README.md" "$ctl"
	cp "$repo/VERSION" "$ctl/version"
	echo "$release" >"$ctl/release"
	echo "${old:-}" >"$ctl/old"
	mkdir "$ctl/make" "$ctl/wire"
	cat >"$ctl/main" <<-MAIN
	cd /run/ctl
	bash ./inside $1 >>stdout 2>>stderr
	echo \$? >status
	cat /proc/sys/kernel/tainted >tainted
	sync
	systemctl poweroff --force
	MAIN
	"$vm/initramfs" "$router" "$release" /bin/busybox pci disk "$ctl/initrd"
	"$here/wire.py" "$ctl/wire" &
	helpers=$!
	compile &
	helpers+=" $!"
	until [ -e "$ctl/wire/wire" ]; do sleep 0.1; done
	cp "$router/boot/vmlinuz-$release" "$ctl/vmlinuz"
	umount "$router"
	for file in "${kept[@]}"; do
		cp --sparse=always "$file" "$file.before"
	done
	rig_accel "$ctl/vmlinuz"
	append="console=ttyS0 loglevel=6 oops=panic panic=-1 systemd.show_status=no"
	append+=" rcupdate.rcu_cpu_stall_timeout=150 watchdog_thresh=60 mitigations=off"
	# What an emulated CPU takes a minute to load, and a router never looks at.
	append+=" modprobe.blacklist=cfg80211,dm_mod,drm,efi_pstore,fuse,loop,psmouse,pcspkr"
	machine=q35,sata=off,smbus=off
	boot=(-kernel "$ctl/vmlinuz" -initrd "$ctl/initrd" -append "$append")
	! declare -F firmware >/dev/null || firmware
	rig_start qemu-system-x86_64 -M "$machine" -cpu Nehalem "${accel[@]}" -smp 2 -m 1024 \
		-nodefaults -no-user-config -display none -no-reboot "${boot[@]}" \
		-drive "file=$disk,if=virtio,format=raw,cache=unsafe" \
		-fsdev "local,id=ctl,path=$ctl,security_model=none,multidevs=remap" \
		-device virtio-9p-pci,fsdev=ctl,mount_tag=ctl \
		-netdev "$(wire_of inner)" -device virtio-net-pci,netdev=inner,mac=52:54:00:00:00:01,romfile= \
		-netdev "$(wire_of outer)" -device virtio-net-pci,netdev=outer,mac=52:54:00:00:00:02,romfile= \
		-serial stdio >"$scratch/tap"
	# shellcheck disable=SC2086 # a list of pids
	kill $helpers 2>/dev/null || true
	mount -o loop "$disk" "$router"
	cp "$ctl/wire/wire" "$scratch/wire"
	[ ! -e "$ctl/wire/judged" ] || cp "$ctl/wire/judged" "$scratch/wire"
	rig_verdict
)
wire_of() {
	echo "dgram,id=$1,local.type=unix,local.path=$ctl/wire/$1.guest,remote.type=unix,remote.path=$ctl/wire/$1"
}

# life CASE: power, and what is to be seen of it from without. Where that was the
# emulator's own fault (rig.sh), once more from the same disk, with CPUs that take turns.
life() {
	local rc=0 file
	: >"$scratch/tap"
	rm -f "$scratch/wire.failed"
	power "$1" || rc=$?
	if [ "$rc" = 123 ] && [ -z "${OP25B_TURNS:-}" ]; then
		say "$(clock) $suite: $1: the emulator failed, once more by turns"
		mv "$scratch/wire" "$scratch/wire.failed"
		umount "$router"
		for file in "${kept[@]}"; do
			mv "$file.before" "$file"
		done
		mount -o loop "$disk" "$router"
		rc=0
		OP25B_TURNS=y power "$1" || rc=$?
	fi
	include "$scratch/tap" "$suite: $1" "$rc"
	grep -q '^1\.\.' "$scratch/tap" && return
	# The boots to come begin where this one has ended.
	fail "$suite: $1: came to its end"
	plan
}

# Of some hundred SYNs that came in since the power was there; nor while the emulator
# failed, if it did.
nothing_passed() {
	local in out
	in=$(sed -n 's/^in_25 //p' "$scratch/wire")
	out=$(awk '$1 == "out_25" {n += $2} END {print n}' "$scratch"/wire*)
	note "$(paste -sd' ' "$scratch/wire")"
	is "$suite: $1: no SYN to port 25 passed, from power on" "yes 0" \
		"$([ "$in" -ge 100 ] && echo yes) $out"
}
