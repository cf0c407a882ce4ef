/* SPDX-License-Identifier: GPL-2.0 */
/*
 * What the files of the netlink family share:
 *
 *   reply.c     what answers have in common
 *   family.c    the operations and their policies
 *   knobs.c     the knobs in a request
 *   config.c    GET, SET, STATS, TEST
 *   parse.c     attributes and packed records to prefixes and relays
 *   change.c    ADD, REPLACE, DEL, CHANGE, FLUSH
 *   dump.c      GET, one or all
 *   confirm.c   CONFIRM, ROLLBACK
 *   offender.c  the offenders, worst first
 *   txn.c       BEGIN, FILL, COMMIT, ABORT, and the death of their socket
 *   notify.c    EVENT
 *
 * A request is first judged by the policy of its operation in the core, which
 * fills in the extended ACK by itself. What a policy cannot say is refused
 * here, by nl_refuse() or nl_missing().
 */
#ifndef _OP25B_NL_H
#define _OP25B_NL_H

#include <linux/op25b.h>
#include <net/genetlink.h>

#include "lpm/addr.h"
#include "state/relay.h"
#include "state/ruleset.h"

struct op25b_net;
struct op25b_offender;
struct op25b_store;

/* A sentence and the offset of what is wrong, which may be any byte of the
 * message: the core only subtracts the address of the netlink header.
 */
#define nl_refuse(extack, bad, sentence) ({				\
	NL_SET_ERR_MSG_ATTR(extack, (const struct nlattr *)(bad), sentence); \
	-EINVAL;							\
})

/* @nest: where attribute @type is missing, NULL for the message itself. */
#define nl_missing(extack, nest, type, sentence) ({			\
	struct netlink_ext_ack *_extack = (extack);			\
	const struct nlattr *_nest = (nest);				\
									\
	NL_SET_ERR_MSG_ATTR(_extack, _nest, sentence);			\
	NL_SET_ERR_ATTR_MISS(_extack, (struct nlattr *)_nest, type);	\
	-EINVAL;							\
})

#define nl_no_memory(extack) ({						\
	NL_SET_ERR_MSG(extack, "the kernel has no memory");		\
	-ENOMEM;							\
})

/* One prefix or relay of a request. */
struct op25b_nl_entry {
	enum op25b_entry_kind kind;
	struct op25b_prefix key;
	const char *comment;	/* NULL none; lives in the message */
	u32 expires;		/* CLOCK_REALTIME seconds, 0 never */
	u8 action;
};

static inline struct op25b_relay op25b_nl_relay(const struct op25b_prefix *key)
{
	return (struct op25b_relay){
		.addr = key->addr,
		.family = key->family,
	};
}

/* netlink/reply.c */
extern struct genl_family op25b_genl_family;

/* GENERATION, if given, is the one in force. Context: on->store.lock. */
int op25b_nl_check_generation(struct op25b_net *on, struct genl_info *info);

/* A reply, its header in *@hdr, and its end: sent, or freed if @err. NULL: no
 * memory, with the extended ACK filled in.
 */
struct sk_buff *op25b_nl_reply_begin(struct genl_info *info, void **hdr);
int op25b_nl_reply_end(struct sk_buff *skb, struct genl_info *info, void *hdr,
		       int err);

/* A reply with room for TXN and GENERATION, made before what it reports:
 * without memory for it nothing happens. Return: NULL, with the extended ACK
 * filled in.
 */
struct sk_buff *op25b_nl_reply_new(struct genl_info *info);
/* Sends it: @generation, and @id unless it is 0. Consumes @skb. */
int op25b_nl_reply_generation(struct genl_info *info, struct sk_buff *skb,
			      u64 id, u64 generation);

/* Does @what under the writer's lock, and answers the generation that is in
 * force afterwards.
 */
int op25b_nl_act(struct genl_info *info,
		 int (*what)(struct op25b_net *on, struct genl_info *info));

/* ORIGIN of a request that is about one, CONFIG if it is not there. */
static inline u8 op25b_nl_origin(const struct genl_info *info)
{
	const struct nlattr *origin = info->attrs[OP25B_A_ORIGIN];

	return origin ? nla_get_u8(origin) : OP25B_ORIGIN_CONFIG;
}

/* netlink/knobs.c */
/* Sets the knobs that stand in @attrs. Return: how many. */
unsigned int op25b_nl_knobs(struct nlattr **attrs, struct op25b_knobs *knobs);

/* Does the message set the mode to `off`, and nothing else? */
bool op25b_nl_only_off(struct genl_info *info);

/* A commit was refused with @err: point at what asked for it. */
void op25b_nl_blame(struct genl_info *info, int err);

/* netlink/config.c */
int op25b_nl_get(struct sk_buff *skb, struct genl_info *info);
int op25b_nl_set(struct sk_buff *skb, struct genl_info *info);
int op25b_nl_stats_get(struct sk_buff *skb, struct genl_info *info);
int op25b_nl_stats_reset(struct sk_buff *skb, struct genl_info *info);
int op25b_nl_test(struct sk_buff *skb, struct genl_info *info);

