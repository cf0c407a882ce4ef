/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The flow: what parser, verdict and reply tell each other of a packet.
 */
#ifndef _OP25B_FLOW_H
#define _OP25B_FLOW_H

#include "lpm/addr.h"

#define OP25B_SMTP_PORT 25	/* RFC 5321, section 4.5.4.2 */

enum op25b_kind {
	/* Row 1 of the verdict table whatever the knobs: not TCP, or its ports
	 * can be read and neither is 25, or a later fragment. The flow is not
	 * filled in.
	 */
	OP25B_KIND_OTHER,
	/* TCP, its ports can be read and at least one of them is 25. */
	OP25B_KIND_SMTP,
	/* TCP whose port cannot be read, or what may hide it: row 6. */
	OP25B_KIND_MALFORMED,
};

/**
 * struct op25b_flow - a packet as the verdict sees it
 * @sport: source port, host order; 0 when malformed
 * @dport: destination port, host order; 0 when malformed
 * @family: enum op25b_family
 * @kind: enum op25b_kind
 * @source_routed: a source route is in play, so @dst may not be the end
 * @fragment: part of a fragmented datagram (an atomic fragment is not)
 * @syn: SYN set, ACK and RST not: an attempt to connect
 * @mute: RST set, or the TCP header is cut short: nothing answers that
 * @src: source address
 * @dst: destination address as FORWARD sees it
 *
 * The addresses are last: GCC on x86 aligns the stack to 16 bytes for a struct
 * that begins with one.
 */
struct op25b_flow {
	u16 sport;
	u16 dport;
	u8 family;
	u8 kind;
	bool source_routed;
	bool fragment;
	bool syn;
	bool mute;
	struct op25b_addr src;
	struct op25b_addr dst;
};

#endif /* _OP25B_FLOW_H */
