// SPDX-License-Identifier: GPL-2.0
/* A finding of `doctor`, in text and JSON. */
#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "doctor/doctor.h"
#include "print.h"

static const char * const severity_words[] = {
	"ok", "skipped", "note", "warning", "problem"
};

const char *op25b_severity_word(enum op25b_severity severity)
{
	return severity_words[severity];
}

static void tell(struct op25b_doctor *d, enum op25b_severity severity,
		 const char *todo, const char *text)
{
	struct op25b_out *out = d->ctx->out;

	op25b_out_obj_open(out, NULL);
	op25b_out_str(out, "severity", "%-8s", severity_words[severity]);
	op25b_out_str(out, "check", " %s: ", d->check);
	op25b_out_str(out, "text", "%s\n", text);
	if (todo)
		op25b_out_str(out, "todo", "         to do: %s\n", todo);
	op25b_out_obj_close(out);
}

void op25b_finding(struct op25b_doctor *d, enum op25b_severity severity,
		   const char *todo, const char *fmt, ...)
{
	char text[600];
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(text, sizeof(text), fmt, ap);
	va_end(ap);
	d->count[severity]++;
	if (severity > d->worst_here)
		d->worst_here = severity;
	tell(d, severity, todo, text);
}

void op25b_looked(struct op25b_doctor *d, const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(d->looked, sizeof(d->looked), fmt, ap);
	va_end(ap);
}

void op25b_check(struct op25b_doctor *d, const char *name,
		 void (*run)(struct op25b_doctor *d))
{
	d->check = name;
	d->worst_here = OP25B_FINE;
	*d->looked = '\0';
	if (run)
		run(d);
	if (*d->looked && d->worst_here <= OP25B_SKIPPED)
		tell(d, OP25B_FINE, NULL, d->looked);
	else if (d->worst_here == OP25B_FINE)
		op25b_finding(d, OP25B_SKIPPED, NULL, "nothing was looked at");
	if (d->worst_here > d->worst)
		d->worst = d->worst_here;
}

const char *op25b_todo(char *buf, const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(buf, OP25B_TODO, fmt, ap);
	va_end(ap);
	return buf;
}

int op25b_read_number(long *value, const char *fmt, ...)
{
	char path[300];
	va_list ap;
	int err = 0;
	FILE *f;

	va_start(ap, fmt);
	vsnprintf(path, sizeof(path), fmt, ap);
	va_end(ap);
	f = fopen(path, "re");
	if (!f)
		return -errno;
	errno = 0;
	if (fscanf(f, "%ld", value) != 1)
		err = errno ? -errno : -ENODATA;
	fclose(f);
	return err;
}
