/* SPDX-License-Identifier: GPL-2.0 */
/* Files written whole or not at all. */
#ifndef OP25BCTL_SAVE_H
#define OP25BCTL_SAVE_H

#include <stdio.h>

#include "op25bctl.h"

/**
 * struct op25b_save - a file being written
 * @f: write here
 * @path: the file to be, symbolic links resolved
 * @temp: the file for now, beside it
 */
struct op25b_save {
	FILE *f;
	char *path;
	char *temp;
};

/* Return: OP25B_DONE, or OP25B_UNWRITTEN after saying why. */
int op25b_save_begin(struct op25b_ctx *ctx, struct op25b_save *sv,
		     const char *name);

/* Goes on with what another program has made of @sv->temp, which may be another
 * file by now. Return: as op25b_save_begin()
 */
int op25b_save_reopen(struct op25b_ctx *ctx, struct op25b_save *sv);

/* Puts the file in its place, or drops it if @ret is not OP25B_DONE.
 * Return: @ret, or OP25B_UNWRITTEN after saying why it could not be written.
 */
int op25b_save_end(struct op25b_ctx *ctx, struct op25b_save *sv, int ret);

#endif /* OP25BCTL_SAVE_H */
