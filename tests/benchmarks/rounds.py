"""Rounds: every contestant in turn, again and again, so that each meets the same machine."""

import random
import statistics
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from tests.benchmarks.inputs import requests_of
from tests.benchmarks.load import drive
from tests.benchmarks.processes import Running

TITLES = {
    "png": "28x28 PNG upload",
    "strokes": "drawing as strokes",
    "canvas": "280x280 RGBA canvas PNG upload",
    "photograph": "1000x1000 JPEG photograph upload",
    "batch": "256 PNGs in one upload",
    "number": "a number of five digits, `/read`",
    "amount": "an amount as on a cheque, `/read`",
}


@dataclass(frozen=True)
class Scene:
    """What is sent, and from how many clients."""

    kind: str
    clients: int


@dataclass(frozen=True)
class Part:
    """What takes part in a scene: a server, and what it is sent, under a name."""

    name: str
    server: Running
    kind: str


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
    """Seconds of CPU a request, user and system."""
    memory: float
    """MiB resident after the round."""


Results = Mapping[Scene, Mapping[str, Sequence[Figures]]]
"""The rounds of each scene, by the name of who took part."""


def measure(part: Part, clients: int, seconds: float) -> Figures:
    """Send one round to one server."""
    before = part.server.cpu_seconds()
    sent = drive(part.server.port, requests_of(part.kind), clients=clients, seconds=seconds)
    cpu = part.server.cpu_seconds() - before
    latencies = sorted(sent.latencies)
    count = len(latencies)
    return Figures(
        rate=count / sent.seconds,
        p50=latencies[count // 2],
        p99=latencies[min(count - 1, int(count * 0.99))],
        cpu=cpu / count,
        memory=part.server.resident_mebibytes(),
    )


def interleave(
    scene: Scene, parts: Sequence[Part], rounds: int, seconds: float, done: Callable[[], None]
) -> dict[str, list[Figures]]:
    """The rounds of each part, by its name; the order changes from round to round.

    Raises:
        LoadError: one of them does not answer.
    """
    for part in parts:
        drive(part.server.port, requests_of(part.kind), clients=scene.clients, seconds=seconds)
    found: dict[str, list[Figures]] = {part.name: [] for part in parts}
    chance, order = random.Random(0), list(parts)
    for _ in range(rounds):
        chance.shuffle(order)
        for part in order:
            found[part.name].append(measure(part, scene.clients, seconds))
        done()
    return found


def median(figures: Sequence[Figures], name: str) -> float:
    """The median of one measure over the rounds."""
    return statistics.median(float(getattr(one, name)) for one in figures)


def ratio(found: Mapping[str, Sequence[Figures]], one: str, other: str, name: str) -> float:
    """The median over the rounds of one's measure relative to the other's of the same round."""
    pairs = zip(found[one], found[other], strict=True)
    return statistics.median(float(getattr(a, name)) / float(getattr(b, name)) for a, b in pairs)
