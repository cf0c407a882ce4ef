// SPDX-License-Identifier: GPL-2.0
/*
 * Replacing the whole `config`: BEGIN, FILL, COMMIT, ABORT.
 *
 * A namespace has one slot for a transaction, made by the first BEGIN and kept
 * until the namespace dies, so that it can be looked at without a lock:
 *
 *   edit  portid
 *   NULL  0        free
 *   set   set      open; belongs to the socket with that port
 *   set   0        orphaned: its socket has died, and nobody can reach it any
 *                  more. @reap will free it, or the next BEGIN, whoever comes
 *                  first.
 *
 * The socket's death is told by a notifier in the closing program's context,
 * which only orphans; a staged ruleset of millions of prefixes is freed by a
 * worker. No FILL or COMMIT of that socket can be under way: each runs within
 * a sendmsg(), which holds the file, and the file's last reference is what
 * released the socket.
 *
 * A port may have a new owner by the time its old one's death is told: the
 * core frees the port first. If the new owner has begun a transaction by then,
 * it is orphaned with the old one's and its FILL gets ENOENT: nothing is ever
 * published that was not meant.
 */
#include <linux/netlink.h>
#include <linux/notifier.h>
#include <linux/random.h>
#include <linux/slab.h>
#include <linux/workqueue.h>

#include "ns/commit.h"
#include "ns/net.h"
#include "netlink/nl.h"

/**
 * struct op25b_txn - the slot; all but @portid under on->store.lock
 * @on: whose
 * @edit: the staged ruleset
 * @id: what FILL, COMMIT and ABORT carry
 * @portid: of the socket; read by the notifier without the lock
 * @has_mode: a FILL has given the mode
 * @poisoned: a FILL has failed
 * @reap: frees an orphan
 */
struct op25b_txn {
	struct op25b_net *on;
	struct op25b_edit *edit;
	u64 id;
	u32 portid;
	bool has_mode;
	bool poisoned;
	struct work_struct reap;
};

static struct workqueue_struct *reaper;

/* Back to "free". The edit is gone or about to be. */
static void txn_clear(struct op25b_txn *txn)
{
	lockdep_assert_held(&txn->on->store.lock);
	WRITE_ONCE(txn->portid, 0);
	txn->edit = NULL;
	txn->id = 0;
	txn->has_mode = false;
	txn->poisoned = false;
}

static void txn_forget(struct op25b_txn *txn)
{
	struct op25b_edit *edit = txn->edit;

	txn_clear(txn);
	op25b_edit_abort(edit);
}

static void txn_reap(struct work_struct *work)
{
	struct op25b_txn *txn = container_of(work, struct op25b_txn, reap);

	mutex_lock(&txn->on->store.lock);
	if (txn->edit && !txn->portid)
		txn_forget(txn);
	mutex_unlock(&txn->on->store.lock);
}

/* The slot of @on. Return: NULL if there is no memory for it. */
static struct op25b_txn *txn_slot(struct op25b_net *on)
{
	struct op25b_txn *txn = on->txn;

	lockdep_assert_held(&on->store.lock);
	if (txn)
		return txn;

	txn = kzalloc(sizeof(*txn), GFP_KERNEL_ACCOUNT);
	if (!txn)
		return NULL;
	txn->on = on;
	INIT_WORK(&txn->reap, txn_reap);
	/* Pairs with txn_notify(). */
	smp_store_release(&on->txn, txn);
	return txn;
}

/* The transaction that @info names and may touch. */
static struct op25b_txn *txn_find(struct op25b_net *on, struct genl_info *info)
{
	struct op25b_txn *txn = on->txn;
	const struct nlattr *id = info->attrs[OP25B_A_TXN];

	lockdep_assert_held(&on->store.lock);
	if (!txn || !txn->portid || txn->portid != info->snd_portid ||
	    nla_len(id) != sizeof(u64) || nla_get_u64(id) != txn->id) {
		NL_SET_ERR_MSG_ATTR(info->extack, id,
				    "this socket has no such transaction");
		return NULL;
	}
	return txn;
}

static int need_txn(struct genl_info *info)
{
	if (!info->attrs[OP25B_A_TXN])
		return nl_missing(info->extack, NULL, OP25B_A_TXN,
				  "no transaction is given");
	return 0;
}

