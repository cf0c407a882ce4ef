/* SPDX-License-Identifier: GPL-2.0 */
/*
 * What every file of op25bctl shares: exit codes, the command table's shape and
 * rows, and the context of one run.
 */
#ifndef OP25BCTL_H
#define OP25BCTL_H

#include <stdbool.h>
#include <stddef.h>

#define __printf(fmt, args) __attribute__((__format__ \
					    (printf, fmt, args)))

#define OP25B_ARRAY_SIZE(a)	(sizeof(a) / sizeof((a)[0]))

/* What a verb returns, and but for OP25B_BLOCKED the exit status. */
enum op25b_exit {
	OP25B_DONE,		/* done */
	OP25B_REFUSED,		/* the kernel said no */
	OP25B_USAGE,		/* the command line or the file is wrong */
	OP25B_UNASKED,		/* the kernel could not be asked */
	OP25B_UNWRITTEN,	/* what was asked for could not be written */
	OP25B_BLOCKED,		/* `test` answers "blocked", `doctor` has found
				 * something: exit status 1, but no refusal, so
				 * a batch goes on
				 */
};

struct op25b_change;
struct op25b_kind;
struct op25b_nl;
struct op25b_object;
struct op25b_out;

/**
 * struct op25b_ctx - one run of the tool
 * @netns: -n, a name or a path; NULL for the namespace we are in
 * @file: the batch being read, NULL on the command line
 * @line: its current line
 * @nl: netlink engine, opened by the first verb that needs it
 * @change: what takes effect in one step gathers here, NULL if each by itself
 * @out: printer
 * @objects: the command table, which ends with NULL
 * @object: of the command at work
 */
struct op25b_ctx {
	const char *netns;
	const char *file;
	unsigned long line;
	struct op25b_nl *nl;
	struct op25b_change *change;
	struct op25b_out *out;
	const struct op25b_object * const *objects;
	const struct op25b_object *object;
};

/**
 * struct op25b_word - one word of a command or statement
 * @s: its text, quotes and escapes undone; ends with a NUL only if it came
 *	from the command line
 * @len: its bytes
 */
struct op25b_word {
	const char *s;
	size_t len;
};

/**
 * struct op25b_verb - one row of the command table
 * @name: the word; NULL when the object stands alone
 * @args: its arguments as usage shows them, in the grammar of complete.c
 * @help: one line; NULL: programs use it, people are not told
 * @run: takes the words after the verb; returns enum op25b_exit
 */
struct op25b_verb {
	const char *name;
	const char *args;
	const char *help;
	int (*run)(struct op25b_ctx *ctx, const struct op25b_word *w, int n);
};

/**
 * struct op25b_object - an object and its verbs
 * @name: the word
 * @help: one line
 * @notes: more for `help OBJECT`; may be NULL
 * @kind: of the entries that it is about, if any
 * @verbs: rows, the last one with a NULL @run
 */
struct op25b_object {
	const char *name;
	const char *help;
	const char *notes;
	const struct op25b_kind *kind;
	const struct op25b_verb *verbs;
};

extern const struct op25b_object op25b_prefix_object;
extern const struct op25b_object op25b_relay_object;
extern const struct op25b_object op25b_set_object;
extern const struct op25b_object op25b_conf_object;
extern const struct op25b_object op25b_routes_object;
extern const struct op25b_object op25b_test_object;
extern const struct op25b_object op25b_stats_object;
extern const struct op25b_object op25b_top_object;
extern const struct op25b_object op25b_learn_object;
extern const struct op25b_object op25b_report_object;
extern const struct op25b_object op25b_events_object;
extern const struct op25b_object op25b_doctor_object;
extern const struct op25b_object op25b_notice_object;
extern const struct op25b_object op25b_help_object;
extern const struct op25b_object op25b_version_object;

#endif /* OP25BCTL_H */
