// SPDX-License-Identifier: GPL-2.0
/*
 * Process 1 of both guests: mounts what a system has, runs the command of the
 * control folder, reports, powers off. rig.sh says what lies in that folder.
 *
 * uml-run starts it on the host's root itself, read-only, by hostfs; it lays a
 * tmpfs overlay above that. qemu-run's initramfs has done so with 9p before
 * (RIG_ROOTED). A static program and no script: in user-mode Linux each fork
 * of a shell costs a tenth of a second, and there were forty.
 *
 * Environment, from the kernel's command line:
 *	RIG_CTL		the control folder, same path as on the host
 *	RIG_OUT		the folder for results, likewise
 *	RIG_SHARE	how to mount both: hostfs or 9p
 *	RIG_MODULES	the kernel's modules
 *	RIG_INTERACTIVE	terminal to run the command and then a shell on
 */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <net/if.h>
#include <poll.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mount.h>
#include <sys/reboot.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/utsname.h>
#include <sys/wait.h>
#include <unistd.h>

/* Daemons the command leaves behind keep its pipes open: how long to go on
 * reading after its end, in milliseconds without a byte.
 */
#define LINGER_MS 300

static void power_off(void)
{
	sync();
	reboot(RB_POWER_OFF);
	_exit(1);
}

static void give_up(const char *what)
{
	dprintf(STDERR_FILENO, "guest-init: %s: %s\n", what, strerror(errno));
	power_off();
}

static void must(int rc, const char *what)
{
	if (rc < 0)
		give_up(what);
}

static const char *env(const char *name)
{
	const char *value = getenv(name);

	return value ? value : "";
}

static void make_path(const char *path)
{
	char copy[PATH_MAX];
	char *slash;

	snprintf(copy, sizeof(copy), "%s", path);
	for (slash = copy + 1; (slash = strchr(slash, '/')); slash++) {
		*slash = '\0';
		mkdir(copy, 0755);
		*slash = '/';
	}
	mkdir(copy, 0755);
}

static void lay_overlay(void)
{
	must(mount("tmpfs", "/mnt", "tmpfs", 0, "size=90%"), "tmpfs on /mnt");
	must(mkdir("/mnt/upper", 0755), "/mnt/upper");
	must(mkdir("/mnt/work", 0755), "/mnt/work");
	must(mkdir("/mnt/root", 0755), "/mnt/root");
	must(mount("overlay", "/mnt/root", "overlay", 0,
		   "lowerdir=/,upperdir=/mnt/upper,workdir=/mnt/work"),
	     "overlay");
	must(chdir("/mnt/root"), "/mnt/root");
	must(syscall(SYS_pivot_root, ".", "mnt"), "pivot_root");
	must(chroot("."), "chroot");
	must(chdir("/"), "/");
	umount2("/mnt", MNT_DETACH);
}

/* Where a devtmpfs has none of them. */
static void link_standard_files(void)
{
	(void)!symlink("/proc/self/fd", "/dev/fd");
	(void)!symlink("/proc/self/fd/0", "/dev/stdin");
	(void)!symlink("/proc/self/fd/1", "/dev/stdout");
	(void)!symlink("/proc/self/fd/2", "/dev/stderr");
}

/* The host's own folders of these names are seen through the overlay until
 * these cover them. A kernel without one of them is for the command to notice.
 */
static void mount_all(void)
{
	static const struct {
		const char *type, *where, *options;
	} all[] = {
		{ "proc",	"/proc",		"" },
		{ "sysfs",	"/sys",			"" },
		{ "devtmpfs",	"/dev",			"" },
		{ "devpts",	"/dev/pts",		"ptmxmode=666" },
		{ "tmpfs",	"/dev/shm",		"mode=1777" },
		{ "tmpfs",	"/run",			"mode=755" },
		{ "debugfs",	"/sys/kernel/debug",	"" },
		{ "cgroup2",	"/sys/fs/cgroup",	"" },
	};
	size_t i;

	for (i = 0; i < sizeof(all) / sizeof(*all); i++) {
		mkdir(all[i].where, 0755);
		mount(all[i].type, all[i].where, all[i].type, 0,
		      all[i].options);
	}
	mkdir("/run/lock", 01777);
	mkdir("/tmp", 01777);
	link_standard_files();
}

/* The host's folder @path, writable, at the same place in here; every write
 * goes through at once, so that the host can follow and a crash loses nothing.
 */
static void share(const char *tag, const char *path)
{
	static const char options[] =
		"trans=virtio,version=9p2000.L,msize=262144,cache=none";

	make_path(path);
	if (!strcmp(env("RIG_SHARE"), "hostfs"))
		must(mount("none", path, "hostfs", MS_SYNCHRONOUS, path), path);
	else
		must(mount(tag, path, "9p", 0, options), path);
}

static void bind_modules(void)
{
	struct utsname uts;
	char path[PATH_MAX];

	uname(&uts);
	snprintf(path, sizeof(path), "/lib/modules/%s", uts.release);
	make_path(path);
	must(mount(env("RIG_MODULES"), path, NULL, MS_BIND, NULL), path);
}

static void loopback_up(void)
{
	struct ifreq ifr = { .ifr_name = "lo", .ifr_flags = IFF_UP };
	int fd = socket(AF_INET, SOCK_DGRAM, 0);

	must(ioctl(fd, SIOCSIFFLAGS, &ifr), "lo up");
	close(fd);
}