static int begin(struct op25b_net *on, struct genl_info *info)
{
	struct op25b_txn *txn;
	struct op25b_edit *edit;
	struct sk_buff *skb;
	u64 generation;
	int err;

	err = op25b_confirm_busy(on, info->extack);
	if (err)
		return err;
	txn = txn_slot(on);
	if (!txn)
		return nl_no_memory(info->extack);
	if (txn->portid) {
		NL_SET_ERR_MSG(info->extack,
			       "another replacement is being built");
		return -EBUSY;
	}
	if (txn->edit)
		txn_forget(txn);

	skb = op25b_nl_reply_new(info);
	if (!skb)
		return -ENOMEM;
	edit = op25b_edit_begin(&on->store, OP25B_EDIT_REPLACE,
				OP25B_ORIGIN_CONFIG, info->extack);
	if (IS_ERR(edit)) {
		nlmsg_free(skb);
		return PTR_ERR(edit);
	}
	txn->edit = edit;
	do {
		txn->id = get_random_u64();
	} while (!txn->id);
	WRITE_ONCE(txn->portid, info->snd_portid);

	/* Who has not heard the id could not even abort. */
	generation = op25b_ruleset_locked(&on->store)->generation;
	err = op25b_nl_reply_generation(info, skb, txn->id, generation);
	if (err)
		txn_forget(txn);
	return err;
}

int op25b_nl_begin(struct sk_buff *skb, struct genl_info *info)
{
	struct op25b_net *on = op25b_net(genl_info_net(info));
	int err;

	err = op25b_trash_wait_room(&on->store);
	if (err)
		return err;
	mutex_lock(&on->store.lock);
	err = begin(on, info);
	mutex_unlock(&on->store.lock);
	return err;
}

/* The core has applied a loose policy only, see netlink.c. */
static int fill(struct op25b_txn *txn, struct genl_info *info,
		const struct nla_policy *policy)
{
	int err;

	err = nla_validate(nlmsg_attrdata(info->nlhdr, GENL_HDRLEN),
			   nlmsg_attrlen(info->nlhdr, GENL_HDRLEN),
			   OP25B_A_MAX, policy, info->extack);
	if (!err)
		err = op25b_nl_message_once(info, OP25B_NL_ENTRIES);
	if (err)
		return err;

	err = op25b_nl_entries(info, txn->edit);
	if (err < 0)
		return err;

	op25b_nl_knobs(info->attrs, op25b_edit_knobs(txn->edit));
	if (info->attrs[OP25B_A_MODE])
		txn->has_mode = true;
	return 0;
}

static int refuse_poisoned(struct op25b_txn *txn, struct genl_info *info)
{
	if (!txn->poisoned)
		return 0;
	NL_SET_ERR_MSG_ATTR(info->extack, info->attrs[OP25B_A_TXN],
			    "the transaction has had a FILL that failed");
	return -ESTALE;
}

int op25b_nl_fill(struct genl_info *info, const struct nla_policy *policy)
{
	struct op25b_net *on = op25b_net(genl_info_net(info));
	struct op25b_txn *txn;
	int err;

	err = need_txn(info);
	if (err)
		return err;

	mutex_lock(&on->store.lock);
	txn = txn_find(on, info);
	if (!txn) {
		err = -ENOENT;
		goto unlock;
	}
	err = refuse_poisoned(txn, info);
	if (!err) {
		err = fill(txn, info, policy);
		txn->poisoned = err;
	}
unlock:
	mutex_unlock(&on->store.lock);
	return err;
}

static int check_commit(struct op25b_txn *txn, struct genl_info *info)
{
	int err;

	err = refuse_poisoned(txn, info) ?:
	      op25b_nl_check_generation(txn->on, info);
	if (err)
		return err;
	if (!txn->has_mode && !info->attrs[OP25B_A_MODE])
		return nl_missing(info->extack, NULL, OP25B_A_MODE,
				  "no mode was given");
	return 0;
}

