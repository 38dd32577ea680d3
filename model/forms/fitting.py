"""The page onto the template: a homography by marks or by ruling, and a little bending."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import combinations
from typing import Literal

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageDraw
from scipy import fft, ndimage

from model.forms.errors import NotFitted
from model.forms.template import Template
from model.ink.morphology import EIGHT
from model.ink.polarity import averaged
from model.ink.views import long_runs
from model.reading.cells import brightness_missing, skew

Floats = NDArray[np.float64]
Real = NDArray[np.float32]
Mask = NDArray[np.bool_]
Spectrum = NDArray[np.complex64]
Grey = NDArray[np.uint8]

WORKING_SIDE = 1200
"""The longer side (pixels) of the reduced page on which marks and rules are looked for."""
DARK = (0.5, 0.3)
"""A mark takes so much of the paper's brightness away: first the one, then the other is tried."""
SOLID = 0.82, 1.12
"""Area to that of the rectangle with the same second moments: 1 for a parallelogram, 1.05 for a disk."""
MOST_CANDIDATES = 12
AREAS = 0.7
"""A mark's area is as expected within this (logarithm)."""
FARTHEST, SLANTED = 2.2, 0.5
"""The page's scale differs so much between places and directions at most; its corners are so far from right
angles (cosine)."""
SAMPLES = 12
"""Places along a piece of a line at which the page is looked at."""
SEEN = 0.03
"""A line takes at least so much more of the paper's brightness than what is beside it, ..."""
MOST_SEEN, EXACT = 0.7, 0.05
"""... and a page is fitted by its ruling where so many pieces of the lines are seen, no farther than this
(cells) from where they should be: of a wrong place it was less than two thirds; ..."""
PARTS, FEW, EVEN = 3, 8, 0.2
"""... and in each part of the page, so many across and down, by this much less at most; parts with fewer
pieces than this say nothing."""
LEAST_SEEN, MOST_OFF = 0.5, 0.06
"""By marks, too, if so many are seen, and typically no farther than this (cells) from where they belong."""
MOST_BENT = 0.5
"""Paper is bent by so much at most (cells): what has to be bent more is another place."""
COARSE = 300
"""The longer side (pixels) of the picture in which the ruling and the page's corners are looked for, ..."""
ROOM = 36
"""... and the room around it."""
LINE, THICKEST = 0.012, 0.004
"""A printed line is so long at least, and so thick at most (page lengths), ..."""
LINE_DARK = 0.1
"""... and takes at least this share of the paper's brightness away."""
REFINED = 4
"""So many of the likeliest places are refined, ..."""
REACHES = (0.6, 0.4, 0.25, 0.15)
"""... lines being looked for so far (cells) from where they should be, the farthest first."""
SAME, MOST_MOVED = 0.005, 0.15
"""A picture whose proportions differ by less may be the one that the template was drawn on, if its lines are
no farther than this (cells) from where they were drawn."""


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
    """How far lines and marks are from where they were expected, typically (units)."""
    seen: float = 0.0
    """The share of the template's lines that were seen, 0 to 1."""

    @property
    def turned(self) -> int:
        """By how many degrees the page is turned clockwise: 0, 90, 180 or 270."""
        (a, b), _ = self.place(np.array([[self.size[0], 0.0], [0.0, 0.0]])) - self.place(np.zeros((2, 2)))
        return round(float(np.degrees(np.arctan2(b, a))) / 90) % 4 * 90

    def place(self, points: Floats) -> Floats:
        """Where the template's points (n, 2) lie on the page (n, 2; pixels)."""
        return project(self.matrix, points + _powers(points, self.size) @ self.bend)

    def scaled(self, scale: float) -> "Fit":
        """The same in other pixels, `scale` of them for one."""
        return replace(self, matrix=np.diag([scale, scale, 1.0]) @ self.matrix)


def fit_page(sheet: Sheet, template: Template) -> list[Fit]:
    """Fit a page to a template; in several ways where marks alone do not tell which side is up.

    Raises NotFitted, which says why it cannot be.
    """
    pieces = _pieces(template)
    if template.marks is None:
        return [_by_ruling(sheet, template, pieces)]
    return _by_marks(sheet, template, pieces)


