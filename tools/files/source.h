/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Configuration files: a file and those that it includes, read as one stream
 * of statements, more than once if need be. All of them are opened once, at
 * the start, so each reading sees the same files in the same order.
 *
 *	include FILE		FILE must be there
 *	include DIR/PATTERN	each file in DIR whose name fits, in the order
 *				of their bytes; none is fine, but no DIR is not
 *
 * A name is relative to the file that includes it. PATTERN is that of
 * fnmatch(3), where a leading dot has to be written.
 */
#ifndef OP25BCTL_SOURCE_H
#define OP25BCTL_SOURCE_H

#include "files/reader.h"
#include "words/grammar.h"

/* Files in all, each of which keeps a descriptor open, and includes. */
#define OP25B_FILES_MAX		512
/* Files of which each includes the next. */
#define OP25B_DEPTH_MAX		8

/**
 * struct op25b_place - where a statement stands
 * @line: from 1; 0 is no place
 * @file: its number in the source
 */
struct op25b_place {
	unsigned long line;
	unsigned int file;
};

struct op25b_part;

/**
 * struct op25b_source - the files as one
 * @r: the file being read
 * @part: all files, the one that includes the others first
 * @n: how many
 * @bytes: of those that were read to their end
 * @lines: in all of them
 * @includes: statements met so far
 * @at: where the last statement stands
 * @start: number of its file and offset of its line, as one
 * @now: when it was opened, seconds
 * @opened: all that is included is known
 * @entries: prefixes and relays only: a knob is a bad statement; the caller
 *	sets it once the files are open
 */
struct op25b_source {
	struct op25b_reader r;
	struct op25b_part *part;
	unsigned int n;
	uint64_t bytes;
	unsigned long lines;
	unsigned int includes;
	struct op25b_place at;
	uint64_t start;
	uint64_t now;
	bool opened;
	bool entries;
};

/* What op25b_source_next() found, or -errno. */
enum op25b_found {
	OP25B_FOUND_END,
	OP25B_FOUND_STMT,
	OP25B_FOUND_BAD,
};

/* Opens the file @name ("-": standard input) and all that it includes; what
 * cannot be included is a bad statement to op25b_source_next().
 * Return: OP25B_DONE, or OP25B_USAGE after saying why.
 */
int op25b_source_open(struct op25b_ctx *ctx, struct op25b_source *s,
		      const char *name);
void op25b_source_close(struct op25b_source *s);

/* Starts over. Return: 0 or -errno */
int op25b_source_rewind(struct op25b_source *s);

/* The next statement; a bad one sets @err, if it is not NULL.
 * Return: enum op25b_found or -errno
 */
int op25b_source_next(struct op25b_source *s, struct op25b_stmt *st,
		      struct op25b_err *err);

/* An entry whose end had come when the files were opened: it is left out. */
static inline bool op25b_source_past(const struct op25b_source *s,
				     const struct op25b_entry *e)
{
	return e->expires && e->expires <= s->now;
}

/* Hexadecimal digits and a NUL. */
#define OP25B_SHA256_TEXT	65

/* SHA-256 of all files, one behind the other, OP25B_SHA256_TEXT bytes.
 * Return: @text, or NULL if one cannot be read
 */
const char *op25b_source_sha256(const struct op25b_source *s, char *text);

/* Name of a file as complaints and warnings have it, and as it is opened; of
 * the first it is what the command line says.
 */
const char *op25b_source_name(const struct op25b_source *s, unsigned int file);
const char *op25b_source_path(const struct op25b_source *s, unsigned int file);

/* Text of the line at @start. Return: its bytes in @buf, 0 if it is gone */
size_t op25b_source_line(const struct op25b_source *s, uint64_t start,
			 char *buf, size_t size);

/* Where the line at @start stands. */
struct op25b_place op25b_source_place(const struct op25b_source *s,
				      uint64_t start);

/* Sets @ctx's copy @at to complain about @place. */
struct op25b_ctx op25b_source_ctx(const struct op25b_ctx *ctx,
				  const struct op25b_source *s,
				  struct op25b_place place);

/* "line 5", or "FILE:5" if that is another file than that of @here.
 * Return: @buf
 */
const char *op25b_source_where(const struct op25b_source *s,
			       struct op25b_place here,
			       struct op25b_place place, char *buf,
			       size_t size);

/* Complains that a line is not what it was when it was checked.
 * Return: OP25B_USAGE
 */
int op25b_source_changed(struct op25b_ctx *ctx,
			 const struct op25b_source *s);

#endif /* OP25BCTL_SOURCE_H */
