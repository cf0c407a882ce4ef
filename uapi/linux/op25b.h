/* SPDX-License-Identifier: GPL-2.0 WITH Linux-syscall-note */
/*
 * op25b - outbound port 25 blocking: the generic netlink contract.
 *
 * Family "op25b", version 1, resolved per network namespace. Every operation,
 * reading included, needs CAP_NET_ADMIN in the *initial* user namespace,
 * because a subscriber list is private: others get -EPERM.
 *
 * Integers are in host byte order, addresses are bytes in network order (4 for
 * IPv4, 16 for IPv6). Times are CLOCK_REALTIME seconds. A packet is an skb as
 * the hook sees it, a GSO packet once; bytes are skb->len from the IP header
 * on. Attributes are validated strictly: an unknown attribute, a wrong length
 * or trailing bytes are refused.
 *
 * A message applies whole or not at all, its entries in the order in which they
 * stand there. No attribute but PREFIX, RELAY and OP may stand there twice.
 * Every refusal but EPERM carries an extended ACK with one sentence and the
 * offset of the offending attribute; in a packed array that is the offset of
 * the bad record. What is missing is told by NLMSGERR_ATTR_MISS_TYPE and
 * _MISS_NEST.
 *
 * Errors used throughout:
 *   EINVAL     a malformed or missing attribute (see the sentence)
 *   ERANGE     a number beyond what its attribute may say
 *   EEXIST     add of an entry that exists, or that stands twice in a message
 *   ENOENT     delete, get or commit of what is not there
 *   ENOSPC     a limit of the namespace (entries or bytes) would be passed
 *   ENOMEM     the kernel has no memory; nothing was changed
 *   EBUSY      another replacement is being built (BEGIN), the last one
 *              awaits its confirmation, or rulesets that were replaced are
 *              not freed yet: try again
 *   ESTALE     the generation has moved (COMMIT), or the transaction was
 *              poisoned by a FILL that failed
 *   EPERM      no CAP_NET_ADMIN in the initial user namespace
 *   EOPNOTSUPP reject needs nf_reject_ipv4 (IPv6: nf_reject_ipv6) for the
 *              prefixes there are, and it could not be loaded
 */
#ifndef _UAPI_LINUX_OP25B_H
#define _UAPI_LINUX_OP25B_H

#include <linux/types.h>

#define OP25B_GENL_NAME		"op25b"
#define OP25B_GENL_VERSION	1
#define OP25B_GENL_EVENTS	"events"	/* multicast group */

/* Longest comment in bytes, the terminating NUL not counted. UTF-8 without
 * control characters (below U+0020, and U+007F to U+009F) and without those
 * that change the direction of text (U+061C, U+200E, U+200F, U+202A to U+202E,
 * U+2066 to U+2069). An empty comment is none.
 */
#define OP25B_COMMENT_MAX	255

/* Limits of one namespace; relays: of each origin. */
#define OP25B_MAX_PREFIXES	(16 * 1024 * 1024)
#define OP25B_MAX_RELAYS	(64 * 1024)
#define OP25B_MAX_CONFIRM	86400	/* seconds */

/* Defaults of the knobs. */
#define OP25B_DEF_REJECT_RATE		1000	/* replies a second */
#define OP25B_DEF_REJECT_SOURCE_RATE	10	/* replies a second, a source */
#define OP25B_MAX_RATE			1000000	/* of either */
#define OP25B_DEF_OFFENDER_LEN		64	/* bits */
#define OP25B_MIN_OFFENDER_LEN		48
#define OP25B_MAX_OFFENDER_LEN		128
#define OP25B_DEF_OFFENDER_THRESHOLD	1000	/* attempts */
#define OP25B_DEF_ORIGIN_PREFIXES	(1024 * 1024)	/* session, bgp: each */

/* What a namespace does. OFF: no hook is registered. MONITOR: everything is
 * judged and counted, nothing is ever dropped.
 */
enum op25b_mode {
	OP25B_MODE_OFF,
	OP25B_MODE_MONITOR,
	OP25B_MODE_ENFORCE,
	__OP25B_MODE_MAX
};

