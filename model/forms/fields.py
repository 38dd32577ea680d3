"""The fields of a fitted page: straightened, printed lines taken out, cells read, doubts told."""

import io
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from dataclasses import field as entry
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray
from PIL import Image
from scipy import ndimage

from model.forms.fitting import Fit, Sheet, homographies, project
from model.forms.template import FormField
from model.ink import FIELD_SIDE
from model.ink.components import STRONG, WEAK
from model.ink.frame import frame
from model.ink.morphology import EIGHT
from model.reading import NothingToRead, read_image, read_pattern
from model.reading.network import Network

Floats = NDArray[np.float64]
Real = NDArray[np.float32]
Grey = NDArray[np.uint8]
Mask = NDArray[np.bool_]
Bounds = tuple[float, float, float, float]

LOWEST, HIGHEST = 32.0, 64.0
"""A cell is looked at in so many rows, as far as the page has them."""
AROUND = 0.3
"""So much around a field is looked at, in cell heights."""
LEAST_SHARE, LEAST_SNR = 0.07, 6.0
"""Ink takes at least this share of the paper's brightness, and so many standard deviations of its noise."""
SPECK = 0.22
"""What is smaller than this (cell heights) is no digit."""
WHOLE, STRAYED = 0.7, 0.2
"""A stroke of which so much is in one cell belongs to it; of which so much is elsewhere leaves its cell."""
NEAR = 0.14
"""A printed line is no farther than this (cell heights) from where the fit puts it."""
ACCEPT = 0.5
"""The digit score from which ink is a digit."""
DOUBTFUL = 0.95
"""What is less sure than this goes to review, unless a promise says otherwise."""
SURE = 0.999
"""The confidence that a cell without any ink is empty."""
STRUCK = 3.2
"""Ink that is no digit and longer than this (cell heights) was struck through, or out."""


@dataclass(frozen=True, slots=True)
class CellDigit:
    """A digit that was read."""

    digit: int
    confidence: float
    probabilities: tuple[float, ...]
    box: Bounds
    """x, y, width, height of its ink (pixels of the page)."""
    cell: int = 0
    """In which cell, from 0."""


@dataclass(frozen=True, slots=True)
class FieldAnswer:
    """What is in a field."""

    name: str
    text: str
    confidence: float
    empty: bool
    box: Bounds
    """x, y, width, height around it (pixels of the page)."""
    digits: tuple[CellDigit, ...]
    why: tuple[str, ...]
    """What a person should look at it for; nothing where the answer is sure."""
    alternatives: tuple[tuple[str, float], ...] = ()
    """Other readings, and how probable they are."""

    @property
    def review(self) -> bool:
        """Whether a person should look at it."""
        return bool(self.why)


@dataclass(slots=True)
class _Strip:
    """A field, straightened, with what is around it."""

    field: FormField
    ink: Grey
    """(H, W), without the printed lines."""
    grey: Grey
    """(H, W), as it is."""
    cells: list[tuple[float, float, float, float]]
    """left, top, right, bottom of each (pixels of `ink`)."""
    matrix: Floats
    """(3, 3): pixels of `ink` to those that were sent."""
    box: Bounds
    found: "list[_Cell]" = entry(default_factory=list)

    @property
    def tall(self) -> float:
        """How high a cell is (pixels)."""
        return self.cells[0][3] - self.cells[0][1]


@dataclass(slots=True)
class _Cell:
    """The ink of one cell."""

    ink: Grey | None
    """(h, w), None where there is none."""
    box: Bounds = (0.0, 0.0, 0.0, 0.0)
    """left, top, right, bottom (pixels of the strip)."""
    parts: list[Grey] = entry(default_factory=list)
    """The ink of two or more groups that stand side by side, if there are."""
    strays: bool = False
    length: float = 0.0
    """About how long the pen's way was (cell heights)."""


