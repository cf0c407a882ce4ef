// SPDX-License-Identifier: GPL-2.0
/* What routes have put in force, kept on disk. */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>

#include "files/save.h"
#include "routes/keep.h"
#include "routes/tell.h"
#include "words/addr.h"
#include "say.h"

static int put_line(const struct op25b_step *e, void *arg)
{
	const struct op25b_key *k = &e->key;
	char t[OP25B_ADDR_TEXT];
	FILE *f = arg;

	if (k->relay)
		fprintf(f, "relay %s\n",
			op25b_addr_text(k->addr, k->family, t));
	else
		fprintf(f, "prefix %s %s\n",
			op25b_prefix_text(k->addr, k->family, k->len, t),
			op25b_class_words[e->class]);
	return 0;
}

int op25b_keep(struct op25b_ctx *ctx, const struct op25b_rset *set)
{
	struct op25b_save sv;
	char *path = op25b_tell_path(ctx, "OP25B_STATE_DIR", OP25B_STATEDIR,
				     "routes", ".list");
	int ret = path ? op25b_save_begin(ctx, &sv, path) :
		op25b_fail(ctx, OP25B_UNWRITTEN, "out of memory");

	free(path);
	if (ret)
		return ret;
	op25b_rset_each(set, put_line, sv.f);
	return op25b_save_end(ctx, &sv, OP25B_DONE);
}
