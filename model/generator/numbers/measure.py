"""How many numbers are read exactly, by where they are from, and whether the confidence can be trusted."""

from collections.abc import Callable, Iterable
from functools import partial
from itertools import pairwise
from typing import Any, NamedTuple

from model.generator.numbers.lines import Sample
from model.ink import InkError
from model.reading import Reading, read_image, read_strokes
from model.reading.lattice import Network
from model.reading.pattern import MARKS

BANDS = (0.0, 0.5, 0.8, 0.9, 0.95, 0.99, 1.0)
LIKELY, SURE = 0.5, 0.95
"""From the confidence LIKELY on an answer is believed; from SURE on it is hardly looked at."""
WITHOUT_MARKS = str.maketrans("", "", "".join(MARKS))


class Outcome(NamedTuple):
    """How a sample is read: whether exactly as it is written, and how surely."""

    confidence: float
    right: bool
    lost_mark: bool
    """Whether the digits are right and a mark is missing or wrong, but it is likely to be believed."""


def measure(samples: Iterable[Sample], network: Network) -> dict[str, Any]:
    """Read samples, and count the outcomes by how they are sent (`images`, `strokes`).

    `exact` is {where from: (numbers, right, marks lost, wrong though sure)}, `calibration` {band: (numbers,
    mean confidence, share right)}.
    """
    outcomes: dict[str, dict[str, list[Outcome]]] = {}
    for sample in samples:
        ways: dict[str, Callable[..., Reading]] = {"images": partial(read_image, sample.image)}
        if sample.parts:
            ways["strokes"] = partial(read_strokes, sample.strokes)
        for way, read in ways.items():
            outcome = _outcome(sample, partial(read, network, marks=sample.marks))
            for name in (sample.group, f"{sample.group}: {sample.tag}", "all"):
                outcomes.setdefault(way, {}).setdefault(name, []).append(outcome)
    return {way: _summary(groups) for way, groups in outcomes.items()}


def _outcome(sample: Sample, read: Callable[[], Reading]) -> Outcome:
    try:
        reading = read()
    except InkError:
        return Outcome(0.0, right=not sample.text, lost_mark=False)  # words are rightly refused
    right = reading.text == sample.text
    same = reading.text.translate(WITHOUT_MARKS) == sample.text.translate(WITHOUT_MARKS)
    return Outcome(reading.confidence, right, same and not right and reading.confidence >= LIKELY)


def _summary(groups: dict[str, list[Outcome]]) -> dict[str, Any]:
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
        band = [one for one in groups["all"] if low <= one.confidence < high + (high == 1.0)]
        if band:
            mean = sum(outcome.confidence for outcome in band) / len(band)
            right = sum(outcome.right for outcome in band) / len(band)
            calibration[f"{low:.0%} to {high:.0%}"] = (len(band), mean, right)
    return {"exact": exact, "calibration": calibration}
