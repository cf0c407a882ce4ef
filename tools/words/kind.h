/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Entries of a ruleset: subscriber prefixes and relays. The two differ in a
 * row of numbers, so one set of functions serves both.
 */
#ifndef OP25BCTL_KIND_H
#define OP25BCTL_KIND_H

#include <stdbool.h>
#include <stdint.h>

#include <linux/op25b.h>

#include "op25bctl.h"

/**
 * struct op25b_entry - one prefix or relay
 * @addr: network order, IPv4 in the first four bytes, the rest zero
 * @family: AF_INET or AF_INET6
 * @len: prefix length
 * @action: enum op25b_action, 0 for a relay
 * @origin: enum op25b_origin
 * @expires: seconds, 0 never
 * @by_hand: not of the last `conf apply`
 * @packets: counted, as are @bytes and @syns
 * @last_seen: seconds, 0 never
 * @comment_len: bytes of @comment without the NUL, 0 for none
 * @comment: last, so that a spool keeps only what is used of it
 */
struct op25b_entry {
	uint8_t addr[16];
	uint8_t family;
	uint8_t len;
	uint8_t action;
	uint8_t origin;
	uint32_t expires;
	bool by_hand;
	uint64_t packets;
	uint64_t bytes;
	uint64_t syns;
	uint64_t last_seen;
	uint16_t comment_len;
	char comment[OP25B_COMMENT_MAX + 1];
};

/**
 * struct op25b_kind - what sets prefixes and relays apart
 * @name: the word of commands and files
 * @is_prefix: written with a length, and has an action
 * @cmd_add: command numbers, as are the following
 * @nest: attribute of one entry
 * @packed: attribute of many, as records
 * @a_addr: attribute numbers within the nest, as are the following; 0: none
 */
struct op25b_kind {
	const char *name;
	bool is_prefix;
	int cmd_add, cmd_replace, cmd_del, cmd_get, cmd_flush;
	int nest, packed;
	int a_addr, a_len, a_action, a_comment, a_origin, a_expires;
	int a_by_hand;
	int a_packets, a_bytes, a_syns, a_last_seen;
};

extern const struct op25b_kind op25b_prefix_kind;
extern const struct op25b_kind op25b_relay_kind;

/* As it is written: "10.0.0.0/8" or "192.0.2.25". Return: @buf */
const char *op25b_entry_text(const struct op25b_kind *kind,
			     const struct op25b_entry *e, char *buf);

/* Is @e inside of the prefix @outer, or the same? */
bool op25b_entry_in(const struct op25b_entry *e,
		    const struct op25b_entry *outer);

/* Prints what identifies an entry, as the configuration file writes it. */
void op25b_entry_print_config(struct op25b_out *out,
			      const struct op25b_kind *kind,
			      const struct op25b_entry *e);

/* The same inside of an object, without the end of the line in JSON. */
void op25b_entry_print_config_fields(struct op25b_out *out,
				     const struct op25b_kind *kind,
				     const struct op25b_entry *e);

/* Prints an entry with its counters; the line is not ended. */
void op25b_entry_print_fields(struct op25b_out *out,
			      const struct op25b_kind *kind,
			      const struct op25b_entry *e);

/* The same as a line. */
void op25b_entry_print(struct op25b_out *out, const struct op25b_kind *kind,
		       const struct op25b_entry *e);

#endif /* OP25BCTL_KIND_H */
