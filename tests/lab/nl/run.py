# SPDX-License-Identifier: GPL-2.0
"""Runs the groups in a guest of their own. OP25B_KO names the module."""
import os
import subprocess
import sys

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
# pylint: disable=wrong-import-position
import accepted
import client
import confirm
import crowd
import dumps
import ebb
import events
import expiry
import faults
import flood
import frames
import fuzz
import hands
import limits
import linear
import lives
import mixed
import origins
import policy
import refusals
import rights
import selections
import storm
import twice
import txns
from budget import Budget
from genl import Socket
from op25b import Tap, base

GROUPS = {
    "refusals": refusals.run,
    "twice": twice.run,
    "accepted": accepted.run,
    "dumps": dumps.run,
    "selections": selections.run,
    "txns": txns.run,
    "rights": rights.run,
    "events": events.run,
    "policy": policy.run,
    "fuzz": fuzz.run,
    "storm": storm.run,
    "frames": frames.run,
    "crowd": crowd.run,
    "expiry": expiry.run,
    "confirm": confirm.run,
    "hands": hands.run,
    "origins": origins.run,
    "lives": lives.run,
    "linear": linear.run,
    "mixed": mixed.run,
    "flood": flood.run,
    "ebb": ebb.run,
}
if "OP25B_YNL" in os.environ:
    GROUPS["client"] = client.run
# Run when named: tests/torture/parts.
LONG = {
    "limits": limits.run,
    "faults": faults.run,
}


def main():
    tap = Tap()
    subprocess.run(["insmod", os.environ["OP25B_KO"]], check=True)
    names, whole = sys.argv[1:] or list(GROUPS), Budget()
    for i, name in enumerate(names):
        print(f"# {name}", flush=True)
        whole.lend(1 / (len(names) - i))
        with Socket() as sock:
            base(sock)
            (GROUPS | LONG)[name](tap, sock)
    if not sys.argv[1:]:
        policy.sentences(tap)
    done = subprocess.run(["rmmod", "op25b"], check=False)
    tap.ok(done.returncode == 0, "the module unloads")
    return tap.done()


if __name__ == "__main__":
    sys.exit(main())