/* What a blocked packet gets. */
enum op25b_reject {
	OP25B_REJECT_DROP,
	OP25B_REJECT_TCP_RESET,		/* default */
	OP25B_REJECT_ICMP,		/* administratively prohibited */
	__OP25B_REJECT_MAX
};

/* What a subscriber prefix says. The longest matching prefix decides. */
enum op25b_action {
	OP25B_ACTION_NONE,		/* no prefix: never sent in a request */
	OP25B_ACTION_BLOCK,
	OP25B_ACTION_EXEMPT,
	OP25B_ACTION_MONITOR,
	__OP25B_ACTION_MAX
};

/* Who owns an entry. Each origin has prefixes and relays of its own, so the
 * same prefix may be there once of each. The longest prefix over all of them
 * decides. Where several origins have it, CONFIG's does; without that, of
 * SESSION's and BGP's the stricter one: block before monitor before exempt. An
 * address is a relay if any origin says so.
 */
enum op25b_origin {
	OP25B_ORIGIN_UNSPEC,
	OP25B_ORIGIN_CONFIG,		/* the configuration file, or by hand */
	OP25B_ORIGIN_SESSION,		/* subscribers' sessions: RADIUS */
	OP25B_ORIGIN_BGP,		/* routes */
	__OP25B_ORIGIN_MAX
};

/* The counters of a namespace, and the attributes (u64) of OP25B_A_STATS. */
enum op25b_counter {
	OP25B_COUNTER_NONE,
	OP25B_COUNTER_PASS_UNLISTED,
	OP25B_COUNTER_PASS_EXEMPT,
	OP25B_COUNTER_PASS_RELAY,
	OP25B_COUNTER_BLOCK,
	OP25B_COUNTER_BLOCK_SYN,	/* SYNs among BLOCK */
	OP25B_COUNTER_BLOCK_MALFORMED,
	OP25B_COUNTER_BLOCK_REVERSE,
	OP25B_COUNTER_WOULD_BLOCK,
	OP25B_COUNTER_WOULD_BLOCK_SYN,	/* SYNs among WOULD_BLOCK */
	OP25B_COUNTER_WOULD_BLOCK_MALFORMED,
	OP25B_COUNTER_WOULD_BLOCK_REVERSE,
	OP25B_COUNTER_REPLY_SENT,	/* came to the end of OUTPUT */
	OP25B_COUNTER_REPLY_LIMITED,	/* dropped silently: past a limit */
	/* No packets, but what happened to the namespace */
	OP25B_COUNTER_EXPIRED,		/* entries that came to their end */
	OP25B_COUNTER_ROLLED_BACK,	/* rulesets that were not confirmed */
	OP25B_COUNTER_OFFENDER_FOUND,	/* a source crossed the threshold */
	__OP25B_COUNTER_MAX
};

#define OP25B_COUNTER_MAX (__OP25B_COUNTER_MAX - 1)

/* What OP25B_CMD_EVENT tells; which attributes come with it stands there. */
enum op25b_event_kind {
	OP25B_EVENT_NONE,		/* never sent */
	OP25B_EVENT_OFFENDER,		/* a source crossed the threshold */
	OP25B_EVENT_EXPIRED,		/* entries came to their end */
	OP25B_EVENT_EXPIRING,		/* an exemption will, in 7 days or 1;
					 * within a minute of that
					 */
	OP25B_EVENT_REPLACED,		/* COMMIT */
	OP25B_EVENT_CONFIRMED,
	OP25B_EVENT_ROLLED_BACK,
	OP25B_EVENT_MODE,		/* the mode has changed */
	OP25B_EVENT_STATS_RESET,
	OP25B_EVENT_LOST,		/* COUNT events were not sent */
	OP25B_EVENT_ROLLBACK_FAILED,	/* its time has come, but the hooks that
					 * it needs could not be registered; it
					 * is tried again
					 */
};

/* What happens to a packet (OP25B_CMD_TEST). */
enum op25b_outcome {
	OP25B_OUTCOME_ACCEPT,
	OP25B_OUTCOME_REJECT,		/* dropped, answered as `reject` says */
	OP25B_OUTCOME_DROP,		/* dropped, never answered */
};

