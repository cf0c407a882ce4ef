/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Events: what happens, told to those who listen (OP25B_CMD_EVENT). Who changes
 * something puts them into a ring while it holds the writer lock, and sends
 * what is there when it has let go of the lock. A packet asks a worker to do
 * so.
 */
#ifndef _OP25B_EVENT_H
#define _OP25B_EVENT_H

#include <linux/atomic.h>
#include <linux/mutex.h>
#include <linux/op25b.h>
#include <linux/workqueue.h>

#include "packet/heavy.h"
#include "state/entry.h"

struct op25b_net;

/* What nobody asked for must not crowd out what somebody did. */
enum op25b_event_cause {
	OP25B_CAUSE_KERNEL,
	OP25B_CAUSE_CALLER,
	OP25B_CAUSES
};

/* Of each cause, and namespace; also how many may come at once. */
#define OP25B_EVENT_RATE	50	/* a second */

/* More than one hold of the lock may put there. */
#define OP25B_EVENT_RING	64

/**
 * struct op25b_event - what to tell; what is 0 is not told
 * @kind: enum op25b_event_kind
 * @origin: enum op25b_origin of the entries it is about
 * @action: enum op25b_action of @prefix, NONE: it is about no prefix
 * @has_mode: @mode means something
 * @mode: enum op25b_mode
 * @has_offender: @offender means something; @prefix decided about it
 * @pid: of who asked for it, see op25b_event_by_caller(); 0: nobody did, and
 *	@uid means nothing
 * @uid: same
 * @count: entries that it is about
 * @generation: of the ruleset in force; always told but by LOST
 * @prefix: an entry
 * @offender: a source
 *
 * Filled in when it is put into the ring:
 * @time: CLOCK_REALTIME seconds
 * @known: the entry is there, and @info is what is known of it
 * @comment: where @info points to
 */
struct op25b_event {
	u8 kind;
	u8 origin;
	u8 action;
	bool has_mode;
	u8 mode;
	bool has_offender;
	bool known;
	u32 pid;
	u32 uid;
	u32 count;
	u64 generation;
	u64 time;
	struct op25b_prefix prefix;
	struct op25b_offender offender;
	struct op25b_entry_info info;
	char comment[OP25B_COMMENT_MAX + 1];
};

/**
 * struct op25b_events - of one namespace
 * @ring: of OP25B_EVENT_RING; NULL until somebody listens
 * @head: events ever put there; writer lock
 * @tail: events ever sent from there; @sending
 * @sending: who sends
 * @full: when the bucket of each cause is full again, nanoseconds; writer lock
 * @lost: events that were not sent and not told of yet
 * @tell: sends LOST
 * @on: the namespace
 */
struct op25b_events {
	struct op25b_event *ring;
	u32 head;
	u32 tail;
	struct mutex sending;	/* see there */
	u64 full[OP25B_CAUSES];
	atomic_t lost;
	struct delayed_work tell;
	struct op25b_net *on;
};

/* The lock of on->store, for those who may cause events: first there is room
 * for them, and afterwards they are sent, by whoever comes first, in their
 * order.
 * Context: may sleep.
 */
void op25b_writer_lock(struct op25b_net *on);
void op25b_writer_unlock(struct op25b_net *on);

/* Does somebody listen? What only an event needs need not be made if not.
 * Context: any.
 */
bool op25b_event_wanted(struct op25b_net *on);

/* Puts @event into the ring, unless nobody listens or too many came of late:
 * then it is counted, and LOST tells of it within seconds.
 * Context: op25b_writer_lock(). Neither allocates nor sends.
 */
void op25b_event_put(struct op25b_net *on, const struct op25b_event *event);

/* The process that runs is who asked for it. */
void op25b_event_by_caller(struct op25b_event *event);

/* Birth and death of a namespace's part. Exit: nobody puts any more. */
/* Return: 0 or -ENOMEM */
int op25b_event_net_init(struct op25b_net *on);
void op25b_event_net_exit(struct op25b_net *on);

/**
 * struct op25b_event_sender - who tells those who listen: netlink/notify.c
 * @wanted: does somebody listen? Context: any
 * @send: Return: it was sent. Context: no lock of ours but that of the sending;
 *	may sleep
 */
struct op25b_event_sender {
	bool (*wanted)(struct op25b_net *on);
	bool (*send)(struct op25b_net *on, const struct op25b_event *event);
};

/* From when to when there is a sender. Shut waits for those who are sending. */
void op25b_event_open(const struct op25b_event_sender *sender);
void op25b_event_shut(void);

#endif /* _OP25B_EVENT_H */
