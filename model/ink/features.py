"""The features of a proposal, beside its field: where the ink lies, how it looks, and how it was seen."""

import math
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from model.ink.components import STRONG, WEAK, Components, Floats, gaps
from model.ink.fields import Box
from model.ink.frame import stroke_width
from model.ink.paper import InkMap
from model.ink.polarity import Grey

MOST_RATIO = 3.0  # bounds a logarithm, either way


@dataclass(frozen=True, slots=True)
class Crop:
    """A part of a picture, at some scale.

    It begins at `left` and `top` of a picture of height and width `whole`, all in the picture's pixels; a
    pixel of `grey` spans `scale` of them. `odds` are the log-odds that its ink is dark. `aside` has what
    lies farther off, in `grey`'s pixels, if the crop surrounds a small digit (`place` is "closer").
    """

    grey: Grey
    scale: float
    left: float
    top: float
    whole: tuple[float, float]
    odds: float
    place: str = ""
    aside: Components | None = None


@dataclass(frozen=True, slots=True)
class Found:
    """Ink that may be a digit: some components of a crop; `others` are those left out.

    `own` is the ink in its box, (h, w), and `bounds` is the box: left, top, right and bottom, in the crop's
    pixels. `removed` is the share of the ink that was taken out as lines, `total` the mass of what was left.
    """

    crop: Crop
    seen: InkMap
    total: float
    removed: float
    own: Grey
    bounds: tuple[int, int, int, int]
    mass: float
    others: Components
    parts: int
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
    def gaps(self) -> Floats:
        """The gaps (n, 2), across and down, between its box and the others'; negative where they overlap."""
        return gaps(self.others.boxes, np.array([self.bounds], np.float64))[:, 0]

    @property
    def insets(self) -> Floats:
        """How far (n, 4) each side of the others' boxes lies inside the same side of its own box."""
        return np.asarray((self.others.boxes - self.bounds) * (1, 1, -1, -1), np.float64)

    @property
    def beside(self) -> int:
        """How many of the others have about its size, and stand clear of it and of the edge."""
        tall, height = self.others.boxes[:, 3] - self.others.boxes[:, 1], self.size[1]
        like = (0.55 * height <= tall) & (tall <= 2.0 * height) & (self.others.masses > 0.25 * self.mass)
        return int(np.count_nonzero(like & (self.others.edges == 0) & (self.gaps >= 0).any(axis=1)))

    @property
    def reached(self) -> tuple[float, float]:
        """The share of the crop's left and right sides it touches, and of its top and bottom: 0, 0.5 or 1."""
        (left, top, right, bottom), (height, width) = self.bounds, self.crop.grey.shape
        return ((left == 0) + (right == width)) / 2, ((top == 0) + (bottom == height)) / 2

    @property
    def off_centre(self) -> float:
        """The distance of its middle from the picture's, where each side has the length 1."""
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
        """The largest share of its height (axis 0) or width (1) that is inked in any column or row."""
        inked = np.count_nonzero(self.own >= WEAK, axis=axis)
        return int(inked.max()) / int(self.own.shape[axis])

    @property
    def heaviest(self) -> Floats:
        """How much heavier, longer and taller the heaviest of the others is, (3,): logarithms of ratios."""
        if not len(self.others.masses):
            return np.full(3, -MOST_RATIO)
        most = int(self.others.masses.argmax())
        width, height = self.others.boxes[most, 2:] - self.others.boxes[most, :2]
        theirs = np.maximum((self.others.masses[most], max(width, height), height), 1.0)
        return np.clip(np.log(theirs / (self.mass, max(self.size), self.size[1])), -MOST_RATIO, MOST_RATIO)

    def share(self, some: NDArray[np.bool_]) -> float:
        """The mass of `some` of the others, as a share of the mass of all ink."""
        return float(self.others.masses[some].sum()) / self.total

    @property
    def in_words(self) -> str:
        """The way in which it was seen, in words."""
        ink, paper = "dark" if self.seen.dark else "light", "surface" if self.seen.surface else "level"
        lines = "lines removed" if self.removed else ""
        return ", ".join(filter(None, (ink, paper, lines, self.way, self.crop.place)))

    def features(self) -> NDArray[np.float32]:
        """The values (k,), one for each of `FEATURES`."""
        return np.array([feature(self) for feature in _FEATURES.values()], np.float32)


_FEATURES: dict[str, Callable[[Found], float]] = {
    "left out": lambda it: 1.0 - it.mass / max(it.total, 1.0),
    "sides": lambda it: it.reached[0],
    "ends": lambda it: it.reached[1],
    "off centre": lambda it: it.off_centre,
    "size": lambda it: math.log(max(it.place[2:]) / max(it.crop.whole)),
    "surface": lambda it: it.seen.surface,
    "lines removed": lambda it: it.removed > 0,
    "inside": lambda it: it.crop.place == "inside",
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
    "heaviest": lambda it: it.heaviest[0],
    "largest": lambda it: it.heaviest[1],
    "tallest": lambda it: it.heaviest[2],
    "enclosed": lambda it: it.share(np.all(it.insets >= 0, axis=1)),
    "enclosing": lambda it: it.share(np.all(it.insets <= 0, axis=1)),
    "above or below": lambda it: it.share((it.gaps[:, 0] < 0) & (it.gaps[:, 1] >= 0)),
    "covered": lambda it: it.total / 255 / it.seen.ink.size,
    "picture": lambda it: math.log(min(it.crop.whole) / 60),
    "removed": lambda it: it.removed,
    "aspect": lambda it: math.log(it.size[0] / it.size[1]),
    "second": lambda it: it.way == "second",
    "all": lambda it: it.way == "all",
    "inner": lambda it: it.way == "inner",
    "cut": lambda it: it.way == "cut",
    "closer": lambda it: it.crop.place == "closer",
    "border cut": lambda it: it.crop.place == "border cut",
}
FEATURES = tuple(_FEATURES)
"""The names of a proposal's features, in the order of `Found.features`."""
PLAIN: NDArray[np.float32] = np.full(len(FEATURES), np.nan, np.float32)
"""The features, NaN, of ink that is not ambiguous: strokes, fields, the usual drawing on a canvas."""
