/* SPDX-License-Identifier: GPL-2.0 */
/*
 * What a router had before op25b: lists of addresses (an ipset, a set of nft,
 * the addresses written in a rule), and rules about them. Readers of the old
 * formats fill it in; judge.c asks it what becomes of mail.
 *
 *	import.c  >  xt.c nft.c csv.c judge.c  >  rules.c  >  store.c
 */
#ifndef OP25BCTL_IMPORT_H
#define OP25BCTL_IMPORT_H

#include <stdint.h>

#include "words/kind.h"
#include "op25bctl.h"

#define OP25B_LISTS_MAX		512
#define OP25B_CONDS_MAX		8

/* What a list named on the command line is, or a value of CSV. Up to monitor
 * as enum op25b_action.
 */
enum op25b_role {
	OP25B_ROLE_NONE,
	OP25B_ROLE_BLOCK,
	OP25B_ROLE_EXEMPT,
	OP25B_ROLE_MONITOR,
	OP25B_ROLE_RELAY,
};

/* By number */
extern const char * const op25b_role_words[];

/**
 * struct op25b_as - "NAME as ROLE"
 */
struct op25b_as {
	struct op25b_word name;
	enum op25b_role role;
};

/**
 * struct op25b_member - a prefix of a list
 * @addr: as of struct op25b_entry, as are @family, @len and @expires
 * @list: its number
 * @nomatch: taken out of a larger one
 * @part: one address of another member, for relays
 * @line: where it stands
 * @comment: or NULL
 */
struct op25b_member {
	uint8_t addr[16];
	uint8_t family;
	uint8_t len;
	uint16_t list;
	bool nomatch;
	bool part;
	uint32_t expires;
	unsigned long line;
	const char *comment;
};

/**
 * struct op25b_list - a list of addresses, or one that cannot be carried over
 * @name: "" if it is written in a rule
 * @scope: family and table of nft, else ""
 * @line: where it is defined; 0: nowhere
 * @why: it cannot be carried over, a clause; NULL: it can
 * @role: from the command line
 * @order: of those on the command line
 * @src: carried rules ask it for sources, as @dst for destinations
 * @timeout: of members without one
 * @netmask: length of bare addresses, 0 all of it
 * @ports: those of its members, OP25B_PORTS_MAIL and _OTHERS; 0 none
 * @of: the lists that it is made of, which ends with -1; NULL none
 */
struct op25b_list {
	const char *name;
	const char *scope;
	unsigned long line;
	const char *why;
	enum op25b_role role;
	int order;
	bool src, dst;
	uint32_t timeout;
	unsigned int netmask;
	uint8_t ports;
	int16_t *of;
};

#define OP25B_PORTS_MAIL	1	/* 25 */
#define OP25B_PORTS_OTHERS	2

/* Is it on the list, or not if @not? */
struct op25b_cond {
	uint16_t list;
	bool dst;
	bool not;
};

enum op25b_does {
	OP25B_DOES_NOTHING,
	OP25B_DOES_ACCEPT,
	OP25B_DOES_BLOCK,
	OP25B_DOES_RETURN,
	OP25B_DOES_JUMP,
	OP25B_DOES_GOTO,
};

/**
 * struct op25b_rule - a rule that a packet to port 25 may meet
 * @line: where it stands
 * @where: more about that, in front of sentences
 * @v4: for IPv4, as @v6 for IPv6
 * @mail: names port 25
 * @never: no new connection to port 25 can match
 * @iface: for some interfaces only
 * @why: it cannot be carried over, a clause; NULL: it can
 * @note: what of it is not carried over, a clause, or NULL
 * @does: with packets that match
 * @reject: enum op25b_reject of a block
 * @target: chain to jump to
 * @comment: of the addresses written in it, or NULL
 * @n: conditions on addresses, all of which must hold
 * @next: rule of the same chain, -1 none
 */
struct op25b_rule {
	unsigned long line;
	const char *where;
	bool v4, v6;
	bool mail, never, iface;
	const char *why, *note;
	enum op25b_does does;
	int reject;
	int target;
	const char *comment;
	unsigned int n;
	struct op25b_cond cond[OP25B_CONDS_MAX];
	int next;
};

/* What meets the packets of a chain that no other one jumps to. */
enum op25b_hook {
	OP25B_HOOK_NONE,
	OP25B_HOOK_FORWARD,
	OP25B_HOOK_BESIDE,	/* forwarded ones too, but elsewhere */
};

struct op25b_chain {
	const char *name;
	enum op25b_hook hook;
	int first, last;
};

/* What is not carried over */
struct op25b_lost {
	unsigned long line;
	const char *text;
};

/* What is to be written */
struct op25b_result {
	const struct op25b_kind *kind;
	const struct op25b_member *m;
	uint8_t action;
	uint32_t expires;
};

/**
 * struct op25b_import - one file
 * @ctx: who called
 * @at: whose complaints: its file and line are those that are read
 * @now: when the file was written, from which its timeouts count
 * @bad: lines that are no such file's
 * @reject: enum op25b_reject of all blocks, -1 not known
 * @roles: lists have roles, and rules are not asked
 */
