"""A page and its template -> what is in each field, and why a person should look at it, if at all."""

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from model.forms.fitting import LEAST_SEEN, Fit, NotFitted, Sheet, fit_page
from model.forms.review import png
from model.forms.template import Floats, FormField, Template
from model.geometry import SQUARE, homography, project, straightened
from model.ink import DEFAULT_LIMITS, Limits, NoInk
from model.ink.decode import Decoded, decode
from model.ink.frame import frame
from model.ink.polarity import Grey
from model.reading import Answerer, read_image, read_pattern
from model.reading.cells import ACCEPT, Answer, Cell, best_text, cut_cells, row_of, score_cells

LEAST_SIDE = 1700
"""A JPEG is decoded at the smallest scale that keeps its longer side at least this long (pixels)."""
ROWS, AROUND = (32.0, 64.0), 0.3
"""The least and the most rows (pixels) of a straightened field, and the margin around it (its heights)."""
DOUBTFUL, SURE = 0.95, 0.999
"""The confidence below which a field goes to review, and the probability that a cell without ink is empty."""

_Said = tuple[str, float, list[str], list[dict[str, Any]], list[tuple[str, float]]]
"""A text, its probability, the reasons for a review, its digits, and other texts with their probabilities."""


@dataclass(frozen=True, slots=True)
class FieldAnswer:
    """What is in a field; boxes are x, y, width, height in pixels of the page."""

    name: str
    text: str
    confidence: float
    empty: bool
    box: Sequence[float]
    digits: Sequence[dict[str, Any]]
    """Each digit's `digit`, `confidence`, `probabilities`, the `box` of its ink, and its `cell`, from 0."""
    why: Sequence[str]
    """The reasons why a person should look at it; empty if the answer is sure."""
    alternatives: Sequence[dict[str, Any]]
    """Other readings: `text` and `probability`."""
    picture: Grey
    """(H, W): the field, straightened, with a margin."""
    inks: Sequence[Grey]
    """(H, W) each: the ink of the cells that have any; empty for a number."""

    @property
    def review(self) -> bool:
        """Whether a person should look at it."""
        return bool(self.why)

    def members(self, pictures: bool) -> dict[str, Any]:
        """Plain values; with `pictures` also `picture` and `cells`, the network's fields, as base64 PNGs."""
        names = ("name", "text", "confidence", "empty", "box", "review", "why", "digits", "alternatives")
        told = {name: getattr(self, name) for name in names}
        if pictures:
            told |= {"picture": png(self.picture), "cells": [png(frame(ink)) for ink in self.inks]}
        return told


@dataclass(frozen=True, slots=True)
class Form:
    """What a page says."""

    fields: list[FieldAnswer]
    """One for each of the template's fields, in its order; empty if the page could not be fitted."""
    fit: Fit | None
    """How the page lies, in the pixels sent; None if it could not be fitted."""
    reason: str | None = None
    """Why the page could not be fitted; None if it could."""

    def members(self, *, pictures: bool = False) -> dict[str, Any]:
        """`fields` and `aligned` as plain values; see `FieldAnswer.members`."""
        aligned: dict[str, Any] = {"ok": self.fit is not None, "reason": self.reason}
        if self.fit is not None:
            aligned |= {"by": self.fit.by, "turned": self.fit.turned, "error": round(self.fit.error, 3)}
            aligned["matrix"] = self.fit.matrix.round(7).tolist()
        return {"fields": [each.members(pictures) for each in self.fields], "aligned": aligned}


def read_form(data: bytes, template: Template, network: Answerer, *, limits: Limits = DEFAULT_LIMITS) -> Form:
    """Read a form in an image file. Raises `InkError` for a bad file; for a bad fit, `reason` is set."""
    decoded = decode(data, limits, least_side=LEAST_SIDE)
    return read_pixels(decoded.pixels, template, network, scale=decoded.scale)


def read_pixels(
    pixels: NDArray[np.uint8], template: Template, network: Answerer, *, scale: float = 1.0
) -> Form:
    """Read a form in (H, W), (H, W, 3) or (H, W, 4) pixels; the answer's boxes are multiplied by `scale`."""
    if min(pixels.shape[:2]) < 64:
        return Form([], None, "the picture is too small to be a page")
    sheet = Sheet.of(pixels)
    try:
        fits = fit_page(sheet, template)
    except NotFitted as error:
        return Form([], None, str(error))
    found = [(_read_fields(sheet, fit, template.fields, network, scale), fit) for fit in fits]
    fields, fit = max(found, key=lambda each: _legible(each[0]))
    if fit.seen < LEAST_SEEN:  # the page may be of another form with the same marks
        fields = [replace(each, why=[*each.why, "no printed lines where they should be"]) for each in fields]
    return Form(fields, replace(fit, matrix=np.diag([scale, scale, 1.0]) @ fit.matrix))


def _legible(fields: Sequence[FieldAnswer]) -> float:
    """How well filled fields are read, 0 to 1, by which the network tells which side of a page is up."""
    plain = [
        {*each.why} <= {"doubtful", "does not fit"} and each.confidence for each in fields if not each.empty
    ]
    return float(np.mean(plain or [1.0]))


