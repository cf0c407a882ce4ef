// SPDX-License-Identifier: GPL-2.0
/* An old file to a configuration. */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "files/reader.h"
#include "import/import.h"
#include "words/knob.h"
#include "print.h"
#include "say.h"

const char * const op25b_format_words[] = {
	"ipset", "nft", "iptables", "csv", NULL
};

/* All of the file, and when it was written. Return: it, to be freed, or NULL
 * after saying why
 */
static char *read_all(struct op25b_import *im, const char *name)
{
	struct op25b_reader r;
	struct stat st = { 0 };
	char *s = NULL;
	ssize_t n = 0;
	size_t got;

	if (op25b_reader_open(&im->at, &r, name, true))
		return NULL;
	if (!fstat(r.fd, &st) && (uint64_t)st.st_size <= OP25B_BYTES_MAX)
		s = malloc(st.st_size + 1);
	im->now = st.st_mtime < time(NULL) ? st.st_mtime : time(NULL);
	for (got = 0; s && got < (size_t)st.st_size; got += n) {
		n = read(r.fd, s + got, st.st_size - got);
		if (n <= 0)
			break;
	}
	if (!s || n < 0 || memchr(s, '\0', got)) {
		op25b_complain(&im->at, "cannot read %s: %s", r.name,
			       !s ? "it does not fit into memory" :
			       n < 0 ? strerror(errno) : "expected text");
		free(s);
		s = NULL;
	} else {
		s[got] = '\0';
	}
	op25b_reader_close(&r);
	return s;
}

static int by_line(const void *a, const void *b)
{
	const struct op25b_lost *l = a, *m = b;

	if (l->line != m->line)
		return l->line < m->line ? -1 : 1;
	return strcmp(l->text, m->text);
}

/* What is lost, as complaints and as remarks */
static void print_lost(struct op25b_import *im, struct op25b_out *out,
		       const char *name)
{
	char *shown;
	size_t i;

	if (im->losts)
		qsort(im->lost, im->losts, sizeof(im->lost[0]), by_line);
	op25b_out_list_open(out, "lost");
	for (i = 0; i < im->losts; i++) {
		if (i && !by_line(&im->lost[i - 1], &im->lost[i]))
			continue;
		im->at.line = im->lost[i].line;
		op25b_complain(&im->at, "%s", im->lost[i].text);
		shown = op25b_printable(im->lost[i].text);
		op25b_out_obj_open(out, NULL);
		op25b_out_text(out, "# %s:", name);
		op25b_out_u64(out, "line", "%llu: ", im->lost[i].line);
		op25b_out_str(out, "text", "%.2000s\n", shown ? shown : "?");
		op25b_out_obj_close(out);
		free(shown);
	}
	op25b_out_list_close(out);
}

static void print_kind(const struct op25b_import *im, struct op25b_out *out,
		       const struct op25b_kind *kind, const char *key)
{
	struct op25b_entry e = { .origin = OP25B_ORIGIN_CONFIG };
	const struct op25b_result *r;
	size_t i;

	op25b_out_list_open(out, key);
	for (i = 0; i < im->results; i++) {
		r = &im->result[i];
		if (r->kind != kind)
			continue;
		memcpy(e.addr, r->m->addr, sizeof(e.addr));
		e.family = r->m->family;
		e.len = r->m->len;
		e.action = r->action;
		e.expires = r->expires;
		e.comment_len = r->m->comment ? strlen(r->m->comment) : 0;
		strcpy(e.comment, e.comment_len ? r->m->comment : "");
		op25b_entry_print_config(out, kind, &e);
	}
	op25b_out_list_close(out);
}

