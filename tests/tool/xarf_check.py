#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0
"""xarf_check.py: are the lines of standard input reports in XARF v4.2.0, of the type
infrastructure, botnet? What its schema demands of the members that are used here, written
down anew; the reports of op25b were held against the schema itself in November 2026.
Prints what is wrong, and in the end how many reports there are."""
import base64
import json
import re
import sys

TIME = r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?(Z|[+-]\d\d:\d\d)"
UUID = r"[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}"
CONTACT = {"org": r".{1,200}", "contact": r"[^@\s]+@[^@\s]+", "domain": r"[A-Za-z0-9.-]+"}
DEMANDED = {
    "xarf_version": r"4\.\d+\.\d+", "report_id": UUID, "timestamp": TIME,
    "reporter": CONTACT, "sender": CONTACT, "source_identifier": r"[0-9a-f:.]+(/\d+)?",
    "category": "infrastructure", "type": "botnet", "compromise_evidence": r".+",
}
CAPABILITIES = {"ddos", "spam", "proxy", "keylogger", "file_download", "remote_shell",
                "cryptocurrency_mining", "data_theft"}


def wrong(value, want, path):
    if isinstance(want, str):
        if not isinstance(value, str) or not re.fullmatch(want, value):
            yield f"{path}: {value!r}"
        return
    if not isinstance(value, dict) or set(value) != set(want):
        yield f"{path}: {value!r}, expected {sorted(want)}"
        return
    for key, inner in want.items():
        yield from wrong(value[key], inner, f"{path}.{key}")


def of_report(report):
    for key, want in DEMANDED.items():
        if key not in report:
            yield f"no {key}"
        else:
            yield from wrong(report[key], want, key)
    if not set(report.get("bot_capabilities", [])) <= CAPABILITIES:
        yield f"bot_capabilities: {report['bot_capabilities']}"
    for item in report.get("evidence", []):
        if not {"content_type", "payload"} <= set(item) <= {
                "content_type", "payload", "description", "hash", "size"}:
            yield f"evidence: {sorted(item)}"
        event = json.loads(base64.b64decode(item["payload"], validate=True))
        if event["source"] != report["source_identifier"] or "comment" in event:
            yield f"evidence: {event}"


def main():
    reports = [json.loads(line) for line in sys.stdin]
    for number, report in enumerate(reports, 1):
        for what in of_report(report):
            print(f"report {number}: {what}")
    if len({report["report_id"] for report in reports}) != len(reports):
        print("a report_id is there twice")
    print(len(reports), "reports")


main()
