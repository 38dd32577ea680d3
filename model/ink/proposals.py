"""A picture -> proposals: the few ways in which it may show a digit, each a field with its features.

Code proposes, the network decides (`model.recognition`). A way has a polarity (dark or light ink), a paper
(one level or a smooth surface), a view (as it is, lines removed, inside the largest shape) and a group of
components (`components`). The likeliest comes first, and each is made only when it is asked for.
"""

import math
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from dataclasses import field as entry

import numpy as np
from numpy.typing import NDArray
from scipy import ndimage

from model.ink.colour import to_grey
from model.ink.components import STRONG, WEAK, Component, PixelBox, components_of, groups, union
from model.ink.features import PLAIN, Crop, Found
from model.ink.fields import Box
from model.ink.frame import Field, frame
from model.ink.morphology import EIGHT, bounding_box, largest_around
from model.ink.neighbours import halves, without_neighbours
from model.ink.paper import InkMap, ink_map, is_even, plain_ink, plain_paper
from model.ink.polarity import Grey, averaged, odds_of_dark_ink
from model.ink.views import inside_largest, without_lines

WORKING_SIDE = 160
"""The longer side (pixels) of the reduced picture in which a digit is looked for."""
NEAR_SIDE = 40
"""A digit smaller than this (pixels) there is looked for again in its surroundings, closer."""
BORDER = 0.12
"""A frame, and what it keeps from view, lies within this share of the sides from the edge, ..."""
LEAST_BORDERED = 20
"""... of a picture whose sides are at least so long (pixels)."""
MOST_CLOSER = 2
"""So many small digits of a picture are looked at closer."""
AROUND = 0.6
"""So much of its surroundings are looked at, each way, as a share of its longer side."""
WIDE = 0.9
"""A group wider than this share of its height may be two digits."""
ALIKE = 0.985
"""Fields with a larger cosine than this are one proposal."""
MOST = 16
"""So many proposals are made of a picture at the most."""
UNSURE = 4.0
"""Below these odds (logarithmic) both dark and light ink are looked for."""


@dataclass(frozen=True, slots=True)
class NormalisedInk:
    """A digit as the network takes it: one proposal for a picture, and the way to the others."""

    field: Field
    """(28, 28), white ink (255) on black (0)."""
    box: Box
    """x, y, width, height of the ink, in the pixels or units sent."""
    pieces: int
    """How many digit-sized groups of ink were seen; 2 or more look like several digits."""
    features: NDArray[np.float32] = entry(default_factory=lambda: PLAIN)
    """One for each of `FEATURES`; NaN where the ink is plain to see."""
    way: str = "plain"
    """The way in which the ink was seen, in words."""
    further: "Callable[[], list[NormalisedInk]]" = list
    """Gives the other proposals for the same picture, the likelier ones first."""

    @property
    def is_plain(self) -> bool:
        """Whether the ink is plain to see, so that there is one proposal, without features."""
        return math.isnan(self.features[0])


def propose(pixels: NDArray[np.uint8]) -> Iterator[NormalisedInk]:
    """Give the proposals for (H, W) or (H, W, 3) pixels, the likeliest first, doubles left out."""
    given: list[NDArray[np.float32]] = []
    for ink in _all(pixels):
        direction = ink.field.astype(np.float32).ravel()
        direction /= np.float32(np.linalg.norm(direction) + 1e-6)
        if all(float(direction @ other) <= ALIKE for other in given):
            given.append(direction)
            yield ink
            if len(given) == MOST:
                return


def _all(pixels: NDArray[np.uint8]) -> Iterator[NormalisedInk]:
    """The proposals for the whole picture, those for small digits seen closer, and those without a border."""
    shape = pixels.shape[:2]
    crop = _crop(pixels, (0, 0), shape)
    looked: list[tuple[slice, slice]] = []
    ink = None
    for ink in _proposals(crop):
        place = _surroundings(ink.box, shape)
        is_small = crop.scale > 1.2 and max(ink.box[2:]) < NEAR_SIDE * crop.scale
        if is_small and len(looked) < MOST_CLOSER and place not in looked:
            looked.append(place)
            rows, columns = place
            part = _crop(pixels[place], (columns.start, rows.start), shape)
            yield from _proposals(replace(part, closer=True, beside=ink.pieces - 1))
        yield ink
    down, across = (round(BORDER * side) for side in shape)
    if ink is not None and min(shape) >= LEAST_BORDERED:
        part = _crop(pixels[down : shape[0] - down, across : shape[1] - across], (across, down), shape)
        yield from _proposals(replace(part, within=True))


def _surroundings(box: Box, shape: tuple[int, ...]) -> tuple[slice, slice]:
    x, y, width, height = box
    margin = AROUND * max(width, height)
    return (
        slice(max(0, math.floor(y - margin)), min(shape[0], math.ceil(y + height + margin))),
        slice(max(0, math.floor(x - margin)), min(shape[1], math.ceil(x + width + margin))),
    )


def _crop(pixels: NDArray[np.uint8], origin: tuple[int, int], whole: tuple[int, ...]) -> Crop:
    grey = np.ascontiguousarray(to_grey(np.ascontiguousarray(pixels)))
    small = averaged(grey, WORKING_SIDE)
    scale = max(grey.shape) / max(small.shape)
    return Crop(small, scale, origin[0], origin[1], (whole[0], whole[1]), odds_of_dark_ink(small))


