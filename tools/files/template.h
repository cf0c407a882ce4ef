/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Templates of HTML, filled in line by line. A small part of Mustache:
 *
 *	{{name}}			the value of that name, escaped
 *	{{#name}} ... {{/name}}		only if that name has a value
 *	{{^name}} ... {{/name}}		only if it has none
 *	{{! text }}			a remark
 *
 * A name is of a-z, 0-9 and -, and a tag stands within one line. A line that
 * holds tags and no other text is left out, unless they give text.
 */
#ifndef OP25BCTL_TEMPLATE_H
#define OP25BCTL_TEMPLATE_H

#include <stdio.h>

#include "op25bctl.h"

/* Sections in sections. */
#define OP25B_SECTIONS_MAX	8

/**
 * struct op25b_value - a name and its value
 * @name: the name
 * @text: its value; one of no bytes is for sections only
 * @met: the template has the name, perhaps in a section that is left out
 */
struct op25b_value {
	struct op25b_word name;
	struct op25b_word text;
	bool met;
};

/* Writes the file @name to @out, with the @n values @v filled in. At the end
 * every value that the template asks for and that is not there is named.
 * Return: OP25B_DONE, or OP25B_USAGE after saying why
 */
int op25b_template_fill(struct op25b_ctx *ctx, const char *name,
			struct op25b_value *v, int n, FILE *out);

#endif /* OP25BCTL_TEMPLATE_H */
