"""The usual drawing on a canvas: one piece of ink in the middle of paper of one level.

Only the part with ink is looked at. It is located where `finding` would locate it, in a third of the time.
Wherever there may be a box, a frame, a rule, a plate or a second piece, `finding` has to look.
"""

import math

import numpy as np

from model.ink.boxed import is_outlined
from model.ink.canvas import Canvas
from model.ink.errors import NoInk
from model.ink.finding import Found, Observe, reduced, spare_resolution
from model.ink.morphology import bounding_box
from model.ink.pieces import choose_only
from model.ink.plate import plate_of
from model.ink.polarity import Grey
from model.ink.tone import SMALL_SIDE, even_ink

MOST_EXTENT = 0.75
"""Ink over less than this share of either side is not a frame's or a rule's, which are longer than 0.8."""


def locate_on_canvas(canvas: Canvas, observe: Observe) -> Found | None:
    """Find the digit's ink on a canvas; None where it is not the usual drawing, or nothing is drawn."""
    height, width = canvas.shape
    box = bounding_box(canvas.part != canvas.paper)
    if box is None or min(height, width) < SMALL_SIDE:
        return None
    part = np.ascontiguousarray(canvas.part[box])
    top, left = canvas.top + box[0].start, canvas.left + box[1].start
    tall, wide = part.shape
    if max(tall / height, wide / width) > MOST_EXTENT:
        return None
    # Ink at the edge of the picture may be cut off there, and blocks of pixels may be an enlarged scan.
    at_the_edge = left == 0 or top == 0 or left + wide == width or top + tall == height
    if at_the_edge or is_outlined(part, canvas.paper) or _may_be_blocks(part, left, top, canvas.shape):
        return None
    observe("the part with ink", part)
    dark = canvas.paper - int(part.min()) > int(part.max()) - canvas.paper
    try:
        ink = even_ink(part, canvas.paper, dark)
    except NoInk:
        return None
    observe("ink on even paper", ink)
    factor = spare_resolution(ink)
    if factor > 1:
        ink, left, top = _on_grid(ink, left, top, factor)
        ink = reduced(ink, factor)
    choice = choose_only(ink)
    if choice is None or plate_of(choice.mask, choice.box) is not None:
        return None
    return Found(ink, choice, factor, (left, top), dark)


def _may_be_blocks(part: Grey, left: int, top: int, shape: tuple[int, int]) -> bool:
    """Whether lines through the middle of a part leave it open that the picture is made of larger blocks."""
    side = math.gcd(*shape)
    for line, start in ((part[part.shape[0] // 2], left), (part[:, part.shape[1] // 2], top)):
        changes = (line[1:] != line[:-1]).nonzero()[0] + (start + 1)
        side = math.gcd(side, start, *changes.tolist())
    return side > 1


def _on_grid(ink: Grey, left: int, top: int, grid: int) -> tuple[Grey, int, int]:
    """Grow a part by paper so that averaging by `grid` gives what it gives of the whole picture."""
    down, across = top % grid, left % grid
    height, width = ink.shape
    grown = np.zeros((-(-(down + height) // grid) * grid, -(-(across + width) // grid) * grid), np.uint8)
    grown[down : down + height, across : across + width] = ink
    return grown, left - across, top - down
