/* SPDX-License-Identifier: GPL-2.0 */
/*
 * A finding of `doctor`: how bad, what is so, what to do about it. A check that
 * has none is fine only if it said what it looked at; otherwise it is skipped.
 */
#ifndef OP25BCTL_DOCTOR_FINDING_H
#define OP25BCTL_DOCTOR_FINDING_H

#include <stddef.h>

#include "op25bctl.h"

/* How bad: from warning on, it may explain what was asked. */
enum op25b_severity {
	OP25B_FINE,
	OP25B_SKIPPED,		/* was not looked at */
	OP25B_NOTE,		/* good to know */
	OP25B_WARNING,		/* some mail may pass unseen */
	OP25B_PROBLEM,		/* mail does pass unseen, or all of it */
};

struct op25b_doctor;

/* Prints a finding: what is so, and what to do about it (or NULL). */
void op25b_finding(struct op25b_doctor *d, enum op25b_severity severity,
		   const char *todo, const char *fmt, ...)
	__printf(4, 5);

/* What the check at work looked at, and how that is. It is printed as `ok` if
 * the check finds nothing, or only things that it could not look at.
 */
void op25b_looked(struct op25b_doctor *d, const char *fmt, ...)
	__printf(2, 3);

/* Runs the check @name, and prints its `ok`, or that nothing was looked at. */
void op25b_check(struct op25b_doctor *d, const char *name,
		 void (*run)(struct op25b_doctor *d));

/* The word of a severity, as printed. */
const char *op25b_severity_word(enum op25b_severity severity);

/* A sentence's part, formatted into a buffer of the caller. Return: @buf */
#define OP25B_TODO	400
const char *op25b_todo(char *buf, const char *fmt, ...)
	__printf(2, 3);

/* The number in a file of /proc or /sys.
 * Return: 0 or -errno, -ENOENT if there is no such file
 */
int op25b_read_number(long *value, const char *fmt, ...)
	__printf(2, 3);

#endif /* OP25BCTL_DOCTOR_FINDING_H */