def read_fields(
    sheet: Sheet, fit: Fit, fields: Sequence[FormField], network: Network, scale: float = 1.0
) -> list[FieldAnswer]:
    """Read the fields of a fitted page, in their order; boxes are in pixels, `scale` of which make one."""
    strips = [_strip(sheet, fit, each, scale) for each in fields]
    for strip in strips:
        strip.found = _cells(strip)
    shown = [part for strip in strips if strip.field.kind != "number" for part in _shown(strip)]
    images = (
        np.stack([frame(part) for part in shown])
        if shown
        else np.zeros((0, FIELD_SIDE, FIELD_SIDE), np.uint8)
    )
    scores = network.score(images)
    rows = iter(zip(scores.probabilities.tolist(), scores.digit_score.tolist(), strict=True))
    return [
        _number(strip, network) if strip.field.kind == "number" else _comb(strip, rows) for strip in strips
    ]


def _shown(strip: _Strip) -> Iterator[Grey]:
    """What of a comb the network is shown: each cell's ink, then its parts."""
    for cell in strip.found:
        if cell.ink is not None:
            yield cell.ink
            yield from cell.parts


# From the page to the ink of a field


def _strip(sheet: Sheet, fit: Fit, each: FormField, scale: float) -> _Strip:
    """A field straightened at a good scale, without its printed lines."""
    x, y, wide, tall = each.box
    corners = fit.place(np.array([[x, y], [x + wide, y], [x + wide, y + tall], [x, y + tall]]))
    (left, top), (right, bottom) = corners.min(axis=0).tolist(), corners.max(axis=0).tolist()
    high = float(np.linalg.norm(corners[3] - corners[0]) + np.linalg.norm(corners[2] - corners[1])) / 2
    unit = float(np.clip(high, LOWEST, HIGHEST)) / tall  # pixels for a unit of the template
    room = AROUND * tall
    size = round((wide + 2 * room) * unit), round((tall + 2 * room) * unit)
    ends = np.array([[x - room, y - room], [x + wide + room, y - room]])
    ends = np.concatenate([ends, ends[::-1] + np.array([0, tall + 2 * room])])
    own = np.array([[0, 0], [size[0], 0], size, [0, size[1]]], np.float64)
    matrix = homographies(own, fit.place(ends)[None])[0]
    grey = _seen(Image.fromarray(sheet.grey), matrix, size)
    coarse = sheet.paper.shape[1] / sheet.grey.shape[1]
    paper = _seen(Image.fromarray(sheet.paper), np.diag([coarse, coarse, 1.0]) @ matrix, size)
    share = np.clip(1 - grey.astype(np.float32) / np.maximum(paper, 16), 0, 1).astype(np.float32)
    cells = [
        ((a - x + room) * unit, (b - y + room) * unit, (a + c - x + room) * unit, (b + d - y + room) * unit)
        for a, b, c, d in each.cell_boxes()
    ]
    box = (left * scale, top * scale, (right - left) * scale, (bottom - top) * scale)
    sent = np.diag([scale, scale, 1.0]) @ matrix
    strip = _Strip(each, np.zeros(share.shape, np.uint8), grey.astype(np.uint8), cells, sent, box)
    strip.ink = _ink(share, strip)
    return strip


def _seen(image: Image.Image, matrix: Floats, size: tuple[int, int]) -> NDArray[np.generic]:
    """A picture (h, w) of `size`, whose pixels `matrix` takes to those of the image."""
    data = (matrix / matrix[2, 2]).ravel()[:8].tolist()
    return np.asarray(image.transform(size, Image.Transform.PERSPECTIVE, data, Image.Resampling.BILINEAR))


