"""Make templates without writing JSON: propose fields by their ruling, learn printed lines from a sample."""

from itertools import pairwise
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy import ndimage

from model.documents import pages
from model.forms.fitting import LINE, Sheet, fit_page, printed_lines, squares
from model.forms.page import LEAST_SIDE
from model.forms.template import Box, FormField, Template
from model.geometry import project
from model.ink.decode import decode
from model.ink.morphology import EIGHT

FREE = 0.5
"""The least share of a cell's box that is paper; if a digit divides the paper, its largest part counts."""
ALIKE, NEAR = 0.15, 0.8
"""How much cells of a comb may differ (share of their height) and how far apart they may be (of width)."""


def opened(data: bytes) -> Sheet:
    """The first page of a file. Raises `InkError`."""
    return Sheet.of(decode(pages(data, 1)[0].data, least_side=LEAST_SIDE).pixels)


def draft_template(sheet: Sheet) -> Template:
    """Propose a template for a page, in its pixels: its marks, and a field for each ruled box or comb.

    Raises ValueError where there is no ruled box.
    """
    lines = ndimage.binary_dilation(np.logical_or(*printed_lines(sheet)), EIGHT)
    combs: list[list[Box]] = []
    for box in sorted(_holes(lines)):
        left = next((comb for comb in combs if _goes_on(comb, box)), None)
        combs.append([box]) if left is None else left.append(box)
    combs.sort(key=lambda comb: (round(comb[0][1] / comb[0][3]), comb[0][0]))
    if not combs:
        raise ValueError("no ruled boxes were found: draw the fields on the page of the service instead")
    fields = [_field(comb, f"field{number}", sheet.factor) for number, comb in enumerate(combs, start=1)]
    marks = squares(sheet, 0.006, 0.05)[:12].tolist()
    return Template(size=sheet.grey.shape[::-1], fields=fields, marks=marks if len(marks) > 2 else None)


def _holes(lines: NDArray[np.bool_]) -> list[Box]:
    """The boxes that lines (h, w) enclose, if they are as large as a field."""
    labels, _ = ndimage.label(~lines)
    boxes: list[Box] = []
    for number, (rows, columns) in enumerate(ndimage.find_objects(labels), start=1):
        tall, wide = rows.stop - rows.start, columns.stop - columns.start
        sized = 0.67 < tall / LINE / max(lines.shape) < 10 and 0.4 * tall < wide < 0.7 * lines.shape[1]
        if sized and float((labels[rows, columns] == number).mean()) > FREE:
            boxes.append((columns.start - 1, rows.start - 1, wide + 2, tall + 2))
    return boxes


def _goes_on(comb: list[Box], box: Box) -> bool:
    """Whether a box is the next cell of a comb."""
    (x, _, wide, tall), gap = comb[-1], box[0] - comb[-1][0] - comb[-1][2]
    alike = np.abs(np.subtract(box[1:], comb[-1][1:])).max() < ALIKE * tall
    steady = len(comb) < 2 or abs(box[0] - 2 * x + comb[-2][0]) < ALIKE * tall + 2
    return bool(alike and steady and -2 < gap < NEAR * wide and wide < 1.6 * tall)


def _field(cells: list[Box], name: str, factor: float) -> FormField:
    x, y, wide, tall = cells[0]
    place = [round(factor * value, 1) for value in (x, y, cells[-1][0] + cells[-1][2] - x, tall)]
    kind: dict[str, Any] = {"kind": "number" if wide > 1.6 * tall else "digit"}
    if len(cells) > 1:
        gap = float(np.mean([right[0] - left[0] - left[2] for left, right in pairwise(cells)]))
        kind = {"kind": "comb", "cells": len(cells), "gap": round(factor * gap, 1) if gap > 3 else 0}
    return FormField.model_validate({"name": name, "box": place, **kind})


def learn_ruling(sheet: Sheet, template: Template) -> Template:
    """The template with the printed lines of a sample page, by which other pages are fitted.

    Raises NotFitted if the sample cannot be fitted to the template as it is.
    """
    fit = fit_page(sheet, template)[0]
    found = []
    for axis, lines in enumerate(printed_lines(sheet)):
        for rows, columns in ndimage.find_objects(ndimage.label(lines, structure=EIGHT)[0]):
            ends = np.array([[columns.start, rows.start], [columns.stop, rows.stop]], np.float64)
            ends[:, 1 - axis] = ends[:, 1 - axis].mean() - 0.5
            found.append(ends)
    back = project(np.asarray(np.linalg.inv(fit.matrix)), np.array(found).reshape(-1, 2) * sheet.factor)
    back = (back - fit.powers(back) @ fit.bend).reshape(-1, 4)
    inside = ((back >= 0) & (back <= [*template.size, *template.size])).all(axis=1)
    ruling = [tuple(line) for line in back[inside].round(1).tolist()][:4000]
    return template.model_copy(update={"ruling": ruling})
