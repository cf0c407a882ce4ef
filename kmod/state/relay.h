/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The permitted relays: a trie a family, as prefixes have. Nearly every packet
 * that gets that far goes to none of them, so a filter comes first
 * (lpm/filter.h).
 */
#ifndef _OP25B_RELAY_H
#define _OP25B_RELAY_H

#include "lpm/filter.h"
#include "state/ruleset.h"

struct op25b_relay {
	struct op25b_addr addr;
	u8 family;		/* enum op25b_family */
};

/* A relay has no action; this is what its trie says of it. */
#define OP25B_RELAY_ACTION	OP25B_ACTION_EXEMPT

/* Is @addr a relay of @part? Context: RCU or the writer's lock. */
static __always_inline bool op25b_relay_match(const struct op25b_part *part,
					      u8 family,
					      struct op25b_addr addr)
{
	const struct op25b_filter *filter = part->filter[OP25B_ENTRY_RELAY];

	/* All of them are hosts: their key is the address. */
	return filter &&
	       op25b_filter_has(filter, op25b_addr_of(family, addr)) &&
	       op25b_trie_lookup(&part->relays[family], family, addr).action !=
	       OP25B_ACTION_NONE;
}

static inline struct op25b_prefix
op25b_relay_key(const struct op25b_relay *relay)
{
	return (struct op25b_prefix){
		.addr = relay->addr,
		.family = relay->family,
		.len = op25b_family_bits(relay->family),
	};
}

#endif /* _OP25B_RELAY_H */
