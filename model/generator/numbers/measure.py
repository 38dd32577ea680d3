"""How many numbers are read exactly, by spacing and by length, and whether the confidence can be trusted."""

from collections.abc import Iterable
from itertools import pairwise
from typing import Any

from model.generator.numbers.lines import Sample
from model.generator.numbers.strings import SPACINGS
from model.ink import InkError
from model.reading import read_image, read_strokes
from model.reading.network import Network

BANDS = (0.0, 0.5, 0.8, 0.9, 0.95, 0.99, 1.0)
LENGTHS = ((1, 2), (3, 4), (5, 6), (7, 8), (9, 20))


def measure(samples: Iterable[Sample], network: Network) -> dict[str, Any]:
    """Read samples, and count by way of sending (`images`, `strokes`).

    `exact` is {group: (numbers, right)}, `calibration` {band: (numbers, mean confidence, share right)}.
    """
    outcomes: dict[str, list[tuple[Sample, str, float]]] = {"images": [], "strokes": []}
    for sample in samples:
        outcomes["images"].append((sample, *_read(sample, network, strokes=False)))
        if sample.strokes is not None:
            outcomes["strokes"].append((sample, *_read(sample, network, strokes=True)))
    return {way: _summary(found) for way, found in outcomes.items() if found}


def _read(sample: Sample, network: Network, *, strokes: bool) -> tuple[str, float]:
    try:
        if strokes and sample.strokes is not None:
            reading = read_strokes(sample.strokes, network)
        else:
            reading = read_image(sample.image, network)
    except InkError:
        return "", 0.0
    return reading.text, reading.confidence


def _summary(found: list[tuple[Sample, str, float]]) -> dict[str, Any]:
    exact: dict[str, tuple[int, int]] = {}
    for sample, text, _ in found:
        length = next(f"{low} to {high} digits" for low, high in LENGTHS if len(sample.text) <= high)
        for name in ("all" if sample.tag == "cheque" else "composed, all", sample.tag, length):
            count, right = exact.get(name, (0, 0))
            exact[name] = (count + 1, right + (text == sample.text))
    calibration = {}
    for low, high in pairwise(BANDS):
        band = [(p, text == sample.text) for sample, text, p in found if low <= p < high or p == high == 1.0]
        if band:
            mean = sum(p for p, _ in band) / len(band)
            calibration[f"{low:.0%} to {high:.0%}"] = (
                len(band),
                mean,
                sum(right for _, right in band) / len(band),
            )
    lengths = [f"{low} to {high} digits" for low, high in LENGTHS]
    order = [*SPACINGS, "composed, all", "cheque", "all", *lengths]
    exact = {name: exact[name] for name in order if name in exact}
    return {"exact": exact, "calibration": calibration}
