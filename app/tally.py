"""Histograms that cost a request next to nothing.

The library sorts each value into its buckets as it comes, which takes several times as long as to note it.
Here values are noted, and sorted some hundred at a time, or when the metrics are asked for.
"""

from collections import deque
from collections.abc import Iterable
from threading import Lock

import numpy as np
from prometheus_client import Histogram, Metric

MOST_NOTED = 512
"""With so many values noted they are sorted."""


class Tally(Histogram):
    """The library's histogram; values may come from any thread, and none is lost."""

    def _metric_init(self) -> None:
        super()._metric_init()
        self._noted: deque[float] = deque()
        self._sorting = Lock()
        _tallies.append(self)

    def observe(self, amount: float, exemplar: dict[str, str] | None = None) -> None:
        """Note a value."""
        noted = self._noted
        noted.append(amount)  # one step for the interpreter: needs no lock
        if len(noted) >= MOST_NOTED:
            self.sort()

    def sort(self) -> None:
        """Sort what is noted into the buckets."""
        noted = self._noted
        with self._sorting:
            # What another thread notes meanwhile stays for the next time.
            amounts = [noted.popleft() for _ in range(len(noted))]
            if not amounts:
                return
            self._sum.inc(sum(amounts))
            # A bucket takes what is no larger than its bound.
            places = np.searchsorted(self._upper_bounds, amounts)
            for place, count in enumerate(np.bincount(places).tolist()):
                if count:
                    self._buckets[place].inc(count)

    def collect(self) -> Iterable[Metric]:
        """The metric, with all that was noted."""
        sort_all()
        return super().collect()


_tallies: list[Tally] = []


def sort_all() -> None:
    """Sort what is noted in all of them: other processes read nothing but the buckets."""
    for tally in _tallies:
        tally.sort()
