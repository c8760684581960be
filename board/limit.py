"""How often one learner may ask: more often than any class does, and not without end."""

import time

BURST, PER_SECOND = 60, 1.0  # "Run All Cells" sends what one notebook has at once: five or so


class Limit:
    """A bucket of tokens for each learner, which fills again by and by."""

    def __init__(self, clock=time.monotonic):
        self._clock = clock
        self._buckets = {}  # name -> tokens left, and when that was

    def allows(self, name):
        """Whether this request is still within the limit; one that is not costs nothing."""
        now = self._clock()
        left, then = self._buckets.get(name, (BURST, now))
        left = min(BURST, left + (now - then) * PER_SECOND)
        allowed = left >= 1
        self._buckets[name] = left - allowed, now
        return allowed
