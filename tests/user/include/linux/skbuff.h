/* SPDX-License-Identifier: GPL-2.0 */
/*
 * As much of a packet as a parser sees: @headlen linear bytes at @data, the
 * rest in pieces of their own, so that a sanitizer sees every byte too far.
 * The functions have the kernel's contract (include/linux/skbuff.h), where
 * offsets count from @data, and may be negative as far as @head.
 */
#ifndef _SHIM_SKBUFF_H
#define _SHIM_SKBUFF_H

#include <linux/types.h>
#include <string.h>

#define SHIM_PIECES	17	/* MAX_SKB_FRAGS of 4 KiB pages */

struct shim_piece {
	const u8 *at;
	int len;
};

struct sk_buff {
	u8 *head;
	u8 *data;
	int len;
	int headlen;
	int network;		/* of the network header, from @data */
	int pieces;
	struct shim_piece piece[SHIM_PIECES];
};

#define ntohs(x)	be16toh(x)
#define htons(x)	htobe16(x)
#define ntohl(x)	be32toh(x)
#define htonl(x)	htobe32(x)

static inline int skb_network_offset(const struct sk_buff *skb)
{
	return skb->network;
}

static inline unsigned int skb_headlen(const struct sk_buff *skb)
{
	return skb->headlen;
}

static inline u8 shim_byte(const struct sk_buff *skb, int offset)
{
	int i;

	if (offset < skb->headlen)
		return skb->data[offset];
	offset -= skb->headlen;
	for (i = 0; offset >= skb->piece[i].len; i++)
		offset -= skb->piece[i].len;
	return skb->piece[i].at[offset];
}

static inline int skb_copy_bits(const struct sk_buff *skb, int offset,
				void *to, int len)
{
	int i;

	if (offset > skb->len - len)
		return -EFAULT;
	for (i = 0; i < len; i++)
		((u8 *)to)[i] = shim_byte(skb, offset + i);
	return 0;
}

static inline void *__skb_header_pointer(const struct sk_buff *skb, int offset,
					 int len, const void *data, int hlen,
					 void *buffer)
{
	if (hlen - offset >= len)
		return (u8 *)data + offset;
	if (!skb || skb_copy_bits(skb, offset, buffer, len) < 0)
		return NULL;
	return buffer;
}

static inline void *skb_header_pointer(const struct sk_buff *skb, int offset,
				       int len, void *buffer)
{
	return __skb_header_pointer(skb, offset, len, skb->data,
				    skb_headlen(skb), buffer);
}

#endif
