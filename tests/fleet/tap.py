# SPDX-License-Identifier: GPL-2.0
"""What the guest prints."""
import sys


class Tap:
    def __init__(self):
        self.count = self.bad = 0

    def ok(self, good, what, *notes):
        self.count += 1
        self.bad += not good
        print(f"{'' if good else 'not '}ok {self.count} - {what}")
        for note in notes if not good else ():
            print("# " + str(note).replace("\n", "\n# ")[:3000])
        sys.stdout.flush()

    def note(self, text):
        print(f"# {text}", flush=True)
