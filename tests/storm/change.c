// SPDX-License-Identifier: GPL-2.0
/* The writers of a part: one change after another, each a version of its own.
 */
#include <string.h>
#include <time.h>

#include "ask.h"

const char *const change_names[CHANGES] = {
	[ADD_OR_REPLACE] = "replace",
	[DELETE] = "delete",
	[MODE] = "mode",
	[REJECT] = "reject",
	[REVERSE] = "reverse",
	[RELAY] = "relay",
	[EXPIRE] = "timed",
	[FLUSH] = "flush",
	[COMMIT] = "commit",
	[ABORT] = "abort",
	[RETIME] = "retime",
	[CONFIRM] = "confirm",
	[ROLLBACK] = "rollback",
	[TIMEOUT] = "timeout",
	[EXPIRE_ALL] = "expire",
	[UNLOAD] = "unload",
	[RELOAD] = "load",
};

struct state *next(enum part_name part)
{
	struct part *p = &storm.part[part];
	uint32_t n = p->begun;

	if (n + 8 >= HISTORY)
		storm.over = true;
	p->history[n + 1] = p->history[n];
	return &p->history[n + 1];
}

void begin(enum part_name part)
{
	atomic_fetch_add(&storm.part[part].begun, 1);
}

void finish(enum part_name part)
{
	atomic_store(&storm.part[part].done, storm.part[part].begun);
}

/* A message about entries of @writer's origin. */
static struct nl_msg *about_own(const struct writer *writer, int cmd)
{
	struct nl_msg *msg = message(cmd);

	if (writer->part >= FED)
		nla_put_u8(msg, OP25B_A_ORIGIN, writer->part == SESSION ?
			   OP25B_ORIGIN_SESSION : OP25B_ORIGIN_BGP);
	return msg;
}

/* A prefix of @writer's part. */
static unsigned int any_prefix(struct writer *writer)
{
	unsigned int slot = 2 * rnd(&writer->seed, SLOTS / 2);

	if (writer->part == COMMON)
		return OUTER;
	if (writer->part >= FED)
		return rnd(&writer->seed, PREFIXES);
	slot += writer->part == ODD;
	return rnd(&writer->seed, 2) ? MIDDLE(slot) : INNER(slot);
}

static bool change_some(struct writer *writer, bool delete)
{
	unsigned int i, tries = 1 + rnd(&writer->seed, 6);
	struct state *state = next(writer->part);
	bool chosen[PREFIXES] = { };
	struct nl_msg *msg;

	while (tries--) {
		i = any_prefix(writer);
		if (delete && !state->action[i])
			continue;
		chosen[i] = true;
		state->action[i] = delete ? 0 : any_action(&writer->seed);
	}
	msg = about_own(writer, delete ? OP25B_CMD_PREFIX_DEL :
			OP25B_CMD_PREFIX_REPLACE);
	if (!put_chosen(msg, chosen, delete ? NULL : state)) {
		nlmsg_free(msg);
		return false;
	}
	begin(writer->part);
	return ask(writer, msg, delete ? "delete" : "replace");
}

/* One that expires in a second or two, unless a flush comes before. */
static bool add_timed(struct writer *writer)
{
	struct nl_msg *msg = message(OP25B_CMD_PREFIX_REPLACE);
	struct state *state = next(COMMON);

	state->timed_since = time(NULL);
	state->timed = state->timed_since + 1 + rnd(&writer->seed, 2);
	put_timed(msg, state->timed);
	begin(COMMON);
	return ask(writer, msg, "timed");
}

static bool toggle_relay(struct writer *writer)
{
	struct state *state = next(writer->part);
	struct nl_msg *msg;

	msg = about_own(writer, state->relay ? OP25B_CMD_RELAY_DEL :
			OP25B_CMD_RELAY_ADD);
	state->relay = !state->relay;
	put_relay(msg);
	begin(writer->part);
	return ask(writer, msg, "relay");
}

/* What config has, the writer of the whole does. */
static bool flush_own(struct writer *writer)
{
	struct state *state = next(writer->part);

	memset(state->action, 0, sizeof(state->action));
	begin(writer->part);
	return ask(writer, about_own(writer, OP25B_CMD_PREFIX_FLUSH), "flush");
}

static bool set(struct writer *writer, enum change change)
{
	static const uint8_t modes[] = {
		OP25B_MODE_ENFORCE, OP25B_MODE_ENFORCE, OP25B_MODE_OFF,
		OP25B_MODE_MONITOR,
	};
	struct nl_msg *msg = message(OP25B_CMD_SET);
	struct state *state = next(COMMON);

	if (change == MODE) {
		state->mode = modes[rnd(&writer->seed, sizeof(modes))];
		nla_put_u8(msg, OP25B_A_MODE, state->mode);
	} else if (change == REVERSE) {
		state->reverse = !state->reverse;
		nla_put_u8(msg, OP25B_A_REVERSE, state->reverse);
	} else {
		state->reject = rnd(&writer->seed, 3);
		nla_put_u8(msg, OP25B_A_REJECT, state->reject);
	}
	begin(COMMON);
	return ask(writer, msg, "set");
}

static bool make(struct writer *writer, enum change change)
{
	switch (change) {
	case ADD_OR_REPLACE:
	case DELETE:
		return change_some(writer, change == DELETE);
	case RELAY:
		return toggle_relay(writer);
	case EXPIRE:
		return add_timed(writer);
	case FLUSH:
		return flush_own(writer);
	default:
		return set(writer, change);
	}
}

/* Prefixes are some writers' all, knobs and the rest the other's. */
static enum change choose(struct writer *writer)
{
	static const enum change common[] = {
		ADD_OR_REPLACE, ADD_OR_REPLACE, DELETE, MODE, MODE, REJECT,
		REVERSE, REVERSE, RELAY, RELAY, EXPIRE,
	};

	static const enum change fed[] = {
		ADD_OR_REPLACE, ADD_OR_REPLACE, ADD_OR_REPLACE, DELETE, DELETE,
		RELAY, FLUSH,
	};

	if (writer->part == COMMON)
		return common[rnd(&writer->seed,
				  sizeof(common) / sizeof(*common))];
	if (writer->part >= FED)
		return fed[rnd(&writer->seed, sizeof(fed) / sizeof(*fed))];
	return rnd(&writer->seed, 13) < 8 ? ADD_OR_REPLACE : DELETE;
}

void *change_part(void *arg)
{
	struct writer *writer = arg;
	pthread_rwlock_t *lock = writer->part < FED ? &storm.whole :
						      &storm.loading;
	enum change change;

	connect_kernel(writer);
	while (!storm.over) {
		pthread_rwlock_rdlock(lock);
		change = choose(writer);
		if (make(writer, change)) {
			finish(writer->part);
			writer->count[change]++;
		}
		pthread_rwlock_unlock(lock);
	}
	return NULL;
}
