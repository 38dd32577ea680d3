"""Cells cut from forms, tables and puzzles: one to four sides of the frame are in view, at every offset."""

from typing import NamedTuple

import numpy as np

from model.generator.chance import between, one_of
from model.generator.items import Bytes, Rng, Source
from model.generator.paper.camera import Subject, photographs
from model.generator.paper.ground import desk, sheet
from model.generator.paper.inks import InkMaker
from model.generator.paper.light import any_light
from model.generator.paper.masks import Reals, cover_of, ink_box, moved, pasted, resized, soft
from model.generator.paper.scene import Scene, Size, area, lines, paint
from model.training.data import NO_DIGIT


class Framing(NamedTuple):
    """What remains of a frame and of neighbours in the picture of a cell."""

    sides: tuple[float, float, float, float]
    """The chances that one to four sides are in view."""
    deepest: float
    """How far they reach into the picture at most: a share of its shorter side."""
    neighbour: float
    """The chance that an edge of the next cell's ink is in view."""
    scanned: float
    """The chance that it was scanned, not photographed."""
    smallest: float
    """The least width of a cell in pixels."""


FRAMED = Framing((0.25, 0.3, 0.2, 0.25), 0.16, 0.0, 0.35, 26)
BORDERED = Framing((0.0, 0.1, 0.3, 0.6), 0.1, 0.35, 0.7, 50)
CUT = Framing((0.35, 0.3, 0.2, 0.15), 0.03, 0.5, 0.7, 50)
"""Cut at its lines, as form readers do: only bits of them are left."""


def frame(rng: Rng, size: Size, framing: Framing, *, crossing: float) -> tuple[Reals, Reals, Reals]:
    """A frame of which at least one side is in view; the others lie beyond the picture's edge.

    With the chance `crossing` the cut was wrong: the lines run well inside the picture and cross. Returns how
    far the lines cover each pixel (H, W), what lies beyond (H, W), and left, top, right, bottom of the room.
    """
    side, wrong = min(size), rng.random() < crossing
    usual = between(rng, 0.5, 0.1 * side)
    thick = np.minimum(usual * np.where(rng.random(4) < 0.2, rng.uniform(1.5, 3.5, 4), 1), 0.2 * side)
    deep = rng.uniform(-0.4 * thick, (0.35 if wrong else framing.deepest) * side)
    shown = rng.permutation(4) < rng.choice([1, 2, 3, 4], p=framing.sides)
    edges, inwards = np.array([0, 0, size[1], size[0]]), np.array([1, 1, -1, -1])
    box = edges + inwards * np.where(shown, deep, -thick - 0.2 * side)
    left, top, right, bottom = box.tolist()
    grid = wrong or rng.random() < 0.65  # else it is a box, whose lines end at its corners
    tilt, bow = rng.normal(0, 0.015), rng.normal(0, 0.012) * side
    cover: Reals = np.zeros(size)
    for number in np.flatnonzero(shown):
        upright = bool(number % 2 == 0)
        start, stop = (top, bottom) if upright else (left, right)
        if grid:
            start, stop = -0.3 * side, max(size) + 0.3 * side
        along = np.linspace(start, stop, 9)
        away = along - along[4]
        own = (tilt if upright else -tilt) + rng.normal(0, 0.006)
        across = box[number] + own * away + bow * (away / away[-1]) ** 2
        path = np.stack([across, along] if upright else [along, across], axis=1)
        cover = np.maximum(cover, _line(rng, size, path, thick[number], upright=upright))
    beyond = 1 - area(size, [(left, top), (right, top), (right, bottom), (left, bottom)])
    room = np.clip(box + thick / 2 * inwards, 0, [size[1], size[0], size[1], size[0]])
    return cover, beyond, room


def _line(rng: Rng, size: Size, path: Reals, width: float, *, upright: bool) -> Reals:
    """One line of a frame: solid, double, dotted or worn."""
    way, gap = rng.random(), width * rng.uniform(1.5, 3) + 1
    beside = np.add(path, [gap * upright, gap * (not upright)])
    cover = lines(size, width, path, beside) if way < 0.08 else lines(size, width, path)
    if 0.08 < way < 0.18:
        dots = np.sin(np.indices(size).sum(axis=0) * 2 * np.pi / rng.uniform(2, 8)) > rng.uniform(-0.7, 0.5)
        cover = cover * soft(dots * 1.0, 0.5)
    elif way > 0.9:
        cover = cover * np.clip(rng.normal(rng.uniform(0.4, 1.1), 0.4, size), 0, 1)
    return cover