/* netlink/parse.c */
int op25b_nl_check_addr(const struct nlattr *attr,
			struct netlink_ext_ack *extack);
int op25b_nl_check_comment(const struct nlattr *attr,
			   struct netlink_ext_ack *extack);

/* Refuses a second attribute of a kind, unless its bit is in @repeat. */
int op25b_nl_once(const struct nlattr *head, int len, u64 repeat,
		  struct netlink_ext_ack *extack);

/* A whole request, do or dump, and that of @info; see op25b_nl_once(). */
int op25b_nl_request_once(const struct nlmsghdr *nlh, u64 repeat,
			  struct netlink_ext_ack *extack);
int op25b_nl_message_once(struct genl_info *info, u64 repeat);

/* @attr has passed op25b_nl_check_addr(). Return: enum op25b_family. */
u8 op25b_nl_addr(const struct nlattr *attr, struct op25b_addr *addr);

/* @nest, PREFIX, WITHIN or RELAY, has passed its policy. @keyed: neither action
 * nor expiry. @rec is one of PREFIXES or RELAYS.
 */
int op25b_nl_nest(const struct nlattr *nest, bool keyed,
		  struct op25b_nl_entry *out, struct netlink_ext_ack *extack);
int op25b_nl_prefix_rec(const struct op25b_prefix_rec *rec, bool keyed,
			struct op25b_nl_entry *out,
			struct netlink_ext_ack *extack);
int op25b_nl_relay_rec(const struct op25b_relay_rec *rec,
		       struct op25b_nl_entry *out,
		       struct netlink_ext_ack *extack);

/* netlink/change.c */
#define OP25B_NL_ENTRIES (BIT_ULL(OP25B_A_PREFIX) | BIT_ULL(OP25B_A_RELAY))

/* Applies the entries of the message, in their order, to @edit; a FILL adds.
 * Return: how many took effect, or an error with the extended ACK filled in.
 * Context: on->store.lock.
 */
int op25b_nl_entries(struct genl_info *info, struct op25b_edit *edit);

/* One message, one step: @change amends what ORIGIN has in force. Return: how
 * much it changed, 0 to leave all as it is, or an error.
 */
int op25b_nl_amend(struct genl_info *info,
		   int (*change)(struct genl_info *info,
				 struct op25b_edit *edit));

int op25b_nl_change(struct sk_buff *skb, struct genl_info *info);
int op25b_nl_change_any(struct sk_buff *skb, struct genl_info *info);
int op25b_nl_flush(struct sk_buff *skb, struct genl_info *info);

/* netlink/dump.c; both: -EMSGSIZE and @skb as it was if there is no room. */

/* An entry as attribute @type. @action: of a prefix. @info: what is known of
 * it, may be NULL.
 */
int op25b_nl_put_nest(struct sk_buff *skb, int type, enum op25b_entry_kind kind,
		      const struct op25b_prefix *key, u8 action,
		      const struct op25b_entry_info *info);
/* The same with what is known of it. Context: store->lock. */
int op25b_nl_put_entry(struct sk_buff *skb, struct op25b_store *store, int type,
		       u8 class, const struct op25b_prefix *key, u8 action);

int op25b_nl_put_addr(struct sk_buff *skb, int type, u8 family,
		      struct op25b_addr addr);
/* A 64-bit attribute that is left out where it is 0. */
int op25b_nl_put_u64(struct sk_buff *skb, int type, u64 value, int pad);

int op25b_nl_entry_get(struct sk_buff *skb, struct genl_info *info);
int op25b_nl_prefix_dump(struct sk_buff *skb, struct netlink_callback *cb);
int op25b_nl_relay_dump(struct sk_buff *skb, struct netlink_callback *cb);

/* netlink/offender.c */
/* @info: of the prefix that decided about it. Return: as above. */
int op25b_nl_put_offender(struct sk_buff *skb, const struct op25b_offender *o,
			  const struct op25b_entry_info *info);

int op25b_nl_offender_dump(struct sk_buff *skb, struct netlink_callback *cb);
int op25b_nl_offender_done(struct netlink_callback *cb);

/* netlink/txn.c */
int op25b_txn_init(void);
void op25b_txn_exit(void);
int op25b_nl_begin(struct sk_buff *skb, struct genl_info *info);
/* @policy: what a FILL must be. */
int op25b_nl_fill(struct genl_info *info, const struct nla_policy *policy);
int op25b_nl_commit(struct sk_buff *skb, struct genl_info *info);
int op25b_nl_abort(struct sk_buff *skb, struct genl_info *info);

/* netlink/confirm.c */
int op25b_nl_confirm(struct sk_buff *skb, struct genl_info *info);
int op25b_nl_rollback(struct sk_buff *skb, struct genl_info *info);

/* netlink/notify.c */
void op25b_notify_init(void);
void op25b_notify_exit(void);

/* netlink/family.c */
int op25b_netlink_init(void);
void op25b_netlink_exit(void);

#endif /* _OP25B_NL_H */
