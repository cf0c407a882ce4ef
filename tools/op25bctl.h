/* SPDX-License-Identifier: GPL-2.0 */
/*
 * What every file of op25bctl shares: exit codes, the command table's shape,
 * and the context of one run.
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

struct op25b_nl;
struct op25b_out;

/**
 * struct op25b_ctx - one run of the tool
 * @netns: -n, a name or a path; NULL for the namespace we are in
 * @file: the batch being read, NULL on the command line
 * @line: its current line
 * @nl: netlink engine, opened by the first verb that needs it
 * @out: printer
 */
struct op25b_ctx {
	const char *netns;
	const char *file;
	unsigned long line;
	struct op25b_nl *nl;
	struct op25b_out *out;
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
 * @verbs: rows, the last one with a NULL @run
 */
struct op25b_object {
	const char *name;
	const char *help;
	const char *notes;
	const struct op25b_verb *verbs;
};

extern const struct op25b_object op25b_prefix_object;
extern const struct op25b_object op25b_relay_object;
extern const struct op25b_object op25b_set_object;
extern const struct op25b_object op25b_conf_object;
extern const struct op25b_object op25b_test_object;
extern const struct op25b_object op25b_stats_object;
extern const struct op25b_object op25b_top_object;
extern const struct op25b_object op25b_events_object;
extern const struct op25b_object op25b_doctor_object;
extern const struct op25b_object op25b_help_object;
extern const struct op25b_object op25b_version_object;

/* The command table: dispatch and help read it, nothing else lists commands.
 * Ends with NULL.
 */
extern const struct op25b_object * const op25b_objects[];

/**
 * op25b_dispatch() - run the command in @w
 *
 * Return: enum op25b_exit; anything wrong was said on stderr.
 */
int op25b_dispatch(struct op25b_ctx *ctx, const struct op25b_word *w, int n);

/* Runs each line of the file @name ("-": stdin) until one is refused. */
int op25b_batch(struct op25b_ctx *ctx, const char *name);

/* The object that @w names, or NULL. */
const struct op25b_object *op25b_object_find(const struct op25b_word *w);

/* "a, b, c" of an object's verbs, or of all objects (@obj NULL). */
void op25b_names(const struct op25b_object *obj, char *buf, size_t size);

/* `help --complete`, see complete.c. */
int op25b_complete(struct op25b_ctx *ctx, const struct op25b_word *w, int n);

/* Usage of everything (@obj NULL) or of one object, on stderr. */
void op25b_usage(const struct op25b_object *obj);

#endif /* OP25BCTL_H */