def project(matrix: Floats, points: Floats) -> Floats:
    """Points (n, 2) through (3, 3) matrices: (..., n, 2)."""
    moved = np.concatenate([points, np.ones((len(points), 1))], axis=1) @ np.swapaxes(matrix, -1, -2)
    return np.asarray(moved[..., :2] / moved[..., 2:])


def homographies(points: Floats, seen: Floats) -> Floats:
    """(k, 3, 3): what takes points (n, 2) to where they are seen (k, n, 2).

    Three points give an affine map; four a homography, and more by least squares (direct linear transform).
    """
    count = len(points)
    ones, zeros = np.ones((len(seen), count, 1)), np.zeros((len(seen), count, 3))
    own = np.broadcast_to(points, seen.shape)
    full = np.concatenate([own, ones], axis=2)
    rows = [[full, zeros], [zeros, full]]
    if count > 3:
        rows = [[*row, -seen[:, :, axis, None] * own] for axis, row in enumerate(rows)]
    table = np.concatenate([np.concatenate(row, axis=2) for row in rows], axis=1)
    right = np.concatenate([seen[:, :, 0], seen[:, :, 1]], axis=1)[..., None]
    found = (np.linalg.pinv(table) @ right)[..., 0]
    out = np.zeros((len(seen), 9))
    out[:, : found.shape[1]], out[:, 8] = found, 1.0
    return out.reshape(-1, 3, 3)


def _powers(points: Floats, size: tuple[float, float]) -> Floats:
    x, y = (points / np.array(size) * 2 - 1).T
    return np.stack([np.ones(len(points)), x, y, x * x, x * y, y * y], axis=1)


def _scales(matrix: Floats, points: Floats) -> Floats:
    """(..., n, 2, 2): the Jacobian of (..., 3, 3) homographies at points (n, 2)."""
    away = np.array([[0.0, 0.0], [1.0, 0.0], [0.0, 1.0]])
    seen = [project(matrix, points + step) for step in away]
    return np.stack([seen[1] - seen[0], seen[2] - seen[0]], axis=-1)


# Marks


def _by_marks(sheet: Sheet, template: Template, pieces: "_Pieces") -> list[Fit]:
    found, fits = 0, list[Fit]()
    for dark in DARK:
        sides = [(wide * tall) ** 0.5 / max(template.size) for _, _, wide, tall in template.marks or ()]
        centres, areas = squares(sheet, (0.45 * min(sides), 1.4 * max(sides)), dark)
        found = max(found, len(centres))
        for matrix in _placed(template, centres, areas):
            fit = _plain(template, matrix, "marks")
            fits.append(replace(fit, seen=_measure(sheet, fit, pieces, 0.25 * template.cell()).seen()))
        if fits:
            break
    if not fits:
        wanted = len(template.marks or ())
        said = f"{found} were found" if found < wanted else "those that were found lie otherwise"
        raise NotFitted(f"the template has {wanted} marks, and {said}")
    best = max(fits, key=lambda fit: fit.seen)
    if best.seen < LEAST_SEEN and not template.ruling:
        return fits  # a form whose lines are not seen by the scanner
    best = _refined(sheet, best, pieces, (0.25, 0.2, 0.15), template)
    if best.error > MOST_OFF * template.cell() or best.seen < LEAST_SEEN:
        raise NotFitted(
            "the marks are there, but the printed lines lie otherwise: it seems to be another form"
        )
    return [best]


def squares(sheet: Sheet, sides: tuple[float, float], dark: float = DARK[0]) -> tuple[Floats, Floats]:
    """Centres (k, 2) and areas (k,) of solid dark parallelograms (pixels of the page).

    Their sides are between `sides` (page lengths).
    """
    labels, count = ndimage.label(sheet.share >= dark, structure=EIGHT)
    areas = np.bincount(labels.ravel(), minlength=count + 1).astype(np.float64)
    least, most = (side * max(labels.shape) for side in sides)
    fits = (areas >= max(least**2, 9)) & (areas <= most**2)
    found: list[tuple[float, int]] = []
    for number, box in enumerate(ndimage.find_objects(labels), start=1):
        if fits[number] and max(part.stop - part.start for part in box) <= 2.2 * most:
            spread = np.linalg.eigvalsh(np.cov(np.nonzero(labels[box] == number)) + np.eye(2) / 12)
            solid = areas[number] / (12 * np.sqrt(spread[0] * spread[1]))
            if SOLID[0] <= solid <= SOLID[1] and spread[1] < 12 * spread[0]:
                found.append((abs(solid - 1), number))
    kept = [number for _, number in sorted(found)[:MOST_CANDIDATES]]
    # Where a pixel is partly dark the mark goes on.
    whole = ndimage.maximum_filter(np.where(np.isin(labels, kept), labels, 0), 3)
    centres = np.array(ndimage.center_of_mass(sheet.share, whole, kept), np.float64).reshape(-1, 2)
    mass, peak = ndimage.sum(sheet.share, whole, kept), ndimage.maximum(sheet.share, whole, kept)
    sizes = np.array(mass, np.float64) / np.maximum(peak, 0.1)
    return (centres[:, ::-1] + 0.5) * sheet.factor, sizes * sheet.factor**2


