/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Entries for systemd's journal, in its native protocol: a datagram of lines
 * FIELD=value. What is printed as text becomes MESSAGE, and each key that it
 * would have in JSON a field, in capitals.
 */
#ifndef OP25BCTL_JOURNAL_H
#define OP25BCTL_JOURNAL_H

#include <stddef.h>

#include "print.h"

/**
 * struct op25b_journal - a connection, and the entry that is being written
 * @fd: the journal's socket
 * @err: of what was asked of it last, 0 or -errno
 * @out: prints into @text and @fields
 */
struct op25b_journal {
	int fd, err;
	struct op25b_out out;
	char *text, *fields;
	size_t text_len, fields_len;
};

/* Return: 0 or -errno */
int op25b_journal_open(struct op25b_journal *j);
void op25b_journal_close(struct op25b_journal *j);

/* Begins an entry, and sends it. Return: 0 or -errno */
int op25b_journal_begin(struct op25b_journal *j);
int op25b_journal_end(struct op25b_journal *j);

#endif /* OP25BCTL_JOURNAL_H */
