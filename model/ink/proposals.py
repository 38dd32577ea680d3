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

from model.ink.colour import to_grey
from model.ink.components import STRONG, WEAK, Components, components_of, groups, union
from model.ink.features import PLAIN, Crop, Found
from model.ink.fields import Box
from model.ink.frame import Field, frame
from model.ink.morphology import bounding_box, widened
from model.ink.neighbours import without_neighbours
from model.ink.paper import InkMap, ink_map, is_even, plain_ink, plain_paper
from model.ink.polarity import averaged, odds_of_dark_ink
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
    for found in _all(pixels):
        field = frame(found.own)
        direction = field.astype(np.float32).ravel()
        direction /= np.float32(np.linalg.norm(direction) + 1e-6)
        if all(float(direction @ other) <= ALIKE for other in given):
            given.append(direction)
            yield NormalisedInk(field, found.place, 1 + found.beside, found.features(), found.in_words)
            if len(given) == MOST:
                return


def _all(pixels: NDArray[np.uint8]) -> Iterator[Found]:
    """What is found in the whole picture, around a small digit seen closer, and inside of the border."""
    shape = pixels.shape[:2]
    crop = _crop(pixels, (0, 0), shape)
    looked: list[tuple[slice, slice]] = []
    found = None
    for found in _ways(crop):
        place = _surroundings(found.place, shape)
        is_small = crop.scale > 1.2 and max(found.size) < NEAR_SIDE
        if is_small and len(looked) < MOST_CLOSER and place not in looked:
            looked.append(place)
            rows, columns = place
            part = _crop(pixels[place], (columns.start, rows.start), shape)
            yield from _ways(replace(part, aside=_beyond(found, part)))
        yield found
    down, across = (round(BORDER * side) for side in shape)
    if found is not None and min(shape) >= LEAST_BORDERED:
        part = _crop(pixels[down : shape[0] - down, across : shape[1] - across], (across, down), shape)
        yield from _ways(replace(part, within=True))


def _surroundings(box: Box, shape: tuple[int, ...]) -> tuple[slice, slice]:
    x, y, width, height = box
    margin = AROUND * max(width, height)
    return (
        slice(max(0, math.floor(y - margin)), min(shape[0], math.ceil(y + height + margin))),
        slice(max(0, math.floor(x - margin)), min(shape[1], math.ceil(x + width + margin))),
    )


def _beyond(found: Found, part: Crop) -> Components:
    """What was found beside a small digit and lies outside of its surroundings, in the pixels of these."""
    others, factor = found.others, found.crop.scale / part.scale
    boxes = others.boxes * factor - np.tile((part.left, part.top), 2) / part.scale
    height, width = part.grey.shape
    outside = (boxes[:, 2] <= 0) | (boxes[:, 3] <= 0) | (boxes[:, 0] >= width) | (boxes[:, 1] >= height)
    return others._replace(boxes=boxes, masses=others.masses * factor**2).take(outside)


def _crop(pixels: NDArray[np.uint8], origin: tuple[int, int], whole: tuple[int, ...]) -> Crop:
    grey = np.ascontiguousarray(to_grey(np.ascontiguousarray(pixels)))
    small = averaged(grey, WORKING_SIDE)
    scale = max(grey.shape) / max(small.shape)
    return Crop(small, scale, origin[0], origin[1], (whole[0], whole[1]), odds_of_dark_ink(small))


def _ways(crop: Crop) -> Iterator[Found]:
    """What is found in a crop, seen in each of the ways."""
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
        seen = ink_map(crop.grey, dark=dark, surface=curved)
        if seen is not None:
            yield from _views(crop, seen)


def _views(crop: Crop, seen: InkMap) -> Iterator[Found]:
    """What an ink map shows: as it is, without lines, and inside its largest shape."""
    yield from _groups(crop, seen)
    cleaned = without_lines(seen.ink)
    if cleaned is not None:
        removed = 1.0 - float(cleaned.sum()) / float(seen.ink.sum())
        yield from _groups(crop, replace(seen, ink=cleaned), removed=removed)
    inside = inside_largest(seen.ink, crop.grey)
    if inside is None:
        return
    grey, left, top = inside
    part = replace(crop, grey=grey, left=crop.left + left * crop.scale, top=crop.top + top * crop.scale)
    for dark in (True, False):
        within = ink_map(grey, dark=dark, surface=False)
        if within is not None:
            yield from _groups(part, within, inside=True)


def _groups(crop: Crop, seen: InkMap, *, removed: float = 0.0, inside: bool = False) -> Iterator[Found]:
    """What each group of an ink map's components shows, and some of it that a neighbour may touch."""
    ink = seen.ink
    labels, components = components_of(ink)
    for way, group in groups(components, ink.shape):
        kept = np.zeros(int(labels.max()) + 1, dtype=bool)
        kept[components.labels[group]] = True
        others = components.take(~group)
        if crop.aside is not None:
            others = others.joined(crop.aside)
        mass = float(components.masses[group].sum())
        left, top, right, bottom = bounds = union(components.boxes[group])
        rows, columns = slice(max(0, top - 1), bottom + 1), slice(max(0, left - 1), right + 1)
        own = ink[rows, columns] * widened(kept[labels[rows, columns]])
        found = Found(
            crop, seen, mass + float(others.masses.sum()), removed, inside, own, bounds, mass, others,
            int(np.count_nonzero(group)), way,
        )  # fmt: skip
        yield found
        if way != "grown" or (left > 0 and right < ink.shape[1]):
            continue
        for part in without_neighbours(np.where(kept[labels], ink, 0).astype(np.uint8)):
            place = bounding_box(part >= WEAK)
            if place is not None and int(part.max()) >= STRONG:
                down, across = place
                bounds = across.start, down.start, across.stop, down.stop
                mass = float(part.sum())
                yield replace(found, own=part[place], bounds=bounds, mass=mass, parts=1, way="cut")
