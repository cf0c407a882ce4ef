# SPDX-License-Identifier: GPL-2.0
"""Updates as fast as three programs can send them: who frees what they leave
behind, when it is free, and what still happens beside them.
"""
import os
import time

from expiry import now, time_of, timed
from genl import K, Socket
from lives import child, wait_for, wait_for_rest
from op25b import number, prefix

SECONDS = 15
LATE = 1  # seconds, and one more for who polls beside three that never wait


def workers():
    """Threads of unbound workqueues."""
    count = 0
    for pid in filter(str.isdigit, os.listdir("/proc")):
        try:
            with open(f"/proc/{pid}/comm", encoding="ascii") as file:
                count += file.read().startswith("kworker/u")
        except FileNotFoundError:
            pass
    return count


def writer(host):
    """One prefix, changed all the time. Every change is in force when it is
    answered.
    """
    end = time.monotonic() + SECONDS
    with Socket() as sock:
        while time.monotonic() < end:
            for action in ("block", "exempt"):
                answer = sock.do(K.CMD_PREFIX_REPLACE, [prefix(host, action)])
                if answer.error:
                    return 1
    return 0


def run(tap, sock):
    """Of run.py."""
    hosts = [f"100.64.77.{i}/32" for i in range(3)]
    for host in hosts:
        sock.do(K.CMD_PREFIX_ADD, [prefix(host, "block")])
    memory, at_rest = wait_for_rest(sock), workers()
    first = number(sock, K.A_GENERATION)
    pids = [child(writer, host) for host in hosts]
    due, gone, most = now() + 3, None, 0
    sock.do(K.CMD_PREFIX_ADD, [timed("100.64.78.1/32", due)])
    end = time.monotonic() + SECONDS - 1
    while time.monotonic() < end:
        most = max(most, workers())
        if gone is None and time_of(sock, "100.64.78.1/32") is False:
            gone = time.time()
        time.sleep(0.1)
    tap.ok(all(os.waitpid(pid, 0)[1] == 0 for pid in pids),
           "every change is answered")
    rate = (number(sock, K.A_GENERATION) - first) // SECONDS
    print(f"# {rate} changes a second; {most} workers, {at_rest} at rest")
    tap.ok(most <= at_rest + 2, "a flood of changes takes two workers at most",
           f"{most}, at rest {at_rest}")
    tap.ok(gone and gone - due <= LATE + 1, "an expiry comes in time beside it",
           f"{gone and gone - due} s late")
    tap.equal(wait_for(lambda: None if number(sock, K.A_MEMORY) <= memory
                       else number(sock, K.A_MEMORY) - memory), None,
              "all its memory returns")
