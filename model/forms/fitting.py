"""The page onto the template: places are proposed, and printed lines move, bend, and choose among them."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Literal

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageDraw
from scipy import fft, ndimage

from model.forms.template import Template
from model.ink.morphology import EIGHT
from model.ink.polarity import averaged
from model.ink.views import long_runs
from model.reading.cells import brightness_missing, skew

Floats = NDArray[np.float64]
Real = NDArray[np.float32]
Grey = NDArray[np.uint8]

WORKING_SIDE, COARSE = 1200, 300
"""The longer side (pixels) of the page on which lines are looked at; of the one on which they are sought."""
DARK = 0.4
"""A mark takes so much of the paper's brightness away."""
SOLID = 0.82, 1.12
"""Area to that of the rectangle with the same second moments: 1 for a parallelogram, 1.05 for a disk."""
AREAS = 0.7
"""A mark's area is as expected within this (logarithm)."""
SAMPLES, SEEN = 12, 0.03
"""Places along a piece of a line; it takes at least so much more brightness away than what is beside it."""
EXACT, LEAST_SEEN = 0.06, 0.5
"""A line is where it should be within this (cells): with marks at least this share of the lines is, ..."""
MOST_SEEN, PARTS, EVEN = 0.7, 3, 0.2
"""... and without marks this; in each part of the page, so many across and down, by so much less."""
MOST_BENT = 0.5
"""Paper is bent by so much at most (cells): what has to be bent more is another place."""
REACHES = (0.6, 0.4, 0.25, 0.15)
"""Lines are looked for so far (cells) from where they should be, the farthest first."""
LINE, THICKEST, LINE_DARK = 0.012, 0.004, 0.1
"""A printed line's least length and most thickness (page lengths); it takes so much brightness away."""
ROOM, REFINED, SCALES = 36, 4, np.arange(0.88, 1.07, 0.02).tolist()
"""Pixels around the coarse page; so many of the likeliest places are refined, of these scales."""
SQUARE = np.array([[0.0, 0.0], [1.0, 0.0], [1.0, 1.0], [0.0, 1.0]])
"""Its corners, from the upper left on."""


class NotFitted(ValueError):
    """The page cannot be fitted to the template; the message says why."""


@dataclass(frozen=True, slots=True)
class Sheet:
    """A page as it was scanned or photographed."""

    grey: Grey
    """(H, W)."""
    paper: Real
    """(h, w), coarse: how bright the paper is."""
    share: Real
    """(h, w) at the working size: how much of the paper's brightness is missing, 0 to 1."""
    factor: float
    """Pixels of `grey` for one of `share`'s."""

    @classmethod
    def of(cls, grey: Grey) -> "Sheet":
        """Look at (H, W) grey pixels."""
        small = averaged(grey, WORKING_SIDE)
        share, paper = brightness_missing(small)
        return cls(grey, paper.astype(np.float32), share, grey.shape[1] / small.shape[1])


@dataclass(frozen=True, slots=True)
class Fit:
    """How a page lies."""

    matrix: Floats
    """(3, 3): the template's points (x, y, 1) to the page's pixels."""
    bend: Floats
    """(6, 2): by how much (units) a point of the template is moved before, by 1, x, y, x^2, x y, y^2 of it,
    where the page goes from -1 to 1."""
    size: tuple[float, float]
    by: Literal["marks", "ruling"]
    error: float = 0.0
    """How far lines are from where they were expected, typically (units)."""
    seen: float = 0.0
    """The share of the template's lines that were seen, 0 to 1; ..."""
    exact: float = 0.0
    """... and that were seen exactly where they should be, less if a part of the page has few of them."""

    @property
    def turned(self) -> int:
        """By how many degrees the page is turned clockwise: 0, 90, 180 or 270."""
        (a, b), _ = self.place(np.array([[self.size[0], 0.0], [0.0, 0.0]])) - self.place(np.zeros((2, 2)))
        return round(float(np.degrees(np.arctan2(b, a))) / 90) % 4 * 90

    def powers(self, points: Floats) -> Floats:
        """(n, 6): what `bend` is multiplied with at the template's points (n, 2)."""
        x, y = (points / np.array(self.size) * 2 - 1).T
        return np.stack([np.ones(len(points)), x, y, x * x, x * y, y * y], axis=1)

    def place(self, points: Floats) -> Floats:
        """Where the template's points (n, 2) lie on the page (n, 2; pixels)."""
        return project(self.matrix, points + self.powers(points) @ self.bend)

    def scaled(self, scale: float) -> "Fit":
        """The same in other pixels, `scale` of them for one."""
        return replace(self, matrix=np.diag([scale, scale, 1.0]) @ self.matrix)


