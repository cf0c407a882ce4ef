/* SPDX-License-Identifier: GPL-2.0 */
/*
 * What others hear of `routes follow`: systemd, by $NOTIFY_SOCKET, and whoever
 * asks, by a socket in /run/op25b.
 *
 * A question is a datagram, "show" or "accept". The answer is one, too: lines
 * of a key and a value.
 */
#ifndef OP25BCTL_ROUTES_TELL_H
#define OP25BCTL_ROUTES_TELL_H

#include <stddef.h>
#include <stdint.h>

#include "op25bctl.h"

/* Longest answer. */
#define OP25B_ANSWER	4096

/* A message to systemd, if it wants any: "READY=1\nSTATUS=..." */
void op25b_tell_systemd(const char *fmt, ...) __printf(1, 2);

/* Milliseconds between two signs of life to systemd, 0 if it wants none. */
uint64_t op25b_tell_watchdog(void);

/* The path of a file of ours in the folder that the environment names, or else
 * in @dir: @name, and the namespace if it has a name. Return: to be freed, NULL
 */
char *op25b_tell_path(const struct op25b_ctx *ctx, const char *variable,
		      const char *dir, const char *name, const char *suffix);

/* The socket at which questions come. Return: it, -EADDRINUSE if another
 * program answers there, or -errno
 */
int op25b_tell_open(const struct op25b_ctx *ctx);
void op25b_tell_close(const struct op25b_ctx *ctx, int fd);

/* Reads a question and answers it with what @answer writes. */
typedef void (*op25b_answer_fn)(void *arg, const char *question, char *buf,
				size_t size);
void op25b_tell_answer(int fd, op25b_answer_fn answer, void *arg);

/* Asks the one that runs. Return: 0 and its answer in @buf, of OP25B_ANSWER
 * bytes, or -errno: -ENOENT and -ECONNREFUSED if none runs,
 * -ETIMEDOUT if it does not answer
 */
int op25b_tell_ask(const struct op25b_ctx *ctx, const char *question,
		   char *buf);

/* The next line of an answer. Return: false at its end */
bool op25b_tell_line(char **at, const char **key, const char **value);

#endif /* OP25BCTL_ROUTES_TELL_H */
