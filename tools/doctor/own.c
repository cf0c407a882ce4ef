// SPDX-License-Identifier: GPL-2.0
/* What op25b.ko says about itself, and where it is when it says nothing. */
#include <fts.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/utsname.h>

#include "doctor/doctor.h"
#include "words/knob.h"

#define MODULES		"/lib/modules"

/* Where op25b.ko lies.
 * @ours: under this kernel's modules, "" if it does not
 * @other: name of a kernel that has one, "" if there is none
 */
struct lying {
	char ours[300], other[80];
};

/* The kernel a module was built for, by the word behind vermagic=; "" if that
 * cannot be read, as in a compressed file.
 */
static void built_for(const char *path, char *release, size_t size)
{
	static const char mark[] = "vermagic=";
	char *data = NULL, *at = NULL;
	FILE *f = fopen(path, "re");
	long len = -1;

	*release = '\0';
	if (f && !fseek(f, 0, SEEK_END))
		len = ftell(f);
	if (len > 0)
		data = malloc(len + 1);
	if (data) {
		rewind(f);
		len = fread(data, 1, len, f);
		data[len] = '\0';
		at = memmem(data, len, mark, sizeof(mark) - 1);
	}
	if (at) {
		at += sizeof(mark) - 1;
		snprintf(release, size, "%.*s", (int)strcspn(at, " "), at);
	}
	free(data);
	if (f)
		fclose(f);
}

/* One file of MODULES/RELEASE/... */
static void look(struct lying *l, const FTSENT *e, const char *release)
{
	const char *at = e->fts_path + sizeof(MODULES);
	size_t len = strcspn(at, "/");

	if (e->fts_info != FTS_F || strncmp(e->fts_name, "op25b.ko", 8))
		return;
	if (strlen(release) == len && !strncmp(at, release, len))
		snprintf(l->ours, sizeof(l->ours), "%s", e->fts_path);
	else
		snprintf(l->other, sizeof(l->other), "%.*s", (int)len, at);
}

static void find_module(struct lying *l, const char *release)
{
	char root[] = MODULES;
	FTS *fts = fts_open((char *[]){ root, NULL },
			    FTS_PHYSICAL | FTS_NOCHDIR, NULL);
	FTSENT *e;

	memset(l, 0, sizeof(*l));
	while (fts && (e = fts_read(fts))) {
		/* build and source are links, or trees of ten thousands. */
		if (e->fts_info == FTS_D && e->fts_level == 2 &&
		    (!strcmp(e->fts_name, "build") ||
		     !strcmp(e->fts_name, "source")))
			fts_set(fts, e, FTS_SKIP);
		else
			look(l, e, release);
	}
	if (fts)
		fts_close(fts);
}

/* Does the kernel's command line forbid us? */
static bool blacklisted(void)
{
	static const char key[] = "module_blacklist=";
	char line[4096] = "", *word, *name, *save, *inner;
	FILE *f = fopen("/proc/cmdline", "re");

	if (f && !fgets(line, sizeof(line), f))
		*line = '\0';
	if (f)
		fclose(f);
	line[strcspn(line, "\n")] = '\0';
	for (word = strtok_r(line, " ", &save); word;
	     word = strtok_r(NULL, " ", &save)) {
		if (strncmp(word, key, sizeof(key) - 1))
			continue;
		word += sizeof(key) - 1;
		for (name = strtok_r(word, ",", &inner); name;
		     name = strtok_r(NULL, ",", &inner))
			if (!strcmp(name, "op25b"))
				return true;
	}
	return false;
}

static const char build_it[] =
	"make install in its source, or dkms autoinstall";

static void not_loaded(struct op25b_doctor *d, const struct lying *l,
		       const char *release)
{
	char wanted[80];

	if (!*l->ours && !*l->other) {
		op25b_finding(d, OP25B_PROBLEM, build_it,
			      "op25b.ko is neither loaded nor installed in "
			      MODULES);
		return;
	}
	if (!*l->ours) {
		op25b_finding(d, OP25B_PROBLEM, build_it,
			      "op25b.ko is not loaded: it is there for kernel %s, and this is %s",
			      l->other, release);
		return;
	}
	built_for(l->ours, wanted, sizeof(wanted));
	if (*wanted && strcmp(wanted, release))
		op25b_finding(d, OP25B_PROBLEM, build_it,
			      "op25b.ko is not loaded: %s was built for kernel %s, and this is %s",
			      l->ours, wanted, release);
	else
		op25b_finding(d, OP25B_PROBLEM, "depmod; modprobe op25b",
			      "op25b.ko is not loaded, but installed: %s",
			      l->ours);
}

