# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=bash
# shellcheck disable=SC2034,SC2154 # run's
# The tool for another CPU or library, all of it static. Sourced by run: from target,
# root and scratch set compiler, runner, built, sanitizers, tool and plain.
. "$root/tests/vm/lib.sh"
if [ "$target" = musl ]; then
	libraries=$("$here/musl")
	export PKG_CONFIG_LIBDIR=$libraries/lib/pkgconfig
	compiler=(musl-gcc -isystem "$libraries/include")
else
	arch=${target/i686/i386}
	suite=$(debian_suite)
	# The last Debian with packages for it.
	[ "$target" != mipsel ] || suite=bookworm
	PKG_CONFIG_SYSROOT_DIR=$("$vm/sysroot" "$suite" "$arch" \
		libnl-3-dev libnl-genl-3-dev libjansson-dev nettle-dev)
	export PKG_CONFIG_SYSROOT_DIR
	export PKG_CONFIG_LIBDIR=$PKG_CONFIG_SYSROOT_DIR/usr/lib/$arch-linux-gnu/pkgconfig
	compiler=("$target-linux-gnu-gcc")
	mapfile -t runner < <(emulator "$target")
fi
# libnl's static library has the linker warn of names that nobody looks up.
sanitizers=(-static "-Wl,--no-warnings" -fsanitize=undefined -fsanitize-undefined-trap-on-error)
built=$scratch/obj
make -s -C "$root/tools" CC="${compiler[*]}" PKG_CONFIG="pkg-config --static" \
	SANFLAGS="${sanitizers[*]}" OBJDIR="$built" BIN="$scratch/op25bctl"
tool=$scratch/op25bctl
if [ ${#runner[@]} -gt 0 ]; then
	tool=$scratch/emulated
	printf '#!/bin/sh\nexec %s %s "$@"\n' "${runner[*]}" "$scratch/op25bctl" >"$tool"
	chmod +x "$tool"
fi
plain=$tool
