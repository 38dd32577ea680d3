"""A picture -> its lines of ink that may hold digits, without rules, frames and specks."""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from PIL import Image
from scipy import ndimage

from model.ink import NoInk, views
from model.ink.components import STRONG, WEAK
from model.ink.grounds import Ground
from model.ink.morphology import EIGHT, Mask
from model.ink.polarity import Grey
from model.reading import displays

Boxes = NDArray[np.int64]
"""(n, 4): left, top, right, bottom in pixels, right and bottom exclusive."""

MOST_COMPONENTS, MOST_LINES = 400, 40
"""The most components kept, the heaviest (noise has thousands, numbers do not), and the most lines."""
LINE_HEIGHT = 32
"""A line's ink is averaged down by whole factors until its digits are lower than twice this (pixels)."""
LEAST_HEIGHT = 5
"""Digits lower than this (pixels) in the reduced copy of a large picture are not legible: of 40 numbers in
MNIST's digits, none was read right at 4, and some were misread with confidence."""
_THIN, _SQUARE, _INSIDE = 0.5, 0.9, 0.3
"""A box's outline covers less than this share of its bounds, and more than this when filled; the ink inside
is higher than this share of the box (the middle of a display's 8 is lower)."""
_CORE, _HANGING = 0.45, 0.75
"""Components at least this share of the tall ones' height make lines; smaller ones join them. So does one
below the second share with nothing beside it, if it begins above the foot of a higher one: a comma."""


class NothingToRead(NoInk):
    """There is ink, but no number in it."""


@dataclass(frozen=True, slots=True)
class Line:
    """The ink of one line."""

    ink: Grey
    """(H, W), 0 paper to 255 full ink; a border of one pixel is paper."""
    origin: tuple[float, float]
    """Where the line's ink begins in the picture (x, y; pixels of the picture)."""
    factor: float
    """Pixels of the picture per pixel of `ink`."""
    height: float
    """How high its digits seem to be (pixels of `ink`)."""


def proposals(ground: Ground) -> Iterator[list[Line]]:
    """Proposals for the lines on a ground, each from top to bottom. Raises `NoInk`.

    If there may be digits in parts, as on displays, the first proposal has their parts joined.
    """
    labels, boxes = components(ground.ink)
    ink = np.where(_outlines(labels, boxes), 0, ground.ink)
    ink = np.where(views.lines(ink, ends=(1, 2)), 0, ink)
    if (ink != ground.ink).any():
        labels, boxes = components(ink)
    if (together := displays.joined(ink, labels, len(boxes))) is not ink:
        yield _lines(ground, together, *components(together))
    yield _lines(ground, ink, labels, boxes)


