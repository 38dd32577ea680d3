"""A picture -> proposals: the few ways in which it may show a digit, each a field with its features.

Code proposes, the network decides (`model.recognition`). A way has a polarity (dark or light ink), a paper
(one level or a smooth surface), a place (all, around a small digit, inside a frame), lines kept or removed,
and a group of `components`. The likeliest comes first, and each is made only when it is asked for.
"""

import math
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from dataclasses import field as entry

import numpy as np
from numpy.typing import NDArray

from model.ink.colour import to_grey
from model.ink.components import STRONG, WEAK, Components, components_of, gaps, groups
from model.ink.features import PLAIN, Crop, Found
from model.ink.fields import Box
from model.ink.frame import FIELD_SIDE, Field, frame
from model.ink.morphology import bounding_box, widened
from model.ink.neighbours import without_neighbours
from model.ink.paper import InkMap, ink_map, is_even, plain_ink, plain_paper
from model.ink.polarity import averaged, odds_of_dark_ink
from model.ink.views import without_lines

WORKING_SIDE, NEAR_SIDE = 160, 40
"""The longer side (pixels) of the reduced picture in which digits are sought; a shorter digit is small."""
AROUND, MOST_CLOSER = 0.6, 2
"""The margin around a small digit seen closer (a share of its longer side), and the most such digits."""
BORDER = 0.12
"""A frame lies within this share of the sides from the edge of the picture, or of its largest shape."""
LEAST_SIDE, LEAST_SHAPE = 20, 0.06
"""The least side (pixels) of what may have such a frame, and its box's least share of the picture."""
MOST, ALIKE, UNSURE = 16, 0.985, 4.0
"""The most proposals that a picture gets; the cosine above which two fields are the same; and the log-odds
below which, either way, both dark and light ink are looked for."""


@dataclass(frozen=True, slots=True)
class NormalisedInk:
    """A digit as the network takes it: one proposal for a picture, and the way to the others.

    The field is (28, 28), white ink (255) on black (0); the box is the ink's, in the pixels or units sent.
    """

    field: Field
    box: Box
    pieces: int
    """How many digit-sized groups of ink were seen; 2 or more look like several digits."""
    features: NDArray[np.float32] = entry(default_factory=lambda: PLAIN)
    """One for each of `FEATURES`; NaN where the ink is plain to see."""
    way: str = "plain"
    further: "Callable[[], list[NormalisedInk]]" = list
    """Gives the other proposals for the same picture, the likelier ones first."""

    @property
    def is_plain(self) -> bool:
        """Whether the ink is plain to see, so that there is one proposal, without features."""
        return math.isnan(self.features[0])


def propose(pixels: NDArray[np.uint8]) -> Iterator[NormalisedInk]:
    """Give the proposals for (H, W) or (H, W, 3) pixels, the likeliest first, without duplicates."""
    given = np.zeros((0, FIELD_SIDE * FIELD_SIDE), np.float32)
    for found in _all(pixels):
        field = frame(found.own)
        direction = field.reshape(1, -1) / np.float32(np.linalg.norm(field.astype(np.float32)) + 1e-6)
        if (given @ direction[0] <= ALIKE).all():
            given = np.concatenate([given, direction])
            yield NormalisedInk(field, found.place, 1 + found.beside, found.features(), found.in_words)
            if len(given) == MOST:
                return


def _all(pixels: NDArray[np.uint8]) -> Iterator[Found]:
    """Find ink in the whole picture, around small digits seen closer, and inside possible frames."""
    height, width = pixels.shape[:2]
    whole: Box = (0.0, 0.0, float(width), float(height))
    crop = _crop(pixels, whole, 0.0)
    looked: list[Box] = []
    largest: Box = (0.0, 0.0, 0.0, 0.0)
    for found in _ways(crop):
        is_small = crop.scale > 1.2 and max(found.size) < NEAR_SIDE
        if is_small and len(looked) < MOST_CLOSER and found.place not in looked:
            looked.append(found.place)
            closer = _crop(pixels, found.place, AROUND)
            yield from _ways(replace(closer, place="closer", aside=_beyond(found, closer)))
        largest = max(largest, found.place, key=lambda box: box[2] * box[3])
        yield found
    for place, box in (("inside", largest), ("border cut", whole)) if largest[2] else ():
        if min(box[2:]) >= LEAST_SIDE and box[2] * box[3] >= LEAST_SHAPE * height * width:
            yield from _ways(replace(_crop(pixels, box, -BORDER), place=place))