def fit_page(sheet: Sheet, template: Template) -> list[Fit]:
    """Fit a page to a template; in several ways where marks alone do not tell which side is up.

    Raises NotFitted, which says why it cannot be.
    """
    ruling = _Ruling(sheet, template)
    if template.marks is None:
        found = [ruling.fitted(place, REACHES) for place in _by_lines(sheet, template)]
        best = max(found, key=lambda fit: fit.exact)
        if best.exact < MOST_SEEN:
            raise NotFitted(
                f"the template has no marks, and of its lines no more than {best.exact:.0%} were found "
                "together as they should be; marks, or `forms --learn`, would help"
            )
        return [best]
    fits = [ruling.fitted(place) for place in _by_marks(sheet, template)]
    best = max(fits, key=lambda fit: fit.seen)
    if best.seen < LEAST_SEEN and not template.ruling:
        return fits  # a form whose lines are not seen by the scanner
    best = ruling.fitted(best.matrix, REACHES[2:])
    if best.exact < LEAST_SEEN:
        raise NotFitted(
            "the marks are there, but the printed lines lie otherwise: it seems to be another form"
        )
    return [best]


def project(matrix: Floats, points: Floats) -> Floats:
    """Points (n, 2) through (3, 3) matrices: (..., n, 2)."""
    moved = np.concatenate([points, np.ones((len(points), 1))], axis=1) @ np.swapaxes(matrix, -1, -2)
    return np.asarray(moved[..., :2] / moved[..., 2:])


def homographies(points: Floats, seen: Floats) -> Floats:
    """(k, 3, 3): what takes points (n, 2) to where they are seen (k, n, 2).

    Three points give an affine map; four a homography, and more by least squares (direct linear transform).
    """
    own = np.broadcast_to(np.column_stack([points, np.ones(len(points))]), (*seen.shape[:2], 3))
    rows = [[own, 0 * own], [0 * own, own]]
    if len(points) > 3:
        rows = [[*row, -seen[..., axis, None] * own[..., :2]] for axis, row in enumerate(rows)]
    table = np.concatenate([np.concatenate(row, axis=2) for row in rows], axis=1)
    found = np.linalg.pinv(table) @ np.concatenate([seen[..., :1], seen[..., 1:]], axis=1)
    out = np.zeros((len(seen), 9))
    out[:, : found.shape[1]], out[:, 8] = found[..., 0], 1.0
    return out.reshape(-1, 3, 3)


def straightened(
    image: Image.Image, matrix: Floats, size: tuple[int, int], around: int = 0
) -> NDArray[np.generic]:
    """A picture (h, w) of `size`, whose pixels `matrix` takes to those of the image, `around` it a level."""
    data = (matrix / matrix[2, 2]).ravel()[:8].tolist()
    way = Image.Transform.PERSPECTIVE
    return np.asarray(image.transform(size, way, data, Image.Resampling.BILINEAR, fillcolor=around))


def _scales(matrix: Floats, points: Floats) -> Floats:
    """(..., n, 2, 2): the Jacobian of (..., 3, 3) homographies at points (n, 2)."""
    at, right, down = (project(matrix, points + step) for step in ([0.0, 0.0], [1.0, 0.0], [0.0, 1.0]))
    return np.stack([right - at, down - at], axis=-1)


