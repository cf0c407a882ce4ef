/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Times and durations, text to seconds and back. A time is ISO 8601, in UTC or
 * with an offset: "2026-12-24T09:00Z", "2026-12-24T18:00:00+09:00"; it is
 * printed in UTC. A duration is numbers with units, the larger first, each
 * once: "90s", "5m", "1d12h".
 */
#ifndef OP25BCTL_WHEN_H
#define OP25BCTL_WHEN_H

#include <stdint.h>

#include "words/grammar.h"

/* Room for the text of either. */
#define OP25B_WHEN_TEXT		32

/* Read the whole of @w; at least one second. Return: 0, or -1 with @err set */
int op25b_parse_duration(const struct op25b_word *w, uint32_t *seconds,
			 struct op25b_err *err);
int op25b_parse_time(const struct op25b_word *w, uint32_t *when,
		     struct op25b_err *err);

/* What the parsers read back as the same. Return: @buf */
const char *op25b_duration_text(uint64_t seconds, char *buf);
const char *op25b_time_text(uint32_t when, char *buf);

/* Seconds from now until @when, 0 if that is past. */
uint64_t op25b_left(uint32_t when);

#endif /* OP25BCTL_WHEN_H */