def _ink(share: Real, strip: _Strip) -> Grey:
    """Ink (H, W), 0 to 255, where the share of the paper's brightness that is missing is `share`."""
    level = float(np.quantile(share, 0.4))
    grain = np.abs(np.diff(share, axis=1))
    noise = max(1.4826 / 2**0.5 * float(np.median(grain)), 1.4826 * float(np.median(np.abs(share - level))))
    rules = _rules(share - level, strip)
    pen = np.where(rules, 0, share - level)
    values = pen[pen > max(0.5 * LEAST_SHARE, 4 * noise)]
    least = max(LEAST_SHARE, LEAST_SNR * noise)
    if len(values) < 6:
        return np.zeros(share.shape, np.uint8)
    contrast = float(np.quantile(values, 0.8))
    if contrast < least:
        return np.zeros(share.shape, np.uint8)
    floor = min(2.5 * noise, 0.35 * contrast)
    return np.clip((pen - floor) * (255 / (contrast - floor)), 0, 255).astype(np.uint8)


def _rules(share: Real, strip: _Strip) -> Mask:
    """The pixels (H, W) of the printed outlines of the cells, but not where a stroke crosses them."""
    found = np.zeros(share.shape, bool)
    reach = max(2, round(NEAR * strip.tall))
    levels = {round(value) for cell in strip.cells for value in (cell[1], cell[3])}
    left, right = strip.cells[0][0], strip.cells[-1][2]
    for level in levels:
        _rule(share, found, level, (left, right), reach)
    uprights = sorted({round(value) for cell in strip.cells for value in (cell[0], cell[2])})
    for upright in uprights:
        _rule(share.T, found.T, upright, (strip.cells[0][1], strip.cells[0][3]), reach)
    return found


def _rule(share: Real, found: Mask, at: int, span: tuple[float, float], reach: int) -> None:
    """Note in `found` the level line that is near the row `at`, between two columns, if there is one."""
    first, last = max(0, round(span[0]) - reach), min(share.shape[1], round(span[1]) + reach)
    low = max(1, at - reach)
    band = share[low : at + reach + 1, first:last]
    if band.shape[0] < 3 or band.shape[1] < 6:
        return
    # Its parts may lie a little higher or lower than each other: each is looked for by itself.
    count = max(1, round(band.shape[1] / (6 * reach)))
    for start, stop in pairwise(np.linspace(0, band.shape[1], count + 1).astype(int).tolist()):
        part = band[:, start:stop]
        profile = (np.quantile(part, 0.3, axis=1) + np.median(part, axis=1)) / 2
        peak = int(profile.argmax())
        base = float(np.median(profile))
        if profile[peak] - base < 0.02:
            continue
        above = below = peak
        half = base + 0.3 * (profile[peak] - base)
        while above > 0 and profile[above - 1] > half:
            above -= 1
        while below < len(profile) - 1 and profile[below + 1] > half:
            below += 1
        if below - above + 1 > max(4, 1.2 * reach):
            continue
        rows = slice(max(0, low + above - 1), low + below + 2)
        inked = 0.5 * max(float(profile[peak]), 0.1)
        over = share[max(0, rows.start - 2) : rows.start, first + start : first + stop].max(axis=0, initial=0)
        under = share[rows.stop : rows.stop + 2, first + start : first + stop].max(axis=0, initial=0)
        crossed = ndimage.binary_dilation((over > inked) & (under > inked))
        found[rows, first + start : first + stop] |= ~crossed


