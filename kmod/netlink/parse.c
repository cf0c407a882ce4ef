// SPDX-License-Identifier: GPL-2.0
/*
 * Attributes and packed records to prefixes, relays and comments.
 *
 * Everything here refuses; nothing is rounded, cut or guessed. The bytes come
 * from a privileged program, which may be hostile or merely wrong.
 */
#include <linux/socket.h>
#include <linux/string.h>

#include "lpm/chunk.h"
#include "netlink/nl.h"

int op25b_nl_check_addr(const struct nlattr *attr,
			struct netlink_ext_ack *extack)
{
	if (nla_len(attr) != 4 && nla_len(attr) != 16)
		return nl_refuse(extack, attr,
				 "an address has 4 or 16 bytes");
	return 0;
}

/* Takes one character off @s, which ends with a NUL.
 * Return: its code point, -1 if it is no UTF-8 (RFC 3629: shortest form, no
 * surrogates, nothing above U+10FFFF).
 */
static int utf8_next(const u8 **s)
{
	static const int least[] = { 0, 0, 0x80, 0x800, 0x10000 };
	int code = *(*s)++;
	int len, i;

	if (code < 0x80)
		return code;

	len = (code & 0xe0) == 0xc0 ? 2 : (code & 0xf0) == 0xe0 ? 3 :
	      (code & 0xf8) == 0xf0 ? 4 : 0;
	if (!len)
		return -1;

	code &= 0x7f >> len;
	for (i = 1; i < len; i++, (*s)++) {
		if ((**s & 0xc0) != 0x80)
			return -1;
		code = code << 6 | (**s & 0x3f);
	}
	if (code < least[len] || code > 0x10ffff ||
	    (code >= 0xd800 && code <= 0xdfff))
		return -1;
	return code;
}

/* Marks, embeddings, overrides and isolates of the bidirectional algorithm:
 * they make a text read other than it is written.
 */
static bool is_bidi(int code)
{
	return code == 0x061c || code == 0x200e || code == 0x200f ||
	       (code >= 0x202a && code <= 0x202e) ||
	       (code >= 0x2066 && code <= 0x2069);
}

int op25b_nl_check_comment(const struct nlattr *attr,
			   struct netlink_ext_ack *extack)
{
	const u8 *s = nla_data(attr);
	const u8 *end = s + nla_len(attr) - 1;
	int code;

	/* The policy's type has seen to a NUL somewhere. */
	if (end - s > OP25B_COMMENT_MAX)
		return nl_refuse(extack, attr,
				 "a comment has at most 255 bytes");
	if (strnlen(s, nla_len(attr)) != end - s)
		return nl_refuse(extack, attr,
				 "a comment ends with its only NUL");
	while (s < end) {
		code = utf8_next(&s);
		if (code < 0)
			return nl_refuse(extack, attr,
					 "a comment is valid UTF-8");
		/* C0, DEL and C1: what a terminal might obey */
		if (code < 0x20 || (code >= 0x7f && code <= 0x9f))
			return nl_refuse(extack, attr,
					 "a comment has no control characters");
		if (is_bidi(code))
			return nl_refuse(extack, attr,
					 "a comment has no bidirectional controls");
	}
	return 0;
}

int op25b_nl_once(const struct nlattr *head, int len, u64 repeat,
		  struct netlink_ext_ack *extack)
{
	const struct nlattr *attr;
	unsigned int n = 0;
	u64 seen = 0, bit;
	int rem;

	BUILD_BUG_ON(OP25B_A_MAX >= 64 || OP25B_PREFIX_A_MAX >= 64 ||
		     OP25B_RELAY_A_MAX >= 64);
	nla_for_each_attr(attr, head, len, rem) {
		/* The core has refused types beyond the maximum. */
		bit = BIT_ULL(nla_type(attr) & 63);
		if (seen & bit & ~repeat)
			return nl_refuse(extack, attr,
					 "the attribute stands there twice");
		seen |= bit;
		op25b_chunk(&n);
	}
	return 0;
}