/* What happens to the entries behind OP25B_A_OP, up to the next one. */
enum op25b_op {
	OP25B_OP_UNSPEC,
	OP25B_OP_ADD,			/* EEXIST if it is there */
	OP25B_OP_REPLACE,
	OP25B_OP_ADD_IF_ABSENT,		/* left as it is if it is there */
	OP25B_OP_DEL,			/* ENOENT if it is not there */
	OP25B_OP_DEL_IF_PRESENT,
	__OP25B_OP_MAX
};

/**
 * enum op25b_cmd - the operations
 *
 * @OP25B_CMD_GET: do. The ruleset's knobs and totals: MODE, REJECT, REVERSE,
 *	COUNTERS, REJECT_RATE, REJECT_SOURCE_RATE, WATCH_OFFENDERS,
 *	OFFENDER_LEN, OFFENDER_THRESHOLD, SESSION_PREFIXES, BGP_PREFIXES,
 *	GENERATION, HOOK_V4, HOOK_V6, PREFIXES_V4, PREFIXES_V6, RELAY_COUNT
 *	(these three of all origins), PART of each origin, OFFENDERS, MEMORY,
 *	MAX_PREFIXES, MAX_RELAYS, MAX_MEMORY, CONFIRM_LEFT (0: nothing is
 *	pending).
 * @OP25B_CMD_SET: do. Changes the knobs given, all or none: MODE, REJECT,
 *	REVERSE, COUNTERS, REJECT_RATE, REJECT_SOURCE_RATE, WATCH_OFFENDERS,
 *	OFFENDER_LEN, OFFENDER_THRESHOLD, SESSION_PREFIXES, BGP_PREFIXES. At
 *	least one.
 * @OP25B_CMD_PREFIX_ADD: do. Adds prefixes; refused with EEXIST if any is
 *	there. One or many PREFIX, or one PREFIXES with RECORD_SIZE, or both.
 *	ORIGIN: whose they are; absent: CONFIG. What is not CONFIG's neither
 *	moves the generation nor waits for a confirmation, and no COMMIT,
 *	ROLLBACK or FLUSH of CONFIG touches it.
 * @OP25B_CMD_PREFIX_REPLACE: do. Like PREFIX_ADD, but a prefix that exists
 *	takes the new action, comment (no COMMENT: none) and expiry (no
 *	EXPIRES: never), and keeps its counters.
 * @OP25B_CMD_PREFIX_DEL: do. Deletes prefixes (PREFIX with ADDR and LEN, or
 *	PREFIXES with action 0); refused with ENOENT if any is absent, unless
 *	IF_PRESENT. One with a COMMENT is there only if it had that comment
 *	before the message. ORIGIN as in PREFIX_ADD.
 * @OP25B_CMD_PREFIX_GET: do: the one prefix of PREFIX (ADDR, LEN), ENOENT if
 *	there is none; without ORIGIN that of the first origin which has it, in
 *	the order of enum op25b_origin. dump: all, or those of ORIGIN, origin by
 *	origin, IPv4 first, in the order of address, then length; many PREFIX to
 *	a message. NLM_F_DUMP_INTR where the list changed meanwhile. What
 *	selects is all of it true: BY_HAND, those that say so themselves;
 *	ACTION, with this action; WITHIN (ADDR, LEN), this prefix, which need
 *	not be there, and those inside of it; COVERING, those that the address
 *	is in. WITHIN and COVERING are looked up: what lies elsewhere takes no
 *	time.
 * @OP25B_CMD_PREFIX_FLUSH: do. Deletes all prefixes of ORIGIN; absent: of
 *	CONFIG.
 * @OP25B_CMD_RELAY_ADD: like PREFIX_ADD with RELAY and RELAYS.
 * @OP25B_CMD_RELAY_REPLACE: like PREFIX_REPLACE.
 * @OP25B_CMD_RELAY_DEL: like PREFIX_DEL.
 * @OP25B_CMD_RELAY_GET: like PREFIX_GET, of which ORIGIN and BY_HAND select.
 *	Dumped IPv4 first, by address.
 * @OP25B_CMD_RELAY_FLUSH: like PREFIX_FLUSH.
 * @OP25B_CMD_BEGIN: do. Begins a replacement of the whole `config`; answers
 *	TXN and GENERATION. The staged ruleset is empty, its knobs are the
 *	defaults. One at a time in a namespace (EBUSY). It dies with its socket.
 * @OP25B_CMD_FILL: do. TXN, and entries as in PREFIX_ADD and RELAY_ADD in one
 *	message, and knobs as in SET. A FILL that fails poisons the transaction:
 *	only ABORT is accepted then. (Not if it is malformed as a message: an
 *	attribute that is unknown, trailing bytes, a nest without its flag.)
 * @OP25B_CMD_COMMIT: do. TXN, perhaps knobs; a MODE must have been given in
 *	one of the FILLs or here. GENERATION, if given, must be the one in
 *	force (ESTALE). A COMMIT that fails changes nothing, and the
 *	transaction lives on. Answers GENERATION. A packet
 *	is judged by the old or by the new ruleset. Entries that stay keep
 *	their counters. With CONFIRM the old ruleset is kept, and put in force
 *	again after so many seconds unless OP25B_CMD_CONFIRM comes first.
 *	Meanwhile EBUSY is what BEGIN and all changes of CONFIG get, but
 *	for a SET of MODE `off` alone, which a rollback leaves as it is;
 *	prefixes expire in both rulesets.
 * @OP25B_CMD_ABORT: do. TXN. Forgets the transaction.
 * @OP25B_CMD_TEST: do. SRC and DST, of one family: what would happen to a SYN
 *	from SRC to port 25 of DST. Answers OUTCOME (what happens now), MODE,
 *	REJECT, COUNTER (the counter it would move; in mode `off` the one it
 *	would move in mode `monitor`), PREFIX (the prefix of SRC that decides,
 *	if any), OTHER (longest prefix of SRC of each other origin that has
 *	one), RELAY (DST, if it is a relay: that of the first origin).
 * @OP25B_CMD_STATS_GET: do. STATS.
 * @OP25B_CMD_STATS_RESET: do. Sets the counters of the namespace and those of
 *	all entries to zero, and empties the table of offenders.
 * @OP25B_CMD_CONFIRM: do. GENERATION, which must be the one in force (ESTALE).
 *	What COMMIT has put in force stays. ENOENT if nothing is pending.
 *	Answers GENERATION.
 * @OP25B_CMD_ROLLBACK: do. What COMMIT has replaced is put in force again, with
 *	the comments and expiries it had; counters go on. ENOENT if nothing is
 *	pending. From mode `off` it registers hooks again; if they cannot be
 *	had (ENOMEM), it is still pending. Answers GENERATION, the next one: a
 *	rollback is a change.
 * @OP25B_CMD_OFFENDER_GET: dump: OFFENDER, worst first, of all or of the COUNT
 *	worst; many to a message. They are read when the dump begins.
 * @OP25B_CMD_CHANGE: do. Changes entries and knobs in one step: OP, and PREFIX
 *	and RELAY behind it, as often as need be, in this order; knobs as in
 *	SET. With OP_DEL and OP_DEL_IF_PRESENT a nest has ADDR, LEN and COMMENT
 *	only. ORIGIN of all entries, as in PREFIX_ADD; knobs are CONFIG's.
 * @OP25B_CMD_EVENT: never a request; the multicast group "events" gets it.
 *	EVENT and TIME, and as far as they mean something: GENERATION, ORIGIN
 *	(of the entries), MODE, PREFIX, OFFENDER, COUNT (entries
 *	that it is about, or events lost), PID and UID of who asked for it,
 *	in the initial namespaces (absent: the kernel acted by itself). A
 *	namespace's
 *	members need CAP_NET_ADMIN to join, and no group is there in kernels
 *	that cannot ask for it (some before 6.1.68); in a network namespace
 *	that another user namespace than the initial one owns, nothing is
 *	sent. At most 50 a second that somebody asked for, and 50 that nobody
 *	did; LOST tells of those beyond. A socket that does not keep up gets
 *	ENOBUFS.
 */
