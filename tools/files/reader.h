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
/* Most that is read of what is read again, so that nothing is read for ever:
 * 64 bytes for each prefix that the kernel takes. Of a device, which is a
 * terminal if it makes sense, less.
 */
#define OP25B_BYTES_MAX		(1024UL * 1024 * 1024)
#define OP25B_DEVICE_MAX	(1024UL * 1024)

/**
 * struct op25b_reader - a file being read
 * @fd: descriptor
 * @name: for complaints; "stdin" for standard input
 * @line: number of the line read last, from 1
 * @start: its offset in the file
 * @buf: what was read; @pos and @end bound what is not yet consumed
 * @base: offset in the file of @buf
 * @limit: offset at which the file is taken to end
 * @long_line: the last line was too long, and its rest is still to be skipped
 */
struct op25b_reader {
	int fd;
	const char *name;
	unsigned long line;
	uint64_t start;
	char *buf;
	size_t pos, end;
	uint64_t base;
	uint64_t limit;
	bool eof;
	bool long_line;
};

/* What op25b_reader_next() found, or -errno. */
enum op25b_line {
	OP25B_LINE_END,
	OP25B_LINE_TEXT,
	OP25B_LINE_LONG,	/* longer than OP25B_LINE_MAX */
};

/**
 * op25b_reader_open() - open @name, "-" for standard input
 * @again: it will be read more than once, so what cannot be rewound is copied
 *	to a nameless file first, if it ends in time
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

/* Takes the words of a line. Return: enum op25b_exit */
typedef int (*op25b_words_fn)(struct op25b_ctx *ctx,
			      const struct op25b_word *w, int n);

/* Calls @each for each line of the file @name that has words, until one is
 * refused, or with @go_on for the others, too, as far as the kernel can be
 * asked. ctx->file and line are those of the line.
 * Return: the status of the first that was refused, or OP25B_BLOCKED if any
 * returned that.
 */
int op25b_each_line(struct op25b_ctx *ctx, const char *name,
		    op25b_words_fn each, bool go_on);

/* Goes on in the file @fd, at @offset, which is behind the line @line, up to
 * @limit. Return: 0 or -errno
 */
int op25b_reader_turn(struct op25b_reader *r, int fd, uint64_t offset,
		      unsigned long line, uint64_t limit);

/* Line ends in the file @fd between two offsets. Return: them */
unsigned long op25b_reader_count(int fd, uint64_t from, uint64_t until);

#endif /* OP25BCTL_READER_H */
