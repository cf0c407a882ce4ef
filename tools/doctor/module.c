// SPDX-License-Identifier: GPL-2.0
/* Where op25b.ko is, and what keeps it from being loaded. */
#include <dirent.h>
#include <errno.h>
#include <glob.h>
#include <limits.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/utsname.h>
#include <unistd.h>

#include "doctor/doctor.h"

#define MODULES		"/lib/modules"

/* Where op25b.ko lies.
 * @ours: under this kernel's modules, "" if it does not
 * @other: name of a kernel that has one, "" if there is none
 * @err: a folder that could not be read, as -errno
 */
struct lying {
	char ours[300], other[80];
	int err;
};

/**
 * struct content - what a file of a module says of itself
 * @release: the kernel that it was built for, by the word behind vermagic=
 * @signature: there is one
 * @err: -errno if it could not be read, -ENOEXEC if it is no ELF file, as one
 *	that is compressed
 */
struct content {
	char release[80];
	bool signature;
	int err;
};

static void read_content(struct content *c, const char *data, size_t len)
{
	static const char vermagic[] = "vermagic=";
	static const char signature[] = "~Module signature appended~\n";
	const char *at;

	if (len < 4 || memcmp(data, "\177ELF", 4)) {
		c->err = -ENOEXEC;
		return;
	}
	at = memmem(data, len, vermagic, sizeof(vermagic) - 1);
	if (at) {
		at += sizeof(vermagic) - 1;
		snprintf(c->release, sizeof(c->release), "%.*s",
			 (int)strcspn(at, " "), at);
	}
	c->signature = len >= sizeof(signature) - 1 &&
		!memcmp(data + len - sizeof(signature) + 1, signature,
			sizeof(signature) - 1);
}

static void read_module(struct content *c, const char *path)
{
	FILE *f = fopen(path, "re");
	char *data = NULL;
	long len = -1;

	memset(c, 0, sizeof(*c));
	if (f && !fseek(f, 0, SEEK_END))
		len = ftell(f);
	if (len >= 0)
		data = malloc(len + 1);
	if (!data) {
		c->err = -errno;
	} else {
		rewind(f);
		len = fread(data, 1, len, f);
		data[len] = '\0';
		if (ferror(f))
			c->err = -EIO;
		else
			read_content(c, data, len);
	}
	free(data);
	if (f)
		fclose(f);
}

/* A file named op25b.ko, whatever comes behind that, as .xz. */
static void found(struct lying *l, const char *path, const char *release)
{
	const char *at = path + sizeof(MODULES);
	size_t len = strcspn(at, "/");

	if (strlen(release) == len && !strncmp(at, release, len))
		snprintf(l->ours, sizeof(l->ours), "%s", path);
	else
		snprintf(l->other, sizeof(l->other), "%.*s", (int)len, at);
}

/* build and source are links, or trees of ten thousands of files. */
static bool of_build(const char *name, int level)
{
	return level == 2 &&
		(!strcmp(name, "build") || !strcmp(name, "source"));
}

/**
 * look_into() - look for op25b.ko in a folder and all that are in it
 * @l: what was found
 * @path: the folder, in PATH_MAX bytes
 * @level: how deep below MODULES its entries are
 * @release: this kernel's
 */
static void look_into(struct lying *l, char *path, int level,
		      const char *release)
{
	size_t len = strlen(path);
	DIR *dir = opendir(path);
	struct dirent *e;
	struct stat st;

	if (!dir && errno != ENOENT)
		l->err = -errno;
	while (dir && (e = readdir(dir))) {
		if (!strcmp(e->d_name, ".") || !strcmp(e->d_name, "..") ||
		    of_build(e->d_name, level) ||
		    len + strlen(e->d_name) + 2 > PATH_MAX)
			continue;
		snprintf(path + len, PATH_MAX - len, "/%s", e->d_name);
		if (lstat(path, &st))
			l->err = errno == ENOENT ? l->err : -errno;
		else if (S_ISDIR(st.st_mode))
			look_into(l, path, level + 1, release);
		else if (S_ISREG(st.st_mode) &&
			 !strncmp(e->d_name, "op25b.ko", 8))
			found(l, path, release);
	}
	path[len] = '\0';
	if (dir)
		closedir(dir);
}

