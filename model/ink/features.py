"""What is told of a proposal beside its field: where the ink lies, how it looks, and how it was seen."""

import math
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from model.ink.components import STRONG, WEAK, Components
from model.ink.fields import Box
from model.ink.frame import stroke_width
from model.ink.paper import InkMap
from model.ink.polarity import Grey


@dataclass(frozen=True, slots=True)
class Crop:
    """A part of a picture at some scale, and where it lies."""

    grey: Grey
    scale: float
    """Pixels of the picture for one of `grey`'s."""
    left: float
    top: float
    """Where it begins, in the picture's pixels."""
    whole: tuple[float, float]
    """Height and width of the picture (pixels)."""
    odds: float
    """The odds (logarithmic) that its ink is dark."""
    aside: Components | None = None
    """Of the surroundings of a small digit: what there is beyond them, in `grey`'s pixels."""
    within: bool = False
    """Whether it is the picture without its border."""


@dataclass(frozen=True, slots=True)
class Found:
    """Ink that may be a digit."""

    crop: Crop
    seen: InkMap
    total: float
    """The mass of all ink that is seen."""
    removed: float
    """The share of the ink that was taken out as lines."""
    inside: bool
    """Whether it is inside the largest shape."""
    own: Grey
    """(h, w): the ink in its box."""
    bounds: tuple[int, int, int, int]
    """The box: left, top, right and bottom, in the crop's pixels."""
    mass: float
    others: Components
    """What else there is."""
    parts: int
    """Of how many components it is."""
    way: str

    @property
    def size(self) -> tuple[int, int]:
        """Width and height, in the crop's pixels."""
        left, top, right, bottom = self.bounds
        return right - left, bottom - top

    @property
    def place(self) -> Box:
        """The box in the picture's pixels."""
        crop, (width, height) = self.crop, self.size
        x, y = crop.left + self.bounds[0] * crop.scale, crop.top + self.bounds[1] * crop.scale
        # A thin picture keeps a pixel of its shorter side, whatever the scale.
        return x, y, min(width * crop.scale, crop.whole[1] - x), min(height * crop.scale, crop.whole[0] - y)

    @property
    def beside(self) -> int:
        """How many others have about its size, and stand clear of it and of the edge."""
        left, top, right, bottom = self.others.boxes.T
        clear = (left >= self.bounds[2]) | (right <= self.bounds[0])
        clear |= (top >= self.bounds[3]) | (bottom <= self.bounds[1])
        height, like = self.size[1], bottom - top
        like = (0.55 * height <= like) & (like <= 2.0 * height) & (self.others.masses > 0.25 * self.mass)
        return int(np.count_nonzero(clear & like & (self.others.edges == 0)))

    @property
    def edges(self) -> float:
        """The share of the picture's sides that it reaches."""
        crop, (x, y, wide, tall) = self.crop, self.place
        slack = 0.6 * crop.scale
        right, bottom = crop.whole[1] - slack, crop.whole[0] - slack
        return sum((x <= slack, y <= slack, x + wide >= right, y + tall >= bottom)) / 4

    @property
    def off_centre(self) -> float:
        """How far its middle is from the picture's, in shares of the sides."""
        (height, width), (x, y, wide, tall) = self.crop.whole, self.place
        return math.hypot((x + wide / 2) / width - 0.5, (y + tall / 2) / height - 0.5)

    @property
    def sharpness(self) -> float:
        """How steep its edges are, as a share of full ink for a pixel."""
        if min(self.own.shape) == 1:
            return 0.0
        steep = np.hypot(*np.gradient(self.own.astype(np.float32)))[self.own >= WEAK]
        return float(np.quantile(steep, 0.9)) / 255

    @property
    def solidity(self) -> float:
        """The share of its ink that is strong."""
        values = self.own.astype(np.float32)
        return float(values[self.own >= STRONG].sum() / max(values.sum(), 1.0))

    @property
    def in_words(self) -> str:
        """The way in which it was seen."""
        words = (
            "dark" if self.seen.dark else "light",
            "surface" if self.seen.surface else "level",
            "inside" if self.inside else "lines removed" if self.removed else "plain",
            self.way,
            *(["closer"] if self.crop.aside is not None else ["border cut"] if self.crop.within else []),
        )
        return ", ".join(words)

    def features(self) -> NDArray[np.float32]:
        """One for each of `FEATURES`."""
        return np.array([feature(self) for feature in _FEATURES.values()], np.float32)


_FEATURES: dict[str, Callable[[Found], float]] = {
    "left out": lambda it: 1.0 - it.mass / max(it.total, 1.0),
    "edges": lambda it: it.edges,
    "bar at edges": lambda it: it.edges * (max(it.size) > 3 * min(it.size)),
    "off centre": lambda it: it.off_centre,
    "size": lambda it: math.log(max(it.place[2:]) / max(it.crop.whole)),
    "surface": lambda it: it.seen.surface,
    "lines removed": lambda it: it.removed > 0,
    "inside": lambda it: it.inside,
    "second": lambda it: it.way == "second",
    "polarity": lambda it: it.crop.odds / 4 if it.seen.dark else -it.crop.odds / 4,
    "noise": lambda it: math.log(it.seen.contrast / max(it.seen.noise, 0.5)),
    "contrast": lambda it: math.log(it.seen.contrast / 60),
    "sharpness": lambda it: it.sharpness,
    "solidity": lambda it: it.solidity,
    "stroke": lambda it: math.log(max(stroke_width(it.own), 0.2) / max(it.size)),
    "parts": lambda it: math.log(it.parts),
    "beside": lambda it: min(it.beside, 3) / 3,
    "others": lambda it: math.log1p(np.count_nonzero(it.others.masses > 0.05 * it.mass)),
    "covered": lambda it: it.total / 255 / it.seen.ink.size,
    "picture": lambda it: math.log(min(it.crop.whole) / 60),
    "removed": lambda it: it.removed,
    "aspect": lambda it: math.log(it.size[0] / it.size[1]),
    "all": lambda it: it.way == "all",
    "inner": lambda it: it.way == "inner",
    "cut": lambda it: it.way == "cut",
    "closer": lambda it: it.crop.aside is not None,
    "border cut": lambda it: it.crop.within,
}
FEATURES = tuple(_FEATURES)
"""What is told of each proposal, by name; the order is that of `Found.features`."""
PLAIN: NDArray[np.float32] = np.full(len(FEATURES), np.nan, np.float32)
"""The features of what is not ambiguous: strokes, fields, the usual drawing on a canvas."""
