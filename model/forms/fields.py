"""The fields of a fitted page: straightened, printed lines taken out, cells read, doubts told."""

import io
from collections.abc import Sequence
from dataclasses import dataclass
from dataclasses import field as entry
from typing import Any

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from model.forms.fitting import SQUARE, Fit, Sheet, homographies, project, straightened
from model.forms.review import png
from model.forms.template import FormField
from model.ink import NoInk
from model.ink.frame import frame
from model.reading import read_image, read_pattern
from model.reading.cells import ACCEPT, Answer, Cell, cut_cells, next_best, row_of, score_cells
from model.reading.network import Network

Grey = NDArray[np.uint8]
Bounds = tuple[float, float, float, float]

LOWEST, HIGHEST, AROUND = 32.0, 64.0, 0.3
"""A cell is looked at in so many rows, as far as the page has them, with so much around it (cell heights)."""
DOUBTFUL, SURE = 0.95, 0.999
"""What is less sure than the first goes to review; the second is how sure a cell without ink is empty."""
STRUCK = 3.2
"""Ink that is no digit and longer than this (cell heights) was struck through, or out."""


@dataclass(frozen=True, slots=True)
class FieldAnswer:
    """What is in a field; boxes are x, y, width, height in pixels of the page."""

    name: str
    text: str
    confidence: float
    empty: bool
    box: Bounds
    digits: Sequence[dict[str, Any]]
    """Of each digit `digit`, `confidence`, `probabilities`, the `box` of its ink, and its `cell`, from 0."""
    why: tuple[str, ...]
    """What a person should look at it for; nothing where the answer is sure."""
    alternatives: Sequence[tuple[str, float]]
    """Other readings, and how probable they are."""
    picture: Grey
    """(H, W): the field, straightened, with what is around it."""
    cells: tuple[Grey, ...] = ()
    """What the network saw (28, 28) of each digit in cells."""

    @property
    def review(self) -> bool:
        """Whether a person should look at it."""
        return bool(self.why)

    def members(self, pictures: bool) -> dict[str, Any]:
        """Plain values of all; `picture` and `cells` as base64 of PNGs, if they are wanted."""
        names = ("name", "text", "confidence", "empty", "box", "review", "why", "digits")
        others = [{"text": text, "probability": share} for text, share in self.alternatives]
        seen = {"picture": png(self.picture), "cells": [*map(png, self.cells)]} if pictures else {}
        return {name: getattr(self, name) for name in names} | {"alternatives": others} | seen


@dataclass(slots=True)
class _Strip:
    """A field, straightened, with what is around it."""

    field: FormField
    grey: Grey
    matrix: NDArray[np.float64]
    """(3, 3): its pixels to those that were sent."""
    box: Bounds
    cells: list[Cell]
    answers: list[Answer | None] = entry(default_factory=list)
    """What each cell says; None for an empty one."""

    def digit(self, shares: Sequence[float], sure: float, box: Bounds, cell: int) -> dict[str, Any]:
        """A digit of `FieldAnswer.digits` whose ink is in the box: left, top, right, bottom."""
        own = {"digit": int(np.argmax(shares)), "confidence": sure, "probabilities": tuple(shares)}
        return {**own, "box": _on_page(self.matrix, box), "cell": cell}


def read_fields(
    sheet: Sheet, fit: Fit, fields: Sequence[FormField], network: Network, scale: float = 1.0
) -> list[FieldAnswer]:
    """Read the fields of a fitted page, in their order; boxes are in pixels, `scale` of which make one."""
    strips = [_strip(sheet, fit, each, scale) for each in fields]
    combs = [strip for strip in strips if strip.field.kind != "number"]
    scored = score_cells([strip.cells for strip in combs], network)
    for strip, answers in zip(combs, scored, strict=True):
        strip.answers = answers
    return [_number(each, network) if each.field.kind == "number" else _comb(each) for each in strips]