def _cells(strip: _Strip) -> list[_Cell]:
    """The ink of each cell: whole strokes, as far as they belong to one."""
    ink, tall = strip.ink, strip.tall
    labels, count = ndimage.label(ink >= WEAK, structure=EIGHT)
    edges = [0.0, *((a[2] + b[0]) / 2 for a, b in pairwise(strip.cells)), float(ink.shape[1])]
    columns = np.searchsorted(edges, np.arange(ink.shape[1]) + 0.5, side="right") - 1
    (left, top), (right, bottom) = strip.cells[0][:2], strip.cells[-1][2:]
    y, x = np.indices(ink.shape)
    slack = 0.06 * tall
    within = (x >= left - slack) & (x < right + slack) & (y >= top - slack) & (y < bottom + slack)
    owner = np.where(within, np.broadcast_to(columns, ink.shape), len(strip.cells))
    sums = np.bincount(
        (labels * (len(strip.cells) + 1) + owner).ravel(),
        weights=ink.ravel(),
        minlength=(count + 1) * (len(strip.cells) + 1),
    ).reshape(count + 1, -1)
    shares = sums / np.maximum(sums.sum(axis=1, keepdims=True), 1)
    strong = ndimage.maximum(ink, labels, np.arange(count + 1)) >= STRONG
    boxes = ndimage.find_objects(labels)
    target = np.full(
        (count + 1, len(strip.cells) + 1), -1
    )  # of a component's ink in a cell: the cell it goes to
    strays = np.zeros(len(strip.cells), bool)
    for number, (rows, across) in enumerate(boxes, start=1):
        share = shares[number]
        if not strong[number] or share[-1] > 0.6:
            continue
        main = int(share[:-1].argmax())
        extent = max(rows.stop - rows.start, across.stop - across.start)
        large = extent > SPECK * tall
        if share[main] >= WHOLE or share[main] + share[-1] >= 0.9:
            target[number] = main
        else:
            target[number, :-1] = np.where(share[:-1] > 0.05, np.arange(len(strip.cells)), main)
        if large and 1 - share[main] > STRAYED:
            strays[[*np.flatnonzero(share[:-1] > STRAYED), main]] = True
    to = target[labels, np.minimum(owner, len(strip.cells))]
    return [
        _cell(strip, np.where(to == number, ink, 0).astype(np.uint8), bool(strays[number]))
        for number in range(len(strip.cells))
    ]


def _cell(strip: _Strip, ink: Grey, strays: bool) -> _Cell:
    """What a cell holds, specks left out."""
    labels, count = ndimage.label(ink >= WEAK, structure=EIGHT)
    boxes = ndimage.find_objects(labels)
    sizes = [max(rows.stop - rows.start, columns.stop - columns.start) for rows, columns in boxes]
    if not count or max(sizes) < SPECK * strip.tall:
        return _Cell(None)
    keep = [number for number, size in enumerate(sizes, start=1) if size >= 0.06 * strip.tall]
    spans = sorted((boxes[number - 1][1].start, boxes[number - 1][1].stop, number) for number in keep)
    groups: list[tuple[int, list[int]]] = []
    for start, stop, number in spans:
        if groups and start < groups[-1][0] + 0.04 * strip.tall:
            groups[-1] = max(stop, groups[-1][0]), [*groups[-1][1], number]
        else:
            groups.append((stop, [number]))
    whole = np.isin(labels, keep)
    rim = ndimage.binary_dilation(whole, EIGHT) & (labels == 0)
    own = np.where(whole | rim, ink, 0).astype(np.uint8)
    rows, columns = np.flatnonzero(whole.any(axis=1)), np.flatnonzero(whole.any(axis=0))
    box = (float(columns[0]), float(rows[0]), float(columns[-1] + 1), float(rows[-1] + 1))
    tall = [g for _, g in groups if max(sizes[number - 1] for number in g) >= 0.35 * strip.tall]
    parts = [np.where(np.isin(labels, g), ink, 0).astype(np.uint8) for g in tall] if len(tall) > 1 else []
    stroke = max(1.0, 2 * float(own.sum()) / max(_edges(own), 1.0))
    return _Cell(own, box, parts, strays, float(own.sum()) / 255 / stroke / strip.tall)


def _edges(ink: Grey) -> float:
    values = np.pad(ink, 1).astype(np.float32)
    across, down = values[1:, 1:] - values[1:, :-1], values[1:, 1:] - values[:-1, 1:]
    return float(np.sqrt(across * across + down * down).sum())


# From ink to answers