enum op25b_cmd {
	OP25B_CMD_UNSPEC,
	OP25B_CMD_GET,
	OP25B_CMD_SET,
	OP25B_CMD_PREFIX_ADD,
	OP25B_CMD_PREFIX_REPLACE,
	OP25B_CMD_PREFIX_DEL,
	OP25B_CMD_PREFIX_GET,
	OP25B_CMD_PREFIX_FLUSH,
	OP25B_CMD_RELAY_ADD,
	OP25B_CMD_RELAY_REPLACE,
	OP25B_CMD_RELAY_DEL,
	OP25B_CMD_RELAY_GET,
	OP25B_CMD_RELAY_FLUSH,
	OP25B_CMD_BEGIN,
	OP25B_CMD_FILL,
	OP25B_CMD_COMMIT,
	OP25B_CMD_ABORT,
	OP25B_CMD_TEST,
	OP25B_CMD_STATS_GET,
	OP25B_CMD_STATS_RESET,
	OP25B_CMD_EVENT,
	OP25B_CMD_CONFIRM,
	OP25B_CMD_ROLLBACK,
	OP25B_CMD_OFFENDER_GET,
	OP25B_CMD_CHANGE,
	__OP25B_CMD_MAX
};

#define OP25B_CMD_MAX (__OP25B_CMD_MAX - 1)