def _lines(ground: Ground, ink: Grey, labels: NDArray[np.int32], boxes: Boxes) -> list[Line]:
    if not len(boxes):
        raise NoInk("nothing legible stands out from the paper")
    wide, tall = boxes[:, 2] - boxes[:, 0], boxes[:, 3] - boxes[:, 1]
    level = wide > 6 * tall
    highest = tall[~level].max(initial=0)
    # Leave underlines out: a dash is not as wide, and a row of touching digits is not as low.
    groups, height = group_lines(boxes, ~(level & (wide > highest) & (2 * tall < highest)))
    if ground.factor > 1 and height < LEAST_HEIGHT:
        raise NothingToRead("what is written is too small to be read in a picture so large")
    if len(boxes) == MOST_COMPONENTS and np.percentile(boxes[:, 3] - boxes[:, 1], 5) > _CORE * height:
        raise NothingToRead("there is a pattern in the picture, or more marks than any number has")
    step = max(1, int(height // LINE_HEIGHT))

    def line(members: NDArray[np.int64]) -> Line:
        (left, top), (right, bottom) = boxes[members, :2].min(axis=0), boxes[members, 2:].max(axis=0)
        # The faint rim of the strokes, below WEAK, belongs to them.
        rows, columns = slice(max(0, top - 1), bottom + 1), slice(max(0, left - 1), right + 1)
        part = labels[rows, columns]
        own = np.isin(part, members + 1)
        mask = ndimage.binary_dilation(own, structure=EIGHT) & (own | (part == 0))
        cut = Image.fromarray(np.where(mask, ink[rows, columns], 0).astype(np.uint8)).reduce(step)
        x, y = (float((side.start - step) * ground.factor) for side in (columns, rows))
        origin = (ground.origin[0] + x, ground.origin[1] + y)
        return Line(np.pad(np.asarray(cut), 1), origin, float(ground.factor * step), height / step)

    return [line(members) for members in groups[:MOST_LINES]]


def components(ink: Grey) -> tuple[NDArray[np.int32], Boxes]:
    """Labels (H, W) with 0 for paper and i + 1 for component i, and their boxes (n, 4).

    Only the `MOST_COMPONENTS` heaviest are kept.
    """
    raw, count = ndimage.label(ink >= WEAK, structure=EIGHT)
    masses = np.bincount(raw.ravel(), ink.ravel(), count + 1)
    masses[np.bincount(raw[ink >= STRONG], minlength=count + 1) == 0] = 0.0
    order = np.argsort(masses[1:], kind="stable")[::-1][:MOST_COMPONENTS] + 1
    order = np.sort(order[masses[order] > 0])
    number = np.zeros(count + 1, np.int32)
    number[order] = np.arange(1, len(order) + 1)
    labels = number[raw]
    boxes = [(x.start, y.start, x.stop, y.stop) for y, x in ndimage.find_objects(labels)]
    return labels, np.array(boxes, np.int64).reshape(-1, 4)


def _outlines(labels: NDArray[np.int32], boxes: Boxes) -> Mask:
    """A mask (H, W) of the outlines of boxes to write in: thin, nearly rectangular, with high ink inside.

    Writing may touch an outline: the outline is taken to be as thick as most of it is.
    """
    out = np.zeros(labels.shape, bool)
    for number, (left, top, right, bottom) in enumerate(boxes.tolist()):
        part = labels[top:bottom, left:right]
        own = part == number + 1
        if own.mean() < _THIN and (whole := ndimage.binary_fill_holes(own)).mean() > _SQUARE:
            depth = ndimage.distance_transform_cdt(np.pad(whole, 1))[1:-1, 1:-1]
            deepest = int(depth.max())
            inked = ndimage.mean(own, depth, np.arange(1, deepest + 1)) > 0.5
            outline = own & (depth <= 1 + np.append(inked, False).argmin())
            rows = ((part > 0) & ~outline & (depth > deepest // 5)).any(axis=1)
            if np.count_nonzero(rows) > _INSIDE * len(rows):
                out[top:bottom, left:right] |= outline
    return out


def group_lines(boxes: Boxes, kept: NDArray[np.bool_]) -> tuple[list[NDArray[np.int64]], float]:
    """The components of each line, top to bottom, and the height of the tall ones (units of the boxes).

    Only those `kept` are used. Small ones join the line that they lie in or next to, unless they are far off.
    """
    left, top, right, bottom = boxes.T
    tall, usable = bottom - top, np.flatnonzero(kept)
    sizes = np.sort(tall[usable])
    height = float(np.median(sizes[sizes >= 0.5 * sizes[-3:].mean()]))
    core = usable[tall[usable] >= _CORE * height]
    over = np.minimum.outer(bottom[core], bottom[core]) - np.maximum.outer(top[core], top[core])
    gaps = np.maximum.outer(left[core], left[core]) - np.minimum.outer(right[core], right[core])
    beside = (gaps <= 3.0 * height) & (over > 0.4 * np.minimum.outer(tall[core], tall[core]))
    lower = np.greater.outer((top + bottom)[core], (top + bottom)[core])
    near = np.where((gaps <= height) & lower, over, 0)
    hanging = (beside.sum(axis=1) == 1) & (tall[core] < _HANGING * height) & (near.max(axis=1) > 0)
    beside[hanging, near[hanging].argmax(axis=1)] = True
    beside |= beside.T
    group = np.arange(len(core))
    while (joined := np.where(beside, group, len(core)).min(axis=1)).tolist() != group.tolist():
        group = joined
    group = np.unique(group, return_inverse=True)[1]
    middles = np.bincount(group, (top + bottom)[core]) / np.bincount(group) / 2
    # Groups at the same height are one line, however far apart.
    order = np.argsort(middles)
    line = np.empty(len(order), np.int64)
    line[order] = np.cumsum(np.diff(middles[order], prepend=middles[order[0]]) >= 0.5 * height)
    owner = np.full(len(boxes), -1)
    owner[core] = line[group]
    rows = [np.flatnonzero(owner == number) for number in range(int(line.max()) + 1)]
    first = np.array([boxes[row, :2].min(axis=0) for row in rows])
    last = np.array([boxes[row, 2:].max(axis=0) for row in rows])
    small = np.setdiff1d(usable, core)
    away = np.maximum(first - boxes[small, None, 2:], boxes[small, None, :2] - last).clip(0)
    distance = (away * np.array([0.13, 1.0])).max(axis=2)
    near = distance.min(axis=1, initial=np.inf) < 0.4 * height
    owner[small[near]] = distance[near].argmin(axis=1)
    return [np.flatnonzero(owner == number) for number in range(len(rows))], height
