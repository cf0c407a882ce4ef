# SPDX-License-Identifier: GPL-2.0
# The human door. `make help` prints what stands behind "##" below.
#
#	KDIR	kernel build tree for `make modules`
#	PREFIX	where `make install` puts the tool (default /usr/local)
#	DESTDIR	root of a staged installation
#	BUDGET	seconds of `make torture`
#
# The kernel's own build reads Kbuild beside this file, never this file.

KDIR    ?= /lib/modules/$(shell uname -r)/build
PREFIX  ?= /usr/local
DESTDIR ?=
BUDGET  ?= 1800
export PREFIX DESTDIR

.DEFAULT_GOAL := help

help: ## print this
	@echo 'make TARGET, where TARGET is one of'
	@sed -n 's/^\([a-z][a-z-]*\):.*## \(.*\)/  \1\t\2/p' $(firstword $(MAKEFILE_LIST)) | expand -t 18

# Not left to the kernel's make, whose words for it help nobody.
tree = $(if $(wildcard $(KDIR)/Makefile),$(KDIR),$(error \
	no kernel build tree in $(KDIR): install the headers of the running \
	kernel (on Debian linux-headers-$(shell uname -r)), or say whose tree \
	to build for, make KDIR=/lib/modules/RELEASE/build))

modules: ## op25b.ko for the running kernel (KDIR=TREE for another)
	$(MAKE) -C $(tree) M=$(CURDIR) modules

tools: ## tools/op25bctl
	$(MAKE) -C tools

check: ## every ring of tests, 0 failed expected
	tests/run

lint: ## W=1, sparse, checkpatch, shellcheck
	tests/run lint

check-user: ## what needs no kernel: trie and parser under sanitizers, the tool's grammar, the page
	tests/run user fuzz tool notice

check-kunit: ## the module's own suites in user-mode Linux
	tests/run kunit

check-lab: ## packets, netlink, the tool, boot, metrics, in user-mode Linux
	tests/run ctl doctor netlink lab boot metrics

check-vm: ## load, unload, namespace churn under traffic on the stock kernel
	tests/run vm

matrix: ## the module on the kernels of other Debians, 6.1 to 7.3, and of other CPUs
	tests/matrix/run

fleet: ## 20 routers with BIRD and FRR, 10,000 sessions, ten million prefixes
	tests/run whole-fleet fleet-load fleet-many many-hooks

packages: ## the packages on Debian 12 and 13: made, installed, booted, upgraded, removed
	tests/run whole-packages

storm: ## rulesets change under traffic on two CPUs, each packet is judged
	tests/storm/run $(STORM)

torture: ## debug kernels, fuzzers, long storms: BUDGET=SECONDS (default 1800)
	OP25B_BUDGET=$(BUDGET) tests/run torture

bench: ## op25b beside nftables and ipset: packets, loading, memory
	tests/bench/run $(BENCH)

demo: ## a router that blocks an infected subscriber, on Debian's own kernel
	tests/demo/run

demo-shell: ## the demo's router with everything up, to play
	tests/demo/run -i

install: modules tools ## module for the running kernel, all else under PREFIX
	$(MAKE) -C $(tree) M=$(CURDIR) INSTALL_MOD_PATH=$(DESTDIR) \
		INSTALL_MOD_DIR=updates modules_install
	$(MAKE) install-tools

install-tools: tools ## the same without the module, for those who use dkms
	$(MAKE) -C tools install
	$(MAKE) -C packaging install

uninstall: ## all but modules, /etc/op25b and /var/lib/op25b
	$(MAKE) -C packaging uninstall
	$(MAKE) -C tools uninstall

VERSION := $(shell cat VERSION)
DKMS_SRC := $(DESTDIR)/usr/src/op25b-$(VERSION)

# Sources only: what was built here is another kernel's, or another user's.
dkms: ## the module's source for dkms, under DESTDIR
	rm -rf $(DKMS_SRC)
	find Kbuild VERSION COPYING kmod uapi -type f \( -name '*.[ch]' \
		-o -name Kbuild -o -name VERSION -o -name COPYING \) -not -name '*.mod.c' \
		-exec install -D -m 644 {} $(DKMS_SRC)/{} \;
	sed 's/@VERSION@/$(VERSION)/' packaging/dkms.conf >$(DKMS_SRC)/dkms.conf

dist: ## op25b-VERSION.tar.xz of the last commit, the same bytes each time
	git archive --prefix=op25b-$(VERSION)/ HEAD | xz -6 -T1 >op25b-$(VERSION).tar.xz

# From the last commit, in a folder of its own: what lies about here stays out.
deb: ## op25b-dkms and op25bctl as Debian packages, in deb/
	tests/vm/deps deb
	packaging/deb deb

clean: ## what was built in this folder; the cache of kernels stays
	-$(MAKE) -C tools clean
	find . -not -path './.git/*' \( -name '*.o' -o -name '*.ko' \
		-o -name '*.mod' -o -name '*.mod.c' -o -name '.*.cmd' \
		-o -name Module.symvers -o -name modules.order \) -delete

.PHONY: help modules tools check lint check-user check-kunit \
	check-lab check-vm matrix fleet packages storm torture bench demo demo-shell \
	install install-tools uninstall dkms dist deb clean
