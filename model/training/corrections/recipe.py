"""Learning from corrections without forgetting: the settings and the sources of such a run.

The network starts from given weights and is its own teacher (learning without forgetting, Li and Hoiem 2016):
on the data set, on further files and on drawings of the stroke models it keeps its answers, digit score
included; on the corrections it learns people's answers. All layers learn, and the digit head with them, so
that a corrected drawing counts as a digit afterwards, and a scribble does not. Since the answers
stay, so do temperature, threshold and the digit score's calibration.
"""

from collections.abc import Callable
from itertools import cycle
from pathlib import Path
from typing import Any

import numpy as np
from rich.progress import Progress

from model.checkpoints.checkpoint import Checkpoint
from model.generator.outliers.drawings import draw_invented, draw_letter, draw_scribble, draw_shape
from model.generator.pens.hands import by_hand, modelled
from model.ink import normalise_strokes
from model.training.corrections.database import Corrections
from model.training.data import DIGITS, DataError, DataSet
from model.training.data.sources import Source
from model.training.loop.settings import TrainingSettings, defaults

DEFAULT_START = "lenet5"
"""The weights that learn from corrections if none are named."""
DIGIT_WEIGHT = 0.5
"""The weight of a digit head's loss, where the weights to start from have such a head."""
DRAWINGS = "drawings"
"""The name of the source of drawings on which the network keeps its answers."""
DRAWINGS_WEIGHT = 0.35
DRAWINGS_SHARE, FEWEST_DRAWINGS = 0.1, 500
"""How many drawings are made: this share of the data set's images, but at least this number."""


def complete(given: dict[str, Any], start: Checkpoint | None) -> TrainingSettings:
    """Complete the settings `given` on the command line with those that follow from the starting weights.

    Raises:
        KeyError: there is no such preset.
        ValueError: a value is impossible, or the weights to start from are of another preset.
    """
    if start is None:
        return TrainingSettings.from_json(given)
    architecture, head = start.metadata.architecture, start.digit_head
    if given.get("preset", architecture) != architecture:
        raise ValueError(f"{given['init']} holds a {architecture}, not a {given['preset']}")
    values = defaults(corrections="corrections" in given) | {"preset": architecture}
    if head is not None:
        values["digit_weight"] = DIGIT_WEIGHT
    if start.metadata.rubbish is not None:
        values["rubbish"] = start.metadata.rubbish
    if "corrections" in given and "teachers" not in given:
        mixed = (Path(mix.partition("=")[0]).stem for mix in given.get("mix", ()))
        names = (given.get("data_set", values["data_set"]), *mixed, DRAWINGS)
        values["teachers"] = tuple(f"{name}={given['init']}" for name in dict.fromkeys(names))
        values["digit_teacher_weight"] = 0.0 if head is None else 1.0
    return TrainingSettings.from_json(values | given)


def sources_of(
    corrections: Corrections, settings: TrainingSettings, data: DataSet, progress: Progress
) -> list[Source]:
    """The corrections, and the drawings that keep the network to what it knew; raises `DataError`.

    The corrections have no teacher, and are distorted as the run's settings say.
    """
    if data.classes != DIGITS:
        raise DataError(f"corrections are of digits, which {data.name} is not")
    part = corrections.part
    learned = Source(corrections.path.name, part.images[None], part.labels, settings.corrections_weight)
    n = max(FEWEST_DRAWINGS, round(DRAWINGS_SHARE * (settings.limit or len(data.train))))
    task = progress.add_task("drawings", total=n)
    drawn = drawings(n, settings.seed, lambda: progress.advance(task))
    progress.remove_task(task)
    return [learned, drawn]


def drawings(n: int, seed: int, on_drawing: Callable[[], None] = lambda: None) -> Source:
    """Draw `n` by the generator's models: half are digits, the rest letters, scribbles and shapes."""
    rng, digit = np.random.default_rng(seed), modelled()
    letters, invented = by_hand(draw_letter), by_hand(draw_invented, 0.6)
    others = letters, invented, by_hand(draw_scribble, 1.5), by_hand(draw_shape, 0.8)
    fields, labels = [], []
    for _, hand in zip(range(n), cycle(hand for other in others for hand in (digit, other)), strict=False):
        strokes, label, _ = hand(rng)
        fields.append(normalise_strokes([stroke.tolist() for stroke in strokes]).field)
        labels.append(label)
        on_drawing()
    return Source(DRAWINGS, np.stack(fields)[None], np.array(labels, np.int64), DRAWINGS_WEIGHT)