/* Attributes of every message; which goes where stands at enum op25b_cmd. */
enum op25b_attr {
	OP25B_A_UNSPEC,
	OP25B_A_MODE,			/* u8, enum op25b_mode */
	OP25B_A_REJECT,			/* u8, enum op25b_reject */
	OP25B_A_REVERSE,		/* u8, 0 or 1 */
	OP25B_A_COUNTERS,		/* u8, 0 or 1: count per entry */
	OP25B_A_REJECT_RATE,		/* u32, replies/s of the namespace */
	OP25B_A_REJECT_SOURCE_RATE,	/* u32, replies/s of one source */
	OP25B_A_GENERATION,		/* u64 */
	OP25B_A_PREFIX,			/* nest, op25b_prefix_attr; repeats */
	OP25B_A_PREFIXES,		/* struct op25b_prefix_rec[] */
	OP25B_A_RELAY,			/* nest, op25b_relay_attr; repeats */
	OP25B_A_RELAYS,			/* struct op25b_relay_rec[] */
	OP25B_A_RECORD_SIZE,		/* u32, bytes; needed with PREFIXES
					 * and RELAYS: 24
					 */
	OP25B_A_TXN,			/* u64, never 0 */
	OP25B_A_IF_PRESENT,		/* flag */
	OP25B_A_SRC,			/* 4 or 16 bytes */
	OP25B_A_DST,			/* 4 or 16 bytes */
	OP25B_A_OUTCOME,		/* u8, enum op25b_outcome */
	OP25B_A_COUNTER,		/* u8, enum op25b_counter */
	OP25B_A_STATS,			/* nest, u64 by enum op25b_counter */
	OP25B_A_HOOK_V4,		/* u8, 1 when registered */
	OP25B_A_HOOK_V6,		/* u8 */
	OP25B_A_PREFIXES_V4,		/* u32, entries */
	OP25B_A_PREFIXES_V6,		/* u32 */
	OP25B_A_RELAY_COUNT,		/* u32 */
	OP25B_A_MEMORY,			/* u64, bytes held */
	OP25B_A_MAX_PREFIXES,		/* u32 */
	OP25B_A_MAX_RELAYS,		/* u32 */
	OP25B_A_MAX_MEMORY,		/* u64, bytes */
	OP25B_A_PAD,
	OP25B_A_EVENT,			/* u8, enum op25b_event_kind */
	OP25B_A_TIME,			/* u64, seconds */
	OP25B_A_ORIGIN,			/* u8, enum op25b_origin, never 0 */
	OP25B_A_PID,			/* u32 */
	OP25B_A_UID,			/* u32 */
	OP25B_A_COUNT,			/* u32 */
	OP25B_A_CONFIRM,		/* u32, seconds, 1..OP25B_MAX_CONFIRM */
	OP25B_A_CONFIRM_LEFT,		/* u32, seconds */
	OP25B_A_BY_HAND,		/* flag; dump requests */
	OP25B_A_OFFENDER,		/* nest, op25b_offender_attr; repeats */
	OP25B_A_OFFENDERS,		/* u32, places of the table in use */
	OP25B_A_WATCH_OFFENDERS,	/* u8, 0 or 1: count per source */
	OP25B_A_OFFENDER_LEN,		/* u8, bits of an IPv6 source */
	OP25B_A_OFFENDER_THRESHOLD,	/* u32, attempts; 0: never told */
	OP25B_A_OP,			/* u8, enum op25b_op; repeats */
	OP25B_A_SESSION_PREFIXES,	/* u32, limit of origin SESSION */
	OP25B_A_BGP_PREFIXES,		/* u32, limit of origin BGP */
	OP25B_A_PART,			/* nest, op25b_part_attr; repeats */
	OP25B_A_OTHER,			/* nest, op25b_prefix_attr; repeats */
	OP25B_A_ACTION,			/* u8, enum op25b_action; dump requests,
					 * as are the next two
					 */
	OP25B_A_WITHIN,			/* nest, op25b_prefix_attr */
	OP25B_A_COVERING,		/* 4 or 16 bytes */
	__OP25B_A_MAX
};

