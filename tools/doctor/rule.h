/* SPDX-License-Identifier: GPL-2.0 */
/*
 * What rules of nf_tables and of iptables may do to mail, as far as it matters
 * whether op25b sees it. A rule that looks only at another protocol or at one
 * other port than 25 does nothing to mail, whatever it says then.
 */
#ifndef OP25BCTL_DOCTOR_RULE_H
#define OP25BCTL_DOCTOR_RULE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct nlattr;

/**
 * struct op25b_effects - how many rules do what
 * @drops: drop or reject, or answer in the name of the destination
 * @sends: send the packet out themselves (fwd, Jool)
 * @local: give it to a program on this router (tproxy, redirect)
 * @dnat: give it another destination
 * @queues: leave it to a program in user space
 * @rewrites: change it
 * @unknown: do what is not understood here, the last of them @what
 * @established: some accept by the state of the connection
 */
struct op25b_effects {
	unsigned int drops, sends, local, dnat, queues, rewrites, unknown;
	bool established;
	char what[40];
};

void op25b_effects_add(struct op25b_effects *to,
		       const struct op25b_effects *from);

/* Adds what a target of iptables does. */
void op25b_effects_target(struct op25b_effects *e, const char *target);

/* Writes "2 of its rules drop, 1 ..." into @buf, "" if there is nothing. */
void op25b_effects_text(const struct op25b_effects *e, char *buf, size_t size);

/* Takes the chain that a rule jumps to, or the map (@is_map) with its verdicts.
 * Return: 0 or -errno
 */
typedef int (*op25b_jump_fn)(void *arg, const char *name, bool is_map);

/**
 * op25b_rule_read() - add what a rule of nf_tables does
 * @e: what it is added to
 * @family: of its table
 * @expressions: the rule
 * @jump: called for what it leaves to others
 *
 * Return: 0 or -errno, also of @jump
 */
int op25b_rule_read(struct op25b_effects *e, uint8_t family,
		    const struct nlattr *expressions, op25b_jump_fn jump,
		    void *arg);

/* Adds what a verdict (NFTA_DATA_VERDICT) does. */
int op25b_rule_verdict(struct op25b_effects *e, const struct nlattr *verdict,
		       op25b_jump_fn jump, void *arg);

#endif /* OP25BCTL_DOCTOR_RULE_H */