static int open_control(const char *name)
{
	char path[PATH_MAX];
	int fd;

	snprintf(path, sizeof(path), "%s/%s", env("RIG_CTL"), name);
	fd = open(path, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0644);
	must(fd, path);
	return fd;
}

static void report(const char *name, const char *text)
{
	int fd = open_control(name);

	must(write(fd, text, strlen(text)), name);
	close(fd);
}

static void report_status(int status)
{
	char text[16];

	snprintf(text, sizeof(text), "%d\n", WIFSIGNALED(status) ?
		 128 + WTERMSIG(status) : WEXITSTATUS(status));
	report("status", text);
}

static void report_taint(void)
{
	char text[32] = "";
	int fd = open("/proc/sys/kernel/tainted", O_RDONLY);

	if (fd < 0 || read(fd, text, sizeof(text) - 1) <= 0)
		give_up("tainted");
	close(fd);
	report("tainted", text);
}

static void start_shell(const char *script, const int fds[3])
{
	char *argv[] = { "bash", "-c", (char *)script, NULL };
	int i;

	setsid();
	for (i = 0; i < 3; i++)
		dup2(fds[i], i);
	if (isatty(0))
		ioctl(0, TIOCSCTTY, 0);
	execv("/bin/bash", argv);
	give_up("/bin/bash");
}

static pid_t spawn(const char *script, const int fds[3])
{
	sigset_t none;
	pid_t pid = fork();

	must(pid, "fork");
	if (pid)
		return pid;
	sigemptyset(&none);
	sigprocmask(SIG_SETMASK, &none, NULL);
	start_shell(script, fds);
	return 0;
}

/* Reap what ended, orphans included. Return: whether @pid was among them. */
static bool reap(pid_t pid, int *status)
{
	bool ended = false;
	pid_t got;
	int rc;

	while ((got = waitpid(-1, &rc, WNOHANG)) > 0) {
		if (got != pid)
			continue;
		*status = rc;
		ended = true;
	}
	return ended;
}

static void on_child(int sig)
{
}

/* One read's worth from @from to @to. Return: false at the end. */
static bool pump(int from, int to)
{
	static char buffer[65536];
	ssize_t got = read(from, buffer, sizeof(buffer)), put, done = 0;

	if (got < 0)
		return errno == EINTR || errno == EAGAIN;
	while (done < got) {
		put = write(to, buffer + done, got - done);
		must(put, "output");
		done += put;
	}
	return got > 0;
}

/* The command's output goes through pipes and not straight to the files: a
 * test may open /dev/stderr anew, which on a file would truncate it.
 */
static int run(const char *script)
{
	const struct sigaction action = { .sa_handler = on_child };
	struct timespec linger = { .tv_nsec = LINGER_MS * 1000000L };
	struct pollfd in[2] = { { .events = POLLIN }, { .events = POLLIN } };
	int to[2] = { open_control("stdout"), open_control("stderr") };
	int out[2], err[2], status = 0, open_pipes = 2, i, n;
	sigset_t child, before;
	bool ended = false;
	pid_t pid;

	must(pipe2(out, O_CLOEXEC), "pipe");
	must(pipe2(err, O_CLOEXEC), "pipe");
	sigaction(SIGCHLD, &action, NULL);
	sigemptyset(&child);
	sigaddset(&child, SIGCHLD);
	sigprocmask(SIG_BLOCK, &child, &before);
	i = open("/dev/null", O_RDONLY | O_CLOEXEC);
	pid = spawn(script, (int[]){ i, out[1], err[1] });
	close(out[1]);
	close(err[1]);
	in[0].fd = out[0];
	in[1].fd = err[0];

	while (open_pipes || !ended) {
		n = ppoll(in, 2, ended ? &linger : NULL, &before);
		ended |= reap(pid, &status);
		if (!n && ended)
			break;
		for (i = 0; n > 0 && i < 2; i++) {
			if (in[i].revents && !pump(in[i].fd, to[i])) {
				in[i].fd = -1;
				open_pipes--;
			}
		}
	}
	return status;
}

static int interact(const char *script)
{
	char path[PATH_MAX];
	int fd, status;
	pid_t pid;

	snprintf(path, sizeof(path), "/dev/%s", env("RIG_INTERACTIVE"));
	fd = open(path, O_RDWR | O_CLOEXEC | O_NOCTTY);
	must(fd, path);
	pid = spawn(script, (int[]){ fd, fd, fd });
	while (waitpid(-1, &status, 0) != pid)
		;
	return status;
}

int main(void)
{
	static const char then_shell[] =
		"stty sane rows ${RIG_SIZE%x*} cols ${RIG_SIZE#*x};"
		"\"${rig_command[@]}\"; status=$?; bash -i; exit $status";
	char script[2 * PATH_MAX];
	bool interactive;
	int status;

	if (!getenv("RIG_ROOTED"))
		lay_overlay();
	mount_all();
	share("ctl", env("RIG_CTL"));
	if (strncmp(env("RIG_OUT"), env("RIG_CTL"), strlen(env("RIG_CTL"))))
		share("out", env("RIG_OUT"));
	bind_modules();
	sethostname("op25b-lab", 9);
	loopback_up();

	interactive = getenv("RIG_INTERACTIVE");
	snprintf(script, sizeof(script), ". %s/cmd; %s", env("RIG_CTL"),
		 interactive ? then_shell : "exec \"${rig_command[@]}\"");
	status = interactive ? interact(script) : run(script);
	report_status(status);
	report_taint();
	power_off();
}
