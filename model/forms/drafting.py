"""Templates without writing JSON: fields proposed by their ruling; printed lines learned from a sample."""

from dataclasses import replace
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray
from scipy import ndimage

from model.documents import pages
from model.forms.fitting import Fit, Sheet, fit_page, printed_lines, squares
from model.forms.page import LEAST_SIDE, grey_of
from model.forms.template import FormField, Template
from model.ink.decode import decode
from model.ink.morphology import EIGHT

Floats = NDArray[np.float64]

FREE = 0.5
"""The share of a cell that is paper: the largest part of it, if a digit divides it."""
CELL = 0.008, 0.12
"""A cell's height is between these (page lengths)."""
ALIKE, NEAR = 0.15, 0.8
"""Cells of a comb differ by less than this in size, and are no farther apart than this (cell widths)."""


def opened(data: bytes) -> NDArray[np.uint8]:
    """The grey pixels (H, W) of the first page of a file. Raises `InkError`."""
    return grey_of(decode(pages(data, 1)[0].data, least_side=LEAST_SIDE).pixels)


def draft_template(grey: NDArray[np.uint8]) -> Template:
    """Propose a template for a scan (H, W), in its pixels: its marks, and a field for each ruled box or comb.

    Raises ValueError where there is no ruled box.
    """
    sheet = Sheet.of(grey)
    level, upright = printed_lines(sheet)
    # An upright line ends at level ones; a stroke does not.
    near = ndimage.binary_dilation(level, np.ones((9, 5), bool))
    pieces, count = ndimage.label(upright, structure=EIGHT)
    meets = np.zeros(count + 1, bool)
    for number, (rows, columns) in enumerate(ndimage.find_objects(pieces), start=1):
        meets[number] = near[rows.start, columns].any() and near[rows.stop - 1, columns].any()
    upright &= meets[pieces]
    holes, _ = ndimage.label(~ndimage.binary_dilation(level | upright, EIGHT))
    found = []
    least, most = (share * max(level.shape) for share in CELL)
    for number, (rows, columns) in enumerate(ndimage.find_objects(holes), start=1):
        tall, wide = rows.stop - rows.start, columns.stop - columns.start
        box = (columns.start - 1.0, rows.start - 1.0, wide + 2.0, tall + 2.0)
        sized = least < tall < most and 0.4 * tall < wide < 0.7 * level.shape[1]
        if sized and float((holes[rows, columns] == number).mean()) > FREE:
            found.append(box)
    fields = [_field(row, f"field{number}", sheet.factor) for number, row in enumerate(_rows(found), start=1)]
    if not fields:
        raise ValueError("no ruled boxes were found: draw the fields on the page of the service instead")
    centres, areas = squares(sheet, (0.006, 0.05))
    marks = [
        (x - side / 2, y - side / 2, side, side) for (x, y), side in zip(centres, np.sqrt(areas), strict=True)
    ]
    height, width = grey.shape
    return Template(size=(width, height), fields=fields, marks=marks[:12] if len(marks) > 2 else None)


def _rows(boxes: list[tuple[float, float, float, float]]) -> list[list[tuple[float, float, float, float]]]:
    """Boxes that are the cells of one comb, from left to right; the combs from top to bottom."""
    rows: list[list[tuple[float, float, float, float]]] = []
    for box in sorted(boxes, key=lambda box: box[0]):
        x, y, wide, tall = box
        for row in rows:
            a, b, c, d = row[-1]
            alike = abs(wide - c) < ALIKE * c and abs(tall - d) < ALIKE * d and abs(y - b) < ALIKE * d
            gap = x - a - c
            steady = len(row) < 2 or abs(gap - (a - row[-2][0] - row[-2][2])) < ALIKE * c + 2
            if alike and steady and gap < NEAR * c and wide < 1.6 * tall:
                row.append(box)
                break
        else:
            rows.append([box])
    return sorted(rows, key=lambda row: (round(row[0][1] / row[0][3]), row[0][0]))


def _field(cells: list[tuple[float, float, float, float]], name: str, factor: float) -> FormField:
    (x, y, wide, tall), last = cells[0], cells[-1]
    a, b, c, d = (round(factor * value, 1) for value in (x, y, last[0] + last[2] - x, tall))
    box = (a, b, c, d)
    if len(cells) == 1:
        return FormField(name=name, box=box, kind="number" if wide > 1.6 * tall else "digit")
    gaps = [max(0.0, b[0] - a[0] - a[2]) for a, b in pairwise(cells)]
    gap = factor * float(np.mean(gaps))
    return FormField(
        name=name, box=box, kind="comb", cells=len(cells), gap=round(gap, 1) if gap > 3 * factor else 0
    )


def learn_ruling(grey: NDArray[np.uint8], template: Template) -> Template:
    """The template with the printed lines of a sample page (H, W), by which other pages are fitted.

    Raises NotFitted where the sample does not fit what the template has.
    """
    sheet = Sheet.of(grey)
    fit = fit_page(sheet, template)[0]
    found = []
    for lines, is_level in zip(printed_lines(sheet), (True, False), strict=True):
        labels, _ = ndimage.label(lines, structure=EIGHT)
        for rows, columns in ndimage.find_objects(labels):
            middle = (rows.start + rows.stop - 1) / 2, (columns.start + columns.stop - 1) / 2
            ends = [(columns.start, middle[0]), (columns.stop, middle[0])]
            if not is_level:
                ends = [(middle[1], rows.start), (middle[1], rows.stop)]
            found.append(ends)
    back = _unplaced(fit, np.array(found, np.float64).reshape(-1, 2) * sheet.factor).reshape(-1, 4)
    inside = ((back >= 0) & (back <= np.array([*template.size, *template.size]))).all(axis=1)
    ruling = [tuple(row) for row in back[inside].round(1).tolist()]
    return template.model_copy(update={"ruling": ruling[:4000]})


def _unplaced(fit: Fit, points: Floats) -> Floats:
    """Where points of the page (n, 2) lie on the template: the inverse of `Fit.place`, by iteration."""
    plain = replace(
        fit, bend=np.zeros_like(fit.bend), matrix=np.asarray(np.linalg.inv(fit.matrix), np.float64)
    )
    found = plain.place(points)
    for _ in range(3):
        found = found + plain.place(points) - plain.place(fit.place(found))
    return found