static void find_module(struct lying *l, const char *release)
{
	char path[PATH_MAX] = MODULES;

	memset(l, 0, sizeof(*l));
	look_into(l, path, 1, release);
}

/* The first line of a file, or "". Return: 0 or -errno */
static int read_line(const char *path, char *line, size_t size)
{
	FILE *f = fopen(path, "re");
	int err = 0;

	*line = '\0';
	if (!f)
		return -errno;
	if (!fgets(line, size, f) && ferror(f))
		err = -EIO;
	line[strcspn(line, "\n")] = '\0';
	fclose(f);
	return err;
}

/* Does the kernel's command line forbid us? */
static void check_cmdline(struct op25b_doctor *d)
{
	static const char key[] = "module_blacklist=";
	char line[4096], *word, *name, *save, *inner;
	int err = read_line("/proc/cmdline", line, sizeof(line));

	if (err)
		op25b_finding(d, OP25B_SKIPPED, NULL,
			      "/proc/cmdline cannot be read, for module_blacklist: %s",
			      strerror(-err));
	for (word = strtok_r(line, " ", &save); word;
	     word = strtok_r(NULL, " ", &save)) {
		if (strncmp(word, key, sizeof(key) - 1))
			continue;
		word += sizeof(key) - 1;
		for (name = strtok_r(word, ",", &inner); name;
		     name = strtok_r(NULL, ",", &inner))
			if (!strcmp(name, "op25b"))
				op25b_finding(d, OP25B_PROBLEM,
					      "take op25b out of module_blacklist and boot again",
					      "the kernel's command line forbids to load op25b: module_blacklist");
	}
}

static void check_modprobe_file(struct op25b_doctor *d, const char *path)
{
	char line[512], word[16], module[16], todo[OP25B_TODO];
	FILE *f = fopen(path, "re");

	if (!f)
		op25b_finding(d, OP25B_SKIPPED, NULL, "%s cannot be read: %s",
			      path, strerror(errno));
	while (f && fgets(line, sizeof(line), f)) {
		if (sscanf(line, "%15s %15s", word, module) != 2 ||
		    strcmp(module, "op25b") ||
		    (strcmp(word, "blacklist") && strcmp(word, "install")))
			continue;
		op25b_finding(d, OP25B_PROBLEM,
			      op25b_todo(todo, "take the line out of %s", path),
			      "%s keeps op25b from being loaded: %s op25b",
			      path, word);
	}
	if (f)
		fclose(f);
}

static void check_modprobe(struct op25b_doctor *d)
{
	glob_t g = { 0 };
	size_t i;

	glob("/etc/modprobe.d/*.conf", 0, NULL, &g);
	glob("/run/modprobe.d/*.conf", GLOB_APPEND, NULL, &g);
	glob("/usr/local/lib/modprobe.d/*.conf", GLOB_APPEND, NULL, &g);
	glob("/lib/modprobe.d/*.conf", GLOB_APPEND, NULL, &g);
	for (i = 0; i < g.gl_pathc; i++)
		check_modprobe_file(d, g.gl_pathv[i]);
	globfree(&g);
}

static void check_disabled(struct op25b_doctor *d)
{
	long disabled = 0;

	op25b_read_number(&disabled, "/proc/sys/kernel/modules_disabled");
	if (disabled)
		op25b_finding(d, OP25B_PROBLEM,
			      "boot again, with op25b loaded before it is set",
			      "kernel.modules_disabled is 1: no module can be loaded");
}

/* Does the kernel load only what is signed? By sig_enforce, which Secure Boot
 * may set, or by lockdown. Return: why, "" if not, NULL if nobody can tell
 */
