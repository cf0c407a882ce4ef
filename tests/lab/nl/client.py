# SPDX-License-Identifier: GPL-2.0
"""The group of an independent client: the kernel's own for netlink specifications
(tools/net/ynl), which knows of op25b what uapi/op25b.yaml says. The oracle is what
genl.py reads."""
import ipaddress
import os
import pathlib
import select
import sys
import time

from genl import K
from op25b import all_prefixes, all_relays, generation, net, number

SPEC = pathlib.Path(__file__).resolve().parents[3] / "uapi/op25b.yaml"


def connect():
    """The client's class, and one of it that has checked the specification."""
    ynl = pathlib.Path(os.environ["OP25B_YNL"])
    sys.path.insert(0, str(ynl / "tools/net/ynl"))
    import lib  # pylint: disable=import-outside-toplevel,import-error

    class Client(lib.YnlFamily):
        """It takes padding, in front of 64 bits, for something unknown."""
        unknown = []

        def _decode_unknown(self, attr):
            if attr.raw:
                self.unknown.append(attr.type)
            return attr.raw

    schema = ynl / "Documentation/netlink/genetlink-legacy.yaml"
    return lib, Client(str(SPEC), str(schema), process_unknown=True)


def nest(text, **more):
    network = net(text)
    return {"addr": network.network_address.packed, "len": network.prefixlen} | more


def read(nests):
    """As all_prefixes() has it."""
    return [(net((ipaddress.ip_address(n["addr"]), n["len"])), n["action"],
             n.get("comment")) for n in nests]


def dumped(client, name, attr):
    return [n for reply in client.dump(name, {}) for n in reply[attr]]


def hear(client, kind, seconds=60):
    """The next event of this kind, others left out."""
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        select.select([client.sock], [], [], 1)
        client.check_ntf()
        while client.async_msg_queue:
            event = client.async_msg_queue.pop(0)
            if event["msg"]["event"] == kind:
                return event
    return None


def entries(tap, sock, client):
    client.do("prefix-add", {"prefix": [
        nest("198.51.100.0/24", action="block", comment="ynl"),
        nest("2001:db8:4711::/48", action="exempt", expires=int(time.time()) + 900),
    ]})
    tap.ok((net("198.51.100.0/24"), "block", "ynl") in all_prefixes(sock) and
           (net("2001:db8:4711::/48"), "exempt", None) in all_prefixes(sock),
           "client: two prefixes are added by one message", str(all_prefixes(sock)))
    client.do("prefix-replace", {"prefix": [nest("198.51.100.0/24", action="monitor")]})
    tap.ok((net("198.51.100.0/24"), "monitor", None) in all_prefixes(sock),
           "client: one is replaced", str(all_prefixes(sock)))
    mine = dumped(client, "prefix-get", "prefix")
    tap.ok(read(mine) == all_prefixes(sock), "client: prefixes are dumped", str(mine))
    some = {"within": nest("2001:db8::/32"), "action": "exempt",
            "covering": ipaddress.ip_address("2001:db8:4711::1").packed}
    mine = [n for reply in client.dump("prefix-get", some) for n in reply["prefix"]]
    tap.ok([e[0] for e in read(mine)] == [net("2001:db8:4711::/48")],
           "client: those that are selected are dumped", str(mine))
    one = client.do("prefix-get", {"prefix": [nest("198.51.100.0/24")]})
    tap.ok(read(one["prefix"]) == [(net("198.51.100.0/24"), "monitor", None)],
           "client: one is got", str(one))
    client.do("relay-add", {"relay": [nest("192.0.2.77/32", comment="smtp7")]})
    mine = [(ipaddress.ip_address(n["addr"]), n.get("comment"))
            for n in dumped(client, "relay-get", "relay")]
    tap.ok(mine == all_relays(sock) and
           (ipaddress.ip_address("192.0.2.77"), "smtp7") in mine,
           "client: relays are added and dumped", str(mine))
    client.do("prefix-del", {"prefix": [nest("198.51.100.0/24")], "if-present": True})
    tap.ok(net("198.51.100.0/24") not in [p for p, _, _ in all_prefixes(sock)],
           "client: a prefix is deleted")


