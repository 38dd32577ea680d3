"""Fit a page to its template: propose places for it, then move, bend and choose them by printed lines."""

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from typing import Literal

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageDraw
from scipy import fft, ndimage

from model.forms.template import Floats, Template
from model.geometry import SQUARE, homography, project, skew, straightened
from model.ink.colour import opaque
from model.ink.morphology import EIGHT, Mask
from model.ink.polarity import Grey, averaged
from model.ink.views import long_runs
from model.reading.cells import flattened, missing

WORKING_SIDE, COARSE = 1200, 300
"""The longer side (pixels) of the page on which lines are measured, and of that on which they are sought."""
DARK, SOLID = 0.4, 0.75
"""The least share of the paper's brightness that a mark takes away, and of its box that it fills."""
SAMPLES, STEPS, SEEN = 8, 25, 0.03
"""How many places along and across a piece of a line are sampled; the least contrast of one that is seen."""
EXACT, LEAST_EXACT, LEAST_SEEN = 0.06, 0.5, 0.5
"""How far off (cells) a line still counts as exact; the least shares of lines exact, and seen at all."""
REACHES = (0.5, 0.25, 0.15)
"""How far (cells) from their places lines are looked for, in successive rounds."""
LINE, THICKEST, LINE_DARK = 0.012, 0.004, 0.1
"""A printed line's least length and greatest thickness (page lengths), and least loss of brightness."""
ROOM, REFINED, SCALES = 36, 4, np.arange(0.88, 1.07, 0.02).tolist()
"""The margin (pixels) around the coarse page, how many likely places are refined, and the scales tried."""


class NotFitted(ValueError):
    """The page cannot be fitted to the template; the message says why."""


@dataclass(frozen=True, slots=True)
class Sheet:
    """A page (H, W) as it was scanned or photographed."""

    grey: Grey
    flat: Grey
    """The page as if in even light: paper is 255."""
    share: NDArray[np.float32]
    """(h, w) at the working size: how much of the paper's brightness is missing, 0 to 1."""
    factor: float
    """How many pixels of `grey` one of `share`'s spans."""

    @classmethod
    def of(cls, pixels: Grey) -> "Sheet":
        """Make a sheet of (H, W), (H, W, 3) or (H, W, 4) pixels."""
        grey = np.asarray(Image.fromarray(opaque(pixels)).convert("L"))
        flat = flattened(grey)
        share = missing(averaged(flat, WORKING_SIDE))
        return cls(grey, flat, share, grey.shape[1] / share.shape[1])


@dataclass(frozen=True, slots=True)
class Fit:
    """How a page lies."""

    matrix: Floats
    """(3, 3): maps the template's points (x, y, 1) to the page's pixels."""
    size: tuple[float, float]
    by: Literal["marks", "ruling"]
    bend: Floats = field(default_factory=lambda: np.zeros((6, 2)))
    """(6, 2): how far (units) the template's points are moved before `matrix` maps them; see `powers`."""
    error: float = 0.0
    """The median distance (units) of the lines seen from where they were expected."""
    seen: float = 0.0
    """The share of the template's lines that were seen, 0 to 1."""
    exact: float = 0.0
    """The share of the template's lines that were seen exactly where they should be, 0 to 1."""

    @property
    def turned(self) -> int:
        """By how many degrees the page is turned clockwise: 0, 90, 180 or 270."""
        across, down = np.diff(self.place(np.array([[0.0, 0.0], [self.size[0], 0.0]])), axis=0)[0]
        return round(float(np.degrees(np.arctan2(down, across))) / 90) % 4 * 90

    def powers(self, points: Floats) -> Floats:
        """(n, 6): 1, x, y, x^2, x y, y^2 of the template's points (n, 2), where the page spans -1 to 1."""
        x, y = (points / self.size * 2 - 1).T
        return np.stack([np.ones(len(points)), x, y, x * x, x * y, y * y], axis=1)

    def place(self, points: Floats) -> Floats:
        """Where the template's points (n, 2) lie on the page (n, 2; pixels)."""
        return project(self.matrix, points + self.powers(points) @ self.bend)


def fit_page(sheet: Sheet, template: Template) -> list[Fit]:
    """Fit a page to a template; gives several fits where marks alone do not tell which side is up.

    Raises NotFitted, which says why the page cannot be fitted.
    """
    ruling, marked = _Ruling(sheet, template), template.marks is not None
    places = (_by_marks if marked else _by_lines)(sheet, template)
    fits = [Fit(place, template.size, "marks" if marked else "ruling") for place in places]
    best = max([ruling.fitted(fit, REACHES[:1]) for fit in fits], key=lambda fit: fit.exact)
    best = ruling.fitted(best, REACHES[1:])
    if best.exact >= LEAST_EXACT:
        return [best]
    if marked and best.seen < LEAST_SEEN and not template.ruling:
        return [ruling.fitted(fit, ()) for fit in fits]  # a form whose lines are not seen by the scanner
    raise NotFitted(
        f"of the template's lines no more than {best.exact:.0%} were found together as they should be: "
        + ("it seems to be another form" if marked else "marks, or `forms --learn`, would help")
    )