static const char *wants_signature(void)
{
	char line[80];
	int err = read_line("/sys/module/module/parameters/sig_enforce", line,
			    sizeof(line));

	if (*line == 'Y')
		return "module.sig_enforce";
	/* A kernel without that file knows no signatures. */
	if (err && (err != -ENOENT || access("/sys/module", R_OK)))
		return NULL;
	read_line("/sys/kernel/security/lockdown", line, sizeof(line));
	if (strstr(line, "[integrity]") || strstr(line, "[confidentiality]"))
		return "lockdown";
	return "";
}

static const char build_it[] =
	"make install in its source, or dkms autoinstall";

/* The module @path is of this kernel: what keeps it out? */
static void check_signature(struct op25b_doctor *d, const char *path,
			    const struct content *c)
{
	const char *why = wants_signature();

	if (!why)
		op25b_finding(d, OP25B_SKIPPED, NULL,
			      "whether this kernel loads only signed modules cannot be read in /sys/module");
	if (why && *why && !c->signature)
		op25b_finding(d, OP25B_PROBLEM,
			      "sign it with a key that this machine trusts (make dkms, and enrol DKMS' key: mokutil --import /var/lib/dkms/mok.pub; boot again), or switch Secure Boot off",
			      "op25b.ko is not loaded: %s has no signature, and this kernel loads only signed modules (%s)",
			      path, why);
	else if (why && *why)
		op25b_finding(d, OP25B_PROBLEM,
			      "depmod; modprobe op25b; if that says that the key was rejected or is not available: mokutil --import the key that it was signed with",
			      "op25b.ko is not loaded, but installed: %s; this kernel loads only signed modules (%s), and whether it trusts the key of this one was not looked at",
			      path, why);
	else
		op25b_finding(d, OP25B_PROBLEM, "depmod; modprobe op25b",
			      "op25b.ko is not loaded, but installed: %s",
			      path);
}

static void check_ours(struct op25b_doctor *d, const char *path,
		       const char *release)
{
	struct content c;

	read_module(&c, path);
	if (c.err) {
		op25b_finding(d, OP25B_PROBLEM,
			      "depmod; modprobe op25b; if that refuses, modinfo op25b shows vermagic and signer",
			      "op25b.ko is not loaded, but installed: %s; the kernel it was built for and its signature were not looked at (%s)",
			      path, c.err == -ENOEXEC ?
			      "compressed" : strerror(-c.err));
		return;
	}
	if (*c.release && strcmp(c.release, release))
		op25b_finding(d, OP25B_PROBLEM, build_it,
			      "op25b.ko is not loaded: %s was built for kernel %s, and this is %s",
			      path, c.release, release);
	else
		check_signature(d, path, &c);
}

static void not_loaded(struct op25b_doctor *d, const struct lying *l,
		       const char *release)
{
	if (*l->ours)
		check_ours(d, l->ours, release);
	else if (*l->other)
		op25b_finding(d, OP25B_PROBLEM, build_it,
			      "op25b.ko is not loaded: it is there for kernel %s, and this is %s",
			      l->other, release);
	else if (l->err)
		op25b_finding(d, OP25B_PROBLEM, "modprobe op25b",
			      "op25b.ko is not loaded, and whether it is installed was not looked at: %s: %s",
			      MODULES, strerror(-l->err));
	else
		op25b_finding(d, OP25B_PROBLEM, build_it,
			      "op25b.ko is neither loaded nor installed in "
			      MODULES);
}

void op25b_check_module(struct op25b_doctor *d)
{
	struct utsname uts;
	struct lying l;

	if (d->loaded) {
		op25b_looked(d, "op25b.ko is loaded");
		return;
	}
	if (uname(&uts))
		return;
	find_module(&l, uts.release);
	not_loaded(d, &l, uts.release);
	check_cmdline(d);
	check_modprobe(d);
	check_disabled(d);
}