def _placed(template: Template, centres: Floats, areas: Floats) -> Iterator[Floats]:
    """Homographies that take the template's marks to some of the squares, the likeliest first."""
    boxes = np.array(template.marks, np.float64)
    middles, expected = boxes[:, :2] + boxes[:, 2:] / 2, boxes[:, 2] * boxes[:, 3]
    corners = _around(middles, _outermost(middles))
    size = len(corners)
    if len(centres) < len(boxes):
        return
    chosen = np.array(
        [
            np.roll(_around(centres, some), -turn)
            for some in combinations(range(len(centres)), size)
            for turn in range(size)
        ]
    )
    matrices = homographies(middles[corners], centres[chosen])
    page = np.array([[0, 0], [template.size[0], 0], [0, template.size[1]], template.size], np.float64)
    grow = _scales(matrices, np.concatenate([middles, page]))
    det = np.linalg.det(grow)
    sane = (det > 0).all(axis=1) & (det.max(axis=1) < FARTHEST**2 * det.min(axis=1))
    matrices, det, grow = matrices[sane], det[sane], grow[sane]
    values = np.linalg.svd(grow, compute_uv=False)
    slant = (grow[..., 0] * grow[..., 1]).sum(axis=-1) / np.linalg.norm(grow, axis=-2).prod(axis=-1)
    seen = project(matrices, middles)
    distance = np.linalg.norm(seen[:, :, None] - centres, axis=3)
    nearest = distance.argmin(axis=2)
    ratio = np.log(areas[nearest] / (expected * det[:, : len(middles)]))
    apart = distance.min(axis=2) / np.sqrt(expected * det[:, : len(middles)])
    stretch = values[..., 0] / values[..., 1]
    good = (np.abs(ratio) < AREAS).all(axis=1) & (apart < 0.5).all(axis=1)
    good &= (stretch < FARTHEST).all(axis=1) & (np.abs(slant) < SLANTED).all(axis=1)
    cost = np.abs(ratio).max(axis=1) + np.log(stretch).mean(axis=1) + apart.mean(axis=1)
    order = np.flatnonzero(good)[np.argsort(cost[good])]
    least = cost[order[0]] if len(order) else 0.0
    for place in order[:8][cost[order[:8]] < least + 0.5].tolist():
        yield (
            homographies(middles, centres[nearest[place]][None])[0]
            if len(middles) > size
            else matrices[place]
        )


def _outermost(points: Floats) -> Sequence[int]:
    """The four points nearest to the corners of a page, all three of three."""
    if len(points) == 3:
        return range(3)
    x, y = points.T
    return sorted({int(np.argmin(a * x + b * y)) for a, b in ((1, 1), (1, -1), (-1, 1), (-1, -1))})


def _around(points: Floats, some: Sequence[int]) -> NDArray[np.int64]:
    """Some points' numbers in the order in which they lie around their middle, clockwise."""
    chosen = np.array(some)
    away = points[chosen] - points[chosen].mean(axis=0)
    return chosen[np.argsort(np.arctan2(away[:, 1], away[:, 0]))]


# Ruling


@dataclass(frozen=True, slots=True)
class _Pieces:
    """n pieces of the template's lines: their middles, the way to their ends, and across: (n, 2) each."""

    middles: Floats
    halves: Floats
    normals: Floats


@dataclass(frozen=True, slots=True)
class _Measured:
    """How far (units) along its normal each piece of a line was seen, and how plainly: (n,) each."""

    offsets: Floats
    plain: Floats

    def seen(self) -> float:
        """The share of the pieces that were seen."""
        return float((self.plain >= SEEN).mean())


