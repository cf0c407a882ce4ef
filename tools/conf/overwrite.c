// SPDX-License-Identifier: GPL-2.0
/* Files that say more than what is in force. */
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

#include "conf/compare.h"
#include "conf/overwrite.h"
#include "files/save.h"
#include "words/grammar.h"
#include "print.h"
#include "say.h"

/* Stands behind each line, and is read if no remark comes before it. */
#define LAST	" ."

/* What a line has that would be lost; NULL if nothing. */
static const char *look_at(const char *text, size_t len)
{
	char buf[OP25B_LINE_MAX + sizeof(LAST)];
	struct op25b_word w[OP25B_WORDS_MAX];
	struct op25b_stmt st;
	struct op25b_err err;
	int n;

	memcpy(buf, text, len);
	memcpy(buf + len, LAST, strlen(LAST));
	n = op25b_split(buf, len + strlen(LAST), w, &err);
	if (n < 0)
		return "what is no statement";
	if (!n || w[n - 1].s != buf + len + 1)
		return "a remark";
	if (n == 1)
		return NULL;
	if (op25b_is(w, "include"))
		return "an include";
	return op25b_parse_stmt(w, n - 1, &st, &err) ? "what is no statement" :
						       NULL;
}

int op25b_loss_find(struct op25b_ctx *ctx, const char *name,
		    struct op25b_loss *loss)
{
	struct op25b_reader r;
	struct stat st;
	int found, ret;
	size_t len;
	char *text;

	loss->what = NULL;
	if (stat(name, &st) || !S_ISREG(st.st_mode))
		return OP25B_DONE;
	ret = op25b_reader_open(ctx, &r, name, true);
	if (ret)
		return ret;
	while (!loss->what && (found = op25b_reader_next(&r, &text, &len)))
		loss->what = found == OP25B_LINE_TEXT ? look_at(text, len) :
							"what is no statement";
	loss->line = r.line;
	op25b_reader_close(&r);
	return OP25B_DONE;
}

/* What is in force and what the file has. */
struct extension {
	struct op25b_out out;
	unsigned long added;
	bool differs;
};

static void pair(const struct op25b_kind *kind, const struct op25b_entry *old,
		 const struct op25b_entry *new, void *arg)
{
	struct extension *x = arg;

	x->added += !new;
	if (!new)
		op25b_entry_print_config(&x->out, kind, old);
	else if (!old || op25b_entry_differs(old, new))
		x->differs = true;
}

/* Copies the file as it is. Return: OP25B_DONE or OP25B_USAGE */
static int copy_text(struct op25b_ctx *ctx, const char *name, FILE *to)
{
	struct op25b_reader r;
	size_t len;
	char *text;
	int ret;

	ret = op25b_reader_open(ctx, &r, name, true);
	if (ret)
		return ret;
	while (op25b_reader_next(&r, &text, &len) == OP25B_LINE_TEXT) {
		fwrite(text, 1, len, to);
		fputc('\n', to);
	}
	op25b_reader_close(&r);
	return OP25B_DONE;
}

static int refuse(struct op25b_ctx *ctx, const char *name,
		  const struct op25b_loss *loss)
{
	struct op25b_ctx at = *ctx;

	at.file = name;
	at.line = loss->line;
	return op25b_fail(&at, OP25B_REFUSED,
			  "%s would be lost, since more than additions is to be saved (see `conf diff`): nothing is written; the word `force` behind it replaces the file all the same",
			  loss->what);
}

static int extend(struct op25b_ctx *ctx, const char *name,
		  struct op25b_source *s, struct op25b_copy *c,
		  struct extension *x)
{
	struct op25b_save sv;
	int ret;

	ret = op25b_save_begin(ctx, &sv, name);
	if (ret)
		return ret;
	x->out.f = sv.f;
	ret = copy_text(ctx, name, sv.f);
	if (!ret)
		ret = op25b_compare(ctx, c, s, true, pair, x);
	return op25b_save_end(ctx, &sv, ret ? ret : x->differs ?
			      OP25B_REFUSED : OP25B_DONE);
}

int op25b_extend(struct op25b_ctx *ctx, const char *name,
		 const struct op25b_loss *loss)
{
	struct op25b_warnings ws = { 0 };
	struct op25b_summary sum;
	struct extension x = { 0 };
	struct op25b_source s;
	struct op25b_copy c;
	int ret, i;

	ret = op25b_source_open(ctx, &s, name);
	if (ret)
		return ret;
	ret = op25b_load_check(ctx, &s, &sum, &ws, true);
	op25b_warnings_free(&ws);
	if (!ret) {
		ret = op25b_copy_read(ctx, OP25B_ORIGIN_CONFIG, &c);
		for (i = 0; !ret && i < OP25B_KNOBS; i++)
			x.differs |= sum.knobs.value[i] !=
				c.state.knobs.value[i];
		if (!ret && !x.differs)
			ret = extend(ctx, name, &s, &c, &x);
		if (x.differs)
			ret = refuse(ctx, name, loss);
		else if (!ret)
			op25b_complain(ctx,
				       "%s: entries added at its end: %lu; remarks and includes stay",
				       name, x.added);
		op25b_copy_free(&c);
	}
	op25b_source_close(&s);
	return ret;
}
