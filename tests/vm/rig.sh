# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=bash
# shellcheck disable=SC2154,SC2034 # lib.sh sets some, the scripts use others
# What uml-run and qemu-run share: the options, the control folder through
# which host and guest talk, the live output, the bound, and the verdict on the
# guest kernel. Sourced after lib.sh.
#
# The control folder (writable from the guest):
#	cmd		bash: environment, folder and command of the guest
#	op25b.ko	the module, a copy: a rebuild must not change a run
#	stdout stderr	the command's, appended by the guest, followed here
#	status		the command's exit status, written when it is over
#	tainted		/proc/sys/kernel/tainted after that
#	console		everything the kernel said

limit=600 memory=512 interactive='' with_module=y kernel_name='' steady=''

usage() {
	cat >&2 <<-TEXT
	usage: ${0##*/} [-t SECONDS] [-m MB] [-n] [-i] [-s] [-k KERNEL] -- CMD ARGS...
	  -t  bound on the whole run (default $limit)
	  -m  the guest's memory (default $memory)
	  -n  no module: neither build one nor set OP25B_KO
	  -i  interactive: console on this terminal, a shell after CMD (qemu-run)
	  -s  steady: one CPU whose time is what it executes, 2 ns an instruction,
	      and a kernel that is never preempted (qemu-run)
	  -k  another kernel: kasan, kcsan (debug-tree), or of another suite:
	      bookworm-backports, trixie-backports; SUITE:rt is one with PREEMPT_RT,
	      SUITE:i386, SUITE:arm64 and SUITE:s390x one of 32 bits or for another
	      CPU, with a root of that suite instead of this machine's (qemu-run)
	environment: OP25B_KO (module to use instead of building one),
	  OP25B_OUT (folder of the host that the guest may write to),
	  OP25B_TURNS=y (emulated CPUs take turns: slower, and no 123)
	exit: CMD's own; 123 the emulator's own fault, try again; 124 out of time;
	  125 the guest kernel complained or died
	TEXT
	exit 2
}

rig_options() {
	while getopts t:m:nisk: opt; do
		case $opt in
		t) limit=$OPTARG ;;
		m) memory=$OPTARG ;;
		n) with_module= ;;
		i) interactive=y ;;
		s) steady=y ;;
		k) kernel_name=$OPTARG ;;
		*) usage ;;
		esac
	done
	shift $((OPTIND - 1))
	[ $# -gt 0 ] || usage
	command=("$@")
}

# The folder is in memory where possible: the guest syncs every write to it.
rig_control() {
	local base=${TMPDIR:-/tmp}
	[ -d /dev/shm ] && [ -w /dev/shm ] && base=/dev/shm
	ctl=$(mktemp -d "$base/op25b-run.XXXXXX")
	trap rig_cleanup EXIT
	trap 'exit 130' INT
	trap 'exit 143' TERM HUP
	: >"$ctl/stdout"
	: >"$ctl/stderr"
	if [ -n "${OP25B_OUT:-}" ]; then
		mkdir -p "$OP25B_OUT"
		out=$(cd "$OP25B_OUT" && pwd -P)
	else
		out=$ctl/out
		mkdir "$out"
	fi
}

# rig_command TREE: what the guest runs. The environment is chosen, not copied:
# the guest is the same whoever calls.
rig_command() {
	local name ko=${OP25B_KO:-} vars=()
	[ "$kernel_name" != kcsan ] || vars=(OP25B_KCSAN=y)
	if [ -n "$with_module" ]; then
		[ -n "$ko" ] || ko=$("$vm/build-module" "$1" "${vars[@]}")
		cp "$ko" "$ctl/op25b.ko"
	fi
	{
		for name in CI ${!OP25B_*}; do
			[ -n "${!name:-}" ] && printf 'export %s=%q\n' "$name" "${!name}"
		done
		printf 'export HOME=/root LANG=C.UTF-8 TERM=%q PATH=%s\n' "${TERM:-dumb}" \
			/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin
		printf 'export OP25B_OUT=%q\n' "$out"
		printf 'export OP25B_CACHE=%q\n' "$cache"
		printf 'unset OP25B_KO OP25B_EMULATED\n'
		[ -z "${foreign:-}${emulated:-}" ] || printf 'export OP25B_EMULATED=y\n'
		[ -z "$with_module" ] || printf 'export OP25B_KO=%q\n' "$ctl/op25b.ko"
		printf 'cd %q || exit 3\n' "$repo"
		printf 'rig_command=('
		printf ' %q' "${command[@]}"
		printf ' )\n'
	} >"$ctl/cmd"
}