def _proposals(crop: Crop) -> Iterator[NormalisedInk]:
    paper = plain_paper(crop.grey)
    if paper is not None:
        plain = plain_ink(crop.grey, paper)
        if plain is not None:
            yield from _views(crop, plain)
        return
    likely = crop.odds >= 0
    surface = not is_even(crop.grey, dark=likely)
    ways = [(dark, curved) for dark in (likely, not likely) for curved in (surface, not surface)]
    if crop.within:
        ways = ways[:1]
    elif abs(crop.odds) >= UNSURE:
        ways = ways[:2]
    for dark, curved in ways:
        found = ink_map(crop.grey, dark=dark, surface=curved)
        if found is not None:
            yield from _views(crop, found)


def _views(crop: Crop, seen: InkMap) -> Iterator[NormalisedInk]:
    """The proposals of an ink map: as it is, without lines, and inside its largest shape."""
    yield from _with_lines_and_without(crop, seen, "plain", "lines removed")
    inside = inside_largest(seen.ink, crop.grey)
    if inside is None:
        return
    grey, left, top = inside
    part = replace(crop, grey=grey, left=crop.left + left * crop.scale, top=crop.top + top * crop.scale)
    for dark in (True, False):
        within = ink_map(grey, dark=dark, surface=False)
        if within is not None:
            yield from _with_lines_and_without(part, within, "inside", "inside")


def _with_lines_and_without(
    crop: Crop, seen: InkMap, name: str, cleaned_name: str
) -> Iterator[NormalisedInk]:
    yield from _View.of(crop, seen, name).proposals()
    cleaned = without_lines(seen.ink)
    if cleaned is not None:
        removed = 1.0 - float(cleaned.sum()) / float(seen.ink.sum())
        yield from _View.of(crop, replace(seen, ink=cleaned), cleaned_name, removed).proposals()


@dataclass(frozen=True, slots=True)
class _View:
    """Ink that was seen in one way, and its components."""

    crop: Crop
    seen: InkMap
    name: str
    removed: float
    """The share of the ink that was taken out as lines."""
    labels: NDArray[np.signedinteger]
    count: int
    found: list[Component]

    @classmethod
    def of(cls, crop: Crop, seen: InkMap, name: str, removed: float = 0.0) -> "_View":
        """Find the components."""
        labels, count = ndimage.label(seen.ink >= WEAK, structure=EIGHT)
        return cls(crop, seen, name, removed, labels, count, components_of(labels, count, seen.ink))

    @property
    def mass(self) -> float:
        """That of all components."""
        return sum(part.mass for part in self.found)

    def proposals(self) -> Iterator[NormalisedInk]:
        """A proposal for each group of components; and some for a group that a neighbour may touch."""
        ink = self.seen.ink
        for name, group in groups(self.found, ink.shape):
            kept = np.zeros(self.count + 1, dtype=bool)
            kept[[part.label for part in group]] = True
            box = union(group)
            rows = slice(max(0, box.top - 1), box.bottom + 1)
            columns = slice(max(0, box.left - 1), box.right + 1)
            own = ink[rows, columns] * largest_around(kept[self.labels[rows, columns]].view(np.uint8), 3)
            mass = sum(part.mass for part in group)
            others = [part for part in self.found if part not in group]
            yield from self._proposal(own, box, mass, others, parts=len(group), way=name)
            if name != "grown":
                continue
            whole = np.where(kept[self.labels], ink, 0).astype(np.uint8)
            if box.left == 0 or box.right == ink.shape[1]:
                way, x, y, cuts = "cut", 0, 0, without_neighbours(whole)
            elif box.width > WIDE * box.height:
                way, x, y, cuts = "half", columns.start, rows.start, halves(whole[rows, columns])
            else:
                continue
            for part in cuts:
                place = bounding_box(part >= WEAK)
                if place is not None:
                    down, across = place
                    box = PixelBox(x + across.start, y + down.start, x + across.stop, y + down.stop)
                    yield from self._proposal(part[place], box, float(part.sum()), others, parts=1, way=way)

    def _proposal(
        self, own: Grey, box: PixelBox, mass: float, others: list[Component], *, parts: int, way: str
    ) -> Iterator[NormalisedInk]:
        """The proposal of a group's ink or a part of it (`own`, in its box); none if it is too faint."""
        if int(own.max()) < STRONG:
            return
        crop = self.crop
        x, y = crop.left + box.left * crop.scale, crop.top + box.top * crop.scale
        # A thin picture keeps a pixel of its shorter side, whatever the scale.
        wide = min(box.width * crop.scale, crop.whole[1] - x)
        tall = min(box.height * crop.scale, crop.whole[0] - y)
        beside = max(crop.beside, sum(_is_another_digit(part, box, mass) for part in others))
        found = Found(
            crop, self.seen, self.mass, self.removed, self.name == "inside",
            own, box, mass, others, parts, way, (x, y, wide, tall), beside,
        )  # fmt: skip
        words = [
            "dark" if self.seen.dark else "light",
            "surface" if self.seen.surface else "level",
            self.name,
            way,
            *(["closer"] if crop.closer else ["border cut"] if crop.within else []),
        ]
        yield NormalisedInk(frame(own), found.place, 1 + beside, found.features(), ", ".join(words))


def _is_another_digit(part: Component, box: PixelBox, mass: float) -> bool:
    """Whether a component has about the size of the ink in a box, and stands clear of it and of the edge."""
    clear = (
        part.left >= box.right or part.right <= box.left or part.top >= box.bottom or part.bottom <= box.top
    )
    like = 0.55 * box.height <= part.height <= 2.0 * box.height and part.mass > 0.25 * mass
    return clear and like and not part.edges