def _fitted(mask: Bytes, room: Reals, size: Size, rng: Rng) -> tuple[Bytes, float] | None:
    """The digit somewhere in the room that a frame leaves (H, W), and how much smaller it was made.

    Some reach over a line, but none out of the picture; None if there is no room.
    """
    tight, corner = mask[ink_box(mask, 40)], room[1::-1]
    over = rng.choice([0, 0, 0, 0, 0, 0.1]) * (room[3] - room[1])
    free = np.minimum(room[:1:-1] - corner + 2 * over, np.array(size) - 1)
    scale = rng.uniform(0.4, 1.0) * float((free / tight.shape).min())
    height, width = round(tight.shape[0] * scale), round(tight.shape[1] * scale)
    if min(free) < 8 or height < 9 or width < 1:
        return None
    place = corner - over + (free - (height, width)) * np.clip(rng.normal(0.5, 0.25, 2), 0, 1)
    y, x = np.clip(np.rint(place), 0, np.subtract(size, (height, width))).astype(int)
    return pasted(resized(tight, (height, width)), size, int(y), int(x)), scale


def beside(mask: Bytes, size: Size, rng: Rng) -> Bytes:
    """The next cell's ink, of which an edge reaches into the picture from the left or the right (H, W)."""
    tight = mask[ink_box(mask, 40)]
    tall = round(size[0] * rng.uniform(0.5, 0.9))
    wide = max(3, round(tight.shape[1] * tall / len(tight)))
    shown = round(size[1] * rng.uniform(0.02, 0.14))
    top = round(rng.normal(0.5, 0.3) * (size[0] - tall))
    return pasted(resized(tight, (tall, wide)), size, top, one_of(rng, (shown - wide, size[1] - shown)))


def _cell(rng: Rng, framing: Framing, crossing: float) -> tuple[Scene, Reals]:
    """An empty cell in its frame; left, top, right, bottom of the room within."""
    side = between(rng, framing.smallest, 130)
    size = (round(side), max(20, round(side * np.exp(rng.normal(-0.05, 0.2)))))
    border, beyond, room = frame(rng, size, framing, crossing=crossing)
    made = Scene.on(sheet(rng, size))
    paper = float(np.median(made.page))
    if rng.random() < 0.25:  # another colour beyond the frame
        made.lay(beyond, desk(rng, size) if rng.random() < 0.4 else rng.uniform(0.05, 1.0))
    if rng.random() < 0.25:  # the cell lies deeper, or its frame throws a shadow
        deep = soft(np.maximum(border, beyond), between(rng, 0.03, 0.2) * min(size))
        made.shade(1 - rng.uniform(0.1, 0.6) * deep)
    grey = paper * (rng.uniform(0.02, 0.88) if rng.random() < 0.8 else rng.uniform(0.8, 0.95))
    colour = paint(rng, grey, grey, rng.choice([0, 0, 0.6]))
    made.lay(moved(border, rng, 2) * rng.choice([0, 0, 0.4]), colour)
    made.lay(border, colour)
    return made, room


def framed_cells(ink: InkMaker | None, framing: Framing = FRAMED) -> Source:
    """Cells with a digit, whole, in every place; without `ink` cells in which nothing is written."""

    def subject(rng: Rng) -> Subject | None:
        made, room = _cell(rng, framing, 0.06 if ink is None else 0.0)
        pen, label, group, paper = 0.04 * min(made.size), NO_DIGIT, 0, float(np.median(made.page))
        if ink is not None:
            mask, label, group, width = ink(rng)
            fitted = _fitted(mask, room, made.size, rng)
            if fitted is None:
                return None
            pen, colour = max(1.0, width * fitted[1]), paint(rng, 0, paper * 0.5, rng.choice([0, 0, 0.8]))
            if rng.random() < framing.neighbour:
                made.lay(cover_of(beside(ink(rng).mask, made.size, rng)), colour)
            made.write(fitted[0], colour)
        if rng.random() < 0.2:  # a dark page, or a screen
            made.page = rng.uniform(0.75, 1.05) - made.page
        scanned = rng.random() < framing.scanned
        if not scanned and ink is None and rng.random() < 0.3:
            made.shade(any_light(rng, made.size))
        return Subject(made, label, group, pen, not scanned, levels=scanned and rng.random() < 0.25)

    return photographs(subject)
