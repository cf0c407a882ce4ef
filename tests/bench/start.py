#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0
"""start.py PROGRAM ARGUMENTS...: how long a process of it takes here, natively,
from fork to exit, the median of many, as a line of results."""
import json
import os
import statistics
import sys
import time

ROUNDS = 101


def once(argv):
    start = time.monotonic()
    pid = os.posix_spawn(argv[0], argv, os.environ, file_actions=[
        (os.POSIX_SPAWN_OPEN, 1, "/dev/null", os.O_WRONLY, 0)])
    if os.waitpid(pid, 0)[1]:
        raise SystemExit(f"{' '.join(argv)} failed")
    return time.monotonic() - start


ms = 1000 * statistics.median(once(sys.argv[1:]) for _ in range(ROUNDS))
print(json.dumps({"what": "native", "table": os.path.basename(sys.argv[1]),
                  "name": "start of a process", "value": round(ms, 3),
                  "unit": "ms"}))
