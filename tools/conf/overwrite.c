// SPDX-License-Identifier: GPL-2.0
/* Files that say more than what is in force. */
#include <string.h>
#include <sys/stat.h>

#include "conf/overwrite.h"
#include "files/reader.h"
#include "words/grammar.h"
#include "say.h"

/* Stands behind each line, and is read if no remark comes before it. */
#define LAST	" ."

/* What a line has that would be lost; NULL if nothing. */
static const char *loss(const char *text, size_t len)
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

int op25b_overwrite(struct op25b_ctx *ctx, const char *name)
{
	struct op25b_ctx at = *ctx;
	const char *what = NULL;
	struct op25b_reader r;
	struct stat st;
	int found, ret;
	size_t len;
	char *text;

	if (stat(name, &st) || !S_ISREG(st.st_mode))
		return OP25B_DONE;
	ret = op25b_reader_open(ctx, &r, name, true);
	if (ret)
		return ret;
	while (!what && (found = op25b_reader_next(&r, &text, &len)))
		what = found == OP25B_LINE_TEXT ? loss(text, len) :
						  "what is no statement";
	at.file = name;
	at.line = r.line;
	op25b_reader_close(&r);
	if (!what)
		return OP25B_DONE;
	op25b_complain(&at,
		       "%s would be lost: nothing is written; the word `force` behind it replaces the file all the same",
		       what);
	return OP25B_REFUSED;
}
