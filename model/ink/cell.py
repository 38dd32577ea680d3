"""The frame of a form's cell: straight lines along the edges of a picture that was cut out of a form.

A digit cut close has bars at the edges too (2, 5, 7, Z). So lines are a frame only if they run along two
sides or more, and something of a digit's height stands inside without touching them.
"""

import numpy as np
from numpy.typing import NDArray
from scipy import ndimage

from model.ink.morphology import bounding_box, largest_piece
from model.ink.polarity import Grey

Mask = NDArray[np.bool_]

LEAST_SIDES = 20, 40
"""The shorter and the longer side (pixels) of a picture in which a frame is looked for: in smaller ones
digits are cut close."""

_INK = 64
_ZONE = 0.22
"""A frame's lines lie within this share of the side from the edge."""
_COVER = 0.8
"""They cover at least this share of the side; a dashed or tilted line covers less."""
_TILT = 0.02
"""By this share of the picture's size a line may stray up or down, or have gaps."""
_THICKEST = 0.08
"""A line is thinner than this share of the side."""
_MARGIN = 0.015
"""Ink this near to the edge (share of the shorter side) reaches it."""
_LEAST_HEIGHT = 0.35
"""The digit inside reaches over this share of what is left, at the least."""


def inside_frame(ink: Grey) -> tuple[slice, slice] | None:
    """The rows and columns of a (H, W) ink map that lie inside a cell's frame; None without a frame."""
    if min(ink.shape) < LEAST_SIDES[0] or max(ink.shape) < LEAST_SIDES[1]:
        return None
    mask = ink >= _INK
    top, bottom = _lines(mask)
    left, right = _lines(mask.T)
    found = sum(margin > 0 for margin in (top, bottom, left, right))
    if found < 2 or (found == 2 and not _runs_out(mask)):
        return None
    height, width = mask.shape
    rows, columns = slice(top, height - bottom), slice(left, width - right)
    inner = mask[rows, columns]
    largest = largest_piece(inner)
    place = None if largest is None else bounding_box(largest)
    if place is None:
        return None
    tall = (place[0].stop - place[0].start) / inner.shape[0]
    held = (
        (top > 0 and place[0].start == 0)
        + (bottom > 0 and place[0].stop == inner.shape[0])
        + (left > 0 and place[1].start == 0)
        + (right > 0 and place[1].stop == inner.shape[1])
    )
    return (rows, columns) if tall >= _LEAST_HEIGHT and held <= found - 2 else None


def _runs_out(mask: Mask) -> bool:
    """Whether ink reaches the picture's very edge, as lines do that a cut left open."""
    margin = max(1, round(_MARGIN * min(mask.shape)))
    return bool(
        mask[:margin].any() or mask[-margin:].any() or mask[:, :margin].any() or mask[:, -margin:].any()
    )


def _lines(mask: Mask) -> tuple[int, int]:
    """How many rows to leave out above and below: up to the far side of a line there, or none."""
    zone = round(_ZONE * mask.shape[0])
    stray = max(1, round(_TILT * max(mask.shape)))
    size = 2 * stray + 1
    reach = zone + size

    def last_line(part: Mask) -> int:
        if (
            np.count_nonzero(np.logical_or.reduce(part, axis=0)) < _COVER * part.shape[1]
        ):  # usually nothing is there
            return 0
        # Along a line gaps are filled. Across it only what strays: the bar of a 7 may run beside it.
        along = ndimage.maximum_filter1d(part.view(np.uint8), size, axis=1) > 0
        thick = ndimage.maximum_filter1d(along.view(np.uint8), size, axis=0)[:zone]
        covered = np.flatnonzero(thick.mean(axis=1) >= _COVER)
        if not covered.size:
            return 0
        first = covered[0] + np.flatnonzero(np.diff(covered, append=zone + size) > 1)[0]
        exact = along[: first + 1].mean(axis=1)
        middle = covered[0] + int(exact[covered[0] :].argmax())
        window = along[middle - min(stray, middle) : middle + stray + 1]
        on_line = window.any(axis=0)
        begins = middle - min(stray, middle) + window.argmax(axis=0)
        paper = ~along & (np.arange(len(along))[:, None] >= begins)
        ends = np.where(paper.any(axis=0), paper.argmax(axis=0), zone)[on_line]
        # Where strokes touch the line it seems thicker; that is so in fewer places than not.
        end = float(np.percentile(ends, 30))
        if end - middle > _THICKEST * mask.shape[0] + 1:
            return 0
        near_ends = ends[ends <= end + 2 * stray]
        return int(min(zone, near_ends.max()))

    return last_line(mask[:reach]), last_line(mask[::-1][:reach])
