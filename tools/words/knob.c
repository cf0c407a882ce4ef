// SPDX-License-Identifier: GPL-2.0
/* The knobs: one table for `set`, files, `conf show` and `stats`. */
#include <stdio.h>
#include <string.h>

#include <linux/op25b.h>

#include "words/knob.h"
#include "print.h"
#include "say.h"

const char * const op25b_mode_words[] = {
	[OP25B_MODE_OFF]	= "off",
	[OP25B_MODE_MONITOR]	= "monitor",
	[OP25B_MODE_ENFORCE]	= "enforce",
	NULL
};

const char * const op25b_reject_words[] = {
	[OP25B_REJECT_DROP]	= "drop",
	[OP25B_REJECT_TCP_RESET] = "tcp-reset",
	[OP25B_REJECT_ICMP]	= "icmp",
	NULL
};

/* Number 0 stands for no prefix and is no action that can be written. */
const char * const op25b_action_words[] = {
	[OP25B_ACTION_NONE]	= "none",
	[OP25B_ACTION_BLOCK]	= "block",
	[OP25B_ACTION_EXEMPT]	= "exempt",
	[OP25B_ACTION_MONITOR]	= "monitor",
	NULL
};

const char * const op25b_origin_words[] = {
	[OP25B_ORIGIN_UNSPEC]	= "unknown",
	[OP25B_ORIGIN_CONFIG]	= "config",
	[OP25B_ORIGIN_SESSION]	= "session",
	[OP25B_ORIGIN_BGP]	= "bgp",
	NULL
};

const char * const op25b_counter_words[] = {
	[OP25B_COUNTER_NONE]		= "none",
	[OP25B_COUNTER_PASS_UNLISTED]	= "pass_unlisted",
	[OP25B_COUNTER_PASS_EXEMPT]	= "pass_exempt",
	[OP25B_COUNTER_PASS_RELAY]	= "pass_relay",
	[OP25B_COUNTER_BLOCK]		= "block",
	[OP25B_COUNTER_BLOCK_SYN]	= "block_syn",
	[OP25B_COUNTER_BLOCK_MALFORMED]	= "block_malformed",
	[OP25B_COUNTER_BLOCK_REVERSE]	= "block_reverse",
	[OP25B_COUNTER_WOULD_BLOCK]	= "would_block",
	[OP25B_COUNTER_WOULD_BLOCK_SYN]	= "would_block_syn",
	[OP25B_COUNTER_WOULD_BLOCK_MALFORMED] = "would_block_malformed",
	[OP25B_COUNTER_WOULD_BLOCK_REVERSE] = "would_block_reverse",
	[OP25B_COUNTER_REPLY_SENT]	= "reply_sent",
	[OP25B_COUNTER_REPLY_LIMITED]	= "reply_limited",
	[OP25B_COUNTER_EXPIRED]		= "expired",
	[OP25B_COUNTER_ROLLED_BACK]	= "rolled_back",
	[OP25B_COUNTER_OFFENDER_FOUND] = "offender_found",
	NULL
};

const char * const op25b_outcome_words[] = {
	[OP25B_OUTCOME_ACCEPT]	= "accept",
	[OP25B_OUTCOME_REJECT]	= "reject",
	[OP25B_OUTCOME_DROP]	= "drop",
	NULL
};

const char * const op25b_event_words[] = {
	[OP25B_EVENT_NONE]	= "none",
	[OP25B_EVENT_OFFENDER]	= "offender",
	[OP25B_EVENT_EXPIRED]	= "expired",
	[OP25B_EVENT_EXPIRING]	= "expiring",
	[OP25B_EVENT_REPLACED]	= "replaced",
	[OP25B_EVENT_CONFIRMED]	= "confirmed",
	[OP25B_EVENT_ROLLED_BACK] = "rolled-back",
	[OP25B_EVENT_MODE]	= "mode",
	[OP25B_EVENT_STATS_RESET] = "stats-reset",
	[OP25B_EVENT_LOST]	= "lost",
	[OP25B_EVENT_ROLLBACK_FAILED] = "rollback-failed",
	NULL
};

static const char * const switch_words[] = { "off", "on", NULL };