static int commit(struct op25b_net *on, struct genl_info *info)
{
	const struct nlattr *confirm = info->attrs[OP25B_A_CONFIRM];
	struct op25b_txn *txn = txn_find(on, info);
	struct op25b_knobs *knobs, before;
	int err;

	err = txn ? check_commit(txn, info) : -ENOENT;
	if (err)
		return err;

	knobs = op25b_edit_knobs(txn->edit);
	before = *knobs;
	op25b_nl_knobs(info->attrs, knobs);
	op25b_edit_confirm(txn->edit, confirm ? nla_get_u32(confirm) : 0);
	err = op25b_commit(on, txn->edit, info->extack);
	if (err) {
		/* The message has not applied; the transaction lives on. */
		*knobs = before;
		op25b_nl_blame(info, err);
		return err;
	}
	txn_clear(txn);
	return 0;
}

int op25b_nl_commit(struct sk_buff *skb, struct genl_info *info)
{
	return need_txn(info) ?: op25b_nl_message_once(info, 0) ?:
	       op25b_nl_act(info, commit);
}

int op25b_nl_abort(struct sk_buff *skb, struct genl_info *info)
{
	struct op25b_net *on = op25b_net(genl_info_net(info));
	struct op25b_txn *txn;
	int err;

	err = need_txn(info) ?: op25b_nl_message_once(info, 0);
	if (err)
		return err;

	mutex_lock(&on->store.lock);
	txn = txn_find(on, info);
	if (txn)
		txn_forget(txn);
	mutex_unlock(&on->store.lock);
	return txn ? 0 : -ENOENT;
}

/* Every netlink socket that dies comes by, so those without a transaction do
 * not wait for the lock. A socket's own BEGIN is long over when it dies, so its
 * port is seen here.
 */
static int txn_notify(struct notifier_block *nb, unsigned long event,
		      void *ptr)
{
	const struct netlink_notify *n = ptr;
	struct op25b_txn *txn;

	if (event != NETLINK_URELEASE || n->protocol != NETLINK_GENERIC)
		return NOTIFY_DONE;

	/* A user's socket holds its namespace, so that one's state is there. */
	txn = smp_load_acquire(&op25b_net(n->net)->txn);
	if (!txn || READ_ONCE(txn->portid) != n->portid)
		return NOTIFY_DONE;

	mutex_lock(&txn->on->store.lock);
	if (txn->portid == n->portid) {
		WRITE_ONCE(txn->portid, 0);
		queue_work(reaper, &txn->reap);
	}
	mutex_unlock(&txn->on->store.lock);
	return NOTIFY_DONE;
}

static struct notifier_block txn_notifier = {
	.notifier_call = txn_notify,
};

/* Context: no other user of the namespace is left. */
static void __net_exit txn_net_exit(struct net *net)
{
	struct op25b_net *on = op25b_net(net);
	struct op25b_txn *txn = on->txn;

	if (!txn)
		return;

	/* The namespace has no sockets any more: nothing is queued anew. */
	cancel_work_sync(&txn->reap);
	mutex_lock(&on->store.lock);
	if (txn->edit)
		txn_forget(txn);
	on->txn = NULL;
	mutex_unlock(&on->store.lock);
	kfree(txn);
}

static struct pernet_operations txn_net_ops = {
	.exit = txn_net_exit,
};

/* ORDER: the namespaces' state is there before, and goes after this; the
 * notifier looks into it and queues work.
 */
int op25b_txn_init(void)
{
	int err;

	reaper = alloc_workqueue("op25b_txn", WQ_UNBOUND, 0);
	if (!reaper)
		return -ENOMEM;
	err = register_pernet_subsys(&txn_net_ops);
	if (err)
		goto destroy_reaper;
	err = netlink_register_notifier(&txn_notifier);
	if (err)
		goto unregister_net;
	return 0;

unregister_net:
	unregister_pernet_subsys(&txn_net_ops);
destroy_reaper:
	destroy_workqueue(reaper);
	return err;
}

/* Unregistering waits for notifiers under way. A transaction that is still open
 * is forgotten with its namespace's part.
 */
void op25b_txn_exit(void)
{
	netlink_unregister_notifier(&txn_notifier);
	unregister_pernet_subsys(&txn_net_ops);
	destroy_workqueue(reaper);
}
