"""What is told of a proposal beside its field: where the ink lies, how it looks, and how it was seen."""

import math
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from model.ink.components import STRONG, WEAK, Components, Floats
from model.ink.fields import Box
from model.ink.frame import stroke_width
from model.ink.paper import InkMap
from model.ink.polarity import Grey

MOST_RATIO = 3.0
"""Logarithms of ratios are no larger than this, either way."""


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
    def reached(self) -> tuple[float, float]:
        """The share of the crop's left and right, and of its top and bottom, that it reaches."""
        (left, top, right, bottom), (height, width) = self.bounds, self.crop.grey.shape
        return ((left == 0) + (right == width)) / 2, ((top == 0) + (bottom == height)) / 2

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

    def straight(self, axis: int) -> float:
        """The share of its height (axis 0) or width (1) along which some column or row is inked."""
        inked = np.count_nonzero(self.own >= WEAK, axis=axis)
        return int(inked.max()) / int(self.own.shape[axis])

    def heaviest(self, of: Callable[[Floats], float], own: float) -> float:
        """How much more than its `own` the heaviest of the others has of something, as a logarithm."""
        if len(self.others.masses) == 0:
            return -MOST_RATIO
        most = int(self.others.masses.argmax())
        value = of(np.append(self.others.boxes[most], self.others.masses[most]))
        return min(max(math.log(max(value, 1.0) / own), -MOST_RATIO), MOST_RATIO)

    def share(self, chosen: Callable[[Floats, Floats], NDArray[np.bool_]]) -> float:
        """The mass of those others that lie so to its bounds, as a share of all mass."""
        boxes, bounds = self.others.boxes.T, np.array(self.bounds, np.float64)
        return float(self.others.masses[chosen(boxes, bounds)].sum()) / self.total

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


def _within(inner: Floats, outer: Floats) -> NDArray[np.bool_]:
    return np.asarray(
        (inner[0] >= outer[0]) & (inner[1] >= outer[1]) & (inner[2] <= outer[2]) & (inner[3] <= outer[3])
    )


def _stacked(boxes: Floats, bounds: Floats) -> NDArray[np.bool_]:
    """Which boxes lie above or below."""
    shared = np.minimum(boxes[2], bounds[2]) - np.maximum(boxes[0], bounds[0])
    apart = np.minimum(boxes[3], bounds[3]) - np.maximum(boxes[1], bounds[1])
    return np.asarray((shared > 0) & (apart <= 0))


_FEATURES: dict[str, Callable[[Found], float]] = {
    "left out": lambda it: 1.0 - it.mass / max(it.total, 1.0),
    "sides": lambda it: it.reached[0],
    "ends": lambda it: it.reached[1],
    "off centre": lambda it: it.off_centre,
    "size": lambda it: math.log(max(it.place[2:]) / max(it.crop.whole)),
    "surface": lambda it: it.seen.surface,
    "lines removed": lambda it: it.removed > 0,
    "inside": lambda it: it.inside,
    "polarity": lambda it: it.crop.odds / 4 if it.seen.dark else -it.crop.odds / 4,
    "brightness": lambda it: float(it.crop.grey.mean()) / 255,
    "noise": lambda it: math.log(it.seen.contrast / max(it.seen.noise, 0.5)),
    "contrast": lambda it: math.log(it.seen.contrast / 60),
    "sharpness": lambda it: it.sharpness,
    "solidity": lambda it: it.solidity,
    "stroke": lambda it: math.log(max(stroke_width(it.own), 0.2) / max(it.size)),
    "upright": lambda it: it.straight(0),
    "level": lambda it: it.straight(1),
    "parts": lambda it: math.log(it.parts),
    "beside": lambda it: min(it.beside, 3) / 3,
    "others": lambda it: math.log1p(np.count_nonzero(it.others.masses > 0.05 * it.mass)),
    "heaviest": lambda it: it.heaviest(lambda other: other[4], it.mass),
    "largest": lambda it: it.heaviest(lambda other: max(other[2:4] - other[:2]), max(it.size)),
    "tallest": lambda it: it.heaviest(lambda other: other[3] - other[1], it.size[1]),
    "enclosed": lambda it: it.share(_within),
    "enclosing": lambda it: it.share(lambda boxes, bounds: _within(bounds, boxes)),
    "above or below": lambda it: it.share(_stacked),
    "covered": lambda it: it.total / 255 / it.seen.ink.size,
    "picture": lambda it: math.log(min(it.crop.whole) / 60),
    "removed": lambda it: it.removed,
    "aspect": lambda it: math.log(it.size[0] / it.size[1]),
    "second": lambda it: it.way == "second",
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