def _beyond(found: Found, part: Crop) -> Components:
    """The components beside a small digit that lie outside its surroundings `part`, in that crop's pixels."""
    others, factor = found.others, found.crop.scale / part.scale
    boxes = others.boxes * factor - np.tile((part.left, part.top), 2) / part.scale
    apart = gaps(boxes, np.array([[0, 0, *part.grey.shape[::-1]]]))
    outside = np.any(apart >= 0, axis=(1, 2))
    return others._replace(boxes=boxes, masses=others.masses * factor**2).take(outside)


def _crop(pixels: NDArray[np.uint8], box: Box, margin: float) -> Crop:
    """Crop a picture to a box with a margin around it (inside it if negative), grey and averaged down.

    The margin is a share of the box's longer side; a negative one is a share of each side.
    """
    x, y, width, height = box
    down, across = (margin * (max(box[2:]) if margin > 0 else side) for side in (height, width))
    rows = slice(max(0, math.floor(y - down)), math.ceil(y + height + down))
    columns = slice(max(0, math.floor(x - across)), math.ceil(x + width + across))
    grey = np.ascontiguousarray(to_grey(np.ascontiguousarray(pixels[rows, columns])))
    small = averaged(grey, WORKING_SIDE)
    scale, shape = max(grey.shape) / max(small.shape), (pixels.shape[0], pixels.shape[1])
    return Crop(small, scale, columns.start, rows.start, shape, odds_of_dark_ink(small))


def _ways(crop: Crop) -> Iterator[Found]:
    """Find ink in a crop, seen in each of the ways that are worth a try."""
    paper = plain_paper(crop.grey)
    if paper is not None:
        if (plain := plain_ink(crop.grey, paper)) is not None:
            yield from _views(crop, plain)
        return
    likely = crop.odds >= 0
    surface = not is_even(crop.grey, dark=likely)
    ways = [(dark, curved) for dark in (likely, not likely) for curved in (surface, not surface)]
    if crop.place in ("inside", "border cut"):
        ways = ways[:1]
    elif abs(crop.odds) >= UNSURE:
        ways = ways[:2]
    for dark, curved in ways:
        if (seen := ink_map(crop.grey, dark=dark, surface=curved)) is not None:
            yield from _views(crop, seen)


def _views(crop: Crop, seen: InkMap) -> Iterator[Found]:
    """Find ink in an ink map as it is, and without lines."""
    yield from _groups(crop, seen)
    cleaned = without_lines(seen.ink)
    if cleaned is not None:
        removed = 1.0 - float(cleaned.sum()) / float(seen.ink.sum())
        yield from _groups(crop, replace(seen, ink=cleaned), removed)


def _groups(crop: Crop, seen: InkMap, removed: float = 0.0) -> Iterator[Found]:
    """Give each group of an ink map's components, and parts of it where a neighbour may touch the digit."""
    ink = seen.ink
    labels, components = components_of(ink)
    for way, group in groups(components, ink.shape):
        kept = np.zeros(int(labels.max()) + 1, dtype=bool)
        kept[components.labels[group]] = True
        others = components.take(~group)
        if crop.aside is not None:
            others = others.joined(crop.aside)
        mass = float(components.masses[group].sum())
        left, top = components.boxes[group, :2].min(axis=0).astype(int).tolist()
        right, bottom = components.boxes[group, 2:].max(axis=0).astype(int).tolist()
        bounds = left, top, right, bottom
        rows, columns = slice(max(0, top - 1), bottom + 1), slice(max(0, left - 1), right + 1)
        own = ink[rows, columns] * widened(kept[labels[rows, columns]])
        found = Found(
            crop, seen, mass + float(others.masses.sum()), removed, own, bounds, mass, others,
            int(np.count_nonzero(group)), way,
        )  # fmt: skip
        yield found
        if way != "grown" or (left > 0 and right < ink.shape[1]):
            continue
        for part in without_neighbours(np.where(kept[labels], ink, 0).astype(np.uint8)):
            if (place := bounding_box(part >= WEAK)) is not None and int(part.max()) >= STRONG:
                down, across = place
                bounds = across.start, down.start, across.stop, down.stop
                mass = float(part.sum())
                yield replace(found, own=part[place], bounds=bounds, mass=mass, parts=1, way="cut")
