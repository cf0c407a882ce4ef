// SPDX-License-Identifier: GPL-2.0
/* Entries for systemd's journal. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/uio.h>
#include <sys/un.h>
#include <unistd.h>

#include "verbs/journal.h"

int op25b_journal_open(struct op25b_journal *j)
{
	static const struct sockaddr_un addr = {
		.sun_family = AF_UNIX,
		.sun_path = "/run/systemd/journal/socket",
	};

	j->fd = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0);
	if (j->fd < 0) {
		j->err = -errno;
	} else if (connect(j->fd, (const struct sockaddr *)&addr,
			   sizeof(addr))) {
		j->err = -errno;
		close(j->fd);
	}
	return j->err;
}

void op25b_journal_close(struct op25b_journal *j)
{
	close(j->fd);
}

int op25b_journal_begin(struct op25b_journal *j)
{
	j->out.f = open_memstream(&j->text, &j->text_len);
	j->out.fields = open_memstream(&j->fields, &j->fields_len);
	if (!j->out.f || !j->out.fields) {
		j->err = -ENOMEM;
		return j->err;
	}
	fputs("SYSLOG_IDENTIFIER=op25bctl\nPRIORITY=5\n", j->out.fields);
	return 0;
}

int op25b_journal_end(struct op25b_journal *j)
{
	static char lead[] = "MESSAGE=", end[] = "\n";
	bool lost = fclose(j->out.f) | fclose(j->out.fields);
	struct iovec part[] = {
		{ lead, strlen(lead) }, { j->text, j->text_len },
		{ end, strlen(end) }, { j->fields, j->fields_len },
	};
	struct msghdr msg = {
		.msg_iov = part, .msg_iovlen = OP25B_ARRAY_SIZE(part),
	};

	j->err = lost ? -ENOMEM : 0;
	if (!j->err && sendmsg(j->fd, &msg, MSG_NOSIGNAL) < 0)
		j->err = -errno;
	free(j->text);
	free(j->fields);
	return j->err;
}
