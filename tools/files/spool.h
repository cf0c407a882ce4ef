/* SPDX-License-Identifier: GPL-2.0 */
/*
 * A spool of entries: a dump is kept here until it is known to be consistent,
 * in bounded memory; what does not fit goes to a file that has no name.
 */
#ifndef OP25BCTL_SPOOL_H
#define OP25BCTL_SPOOL_H

#include "words/kind.h"

/* Bytes kept in memory. */
#define OP25B_SPOOL_ROOM	(256 * 1024)

struct op25b_spool {
	char *buf;
	size_t used;	/* of buf */
	size_t pos;	/* of the next entry in buf, while reading */
	int fd;		/* -1 while everything fits in buf */
	int error;	/* -errno of the file; 0 as long as it does */
};

/* Return: 0 or -errno */
int op25b_spool_init(struct op25b_spool *sp);
void op25b_spool_free(struct op25b_spool *sp);

/* Forgets what is in it. */
int op25b_spool_reset(struct op25b_spool *sp);

int op25b_spool_add(struct op25b_spool *sp, const struct op25b_entry *e);

/* Turns from writing to reading, from the start. */
int op25b_spool_rewind(struct op25b_spool *sp);

/* Return: 1 and the next entry, 0 at the end, or -errno */
int op25b_spool_next(struct op25b_spool *sp, struct op25b_entry *e);

/* The folder of nameless files: TMPDIR, or /tmp. */
const char *op25b_nameless_dir(void);

/* A file without a name. Return: its descriptor, or -errno */
int op25b_nameless_file(void);

/* Writes all of it. Return: 0 or -errno */
int op25b_write_all(int fd, const void *data, size_t len);

#endif /* OP25BCTL_SPOOL_H */
