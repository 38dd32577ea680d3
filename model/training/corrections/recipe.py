"""Learning from corrections without forgetting: the settings and the sources of such a run.

The network starts from given weights and is its own teacher (learning without forgetting, Li and Hoiem 2016):
on the data set, on further files and on drawings of the stroke models it shall go on to say what it said at
the start, digit score included; on the corrections it shall say what people said. All layers learn, and the
digit head with them, so that a corrected drawing is a digit from then on, and a scribble is still none.
Temperature, threshold and the score's calibration stay as they were, as the answers do.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from itertools import cycle
from pathlib import Path
from typing import Any

import numpy as np

from model.checkpoints.checkpoint import Checkpoint
from model.generator.items import Strokes
from model.generator.outliers.letters import draw_invented
from model.generator.outliers.scribbles import draw_scribble, draw_shape
from model.generator.outliers.sources import hand_letters
from model.generator.pens.hands import by_hand, modelled
from model.ink import InkError, normalise_strokes
from model.training.corrections.database import Corrections
from model.training.data.sources import Source
from model.training.loop.settings import CORRECTING, Settings

DEFAULT_PRESET = "lenet5-mnist"
"""What is trained from random weights, where nothing is said."""
DEFAULT_START = "lenet5"
"""What corrections are learned by, where nothing is said."""
DIGIT_WEIGHT = 0.5
"""The weight of a digit head's loss, where the weights to start from have such a head."""
DRAWINGS = "drawings"
"""The name of the source of drawings that the network shall go on to answer as it did."""
DRAWINGS_WEIGHT = 0.35
DRAWINGS_SHARE, FEWEST_DRAWINGS = 0.1, 500
"""How many drawings are made: for each image of the data set, and at least."""


def complete(given: dict[str, Any], start: Checkpoint | None) -> Settings:
    """The settings `given` on the command line, and what follows for the others from where a run starts.

    Raises:
        ValueError: the weights to start from are of another preset than the one that is given.
    """
    values: dict[str, Any] = {"preset": DEFAULT_PRESET}
    if start is not None:
        architecture, head = start.metadata.architecture, start.digit_head
        if given.get("preset", architecture) != architecture:
            raise ValueError(f"{given['init']} holds a {architecture}, not a {given['preset']}")
        values = {"preset": architecture, "digit_weight": 0.0 if head is None else DIGIT_WEIGHT}
        if start.metadata.rubbish is not None:
            values["rubbish"] = start.metadata.rubbish
        if "corrections" in given:
            values |= CORRECTING
            if "teachers" not in given:
                mixed = (Path(mix.partition("=")[0]).stem for mix in given.get("mix", ()))
                names = (given.get("data_set", "mnist"), *mixed, DRAWINGS)
                values["teachers"] = tuple(f"{name}={given['init']}" for name in dict.fromkeys(names))
                values["digit_teacher_weight"] = 0.0 if head is None else 1.0
    return Settings(**(values | given))


def correction_source(corrections: Corrections, weight: float) -> Source:
    """The corrections as a source: without a teacher, and bent by the run's distortions."""
    part = corrections.part
    return Source(corrections.path.name, part.images[None], part.labels, weight)


def count_drawings(images: int) -> int:
    """How many drawings are wanted beside so many images of the data set."""
    return max(FEWEST_DRAWINGS, round(DRAWINGS_SHARE * images))


def drawings(n: int, seed: int, on_drawing: Callable[[], None] = lambda: None) -> Source:
    """`n` drawings of the generator's models, half of them digits; letters, scribbles and shapes the rest."""
    rng = np.random.default_rng(seed)
    fields, labels = [], []
    for strokes, label in _drawn(rng):
        try:
            field = normalise_strokes([stroke.tolist() for stroke in strokes]).field
        except InkError:
            continue
        fields.append(field)
        labels.append(label)
        on_drawing()
        if len(fields) == n:
            break
    return Source(DRAWINGS, np.stack(fields)[None], np.array(labels, np.int64), DRAWINGS_WEIGHT)


def _drawn(rng: np.random.Generator) -> Iterable[tuple[Strokes, int]]:
    """Strokes and labels without end, digits and other things by turns."""
    digit = modelled()
    others = (
        hand_letters(),
        by_hand(draw_invented, 0.6),
        by_hand(draw_scribble, 1.5),
        by_hand(draw_shape, 0.8),
    )
    for other in cycle(others):
        for hand in (digit, other):
            drawing = hand(rng)
            yield drawing.strokes, drawing.label