class _Ruling:
    """The template's lines in n pieces, and how they lie on a page."""

    def __init__(self, sheet: Sheet, template: Template) -> None:
        self.sheet, self.size, self.cell = sheet, template.size, template.cell()
        self.by: Literal["marks", "ruling"] = "ruling" if template.marks is None else "marks"
        lines = template.lines().reshape(-1, 2, 2)
        lines = lines[(lines[:, 0] != lines[:, 1]).any(axis=1)]
        ways = lines[:, 1] - lines[:, 0]
        lengths = np.linalg.norm(ways, axis=1)
        counts = np.ceil(30 * lengths / max(template.size)).astype(int)
        whose = np.repeat(np.arange(len(lines)), counts)
        number = np.arange(len(whose)) - np.repeat(np.cumsum(counts) - counts, counts)
        self.halves = (ways / counts[:, None] / 2)[whose]
        self.middles = lines[whose, 0] + (2 * number + 1)[:, None] * self.halves
        self.normals = (np.stack([-ways[:, 1], ways[:, 0]], axis=1) / lengths[:, None])[whose]

    def measure(self, fit: Fit, reach: float) -> tuple[Floats, Floats]:
        """How far (units, along its normal) each piece is seen from where it should be, and how plainly."""
        scale = np.sqrt(abs(np.linalg.det(_scales(fit.matrix, np.array([self.size]) / 2)[0])))
        count = int(np.clip(np.ceil(reach * scale / self.sheet.factor), 2, 24))
        steps = np.linspace(-2 * reach, 2 * reach, 4 * count + 1)
        points = self.middles[:, None] + np.linspace(-0.85, 0.85, SAMPLES)[:, None] * self.halves[:, None]
        points = points[:, None] + (steps[:, None] * self.normals[:, None])[:, :, None]
        where = (fit.place(points.reshape(-1, 2)) + 0.5) / self.sheet.factor - 0.5
        seen = ndimage.map_coordinates(self.sheet.share, where.T[::-1], order=1, mode="constant")
        # A rule goes on: what a stroke leaves at some places only does not count.
        profile = np.sort(seen.reshape(len(self.middles), len(steps), SAMPLES), axis=2)
        values = (profile.mean(axis=2) + profile[:, :, SAMPLES // 4]) / 2
        near = values[:, count : 3 * count + 1] - 0.3 * SEEN * np.abs(steps[count : 3 * count + 1]) / reach
        best, rows = near.argmax(axis=1) + count, np.arange(len(values))
        left, middle, right = (values[rows, best + step] for step in (-1, 0, 1))
        # Between two steps, by the parabola through three.
        shift = 0.5 * (left - right) / np.minimum(left + right - 2 * middle, -1e-6)
        offsets = steps[best] + np.clip(shift, -0.5, 0.5) * (steps[1] - steps[0])
        return offsets, middle - np.median(values, axis=1)

    def fitted(self, matrix: Floats, reaches: Sequence[float] = ()) -> Fit:
        """Move and bend a place until its lines lie on the page's (least squares), and see how they do."""
        fit = Fit(matrix, np.zeros((6, 2)), self.size, self.by)
        powers = fit.powers(self.middles)
        table = np.concatenate([powers * self.normals[:, :1], powers * self.normals[:, 1:]], axis=1)
        stiff = 0.02 * np.diag(np.tile([0.001, 0.3, 0.3, 1.0, 1.0, 1.0], 2))
        for reach in reaches:
            offsets, plain = self.measure(fit, reach * self.cell)
            weight = np.clip(plain, 0, 0.2) * (plain >= SEEN)
            change = np.zeros(12)
            for _ in range(3):
                if np.count_nonzero(weight) < 8:
                    break
                heavy = table * weight[:, None]
                change = np.linalg.solve(heavy.T @ table + stiff, heavy.T @ offsets)
                off = np.abs(offsets - table @ change)
                weight = weight * (off <= 3 * np.median(off[weight > 0]) + 0.02 * self.cell)
            fit = replace(fit, bend=fit.bend + change.reshape(2, 6).T)
        offsets, plain = self.measure(fit, 0.25 * self.cell)
        seen, off = plain >= SEEN, np.abs(offsets)
        exact = seen & (off <= EXACT * self.cell) & (np.abs(fit.bend[3:]).max() <= MOST_BENT * self.cell)
        part = (self.middles / np.array(self.size) * PARTS).astype(int).clip(0, PARTS - 1) @ [1, PARTS]
        many = np.bincount(part) >= 8
        shares = np.bincount(part, exact)[many] / np.bincount(part)[many]
        error = float(np.median(off[seen])) if seen.any() else 0.0
        lowest = float(min(exact.mean(), *shares + EVEN))
        return replace(fit, error=error, seen=float(seen.mean()), exact=lowest)


# Places


def _places(sheet: Sheet, size: tuple[float, float]) -> Floats:
    """(k, 3, 3): by what the template's page may lie on the picture, in four ways each.

    It fills the picture, or lies where a bright page is.
    """
    height, width = sheet.grey.shape
    angle = skew(sheet.share > max(0.1, float(np.quantile(sheet.share, 0.97)) / 2))
    filling = (SQUARE - 0.5) * size * np.sqrt(width * height / (size[0] * size[1]))
    ways = angle + np.pi / 2 * np.arange(4)
    turns = np.array([[np.cos(ways), np.sin(ways)], [-np.sin(ways), np.cos(ways)]]).transpose(2, 0, 1)
    ends = [*(filling @ turns + np.array([width, height]) / 2)]
    # The largest bright shape; its corners are farthest out.
    small = averaged(sheet.grey, COARSE)
    bright = small > (int(small.max()) + int(np.median(small[[0, -1]]))) / 2
    labels, _ = ndimage.label(ndimage.binary_opening(bright, iterations=2))
    sizes = np.bincount(labels.ravel(), minlength=2)[1:]
    if sizes.max() > 0.15 * labels.size:
        y, x = np.nonzero(labels == 1 + sizes.argmax())
        corners = [int(np.argmin(a * x + b * y)) for a, b in ((1, 1), (-1, 1), (-1, -1), (1, -1))]
        there = (np.stack([x[corners], y[corners]], axis=1) + 0.5) * sheet.grey.shape[1] / small.shape[1]
        ends += [np.roll(there, -quarter, axis=0) for quarter in range(4)]
    return homographies(SQUARE * size, np.array(ends))


def _by_marks(sheet: Sheet, template: Template) -> list[Floats]:
    """Places where the template's marks are squares of the page, the nearest ones. Raises NotFitted."""
    boxes = np.array(template.marks, np.float64)
    middles, sides = boxes[:, :2] + boxes[:, 2:] / 2, np.sqrt(boxes[:, 2:].prod(axis=1))
    page = max(template.size)
    centres, areas = squares(sheet, (0.45 * sides.min() / page, 1.4 * sides.max() / page))
    if len(centres) < len(boxes):
        raise NotFitted(f"the template has {len(boxes)} marks, and {len(centres)} were found")
    found = []
    for place in _places(sheet, template.size):
        nearest = np.linalg.norm(project(place, middles)[:, None] - centres, axis=2).argmin(axis=1)
        if len({*nearest.tolist()}) == len(boxes):
            matrix = homographies(middles, centres[nearest][None])[0]
            expected = sides**2 * np.abs(np.linalg.det(_scales(matrix, middles)))
            if np.abs(np.log(areas[nearest] / expected)).max() < AREAS:
                found.append(matrix)
    if not found:
        raise NotFitted(f"the template has {len(boxes)} marks, and those that were found lie otherwise")
    return found


def squares(sheet: Sheet, sides: tuple[float, float]) -> tuple[Floats, Floats]:
    """Centres (k, 2) and areas (k,) of solid dark parallelograms (pixels of the page).

    Their sides are between `sides` (page lengths).
    """
    labels, count = ndimage.label(sheet.share >= DARK, structure=EIGHT)
    areas = np.bincount(labels.ravel(), minlength=count + 1).astype(np.float64)
    least, most = (side * max(labels.shape) for side in sides)
    kept = []
    for number, box in enumerate(ndimage.find_objects(labels), start=1):
        if max(least**2, 9) <= areas[number] <= most**2:
            spread = np.linalg.eigvalsh(np.cov(np.nonzero(labels[box] == number)) + np.eye(2) / 12)
            solid = areas[number] / (12 * np.sqrt(spread[0] * spread[1]))
            if SOLID[0] <= solid <= SOLID[1] and spread[1] < 12 * spread[0]:
                kept.append(number)
    centres = np.array(ndimage.center_of_mass(sheet.share, labels, kept), np.float64).reshape(-1, 2)
    return (centres[:, ::-1] + 0.5) * sheet.factor, areas[kept] * sheet.factor**2


def _by_lines(sheet: Sheet, template: Template) -> list[Floats]:
    """Places scaled and moved to where the template's lines agree best with the picture's, the likeliest."""
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


def printed_lines(sheet: Sheet) -> tuple[NDArray[np.bool_], NDArray[np.bool_]]:
    """Level and upright lines (h, w each) of a page that lies nearly straight; strokes across bridged."""
    mask = sheet.share > LINE_DARK
    length, thickest = (round(side * max(mask.shape)) for side in (LINE, THICKEST))

    def level(mask: NDArray[np.bool_]) -> NDArray[np.bool_]:
        thin = mask & ~long_runs(mask.T, thickest + 1).T
        steps = ndimage.binary_dilation(thin, np.ones((3, 1), bool))  # a line that is not quite level
        runs = long_runs(steps, length) & thin
        return np.asarray(ndimage.binary_closing(runs, np.ones((3, length), bool)))

    return level(mask), level(mask.T).T
