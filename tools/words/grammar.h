/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The grammar of statements, shared by the command line, batches and files.
 *
 *	statement = KNOB VALUE
 *		  | "prefix" PREFIX ("block" | "exempt" | "monitor") [end]
 *		    [comment]
 *		  | "relay" ADDRESS [comment]
 *	end       = "until" TIME | "timeout" DURATION
 *	comment   = "comment" TEXT
 *	origin    = "origin" ("config" | "session" | "bgp")
 *
 * Who writes an entry by hand may say its origin behind the comment: without
 * that it is config, as all in a file is.
 *
 * Words are whole, nothing is implied, nothing is rounded. A line of a batch
 * or file is split at blanks; "..." holds a text with blanks, \" and \\ in it;
 * a # at the start of a word begins a remark.
 */
#ifndef OP25BCTL_GRAMMAR_H
#define OP25BCTL_GRAMMAR_H

#include <stdint.h>

#include "words/kind.h"
#include "words/knob.h"
#include "op25bctl.h"

/* A line has no more words than this: prefix P A comment T and a few spare,
 * or a `set` with all its knobs.
 */
#define OP25B_WORDS_MAX		32

struct op25b_err;

/**
 * op25b_split() - split a line into words
 * @s: the line, @len bytes without its line end; quoted words are unescaped
 *	in place
 * @w: room for OP25B_WORDS_MAX words
 *
 * Return: the number of words, or -1 with @err set.
 */
int op25b_split(char *s, size_t len, struct op25b_word *w,
		struct op25b_err *err);

/* Reads @w as a decimal number up to @max, no leading zeros. Return: it, -1 */
int64_t op25b_parse_number(const struct op25b_word *w, int64_t max);

/* Is @w printable UTF-8? @what it is: "comment". Return: 0, -1 with @err set */
int op25b_check_text(const char *what, const struct op25b_word *w,
		     struct op25b_err *err);

/**
 * op25b_parse_key() - read the first word as the entry's address
 * Return: 0, or -1 with @err set.
 */
int op25b_parse_key(const struct op25b_kind *kind, const struct op25b_word *w,
		    int n, struct op25b_entry *e, struct op25b_err *err);

/* Reads "comment TEXT", and "origin ORIGIN", which may be absent: then @e's, or
 * @origin, stays. Return: the number of words read, or -1 with @err set
 */
int op25b_parse_comment(const struct op25b_word *w, int n,
			struct op25b_entry *e, struct op25b_err *err);
int op25b_parse_origin(const struct op25b_word *w, int n, uint8_t *origin,
		       struct op25b_err *err);

/* The same of the word ORIGIN alone. Return: 0 or -1 */
int op25b_parse_origin_word(const struct op25b_word *w, uint8_t *origin,
			    struct op25b_err *err);

/* Where an entry is written. By hand, an end that is past already is refused;
 * in a file, which is read again and again, `timeout` is.
 */
enum op25b_written {
	OP25B_BY_HAND,
	OP25B_IN_FILE,
};

/* Reads all the words as address, action, end and comment, and by hand origin.
 * Return: 0 or -1
 */
int op25b_parse_entry(const struct op25b_kind *kind,
		      const struct op25b_word *w, int n,
		      enum op25b_written written, struct op25b_entry *e,
		      struct op25b_err *err);

/* Reads a knob's value, which may be absent (@w NULL). Return: 0 or -1 */
int op25b_parse_value(const struct op25b_knob *k, const struct op25b_word *w,
		      uint32_t *value, struct op25b_err *err);

/**
 * struct op25b_stmt - one statement of a file
 * @kind: of @entry; NULL for a knob
 * @knob: which one, if @kind is NULL
 * @value: its value
 * @entry: if @kind is not NULL
 */
struct op25b_stmt {
	const struct op25b_kind *kind;
	const struct op25b_knob *knob;
	uint32_t value;
	struct op25b_entry entry;
};

/* Reads the @n > 0 words of a file's line. Return: 0, or -1 with @err set. */
int op25b_parse_stmt(const struct op25b_word *w, int n, struct op25b_stmt *st,
		     struct op25b_err *err);

#endif /* OP25BCTL_GRAMMAR_H */
