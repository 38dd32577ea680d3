"""Everything a training run depends on, saved with its weights."""

from __future__ import annotations

import json
import math
from dataclasses import asdict, dataclass, fields
from pathlib import Path
from typing import Any, cast

from model.training.data.distortions import DISTORTIONS
from model.training.loop.schedules import rate

CORRECTING: dict[str, Any] = {
    "passes": 3,
    "learning_rate": 1e-3,
    "schedule": "cosine",
    "weight_decay": 0.0,
    "average": 0.99,
    "distort": "mild",
}
"""The defaults of a run that learns from corrections, where they differ from `Settings`'s own."""


@dataclass(frozen=True, slots=True)
class Settings:
    """The settings of one run. The defaults train every preset soundly."""

    preset: str
    data_set: str = "mnist"
    seed: int = 0
    passes: int = 30
    """once through the training part each"""
    batch: int = 128
    learning_rate: float = 2e-3
    """the highest the schedule reaches"""
    schedule: str = "one-cycle"
    """one-cycle, cosine or constant: see `model.training.loop.schedules`"""
    weight_decay: float = 0.01
    """AdamW's, on weights, not on biases and gains"""
    average: float = 0.999
    """decay a step of the averaged weights that are kept; 0: no averaging"""
    distort: str = "none"
    """the distortions of all passes but the last"""
    distort_last: str = "none"
    """the distortions of the last passes"""
    last_share: float = 0.0
    """the share of the passes that are last"""
    teachers: tuple[str, ...] = ()
    """the teachers' checkpoints: FILE for all sources, SOURCE=FILE for one; see `loop.teachers`"""
    temperature: float = 4.0
    """of the teachers' and the student's probabilities in distillation"""
    teacher_weight: float = 0.9
    """the share of the teachers in the loss, if there are any"""
    copies: int = 0
    """distorted copies of the training set that the teachers are asked about; 0: one for each pass"""
    rubbish: float = 10.0
    """j of lenet5-1998's loss"""
    mean_distance: float = 0.0
    """lenet5-1998: the weight of equation 8's loss (the right class's distance) beside equation 9's"""
    init: str = ""
    """the checkpoint to start from; empty: random weights"""
    corrections: str = ""
    """the file of people's corrections to learn from"""
    corrections_weight: float = 0.2
    """their share of a batch, relative to the data set's 1"""
    digit_weight: float = 0.0
    """the weight of the digit head's loss; 0: no digit head is trained"""
    digit_teacher_weight: float = 0.0
    """the share of the teachers in the digit head's loss, if there are any"""
    outlier_weight: float = 0.0
    """the weight of the even distribution over the classes, wanted for what is no digit"""
    mix: tuple[str, ...] = ()
    """further sources of images, as path=weight"""
    mix_distort: bool = False
    """whether the distortions apply to them too"""
    limit: int = 0
    """learn from the first so many images of the training part only; 0: all"""

    def __post_init__(self) -> None:
        """Refuse what means nothing, before anything is trained; `ValueError`."""
        rate(self.schedule, 0)
        if not 0 < self.rubbish < math.inf:
            raise ValueError(f"--rubbish must be above 0, not {self.rubbish:g}")
        for name in (self.distort, self.distort_last):
            if name not in DISTORTIONS:
                raise ValueError(f"there are no distortions '{name}': choose from {', '.join(DISTORTIONS)}")

    def to_json(self) -> dict[str, object]:
        """Plain values, for JSON and for a checkpoint's metadata."""
        return asdict(self)

    @classmethod
    def from_json(cls, values: dict[str, object]) -> Settings:
        """The settings that `to_json` gave; `ValueError` for unknown names."""
        unknown = set(values) - {field.name for field in fields(cls)}
        if unknown:
            raise ValueError(f"unknown settings: {', '.join(sorted(unknown))}")
        plain = {name: tuple(value) if isinstance(value, list) else value for name, value in values.items()}
        return cls(**cast("dict[str, Any]", plain))

    def differing(self, other: Settings) -> str:
        """The settings that `other` has otherwise, in words: `batch is 50 there, 20 here`."""
        mine, theirs = asdict(self), asdict(other)
        names = [name for name in mine if mine[name] != theirs[name]]
        return "; ".join(f"{name} is {theirs[name]} there, {mine[name]} here" for name in names)

    def save(self, path: Path) -> None:
        """Write them as JSON."""
        path.write_text(json.dumps(self.to_json(), indent=2) + "\n")
