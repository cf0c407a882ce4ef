# SPDX-License-Identifier: GPL-2.0
# Offenders as reports in XARF v4 (infrastructure, botnet), one a line:
#
#	op25bctl -j events | jq -c --unbuffered -f xarf.jq --arg org 'Example Net' \
#		--arg contact abuse@example.net --arg domain example.net
#
# or, of what is in the journal, with `journalctl -o json OP25B_EVENT=offender`.
# Other events are left out, and so is the comment of the prefix, which may be
# about a customer. The same event has the same report_id whenever it is read.

def named($name):
	$ARGS.named[$name] // error("expected --arg \($name) VALUE");

# The journal's fields are in capitals, and all of them are text.
def from_journal:
	if has("OP25B_EVENT") then
		select(.OP25B_EVENT == "offender") |
		{event: .OP25B_EVENT, time: .TIME, source: .SOURCE, state: .STATE,
		 first_seen: .FIRST_SEEN, prefix: .PREFIX} +
		({attempts: .ATTEMPTS, destinations: .DESTINATIONS, packets: .PACKETS,
		  syns: .SYNS} | map_values(tonumber))
	else . end;

# A number below 2^31, another for each seed: jq 1.6 has no hash.
def digest($seed): reduce explode[] as $c ($seed; (. * 1000003 + $c) % 2147483647);

def hex($digits):
	[range($digits - 1; -1; -1) as $i | . / pow(16; $i) | floor % 16] |
	map("0123456789abcdef"[. : . + 1]) | add;

# As a UUID of version 4 is written.
def uuid:
	[range(1; 9) as $seed | digest($seed * 99991) | hex(4)] |
	.[3] |= "4" + .[1:] | .[4] |= "a" + .[1:] |
	"\(.[0])\(.[1])-\(.[2])-\(.[3])-\(.[4])-\(.[5])\(.[6])\(.[7])";

def contact: {org: named("org"), contact: named("contact"), domain: named("domain")};

def became:
	{blocked: "blocked", watched: "counted, not blocked",
	 exempt: "let through, the source is exempt"}[.state];

from_journal | select(.event == "offender") | del(.comment) | {
	xarf_version: "4.2.0",
	report_id: ([.time, .source, .first_seen, .attempts] | tojson | uuid),
	timestamp: .time,
	reporter: contact,
	sender: contact,
	source_identifier: .source,
	category: "infrastructure",
	type: "botnet",
	evidence_source: "firewall_logs",
	first_seen: .first_seen,
	last_seen: .time,
	bot_capabilities: ["spam"],
	compromise_evidence: "Connections to TCP port 25 since \(.first_seen): attempts \(.attempts), mail servers about \(.destinations); \(became)",
	evidence: [{
		content_type: "application/json",
		description: "op25b event",
		payload: (tojson | @base64)
	}]
}
