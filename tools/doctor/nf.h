/* SPDX-License-Identifier: GPL-2.0 */
/* What `doctor` asks of netfilter. */
#ifndef OP25BCTL_DOCTOR_NF_H
#define OP25BCTL_DOCTOR_NF_H

#include <stdbool.h>
#include <stdint.h>

#include "doctor/doctor.h"
#include "doctor/nft.h"
#include "doctor/rule.h"

/* Where op25b sits: NF_IP_PRI_FILTER - 1. */
#define OP25B_PRIORITY	(-1)

/* Where a chain is, seen from op25b. */
enum op25b_place {
	OP25B_ELSEWHERE,
	OP25B_IN_FRONT,		/* a packet meets it before op25b */
	OP25B_ON_THE_WAY_OUT,	/* an answer of op25b's meets it */
};

/**
 * struct op25b_chain - a chain that is hooked
 * @title: "chain inet fw early (forward, priority -150)"
 * @how: what shows it, "nft list chain inet fw early"
 * @place: never OP25B_ELSEWHERE
 * @policy_drop: what no rule decides about is dropped
 * @e: what its rules do, and those of the chains that it jumps to
 */
struct op25b_chain {
	char title[400], how[300];
	enum op25b_place place;
	bool policy_drop;
	struct op25b_effects e;
};

/* Takes one such chain. */
typedef void (*op25b_chain_fn)(struct op25b_doctor *d,
			       const struct op25b_chain *c);

/* All of nf_tables. Return: 0, -errno; -ENOPROTOOPT where there is none */
int op25b_nft_chains(struct op25b_doctor *d, op25b_chain_fn each);

/* All of iptables-legacy; what cannot be read is said to be skipped.
 * Return: how many tables there are
 */
unsigned int op25b_legacy_chains(struct op25b_doctor *d, op25b_chain_fn each);

/* Hooks before op25b that are neither nf_tables' nor iptables'. */
void op25b_check_hooks(struct op25b_doctor *d);

#endif /* OP25BCTL_DOCTOR_NF_H */