/* Nothing is blocked before somebody has looked at what would be. */
static void print(struct op25b_import *im, struct op25b_out *out,
		  const char *format)
{
	char *name = op25b_printable(im->at.file);
	const char *shown = name ? name : "?";

	op25b_out_obj_open(out, NULL);
	op25b_out_text(out, "# from %.1000s, by op25bctl conf import %s\n",
		       shown, format);
	print_lost(im, out, shown);
	op25b_knob_print(out, &op25b_knobs[OP25B_KNOB_MODE], "mode",
			 OP25B_MODE_MONITOR);
	if (im->reject >= 0)
		op25b_knob_print(out, &op25b_knobs[OP25B_KNOB_REJECT],
				 "reject", im->reject);
	print_kind(im, out, &op25b_prefix_kind, "prefixes");
	print_kind(im, out, &op25b_relay_kind, "relays");
	op25b_out_obj_close(out);
	free(name);
}

/* "a, b, c" of the lists in the file. Return: @buf, of 200 bytes */
static const char *names(const struct op25b_import *im, char *buf)
{
	unsigned int i;

	*buf = '\0';
	for (i = 0; i < im->lists; i++)
		if (*im->list[i].name && im->list[i].line)
			op25b_enlist(buf, 200, im->list[i].name);
	return *buf ? buf : strcpy(buf, "none");
}

/* Gives lists their roles. Return: 0, or -1 after saying that there is no such
 * list
 */
static int give_roles(struct op25b_import *im, const struct op25b_as *as,
		      int n)
{
	char list[200], q[OP25B_QUOTE];
	unsigned int l;
	bool found;
	int i;

	for (i = 0; i < n; i++) {
		found = false;
		for (l = 0; l < im->lists; l++) {
			if (!*im->list[l].name ||
			    !op25b_is(&as[i].name, im->list[l].name))
				continue;
			im->list[l].role = as[i].role;
			im->list[l].order = i;
			found = true;
		}
		if (found)
			continue;
		op25b_complain(&im->ctx,
			       "%s: there is no list %s: expected one of %s",
			       im->at.file, op25b_quote(&as[i].name, q),
			       names(im, list));
		return -1;
	}
	return 0;
}

static int no_rules(struct op25b_import *im)
{
	char list[200];

	op25b_complain(&im->ctx,
		       "%s: no rule that forwarded packets meet blocks port 25: expected one, or \"LIST as block\" and the like behind the file; lists: %s",
		       im->at.file, names(im, list));
	return -1;
}

static int parse(struct op25b_import *im, enum op25b_format format, char *s,
		 const struct op25b_as *as, int n_as)
{
	int i;

	for (i = 0; format == OP25B_FORMAT_CSV && i < n_as; i++)
		op25b_import_list(im, op25b_import_keep(im, as[i].name.s,
							as[i].name.len), "");
	if (format == OP25B_FORMAT_CSV)
		op25b_import_csv(im, s);
	else if (format == OP25B_FORMAT_NFT)
		op25b_import_nft(im, s);
	else
		op25b_import_xt(im, s, format == OP25B_FORMAT_IPSET);
	if (im->bad || give_roles(im, as, n_as))
		return -1;
	im->roles = n_as || format == OP25B_FORMAT_CSV;
	if (im->roles)
		op25b_import_look_roles(im);
	else if (!op25b_import_look(im))
		return no_rules(im);
	return im->bad ? -1 : 0;
}

int op25b_import(struct op25b_ctx *ctx, enum op25b_format format,
		 const char *name, const struct op25b_as *as, int n_as)
{
	struct op25b_import *im = calloc(1, sizeof(*im));
	int ret = OP25B_USAGE;
	char *s;

	if (!im)
		return op25b_fail(ctx, OP25B_UNASKED, "out of memory");
	im->ctx = *ctx;
	im->at = *ctx;
	im->reject = -1;
	s = read_all(im, name);
	im->at.file = strcmp(name, "-") ? name : "stdin";
	im->at.line = 0;
	if (s && !parse(im, format, s, as, n_as)) {
		op25b_import_judge(im);
		print(im, ctx->out, op25b_format_words[format]);
		ret = im->losts ? OP25B_BLOCKED : OP25B_DONE;
	}
	op25b_import_free(im);
	free(im);
	free(s);
	return ret;
}