#define OP25B_A_MAX (__OP25B_A_MAX - 1)

/* One subscriber prefix. Requests: ADDR, LEN, ACTION (not in DEL and GET),
 * COMMENT, EXPIRES. Host bits beyond LEN must be zero. Counters and EXPIRES are
 * absent where 0.
 *
 * From EXPIRES on the prefix is gone, at most a second later and 20 us more for
 * each one due before it. 0 is never; a time that is past already is accepted
 * and enforced like any other. The clock is CLOCK_REALTIME: who sets it forward
 * lets prefixes expire. Expiry does not move the generation.
 *
 * BY_HAND, of prefixes and relays: added or replaced by PREFIX_ADD and the like
 * since the last COMMIT. On trial (CONFIRM) none is; a rollback brings back
 * those that were.
 */
enum op25b_prefix_attr {
	OP25B_PREFIX_A_UNSPEC,
	OP25B_PREFIX_A_ADDR,		/* 4 or 16 bytes: tells the family */
	OP25B_PREFIX_A_LEN,		/* u8, 0..32 or 0..128 */
	OP25B_PREFIX_A_ACTION,		/* u8, enum op25b_action */
	OP25B_PREFIX_A_COMMENT,		/* string */
	OP25B_PREFIX_A_ORIGIN,		/* u8, enum op25b_origin; reply only */
	OP25B_PREFIX_A_PACKETS,		/* u64; reply only */
	OP25B_PREFIX_A_BYTES,		/* u64; reply only */
	OP25B_PREFIX_A_SYNS,		/* u64; reply only */
	OP25B_PREFIX_A_LAST_SEEN,	/* u64, seconds; reply only */
	OP25B_PREFIX_A_PAD,
	OP25B_PREFIX_A_EXPIRES,		/* u64, seconds, at most U32_MAX */
	OP25B_PREFIX_A_BY_HAND,		/* flag; reply only */
	__OP25B_PREFIX_A_MAX
};

#define OP25B_PREFIX_A_MAX (__OP25B_PREFIX_A_MAX - 1)

/* One relay. Requests: ADDR, LEN (32 or 128, the full length; may be absent),
 * COMMENT.
 */
enum op25b_relay_attr {
	OP25B_RELAY_A_UNSPEC,
	OP25B_RELAY_A_ADDR,		/* 4 or 16 bytes */
	OP25B_RELAY_A_LEN,		/* u8 */
	OP25B_RELAY_A_COMMENT,		/* string */
	OP25B_RELAY_A_ORIGIN,		/* u8, enum op25b_origin; reply only */
	OP25B_RELAY_A_PACKETS,		/* u64; reply only */
	OP25B_RELAY_A_BYTES,		/* u64; reply only */
	OP25B_RELAY_A_LAST_SEEN,	/* u64, seconds; reply only */
	OP25B_RELAY_A_PAD,
	OP25B_RELAY_A_BY_HAND,		/* flag; reply only */
	__OP25B_RELAY_A_MAX
};