def _pieces(template: Template) -> _Pieces:
    longest = max(template.size) / 30
    middles, halves = [], []
    for x0, y0, x1, y1 in template.lines():
        start, way = np.array([x0, y0]), np.array([x1 - x0, y1 - y0])
        count = int(np.ceil(np.hypot(*way) / longest)) or 1
        middles += [start + way * (number + 0.5) / count for number in range(count)]
        halves += [way / count / 2] * count
    ways = np.array(halves)
    length = np.maximum(np.linalg.norm(ways, axis=1, keepdims=True), 1e-9)
    return _Pieces(np.array(middles), ways, np.stack([-ways[:, 1], ways[:, 0]], axis=1) / length)


def _measure(sheet: Sheet, fit: Fit, pieces: _Pieces, reach: float) -> _Measured:
    """Look for each piece of a line within `reach` (units) to either side of where it should be."""
    scale = np.sqrt(abs(np.linalg.det(_scales(fit.matrix, np.array([fit.size]) / 2)[0]))) / sheet.factor
    count = int(np.clip(np.ceil(reach * scale), 2, 24))
    steps = np.linspace(-2 * reach, 2 * reach, 4 * count + 1)
    along = np.linspace(-0.85, 0.85, SAMPLES)
    points = pieces.middles[:, None, None] + along[:, None] * pieces.halves[:, None, None]
    points = points + (steps[:, None] * pieces.normals[:, None])[:, :, None]
    where = (fit.place(points.reshape(-1, 2)) + 0.5) / sheet.factor - 0.5
    seen = ndimage.map_coordinates(sheet.share, where.T[::-1], order=1, mode="constant")
    profile = np.asarray(seen, np.float64).reshape(len(pieces.middles), len(steps), SAMPLES)
    # A rule goes on: what a stroke leaves at some places only does not count.
    values = (profile.mean(axis=2) + np.quantile(profile, 0.25, axis=2)) / 2
    near = np.abs(steps) <= reach * 1.001
    best = np.where(near, values - 0.3 * SEEN * np.abs(steps) / reach, -1.0).argmax(axis=1)
    rows = np.arange(len(best))
    plain = values[rows, best] - np.median(values, axis=1)
    # Between two steps, by the parabola through three.
    left, right = values[rows, np.maximum(best - 1, 0)], values[rows, np.minimum(best + 1, len(steps) - 1)]
    curve = left + right - 2 * values[rows, best]
    shift = np.where(curve < -1e-6, 0.5 * (left - right) / np.minimum(curve, -1e-6), 0.0)
    return _Measured(steps[best] + np.clip(shift, -0.5, 0.5) * (steps[1] - steps[0]), plain)


def _refined(sheet: Sheet, fit: Fit, pieces: _Pieces, reaches: Sequence[float], template: Template) -> Fit:
    """Move and bend a fit until the template's lines lie on the page's: least squares of their distances."""
    powers = _powers(pieces.middles, fit.size)
    table = np.concatenate([powers * pieces.normals[:, :1], powers * pieces.normals[:, 1:]], axis=1)
    cell = template.cell()
    stiff = np.tile(np.array([0.0, 0.3, 0.3, 1.0, 1.0, 1.0]), 2) + 1e-3
    for reach in reaches:
        measured = _measure(sheet, fit, pieces, reach * cell)
        weight = np.clip(measured.plain, 0, 0.2) * (measured.plain >= SEEN)
        if np.count_nonzero(weight) < 8:
            break
        change = np.zeros(12)
        for _ in range(3):
            heavy = table * weight[:, None]
            change = np.linalg.solve(heavy.T @ table + 0.02 * np.diag(stiff), heavy.T @ measured.offsets)
            off = np.abs(measured.offsets - table @ change)
            weight = np.where(off > 3 * np.median(off[weight > 0]) + 0.02 * cell, 0.0, weight)
            if not weight.any():
                break
        fit = replace(fit, bend=fit.bend + change.reshape(2, 6).T)
    final = _measure(sheet, fit, pieces, 0.25 * cell)
    seen = final.plain >= SEEN
    error = float(np.median(np.abs(final.offsets[seen]))) if seen.any() else 0.0
    return replace(fit, error=error, seen=final.seen())