int op25b_nl_request_once(const struct nlmsghdr *nlh, u64 repeat,
			  struct netlink_ext_ack *extack)
{
	return op25b_nl_once(nlmsg_attrdata(nlh, GENL_HDRLEN),
			     nlmsg_attrlen(nlh, GENL_HDRLEN), repeat, extack);
}

int op25b_nl_message_once(struct genl_info *info, u64 repeat)
{
	return op25b_nl_request_once(info->nlhdr, repeat, info->extack);
}

static struct op25b_addr read_addr(const void *bytes, u8 family)
{
	__be32 word[4];

	memcpy(word, bytes, op25b_family_bits(family) / 8);
	return family == OP25B_V4 ? op25b_addr_v4(word[0]) :
				    op25b_addr_v6(word);
}

u8 op25b_nl_addr(const struct nlattr *attr, struct op25b_addr *addr)
{
	u8 family = nla_len(attr) == 4 ? OP25B_V4 : OP25B_V6;

	*addr = read_addr(nla_data(attr), family);
	return family;
}

/* @bad_len, @bad_addr: what to point at. */
static int check_prefix(const struct op25b_prefix *prefix, const void *bad_len,
			const void *bad_addr, struct netlink_ext_ack *extack)
{
	if (prefix->len > op25b_family_bits(prefix->family))
		return nl_refuse(extack, bad_len,
				 "the prefix length exceeds the address's");
	if (!op25b_addr_equal(prefix->addr,
			      op25b_addr_head(prefix->addr, prefix->len)))
		return nl_refuse(extack, bad_addr,
				 "host bits are set beyond the prefix length");
	return 0;
}

static int check_relay_len(const struct op25b_prefix *key, const void *bad,
			   struct netlink_ext_ack *extack)
{
	if (key->len != op25b_family_bits(key->family))
		return nl_refuse(extack, bad,
				 "a relay is one address: length 32 or 128");
	return 0;
}

/* An empty comment is none. */
static const char *read_comment(const struct nlattr *attr)
{
	return attr && nla_len(attr) > 1 ? nla_data(attr) : NULL;
}

static int prefix_nest(const struct nlattr *nest, bool keyed,
		       struct op25b_nl_entry *out,
		       struct netlink_ext_ack *extack)
{
	struct nlattr *tb[OP25B_PREFIX_A_MAX + 1];
	int err;

	err = nla_parse_nested(tb, OP25B_PREFIX_A_MAX, nest, NULL, extack);
	if (err)
		return err;
	if (!tb[OP25B_PREFIX_A_ADDR])
		return nl_missing(extack, nest, OP25B_PREFIX_A_ADDR,
				  "the prefix has no address");
	if (!tb[OP25B_PREFIX_A_LEN])
		return nl_missing(extack, nest, OP25B_PREFIX_A_LEN,
				  "the prefix has no length");
	if (keyed && (tb[OP25B_PREFIX_A_ACTION] || tb[OP25B_PREFIX_A_EXPIRES]))
		return nl_refuse(extack, nest,
				 "a prefix that goes has no action and no expiry");
	if (!keyed && !tb[OP25B_PREFIX_A_ACTION])
		return nl_missing(extack, nest, OP25B_PREFIX_A_ACTION,
				  "the prefix has no action");

	out->key.family = op25b_nl_addr(tb[OP25B_PREFIX_A_ADDR],
					&out->key.addr);
	out->key.len = nla_get_u8(tb[OP25B_PREFIX_A_LEN]);
	if (!keyed)
		out->action = nla_get_u8(tb[OP25B_PREFIX_A_ACTION]);
	out->comment = read_comment(tb[OP25B_PREFIX_A_COMMENT]);
	if (tb[OP25B_PREFIX_A_EXPIRES])
		out->expires = nla_get_u64(tb[OP25B_PREFIX_A_EXPIRES]);
	return check_prefix(&out->key, tb[OP25B_PREFIX_A_LEN],
			    tb[OP25B_PREFIX_A_ADDR], extack);
}

