"""The usual drawing on a canvas: one piece of ink in the middle of paper of one level.

It is plain to see, so there is one proposal. Where there may be a frame, a rule, a plate or a second piece of
ink, `proposals` has to look.
"""

import numpy as np
from numpy.typing import NDArray
from scipy import ndimage

from model.ink.canvas import Canvas
from model.ink.colour import to_grey
from model.ink.components import STRONG, WEAK
from model.ink.fields import Box
from model.ink.frame import Field, frame
from model.ink.morphology import EIGHT, border, bounding_box, grey_of, image_of
from model.ink.paper import plain_ink, plain_paper
from model.ink.polarity import Grey

LEAST_SIDE, MOST_EXTENT = 40, 0.75
"""A picture with a shorter side below this (pixels) is a scan cut close, never a canvas. Ink that spans at
most this share of either side is not a frame or a rule, which span more than 0.8."""
MOST_WIDTH, MOST_FILLED = 1.1, 0.6
"""Ink wider than this share of its height may be two digits. Ink that fills more than this share of its box,
and is not a bar, may be a plate with a digit on it."""
FINE_SIDE = 64
"""A drawing with a longer side of at least twice this (pixels) is averaged down, but to no less than this."""


def frame_drawing(pixels: NDArray[np.uint8]) -> tuple[Field, Box] | None:
    """Frame the digit in (H, W) or (H, W, 3) pixels, and give its box; None if it is no usual drawing."""
    if (border(pixels) != pixels[0, 0]).any():
        return None
    grey = to_grey(pixels)
    paper = plain_paper(grey)
    return None if paper is None else frame_canvas(Canvas(grey, 0, 0, grey.shape, paper))


def frame_canvas(canvas: Canvas) -> tuple[Field, Box] | None:
    """Frame the digit on a canvas, and give its box; None where it is not the usual drawing."""
    height, width = canvas.shape
    place = bounding_box(canvas.part != canvas.paper)
    if place is None or min(height, width) < LEAST_SIDE:
        return None
    part = np.ascontiguousarray(canvas.part[place])
    top, left = canvas.top + place[0].start, canvas.left + place[1].start
    tall, wide = part.shape
    if max(tall / height, wide / width) > MOST_EXTENT or wide > MOST_WIDTH * tall:
        return None
    if left == 0 or top == 0 or left + wide == width or top + tall == height:
        return None  # it may be cut off there
    seen = plain_ink(part, canvas.paper)
    if seen is None:
        return None
    factor = spare_resolution(seen.ink)
    ink = grey_of(image_of(seen.ink).reduce(factor)) if factor > 1 else seen.ink
    mask = ink >= WEAK
    is_plate = 2 * wide > tall and np.count_nonzero(mask) > MOST_FILLED * mask.size
    if is_plate or ndimage.label(mask, structure=EIGHT)[1] != 1:
        return None
    box = float(left), float(top), float(wide), float(tall)
    return (frame(ink), box) if int(ink.max()) >= STRONG else None


def spare_resolution(ink: Grey) -> int:
    """The factor by which ink may be averaged down: a digit keeps `FINE_SIDE` pixels, a stroke one."""
    longer = max(ink.shape)
    if longer < 2 * FINE_SIDE:
        return 1
    # A digit's strokes are some three times as long as its box, so this is about their width.
    width = int(np.count_nonzero(ink >= STRONG)) // (3 * longer)
    return int(max(1, min(longer // FINE_SIDE, width)))
