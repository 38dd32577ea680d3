"""Cells cut from forms, tables and puzzles: one to four sides of the frame are in view, at every offset."""

from typing import NamedTuple

import numpy as np

from model.generator.items import Bytes, Rng, Source, between, one_of
from model.generator.paper.camera import photographs
from model.generator.paper.inks import InkMaker
from model.generator.paper.light import any_light
from model.generator.paper.masks import Reals, cover_of, moved, pasted, resized, soft, tight
from model.generator.paper.scene import Scene, Size, area, desk, lines, paint, sheet
from model.generator.pens.vectors import elastic


class Framing(NamedTuple):
    """What remains of a frame and of neighbours in the picture of a cell, at least `smallest` pixels high.

    `sides` are the chances that one to four sides are in view; these reach into the picture by at most the
    share `deepest` of its shorter side. `neighbour` is the chance that an edge of the next cell's ink is in
    view, `scanned` the chance that the cell was scanned, not photographed.
    """

    sides: tuple[float, float, float, float]
    deepest: float
    neighbour: float
    scanned: float
    smallest: float


FRAMED = Framing((0.25, 0.3, 0.2, 0.25), 0.16, 0.0, 0.35, 26)
BORDERED = Framing((0.0, 0.1, 0.3, 0.6), 0.1, 0.35, 0.7, 50)
CUT = Framing((0.35, 0.3, 0.2, 0.15), 0.03, 0.5, 0.7, 50)
"""CUT cells are cut at their lines, as form readers do: only bits of the lines are left."""


def frame(rng: Rng, size: Size, framing: Framing, *, crossing: float) -> tuple[Reals, Reals, Reals]:
    """A frame with at least one side in view; its other sides lie beyond the picture's edge.

    With the chance `crossing` the cut was wrong: the lines run well inside the picture and cross. Returns how
    far the lines cover each pixel (H, W), what lies beyond (H, W), and the room's left, top, right, bottom.
    """
    side, wrong, ends = min(size), rng.random() < crossing, np.array([0, 0, size[1], size[0]])
    usual = between(rng, 0.5, 0.1 * side)
    thick = np.minimum(usual * np.where(rng.random(4) < 0.2, rng.uniform(1.5, 3.5, 4), 1), 0.2 * side)
    deep = rng.uniform(-0.4 * thick, (0.35 if wrong else framing.deepest) * side)
    shown = rng.permutation(4) < rng.choice([1, 2, 3, 4], p=framing.sides)
    inwards = np.array([1, 1, -1, -1])
    box = ends + inwards * np.where(shown, deep, -thick - 0.2 * side)
    left, top, right, bottom = box.tolist()
    # The lines of a grid run on, those of a box end at its corners.
    more = 1.3 * max(size) if wrong or rng.random() < 0.65 else 0.0
    down, across = np.linspace(top - more, bottom + more, 9), np.linspace(left - more, right + more, 9)
    along, away = [down, across, down, across], np.repeat(box[:, None], 9, axis=1)
    paths = np.stack([away, along], axis=2)
    paths[1::2] = paths[1::2, :, ::-1]
    bent = elastic(paths.reshape(-1, 2) / side, rng, 0.008).reshape(4, 9, 2) * side
    drawn = [lines(size, thick[n], bent[n]) for n in np.flatnonzero(shown)]
    cover, way = np.max(drawn, axis=0), rng.random()
    if way < 0.1:  # dotted
        dots = np.sin(np.indices(size).sum(axis=0) * 2 * np.pi / rng.uniform(2, 8)) > rng.uniform(-0.7, 0.5)
        cover = cover * soft(dots * 1.0, 0.5)
    elif way < 0.2:  # worn
        cover = cover * np.clip(rng.normal(rng.uniform(0.4, 1.1), 0.4, size), 0, 1)
    beyond = 1 - area(size, [(left, top), (right, top), (right, bottom), (left, bottom)])
    return cover, beyond, np.clip(box + thick / 2 * inwards, 0, [*size[::-1], *size[::-1]])


