"""A tally tells what the library's histogram tells."""

import random
import threading

import pytest
from prometheus_client import CollectorRegistry, Histogram, generate_latest

from app.tally import MOST_NOTED, Tally

BUCKETS = (0.1, 0.25, 0.5, 1)


def told(registry: CollectorRegistry) -> dict[str, float]:
    lines = [line for line in generate_latest(registry).decode().splitlines() if not line.startswith("#")]
    return {name: float(value) for name, value in (line.rsplit(" ", 1) for line in lines)}


@pytest.mark.parametrize("count", [0, 1, 7, MOST_NOTED - 1, MOST_NOTED, 3 * MOST_NOTED + 5])
def test_every_value_is_in_the_bucket_that_it_belongs_to(count: int) -> None:
    chance = random.Random(count)
    ours, theirs = CollectorRegistry(), CollectorRegistry()
    tally = Tally("seconds", "Some.", ("what",), buckets=BUCKETS, registry=ours)
    plain = Histogram("seconds", "Some.", ("what",), buckets=BUCKETS, registry=theirs)
    for _ in range(count):
        value = chance.choice([*BUCKETS, 0, 5, chance.uniform(0, 2)])
        label = chance.choice("ab")
        for histogram in (tally, plain):
            histogram.labels(label).observe(value)
    assert told(ours) == pytest.approx(told(theirs))
    assert told(ours) == pytest.approx(told(theirs))


def test_without_labels_and_from_several_threads_none_is_lost() -> None:
    registry = CollectorRegistry()
    tally = Tally("seconds", "Some.", buckets=BUCKETS, registry=registry)

    def note() -> None:
        for _ in range(5_000):
            tally.observe(0.2)

    threads = [threading.Thread(target=note) for _ in range(4)]
    for thread in threads:
        thread.start()
    while any(thread.is_alive() for thread in threads):
        tally.sort()
    found = told(registry)
    assert found["seconds_count"] == found['seconds_bucket{le="0.25"}'] == 20_000
    assert found['seconds_bucket{le="0.1"}'] == 0
    assert found["seconds_sum"] == pytest.approx(4_000)