# rig_init PREFIX: the guest's process 1, a static program, made by PREFIXgcc:
# print its path in the cache.
rig_init() {
	local init
	init=$cache/guest-init-$1$(key "$vm/guest-init.c")
	if [ ! -x "$init" ]; then
		"${1}gcc" -O2 -Wall -static -o "$init.$$" "$vm/guest-init.c"
		mv "$init.$$" "$init"
	fi
	echo "$init"
}

# That /dev/kvm opens says little: inside other virtual machines QEMU may abort
# over a register, or the guest never run an instruction. So KVM is used once
# the kernel VMLINUZ has got under it as far as missing its root. The answer holds
# until the host boots again.
rig_kvm_runs() { # VMLINUZ
	local answer
	[ -r /dev/kvm ] && [ -w /dev/kvm ] || return
	answer=$cache/kvm-$(key "$vm/rig.sh" /proc/sys/kernel/random/boot_id)
	if [ ! -e "$answer" ]; then
		# The braces hide bash's own words about a QEMU that aborts.
		{ timeout -k 1 20 qemu-system-x86_64 -M q35 -cpu max -accel kvm -smp 2 \
			-m 512 -nodefaults -no-user-config -display none -no-reboot \
			-kernel "$1" -append "console=ttyS0 panic=-1" \
			-serial stdio </dev/null >"$answer.$$" || true; } 2>/dev/null
		mv "$answer.$$" "$answer"
	fi
	grep -qa "Unable to mount root" "$answer"
}

# rig_accel VMLINUZ: set accel, QEMU's options for how its CPUs are executed, and
# emulated where that is not by KVM.
rig_accel() {
	local threads=multi
	[ -z "${OP25B_TURNS:-}" ] || threads=single
	accel=(-accel "tcg,thread=$threads")
	emulated=y
	! rig_kvm_runs "$1" || accel=(-accel kvm) emulated=
}

# rig_start CMD...: run the guest in a session of its own, follow its output,
# wait for its end or for the bound.
rig_start() {
	ulimit -c 0
	setsid "$@" </dev/null > >(exec cat >"$ctl/console") 2>&1 &
	guest=$!
	tail -f -s 0.1 -n +1 --pid="$guest" "$ctl/stdout" &
	followers=$!
	tail -f -s 0.1 -n +1 --pid="$guest" "$ctl/stderr" >&2 &
	followers+=" $!"
	sleep "$limit" &
	clock=$!
	# The redirection hides bash's own words about a killed job.
	{ wait -n "$guest" "$clock" || true; } 2>/dev/null
	timed_out=
	kill -0 "$clock" 2>/dev/null || timed_out=y
	rig_kill
	# shellcheck disable=SC2086 # a list of pids
	wait $followers 2>/dev/null || true
}

# rig_attach CMD...: the same with this terminal as the guest's.
rig_attach() {
	local saved
	saved=$(stty -g 2>/dev/null || true)
	timed_out=
	"$@" || say "QEMU ended with status $?"
	[ -z "$saved" ] || stty "$saved"
}

# Everything the guest left in its session: user-mode Linux keeps one host
# process per guest process.
rig_kill() {
	[ -n "${guest:-}" ] || return 0
	{
		kill "$clock"
		kill -KILL -- "-$guest"
		pkill -KILL -s "$guest"
		wait "$guest" "$clock"
	} 2>/dev/null || true
}

