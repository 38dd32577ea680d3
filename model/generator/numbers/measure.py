"""How many numbers are read exactly, by where they are from, and whether the confidence can be trusted."""

from collections.abc import Iterable
from itertools import pairwise
from typing import Any, NamedTuple

from model.generator.numbers.lines import Sample
from model.ink import InkError
from model.reading import read_image, read_strokes
from model.reading.network import Network
from model.reading.pattern import MARKS

BANDS = (0.0, 0.5, 0.8, 0.9, 0.95, 0.99, 1.0)
LIKELY, SURE = 0.5, 0.95
"""What is answered with so much confidence is believed, and hardly looked at."""


class Outcome(NamedTuple):
    """What was read of a sample, and how surely; nothing where it was refused."""

    sample: Sample
    text: str
    confidence: float

    @property
    def right(self) -> bool:
        """Whether it is exactly what is written."""
        return self.text == self.sample.text

    @property
    def lost_mark(self) -> bool:
        """Whether the digits are right and a mark is missing or wrong, but it is likely to be believed."""
        return (
            not self.right and self.confidence >= LIKELY and _digits(self.text) == _digits(self.sample.text)
        )


def _digits(text: str) -> str:
    return "".join(letter for letter in text if letter not in MARKS)


def measure(samples: Iterable[Sample], network: Network) -> dict[str, Any]:
    """Read samples, and count by way of sending (`images`, `strokes`).

    `exact` is {where from: (numbers, right, marks lost, wrong though sure)}, `calibration` {band: (numbers,
    mean confidence, share right)}.
    """
    outcomes: dict[str, list[Outcome]] = {"images": [], "strokes": []}
    for sample in samples:
        outcomes["images"].append(_read(sample, network, strokes=False))
        if sample.strokes is not None:
            outcomes["strokes"].append(_read(sample, network, strokes=True))
    return {way: _summary(found) for way, found in outcomes.items() if found}


def _read(sample: Sample, network: Network, *, strokes: bool) -> Outcome:
    try:
        if strokes and sample.strokes is not None:
            reading = read_strokes(sample.strokes, network, marks=sample.marks)
        else:
            reading = read_image(sample.image, network, marks=sample.marks)
    except InkError:
        return Outcome(sample, "", 0.0)
    return Outcome(sample, reading.text, reading.confidence)


def _summary(found: list[Outcome]) -> dict[str, Any]:
    groups: dict[str, list[Outcome]] = {}
    for outcome in found:
        sample = outcome.sample
        for name in (sample.group, f"{sample.group}: {sample.tag}", "all"):
            groups.setdefault(name, []).append(outcome)
    exact = {
        name: (
            len(group),
            sum(outcome.right for outcome in group),
            sum(outcome.lost_mark for outcome in group),
            sum(outcome.confidence >= SURE and not outcome.right for outcome in group),
        )
        for name, group in sorted(groups.items(), key=lambda item: (item[0] == "all", item[0]))
    }
    calibration = {}
    for low, high in pairwise(BANDS):
        band = [o for o in found if low <= o.confidence < high or o.confidence == high == 1.0]
        if band:
            mean = sum(outcome.confidence for outcome in band) / len(band)
            right = sum(outcome.right for outcome in band) / len(band)
            calibration[f"{low:.0%} to {high:.0%}"] = (len(band), mean, right)
    return {"exact": exact, "calibration": calibration}
