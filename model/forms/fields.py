"""The fields of a fitted page: straightened, printed lines taken out, cells read, doubts told."""

import io
from collections.abc import Sequence
from dataclasses import dataclass
from dataclasses import field as entry

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from model.forms.fitting import Fit, Sheet, homographies, project, straightened
from model.forms.template import FormField
from model.ink import NoInk
from model.ink.frame import frame
from model.reading import read_image, read_pattern
from model.reading.cells import ACCEPT, Answer, Cell, Row, cut_cells, next_best, row_of, score_cells
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
    alternatives: tuple[tuple[str, float], ...]
    """Other readings, and how probable they are."""

    picture: Grey
    """(H, W): the field, straightened, with what is around it."""
    cells: tuple[Grey, ...] = ()
    """What the network saw (28, 28) of each digit in cells."""

    @property
    def review(self) -> bool:
        """Whether a person should look at it."""
        return bool(self.why)


@dataclass(slots=True)
class _Strip:
    """A field, straightened, with what is around it."""

    field: FormField
    grey: Grey
    row: Row
    matrix: Floats
    """(3, 3): its pixels to those that were sent."""
    box: Bounds
    cells: list[Cell]
    answers: list[Answer | None] = entry(default_factory=list)
    """What each cell says; None for an empty one."""


def read_fields(
    sheet: Sheet, fit: Fit, fields: Sequence[FormField], network: Network, scale: float = 1.0
) -> list[FieldAnswer]:
    """Read the fields of a fitted page, in their order; boxes are in pixels, `scale` of which make one."""
    strips = [_strip(sheet, fit, each, scale) for each in fields]
    combs = [strip for strip in strips if strip.field.kind != "number"]
    scored = score_cells([(strip.row, strip.cells) for strip in combs], network)
    for strip, answers in zip(combs, scored, strict=True):
        strip.answers = answers
    return [_number(each, network) if each.field.kind == "number" else _comb(each) for each in strips]


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
    grey = straightened(Image.fromarray(sheet.grey), matrix, size)
    coarse = sheet.paper.shape[1] / sheet.grey.shape[1]
    paper = straightened(Image.fromarray(sheet.paper), np.diag([coarse, coarse, 1.0]) @ matrix, size)
    flat = np.clip(grey / np.maximum(paper, 16) * 255, 0, 255).astype(np.uint8)
    cells = [
        ((a - x + room) * unit, (b - y + room) * unit, (a + c - x + room) * unit, (b + d - y + room) * unit)
        for a, b, c, d in each.cell_boxes()
    ]
    box = (left * scale, top * scale, (right - left) * scale, (bottom - top) * scale)
    row = row_of(flat, cells)
    return _Strip(each, flat, row, np.diag([scale, scale, 1.0]) @ matrix, box, cut_cells(row))


# From ink to answers


def _comb(strip: _Strip) -> FieldAnswer:
    """The answer for cells, each with at most one digit."""
    digits: list[CellDigit] = []
    why: list[str] = []
    confidence, filled = 1.0, []
    for number, (cell, answer) in enumerate(zip(strip.cells, strip.answers, strict=True)):
        if answer is None:
            confidence *= SURE
            continue
        probabilities, score = answer
        filled.append(number)
        if cell.several:
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
    others = next_best([digit.probabilities for digit in digits], confidence)
    return _answer(strip, text, confidence, digits=digits, empty=not filled, why=why, others=others)


def _number(strip: _Strip, network: Network) -> FieldAnswer:
    """The answer for a number written freely."""
    cell = strip.cells[0]
    if cell.ink is None:
        return _answer(strip, "", SURE, empty=True)
    file = io.BytesIO()
    Image.fromarray(255 - cell.ink).save(file, "PNG", compress_level=1)
    why = ["ink leaves its field"] if cell.strays else []
    try:
        reading = read_image(file.getvalue(), network, pattern=strip.field.pattern)
    except NoInk as error:
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
    cells = tuple(frame(cell.ink) for cell in strip.cells if cell.ink is not None and strip.answers)
    return FieldAnswer(
        strip.field.name,
        text,
        confidence,
        empty,
        strip.box,
        tuple(digits),
        reasons,
        tuple(others),
        strip.grey,
        cells,
    )


def _on_page(strip: _Strip, box: Bounds) -> Bounds:
    """x, y, width, height on the page of left, top, right, bottom in a strip."""
    left, top, right, bottom = box
    ends = project(strip.matrix, np.array([[left, top], [right, top], [right, bottom], [left, bottom]]))
    (x, y), (u, v) = ends.min(axis=0).tolist(), ends.max(axis=0).tolist()
    return x, y, u - x, v - y
