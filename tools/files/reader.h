/* SPDX-License-Identifier: GPL-2.0 */
/* Files, a line at a time: batches and configurations. */
#ifndef OP25BCTL_READER_H
#define OP25BCTL_READER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "op25bctl.h"

/* Longest line in bytes: a comment of 255 escaped characters fits well. */
#define OP25B_LINE_MAX		4095

/**
 * struct op25b_reader - a file being read
 * @fd: descriptor
 * @name: for complaints; "stdin" for standard input
 * @line: number of the line read last, from 1
 * @start: its offset in the file
 * @buf: what was read; @pos and @end bound what is not yet consumed
 * @base: offset in the file of @buf
 */
struct op25b_reader {
	int fd;
	const char *name;
	unsigned long line;
	uint64_t start;
	char *buf;
	size_t pos, end;
	uint64_t base;
	bool eof;
};

/* What op25b_reader_next() found, or -errno. */
enum op25b_line {
	OP25B_LINE_END,
	OP25B_LINE_TEXT,
	OP25B_LINE_LONG,	/* longer than OP25B_LINE_MAX; skipped */
};

/**
 * op25b_reader_open() - open @name, "-" for standard input
 * @again: it will be read more than once, so what cannot be rewound is copied
 *	to a nameless file first
 *
 * Return: OP25B_DONE, or OP25B_USAGE after saying why.
 */
int op25b_reader_open(struct op25b_ctx *ctx, struct op25b_reader *r,
		      const char *name, bool again);
void op25b_reader_close(struct op25b_reader *r);

/* Starts over. Return: 0 or -errno */
int op25b_reader_rewind(struct op25b_reader *r);

/* The next line, without its line end; the caller may write into it. */
int op25b_reader_next(struct op25b_reader *r, char **s, size_t *len);

/* Goes on in the file @fd, at @offset, which is behind the line @line.
 * Return: 0 or -errno
 */
int op25b_reader_turn(struct op25b_reader *r, int fd, uint64_t offset,
		      unsigned long line);

/* Lines in the file @fd, counted up to the offset @until. Return: them */
unsigned long op25b_reader_count(int fd, uint64_t until);

#endif /* OP25BCTL_READER_H */