static int relay_nest(const struct nlattr *nest, struct op25b_nl_entry *out,
		      struct netlink_ext_ack *extack)
{
	struct nlattr *tb[OP25B_RELAY_A_MAX + 1];
	int err;

	err = nla_parse_nested(tb, OP25B_RELAY_A_MAX, nest, NULL, extack);
	if (err)
		return err;
	if (!tb[OP25B_RELAY_A_ADDR])
		return nl_missing(extack, nest, OP25B_RELAY_A_ADDR,
				  "the relay has no address");

	out->key.family = op25b_nl_addr(tb[OP25B_RELAY_A_ADDR],
					&out->key.addr);
	out->key.len = tb[OP25B_RELAY_A_LEN] ?
		       nla_get_u8(tb[OP25B_RELAY_A_LEN]) :
		       op25b_family_bits(out->key.family);
	out->comment = read_comment(tb[OP25B_RELAY_A_COMMENT]);
	return check_relay_len(&out->key, tb[OP25B_RELAY_A_LEN], extack);
}

int op25b_nl_nest(const struct nlattr *nest, bool keyed,
		  struct op25b_nl_entry *out, struct netlink_ext_ack *extack)
{
	bool relay = nla_type(nest) == OP25B_A_RELAY;
	int err;

	*out = (struct op25b_nl_entry){
		.kind = relay ? OP25B_ENTRY_RELAY : OP25B_ENTRY_PREFIX,
	};
	err = op25b_nl_once(nla_data(nest), nla_len(nest), 0, extack);
	if (err)
		return err;
	return relay ? relay_nest(nest, out, extack) :
		       prefix_nest(nest, keyed, out, extack);
}

/* The key of a record. @rec is what to point at. */
static int rec_key(const void *rec, const u8 *bytes, u8 af, u8 len,
		   struct op25b_prefix *key, struct netlink_ext_ack *extack)
{
	if (af != AF_INET && af != AF_INET6)
		return nl_refuse(extack, rec,
				 "the record's family is unknown");
	if (af == AF_INET && memchr_inv(bytes + 4, 0, 12))
		return nl_refuse(extack, rec,
				 "the record's IPv4 address has over 4 bytes");
	key->family = af == AF_INET ? OP25B_V4 : OP25B_V6;
	key->addr = read_addr(bytes, key->family);
	key->len = len;
	return 0;
}

int op25b_nl_prefix_rec(const struct op25b_prefix_rec *rec, bool keyed,
			struct op25b_nl_entry *out,
			struct netlink_ext_ack *extack)
{
	*out = (struct op25b_nl_entry){
		.kind = OP25B_ENTRY_PREFIX,
		.expires = rec->expires,
		.action = rec->action,
	};
	if (rec->reserved)
		return nl_refuse(extack, rec,
				 "the record's reserved bytes are not zero");
	if (keyed && rec->action != OP25B_ACTION_NONE)
		return nl_refuse(extack, rec,
				 "the record's action is not zero");
	if (keyed && rec->expires)
		return nl_refuse(extack, rec,
				 "the record's expiry is not zero");
	if (!keyed && (rec->action == OP25B_ACTION_NONE ||
		       rec->action >= __OP25B_ACTION_MAX))
		return nl_refuse(extack, rec,
				 "the record's action is unknown");
	return rec_key(rec, rec->addr, rec->family, rec->len, &out->key,
		       extack) ?: check_prefix(&out->key, rec, rec, extack);
}

int op25b_nl_relay_rec(const struct op25b_relay_rec *rec,
		       struct op25b_nl_entry *out,
		       struct netlink_ext_ack *extack)
{
	*out = (struct op25b_nl_entry){ .kind = OP25B_ENTRY_RELAY };
	if (memchr_inv(rec->reserved, 0, sizeof(rec->reserved)))
		return nl_refuse(extack, rec,
				 "the record's reserved bytes are not zero");
	return rec_key(rec, rec->addr, rec->family, rec->len, &out->key,
		       extack) ?: check_relay_len(&out->key, rec, extack);
}