def _plain(template: Template, matrix: Floats, by: Literal["marks", "ruling"]) -> Fit:
    return Fit(matrix, np.zeros((6, 2)), template.size, by)


def _by_ruling(sheet: Sheet, template: Template, pieces: _Pieces) -> Fit:
    height, width = sheet.grey.shape
    own = _plain(template, np.diag([width / template.size[0], height / template.size[1], 1.0]), "ruling")
    if abs(own.matrix[0, 0] / own.matrix[1, 1] - 1) < SAME:
        # A template that was drawn on the picture itself lies there, if not as exactly as a printed one.
        own = _refined(sheet, own, pieces, REACHES[2:], template)
        moved = float(np.abs(_powers(pieces.middles, template.size) @ own.bend).max())
        if moved < MOST_MOVED * template.cell() and _exact(sheet, own, pieces, template) >= MOST_SEEN:
            return own
    drawn, seen = _drawn(template), np.logical_or(*printed_lines(sheet))
    places = [
        place for base in _bases(sheet, template) for place in _shifted(sheet, seen, base, template, drawn)
    ]
    places.sort(key=lambda place: -place[0])
    middle = np.array([template.size]) / 2
    refined: list[Fit] = []
    for _, matrix in places:
        fit = _plain(template, matrix, "ruling")
        # Of places that are nearly the same one is tried.
        cell = template.cell() * np.linalg.norm(matrix[:2, 0])
        apart = min(
            (float(np.linalg.norm(fit.place(middle) - one.place(middle))) for one in refined), default=np.inf
        )
        if apart > 0.4 * cell and len(refined) < REFINED:
            refined.append(_refined(sheet, fit, pieces, REACHES, template))
    flat = [fit for fit in refined if np.abs(fit.bend[3:]).max() <= MOST_BENT * template.cell()]
    best = max(flat or refined[:1], key=lambda fit: _exact(sheet, fit, pieces, template))
    exact = _exact(sheet, best, pieces, template)
    if not flat or exact < MOST_SEEN:
        raise NotFitted(
            f"the template has no marks, and of its lines no more than {exact:.0%} were found together "
            "as they should be; marks, or `forms --learn`, would help"
        )
    return best


def _exact(sheet: Sheet, fit: Fit, pieces: _Pieces, template: Template) -> float:
    """The share of the lines that is seen exactly where it should be; less if a part of the page has few."""
    measured = _measure(sheet, fit, pieces, 0.25 * template.cell())
    exact = (measured.plain >= SEEN) & (np.abs(measured.offsets) <= EXACT * template.cell())
    part = np.clip(pieces.middles / np.array(template.size) * PARTS, 0, PARTS - 1).astype(int) @ [1, PARTS]
    counts = np.bincount(part)
    shares = np.bincount(part, exact)[counts >= FEW] / counts[counts >= FEW]
    return float(min([exact.mean(), *shares + EVEN]))


def _bases(sheet: Sheet, template: Template) -> Iterator[Floats]:
    """Homographies by which the template's page may lie on the picture, roughly: in four ways each."""
    wide, tall = template.size
    page = np.array([[0, 0], [wide, 0], [wide, tall], [0, tall]], np.float64)
    height, width = sheet.grey.shape
    angle = skew(sheet.share > max(0.1, float(np.quantile(sheet.share, 0.97)) / 2))
    filling = (page - page[2] / 2) * np.sqrt(width * height / (wide * tall))
    corners = _page_corners(sheet)
    for quarter in range(4):
        way = angle + quarter * np.pi / 2
        turn = np.array([[np.cos(way), np.sin(way)], [-np.sin(way), np.cos(way)]])
        yield homographies(page, (filling @ turn + np.array([width, height]) / 2)[None])[0]
        if corners is not None:
            yield homographies(page, np.roll(corners, -quarter, axis=0)[None])[0]


