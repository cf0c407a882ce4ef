// SPDX-License-Identifier: GPL-2.0
/* IPVS, the kernel's load balancer: it takes what comes to a service of its own
 * before FORWARD, or what bears a mark, and sends it on as if the router had.
 */
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "doctor/route.h"

/* Between words. */
#define SPACE		"\n "
#define SERVICES	"/proc/net/ip_vs"

/* "TCP  C0000219:0019 wlc": a service for port 25 or every port; "FWM  00000001
 * wlc": one for a mark.
 */
static void take_service(struct op25b_doctor *d, char *line)
{
	char todo[OP25B_TODO], *word, *service, *port, *save;

	word = strtok_r(line, SPACE, &save);
	service = strtok_r(NULL, SPACE, &save);
	if (!word || !service)
		return;
	port = strrchr(service, ':');
	op25b_todo(todo,
		   "%sipvsadm -Ln: is it meant to take subscribers' mail?",
		   d->on);
	if (!strcmp(word, "FWM"))
		op25b_finding(d, OP25B_NOTE, todo,
			      "IPVS has a service for the mark 0x%s: what bears it passes op25b by",
			      service);
	else if (!strcmp(word, "TCP") && port &&
		 (!strcmp(port, ":0019") || !strcmp(port, ":0000")))
		op25b_finding(d, OP25B_NOTE, todo,
			      "IPVS has a service %s (in hexadecimal): mail to it passes op25b by",
			      service);
}

void op25b_check_ipvs(struct op25b_doctor *d)
{
	FILE *f = fopen(SERVICES, "re");
	char line[256];

	if (!f && errno != ENOENT)
		op25b_finding(d, OP25B_SKIPPED, NULL,
			      SERVICES " cannot be read: %s", strerror(errno));
	while (f && fgets(line, sizeof(line), f))
		take_service(d, line);
	if (f)
		fclose(f);
}