rig_cleanup() {
	local status=$?
	rig_kill
	if [ -n "${OP25B_KEEP:-}" ]; then
		say "control folder kept: $ctl"
	else
		rm -rf "$ctl"
	fi
	exit "$status"
}

# What a healthy kernel never says. "Modules linked in" and "Call Trace" come
# with these, but fault injection prints stack traces of its own accord.
complaint='Kernel panic|Kernel mode fault|BUG:|WARNING:|Oops|KASAN:|KCSAN:|UBSAN:|\[op25b\].*deprecated'
complaint+='|general protection fault|refcount_t:|list_(add|del) corruption'
complaint+='|rcu[^ ]*: INFO:|self-detected stall|rcu_.*detected stall|soft lockup'
complaint+='|blocked for more than|possible recursive locking|suspicious RCU'
complaint+='|possible circular locking|inconsistent lock state|sleeping function'
complaint+='|unregister_netdevice: waiting|INFO: lockdep|DEBUG_LOCKS_WARN'
complaint+='|Objects remaining in|still has [0-9]+ (objects|uses)|kmemleak: [1-9]'

# Of the taint bits an out-of-tree unsigned module brings O (12) and E (13),
# KUnit N (18). Any other is somebody's fault.
rig_taint() {
	local bits
	[ -s "$ctl/tainted" ] || return 0
	bits=$(<"$ctl/tainted")
	bits=$((bits & ~(1 << 12 | 1 << 13 | 1 << 18)))
	[ "$bits" -eq 0 ] || say "the guest kernel is tainted: $bits"
	[ "$bits" -eq 0 ]
}

# What goes wrong with an emulated CPU where another has just patched the code that
# it runs, as static keys are with every first and last hook: it runs into the
# breakpoint of the patch that is over, which the kernel takes for nobody's, or
# stays for ever at the five bytes of a jump that is to be a no-op or the other
# way round. Real CPUs do neither, nor do emulated ones that take turns.
# ("qemu-x86_64 booting with 8.0.0 stil see int3", linux-kernel, July 2023.) Was
# that the first complaint, and not in the module?
rig_emulated_badly() {
	local report
	[ -n "${emulated:-}" ] || return
	report=$(grep -aE -m 1 -A 12 "$complaint|int3: 0000 \[#1\]" "$ctl/judged")
	case ${report%%$'\n'*} in
	*'int3: 0000 [#1]'*) ;;
	*'soft lockup'*)
		grep -m 1 'Code: ' <<<"$report" | grep -qE '<0f> 1f 44 00 00|<e9>' || return
		;;
	*) return 1 ;;
	esac
	grep -q 'RIP: ' <<<"$report" && ! grep -q 'RIP: .*\[op25b\]' <<<"$report"
}

# Exit the way the run did.
rig_verdict() {
	local bad='' status=''
	[ -z "${OP25B_CONSOLE:-}" ] || cp "$ctl/console" "$OP25B_CONSOLE"
	tr -d '\r' <"$ctl/console" | "$vm/console" >"$ctl/judged"
	if grep -qaE "$complaint" "$ctl/judged"; then
		bad=y
		say "the guest kernel complained:"
		grep -aE -m 1 -B 3 -A 60 "$complaint" "$ctl/judged" >&2
	fi
	rig_taint || bad=y
	[ -s "$ctl/status" ] && status=$(<"$ctl/status")
	if [ -n "$bad" ]; then
		rig_emulated_badly && exit 123
		exit 125
	fi
	if [ -n "$status" ]; then
		exit "$status"
	elif [ -n "$timed_out" ]; then
		say "not over after $limit seconds; the console's last lines:"
		tail -n 20 "$ctl/console" | tr -d '\r' >&2
		exit 124
	fi
	say "the guest went away without a status; the console's last lines:"
	tail -n 30 "$ctl/console" | tr -d '\r' >&2
	exit 125
}