class _Ruling:
    """The template's lines in n pieces, and how they lie on a page."""

    def __init__(self, sheet: Sheet, template: Template) -> None:
        self.sheet, self.cell = sheet, template.cell()
        ends = []
        for start, stop in template.lines().reshape(-1, 2, 2):
            count = int(np.ceil(30 * np.linalg.norm(stop - start) / max(template.size)))
            places = np.linspace(start, stop, count + 1)
            ends.append(np.stack([places[:-1], places[1:]]))
        starts, stops = np.concatenate(ends, axis=1)
        self.middles, self.halves = (starts + stops) / 2, (stops - starts) / 2
        self.normals = self.halves[:, ::-1] * [-1, 1] / np.linalg.norm(self.halves, axis=1)[:, None]

    def measure(self, fit: Fit, reach: float) -> tuple[Floats, Floats]:
        """Each piece's distance (units, along its normal) from where it should be, and its contrast."""
        ends = self.middles + np.stack([0 * self.halves, self.halves, self.normals])
        at, along, across = fit.place(ends.reshape(-1, 2)).reshape(ends.shape)
        steps = np.linspace(-2 * reach, 2 * reach, STEPS)
        where = at + steps[:, None, None, None] * (across - at)
        where = where + np.linspace(-0.85, 0.85, SAMPLES)[:, None, None] * (along - at)
        places = np.moveaxis((where + 0.5) / self.sheet.factor - 0.5, -1, 0)[::-1]
        seen = ndimage.map_coordinates(self.sheet.share, places, order=1, mode="constant")
        # A rule runs on: a stroke, which is dark at some of the places only, does not count.
        values = np.sort(seen, axis=1)[:, SAMPLES // 4]
        best = np.where(np.abs(steps) <= reach, values.T, -1).argmax(axis=1)
        before, here, after = (values[best + step, np.arange(len(best))] for step in (-1, 0, 1))
        # The top of the parabola through three steps.
        aside = (after - before) / np.maximum(4 * here - 2 * before - 2 * after, 1e-6)
        offsets = steps[best] + np.clip(aside, -0.5, 0.5) * (steps[1] - steps[0])
        return offsets, here - np.median(values, axis=0)

    def fitted(self, fit: Fit, reaches: Sequence[float]) -> Fit:
        """Move and bend a fit until its lines lie on the page's (least squares), and measure how well."""
        powers = fit.powers(self.middles)
        table = np.concatenate([powers * self.normals[:, :1], powers * self.normals[:, 1:]], axis=1)
        stiff = 0.02 * np.diag(np.tile([0.001, 0.3, 0.3, 1.0, 1.0, 1.0], 2))
        for reach in reaches:
            offsets, plain = self.measure(fit, reach * self.cell)
            weight = np.clip(plain, 0, 0.2) * (plain >= SEEN)
            for _ in range(3):  # leaving out pieces that disagree with the others
                heavy = table * weight[:, None]
                change = np.linalg.solve(heavy.T @ table + stiff, heavy.T @ offsets)
                weight = weight * (np.abs(offsets - table @ change) <= reach * self.cell / 3)
            fit = replace(fit, bend=fit.bend + change.reshape(2, 6).T)
        offsets, plain = self.measure(fit, 0.25 * self.cell)
        seen, off = plain >= SEEN, np.abs(offsets)
        error = float(np.median(off[seen])) if seen.any() else 0.0
        exact = seen & (off <= EXACT * self.cell)
        return replace(fit, error=error, seen=float(seen.mean()), exact=float(exact.mean()))


def _places(sheet: Sheet, size: tuple[float, float]) -> list[Floats]:
    """Matrices (3, 3) by which the template's page may lie on the picture, turned in four ways each.

    The page fills the picture, or it is the largest bright shape in it.
    """
    height, width = sheet.grey.shape
    angle = skew(sheet.share > max(0.1, float(np.quantile(sheet.share, 0.97)) / 2))
    turn = np.array([[np.cos(angle), np.sin(angle)], [-np.sin(angle), np.cos(angle)]])
    # A page that fills the picture lies upright or on its side.
    sides = [np.array(side) * np.sqrt(width * height / (size[0] * size[1])) for side in (size, size[::-1])]
    upright, aside = (((SQUARE - 0.5) * side) @ turn + [width / 2, height / 2] for side in sides)
    found = [upright, np.roll(aside, 1, axis=0), np.roll(upright, 2, axis=0), np.roll(aside, 3, axis=0)]
    # The corners of the largest bright shape are its points farthest out.
    small = averaged(sheet.grey, COARSE)
    bright = small > (int(small.max()) + int(np.median(small[[0, -1]]))) / 2
    labels, _ = ndimage.label(ndimage.binary_opening(bright, iterations=2))
    sizes = np.bincount(labels.ravel(), minlength=2)[1:]
    if sizes.max() > 0.15 * labels.size:
        points = np.argwhere(labels == 1 + sizes.argmax())[:, ::-1]
        corners = points[(points @ (2 * SQUARE - 1).T).argmax(axis=0)]
        there = (corners + 0.5) * width / small.shape[1]
        found += [np.roll(there, n, axis=0) for n in range(4)]
    return [homography(SQUARE * size, corners) for corners in found]


def _by_marks(sheet: Sheet, template: Template) -> list[Floats]:
    """Places that put the template's marks on the nearest dark squares of the page. Raises NotFitted."""
    boxes = np.array(template.marks, np.float64)
    middles, sides = boxes[:, :2] + boxes[:, 2:] / 2, np.sqrt(boxes[:, 2:].prod(axis=1)) / max(template.size)
    found = squares(sheet, 0.45 * float(sides.min()), 1.4 * float(sides.max()))
    centres = found[:, :2] + found[:, 2:] / 2
    if len(centres) < len(boxes):
        raise NotFitted(f"the template has {len(boxes)} marks, and {len(centres)} were found")
    away = [project(place, middles)[:, None] - centres for place in _places(sheet, template.size)]
    nearest = np.unique([np.linalg.norm(each, axis=2).argmin(axis=1) for each in away], axis=0)
    places = [homography(middles, centres[own]) for own in nearest if len(np.unique(own)) == len(boxes)]
    if not places:
        raise NotFitted(f"the template has {len(boxes)} marks, and those that were found lie otherwise")
    return places


def squares(sheet: Sheet, least: float, most: float) -> Floats:
    """Solid dark squares (k, 4) of the page: x, y, width and height in its pixels.

    Their sides are between `least` and `most` (page lengths).
    """
    labels, _ = ndimage.label(sheet.share >= DARK, structure=EIGHT)
    found = []
    for number, box in enumerate(ndimage.find_objects(labels), start=1):
        sides = np.array([side.stop - side.start for side in box])
        sized = max(3, least * max(labels.shape)) <= sides.min() and sides.max() <= most * max(labels.shape)
        if sized and (labels[box] == number).mean() > SOLID:
            found.append((box[1].start, box[0].start, *sides[::-1]))
    return np.array(found, np.float64).reshape(-1, 4) * sheet.factor


def _by_lines(sheet: Sheet, template: Template) -> list[Floats]:
    """The likeliest places, scaled and moved so that the template's lines agree best with the picture's."""
    unit = COARSE / max(template.size)
    wide, tall = (round(side * unit) + 2 * ROOM for side in template.size)
    image = Image.new("L", (wide, tall))
    for line in (template.lines() * unit + ROOM).tolist():
        ImageDraw.Draw(image).line(line, fill=255)
    drawn = ndimage.gaussian_filter(np.asarray(image, np.float32), 0.8)
    spectrum = np.conj(fft.rfft2(drawn - drawn.mean()))
    lines = np.logical_or(*printed_lines(sheet))
    soft = Image.fromarray(ndimage.uniform_filter(lines.astype(np.float32), 1 + WORKING_SIDE // COARSE))
    found = []
    for place in _places(sheet, template.size):
        for scale in SCALES:
            corner = np.array(template.size) / 2 * (1 - scale) - scale / unit * ROOM
            grown = place @ np.array([[scale / unit, 0, corner[0]], [0, scale / unit, corner[1]], [0, 0, 1]])
            ahead = np.diag([1 / sheet.factor, 1 / sheet.factor, 1]) @ grown
            picture = np.array(straightened(soft, ahead, (wide, tall)), np.float32)
            picture /= np.linalg.norm(picture) + 1e-9
            match = fft.irfft2(fft.rfft2(picture) * spectrum, picture.shape)
            down, across = np.unravel_index(int(match.argmax()), match.shape)
            x, y = ((int(at) + n // 2) % n - n // 2 + ROOM for at, n in ((across, wide), (down, tall)))
            move = np.array([[unit, 0, x], [0, unit, y], [0, 0, 1]])
            found.append((float(match.max()), grown @ move))
    return [place for _, place in sorted(found, key=lambda each: -each[0])[:REFINED]]


def printed_lines(sheet: Sheet) -> tuple[Mask, Mask]:
    """Masks (h, w) of level and of upright lines on a nearly straight page; strokes across are bridged."""
    mask = sheet.share > LINE_DARK
    length, thickest = (round(side * max(mask.shape)) for side in (LINE, THICKEST))

    def level(mask: Mask) -> Mask:
        thin = mask & ~long_runs(mask.T, thickest + 1).T
        steps = ndimage.binary_dilation(thin, np.ones((3, 1), bool))  # a line that is not quite level
        runs = long_runs(steps, length) & thin
        return np.asarray(ndimage.binary_closing(runs, np.ones((3, length), bool)))

    return level(mask), level(mask.T).T