def _strip(sheet: Sheet, fit: Fit, each: FormField, scale: float) -> _Strip:
    """A field straightened at a good scale, without its printed lines."""
    start, sides = np.array(each.box[:2]), np.array(each.box[2:])
    room = AROUND * sides[1]
    there = fit.place(start - room + SQUARE * (sides + 2 * room))
    high = float(np.linalg.norm(there[[3, 2]] - there[:2], axis=1).mean()) / (1 + 2 * AROUND)
    unit = float(np.clip(high, LOWEST, HIGHEST)) / sides[1]  # pixels for a unit of the template
    wide, tall = np.rint((sides + 2 * room) * unit).astype(int).tolist()
    matrix = homographies(SQUARE * [wide, tall], there[None])[0]
    grey = np.asarray(straightened(Image.fromarray(sheet.grey), matrix, (wide, tall)), np.uint8)
    coarse = sheet.paper.shape[1] / sheet.grey.shape[1]
    paper = straightened(Image.fromarray(sheet.paper), np.diag([coarse, coarse, 1.0]) @ matrix, (wide, tall))
    boxes = np.array([(x, y, x + wide, y + tall) for x, y, wide, tall in each.cell_boxes()])
    cells = [tuple(box) for box in ((boxes - [*start, *start] + room) * unit).tolist()]
    ink = row_of(np.clip(grey / np.maximum(paper, 16) * 255, 0, 255).astype(np.uint8), cells)
    matrix = np.diag([scale, scale, 1.0]) @ matrix
    whole = _on_page(matrix, (*cells[0][:2], *cells[-1][2:]))
    return _Strip(each, grey, matrix, whole, cut_cells(ink, cells))


def _comb(strip: _Strip) -> FieldAnswer:
    """The answer for cells, each with at most one digit."""
    digits: list[dict[str, Any]] = []
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
        else:
            digits.append(strip.digit(probabilities, max(probabilities) * score, cell.box, number))
            confidence *= digits[-1]["confidence"]
    if filled and filled[-1] - filled[0] + 1 > len(filled):
        why.append("an empty cell between digits")
    text = "".join(str(digit["digit"]) for digit in digits)
    if text and strip.field.pattern is not None and not read_pattern(strip.field.pattern).accepts(text):
        why.append("does not fit")
    others = next_best([digit["probabilities"] for digit in digits], confidence)
    return _answer(strip, text, confidence, why, digits=digits, others=others)


def _number(strip: _Strip, network: Network) -> FieldAnswer:
    """The answer for a number written freely."""
    cell = strip.cells[0]
    if cell.ink is None:
        return _answer(strip, "", SURE, [])
    file = io.BytesIO()
    Image.fromarray(255 - cell.ink).save(file, "PNG", compress_level=1)
    why = ["ink leaves its field"] if cell.strays else []
    try:
        reading = read_image(file.getvalue(), network, pattern=strip.field.pattern)
    except NoInk as error:
        said = str(error)
        fault = "too long" if "longer" in said else "does not fit" if "pattern" in said else "no digit"
        return _answer(strip, "", 0.5, [*why, fault])
    digits = [
        strip.digit(each.probabilities, each.confidence, (x, y, x + wide, y + tall), 0)
        for each in reading.digits
        for x, y, wide, tall in [each.box]
    ]
    others = [(other.text, other.probability) for other in reading.alternatives]
    return _answer(strip, reading.text, reading.confidence, why, digits=digits, others=others)


def _answer(
    strip: _Strip,
    text: str,
    confidence: float,
    why: Sequence[str],
    *,
    digits: Sequence[dict[str, Any]] = (),
    others: Sequence[tuple[str, float]] = (),
) -> FieldAnswer:
    reasons = tuple(dict.fromkeys(why)) or (("doubtful",) if confidence < DOUBTFUL else ())
    inks = [cell.ink for cell in strip.cells if cell.ink is not None]
    seen = tuple(map(frame, inks)) if strip.answers else ()
    name, sure = strip.field.name, float(np.clip(confidence, 0, 1))
    return FieldAnswer(name, text, sure, not inks, strip.box, digits, reasons, others, strip.grey, seen)


def _on_page(matrix: NDArray[np.float64], box: Bounds) -> Bounds:
    """x, y, width, height on the page of left, top, right, bottom in a strip."""
    left, top, right, bottom = box
    ends = project(matrix, np.array([[left, top], [right, top], [right, bottom], [left, bottom]]))
    (x, y), (wide, tall) = ends.min(axis=0).tolist(), np.ptp(ends, axis=0).tolist()
    return x, y, wide, tall