#define OP25B_RELAY_A_MAX (__OP25B_RELAY_A_MAX - 1)

/* What one origin has in the ruleset in force; reply only. */
enum op25b_part_attr {
	OP25B_PART_A_UNSPEC,
	OP25B_PART_A_ORIGIN,		/* u8, enum op25b_origin */
	OP25B_PART_A_PREFIXES_V4,	/* u32, entries */
	OP25B_PART_A_PREFIXES_V6,	/* u32 */
	OP25B_PART_A_RELAY_COUNT,	/* u32 */
	OP25B_PART_A_MAX_PREFIXES,	/* u32 */
	OP25B_PART_A_SERIAL,		/* u64, changes, expiry included */
	OP25B_PART_A_CHANGED,		/* u64, seconds; absent: never */
	OP25B_PART_A_PAD,
	__OP25B_PART_A_MAX
};

#define OP25B_PART_A_MAX (__OP25B_PART_A_MAX - 1)

/* One offender: a source whose packets were blocked or would have been, or an
 * exempt one that connects; in row 2 of the verdict (the reverse guard) the
 * subscriber in whose name somebody else sends. An attempt is a packet that was
 * blocked, or the SYN of one that was let through. All is counted since the
 * source came into the table, see kmod/packet/heavy.c for what that guarantees.
 */
enum op25b_offender_attr {
	OP25B_OFFENDER_A_UNSPEC,
	OP25B_OFFENDER_A_ADDR,		/* 4 or 16 bytes */
	OP25B_OFFENDER_A_LEN,		/* u8, bits: 32, or as OFFENDER_LEN */
	OP25B_OFFENDER_A_ATTEMPTS,	/* u64 */
	OP25B_OFFENDER_A_ERROR,		/* u64, attempts before that, at most */
	OP25B_OFFENDER_A_PACKETS,	/* u64 */
	OP25B_OFFENDER_A_BYTES,		/* u64 */
	OP25B_OFFENDER_A_SYNS,		/* u64 */
	OP25B_OFFENDER_A_DESTINATIONS,	/* u32, an estimate; 3490: or more */
	OP25B_OFFENDER_A_FIRST_SEEN,	/* u64, seconds */
	OP25B_OFFENDER_A_LAST_SEEN,	/* u64, seconds */
	OP25B_OFFENDER_A_EXEMPT,	/* flag: the last packet was */
	OP25B_OFFENDER_A_WATCHED,	/* flag: it would have been blocked */
	OP25B_OFFENDER_A_PREFIX,	/* nest, op25b_prefix_attr */
	OP25B_OFFENDER_A_PAD,
	__OP25B_OFFENDER_A_MAX
};

#define OP25B_OFFENDER_A_MAX (__OP25B_OFFENDER_A_MAX - 1)

/**
 * struct op25b_prefix_rec - one prefix of the packed array OP25B_A_PREFIXES
 * @addr: network order; IPv4 in the first four bytes, the rest zero
 * @family: AF_INET or AF_INET6
 * @len: prefix length in bits
 * @action: enum op25b_action; 0 in PREFIX_DEL
 * @reserved: zero
 * @expires: as OP25B_PREFIX_A_EXPIRES, 0 never; 0 in PREFIX_DEL
 *
 * A packed entry has no comment. An attribute holds at most 64 KiB, so at most
 * 2730 records.
 */
struct op25b_prefix_rec {
	__u8	addr[16];
	__u8	family;
	__u8	len;
	__u8	action;
	__u8	reserved;
	__u32	expires;
};

/**
 * struct op25b_relay_rec - one relay of the packed array OP25B_A_RELAYS
 * @addr: as in struct op25b_prefix_rec
 * @family: AF_INET or AF_INET6
 * @len: 32 or 128
 * @reserved: zero
 */
struct op25b_relay_rec {
	__u8	addr[16];
	__u8	family;
	__u8	len;
	__u8	reserved[6];
};

#endif /* _UAPI_LINUX_OP25B_H */