def _read_fields(
    sheet: Sheet, fit: Fit, fields: Sequence[FormField], network: Answerer, scale: float
) -> list[FieldAnswer]:
    strips = [_strip(sheet, fit, each) for each in fields]
    combs = [cells for each, (_, _, cells) in zip(fields, strips, strict=True) if each.kind != "number"]
    scored, found = iter(score_cells(combs, network)), []
    for each, (picture, matrix, cells) in zip(fields, strips, strict=True):
        if each.kind == "number":
            text, sure, why, digits, others = _number(cells[0], each.pattern, network)
        else:
            text, sure, why, digits, others = _comb(cells, next(scored), each.pattern)
        sure, why = min(sure, 1.0), why or ["doubtful"] * (sure < DOUBTFUL)
        for digit in digits:
            digit["box"] = _around(project(matrix, _corners(digit["box"])) * scale)
        box = _around(fit.place(_corners(each.box)) * scale)
        empty = all(cell.ink is None for cell in cells)
        inks = [cell.ink for cell in cells if cell.ink is not None and each.kind != "number"]
        alternatives = [{"text": other, "probability": share} for other, share in others]
        found.append(FieldAnswer(each.name, text, sure, empty, box, digits, why, alternatives, picture, inks))
    return found


def _strip(sheet: Sheet, fit: Fit, each: FormField) -> tuple[Grey, Floats, list[Cell]]:
    """A field straightened at a good scale, the matrix from its pixels to the page's, and its cells."""
    start, sides = np.array(each.box[:2]), np.array(each.box[2:])
    room = AROUND * sides[1]
    there = fit.place(start - room + SQUARE * (sides + 2 * room))
    high = float(np.linalg.norm(there[[3, 2]] - there[:2], axis=1).mean()) / (1 + 2 * AROUND)
    unit = float(np.clip(high, *ROWS)) / sides[1]  # pixels per unit of the template
    wide, tall = np.rint((sides + 2 * room) * unit).astype(int).tolist()
    matrix = homography(SQUARE * [wide, tall], there)
    grey = np.asarray(straightened(Image.fromarray(sheet.flat), matrix, (wide, tall)), np.uint8)
    boxes = np.array([(x, y, x + wide, y + tall) for x, y, wide, tall in each.cell_boxes()])
    cells = [tuple(box) for box in ((boxes - [*start, *start] + room) * unit).tolist()]
    return grey, matrix, cut_cells(row_of(grey, cells), cells)


def _corners(box: Sequence[float]) -> Floats:
    return np.array(box[:2]) + SQUARE * box[2:]


def _around(points: Floats) -> tuple[float, ...]:
    """x, y, width, height of the box around points (n, 2)."""
    return (*points.min(axis=0).tolist(), *np.ptp(points, axis=0).tolist())


def _comb(cells: Sequence[Cell], answers: Sequence[Answer | None], pattern: str | None) -> _Said:
    """Read cells, each of which has at most one digit."""
    filled = [(n, cells[n], *answer) for n, answer in enumerate(answers) if answer]
    legible = [each for each in filled if each[3] >= ACCEPT]
    doubt = [0.5 * (1 - score) for *_, score in filled if score < ACCEPT]
    sure = math.prod(doubt) * SURE ** (len(cells) - len(filled))
    text, sure, alternatives = best_text([(shares, score) for _, _, shares, score in legible], sure)
    reasons = {
        "two digits in a cell": any(cell.several for cell in cells),
        "ink leaves its cell": any(cell.strays for cell in cells),
        "no digit, or struck through": bool(doubt),
        "an empty cell between digits": bool(filled) and filled[-1][0] - filled[0][0] >= len(filled),
        "does not fit": bool(text and pattern) and not read_pattern(pattern or "").accepts(text),
    }
    digits = [_digit(shares, max(shares) * score, cell.box, n) for n, cell, shares, score in legible]
    return text, sure, [reason for reason, holds in reasons.items() if holds], digits, alternatives


def _number(cell: Cell, pattern: str | None, network: Answerer) -> _Said:
    """Read a number that is written freely."""
    if cell.ink is None:
        return "", SURE, [], [], []
    why = ["ink leaves its field"] * cell.strays
    try:
        reading = read_image(Decoded(255 - cell.ink, 1.0), network, pattern=pattern)
    except NoInk as error:
        said = str(error)
        fault = "too long" if "longer" in said else "does not fit" if "pattern" in said else "no digit"
        return "", 0.5, [*why, fault], [], []
    digits = [_digit(each.probabilities, each.confidence, each.box, 0) for each in reading.digits]
    others = [(other.text, other.probability) for other in reading.alternatives]
    return reading.text, reading.confidence, why, digits, others


def _digit(shares: Sequence[float], sure: float, box: Sequence[float], cell: int) -> dict[str, Any]:
    own = {"digit": int(np.argmax(shares)), "confidence": sure, "probabilities": tuple(shares)}
    return {**own, "box": box, "cell": cell}