def _comb(strip: _Strip, rows: Iterator[tuple[list[float], float]]) -> FieldAnswer:
    """The answer for cells, each with at most one digit."""
    digits: list[CellDigit] = []
    why: list[str] = []
    confidence, filled = 1.0, []
    for number, cell in enumerate(strip.found):
        if cell.ink is None:
            confidence *= SURE
            continue
        probabilities, score = next(rows)
        parts = [next(rows) for _ in cell.parts]
        filled.append(number)
        if len(parts) > 1 and sum(part[1] > ACCEPT for part in parts) > 1:
            why.append("two digits in a cell")
        if cell.strays:
            why.append("ink leaves its cell")
        if score < ACCEPT:
            why.append("struck through" if cell.length > STRUCK else "no digit")
            confidence *= 0.5 * (1 - score)
            continue
        best = int(np.argmax(probabilities))
        sure = probabilities[best] * score
        confidence *= sure
        digits.append(CellDigit(best, sure, tuple(probabilities), _on_page(strip, cell.box), number))
    if filled and filled[-1] - filled[0] + 1 > len(filled):
        why.append("an empty cell between digits")
    text = "".join(str(digit.digit) for digit in digits)
    if text and strip.field.pattern is not None and not read_pattern(strip.field.pattern).accepts(text):
        why.append("does not fit")
    others = _alternatives(digits, confidence)
    return _answer(strip, text, confidence, digits=digits, empty=not filled, why=why, others=others)


def _alternatives(digits: Sequence[CellDigit], confidence: float) -> list[tuple[str, float]]:
    """The readings in which one digit is the next best one, the likeliest first."""
    text, found = [str(digit.digit) for digit in digits], []
    for place, digit in enumerate(digits):
        other = sorted(range(10), key=digit.probabilities.__getitem__)[-2]
        ratio = digit.probabilities[other] / max(digit.probabilities[digit.digit], 1e-9)
        found.append(("".join([*text[:place], str(other), *text[place + 1 :]]), confidence * ratio))
    return sorted((each for each in found if each[1] >= 0.001), key=lambda each: -each[1])[:4]


def _number(strip: _Strip, network: Network) -> FieldAnswer:
    """The answer for a number written freely."""
    cell = strip.found[0]
    if cell.ink is None:
        return _answer(strip, "", SURE, empty=True)
    file = io.BytesIO()
    Image.fromarray(255 - cell.ink).save(file, "PNG", compress_level=1)
    why = ["ink leaves its field"] if cell.strays else []
    try:
        reading = read_image(file.getvalue(), network, pattern=strip.field.pattern)
    except NothingToRead as error:
        said = str(error)
        fault = "too long" if "longer" in said else "does not fit" if "pattern" in said else "no digit"
        return _answer(strip, "", 0.5, why=[*why, fault])
    digits = [
        CellDigit(each.digit, each.confidence, each.probabilities, _on_page(strip, (x, y, x + w, y + h)))
        for each in reading.digits
        for x, y, w, h in [each.box]
    ]
    others = [(other.text, other.probability) for other in reading.alternatives]
    return _answer(strip, reading.text, reading.confidence, digits=digits, why=why, others=others)


def _answer(
    strip: _Strip,
    text: str,
    confidence: float,
    *,
    digits: Sequence[CellDigit] = (),
    empty: bool = False,
    why: Sequence[str] = (),
    others: Sequence[tuple[str, float]] = (),
) -> FieldAnswer:
    reasons = tuple(dict.fromkeys(why))
    if not reasons and confidence < DOUBTFUL:
        reasons = ("doubtful",)
    confidence = min(max(confidence, 0.0), 1.0)
    return FieldAnswer(
        strip.field.name, text, confidence, empty, strip.box, tuple(digits), reasons, tuple(others)
    )


def _on_page(strip: _Strip, box: Bounds) -> Bounds:
    """x, y, width, height on the page of left, top, right, bottom in a strip."""
    left, top, right, bottom = box
    ends = project(strip.matrix, np.array([[left, top], [right, top], [right, bottom], [left, bottom]]))
    (x, y), (u, v) = ends.min(axis=0).tolist(), ends.max(axis=0).tolist()
    return x, y, u - x, v - y
