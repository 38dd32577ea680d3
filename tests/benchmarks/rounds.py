"""Rounds: every contestant in turn, again and again, so that each meets the same machine."""

import random
import statistics
import sys
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from tests.benchmarks.inputs import requests_of
from tests.benchmarks.load import LoadError, drive
from tests.benchmarks.processes import Running

MOST = 50_000
"""Requests in a round, at the most."""


@dataclass(frozen=True)
class Scene:
    """What is sent, and from how many clients."""

    kind: str
    clients: int

    @property
    def title(self) -> str:
        """For people."""
        what = {
            "png": "28x28 PNG upload",
            "strokes": "drawing as strokes",
            "canvas": "280x280 RGBA canvas PNG upload",
            "photograph": "1000x1000 JPEG photograph upload",
            "batch": "256 PNGs in one upload",
        }[self.kind]
        return f"{what}, {self.clients} client{'s' if self.clients > 1 else ''}"


@dataclass(frozen=True)
class Figures:
    """One round of one contestant."""

    rate: float
    """Requests a second."""
    p50: float
    """Seconds."""
    p99: float
    """Seconds."""
    cpu: float
    """Seconds of CPU a request, user and system, of all its processes."""
    memory: float
    """MiB resident after the round."""


MEASURES = ("rate", "p50", "p99", "cpu", "memory")


def measure(server: Running, kind: str, clients: int, seconds: float) -> Figures:
    """Send one round to one server."""
    before = server.cpu_seconds()
    sent = drive(server.port, requests_of(kind), clients=clients, most=MOST, seconds=seconds)
    after = server.cpu_seconds()
    latencies = sorted(sent.latencies)
    count = len(latencies)
    return Figures(
        rate=count / sent.seconds,
        p50=latencies[count // 2],
        p99=latencies[min(count - 1, int(count * 0.99))],
        cpu=(after - before) / count,
        memory=server.resident_mebibytes(),
    )


@dataclass(frozen=True)
class Part:
    """What takes part in a scene: a server, and what it is sent, under a name."""

    name: str
    server: Running
    kind: str


def interleave(
    scene: Scene,
    parts: Sequence[Part],
    rounds: int,
    seconds: float,
    done: Callable[[], None] = lambda: None,
) -> dict[str, list[Figures]]:
    """The rounds of each part, by its name; the order changes from round to round."""
    order: list[Part] = []
    for part in parts:
        requests = requests_of(part.kind)
        try:
            drive(part.server.port, requests, clients=scene.clients, most=10 * scene.clients, seconds=2.0)
        except LoadError as error:
            print(f"{part.name} does not answer ({scene.title}): {error}", file=sys.stderr)
        else:
            order.append(part)
    found: dict[str, list[Figures]] = {part.name: [] for part in order}
    chance = random.Random(0)
    for _ in range(rounds):
        chance.shuffle(order)
        for part in order:
            found[part.name].append(measure(part.server, part.kind, scene.clients, seconds))
            done()
    return found


def median(figures: Sequence[Figures], measure_: str) -> float:
    """The median of one measure over the rounds."""
    return statistics.median(float(getattr(one, measure_)) for one in figures)


def ratio(found: Mapping[str, Sequence[Figures]], name: str, yardstick: str, measure_: str) -> float:
    """The median over the rounds of a contestant's measure relative to the yardstick's of the same round."""
    pairs = zip(found[name], found[yardstick], strict=True)
    return statistics.median(
        float(getattr(ours, measure_)) / float(getattr(theirs, measure_)) for ours, theirs in pairs
    )
