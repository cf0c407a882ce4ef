// SPDX-License-Identifier: GPL-2.0
/*
 * Commit of an edit that somebody asked for. What the kernel does by itself is
 * in expiry.c and confirm.c.
 */
#include "ns/commit.h"
#include "ns/confirm.h"
#include "ns/net.h"
#include "ns/settle.h"
#include "state/edit.h"

int op25b_commit(struct op25b_net *on, struct op25b_edit *edit,
		 struct netlink_ext_ack *extack)
{
	bool replace = edit->kind == OP25B_EDIT_REPLACE;
	const struct op25b_ruleset *now = op25b_ruleset_locked(&on->store);
	const bool blocks[OP25B_FAMILIES] = {
		op25b_ruleset_will_have(now, edit->origin,
					&edit->build[OP25B_V4].trie),
		op25b_ruleset_will_have(now, edit->origin,
					&edit->build[OP25B_V6].trie),
	};
	u8 old_mode = now->knobs.mode;
	u32 seconds = edit->confirm;
	int err;

	lockdep_assert_held(&on->store.lock);
	err = op25b_edit_ready(edit, extack);
	if (err)
		return err;
	err = op25b_settle_ahead(on, &edit->rs->knobs, blocks, extack);
	if (err) {
		op25b_edit_unready(edit);
		return err;
	}
	/* Nothing fails from here on. */
	op25b_edit_publish(edit);
	if (seconds)
		op25b_confirm_begin(on, seconds);
	if (replace)
		op25b_settle_tell(on, OP25B_EVENT_REPLACED, true);
	op25b_settle_after(on, old_mode, true);
	return 0;
}