def _page_corners(sheet: Sheet) -> Floats | None:
    """The corners (4, 2) of a bright page on a darker ground, from the upper left on; None without one."""
    small = averaged(sheet.grey, COARSE)
    mask = ndimage.binary_opening(
        small > (int(small.max()) + int(np.median(small[[0, -1]]))) / 2, iterations=2
    )
    labels, count = ndimage.label(mask)
    if not count:
        return None
    own = ndimage.binary_fill_holes(labels == 1 + int(np.argmax(np.bincount(labels.ravel())[1:])))
    y, x = np.nonzero(own)
    ends = [int(np.argmin(a * x + b * y)) for a, b in ((1, 1), (-1, 1), (-1, -1), (1, -1))]
    corners = np.stack([x[ends], y[ends]], axis=1).astype(np.float64)
    u, v = corners.T
    area = 0.5 * abs(float(u @ np.roll(v, -1) - v @ np.roll(u, -1)))
    if not 0.2 * mask.size < area < 1.15 * own.sum():
        return None
    return np.asarray((corners + 0.5) * sheet.grey.shape[1] / small.shape[1])


def _drawn(template: Template) -> list[tuple[float, Spectrum]]:
    """The spectra of the template's lines, drawn at some scales about its middle."""
    unit = COARSE / max(template.size)
    size = [round(side * unit + 2 * ROOM) for side in template.size]
    middle = np.array([*template.size, *template.size]) / 2
    spectra = []
    for scale in np.arange(0.86, 1.061, 0.01).tolist():
        image = Image.new("L", (size[0], size[1]))
        pen = ImageDraw.Draw(image)
        for line in (((template.lines() - middle) * scale + middle) * unit + ROOM).tolist():
            pen.line(line, fill=255)
        lines = ndimage.gaussian_filter(np.asarray(image, np.float32), 0.8)
        lines -= lines.mean()
        spectra.append((scale, np.conj(fft.rfft2(lines / np.linalg.norm(lines)))))
    return spectra


def _shifted(
    sheet: Sheet, lines: Mask, base: Floats, template: Template, drawn: list[tuple[float, Spectrum]]
) -> list[tuple[float, Floats]]:
    """How well the lines agree, and the homography scaled and moved to where they do most, for each scale.

    By the correlation of the template's lines with the page's, a (h, w) mask.
    """
    unit = COARSE / max(template.size)
    size = [round(side * unit + 2 * ROOM) for side in template.size]
    # The picture as the template sees it, its own corner `ROOM` inside.
    seen_from = np.diag([1 / sheet.factor, 1 / sheet.factor, 1]) @ base
    ahead = seen_from @ np.linalg.inv(np.array([[unit, 0, ROOM], [0, unit, ROOM], [0, 0, 1]]))
    soft = Image.fromarray(ndimage.uniform_filter(lines.astype(np.float32), 1 + WORKING_SIDE // COARSE))
    picture = np.asarray(straightened(soft, ahead, (size[0], size[1])), np.float32)
    there = fft.rfft2(picture / max(float(np.linalg.norm(picture)), 1e-9))
    found = []
    for scale, spectrum in drawn:
        match = fft.irfft2(there * spectrum, picture.shape)
        best = np.unravel_index(int(match.argmax()), match.shape)
        down, across = ((int(b) + n // 2) % n - n // 2 for b, n in zip(best, match.shape, strict=True))
        own = np.array(template.size) / 2 * (1 - scale)
        move = np.array([[scale, 0, own[0] + across / unit], [0, scale, own[1] + down / unit], [0, 0, 1.0]])
        found.append((float(match.max()), base @ move))
    return found


def straightened(image: Image.Image, matrix: Floats, size: tuple[int, int]) -> NDArray[np.generic]:
    """A picture (h, w) of `size`, whose pixels `matrix` takes to those of the image."""
    data = (matrix / matrix[2, 2]).ravel()[:8].tolist()
    return np.asarray(image.transform(size, Image.Transform.PERSPECTIVE, data, Image.Resampling.BILINEAR))


def printed_lines(sheet: Sheet) -> tuple[Mask, Mask]:
    """Level and upright lines (h, w each) of a page that lies nearly straight; strokes across bridged."""
    mask = sheet.share > LINE_DARK
    length = max(mask.shape)

    def level(mask: Mask) -> Mask:
        thin = mask & ~long_runs(mask.T, round(THICKEST * length) + 1).T
        steps = ndimage.binary_dilation(thin, np.ones((3, 1), bool))  # a line that is not quite level
        runs = long_runs(steps, round(LINE * length)) & thin
        return np.asarray(ndimage.binary_closing(runs, np.ones((3, round(LINE * length)), bool)))

    return level(mask), level(mask.T).T
