# SPDX-License-Identifier: GPL-2.0
"""How long to go on, and with which dice: tests/torture says, else a number of
rounds and a seed of one's own.
"""
import os
import random
import time


class Budget:
    """Rounds, while there is time.

    @rounds: how many, where no time is given
    @share: of the time that is left, in all or @within another
    @enough: has happened what has to, so that time may end it before @rounds?
    """

    def __init__(self, rounds=1, share=1.0, within=None, enough=lambda: True):
        given = os.environ.get("OP25B_UNTIL")
        self.rounds, self.enough = rounds, enough
        self.until = within.until if within else given and float(given)
        if self.until:
            now = time.time()
            self.until = now + max(0, self.until - now) * share

    def lend(self, share):
        """What is made from now on has @share of what is left of this one."""
        if self.until:
            os.environ["OP25B_UNTIL"] = str(Budget(share=share, within=self).until)

    def out(self):
        return bool(self.until) and time.time() >= self.until

    def __iter__(self):
        """Yields the number of each round, one at least."""
        yield 0
        n = 1
        while self.more(n):
            yield n
            n += 1

    def more(self, n):
        if not self.until:
            return n < self.rounds
        return not self.out() or (n < self.rounds and not self.enough())


def dice(what):
    """Random numbers; the seed is printed."""
    seed = int(os.environ.get("OP25B_SEED") or random.getrandbits(31))
    print(f"# {what}: seed {seed}", flush=True)
    return random.Random(f"{what} {seed}")


def count(number, what):
    print(f"# count {number} {what}", flush=True)