struct op25b_import {
	struct op25b_ctx ctx;
	struct op25b_ctx at;
	uint64_t now;
	unsigned long bad;
	int reject;
	bool roles;
	struct op25b_list list[OP25B_LISTS_MAX];
	unsigned int lists;
	struct op25b_member *member;
	size_t members, member_room;
	struct op25b_rule *rule;
	size_t rules, rule_room;
	struct op25b_chain *chain;
	size_t chains, chain_room;
	struct op25b_lost *lost;
	size_t losts, lost_room;
	struct op25b_result *result;
	size_t results, result_room;
	struct op25b_kept *kept;
};

/* Ends the program where there is no memory: nothing is written yet. */
void *op25b_import_room(struct op25b_import *im, void *array, size_t n,
			size_t *room, size_t size);
const char *op25b_import_keep(struct op25b_import *im, const char *s,
			      size_t len);
const char *op25b_import_text(struct op25b_import *im, const char *fmt, ...)
	__printf(2, 3);
void *op25b_import_alloc(struct op25b_import *im, size_t size);
void op25b_import_free(struct op25b_import *im);

/* Something in @line is not carried over; saying so twice does no harm. */
void op25b_import_lost(struct op25b_import *im, unsigned long line,
		       const char *fmt, ...) __printf(3, 4);

/* The current line is wrong. */
void op25b_import_bad(struct op25b_import *im, const char *fmt, ...)
	__printf(2, 3);

/* The list called so, a new one if there is none. Return: its number */
unsigned int op25b_import_list(struct op25b_import *im, const char *name,
			       const char *scope);

/* One that a rule has in it. */
unsigned int op25b_import_inline(struct op25b_import *im);

/* Adds the addresses of @s to @m->list: ADDRESS, ADDRESS/LENGTH or
 * ADDRESS-ADDRESS, with what else is in @m; bits beyond the length are zeroed.
 * Return: 0, or -1 if it is none of these
 */
int op25b_import_add(struct op25b_import *im, struct op25b_member *m,
		     const char *s);

/* Adds one. */
void op25b_import_member(struct op25b_import *im, const struct op25b_member *m);

/* When @seconds from the time of the file have gone by, for @m. Return: whether
 * that is to come; if not it was said.
 */
bool op25b_import_ends(struct op25b_import *im, struct op25b_member *m,
		       uint64_t seconds);

/* @s for a comment; NULL, after saying why, if it cannot be one. */
const char *op25b_import_comment(struct op25b_import *im, const char *s);

/* The chain called so, a new one if there is none. Return: its number */
int op25b_import_chain(struct op25b_import *im, const char *name);

bool op25b_import_has_chain(const struct op25b_import *im, const char *name);

/* The rule cannot be carried over, or not in whole, for one reason more. */
void op25b_import_why(struct op25b_import *im, struct op25b_rule *r,
		      const char *fmt, ...) __printf(3, 4);
void op25b_import_note(struct op25b_import *im, struct op25b_rule *r,
		       const char *note);

/* The rule has another condition. */
void op25b_import_cond(struct op25b_rule *r, unsigned int list, bool dst,
		       bool not);

/* The rule is about these ports, or not about them. */
void op25b_import_ports(struct op25b_import *im, struct op25b_rule *r,
			unsigned int ports, bool not);

/* Appends it to @chain. Some in a row that differ in one address become one. */
void op25b_import_rule(struct op25b_import *im, int chain,
		       struct op25b_rule *r);

/* Read the text, which ends with a NUL and may be written to. */
void op25b_import_xt(struct op25b_import *im, char *s, bool sets_only);
void op25b_import_nft(struct op25b_import *im, char *s);
void op25b_import_csv(struct op25b_import *im, char *s);

/* What becomes of a packet to port 25, the later the stronger */
enum op25b_end {
	OP25B_END_NONE,		/* nothing is said: it passes */
	OP25B_END_PASS,		/* accepted by a rule about more than mail */
	OP25B_END_EXEMPT,	/* by one about mail */
	OP25B_END_MONITOR,
	OP25B_END_BLOCK,
};

/* @src, @dst: by list, the length of the member that source and destination are
 * in, or -1.
 */
enum op25b_end op25b_import_end(const struct op25b_import *im, bool v6,
				const int16_t *src, const int16_t *dst);

/* Looks at all rules that mail may meet, says what is not carried over of them,
 * and marks the lists that they ask. Return: any of them blocks mail
 */
bool op25b_import_look(struct op25b_import *im);

/* The same for lists with roles. */
void op25b_import_look_roles(struct op25b_import *im);

/* Finds the results, when the lists are marked. */
void op25b_import_judge(struct op25b_import *im);

enum op25b_format {
	OP25B_FORMAT_IPSET,
	OP25B_FORMAT_NFT,
	OP25B_FORMAT_IPTABLES,
	OP25B_FORMAT_CSV,
};

/* By number */
extern const char * const op25b_format_words[];

/* Reads the file and prints it as a configuration. Return: enum op25b_exit;
 * OP25B_BLOCKED: not all of it
 */
int op25b_import(struct op25b_ctx *ctx, enum op25b_format format,
		 const char *name, const struct op25b_as *as, int n_as);

#endif /* OP25BCTL_IMPORT_H */