def origins(tap, sock, client):
    host = nest("198.51.100.9/32", action="block", comment="abuse desk")
    client.do("prefix-add", {"prefix": [host], "origin": "bgp"})
    client.do("prefix-add", {"prefix": [host | {"action": "exempt"}],
                             "origin": "session"})
    got = [n for reply in client.dump("prefix-get", {"origin": "bgp"})
           for n in reply["prefix"]]
    tap.equal([(n["origin"], n["action"]) for n in got], [("bgp", "block")],
              "client: prefixes of an origin are dumped")
    answer = client.do("test", {"src": host["addr"], "dst": host["addr"]})
    tap.equal([(n["origin"], n["action"]) for n in answer["prefix"] + answer["other"]],
              [("bgp", "block"), ("session", "exempt")],
              "client: who decides, and what the other says")
    parts = {p["origin"]: p["prefixes-v4"] for p in client.do("get", {})["part"]}
    tap.equal((parts["session"], parts["bgp"], sum(parts.values())),
              (1, 1, number(sock, K.A_PREFIXES_V4)), "client: totals of each origin")
    for name in ("session", "bgp"):
        client.do("prefix-flush", {"origin": name})
    tap.ok(net("198.51.100.9/32") not in [p for p, _, _ in all_prefixes(sock)],
           "client: an origin is flushed")


def refusals(tap, lib, sock, client):
    before, said = generation(sock), None
    try:
        client.do("prefix-add", {"prefix": [nest("203.0.113.0/24", action="block"), {
            "addr": ipaddress.ip_address("203.0.113.1").packed, "len": 24,
            "action": "block"}]})
    except lib.NlError as e:
        said = e.nl_msg.extack
    tap.ok(said and said.get("bad-attr", "").startswith(".prefix") and said.get("msg"),
           "client: a refusal has a sentence, and the attribute by its name", str(said))
    tap.ok(generation(sock) == before, "client: what is refused changes nothing")


def replacement(tap, sock, client):
    """The whole configuration, by nests."""
    txn = client.do("begin", {})
    tap.ok(txn["generation"] == generation(sock), "client: BEGIN answers", str(txn))
    client.do("fill", {"txn": txn["txn"], "prefix": [
        nest("100.64.0.0/10", action="block", comment="pool"),
        nest("100.64.7.9/32", action="exempt")],
        "relay": [nest("192.0.2.25/32")]})
    done = client.do("commit", {"txn": txn["txn"], "generation": txn["generation"],
                                "mode": "monitor", "reject": "icmp"})
    tap.ok(done["generation"] == generation(sock) and all_prefixes(sock) == [
        (net("100.64.0.0/10"), "block", "pool"), (net("100.64.7.9/32"), "exempt", None),
    ] and all_relays(sock) == [(ipaddress.ip_address("192.0.2.25"), None)],
        "client: all is replaced", str(all_prefixes(sock)))
    got = client.do("get", {})
    tap.ok(got["mode"] == "monitor" and got["reject"] == "icmp" and
           got["prefixes-v4"] == 2 == number(sock, K.A_PREFIXES_V4),
           "client: knobs and totals", str(got))
    answer = client.do("test", {"src": ipaddress.ip_address("100.64.7.9").packed,
                                "dst": ipaddress.ip_address("198.51.100.25").packed})
    tap.ok(answer["outcome"] == "accept" and answer["counter"] == "pass-exempt" and
           read(answer["prefix"])[0][1] == "exempt",
           "client: what would happen, by its words", str(answer))
    counters = client.do("stats-get", {})
    tap.ok(set(client.attr_sets["stats"]) <= set(counters["stats"]),
           "client: every counter has a name", str(counters))


def events(tap, sock, client, ear):
    """@ear has asked nothing yet: later its socket takes no group any more."""
    ear.ntf_subscribe("events")
    client.do("set", {"mode": "off"})
    event = hear(ear, "mode")
    tap.ok(event and event["msg"]["mode"] == "off" and
           event["msg"]["generation"] == generation(sock) and
           event["msg"]["pid"] == os.getpid(),
           "client: an event is heard", str(event))
    client.do("prefix-add", {"prefix": [nest(
        "203.0.113.9/32", action="exempt", expires=int(time.time()) + 1,
        comment="short")]})
    event = hear(ear, "expired")
    tap.ok(event and read(event["msg"]["prefix"]) == [
        (net("203.0.113.9/32"), "exempt", "short")],
        "client: one with an entry in it", str(event))


def run(tap, sock):
    lib, client = connect()
    tap.ok(True, "client: the specification passes the kernel's schema")
    entries(tap, sock, client)
    origins(tap, sock, client)
    refusals(tap, lib, sock, client)
    replacement(tap, sock, client)
    ear = connect()[1]
    events(tap, sock, client, ear)
    tap.equal(client.unknown + ear.unknown, [],
              "client: the specification has all that was told")
    client.sock.close()
    ear.sock.close()
