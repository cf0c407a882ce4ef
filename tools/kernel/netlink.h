/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The netlink engine: one socket in the namespace asked for, one request at a
 * time, and the kernel's own sentence when it refuses.
 */
#ifndef OP25BCTL_NL_H
#define OP25BCTL_NL_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <linux/op25b.h>

#include "op25bctl.h"

struct nl_msg;
struct op25b_err;
struct nl_sock;
struct nlattr;

/* Room for a message of one entry. */
#define OP25B_MSG_SMALL		1024

/* How often a list is read that changes meanwhile. */
#define OP25B_TRIES		4

/* No offset came with a refusal. */
#define OP25B_NO_OFFSET		((uint32_t)-1)

/**
 * struct op25b_nl - the engine
 * @sk: socket
 * @family: the family's number
 * @error: of the last request, 0 or -errno
 * @sentence: what the kernel said about it, "" if nothing
 * @offset: where in the request the trouble is, OP25B_NO_OFFSET if unsaid
 */
struct op25b_nl {
	struct nl_sock *sk;
	int family;
	int error;
	char sentence[256];
	uint32_t offset;
};

/* Takes one reply's attributes, by enum op25b_attr. Return: 0 or -errno */
typedef int (*op25b_reply_fn)(struct nlattr **tb, void *arg);

/* Takes one attribute of those that repeat in a reply, or in a dump's messages.
 * Return: 0 or -errno
 */
typedef int (*op25b_dump_fn)(const struct nlattr *a, void *arg);

/* Opens the engine unless it is. Return: OP25B_DONE, or OP25B_UNASKED after
 * saying why; OP25B_USAGE while ctx->change gathers.
 */
int op25b_nl_open(struct op25b_ctx *ctx);
/* The same for a verb that takes no words. */
int op25b_nl_open_alone(struct op25b_ctx *ctx, const struct op25b_word *w,
			int n);
/* The same where a kernel without the module is an answer and no failure: then
 * *@loaded is false, nothing is open and nothing was said.
 */
int op25b_nl_probe(struct op25b_ctx *ctx, bool *loaded);
/* The same where even a kernel that cannot be asked is no failure.
 * Return: 0, or -1 with @why set and nothing said
 */
int op25b_nl_try(struct op25b_ctx *ctx, bool *loaded, struct op25b_err *why);
void op25b_nl_close(struct op25b_ctx *ctx);

/* Begins a request; @size is the room for its attributes. Exits when there
 * is no memory.
 */
struct nl_msg *op25b_nl_new(struct op25b_ctx *ctx, int cmd, size_t size);

/**
 * op25b_nl_talk() - send @msg, which is freed, and wait for its end
 * @reply: called for each reply; may be NULL
 *
 * Return: 0 or -errno; the engine keeps the kernel's sentence.
 */
int op25b_nl_talk(struct op25b_ctx *ctx, struct nl_msg *msg,
		  op25b_reply_fn reply, void *arg);

/* The same where attributes of the type @attr repeat: @each takes them. */
int op25b_nl_talk_each(struct op25b_ctx *ctx, struct nl_msg *msg,
		       op25b_reply_fn reply, int attr, op25b_dump_fn each,
		       void *arg);

/* The same for one of any length, made before the engine was open. */
int op25b_nl_talk_long(struct op25b_ctx *ctx, struct nl_msg *msg);

/* The same where one number of the reply is all that is asked for; without it
 * *@value stays. Return: also -EBADMSG
 */
int op25b_nl_ask(struct op25b_ctx *ctx, struct nl_msg *msg, int attr,
		 uint64_t *value);

/* An unsigned number of whatever size the kernel gave it; 0 if absent. */
uint64_t op25b_nl_u64(const struct nlattr *a);

/* The same for a dump, of which @each takes the attributes of the type @attr.
 * Return: also -EAGAIN when it was interrupted.
 */
int op25b_nl_dump(struct op25b_ctx *ctx, struct nl_msg *msg, int attr,
		  op25b_dump_fn each, void *arg);

/**
 * op25b_nl_listen() - hear the namespace's events
 * @event: called for each, until it returns an error
 * @overflow: called when this program was too slow and lost some; same
 *
 * Return: 0 or -errno, as the last of them returned it, or because the group
 * cannot be joined, the module was unloaded or the namespace lost its name.
 */
int op25b_nl_listen(struct op25b_ctx *ctx, op25b_reply_fn event,
		    int (*overflow)(void *arg), void *arg);

/* Whether -n still names the namespace we are in; if not, that is the error. */
bool op25b_nl_same_netns(struct op25b_ctx *ctx);

/* The sentence about the last refusal. */
const char *op25b_nl_sentence(const struct op25b_ctx *ctx);

/* Adds to it what the kernel does not say. */
void op25b_nl_add(struct op25b_ctx *ctx, const char *fmt, ...)
	__printf(2, 3);

/* The exit status of the last refusal. */
int op25b_nl_status(const struct op25b_ctx *ctx);

/* Complains about the last refusal, what was asked first.
 * Return: op25b_nl_status()
 */
int op25b_nl_refused(struct op25b_ctx *ctx, const char *fmt, ...)
	__printf(2, 3);

/* Moves this process into the namespace @name. Return: 0 or -errno */
int op25b_netns_enter(const char *name);
/* Are we in the namespace @name? */
bool op25b_netns_is(const char *name);

#endif /* OP25BCTL_NL_H */
