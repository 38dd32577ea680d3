"""Templates without writing JSON: fields proposed by their ruling; printed lines learned from a sample."""

from itertools import pairwise

import numpy as np
from numpy.typing import NDArray
from scipy import ndimage

from model.documents import pages
from model.forms.fitting import LINE, Sheet, fit_page, printed_lines, project, squares
from model.forms.page import LEAST_SIDE, grey_of
from model.forms.template import Box, FormField, Template
from model.ink.decode import decode
from model.ink.morphology import EIGHT

FREE = 0.5
"""The share of a cell that is paper: the largest part of it, if a digit divides it."""
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
    length = LINE * max(level.shape)
    # An upright line ends at level ones; a stroke does not.
    near = ndimage.binary_dilation(level, np.ones((9, 5), bool))
    pieces, count = ndimage.label(upright, structure=EIGHT)
    meets = np.zeros(count + 1, bool)
    for number, (rows, columns) in enumerate(ndimage.find_objects(pieces), start=1):
        meets[number] = near[rows.start, columns].any() and near[rows.stop - 1, columns].any()
    holes, _ = ndimage.label(~ndimage.binary_dilation(level | meets[pieces], EIGHT))
    combs: list[list[Box]] = []
    for number, (rows, columns) in enumerate(ndimage.find_objects(holes), start=1):
        tall, wide = rows.stop - rows.start, columns.stop - columns.start
        sized = 0.67 * length < tall < 10 * length and 0.4 * tall < wide < 0.7 * level.shape[1]
        if sized and float((holes[rows, columns] == number).mean()) > FREE:
            combs.append([(columns.start - 1.0, rows.start - 1.0, wide + 2.0, tall + 2.0)])
    combs.sort(key=lambda comb: comb[0])
    for comb in combs:
        for other in [*combs]:
            if other is not comb and _goes_on(comb, other[0]):
                comb.extend(other)
                combs.remove(other)
    combs.sort(key=lambda comb: (round(comb[0][1] / comb[0][3]), comb[0][0]))
    fields = [_field(comb, f"field{number}", sheet.factor) for number, comb in enumerate(combs, start=1)]
    if not fields:
        raise ValueError("no ruled boxes were found: draw the fields on the page of the service instead")
    marks = [
        (x - side / 2, y - side / 2, side, side)
        for (x, y), area in zip(*squares(sheet, (0.006, 0.05)), strict=True)
        for side in [float(np.sqrt(area))]
    ]
    size = (grey.shape[1], grey.shape[0])
    return Template(size=size, fields=fields, marks=marks[:12] if len(marks) > 2 else None)


def _goes_on(comb: list[Box], box: Box) -> bool:
    """Whether a box is the next cell of a comb."""
    x, _, wide, tall = comb[-1]
    gap = box[0] - x - wide
    off = np.abs(np.array(box[1:]) - comb[-1][1:]) < ALIKE * np.array([tall, wide, tall])
    steady = len(comb) < 2 or abs(gap - (x - comb[-2][0] - comb[-2][2])) < ALIKE * wide + 2
    return bool(off.all() and steady and -2 < gap < NEAR * wide and wide < 1.6 * tall)


def _field(cells: list[Box], name: str, factor: float) -> FormField:
    wide, tall = cells[0][2:]
    right = cells[-1][0] + cells[-1][2]
    place = [round(factor * value, 1) for value in (*cells[0][:2], right - cells[0][0], tall)]
    if len(cells) == 1:
        kind = {"kind": "number" if wide > 1.6 * tall else "digit"}
        return FormField.model_validate({"name": name, "box": place, **kind})
    gap = float(np.mean([max(0.0, right[0] - left[0] - left[2]) for left, right in pairwise(cells)]))
    comb = {"kind": "comb", "cells": len(cells), "gap": round(factor * gap, 1) if gap > 3 else 0}
    return FormField.model_validate({"name": name, "box": place, **comb})


def learn_ruling(grey: NDArray[np.uint8], template: Template) -> Template:
    """The template with the printed lines of a sample page (H, W), by which other pages are fitted.

    Raises NotFitted where the sample does not fit what the template has.
    """
    sheet = Sheet.of(grey)
    fit = fit_page(sheet, template)[0]
    found = []
    for lines, is_level in zip(printed_lines(sheet), (True, False), strict=True):
        for rows, columns in ndimage.find_objects(ndimage.label(lines, structure=EIGHT)[0]):
            y, x = (rows.start + rows.stop - 1) / 2, (columns.start + columns.stop - 1) / 2
            found += (
                [(columns.start, y), (columns.stop, y)] if is_level else [(x, rows.start), (x, rows.stop)]
            )
    seen = np.array(found, np.float64).reshape(-1, 2) * sheet.factor
    back = project(np.asarray(np.linalg.inv(fit.matrix)), seen)
    back = (back - fit.powers(back) @ fit.bend).reshape(-1, 4)
    inside = ((back >= 0) & (back <= [*template.size, *template.size])).all(axis=1)
    ruling = [tuple(line) for line in back[inside].round(1).tolist()]
    return template.model_copy(update={"ruling": ruling[:4000]})