const struct op25b_knob op25b_knobs[OP25B_KNOBS] = {
	[OP25B_KNOB_MODE] = {
		"mode", "mode", OP25B_A_MODE, op25b_mode_words,
		OP25B_MODE_OFF, 0, 0
	},
	[OP25B_KNOB_REJECT] = {
		"reject", "reject", OP25B_A_REJECT, op25b_reject_words,
		OP25B_REJECT_TCP_RESET, 0, 0
	},
	[OP25B_KNOB_REJECT_RATE] = {
		"reject-rate", "reject_rate", OP25B_A_REJECT_RATE, NULL,
		OP25B_DEF_REJECT_RATE, 0, OP25B_MAX_RATE
	},
	[OP25B_KNOB_REJECT_SOURCE_RATE] = {
		"reject-source-rate", "reject_source_rate",
		OP25B_A_REJECT_SOURCE_RATE, NULL,
		OP25B_DEF_REJECT_SOURCE_RATE, 0, OP25B_MAX_RATE
	},
	[OP25B_KNOB_REVERSE] = {
		"reverse", "reverse", OP25B_A_REVERSE, switch_words,
		0, 0, 0
	},
	[OP25B_KNOB_COUNTERS] = {
		"counters", "counters", OP25B_A_COUNTERS, switch_words,
		1, 0, 0
	},
	[OP25B_KNOB_WATCH_OFFENDERS] = {
		"watch-offenders", "watch_offenders", OP25B_A_WATCH_OFFENDERS,
		switch_words, 1, 0, 0
	},
	[OP25B_KNOB_OFFENDER_LEN] = {
		"offender-len", "offender_len", OP25B_A_OFFENDER_LEN, NULL,
		OP25B_DEF_OFFENDER_LEN, OP25B_MIN_OFFENDER_LEN,
		OP25B_MAX_OFFENDER_LEN
	},
	[OP25B_KNOB_OFFENDER_THRESHOLD] = {
		"offender-threshold", "offender_threshold",
		OP25B_A_OFFENDER_THRESHOLD, NULL,
		OP25B_DEF_OFFENDER_THRESHOLD, 0, UINT32_MAX
	},
	[OP25B_KNOB_SESSION_PREFIXES] = {
		"max-session-prefixes", "max_session_prefixes",
		OP25B_A_SESSION_PREFIXES, NULL,
		OP25B_DEF_ORIGIN_PREFIXES, 0, OP25B_MAX_PREFIXES
	},
	[OP25B_KNOB_BGP_PREFIXES] = {
		"max-bgp-prefixes", "max_bgp_prefixes",
		OP25B_A_BGP_PREFIXES, NULL,
		OP25B_DEF_ORIGIN_PREFIXES, 0, OP25B_MAX_PREFIXES
	},
};

const char *op25b_word_of(const char * const *words, unsigned int v)
{
	unsigned int i;

	for (i = 0; words[i]; i++)
		if (i == v)
			return words[i];
	return "?";
}

int op25b_word_find(const char * const *words, const struct op25b_word *w)
{
	int i;

	for (i = 0; words[i]; i++)
		if (op25b_is(w, words[i]))
			return i;
	return -1;
}

const char *op25b_words_list(const char * const *words, int first, char *buf,
			     size_t size)
{
	size_t n = 0;
	int i;

	buf[0] = '\0';
	for (i = first; words[i] && n < size; i++)
		n += snprintf(buf + n, size - n, "%s%s", i == first ? "" :
			      words[i + 1] ? ", " : " or ", words[i]);
	return buf;
}

const struct op25b_knob *op25b_knob_find(const struct op25b_word *w)
{
	int i;

	for (i = 0; i < OP25B_KNOBS; i++)
		if (op25b_is(w, op25b_knobs[i].name))
			return &op25b_knobs[i];
	return NULL;
}

const char *op25b_knobs_list(char *buf, size_t size)
{
	int i;

	*buf = '\0';
	for (i = 0; i < OP25B_KNOBS; i++)
		op25b_enlist(buf, size, op25b_knobs[i].name);
	return buf;
}

void op25b_knob_print(struct op25b_out *out, const struct op25b_knob *k,
		      const char *key, uint32_t value)
{
	op25b_out_text(out, "%s ", key);
	if (k->words)
		op25b_out_str(out, k->key, "%s\n",
			      op25b_word_of(k->words, value));
	else
		op25b_out_u64(out, k->key, "%llu\n", value);
}