void op25b_check_module(struct op25b_doctor *d)
{
	struct utsname uts;
	struct lying l;

	if (d->loaded || uname(&uts))
		return;
	find_module(&l, uts.release);
	not_loaded(d, &l, uts.release);
	if (blacklisted())
		op25b_finding(d, OP25B_PROBLEM,
			      "take op25b out of module_blacklist and boot again",
			      "the kernel's command line forbids to load op25b: module_blacklist");
}

void op25b_check_mode(struct op25b_doctor *d)
{
	const uint64_t *get = d->stats.get;
	char todo[OP25B_TODO];
	uint64_t mode = get[OP25B_A_MODE];

	op25b_todo(todo, "%s set mode %s", d->ctl,
		   mode == OP25B_MODE_OFF ? "monitor" : "enforce");
	if (mode == OP25B_MODE_OFF)
		op25b_finding(d, OP25B_PROBLEM, todo,
			      "mode is off: no packet is looked at");
	else if (!get[OP25B_A_HOOK_V4] || !get[OP25B_A_HOOK_V6])
		op25b_finding(d, OP25B_PROBLEM, todo,
			      "mode is %s, but a hook is not registered",
			      op25b_word_of(op25b_mode_words, mode));
	else if (mode == OP25B_MODE_MONITOR)
		op25b_finding(d, OP25B_NOTE, todo,
			      "mode is monitor: packets are counted, none is blocked");
}

/* A family that is forwarded, and of which nothing is listed. */
static void check_family(struct op25b_doctor *d, int family, uint64_t own,
			 uint64_t other, long forwarding)
{
	char todo[OP25B_TODO];

	if (own || !other || forwarding <= 0)
		return;
	op25b_todo(todo,
		   "%s prefix add PREFIX block, with the IPv%d prefixes of the same subscribers",
		   d->ctl, family);
	op25b_finding(d, OP25B_WARNING, todo,
		      "IPv%d is forwarded, and no IPv%d prefix is listed",
		      family, family);
}

void op25b_check_prefixes(struct op25b_doctor *d)
{
	uint64_t v4 = d->stats.get[OP25B_A_PREFIXES_V4];
	uint64_t v6 = d->stats.get[OP25B_A_PREFIXES_V6];
	char todo[OP25B_TODO];

	op25b_todo(todo, "%s prefix add POOL block", d->ctl);
	if (!v4 && !v6)
		op25b_finding(d, OP25B_PROBLEM, todo,
			      "no prefix is listed: nobody is a subscriber");
	check_family(d, 4, v4, v6, op25b_read_number(OP25B_FORWARDING_V4));
	check_family(d, 6, v6, v4, op25b_read_number(OP25B_FORWARDING_V6));
}

void op25b_check_traffic(struct op25b_doctor *d)
{
	static const int judged[] = {
		OP25B_COUNTER_PASS_EXEMPT, OP25B_COUNTER_PASS_RELAY,
		OP25B_COUNTER_BLOCK, OP25B_COUNTER_BLOCK_MALFORMED,
		OP25B_COUNTER_BLOCK_REVERSE, OP25B_COUNTER_WOULD_BLOCK,
		OP25B_COUNTER_WOULD_BLOCK_MALFORMED,
		OP25B_COUNTER_WOULD_BLOCK_REVERSE,
	};
	uint64_t unlisted = d->stats.counter[OP25B_COUNTER_PASS_UNLISTED];
	uint64_t listed = 0;
	char todo[OP25B_TODO];
	size_t i;

	for (i = 0; i < OP25B_ARRAY_SIZE(judged); i++)
		listed += d->stats.counter[judged[i]];
	if (listed)
		return;
	if (d->stats.get[OP25B_A_MODE] == OP25B_MODE_OFF) {
		op25b_finding(d, OP25B_NOTE,
			      op25b_todo(todo, "%s set mode monitor", d->ctl),
			      "not counted while the mode is off");
		return;
	}
	op25b_todo(todo,
		   "%stcpdump -ni any tcp dst port 25, while a subscriber tries; compare its source with %s prefix show",
		   d->on, d->ctl);
	if (unlisted)
		op25b_finding(d, OP25B_WARNING, todo,
			      "%llu packets to port 25 were forwarded, none of them from a listed prefix",
			      (unsigned long long)unlisted);
	else
		op25b_finding(d, OP25B_WARNING, todo,
			      "no packet to port 25 was forwarded since the module was loaded or its counters were reset");
}
