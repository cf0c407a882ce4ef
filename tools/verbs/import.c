// SPDX-License-Identifier: GPL-2.0
/* conf import FORMAT FILE [NAME as ROLE]... */
#include <stdlib.h>
#include <string.h>

#include "import/import.h"
#include "verbs/import.h"
#include "words/grammar.h"
#include "words/knob.h"
#include "say.h"

/* Reads "NAME as ROLE" again and again. Return: how many, or -1 */
static int as_words(struct op25b_ctx *ctx, const struct op25b_word *w, int n,
		    struct op25b_as *as)
{
	char q[OP25B_QUOTE], list[80];
	int i, role;

	for (i = 0; n > 3 * i; i++) {
		role = n > 3 * i + 2 && op25b_is(&w[3 * i + 1], "as") ?
			op25b_word_find(op25b_role_words, &w[3 * i + 2]) : -1;
		if (role > OP25B_ROLE_NONE) {
			as[i].name = w[3 * i];
			as[i].role = role;
			continue;
		}
		op25b_words_list(op25b_role_words, OP25B_ROLE_BLOCK, list,
				 sizeof(list));
		op25b_complain(ctx, "%s: expected behind it \"as\" and %s",
			       op25b_quote(&w[3 * i], q), list);
		return -1;
	}
	return i;
}

int op25b_conf_import(struct op25b_ctx *ctx, const struct op25b_word *w, int n)
{
	int format = n ? op25b_word_find(op25b_format_words, w) : -1, n_as, ret;
	struct op25b_as as[OP25B_WORDS_MAX];
	char list[80], *name;

	if (format < 0)
		return op25b_fail(ctx, OP25B_USAGE,
				  "conf import: expected %s, and a file",
				  op25b_words_list(op25b_format_words, 0, list,
						   sizeof(list)));
	if (n < 2 || !w[1].len)
		return op25b_fail(ctx, OP25B_USAGE,
				  "conf import: expected the name of a file");
	n_as = as_words(ctx, w + 2, n - 2, as);
	if (n_as < 0)
		return OP25B_USAGE;
	name = strndup(w[1].s, w[1].len);
	if (!name)
		return op25b_fail(ctx, OP25B_UNASKED, "out of memory");
	ret = op25b_import(ctx, format, name, as, n_as);
	free(name);
	return ret;
}
