/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Events: what happens, told to those who listen (OP25B_CMD_EVENT). They are
 * sent from process context only; a packet asks a worker to do so.
 */
#ifndef _OP25B_EVENT_H
#define _OP25B_EVENT_H

#include <linux/op25b.h>
#include <linux/spinlock.h>
#include <linux/workqueue.h>

#include "lpm/addr.h"

struct op25b_net;
struct op25b_offender;

/* What nobody asked for must not crowd out what somebody did. */
enum op25b_event_cause {
	OP25B_CAUSE_KERNEL,
	OP25B_CAUSE_CALLER,
	OP25B_CAUSES
};

/* Of each cause, and namespace; also how many may come at once. */
#define OP25B_EVENT_RATE	50	/* a second */

/**
 * struct op25b_event - what to tell; what is 0 or NULL is not told
 * @kind: enum op25b_event_kind
 * @origin: enum op25b_origin of the entries it is about
 * @action: enum op25b_action of @prefix
 * @has_mode: @mode means something
 * @mode: enum op25b_mode
 * @pid: of who asked for it, see op25b_event_by_caller(); 0: nobody did, and
 *	@uid means nothing
 * @uid: same
 * @count: entries that it is about
 * @generation: of the ruleset in force; always told but by LOST
 * @offender: a source
 * @prefix: an entry; it may be gone already, then its comment and counters are
 *	not told
 */
struct op25b_event {
	u8 kind;
	u8 origin;
	u8 action;
	bool has_mode;
	u8 mode;
	u32 pid;
	u32 uid;
	u32 count;
	u64 generation;
	const struct op25b_offender *offender;
	const struct op25b_prefix *prefix;
};

/**
 * struct op25b_events - of one namespace
 * @lock: all below
 * @full: when the bucket of each cause is full again, nanoseconds
 * @lost: events that were not sent and not told of yet
 * @tell: sends LOST
 * @on: the namespace
 */
struct op25b_events {
	spinlock_t lock;	/* see there */
	u64 full[OP25B_CAUSES];
	u32 lost;
	struct delayed_work tell;
	struct op25b_net *on;
};

/* Does somebody listen? What only an event needs need not be made if not.
 * Context: any.
 */
bool op25b_event_wanted(struct op25b_net *on);

/* Sends @event, unless nobody listens (then nothing is allocated) or too many
 * were sent of late (then it is counted, and LOST tells of it within seconds).
 * Context: on->store.lock held; may sleep.
 */
void op25b_event_send(struct op25b_net *on, const struct op25b_event *event);

/* The process that runs is who asked for it. */
void op25b_event_by_caller(struct op25b_event *event);

/* Birth and death of a namespace's part. Exit: nobody sends any more. */
/* Return: 0 or -ENOMEM */
int op25b_event_net_init(struct op25b_net *on);
void op25b_event_net_exit(struct op25b_net *on);

/**
 * struct op25b_event_sender - who tells those who listen: netlink/notify.c
 * @wanted: does somebody listen? Context: any
 * @send: Return: it was sent. Context: on->store.lock held; may sleep
 */
struct op25b_event_sender {
	bool (*wanted)(struct op25b_net *on);
	bool (*send)(struct op25b_net *on, const struct op25b_event *event);
};

/* From when to when there is a sender. Shut waits for those who are sending. */
void op25b_event_open(const struct op25b_event_sender *sender);
void op25b_event_shut(void);

#endif /* _OP25B_EVENT_H */