def _fitted(mask: Bytes, room: Reals, size: Size, rng: Rng) -> tuple[Bytes, float] | None:
    """The digit somewhere in the room that a frame leaves (H, W), and how much smaller it was made.

    Some reach over a line, but none out of the picture; None if there is no room.
    """
    ink, corner = tight(mask), room[1::-1]
    over = rng.choice([0, 0, 0, 0, 0, 0.1]) * (room[3] - room[1])
    free = np.minimum(room[:1:-1] - corner + 2 * over, np.array(size) - 1)
    scale = rng.uniform(0.4, 1.0) * float((free / ink.shape).min())
    height, width = round(ink.shape[0] * scale), round(ink.shape[1] * scale)
    if min(free) < 8 or height < 9 or width < 1:
        return None
    place = corner - over + (free - (height, width)) * np.clip(rng.normal(0.5, 0.25, 2), 0, 1)
    y, x = np.clip(np.rint(place), 0, np.subtract(size, (height, width))).astype(int)
    return pasted(resized(ink, (height, width)), size, int(y), int(x)), scale


def beside(mask: Bytes, size: Size, rng: Rng) -> Bytes:
    """An edge of the next cell's ink, reaching into the picture (H, W) from the left or the right."""
    ink = tight(mask)
    tall, shown = round(size[0] * rng.uniform(0.5, 0.9)), round(size[1] * rng.uniform(0.02, 0.14))
    wide, top = max(3, round(ink.shape[1] * tall / len(ink))), round(rng.normal(0.5, 0.3) * (size[0] - tall))
    return pasted(resized(ink, (tall, wide)), size, top, one_of(rng, (shown - wide, size[1] - shown)))


def _cell(rng: Rng, framing: Framing, crossing: float) -> tuple[Scene, Reals]:
    """An empty cell in its frame, and the left, top, right, bottom of the room within."""
    side = between(rng, framing.smallest, 130)
    size = (round(side), max(20, round(side * np.exp(rng.normal(-0.05, 0.2)))))
    border, beyond, room = frame(rng, size, framing, crossing=crossing)
    made = Scene.on(sheet(rng, size))
    made.pen, paper = 0.04 * min(size), float(np.median(made.page))
    if rng.random() < 0.25:  # another colour beyond the frame
        made.lay(beyond, desk(rng, size) if rng.random() < 0.4 else rng.uniform(0.05, 1.0))
    if rng.random() < 0.25:  # the cell lies deeper, or its frame casts a shadow
        deep = soft(np.maximum(border, beyond), between(rng, 0.03, 0.2) * min(size))
        made.shade(1 - rng.uniform(0.1, 0.6) * deep)
    grey = paper * (rng.uniform(0.02, 0.88) if rng.random() < 0.8 else rng.uniform(0.8, 0.95))
    colour = paint(rng, grey, grey, rng.choice([0, 0, 0.6]))
    made.lay(moved(border, rng, 2) * rng.choice([0, 0, 0.4]), colour)
    made.lay(border, colour)
    return made, room


def framed_cells(ink: InkMaker | None, framing: Framing = FRAMED) -> Source:
    """Cells with a whole digit in any place; without `ink`, cells in which nothing is written."""

    def scene(rng: Rng) -> Scene | None:
        made, room = _cell(rng, framing, 0.06 if ink is None else 0.0)
        scanned = rng.random() < framing.scanned
        if ink is not None:
            mask, made.label, made.group, width = ink(rng)
            fitted = _fitted(mask, room, made.size, rng)
            if fitted is None:
                return None
            made.pen = max(1.0, width * fitted[1])
            colour = paint(rng, 0, float(np.median(made.page)) * 0.5, rng.choice([0, 0, 0.8]))
            if rng.random() < framing.neighbour:
                made.lay(cover_of(beside(ink(rng).mask, made.size, rng)), colour)
            made.write(fitted[0], colour)
        elif not scanned and rng.random() < 0.3:
            made.shade(any_light(rng, made.size))
        if scanned and rng.random() < 0.25:  # in black and white
            grey = made.page.mean(axis=2, keepdims=True)
            made.page = (grey > rng.uniform(0.6, 0.9) * np.median(grey)) * np.ones(3)
        if rng.random() < 0.2:  # a dark page, or a screen
            made.page = rng.uniform(0.75, 1.05) - made.page
        made.lit = not scanned
        return made

    return photographs(scene)
